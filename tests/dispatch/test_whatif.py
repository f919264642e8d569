"""What if: one thing changed, and never dearer for having more of it."""

from dataclasses import replace

import pytest

from dispatch.check import check_day
from dispatch.county import Vehicle
from dispatch.day import plan
from dispatch.outcomes import Change, Curve, Outcome, parts_from_packing
from dispatch.plan_types import CostParts, DayPlan
from dispatch.problem import Crew, Day, Pot, Started
from dispatch.whatif import changed, curve, outcome_of, table

HOW = {"seconds": 0.1, "seed": 1, "threads": 1, "repeatable": True}


def test_more_of_something_is_added_to_what_there_is(small_day: Day) -> None:
    assert changed(small_day, Change("packers", 2)).crew == Crew(3, 1, 1)
    assert changed(small_day, Change("loaders", 1)).crew == Crew(1, 2, 1)
    assert changed(small_day, Change("adders", 0)) == small_day
    assert changed(small_day, Change("buffer_min", 15)).buffer_min == 15
    # 6000 ml without a duty is what there are most of.
    assert changed(small_day, Change("pots", 2)).pots[5:] == (Pot("P+1", 6000), Pot("P+2", 6000))
    longer = changed(small_day, Change("shift_min", 60))
    assert [each.shift_end_min for each in longer.vehicles] == [660, 660]
    assert longer.horizon_min == 660


def test_a_new_van_is_fresh_and_like_the_largest(small_day: Day) -> None:
    van = Vehicle(
        *("V1", "二号车", 70, 200, 600), km_cost_fen=120, trips_done=1, max_trips=3, familiar=("N1",)
    )
    walker = Vehicle("F", "步行", 90, 60, 600, kind="foot")
    day = replace(small_day, vehicles=(small_day.vehicles[0], van, walker))
    new = changed(replace(day, vehicles=(van, walker, small_day.vehicles[0])), Change("vehicles", 2)).vehicles
    assert [each.id for each in new[3:]] == ["V1+1", "V1+2"]
    # The pattern is out until 200 and its use is paid; the new one is neither.
    assert (new[3].kind, new[3].capacity_bags, new[3].shift_start_min) == ("van", 70, 60)
    assert (new[3].trips_done, new[3].fixed_cost_fen, new[3].familiar) == (0, 5000, ())
    twice = changed(changed(day, Change("vehicles", 1)), Change("vehicles", 1))
    assert len({each.id for each in twice.vehicles}) == 5


def test_a_cut_off_leaves_for_the_next_day_what_comes_after_it(small_day: Day, make_job) -> None:
    jobs = [make_job(n, release_min=100 * n) for n in range(4)]
    begun = replace(jobs[3], started=Started(-20))
    orders = tuple(replace(order, job=job) for order, job in zip(small_day.orders, jobs, strict=False))
    orders = (
        *orders[:3],
        replace(orders[3], job=begun),
        replace(small_day.orders[7], job=None, ready_min=500),
    )
    day = replace(small_day, orders=orders)
    left = changed(day, Change("cut_off_min", 100)).orders
    # What is being soaked or packed already stays.
    assert [order.id for order in left] == ["O0", "O1", "O3", "O7"]


def test_nothing_can_be_copied_from_nothing(small_day: Day) -> None:
    with pytest.raises(ValueError, match="vehicles is empty"):
        changed(replace(small_day, vehicles=()), Change("vehicles", 1))
    with pytest.raises(ValueError, match="pots is empty"):
        changed(replace(small_day, pots=()), Change("pots", 1))


def test_an_unknown_or_negative_change_is_refused() -> None:
    with pytest.raises(ValueError, match="change kind must be one of vehicles, pots"):
        Change("horses", 1)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="change pots: amount must be between 0 and"):
        Change("pots", -1)


def test_the_figures_of_a_plan_are_counted(small_day: Day, small_plan: DayPlan) -> None:
    orders = tuple(replace(order, due_min=0) if order.id == "O0" else order for order in small_day.orders)
    found = outcome_of(replace(small_day, orders=orders), small_plan, deferred=3)
    arrive = [each.arrive_min for each in small_plan.promises]
    packed_late = sum(each.pack_end_min > 300 for each in small_plan.schedule.jobs if each.job_id != "J0")
    assert found == Outcome(
        change=None,
        parts=small_plan.routes.parts,
        vehicles=len({trip.vehicle_id for trip in small_plan.routes.trips}),
        metres=small_plan.routes.metres,
        orders=8,
        deferred=3,
        unserved=0,
        late=1 + packed_late,
        hours_to_door=pytest.approx(sum(arrive) / 8 / 60),
        makespan_min=small_plan.schedule.makespan_min,
    )


def test_the_table_begins_with_the_day_as_it_is(small_day: Day) -> None:
    told: list[tuple[float, str]] = []
    changes = (Change("pots", 10), Change("cut_off_min", 0), Change("buffer_min", 60))
    rows = table(small_day, None, changes, **HOW, on_progress=lambda part, stage: told.append((part, stage)))
    assert [row.change for row in rows] == [None, *changes]
    as_it_is = outcome_of(small_day, plan(small_day, **HOW))
    assert rows[0] == as_it_is
    assert rows[1].cost_fen <= as_it_is.cost_fen
    assert (rows[2].orders, rows[2].deferred) == (8, 0)
    assert rows[3] == outcome_of(
        *(changed(small_day, changes[2]), plan(changed(small_day, changes[2]), **HOW)), changes[2]
    )
    assert told[-1] == (1.0, "done")
    assert [part for part, _ in told] == sorted(part for part, _ in told)


def test_a_curve_never_rises_with_more(small_day: Day) -> None:
    found = curve(small_day, None, "vehicles", (0, 1, 2), **HOW)
    assert isinstance(found, Curve)
    costs = [each.parts.total_fen for each in found.outcomes]
    assert costs == sorted(costs, reverse=True)
    assert [each.change for each in found.outcomes] == [Change("vehicles", more) for more in (0, 1, 2)]


def test_a_kept_plan_is_a_plan_of_the_larger_day(small_day: Day) -> None:
    made = plan(small_day, **HOW)
    for change in (Change("vehicles", 1), Change("pots", 2), Change("packers", 1), Change("shift_min", 30)):
        assert check_day(changed(small_day, change), made) == []


def test_amounts_that_do_not_rise_are_refused(small_day: Day) -> None:
    with pytest.raises(ValueError, match="amounts must rise"):
        curve(small_day, None, "pots", (0, 2, 1), **HOW)


def test_what_is_left_out_is_counted_in_orders_not_in_cost() -> None:
    parts = CostParts(drive_fen=500, unserved_fen=10**7)
    assert Outcome(None, parts, 1, 0, 2, 0, 1, 0, 0.0, 0).cost_fen == 500


def test_a_buffer_does_not_seem_to_save_waiting(small_day: Day, small_plan: DayPlan) -> None:
    # The same trips, relied upon half an hour later: the plan's own count is half an hour a stop smaller.
    later = tuple(replace(stop, ready_min=stop.ready_min + 30) for stop in small_plan.stops)
    visits = sum(len(trip.visits) for trip in small_plan.routes.trips)
    parts = small_plan.routes.parts
    buffered = replace(parts, waiting_fen=parts.waiting_fen - visits * 50)
    plan_30 = replace(small_plan, stops=later, routes=replace(small_plan.routes, parts=buffered))
    assert parts_from_packing(replace(small_day, buffer_min=30), plan_30) == parts
