"""The checker finds what a day plan says wrongly of its stops, promises, costs and itself."""

from dataclasses import replace

import pytest

from dispatch.check import check_day
from dispatch.day import plan_in_sequence
from dispatch.plan_types import DayPlan, Relaxation, Stop
from dispatch.problem import Day


@pytest.fixture(scope="module")
def ruled_day(small_day: Day) -> Day:
    """The small day with hours, due times and limits of the box; O7 finds no pot."""
    villages = tuple(replace(village, windows=((0, 500),)) for village in small_day.villages)
    orders = tuple(replace(order, due_min=400) if order.id == "O0" else order for order in small_day.orders)
    pots = tuple(pot for pot in small_day.pots if pot.duty != "strong")
    return replace(small_day, villages=villages, orders=orders, pots=pots, longest_box_min=400)


@pytest.fixture(scope="module")
def ruled_plan(ruled_day: Day) -> DayPlan:
    """A right plan of it."""
    made = plan_in_sequence(ruled_day, seconds=0.3, repeatable=True)
    assert check_day(ruled_day, made) == []
    assert [each.id for each in made.unserved] == ["O7"]
    return made


def _kinds(day: Day, plan: DayPlan) -> set[str]:
    return {each.kind for each in check_day(day, plan)}


def _with_stop(plan: DayPlan, order_id: str, **changes: object) -> DayPlan:
    def changed(stop: Stop) -> Stop:
        return replace(stop, **changes) if order_id in stop.order_ids else stop  # type: ignore[arg-type]

    return replace(plan, stops=tuple(changed(stop) for stop in plan.stops))


def test_a_stop_has_the_hours_vehicles_and_due_time_of_its_place_and_orders(
    ruled_day: Day, ruled_plan: DayPlan
) -> None:
    assert _kinds(ruled_day, _with_stop(ruled_plan, "O0", windows=())) == {"stop_door"}
    assert _kinds(ruled_day, _with_stop(ruled_plan, "O0", kinds=("van",))) == {"stop_door"}
    assert _kinds(ruled_day, _with_stop(ruled_plan, "O0", due_min=None)) == {"stop_door"}


def test_bags_may_not_be_longer_in_the_box_than_they_may(ruled_day: Day, ruled_plan: DayPlan) -> None:
    assert _kinds(ruled_day, _with_stop(ruled_plan, "O1", latest_min=None)) == {"stop_box"}
    assert _kinds(ruled_day, _with_stop(ruled_plan, "O1", latest_min=599)) == {"stop_box"}


def test_what_is_left_out_weighs_by_the_order_pots_included(ruled_day: Day, ruled_plan: DayPlan) -> None:
    parts = ruled_plan.routes.parts
    assert parts.unserved_fen == 10_000_000
    cheaper = replace(ruled_plan.routes, parts=replace(parts, unserved_fen=0))
    assert _kinds(ruled_day, replace(ruled_plan, routes=cheaper)) == {"parts"}


def test_no_plan_costs_less_than_its_bound(ruled_day: Day, ruled_plan: DayPlan) -> None:
    total_fen = ruled_plan.routes.parts.total_fen
    assert _kinds(ruled_day, replace(ruled_plan, lower_bound_fen=total_fen)) == set()
    assert _kinds(ruled_day, replace(ruled_plan, lower_bound_fen=total_fen + 1)) == {"bound"}


def test_only_what_is_left_out_can_be_eased_and_only_once(ruled_day: Day, ruled_plan: DayPlan) -> None:
    eased = Relaxation("O7", "larger_pot", 1, "—", "—")
    assert _kinds(ruled_day, replace(ruled_plan, relaxations=(eased,))) == set()
    assert _kinds(ruled_day, replace(ruled_plan, relaxations=(eased, eased))) == {"relaxation"}
    other = replace(eased, order_id="O1")
    assert _kinds(ruled_day, replace(ruled_plan, relaxations=(other,))) == {"relaxation"}


def test_an_order_is_promised_for_the_moment_it_is_handed_over(ruled_day: Day) -> None:
    # Doors open at 300, when everything has long been there: whoever comes earlier waits.
    villages = tuple(replace(village, windows=((300, 500),)) for village in ruled_day.villages)
    day = replace(ruled_day, villages=villages)
    made = plan_in_sequence(day, seconds=0.3, repeatable=True)
    assert check_day(day, made) == []
    assert {each.arrive_min >= 300 for each in made.promises} == {True}
    early = tuple(replace(each, arrive_min=each.arrive_min - 1) for each in made.promises)
    assert _kinds(day, replace(made, promises=early)) == {"promise_visit"}
