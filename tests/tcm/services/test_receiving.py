"""What another system sends waits for its doctor, who alone makes a prescription of it."""

from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from typing import Any

import pytest

from tcm.records.clinical import Preparation
from tcm.records.errors import Forbidden, IllegalMove, Invalid, NotFound
from tcm.records.lifecycle import State
from tcm.records.people import Sex
from tcm.records.roles import Actor
from tcm.records.systems import Caller, IncomingPrescription, IncomingState
from tcm.services import answering, coding, prescribing, receiving
from tcm.services.sent import KeptPatient, SentLine, SentPatient, patient_of
from tests.tcm.county import NAME, PHONE, County, draft
from tests.tcm.services.sending import LINES, PATIENT, caller_of, send


def sent(county: County, caller: Caller | None = None, **changes: Any) -> IncomingPrescription:
    """A prescription that waits beside a new visit."""
    county.visited()
    return send(county, caller or caller_of(county), **changes)[0].incoming


def adopt(county: County, incoming: IncomingPrescription, actor: Actor | None = None) -> Any:
    """The doctor adopts it."""
    return county.do(receiving.adopt, actor or county.doctor, county.knowledge, incoming.id or 0)


def code(county: County, *pairs: tuple[str, str]) -> None:
    """A pharmacist says what codes stand for."""
    county.do(coding.set_codes, county.pharmacist, county.knowledge, county.hospital.id or 0, pairs)


def test_what_is_sent_waits_beside_the_visit_and_is_no_prescription(county: County) -> None:
    visit = county.visited()
    shown, is_new = send(county, caller_of(county))
    incoming = shown.incoming
    assert (is_new, shown.prescription, incoming.state) == (True, None, IncomingState.WAITING)
    assert (incoming.encounter_id, incoming.doctor_id) == (visit.id, county.doctor.staff_id)
    with county.work() as work:
        assert work.prescriptions.of_encounter(visit.id or 0) == []


def test_adopting_makes_a_draft_whose_every_line_is_logged_and_signs_nothing(county: County) -> None:
    incoming = sent(county)
    adopted = adopt(county, incoming)
    origin = f"医院系统:{incoming.id}"
    assert [(item.herb, item.dose_g, item.origin) for item in adopted.items] == [
        ("党参", 12.0, origin),
        ("炙甘草", 6.0, origin),
    ]
    assert (adopted.state, adopted.number, adopted.signed_at) == (State.DRAFT, None, None)
    assert county.story(adopted) == ["adopted"]
    with county.work() as work:
        kept = work.incoming.get(incoming.id or 0)
    assert (kept.state, kept.prescription_id) == (IncomingState.ADOPTED, adopted.id)


def test_adopting_twice_finds_the_same_draft(county: County) -> None:
    incoming = sent(county)
    assert adopt(county, incoming).id == adopt(county, incoming).id


def test_what_is_cooked_at_home_stays_so(county: County) -> None:
    adopted = adopt(county, sent(county, preparation=Preparation.OWN_COOKING))
    assert adopted.preparation is Preparation.OWN_COOKING


def test_only_the_doctor_of_the_visit_adopts_or_declines(county: County) -> None:
    incoming = sent(county)
    for actor in (county.other_doctor, county.foreign_doctor, county.pharmacist, county.admin):
        with pytest.raises(Forbidden):
            adopt(county, incoming, actor)
        with pytest.raises(Forbidden):
            county.do(receiving.decline, actor, incoming.id or 0, "other")


def test_declining_needs_a_reason_and_is_told_to_the_system_that_sent_it(county: County) -> None:
    caller = caller_of(county)
    incoming = sent(county, caller)
    with pytest.raises(Invalid):
        county.do(receiving.decline, county.doctor, incoming.id or 0, "because")
    county.do(receiving.decline, county.doctor, incoming.id or 0, "wrong_herbs")
    with county.work() as work:
        told = receiving.look_at_sent(work, caller, "R-1").incoming
    assert (told.state, told.reason_code) == (IncomingState.DECLINED, "wrong_herbs")
    with pytest.raises(IllegalMove):
        adopt(county, incoming)


def test_the_same_number_sent_again_is_found_whatever_became_of_it(county: County) -> None:
    caller = caller_of(county)
    incoming = sent(county, caller)
    adopted = adopt(county, incoming)
    county.watch.pass_(days=3)
    shown, is_new = send(county, caller)
    assert (shown.incoming.id, shown.prescription and shown.prescription.id, is_new) == (
        incoming.id,
        adopted.id,
        False,
    )


def test_a_number_sent_before_with_another_content_is_refused(county: County) -> None:
    caller = caller_of(county)
    sent(county, caller)
    with pytest.raises(IllegalMove, match="R-1"):
        send(county, caller, doses_count=14)


