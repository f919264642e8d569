"""Figures of a day's delivery: engines and splits of the time side by side, on synthetic county days.

    python -m bench.delivery [--seconds 10] [--seeds 1 2 3] [--orders 170] [--days plain full]
                             [--engines ...] [--own-time]

Every answer is counted by the checker. `plain` is the synthetic day; `full` has windows, boxes, breaks, due
times, familiar villages, volumes and a mixed fleet. `--own-time` counts processor time instead of the
clock's, for machines that do other work; engines that use a second process are left out then.
Run it as a module: as a script its own folder comes first, and its name is that of the room.
"""

import argparse
import os
import random
import time
from collections import defaultdict
from dataclasses import dataclass, replace

from dispatch.check import check_routes
from dispatch.county import Break, Vehicle, VehicleKind, Village
from dispatch.decoction import schedule
from dispatch.delivery import pyvrp_router, route, ruin
from dispatch.delivery.auto import AutoRouter, ChainRouter
from dispatch.delivery.ortools_router import OrtoolsRouter
from dispatch.delivery.pyvrp_router import PyvrpRouter
from dispatch.delivery.router import Router
from dispatch.delivery.ruin import RuinRouter
from dispatch.plan_types import Routes, Stop
from dispatch.problem import Day
from dispatch.sample import synthetic_day
from dispatch.stops import make_stops, ready_times
from dispatch.travel import great_circle_travel

LUNCH = Break(330, 450, 30)
NO_VAN: tuple[VehicleKind, ...] = ("motorbike", "foot")


def full_day(day: Day, seed: int) -> Day:
    """The day with every rule and price that delivery knows."""
    rng = random.Random(seed)  # noqa: S311  # invented data
    villages = tuple(ruled(village, rng) for village in day.villages)
    names = [village.id for village in villages]
    vans = [
        replace(
            van,
            capacity_ml=110_000,
            breaks=(LUNCH,),
            familiar=tuple(sorted(rng.sample(names, len(names) // 2))),
        )
        for van in day.vehicles
    ]
    bikes = [
        Vehicle(
            id=f"M{number + 1}",
            name=f"{number + 1}号摩托",
            capacity_bags=80,
            shift_start_min=180,
            shift_end_min=810,
            km_cost_fen=30,
            fixed_cost_fen=4000,
            speed_factor=0.9,
            kind="motorbike",
            breaks=(LUNCH,),
        )
        for number in range(len(vans) // 2)
    ]
    orders = tuple(
        replace(
            order,
            due_min=rng.choice((None, 600, 720)),
            fragile=rng.random() < 0.05,
            priority=3 if rng.random() < 0.1 else 1,
        )
        for order in day.orders
    )
    return replace(
        day,
        orders=orders,
        villages=villages,
        vehicles=(*vans, *bikes),
        longest_box_min=300,
        fragile_box_min=180,
    )


def ruled(village: Village, rng: random.Random) -> Village:
    """A village with opening hours, now and then without a road for vans."""
    windows = rng.choice(((), (), ((300, 780),), ((180, 420), (540, 720))))
    return replace(village, windows=windows, kinds=NO_VAN if rng.random() < 0.06 else village.kinds)


@dataclass(frozen=True)
class Work:
    """The stops of one day."""

    label: str
    day: Day
    stops: tuple[Stop, ...]


def work_of(kind: str, seed: int, orders: int) -> Work:
    """The stops of a synthetic day, decocted by counted work."""
    scale = orders / 170
    day = synthetic_day(
        seed=seed,
        orders=orders,
        villages=round(161 * scale),
        pots=max(5, round(30 * scale)),
        vehicles=max(2, round(6 * scale)),
    )
    people = round(3 * max(1.0, scale))
    day = replace(day, crew=replace(day.crew, packers=people, loaders=people, adders=people))
    if kind == "full":
        day = full_day(day, seed)
    problem = day.decoction()
    made = schedule(
        problem.jobs,
        problem.pots,
        problem.crew,
        horizon_min=problem.horizon_min,
        seconds=2,
        repeatable=True,
    )
    return Work(f"{kind} {seed}", day, make_stops(day, ready_times(day, made)))


def routers(threads: int) -> dict[str, Router]:
    """What is compared; numbers are the first engine's share of the time and the second one's first heat."""
    found: dict[str, Router] = {
        "ruin": RuinRouter(),
        "pyvrp": PyvrpRouter(),
        "ortools": OrtoolsRouter(),
        "auto-1": AutoRouter(1),
        f"auto-{threads}": AutoRouter(threads),
    }
    for name, engine in (("pyvrp", PyvrpRouter()), ("ortools", OrtoolsRouter())):
        for share in (0.1, 0.25, 0.5):
            for hot in (3000, 1000):
                ruined = RuinRouter(hot_fen=float(hot))
                found[f"{name}-{share}-{hot}"] = ChainRouter(((engine, share), (ruined, 1 - share)))
    return found


def use_own_time() -> None:
    """Let the engines that look at the clock look at this process' own time."""

    class OwnTime:
        perf_counter = staticmethod(time.process_time)

    for module in (ruin, pyvrp_router):
        module.time = OwnTime  # type: ignore[assignment]


def measure(work: Work, name: str, router: Router, *, seconds: float, seed: int) -> Routes:
    """Route one day with one engine, check it, and print a line."""
    day = work.day
    travel = great_circle_travel(day.centre, day.villages, day.travel)
    began, busy = time.perf_counter(), time.process_time()
    made = route(
        work.stops,
        day.vehicles,
        travel,
        loading_min=day.loading_min,
        prices=day.prices,
        seconds=seconds,
        seed=seed,
        router=router,
    )
    wall, busy = time.perf_counter() - began, time.process_time() - busy
    wrong = check_routes(
        work.stops, day.vehicles, travel, made, loading_min=day.loading_min, prices=day.prices
    )
    parts = made.parts
    names = ("drive", "vehicles", "waiting", "late", "strange", "uneven")
    told = " + ".join(f"{part} {getattr(parts, f'{part}_fen') / 100:.0f}" for part in names)
    print(
        f"{work.label} {name}: {len(work.stops)} stops, {len(made.unserved)} left out, "
        f"{(parts.total_fen - parts.unserved_fen) / 100:.2f} yuan = {told}; {len(made.trips)} trips by "
        f"{made.engine}; {wall:.1f} s, {busy:.1f} s of this process, load {os.getloadavg()[0]:.1f}; "
        f"{len(wrong)} violations",
        flush=True,
    )
    return made


def main() -> None:
    """Read the arguments, print a line for each run and the mean of each engine."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--orders", type=int, default=170)
    parser.add_argument("--days", nargs="+", default=["plain", "full"], choices=["plain", "full"])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--engines", nargs="+", help="only these")
    parser.add_argument("--own-time", action="store_true")
    options = parser.parse_args()
    engines = routers(1 if options.own_time else options.threads)
    if options.own_time:
        use_own_time()
    totals: dict[str, list[float]] = defaultdict(list)
    for kind in options.days:
        for seed in options.seeds:
            work = work_of(kind, seed, options.orders)
            for name, router in engines.items():
                if options.engines is None or name in options.engines:
                    made = measure(work, name, router, seconds=options.seconds, seed=seed)
                    totals[f"{kind} {name}"].append(made.parts.total_fen / 100)
    for name, costs in totals.items():
        print(f"mean {name}: {sum(costs) / len(costs):.2f} yuan over {len(costs)} days")


if __name__ == "__main__":
    main()
