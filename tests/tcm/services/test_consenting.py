"""A record across houses: nothing without a consent, everything with one, and each look on record."""

from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import timedelta

import pytest

from tcm.records.clinical import Encounter
from tcm.records.clock import county_day
from tcm.records.errors import Forbidden, Invalid, NotFound
from tcm.records.people import Patient, Sex
from tcm.records.together import ConsentBy, ConsentHow, RecordConsent
from tcm.services import charting, consenting
from tcm.services.charting import PatientDetails, VisitNotes
from tcm.services.consenting import Elsewhere, Given
from tests.tcm.county import ID_NUMBER, NAME, County
from tests.tcm.together import Beyond


def seen_elsewhere(county: County, name: str = NAME, id_number: str = ID_NUMBER) -> tuple[Patient, Encounter]:
    """The county's patient at the other hospital, with a visit."""
    village_id = county.village.id or 0
    details = PatientDetails(name, Sex.FEMALE, county.patient.born_on, village_id, id_number=id_number)
    patient = county.do(charting.register_patient, county.foreign_doctor, details, county.new_key())
    visit = county.do(charting.open_encounter, county.foreign_doctor, patient.id or 0, county.new_key())
    notes = VisitNotes(complaint="胸闷一周")
    return patient, county.do(charting.write_notes, county.foreign_doctor, visit.id or 0, notes)


def given(county: County, days: int = 30, **changes: object) -> RecordConsent:
    """A consent of the county's patient to the doctor's house."""
    until = county_day(county.watch.now) + timedelta(days=days)
    fields: dict[str, object] = {
        "given_by": ConsentBy.PATIENT,
        "given_name": "",
        "how": ConsentHow.WRITTEN,
        "until": until,
    }
    form = Given(**{**fields, **changes})  # type: ignore[arg-type]
    return county.do(consenting.record, county.doctor, county.patient.id or 0, form, county.new_key())


def opened(county: County) -> Elsewhere:
    return county.do(consenting.open_elsewhere, county.doctor, county.patient.id or 0)


def test_without_a_consent_not_even_that_there_is_a_record_is_told(county: County) -> None:
    _, visit = seen_elsewhere(county)
    found = opened(county)
    assert (found.standing, found.visits, found.namesakes, found.reads) == (None, [], 0, [])
    with pytest.raises(Forbidden):
        county.do(consenting.open_case, county.doctor, county.patient.id or 0, visit.id or 0)


def test_with_a_consent_the_visits_elsewhere_are_read_and_each_look_is_on_record(county: County) -> None:
    other, visit = seen_elsewhere(county)
    given(county)
    found = opened(county)
    assert [(one.visit.id, one.house.id) for one in found.visits] == [(visit.id, county.other_hospital.id)]
    page = (county.doctor, county.patient.id or 0, visit.id or 0)
    assert county.do(consenting.open_case, *page).encounter.complaint == "胸闷一周"
    me = county.doctor.staff_id
    looks = [look for look in county.looks() if look[1] == "record.read"]
    assert looks == [
        (me, "record.read", "patient", other.id, True),
        (me, "record.read", "encounter", visit.id, True),
        (me, "record.read", "patient", other.id, True),
    ]
    assert [read.reader for read in opened(county).reads] == ["李春生"] * 2


def test_the_house_whose_record_was_read_is_told_by_whom(county: County) -> None:
    other, _ = seen_elsewhere(county)
    given(county)
    opened(county)
    told = county.do(consenting.open_elsewhere, county.foreign_doctor, other.id or 0)
    assert [(read.reader, read.house, read.allowed) for read in told.reads] == [
        ("李春生", "詹桥镇卫生院", True)
    ]


@pytest.mark.parametrize("how", ["withdrawn", "run out"])
def test_a_consent_that_ended_lets_nobody_read(county: County, how: str) -> None:
    _, visit = seen_elsewhere(county)
    consent = given(county, days=3)
    if how == "withdrawn":
        page = (county.patient.id or 0, consent.id or 0)
        county.do(consenting.withdraw, county.doctor, *page)
    else:
        county.watch.pass_(days=4)
    assert opened(county).visits == []
    with pytest.raises(Forbidden):
        county.do(consenting.open_case, county.doctor, county.patient.id or 0, visit.id or 0)
    refused = [look for look in county.looks() if look[1] == "record.read"]
    assert refused == [(county.doctor.staff_id, "record.read", "encounter", visit.id, False)]