def test_two_houses_may_use_one_number(county: County) -> None:
    sent(county)
    foreign = caller_of(county, county.other_hospital)
    with county.work() as work, pytest.raises(NotFound):
        receiving.look_at_sent(work, foreign, "R-1")


def test_unknown_herbs_are_refused_by_their_names_all_at_once(county: County) -> None:
    county.visited()
    lines = (*LINES, SentLine("Y8", "仙丹草", 3.0, ""), SentLine("", "焦三仙", 9.0, ""))
    with pytest.raises(Invalid, match="仙丹草、焦三仙"):
        send(county, caller_of(county), lines=lines)


def test_a_code_says_which_herb_an_ambiguous_name_means(county: County) -> None:
    code(county, ("Y8", "制首乌"))
    adopted = adopt(county, sent(county, lines=(SentLine("Y8", "首乌", 15.0, ""),)))
    assert [(item.herb, item.written_as) for item in adopted.items] == [("制何首乌", "制首乌")]


@pytest.mark.parametrize(
    ("meaning", "name", "sentence"),
    [
        ("黄芪", "黄芩", "Y8 黄芪 / 黄芩"),
        ("附子", "首乌", "Y8 附子 / 首乌"),
        ("栀子炭", "栀子", "Y8 栀子炭 / 栀子"),
        ("栀子炭", "炒栀子", "Y8 栀子炭 / 炒栀子"),
    ],
)
def test_a_code_and_a_name_of_two_herbs_or_forms_are_refused_together(
    county: County, meaning: str, name: str, sentence: str
) -> None:
    code(county, ("Y8", meaning))
    county.visited()
    with pytest.raises(Invalid, match=f"不是同一味，处方没有收下：{sentence}。"):
        send(county, caller_of(county), lines=(SentLine("Y8", name, 9.0, ""),))


@pytest.mark.parametrize(("meaning", "name"), [("黄芪", "北芪王"), ("附子", "地黄炭"), ("焦麦芽", "焦三仙")])
def test_a_code_does_not_speak_for_a_name_that_is_unknown_or_several_herbs(
    county: County, meaning: str, name: str
) -> None:
    code(county, ("Y8", meaning))
    county.visited()
    with pytest.raises(Invalid, match=f"认不准，处方没有收下：{name}。"):
        send(county, caller_of(county), lines=(SentLine("Y8", name, 9.0, ""),))


def test_a_code_keeps_how_its_herb_is_processed(county: County) -> None:
    code(county, ("Y8", "栀子炭"))
    adopted = adopt(county, sent(county, lines=(SentLine("Y8", "栀子炭", 6.0, ""),)))
    assert [item.written_as for item in adopted.items] == ["栀子炭"]


def test_a_code_of_another_hospital_means_nothing_here(county: County) -> None:
    county.do(
        coding.set_codes,
        county.pharmacist,
        county.knowledge,
        county.other_hospital.id or 0,
        [("Y8", "黄芪")],
    )
    county.visited()
    with pytest.raises(Invalid):
        send(county, caller_of(county), lines=(SentLine("Y8", "首乌", 15.0, ""),))


@pytest.mark.parametrize(
    "patient",
    [
        replace(PATIENT, name="别人"),
        replace(PATIENT, sex=Sex.MALE),
        replace(PATIENT, age_years=40),
        replace(PATIENT, phone="13800000000"),
        replace(PATIENT, name=PHONE),
    ],
)
def test_a_patient_who_does_not_fit_has_no_visit(county: County, patient: SentPatient) -> None:
    county.visited()
    with pytest.raises(Invalid, match="没有接诊"):
        send(county, caller_of(county), patient=patient)


def test_a_visit_of_yesterday_is_not_open_any_more(county: County) -> None:
    county.visited()
    county.watch.pass_(days=1)
    with pytest.raises(Invalid, match="没有接诊"):
        send(county, caller_of(county))


@pytest.mark.parametrize("both_seen", [True, False])
def test_two_namesakes_of_the_house_are_not_guessed_between(county: County, both_seen: bool) -> None:
    county.visited()
    other = county.registered(phone="13500000001", id_number="")
    if both_seen:
        county.visited(other)
    with pytest.raises(Invalid, match="本院有不止一位这样的患者"):
        send(county, caller_of(county), patient=SentPatient(NAME, Sex.FEMALE, None, ""))


def test_a_phone_without_a_digit_is_none(county: County) -> None:
    visit = county.visited()
    patient = replace(PATIENT, phone="无")
    assert send(county, caller_of(county), patient=patient)[0].incoming.encounter_id == visit.id


def test_a_phone_on_record_tells_namesakes_apart(county: County) -> None:
    county.registered(phone="", id_number="")
    visit = county.visited()
    assert send(county, caller_of(county))[0].incoming.encounter_id == visit.id


def test_of_the_patient_sex_age_and_the_end_of_the_phone_are_kept(county: County) -> None:
    assert patient_of(sent(county).content) == KeptPatient(Sex.FEMALE, 60, PHONE[-4:])


