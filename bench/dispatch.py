"""Figures of the planning room: decoction days, then a synthetic county day planned as a whole.

    python -m bench.dispatch [--seconds 20] [--seed 1] [--day-seconds 40] [--engines]

Run it as a module: as a script its own folder comes first, and its name is that of the room.
The decoction days are read from the project's shared data folder beside the checkout where it is there.
"""

import argparse
import json
import time
from dataclasses import replace
from pathlib import Path

from dispatch.check import check_day, check_schedule
from dispatch.day import plan
from dispatch.decoction import schedule
from dispatch.delivery import route
from dispatch.delivery.ortools_router import OrtoolsRouter
from dispatch.delivery.ruin import RuinRouter
from dispatch.formats import decoction_from_dict
from dispatch.sample import synthetic_day
from dispatch.stops import make_stops, ready_times
from dispatch.travel import great_circle_travel

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data" / "decoct"


def decoction(name: str, seconds: float, seed: int) -> None:
    """Schedule one of the shared decoction days and print a line."""
    path = SHARED / f"{name}.json"
    if not path.exists():
        print(f"{name}: the shared data folder is absent")
        return
    problem = decoction_from_dict(json.loads(path.read_text("utf-8")))
    began = time.perf_counter()
    made = schedule(
        problem.jobs,
        problem.pots,
        problem.crew,
        horizon_min=problem.horizon_min,
        grid_min=problem.grid_min,
        seconds=seconds,
        seed=seed,
    )
    print(
        f"{name}: {len(made.jobs)} jobs, {len(made.unscheduled)} left out, makespan {made.makespan_min} min "
        f"(bound {made.lower_bound_min}), weighted tardiness {made.weighted_tardiness} "
        f"(bound {made.lower_bound_tardiness}), {made.engine}, {time.perf_counter() - began:.1f} s, "
        f"{len(check_schedule(problem, made))} violations"
    )


def county_day(seconds: float, seed: int) -> None:
    """Plan the synthetic county day and print two lines."""
    day = synthetic_day(seed=seed)
    made = plan(day, seconds=seconds, seed=seed)
    waits = [(each.arrive_min - each.ready_min) / 60 for each in made.promises]
    cooked, driven = made.schedule, made.routes
    print(
        f"synthetic day {seed}: {len(day.orders)} orders, {len(day.pots)} pots, "
        f"{len(day.vehicles)} vehicles: {len(made.promises)} promised, {len(made.unserved)} left out, "
        f"{made.seconds:.1f} s, {len(check_day(day, made))} violations"
    )
    print(
        f"  {cooked.engine}: makespan {cooked.makespan_min} min (bound {cooked.lower_bound_min}), weighted "
        f"tardiness {cooked.weighted_tardiness}; {driven.engine}: {len(made.stops)} stops, "
        f"{len(driven.trips)} trips, {driven.metres / 1000:.0f} km, {driven.cost_fen / 100:.2f} yuan, "
        f"{sum(waits) / max(1, len(waits)):.1f} h from packing to door"
    )


def engines(seconds: float, seed: int) -> None:
    """Route the stops of one synthetic day with each engine and print a line for each."""
    day = synthetic_day(seed=seed)
    problem = day.decoction()
    made = schedule(
        problem.jobs, problem.pots, problem.crew, horizon_min=problem.horizon_min, seconds=3, repeatable=True
    )
    stops = make_stops(day, ready_times(day, made))
    roads = great_circle_travel(day.centre, day.villages, day.travel)
    for name, router, most in (
        ("ruin-recreate", RuinRouter(), 3),
        ("ortools", OrtoolsRouter(), 3),
        ("ruin-recreate, one trip a vehicle, all bags ready", RuinRouter(), 1),
        ("ortools, one trip a vehicle, all bags ready", OrtoolsRouter(), 1),
    ):
        fleet = [replace(vehicle, max_trips=most) for vehicle in day.vehicles]
        asked = [replace(stop, ready_min=0) for stop in stops] if most == 1 else stops
        driven = route(
            asked, fleet, roads, loading_min=day.loading_min, seconds=seconds, seed=seed, router=router
        )
        print(
            f"{name}: {len(stops)} stops, {len(driven.unserved)} left out, {len(driven.trips)} trips, "
            f"{driven.metres / 1000:.0f} km, {driven.cost_fen / 100:.2f} yuan, {driven.seconds:.1f} s"
        )


def main() -> None:
    """Read the arguments and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--day-seconds", type=float, default=40.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--engines", action="store_true", help="compare the routing engines, nothing else")
    options = parser.parse_args()
    if options.engines:
        engines(options.seconds, options.seed)
        return
    decoction("county_170", options.seconds, options.seed)
    decoction("city_600", options.seconds, options.seed)
    for seed in range(options.seed, options.seed + 3):
        county_day(options.day_seconds, seed)


if __name__ == "__main__":
    main()