def test_who_withdrew_and_when_is_kept_and_once_is_enough(county: County) -> None:
    consent = given(county)
    page = (county.patient.id or 0, consent.id or 0)
    first = county.do(consenting.withdraw, county.other_doctor, *page)
    at = first.withdrawn_at
    county.watch.pass_(days=1)
    again = county.do(consenting.withdraw, county.doctor, *page)
    assert (again.withdrawn_at, again.withdrawn_by_id) == (at, county.other_doctor.staff_id)


def test_while_a_consent_holds_there_is_no_second_one_to_outlive_it(county: County) -> None:
    given(county)
    with pytest.raises(Invalid, match="授权仍然有效"):
        given(county)
    assert len(opened(county).consents) == 1


def test_a_consent_opens_the_record_to_its_house_alone(county: County) -> None:
    other, _ = seen_elsewhere(county)
    given(county)
    assert county.do(consenting.open_elsewhere, county.foreign_doctor, other.id or 0).visits == []


def test_one_number_with_another_name_is_counted_and_not_shown(county: County) -> None:
    _, visit = seen_elsewhere(county, name="钟灵")
    given(county)
    found = opened(county)
    assert (found.visits, found.namesakes) == ([], 1)
    with pytest.raises(Forbidden):
        county.do(consenting.open_case, county.doctor, county.patient.id or 0, visit.id or 0)


def test_who_has_no_number_on_record_is_found_nowhere(county: County) -> None:
    seen_elsewhere(county, id_number="")
    nobody = county.registered(id_number="", name="无名氏")
    found = county.do(consenting.open_elsewhere, county.doctor, nobody.id or 0)
    assert (found.may_be_found, found.visits) == (False, [])


def test_a_consent_ends_within_a_year_and_names_who_agreed(county: County) -> None:
    for days in (-1, 366):
        with pytest.raises(Invalid, match="授权截止日期要在今天到一年以内"):
            given(county, days=days)
    with pytest.raises(Invalid, match="请填写监护人或代理人的姓名"):
        given(county, given_by=ConsentBy.GUARDIAN)
    guardian = given(county, given_by=ConsentBy.GUARDIAN, given_name=" 欧阳建国 ")
    assert guardian.given_name == "欧阳建国"


def test_a_stranger_records_and_withdraws_nothing(county: County) -> None:
    consent = given(county)
    stranger, _ = seen_elsewhere(county, name="钟灵", id_number="")
    with pytest.raises(NotFound, match="没有这份授权"):
        county.do(consenting.withdraw, county.foreign_doctor, stranger.id or 0, consent.id or 0)
    with pytest.raises(Forbidden):
        county.do(consenting.open_elsewhere, county.foreign_doctor, county.patient.id or 0)


def test_the_record_costs_as_much_for_three_visits_as_for_one(county: County) -> None:
    Beyond(county)
    seen_elsewhere(county)
    given(county)

    def cost() -> int:
        with county.counted() as sent:
            opened(county)
        return len(sent)

    one = cost()
    for _ in range(2):
        seen_elsewhere(county)
    assert cost() == one


def test_of_two_windows_that_record_a_consent_at_once_one_records(postgres_county: County) -> None:
    county = postgres_county
    until = county_day(county.watch.now) + timedelta(days=30)
    form = Given(ConsentBy.PATIENT, "", ConsentHow.WRITTEN, until)
    with ThreadPoolExecutor(1) as elsewhere:
        with county.work() as first:
            consenting.record(first, county.other_doctor, county.patient.id or 0, form, county.new_key())
            second = elsewhere.submit(given, county)
            assert wait([second], timeout=0.5).done == set()
            first.commit()
        with pytest.raises(Invalid, match="授权仍然有效"):
            second.result(timeout=20)


def test_whoever_takes_a_consent_back_takes_back_all_of_that_house(county: County) -> None:
    consent = given(county)
    # As two windows at once once left them.
    twin = replace(consent, id=None, request_key=county.new_key())
    with county.work() as work:
        work.record_consents.add(twin)
        work.commit()
    county.do(consenting.withdraw, county.doctor, county.patient.id or 0, consent.id or 0)
    found = opened(county)
    assert (found.standing, [one.holds for one in found.consents]) == (None, [False, False])
