"""Planning again after events: what is under way stays, nobody is forgotten, little changes."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.check import check_day
from dispatch.day import plan
from dispatch.events import (
    BagsScrapped,
    CrewChanged,
    Event,
    LateOrders,
    PotDown,
    RoadClosed,
    VehicleOut,
)
from dispatch.plan_types import DayPlan
from dispatch.problem import Crew, Day
from dispatch.replan import Replanned, replan
from dispatch.sample import synthetic_day

_KINDS = ("pot", "late", "road", "vehicle", "scrapped", "crew")


@cache
def _planned(seed: int) -> tuple[Day, DayPlan]:
    day = synthetic_day(seed=seed, orders=24, villages=9, pots=16, vehicles=3)
    return day, plan(day, seconds=0.6, seed=seed, repeatable=True)


def _event(day: Day, so_far: DayPlan, kind: str, number: int, now_min: int) -> Event | None:
    jobs = {each.job_id: each for each in so_far.schedule.jobs}
    order = day.orders[number % len(day.orders)]
    assert order.job is not None
    new = replace(order.job, id=f"{kind} again {number}", release_min=now_min, due_min=800)
    if kind == "pot":
        return PotDown(day.pots[number % len(day.pots)].id)
    if kind == "late":
        return LateOrders((replace(order, id=f"late {number}", job=new),))
    if kind == "road":
        return RoadClosed((day.villages[number % len(day.villages)].id,))
    if kind == "vehicle":
        at_min = max(0, now_min - number % 60)
        return VehicleOut(day.vehicles[number % len(day.vehicles)].id, at_min)
    if kind == "crew":
        return CrewChanged(Crew(1 + number % 3, 1 + number % 3, 1))
    # Only what is still in the centre: what has been handed over cannot be scrapped.
    return BagsScrapped(order.id, new) if jobs[order.job.id].load_at_min > now_min else None


def _replanned(seed: int, now_min: int, drawn: Sequence[tuple[str, int]]) -> Replanned:
    day, so_far = _planned(seed)
    events = {kind: event for kind, n in drawn if (event := _event(day, so_far, kind, n, now_min))}
    return replan(day, so_far, list(events.values()), now_min=now_min, seconds=0.3, repeatable=True)


_anything = {
    "seed": st.integers(1, 3),
    "now_min": st.integers(1, 700),
    "drawn": st.lists(st.tuples(st.sampled_from(_KINDS), st.integers(0, 999)), max_size=3),
}


@settings(max_examples=25, deadline=None)
@given(**_anything)
def test_any_plan_after_events_passes_the_checker(
    seed: int, now_min: int, drawn: Sequence[tuple[str, int]]
) -> None:
    found = _replanned(seed, now_min, drawn)
    assert found.violations == ()
    assert check_day(found.day, found.plan, found.travel) == []


@settings(max_examples=25, deadline=None)
@given(**_anything)
def test_every_order_is_promised_delivered_on_its_way_stranded_or_left_out_with_a_reason(
    seed: int, now_min: int, drawn: Sequence[tuple[str, int]]
) -> None:
    day, _ = _planned(seed)
    found = _replanned(seed, now_min, drawn)
    late = [order.id for order in found.day.orders if order.id.startswith("late")]
    answered = [
        *(each.order_id for each in found.plan.promises),
        *(each.id for each in found.plan.unserved if each.zh and each.en),
        *found.stands.delivered,
        *found.stands.on_road,
        *(each.order_id for each in found.stands.stranded),
    ]
    assert sorted(answered) == sorted([*(order.id for order in day.orders), *late])


@settings(max_examples=25, deadline=None)
@given(**_anything)
def test_what_is_in_a_pot_or_soaking_never_moves(
    seed: int, now_min: int, drawn: Sequence[tuple[str, int]]
) -> None:
    _, so_far = _planned(seed)
    found = _replanned(seed, now_min, drawn)
    before = {each.job_id: each for each in so_far.schedule.jobs}
    for each in found.plan.schedule.jobs:
        was = before.get(each.job_id)
        if was is None:
            continue
        if was.soak_at_min < now_min:
            assert each.soak_at_min == was.soak_at_min
        if was.load_at_min < now_min:
            assert (each.pot_id, each.load_at_min, each.cook_end_min) == (
                was.pot_id,
                was.load_at_min,
                was.cook_end_min,
            )


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(1, 3), now_min=st.integers(0, 800))
def test_nothing_changes_where_nothing_has_happened(seed: int, now_min: int) -> None:
    found = _replanned(seed, now_min, [])
    assert found.difference.is_empty
    assert found.violations == ()


def test_a_pot_that_stands_empty_changes_nothing(small_day: Day, small_plan: DayPlan) -> None:
    now_min = max(each.clean_end_min for each in small_plan.schedule.jobs)
    found = replan(small_day, small_plan, [PotDown("P0")], now_min=now_min, seconds=0.3, repeatable=True)
    assert found.difference.is_empty


def test_a_late_order_moves_nobody_where_there_is_room(small_day: Day, small_plan: DayPlan) -> None:
    order = small_day.orders[0]
    assert order.job is not None
    late = replace(order, id="late", job=replace(order.job, id="late"))
    found = replan(small_day, small_plan, [LateOrders((late,))], now_min=5, seconds=0.4, repeatable=True)
    assert found.difference.newly_served == ("late",)
    assert (found.difference.jobs, found.difference.new_jobs) == ((), ("late",))
    assert [each for each in found.difference.orders if "window" in each.codes] == []


def test_the_same_events_give_the_same_plan(small_day: Day, small_plan: DayPlan) -> None:
    def once() -> Replanned:
        events = [VehicleOut("V1", 0)]
        return replan(small_day, small_plan, events, now_min=5, seconds=0.4, repeatable=True)

    first, second = once(), once()
    assert (first.plan.promises, first.difference) == (second.plan.promises, second.difference)


def test_no_time_is_refused(small_day: Day, small_plan: DayPlan) -> None:
    with pytest.raises(ValueError, match="seconds must be above 0, got 0"):
        replan(small_day, small_plan, [], now_min=5, seconds=0)
