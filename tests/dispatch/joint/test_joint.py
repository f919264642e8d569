"""Pots and roads as one plan: never dearer than one after the other, and right in every rule."""

import multiprocessing
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dispatch.check import check_day
from dispatch.day import Cancelled, plan, plan_in_sequence
from dispatch.joint import improve
from dispatch.plan_types import DayPlan
from dispatch.problem import Day
from dispatch.sample import EXTRAS, Extra, synthetic_day
from dispatch.travel import great_circle_travel


def _sequence(day: Day, seed: int = 0) -> DayPlan:
    return plan_in_sequence(day, seconds=0.3, seed=seed, repeatable=True)


def _joint(day: Day, first: DayPlan, seconds: float = 1.0, seed: int = 0) -> DayPlan:
    roads = great_circle_travel(day.centre, day.villages, day.travel)
    return improve(day, roads, first, seconds=seconds, seed=seed, repeatable=True)


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    orders=st.integers(1, 16),
    villages=st.integers(1, 6),
    pots=st.integers(1, 16),
    vehicles=st.integers(1, 3),
    extras=st.sets(st.sampled_from(EXTRAS)),
)
# Packing as late as the trips allow once went beyond the end of the day.
@example(seed=3267, orders=15, villages=3, pots=3, vehicles=2, extras=set(EXTRAS))
def test_the_joint_plan_is_right_and_never_dearer_than_the_sequence(
    seed: int, orders: int, villages: int, pots: int, vehicles: int, extras: set[Extra]
) -> None:
    day = synthetic_day(
        seed=seed, orders=orders, villages=villages, pots=pots, vehicles=vehicles, extras=extras
    )
    first = _sequence(day, seed)
    made = _joint(day, first, seconds=0.4, seed=seed)
    assert check_day(day, made) == []
    assert made.routes.parts.total_fen <= first.routes.parts.total_fen
    served = {promise.order_id for promise in first.promises}
    assert served <= {promise.order_id for promise in made.promises}


def test_a_county_morning_costs_a_tenth_less_than_in_sequence() -> None:
    day = synthetic_day(seed=1, orders=60, villages=60, pots=12, vehicles=4)
    first = plan_in_sequence(day, seconds=1.0, seed=1, repeatable=True)
    made = _joint(day, first, seconds=4.0, seed=1)
    assert check_day(day, made) == []
    assert (first.unserved, made.unserved, made.made_by) == ((), (), "joint")
    assert made.routes.parts.total_fen < 0.9 * first.routes.parts.total_fen


def test_all_orders_of_a_village_come_in_one_visit_where_that_is_cheapest(small_day: Day) -> None:
    day = replace(small_day, waves_min=(100, 200, 300), wait_fen_per_hour=0)
    made = _joint(day, _sequence(day))
    assert sorted(len(stop.order_ids) for stop in made.stops) == [2, 2, 2, 2]


def test_packing_waits_for_the_trip_where_bags_may_not(small_day: Day) -> None:
    # The vehicles begin at 300; what is packed at 95, as in sequence, is too long in the box by then.
    vehicles = tuple(replace(each, shift_start_min=300) for each in small_day.vehicles)
    day = replace(small_day, vehicles=vehicles, longest_box_min=90)
    first = _sequence(day)
    assert {each.code for each in first.unserved} == {"too_long_in_box"}
    made = _joint(day, first)
    assert check_day(day, made) == []
    assert made.unserved == ()


def test_an_urgent_job_keeps_its_own_due_time(small_day: Day) -> None:
    vehicles = tuple(replace(each, shift_start_min=400) for each in small_day.vehicles)
    orders = tuple(
        replace(order, job=replace(order.job, weight=10, due_min=100)) if order.id == "O3" else order
        for order in small_day.orders
        if order.job is not None
    )
    day = replace(small_day, vehicles=vehicles, orders=orders)
    made = _joint(day, _sequence(day))
    packed = {each.job_id: each.pack_end_min for each in made.schedule.jobs}
    assert made.made_by == "joint"
    assert packed["J3"] == 100
    assert min(minute for job, minute in packed.items() if job != "J3") > 300


def test_one_seed_gives_one_plan(small_day: Day) -> None:
    first = _sequence(small_day)
    plans = [_joint(small_day, first, seed=5) for _ in range(2)]
    assert plans[0].schedule.jobs == plans[1].schedule.jobs
    assert plans[0].routes.trips == plans[1].routes.trips


def test_two_processes_search_and_leave_nothing_behind() -> None:
    day = synthetic_day(seed=2, orders=30, villages=20, pots=8, vehicles=2)
    first = _sequence(day)
    roads = great_circle_travel(day.centre, day.villages, day.travel)
    made = improve(day, roads, first, seconds=3.0, threads=2)
    assert check_day(day, made) == []
    assert made.routes.parts.total_fen <= first.routes.parts.total_fen
    assert multiprocessing.active_children() == []


@pytest.mark.parametrize("stage", ["decoct", "route", "joint"])
def test_a_search_can_be_called_off_at_any_stage(small_day: Day, stage: str) -> None:
    reached: list[str] = []
    with pytest.raises(Cancelled):
        plan(
            small_day,
            seconds=4.0,
            on_progress=lambda _, now: reached.append(now),
            cancelled=lambda: stage in reached,
        )
    assert reached[-1] == stage
    assert multiprocessing.active_children() == []


def test_a_plan_says_how_far_from_the_best_it_can_be(small_day: Day) -> None:
    made = plan(small_day, seconds=0.5, repeatable=True)
    assert 0 < made.lower_bound_fen <= made.routes.parts.total_fen


def test_a_day_without_trips_to_change_stays_as_it_is(small_day: Day) -> None:
    for day in (replace(small_day, vehicles=()), replace(small_day, orders=()), replace(small_day, pots=())):
        first = _sequence(day)
        assert _joint(day, first) == first
