"""Referral: the patient goes with a letter, is received and registered, and word comes back."""

from datetime import date

import pytest

from tcm.records.errors import Forbidden, IllegalMove, Invalid
from tcm.records.people import Sex
from tcm.records.together import ConsentBy, ConsentHow, Direction, ReferralLetter, ReferralState
from tcm.services import charting, conferring, inboxes, referring
from tcm.services.referring import Addressed
from tests.tcm.county import COMPLAINT, ID_NUMBER, NAME, County
from tests.tcm.together import LETTER, Beyond


def test_a_patient_is_sent_up_received_registered_and_replied_about(county: County) -> None:
    beyond = Beyond(county)
    sent = beyond.referred()
    assert (sent.direction, sent.state) == (Direction.UP, ReferralState.SENT)
    assert county.do(inboxes.count_news, beyond.expert).to_receive == 1
    visit = county.do(referring.receive, beyond.expert, sent.key(), county.new_key())
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
        county.do(referring.receive, beyond.expert, beyond.referred().key(), county.new_key())
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
        county.do(referring.receive, actor, sent.key(), county.new_key())
        for actor in (beyond.expert, beyond.other_expert)
    )
    assert first.id == again.id


def test_a_patient_goes_back_down(county: County) -> None:
    beyond = Beyond(county)
    visit = county.do(referring.receive, beyond.expert, beyond.referred().key(), county.new_key())
    addressed = Addressed(county.hospital.id, "", ConsentBy.PATIENT, ConsentHow.WRITTEN)
    letter = ReferralLetter("recovery", "慢性胃炎", advice="每月复诊")
    back = county.do(referring.write, beyond.expert, visit.id or 0, addressed, letter, county.new_key())
    assert back.direction is Direction.DOWN
    assert [one.referral.id for one in county.do(inboxes.open_inbox, county.doctor).arriving] == [back.id]
    received = county.do(referring.receive, county.doctor, back.key(), county.new_key())
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
