"""Figures of `tangye decoct`: goals, proven bounds, gaps, how soon, and how they grow with the day.

    python -m bench.decoct --data DIR [--seed 1] [--curve] [--growth]

DIR holds decoction days as JSON files in the form of `tangye decoct`. Each day gets 20 s, days of more than a
thousand prescriptions 60 s. `--curve` plans each day again with shorter limits and says which of them was the
first to come within 5, 2 and 1 % of the bound. `--growth` plans parts of the largest day, pots and people cut
in proportion.
"""

import argparse
import json
import math
import resource
import time
from dataclasses import replace
from pathlib import Path

from dispatch.check import check_schedule
from dispatch.decoction import schedule
from dispatch.formats import decoction_from_dict
from dispatch.plan_types import Schedule
from dispatch.problem import Crew, DecoctionProblem

LIMITS_S = (1, 2, 5, 10, 20, 40, 60)
SIZES = (50, 170, 600, 1500, 4300)
GAPS_PERCENT = (5, 2, 1)


def limit_of(problem: DecoctionProblem) -> int:
    """Seconds for a day of this size."""
    return 20 if len(problem.jobs) <= 1000 else 60


def planned(problem: DecoctionProblem, seconds: float, seed: int) -> tuple[Schedule, float, int]:
    """A schedule, the seconds it took, and how many violations the checker found in it."""
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
    return made, time.perf_counter() - began, len(check_schedule(problem, made))


def gap_percent(made: Schedule, bound_min: int) -> float:
    """How far the makespan lies above a bound."""
    return 100 * (made.makespan_min / bound_min - 1) if bound_min else 0.0


def row(name: str, problem: DecoctionProblem, seconds: float, seed: int) -> Schedule:
    """Plan a day and print its line of the table."""
    made, took, violations = planned(problem, seconds, seed)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"| {name} | {len(made.jobs)}/{len(problem.jobs)} | {made.weighted_tardiness} "
        f"({made.lower_bound_tardiness}) | {made.makespan_min} | {made.lower_bound_min} | "
        f"{gap_percent(made, made.lower_bound_min):.2f} | {made.engine} | {took:.1f} | {memory:.0f} | "
        f"{violations} |",
        flush=True,
    )
    return made


def curve(name: str, problem: DecoctionProblem, bound_min: int, seed: int) -> None:
    """Print the first limit at which the gap to a bound was reached without avoidable tardiness."""
    first: dict[int, float] = {}
    for seconds in LIMITS_S:
        if seconds > limit_of(problem) or len(first) == len(GAPS_PERCENT):
            break
        made, _, _ = planned(problem, seconds, seed)
        for gap in GAPS_PERCENT:
            on_time = made.weighted_tardiness == made.lower_bound_tardiness and not made.unscheduled
            if on_time and gap_percent(made, bound_min) <= gap:
                first.setdefault(gap, seconds)
    reached = (f"{first[gap]:g} s" if gap in first else "-" for gap in GAPS_PERCENT)
    print(f"| {name} | {' | '.join(reached)} |", flush=True)


def part(problem: DecoctionProblem, size: int) -> DecoctionProblem:
    """About the first `size` jobs of a day in their given order, with pots and people in proportion."""
    share = size / len(problem.jobs)
    kinds: dict[tuple[str, int], list[int]] = {}
    for index, pot in enumerate(problem.pots):
        kinds.setdefault((pot.duty, pot.max_ml), []).append(index)
    kept = sorted(i for each in kinds.values() for i in each[: math.ceil(share * len(each))])
    crew = Crew(
        *(math.ceil(share * getattr(problem.crew, role)) for role in ("packers", "loaders", "adders"))
    )
    return replace(problem, jobs=problem.jobs[:size], pots=tuple(problem.pots[i] for i in kept), crew=crew)


def main() -> None:
    """Read the arguments and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of decoction days")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--curve", action="store_true")
    parser.add_argument("--growth", action="store_true")
    options = parser.parse_args()
    days = {
        path.stem: decoction_from_dict(json.loads(path.read_text("utf-8")))
        for path in options.data.glob("*.json")
    }
    days = dict(sorted(days.items(), key=lambda item: len(item[1].jobs)))
    if not days:
        parser.error(f"{options.data} holds no *.json")
    head = "| day | jobs | tardiness (bound) | makespan | bound | gap % | by | s | MiB | violations |"
    print(head, "|---" * 10 + "|", sep="\n")
    bounds = {
        name: row(name, problem, limit_of(problem), options.seed).lower_bound_min
        for name, problem in days.items()
    }
    if options.growth:
        largest = list(days.values())[-1]
        for size in (size for size in SIZES if size <= len(largest.jobs)):
            smaller = part(largest, size)
            row(f"{size} of the largest", smaller, limit_of(smaller), options.seed)
    if options.curve:
        print("\n| day | 5 % | 2 % | 1 % |", "|---" * 4 + "|", sep="\n")
        for name, problem in days.items():
            curve(name, problem, bounds[name], options.seed)


if __name__ == "__main__":
    main()
