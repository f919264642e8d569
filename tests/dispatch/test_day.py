"""Whole days: planned, planned again, and every order answered for."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.check import check_day
from dispatch.day import plan
from dispatch.plan_types import DayPlan
from dispatch.problem import Crew, Day, Order
from dispatch.remaining import rest_of_day
from dispatch.sample import synthetic_day
from dispatch.stops import make_stops


def test_every_order_of_the_small_day_is_promised(small_day: Day, small_plan: DayPlan) -> None:
    assert check_day(small_day, small_plan) == []
    assert {each.order_id for each in small_plan.promises} == {order.id for order in small_day.orders}
    assert small_plan.unserved == ()


def test_a_promise_is_a_window_around_the_arrival(small_plan: DayPlan) -> None:
    windows = {
        (each.arrive_min - each.from_min, each.to_min - each.arrive_min) for each in small_plan.promises
    }
    assert windows == {(15, 45)}


@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    orders=st.integers(0, 14),
    villages=st.integers(1, 6),
    pots=st.integers(0, 16),
    vehicles=st.integers(0, 2),
)
def test_any_plan_passes_the_checker(seed: int, orders: int, villages: int, pots: int, vehicles: int) -> None:
    day = synthetic_day(seed=seed, orders=orders, villages=villages, pots=pots, vehicles=vehicles)
    made = plan(day, seconds=0.4, seed=seed)
    assert check_day(day, made) == []


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10**6), now_min=st.integers(1, 700))
def test_any_day_planned_again_passes_the_checker(seed: int, now_min: int) -> None:
    day = synthetic_day(seed=seed, orders=14, villages=6, pots=16, vehicles=2)
    so_far = plan(day, seconds=0.3, seed=seed)
    rest = rest_of_day(day, so_far, now_min=now_min)
    again = plan(rest, seconds=0.3, seed=seed)
    assert check_day(rest, again) == []
    gone = {trip for trip in so_far.routes.trips if trip.depart_min < now_min}
    visited = {visit.stop_id for trip in gone for visit in trip.visits}
    delivered = [order_id for stop in so_far.stops if stop.id in visited for order_id in stop.order_ids]
    assert sorted([*delivered, *(order.id for order in rest.orders)]) == sorted(
        order.id for order in day.orders
    )


def test_the_rest_of_the_day_takes_what_was_done_as_done(small_day: Day, small_plan: DayPlan) -> None:
    first = min(small_plan.routes.trips, key=lambda trip: trip.depart_min)
    now = first.depart_min + 1
    rest = rest_of_day(small_day, small_plan, now_min=now)
    vehicle = next(each for each in rest.vehicles if each.id == first.vehicle_id)
    assert (vehicle.trips_done, vehicle.shift_start_min, vehicle.fixed_cost_fen) == (1, first.return_min, 0)
    packed = {each.job_id: each.pack_end_min for each in small_plan.schedule.jobs}
    done = {order.id: packed[order.job.id] for order in small_day.orders if order.job is not None}
    for order in rest.orders:
        assert (order.job is None) == (done[order.id] <= now)
        if order.job is None:
            assert order.ready_min == done[order.id]


def test_a_pot_that_breaks_gives_its_order_back_with_the_reason(small_day: Day, small_plan: DayPlan) -> None:
    first = small_plan.schedule.jobs[0]
    now = first.cook_at_min + 5
    broken = replace(small_day, pots=tuple(pot for pot in small_day.pots if pot.id != first.pot_id))
    rest = rest_of_day(broken, small_plan, now_min=now)
    made = plan(rest, seconds=0.4)
    assert check_day(rest, made) == []
    gone = next(
        order.id for order in small_day.orders if order.job is not None and order.job.id == first.job_id
    )
    assert {each.id: each.code for each in made.unserved}[gone] == "pot_gone"


def _codes(day: Day) -> Counter[str]:
    made = plan(day, seconds=0.2)
    assert check_day(day, made) == []
    return Counter(each.code for each in made.unserved)


def test_a_day_without_something_says_what_it_is(small_day: Day) -> None:
    assert _codes(replace(small_day, pots=())) == {"no_pots": 8}
    assert _codes(replace(small_day, vehicles=())) == {"no_vehicles": 8}
    assert _codes(replace(small_day, crew=Crew(packers=0, loaders=1, adders=1))) == {"no_packers": 8}
    assert _codes(replace(small_day, crew=Crew(packers=1, loaders=1, adders=0))) == {"no_adders": 4}
    assert _codes(replace(small_day, orders=())) == {}


def test_a_village_without_a_road_is_named_by_its_name(small_day: Day) -> None:
    villages = tuple(replace(each, has_road=each.id != "N1") for each in small_day.villages)
    made = plan(replace(small_day, villages=villages), seconds=0.3)
    assert [(each.id, each.zh) for each in made.unserved] == [("O1", "村1不通车"), ("O5", "村1不通车")]


def test_orders_packed_already_are_only_driven(small_day: Day) -> None:
    ready = tuple(replace(order, job=None, ready_min=-30) for order in small_day.orders)
    day = replace(small_day, orders=ready, pots=(), crew=Crew(0, 0, 0))
    made = plan(day, seconds=0.3)
    assert check_day(day, made) == []
    assert (len(made.promises), made.schedule.jobs) == (8, ())


def test_one_village_has_a_stop_for_each_wave_and_for_each_full_vehicle(small_day: Day) -> None:
    orders = tuple(Order(f"O{n}", "N0", 30, 6000, ready_min=100 * n) for n in range(4))
    day = replace(small_day, orders=orders)
    ready = {order.id: order.ready_min or 0 for order in orders}
    # Vehicles hold 70 bags; the wave leaves at 200 and loading takes 10 min, so order 2 misses it by 10.
    stops = make_stops(day, ready)
    assert [(stop.order_ids, stop.bags, stop.ready_min) for stop in stops] == [
        (("O0", "O1"), 60, 100),
        (("O2", "O3"), 60, 300),
    ]
    full = make_stops(replace(day, waves_min=()), ready)
    assert [stop.bags for stop in full] == [60, 60]


def test_two_waves_that_ride_together_are_one_visit(small_day: Day) -> None:
    orders = tuple(Order(f"O{n}", "N0", 30, 6000, ready_min=100 * n) for n in (0, 2))
    day = replace(small_day, orders=orders, vehicles=small_day.vehicles[:1], wait_fen_per_hour=0)
    made = plan(day, seconds=0.3)
    assert check_day(day, made) == []
    assert [(stop.order_ids, stop.service_min) for stop in made.stops] == [(("O0", "O2"), 7)]
    assert [len(trip.visits) for trip in made.routes.trips] == [1]


def test_a_repeatable_plan_repeats(small_day: Day) -> None:
    first, second = (plan(small_day, seconds=0.4, seed=3, repeatable=True) for _ in range(2))
    assert (first.schedule.jobs, first.routes.trips) == (second.schedule.jobs, second.routes.trips)


def test_progress_names_its_stages(small_day: Day) -> None:
    told: list[tuple[float, str]] = []
    plan(small_day, seconds=0.4, on_progress=lambda fraction, stage: told.append((fraction, stage)))
    assert list(dict.fromkeys(stage for _, stage in told)) == ["decoct", "route", "joint", "done"]
    assert [fraction for fraction, _ in told] == sorted(fraction for fraction, _ in told)


def test_a_county_day_is_served_in_full() -> None:
    day = synthetic_day(seed=1, orders=40, villages=40, vehicles=4)
    made = plan(day, seconds=3.0, seed=1)
    assert check_day(day, made) == []
    assert made.unserved == ()
    assert len(made.promises) == 40


def test_a_plan_without_time_is_refused(small_day: Day) -> None:
    with pytest.raises(ValueError, match=r"^seconds must be above 0, got 0\.0$"):
        plan(small_day, seconds=0.0)
