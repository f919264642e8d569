"""Whose medicine comes to its end is on the list of the doctor who wrote it, and is told once, by day."""

from datetime import date, timedelta

from tcm.records.aftercare import NoticeKind
from tcm.records.clinical import Prescription
from tcm.records.clock import at_minute
from tcm.services import coming_back, delivering
from tcm.store.voice_queries import GivenOut
from tests.tcm.centre import on_the_road, packed
from tests.tcm.county import DAY, NAME, County

# Handed over on the 21st, seven doses, one a day.
LAST_DAY = date(2026, 11, 28)


def handed_over(county: County, number: int = 1) -> list[Prescription]:
    made = []
    for each in range(number):
        county.patient = county.registered(name=f"{NAME}{each}")
        made.append(packed(county))
    on_the_road(county, *made)
    for each in made:
        county.do(delivering.deliver, county.courier, each.key(), None)
    return made


def due(county: County) -> list[coming_back.Due]:
    with county.work() as work:
        return coming_back.due_back(work, county.doctor)


def reminded(county: County) -> int:
    with county.work() as work:
        told = coming_back.remind(work)
        work.commit()
    return told


def test_a_doctor_sees_own_patients_from_two_days_before_the_last_dose(county: County) -> None:
    [made] = handed_over(county)
    seen = []
    for day in (25, 26, 28):
        county.watch.now = county.watch.now.replace(day=day)
        seen.append([(each.prescription_id, each.last_day) for each in due(county)])
    assert seen == [[], [(made.key(), LAST_DAY)], [(made.key(), LAST_DAY)]]
    county.watch.now += timedelta(days=15)
    assert due(county) == []


def test_whoever_came_again_is_on_no_list_and_is_not_reminded(county: County) -> None:
    [made] = handed_over(county)
    county.watch.now = county.watch.now.replace(day=28, hour=2)
    with county.work() as work:
        patient = work.patients.get(made.patient_id)
    county.visited(patient)
    assert (due(county), reminded(county)) == ([], 0)


def test_the_list_asks_as_much_for_three_as_for_one(county: County) -> None:
    made = handed_over(county, 3)
    county.watch.now = county.watch.now.replace(day=28)
    with county.counted() as for_three:
        assert len(due(county)) == 3
    with county.work() as work:
        patients = work.patients.by_ids(each.patient_id for each in made[1:])
    for patient in patients.values():
        county.visited(patient)
    with county.counted() as for_one:
        assert len(due(county)) == 1
    assert len(for_three) == len(for_one)


def test_a_patient_is_reminded_once_and_not_at_night(county: County) -> None:
    [made] = handed_over(county)
    told = []
    # Hours of UTC: two in the morning, ten, and ten again in the county.
    for day, hour in ((26, 2), (27, 18), (28, 2), (28, 3)):
        county.watch.now = county.watch.now.replace(day=day, hour=hour)
        told.append(reminded(county))
    assert told == [0, 0, 1, 0]
    with county.work() as work:
        kinds = [(each.prescription_id, each.kind) for each in work.notices.all()]
    assert kinds[-1] == (made.key(), NoticeKind.FOLLOW_UP)


def test_five_doses_at_two_a_day_last_three_days() -> None:
    given = GivenOut(1, "A1", 1, 1, 5, 2, at_minute(DAY, 600))
    assert coming_back.last_day_of(given) == date(2026, 11, 24)