@pytest.mark.parametrize(
    "changes",
    [
        {"patient": replace(PATIENT, name="别人")},
        {"patient": replace(PATIENT, sex=Sex.MALE)},
        {"patient": replace(PATIENT, age_years=40)},
        {"patient": replace(PATIENT, phone="13500000001")},
        {"doctor": "zhao"},
    ],
)
def test_a_number_sent_again_for_another_patient_or_doctor_is_refused(
    county: County, changes: dict[str, Any]
) -> None:
    caller = caller_of(county)
    sent(county, caller)
    with pytest.raises(IllegalMove, match="R-1"):
        send(county, caller, **changes)


def test_a_birthday_later_it_is_still_the_same(county: County) -> None:
    caller = caller_of(county)
    incoming = sent(county, caller)
    assert send(county, caller, patient=replace(PATIENT, age_years=61))[0].incoming.id == incoming.id


@pytest.mark.parametrize("doctor", ["李春生", "li"])
def test_the_doctor_is_named_or_known_by_the_log_in(county: County, doctor: str) -> None:
    assert sent(county, doctor=doctor).doctor_id == county.doctor.staff_id


@pytest.mark.parametrize("doctor", ["he", "何冬青", "chen", ""])
def test_a_doctor_of_another_house_or_a_pharmacist_is_none(county: County, doctor: str) -> None:
    county.visited()
    with pytest.raises(Invalid, match="没有这位医师"):
        send(county, caller_of(county), doctor=doctor)


def test_what_was_sent_and_for_whom_is_sealed_and_the_name_is_not_kept(county: County) -> None:
    incoming = sent(county)
    with county.store.engine.connect() as connection:
        raw = bytes(connection.exec_driver_sql("SELECT content FROM incoming_prescriptions").scalar_one())
    assert "泄泻".encode() not in raw
    assert NAME not in str(incoming.content)


def test_three_that_wait_take_as_many_statements_as_one(county: County) -> None:
    caller = caller_of(county)
    numbers, counts = ("R-1", "R-2", "R-3"), []
    for number in numbers:
        sent(county, caller, number=number)
        with county.work() as work, county.counted() as statements:
            waiting = receiving.waiting_for(work, county.doctor)
        counts.append(len(statements))
    assert [each.number for each in waiting] == list(numbers)
    assert counts[0] == counts[2]


def test_changes_are_told_once_in_order_and_to_the_house_that_wrote_them(county: County) -> None:
    caller, foreign = caller_of(county), caller_of(county, county.other_hospital)
    incoming = sent(county, caller)
    # The doctor completes it: what was sent names no syndrome.
    prescription = county.approve(county.sign(county.saved(adopt(county, incoming), draft())))
    with county.work() as work:
        first = answering.changes(work, caller, 0, 1)
        second = answering.changes(work, caller, first.cursor, 200)
        third = answering.changes(work, caller, second.cursor, 200)
        assert list(answering.changes(work, foreign, 0, 200).rows) == []
    assert [(row.number, row.target) for row in (*first.rows, *second.rows)] == [
        (prescription.number, State.SIGNED),
        (prescription.number, State.APPROVED),
    ]
    assert (first.more, second.more, list(third.rows), third.cursor) == (True, False, [], second.cursor)
    assert first.sent_as == {prescription.id: "R-1"}


def test_indicators_are_of_the_house_and_of_the_county_for_the_centre(county: County) -> None:
    county.approved()
    county.signed()
    houses = {"own": county.hospital, "other": county.other_hospital, "all": county.centre}
    callers = {name: caller_of(county, house) for name, house in houses.items()}
    with county.work() as work:
        told = {name: vars(answering.indicators(work, caller, "2026-11")) for name, caller in callers.items()}
    counted = {"signed": 2, "reviewed": 1, "returned": 0, "delivered": 0}
    assert told == {"own": counted, "other": dict.fromkeys(counted, 0), "all": counted}


def test_a_cursor_never_passes_a_move_that_is_still_being_written(postgres_county: County) -> None:
    county = postgres_county
    caller, slow, quick = caller_of(county), county.drafted(draft()), county.drafted(draft())
    with ThreadPoolExecutor(1) as elsewhere:
        with county.work() as first:
            # Numbered first, committed last.
            prescribing.sign(first, county.doctor, county.knowledge, slow.key(), slow.version)
            county.sign(quick)
            asked = elsewhere.submit(lambda: _targets(county, caller))
            assert wait([asked], timeout=0.5).done == set()
            first.commit()
        assert asked.result(timeout=20) == [slow.key(), quick.key()]


def _targets(county: County, caller: Caller) -> list[int]:
    with county.store.work(county.watch) as work:
        return [row.prescription_id for row in answering.changes(work, caller, 0, 200).rows]
