"""Referral: the patient goes with a letter, is received and registered, and word comes back."""

from datetime import date, timedelta

import pytest

from tcm.records.clinical import Encounter
from tcm.records.errors import Forbidden, IllegalMove, Invalid
from tcm.records.people import Sex
from tcm.records.together import ConsentBy, ConsentHow, Direction, Referral, ReferralLetter, ReferralState
from tcm.services import charting, conferring, inboxes, referring
from tcm.services.referring import Addressed
from tcm.services.sharing import CASE_STAYS_OPEN
from tests.tcm.county import COMPLAINT, ID_NUMBER, NAME, County
from tests.tcm.together import LETTER, Beyond


def test_a_patient_is_sent_up_received_registered_and_replied_about(county: County) -> None:
    beyond = Beyond(county)
    sent = beyond.referred()
    assert (sent.direction, sent.state) == (Direction.UP, ReferralState.SENT)
    assert county.do(inboxes.count_news, beyond.expert).to_receive == 1
    visit = county.do(referring.receive, beyond.expert, sent.key(), county.new_key()).visit
    with county.work() as work:
        here = work.patients.get(visit.patient_id)
    assert (here.name, here.id_number, here.institution_id) == (NAME, ID_NUMBER, beyond.hospital.id)
    assert here.id != county.patient.id
    county.do(referring.reply, beyond.expert, sent.key(), "胃镜无异常，请继续中药调理")
    [replied] = county.do(inboxes.open_inbox, county.doctor).replied
    assert replied.referral.reply == "胃镜无异常，请继续中药调理"
    county.do(referring.acknowledge, county.doctor, sent.key())
    assert county.do(inboxes.count_news, county.doctor).count == 0


def test_a_patient_whom_the_house_knows_is_not_registered_twice(county: County) -> None:
    beyond = Beyond(county)
    first, second = (
        county.do(referring.receive, beyond.expert, beyond.referred().key(), county.new_key()).visit
        for _ in range(2)
    )
    assert first.patient_id == second.patient_id
    assert first.id != second.id


def test_a_key_that_registered_somebody_else_receives_nobody(county: County) -> None:
    beyond = Beyond(county)
    key = county.new_key()
    details = charting.PatientDetails("钟灵", Sex.MALE, date(1950, 1, 2), county.village.id or 0)
    county.do(charting.register_patient, beyond.expert, details, key)
    with pytest.raises(Invalid, match="这张表单已经用在别处"):
        county.do(referring.receive, beyond.expert, beyond.referred().key(), key)


def test_who_is_received_twice_has_one_visit(county: County) -> None:
    beyond = Beyond(county)
    sent = beyond.referred()
    first, again = (
        county.do(referring.receive, actor, sent.key(), county.new_key()).visit
        for actor in (beyond.expert, beyond.other_expert)
    )
    assert first.id == again.id


def test_a_patient_goes_back_down(county: County) -> None:
    beyond = Beyond(county)
    visit = county.do(referring.receive, beyond.expert, beyond.referred().key(), county.new_key()).visit
    addressed = Addressed(county.hospital.id, "", ConsentBy.PATIENT, ConsentHow.WRITTEN)
    letter = ReferralLetter("recovery", "慢性胃炎", advice="每月复诊")
    back = county.do(referring.write, beyond.expert, visit.id or 0, addressed, letter, county.new_key())
    assert back.direction is Direction.DOWN
    assert [one.referral.id for one in county.do(inboxes.open_inbox, county.doctor).arriving] == [back.id]
    received = county.do(referring.receive, county.doctor, back.key(), county.new_key()).visit
    assert received.patient_id == county.patient.id


def test_both_houses_read_the_letter_and_its_case_and_no_third_one(county: County) -> None:
    beyond = Beyond(county)
    visit = county.visited()
    photograph = county.photographed(visit)
    sent = beyond.referred(visit)
    for actor in (county.doctor, county.other_doctor, beyond.expert):
        letter, case = county.do(referring.open_case, actor, sent.key())
        assert (letter.letter, case.encounter.complaint) == (LETTER, COMPLAINT)
    page = (sent.key(), photograph.id or 0)
    assert county.do(referring.open_picture, beyond.expert, *page, overlay=True) == b"a drawn overlay"
    with pytest.raises(Forbidden):
        county.do(referring.open_case, county.foreign_doctor, sent.key())
    assert beyond.looks("referral.receive")[-1] == (
        county.foreign_doctor.staff_id,
        "referral",
        sent.id,
        False,
    )


def test_what_is_withdrawn_can_neither_be_read_nor_received(county: County) -> None:
    beyond = Beyond(county)
    sent = beyond.referred()
    county.do(referring.withdraw, county.doctor, sent.key())
    with pytest.raises(Forbidden):
        county.do(referring.open_case, beyond.expert, sent.key())
    with pytest.raises(Forbidden):
        county.do(referring.receive, beyond.expert, sent.key(), county.new_key())
    assert county.do(inboxes.open_inbox, beyond.expert).received == []


def test_a_received_patient_is_not_taken_back(county: County) -> None:
    beyond = Beyond(county)
    sent = beyond.referred()
    county.do(referring.receive, beyond.expert, sent.key(), county.new_key())
    with pytest.raises(IllegalMove, match="状态已经变了"):
        county.do(referring.withdraw, county.doctor, sent.key())


