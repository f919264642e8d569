"""Figures of the joint plan: pots and roads together against one after the other, on synthetic county days.

    python -m bench.joint [--seconds 20] [--seeds 1 2 ...] [--orders 170] [--extras ...] [--curve]

Both ways of planning get the same seconds. `--extras` adds what dispatch.sample knows besides the plain day,
`all` everything. `--curve` plans the first day for 1, 2, 5, 10, 20 and 40 s instead: cost against seconds.
Every plan is counted by the checker. Run it as a module: as a script its own folder comes first, and its name
is that of the room.
"""

import argparse
import os
import time

from dispatch.check import check_day
from dispatch.day import plan, plan_in_sequence
from dispatch.plan_types import DayPlan
from dispatch.problem import Day
from dispatch.sample import EXTRAS, synthetic_day

_CURVE_S = (1.0, 2.0, 5.0, 10.0, 20.0, 40.0)


def told(name: str, day: Day, made: DayPlan, seconds: float) -> str:
    """One line about a plan."""
    parts, routes = made.routes.parts, made.routes
    total, bound = parts.total_fen, made.lower_bound_fen
    gap = f"bound {bound / 100:.0f}, gap {100 * (total - bound) / total:.0f} %, " if bound and total else ""
    return (
        f"  {name} ({made.made_by}): {total / 100:.0f} yuan = drive {parts.drive_fen / 100:.0f} + vehicles "
        f"{parts.vehicles_fen / 100:.0f} + waiting {parts.waiting_fen / 100:.0f} + late "
        f"{parts.late_fen / 100:.0f} + strange {parts.strange_fen / 100:.0f} + uneven "
        f"{parts.uneven_fen / 100:.0f} + left out {parts.unserved_fen / 100:.0f}; {gap}"
        f"{len({trip.vehicle_id for trip in routes.trips})} vehicles, {len(routes.trips)} trips, "
        f"{routes.metres / 1000:.0f} km, {len(made.unserved)} of {len(day.orders)} left out, "
        f"{seconds:.1f} s, {len(check_day(day, made))} violations"
    )


def served_cost_fen(made: DayPlan) -> int:
    """What a plan costs without the price of what it leaves out."""
    return made.routes.parts.total_fen - made.routes.parts.unserved_fen


def compare(day: Day, label: str, seconds: float, seed: int, threads: int) -> tuple[float, bool]:
    """Plan one day both ways; the saving in per cent, and whether both serve the same."""
    began = time.perf_counter()
    sequence = plan_in_sequence(day, seconds=seconds, seed=seed, threads=threads)
    halfway = time.perf_counter()
    joint = plan(day, seconds=seconds, seed=seed, threads=threads)
    ended = time.perf_counter()
    before, after = served_cost_fen(sequence), served_cost_fen(joint)
    saved = 100 * (before - after) / max(1, before)
    alike = [each.id for each in sequence.unserved] == [each.id for each in joint.unserved]
    lost = {each.id for each in joint.unserved} - {each.id for each in sequence.unserved}
    print(f"{label}: {saved:.1f} % saved{'' if alike else ', not the same orders served'}, load {load()}")
    print(told("sequence", day, sequence, halfway - began))
    print(told("joint", day, joint, ended - halfway))
    if lost:
        print(f"  served in sequence alone: {', '.join(sorted(lost))}")
    return saved, alike


def curve(day: Day, seed: int, threads: int) -> None:
    """Plan one day for ever more seconds."""
    for seconds in _CURVE_S:
        for way in (plan_in_sequence, plan):
            began = time.perf_counter()
            made = way(day, seconds=seconds, seed=seed, threads=threads)
            print(told(f"{seconds:.0f} s", day, made, time.perf_counter() - began) + f", load {load()}")


def load() -> str:
    """The load average of the last minute, for figures that depend on time."""
    return f"{os.getloadavg()[0]:.1f}"


def main() -> None:
    """Read the arguments and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--seeds", type=int, nargs="+", default=list(range(1, 11)))
    parser.add_argument("--orders", type=int, default=170)
    parser.add_argument("--extras", nargs="*", choices=[*EXTRAS, "all"], default=[])
    parser.add_argument("--curve", action="store_true")
    parser.add_argument("--threads", type=int, default=2)
    asked = parser.parse_args()
    extras = EXTRAS if "all" in asked.extras else tuple(asked.extras)
    days = {
        seed: synthetic_day(seed=seed, orders=asked.orders, extras=extras)
        for seed in asked.seeds[: 1 if asked.curve else None]
    }
    if asked.curve:
        for seed, day in days.items():
            curve(day, seed, asked.threads)
        return
    saved = [compare(day, f"county {seed}", asked.seconds, seed, asked.threads) for seed, day in days.items()]
    alike = [each for each, same in saved if same]
    print(
        f"mean saving {sum(each for each, _ in saved) / len(saved):.1f} %; where both serve the same, "
        f"{len(alike)} of {len(saved)} days: {sum(alike) / max(1, len(alike)):.1f} %"
    )


if __name__ == "__main__":
    main()
