"""Orders left out together with others are tried again one by one."""

from dataclasses import replace

import pytest

from dispatch.check import check_day
from dispatch.county import Centre, Vehicle, Village
from dispatch.delivery import route
from dispatch.leftovers import serve_leftovers
from dispatch.plan_types import DayPlan, Schedule
from dispatch.problem import Crew, Day, Order
from dispatch.sequence import plan_in_sequence
from dispatch.stops import make_stops
from dispatch.told import day_plan
from dispatch.travel import Travel, great_circle_travel


@pytest.fixture(scope="module")
def day() -> Day:
    """Two orders of one village: together ready when the van's shift is over, one of them in good time."""
    return Day(
        orders=(
            Order("early", "N", 14, 2800, ready_min=0),
            Order("late", "N", 14, 2800, ready_min=290),
            Order("large", "N", 90, 18_000, ready_min=0),
        ),
        pots=(),
        crew=Crew(0, 0, 0),
        vehicles=(Vehicle("V", "一号车", 60, 0, 300, km_cost_fen=90),),
        villages=(Village("N", "张家湾村", 113.45, 29.43),),
        centre=Centre("C", "中药房", 113.45, 29.47),
        horizon_min=600,
    )


@pytest.fixture(scope="module")
def travel(day: Day) -> Travel:
    """Its roads."""
    return great_circle_travel(day.centre, day.villages, day.travel)


@pytest.fixture(scope="module")
def made(day: Day, travel: Travel) -> DayPlan:
    """Trips over stops as villages and waves make them: one stop for both orders that a vehicle holds."""
    stops = make_stops(day, {order.id: order.ready_min or 0 for order in day.orders})
    routes = route(
        stops,
        day.vehicles,
        travel,
        loading_min=day.loading_min,
        prices=day.prices,
        seconds=0.3,
        repeatable=True,
    )
    nothing_to_cook = Schedule((), (), 0, 0, 0, 0, "list", 0.0)
    return day_plan(day, nothing_to_cook, stops, routes, seconds=0.0, made_by="sequence")


def test_planning_in_sequence_serves_what_fits_alone(day: Day, travel: Travel) -> None:
    planned = plan_in_sequence(day, seconds=0.3, seed=1, repeatable=True, travel=travel)
    assert [each.order_id for each in planned.promises] == ["early"]


def test_what_fits_alone_is_served_and_the_rest_has_its_own_reason(
    day: Day, travel: Travel, made: DayPlan
) -> None:
    assert {each.id for each in made.unserved} == {"early", "late", "large"}
    mended = serve_leftovers(day, made, travel)
    assert [each.order_id for each in mended.promises] == ["early"]
    assert [(each.id, each.code) for each in mended.unserved] == [
        ("late", "ready_too_late"),
        ("large", "too_large_for_vehicles"),
    ]
    assert check_day(day, mended, travel) == []
    assert mended.routes.parts.unserved_fen == made.routes.parts.unserved_fen - 10_000_000


def test_a_plan_that_leaves_nothing_out_stays_as_it_is(day: Day, travel: Travel) -> None:
    easy = replace(day, orders=day.orders[:1])
    made = plan_in_sequence(easy, seconds=0.3, seed=1, repeatable=True, travel=travel)
    assert serve_leftovers(easy, made, travel) is made


def test_serving_again_changes_nothing(day: Day, travel: Travel, made: DayPlan) -> None:
    once = serve_leftovers(day, made, travel)
    assert serve_leftovers(day, once, travel) == once
