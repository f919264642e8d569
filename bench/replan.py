"""Figures of planning again: synthetic county days, one event each, mended against planned anew.

    python -m bench.replan [--seeds 1 2 3] [--day-seconds 20] [--seconds 5] [--now 400]

Each day of 170 orders is planned, followed until minute `--now`, and planned again after each event in
`--seconds`: by `replan`, and by `plan` of the rest of the day, which does not look at the plan before it.
Printed are orders left out, patients told another window, orders on another vehicle, jobs moved, cost and
seconds.
"""

import argparse
import random
import time
from collections.abc import Iterator
from dataclasses import replace

from dispatch.check import check_day
from dispatch.day import plan
from dispatch.difference import Difference, compare
from dispatch.events import BagsScrapped, CrewChanged, Event, LateOrders, PotDown, RoadClosed, VehicleOut
from dispatch.plan_types import DayPlan, Trip
from dispatch.problem import Crew, Day
from dispatch.replan import replan
from dispatch.sample import synthetic_day

LATE_ORDERS = 5


def events_of(day: Day, so_far: DayPlan, now_min: int, seed: int) -> Iterator[tuple[str, list[Event]]]:
    """Events that hit the day, each with its name; pots, orders and vehicles are drawn by seed."""
    rng = random.Random(seed)  # noqa: S311 (a benchmark, not a secret)
    cooking = [each for each in so_far.schedule.jobs if each.load_at_min < now_min < each.cook_end_min]
    trips = sorted(so_far.routes.trips, key=lambda trip: trip.depart_min)
    under_way = [trip for trip in trips if trip.depart_min < now_min < trip.return_min]
    to_come = [trip for trip in trips if trip.depart_min - day.loading_min >= now_min]
    jobs = {order.job.id: order for order in day.orders if order.job is not None}
    yield "nothing", []
    if cooking:
        lost = rng.choice(cooking)
        again = replace(jobs[lost.job_id].job, id=f"{lost.job_id} again", release_min=now_min)
        yield (
            "a pot fails, its job is made again",
            [PotDown(lost.pot_id), BagsScrapped(jobs[lost.job_id].id, again)],
        )
    late = [
        replace(order, id=f"late {n}", job=replace(order.job, id=f"late {n}", release_min=now_min))
        for n, order in enumerate(rng.sample(day.orders, LATE_ORDERS))
        if order.job is not None
    ]
    yield f"{LATE_ORDERS} late orders", [LateOrders(tuple(late))]
    if to_come:
        yield "the road to two villages floods", [RoadClosed(tuple(sorted(_places(so_far, to_come[0])))[:2])]
        yield "a courier is ill", [VehicleOut(to_come[0].vehicle_id, now_min)]
    if under_way:
        yield "a vehicle breaks down on the road", [VehicleOut(under_way[-1].vehicle_id, now_min)]
    yield "a third of the crew goes home", [CrewChanged(Crew(packers=2, loaders=2, adders=1))]


def _places(plan_: DayPlan, trip: Trip) -> set[str]:
    stops = {stop.id: stop for stop in plan_.stops}
    return {stops[visit.stop_id].place_id for visit in trip.visits}


def line(name: str, way: str, made: DayPlan, difference: Difference, took_s: float, violations: int) -> None:
    """One row of the table."""
    windows = sum("window" in each.codes for each in difference.orders)
    vehicles = sum("vehicle" in each.codes for each in difference.orders)
    jobs = sum("packing" not in each.codes for each in difference.jobs)
    print(
        f"| {name} | {way} | {len(made.unserved)} | {windows} | {vehicles} | {jobs} | "
        f"{made.routes.parts.total_fen / 100:.0f} | {took_s:.1f} | {violations} |",
        flush=True,
    )


def one_day(seed: int, day_seconds: float, seconds: float, now_min: int) -> None:
    """Plan a day, then again after each event, both ways."""
    day = synthetic_day(seed=seed)
    so_far = plan(day, seconds=day_seconds, seed=seed)
    for name, events in events_of(day, so_far, now_min, seed):
        began = time.perf_counter()
        found = replan(day, so_far, events, now_min=now_min, seconds=seconds, seed=seed)
        took_s = time.perf_counter() - began
        line(
            f"{seed}: {name}", found.plan.made_by, found.plan, found.difference, took_s, len(found.violations)
        )
        began = time.perf_counter()
        anew = plan(found.day, seconds=seconds, seed=seed, travel=found.travel)
        took_s = time.perf_counter() - began
        difference = compare(so_far, anew, stands=found.stands)
        line("", "anew", anew, difference, took_s, len(check_day(found.day, anew, found.travel)))


def main() -> None:
    """Read the arguments and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--day-seconds", type=float, default=20)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--now", type=int, default=400)
    options = parser.parse_args()
    print(
        "| event | by | left out | windows | vehicles | jobs | yuan | s | violations |",
        "|---" * 9 + "|",
        sep="\n",
    )
    for seed in options.seeds:
        one_day(seed, options.day_seconds, options.seconds, options.now)


if __name__ == "__main__":
    main()
