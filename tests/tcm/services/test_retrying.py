"""What could not be handed over: a later day, too many tries, no second try, and back to the centre."""

from datetime import date, timedelta

import pytest

from tcm.records.clinical import Prescription
from tcm.records.errors import Forbidden, IllegalMove, Invalid
from tcm.records.lifecycle import State
from tcm.records.plans import Route
from tcm.services import delivering, gathering, replanning, retrying, returning
from tcm.services.retrying import Wait
from tests.tcm.centre import on_the_road, packed, planned, route, stop
from tests.tcm.county import DAY, KNOWLEDGE, County

TOMORROW = DAY + timedelta(days=1)


def failed(
    county: County, reason: str = "not_home", next_on: date | None = None
) -> tuple[Prescription, Route]:
    prescription = packed(county)
    way = on_the_road(county, prescription)
    fail(county, prescription, reason, next_on)
    return prescription, way


def fail(county: County, prescription: Prescription, reason: str, next_on: date | None = None) -> None:
    county.do(delivering.fail, county.courier, prescription.key(), None, reason, next_on=next_on)


def is_planned_on(county: County, day: date, prescription: Prescription) -> bool:
    packed(county)
    with county.work() as work:
        facts = gathering.day_facts(work, county.manager, KNOWLEDGE, day)
    return prescription.key() in {each.prescription_id for each in facts.orders}


def waits_for(county: County, prescription: Prescription, day: date = DAY) -> Wait | None:
    with county.work() as work:
        found = retrying.held_back(work, [work.prescriptions.get(prescription.key())], day)
    return found[prescription.key()].why if found else None


def test_a_later_day_is_left_to_that_days_plan_and_to_no_earlier_trip(county: County) -> None:
    prescription, way = failed(county, next_on=TOMORROW)
    assert county.events(prescription)[-1].payload == {"reason": "not_home", "next_on": "2026-11-22"}
    assert not is_planned_on(county, DAY, prescription)
    loaded = county.do(delivering.load_trip, county.courier, way.id or 0, 1)
    assert (loaded.loaded, loaded.later) == ((), (prescription.number,))
    assert is_planned_on(county, TOMORROW, prescription)


def test_without_a_date_it_goes_out_with_the_next_plan(county: County) -> None:
    prescription, _ = failed(county)
    assert is_planned_on(county, DAY, prescription)


@pytest.mark.parametrize("days", [-1, 29])
def test_a_date_that_makes_no_sense_is_refused(county: County, days: int) -> None:
    prescription = packed(county)
    on_the_road(county, prescription)
    with pytest.raises(Invalid, match="要在今天到 28 天内"):
        fail(county, prescription, "not_home", DAY + timedelta(days=days))
    assert county.now(prescription).state is State.LOADED


def test_after_three_tries_the_manager_decides(county: County) -> None:
    prescription, way = failed(county)
    for _ in range(2):
        assert waits_for(county, prescription) is None
        county.do(delivering.load_trip, county.courier, way.id or 0, 1)
        fail(county, prescription, "not_home")
    assert waits_for(county, prescription) is Wait.TOO_OFTEN
    assert not is_planned_on(county, DAY, prescription)
    with pytest.raises(Forbidden):
        county.do(retrying.send_again, county.floor, prescription.key(), TOMORROW)
    county.do(retrying.send_again, county.manager, prescription.key(), TOMORROW)
    assert waits_for(county, prescription) is Wait.LATER
    assert is_planned_on(county, TOMORROW, prescription)


@pytest.mark.parametrize("reason", ["refused", "damaged", "recalled"])
def test_what_a_second_try_does_not_help_waits_for_the_manager(sqlite_county: County, reason: str) -> None:
    prescription, _ = failed(sqlite_county, reason)
    assert waits_for(sqlite_county, prescription) is Wait.NO_SECOND_TRY


def test_what_was_handed_over_is_not_sent_again(county: County) -> None:
    prescription = packed(county)
    on_the_road(county, prescription)
    with pytest.raises(IllegalMove, match="不是未送达"):
        county.do(retrying.send_again, county.manager, prescription.key(), TOMORROW)


def test_bags_come_back_once_and_the_count_agrees_or_somebody_says_why(county: County) -> None:
    prescription, _ = failed(county, next_on=TOMORROW)
    [coming] = county.do(returning.coming_back, county.floor)
    assert (coming.prescription.id, coming.bags, coming.returned) == (prescription.id, 1, None)
    with pytest.raises(Invalid, match="应有 1 袋，点到的不一样"):
        county.do(returning.sign_in, county.floor, prescription.key(), 0)
    made = county.do(returning.sign_in, county.floor, prescription.key(), 0, "路上破了一袋")
    again = county.do(returning.sign_in, county.floor, prescription.key(), 0)
    assert again.id == made.id
    with pytest.raises(Invalid, match="已经点过：0 袋"):
        county.do(returning.sign_in, county.floor, prescription.key(), 1)
    [back] = county.do(returning.coming_back, county.courier)
    assert back.returned is not None
    assert county.do(returning.coming_back, county.other_courier) == []
    with pytest.raises(Forbidden):
        county.do(returning.sign_in, county.courier, prescription.key(), 1)


def test_a_note_on_a_parcel_that_was_planned_again_does_not_send_its_trip_away(county: County) -> None:
    prescription, _ = failed(county)
    planned(county, route(county, stop(county, [prescription], trip=2)))
    county.do(returning.sign_in, county.floor, prescription.key(), 1)
    with county.work() as work:
        gone = replanning.gone_stops(work, DAY)
    assert [stop_.trip for _, stop_ in gone] == [1]
