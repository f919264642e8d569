"""Between the pharmacy and the roads: all villages of the centre, what is closed, what is told of them."""

import numpy as np
import pytest

from dispatch.roads import GreatCircle
from dispatch.travel import UNREACHABLE
from tcm.records.day_events import DayEventKind
from tcm.services import gathering, reporting
from tcm.services.gathering import DayFacts
from tcm.store.engine import Store
from tests.tcm.centre import enqueue_nothing
from tests.tcm.county import DAY, County
from web.planning import to_problem
from web.roads import roads_again, roads_note, roads_of

PROVIDER = GreatCircle()


@pytest.fixture
def county(sqlite_store: Store) -> County:
    """A small county with one order to plan."""
    opened = County(sqlite_store)
    opened.approved()
    return opened


def facts_of(county: County) -> DayFacts:
    return county.do(gathering.day_facts, county.manager, county.knowledge, DAY)


def close(county: County, village_id: int | None) -> None:
    county.do(
        reporting.report,
        county.manager,
        DAY,
        DayEventKind.ROAD_CLOSED,
        {"villages": [village_id]},
        note="",
        seed=0,
        request_key=county.new_key(),
        enqueue=enqueue_nothing,
    )


def test_every_village_of_the_centre_is_asked_for_whoever_is_wanted_today(county: County) -> None:
    travel = roads_of(PROVIDER, facts_of(county), DAY)
    assert travel.place_ids == (
        f"centre-{county.centre.id}",
        str(county.village.id),
        str(county.other_village.id),
    )


def test_a_kind_of_vehicle_that_is_in_service_has_its_own_times(county: County) -> None:
    with county.work() as work:
        work.vehicles.get(county.van.id or 0).kind = "foot"
        work.commit()
    travel = roads_of(PROVIDER, facts_of(county), DAY)
    assert set(travel.by_kind) == {"foot"}
    # The first village stands beside the centre.
    assert travel.by_kind["foot"].minutes[0, 2] > travel.minutes[0, 2] > travel.minutes[0, 1] == 0


def test_a_road_that_is_closed_today_is_cut_and_its_village_named(county: County) -> None:
    close(county, county.village.id)
    travel = roads_of(PROVIDER, facts_of(county), DAY)
    assert (travel.minutes[0] == UNREACHABLE).tolist() == [False, True, False]
    [village] = to_problem(facts_of(county), DAY, 540).villages
    assert village.has_road is False


def test_a_stored_problem_is_given_the_same_times_again(county: County) -> None:
    facts = facts_of(county)
    problem = to_problem(facts, DAY, 540)
    travel, again = roads_of(PROVIDER, facts, DAY), roads_again(PROVIDER, problem, DAY)
    assert again.place_ids == travel.place_ids[:2]
    assert np.array_equal(again.minutes, travel.minutes[:2, :2])


def test_the_note_tells_source_age_and_who_cannot_be_reached(county: County) -> None:
    with county.work() as work:
        work.institutions.get(county.other_village.id or 0).has_road = False
        work.commit()
    note = roads_note(roads_of(PROVIDER, facts_of(county), DAY))
    assert (note["source"], note["made_at"]) == ("great circle x 1.35", None)
    assert [each["name"] for each in note["unreachable"]] == ["观山村卫生室"]  # type: ignore[attr-defined]