def test_a_letter_to_a_house_elsewhere_is_kept_with_its_name(county: County) -> None:
    visit = county.visited()
    addressed = Addressed(None, "省中医院", ConsentBy.PATIENT, ConsentHow.WRITTEN)
    sent = county.do(referring.write, county.doctor, visit.id or 0, addressed, LETTER, county.new_key())
    assert (sent.to_institution_id, sent.elsewhere, sent.direction) == (None, "省中医院", Direction.UP)


@pytest.mark.parametrize("to", ["hospital", "village", "centre"])
def test_nobody_is_sent_to_ones_own_house_or_to_one_without_doctors(county: County, to: str) -> None:
    with pytest.raises(Invalid, match="请选择转往的机构"):
        Beyond(county).referred(to=getattr(county, to).id)


def test_a_letter_that_says_nothing_is_refused(county: County) -> None:
    visit = county.visited()
    nowhere = Addressed(None, " ", ConsentBy.PATIENT, ConsentHow.WRITTEN)
    page = (county.doctor, visit.id or 0)
    with pytest.raises(Invalid, match="请写至少 2 个字"):
        county.do(referring.write, *page, nowhere, LETTER, county.new_key())
    with pytest.raises(Invalid, match="请选择转诊原因"):
        county.do(referring.write, *page, nowhere, ReferralLetter("x", "腹痛"), county.new_key())


def test_a_consultation_does_not_open_the_house_of_the_expert(county: County) -> None:
    beyond = Beyond(county)
    asked = beyond.asked()
    with pytest.raises(Forbidden):
        county.do(conferring.acknowledge, beyond.expert, asked.key())


@pytest.mark.parametrize(
    ("there", "both", "brought"),
    [((), ["党参"], ("党参",)), (("青霉素",), ["青霉素", "党参"], ("党参",)), (("党参",), ["党参"], ())],
)
def test_no_allergy_is_lost_on_the_way(
    county: County, there: tuple[str, ...], both: list[str], brought: tuple[str, ...]
) -> None:
    beyond = Beyond(county)
    here = county.registered(allergies=("党参",))
    details = charting.PatientDetails(
        NAME, here.sex, here.born_on, here.village_id, id_number=ID_NUMBER, allergies=there
    )
    known = county.do(charting.register_patient, beyond.expert, details, county.new_key())
    sent = beyond.referred(county.visited(here))
    received = county.do(referring.receive, beyond.expert, sent.key(), county.new_key())
    with county.work() as work:
        patient = work.patients.get(received.visit.patient_id)
    assert (patient.id, patient.allergies, received.allergies) == (known.id, both, brought)


def test_whoever_is_registered_by_a_letter_brings_every_allergy(county: County) -> None:
    beyond = Beyond(county)
    sent = beyond.referred(county.visited(county.registered(allergies=("党参", "青霉素"))))
    received = county.do(referring.receive, beyond.expert, sent.key(), county.new_key())
    with county.work() as work:
        patient = work.patients.get(received.visit.patient_id)
    assert (patient.allergies, received.allergies) == (["党参", "青霉素"], ("党参", "青霉素"))


def replied(county: County, beyond: Beyond, visit: Encounter) -> Referral:
    """A referral that was received and answered."""
    sent = beyond.referred(visit)
    county.do(referring.receive, beyond.expert, sent.key(), county.new_key())
    return county.do(referring.reply, beyond.expert, sent.key(), "胃镜无异常")


def test_the_case_closes_a_month_after_the_reply_to_the_house_that_received(county: County) -> None:
    beyond = Beyond(county)
    visit = county.visited()
    photograph = county.photographed(visit)
    answered = replied(county, beyond, visit)
    county.watch.now += CASE_STAYS_OPEN - timedelta(minutes=1)
    county.do(referring.open_case, beyond.other_expert, answered.key())
    county.watch.now += timedelta(minutes=2)
    for open_it in (referring.open_case, referring.open_letter):
        with pytest.raises(Forbidden):
            county.do(open_it, beyond.other_expert, answered.key())
    with pytest.raises(Forbidden):
        county.do(referring.open_picture, beyond.expert, answered.key(), photograph.id or 0, overlay=False)
    county.do(referring.open_case, county.doctor, answered.key())


def test_no_name_stands_in_the_inbox_of_the_house_once_the_case_is_closed(county: County) -> None:
    beyond = Beyond(county)
    answered = replied(county, beyond, county.visited())
    [listed] = county.do(inboxes.open_inbox, beyond.expert).received
    assert listed.patient is not None
    assert listed.patient.name == NAME
    county.watch.now += CASE_STAYS_OPEN + timedelta(minutes=1)
    looked = beyond.looks("referral.receive")
    assert [one.patient for one in county.do(inboxes.open_inbox, beyond.expert).received] == [None]
    assert beyond.looks("referral.receive") == [*looked, (beyond.expert.staff_id, "referral", None, True)]
    with county.work() as work:
        [led_here] = inboxes.referrals_of(work, answered.received_encounter_id or 0)
    assert led_here.patient is None
    assert [one.patient is None for one in county.do(inboxes.open_inbox, county.doctor).written] == [False]


def test_a_draft_does_not_travel(county: County) -> None:
    beyond = Beyond(county)
    visit = county.visited()
    signed = county.signed(visit=visit)
    county.drafted(visit=visit)
    sent = beyond.referred(visit)
    _, case = county.do(referring.open_case, beyond.expert, sent.key())
    assert [one.id for one in case.prescriptions] == [signed.id]
