"""Both routing engines side by side on a folder of instances, as gaps to the best known solutions.

    python -m bench.routing --data ../shared/data/routing --seconds 10

Every instance runs as `tangye route` would run it, checked by dispatch.check. A `.sol` file beside an
instance gives the best known routes; the same checker counts their cost, so that both follow the same
conventions.
"""

import argparse
import os
import re
import resource
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from dispatch.check import check_solution
from dispatch.routing.engines import pyvrp_router
from dispatch.routing.engines.crew import Answered, Asked, Crew
from dispatch.routing.formats import FormatError, read_instance
from dispatch.routing.instance import Instance
from dispatch.routing.solution import Route, make_solution
from dispatch.routing.solve import ENGINES, solve

_TARGETS = (5.0, 2.0, 1.0)


@dataclass(frozen=True)
class Run:
    """One engine on one instance: what it found, when it reached the targets, what it used."""

    gap: str
    unserved: int
    engine: str
    reached: tuple[str, ...]
    wall_s: float
    core_s: float
    violations: int


def best_known(instance: Instance, path: Path) -> int | None:
    """Cost of the routes in the `.sol` file beside an instance, None where there is none."""
    known = path.with_suffix(".sol")
    if not known.exists():
        return None
    types = [at for at, kind in enumerate(instance.vehicle_types) for _ in range(kind.count)]
    routes = []
    for number, visits in re.findall(r"Route #(\d+):(.*)", known.read_text("utf-8")):
        trips: list[list[int]] = [[]]
        for node in map(int, visits.split()):
            if node:
                trips[-1].append(node)
            else:
                trips.append([])
        routes.append(Route(types[int(number) - 1], tuple(map(tuple, trips))))
    verdict = check_solution(instance, make_solution(instance, routes, "known"))
    assert not verdict.violations, f"{known}: {verdict.violations[0].detail}"
    return verdict.cost


def _core_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def run(instance: Instance, engine: str, seconds: float, seed: int, threads: int, known: int | None) -> Run:
    """Solve once and note when each target was reached."""
    told: list[tuple[float, int, int]] = []
    began_s, used_s = time.monotonic(), _core_seconds()
    found = solve(
        instance,
        engine=engine,
        seconds=seconds,
        seed=seed,
        threads=threads,
        progress=lambda at, left, cost: told.append((at, left, cost)),
    )
    wall_s = time.monotonic() - began_s

    def gap(cost: int) -> float:
        return 100.0 * (cost / known - 1.0) if known else float("nan")

    reached = []
    for target in _TARGETS:
        at = next((at for at, left, cost in told if not left and gap(cost) <= target), None)
        reached.append("-" if at is None else f"{at:.1f}")
    return Run(
        f"{gap(found.verdict.cost):.2f}"
        if known and not found.solution.unserved
        else str(found.verdict.cost),
        len(found.solution.unserved),
        found.solution.engine,
        tuple(reached),
        wall_s,
        _core_seconds() - used_s,
        len(found.verdict.violations),
    )


class _FreeCores(Crew):
    """Processes one after another, each from the same moment of a clock that counts processor time only.

    On a machine that does other work too this tells what as many free cores would find. OR-Tools looks at the
    real clock: the recombination gets less than it would, and the engine `ortools` cannot be measured so.
    """

    spent_beside_s = 0.0

    def __enter__(self) -> "Crew":
        return self

    def map(self, work: Callable[[Asked], Answered], asked: Iterable[Asked]) -> list[Answered]:
        lanes = [time.monotonic()] * self.threads
        answers = []
        for each in asked:
            lane = lanes.index(min(lanes))
            _FreeCores.spent_beside_s = time.process_time() - lanes[lane]
            answers.append(work(each))
            lanes[lane] = time.monotonic()
        _FreeCores.spent_beside_s = time.process_time() - max(lanes)
        return answers


def _count_processor_time() -> None:
    """Let every search of this process see the clock of free cores."""
    pyvrp_router.Crew = _FreeCores  # type: ignore[misc]  # only here
    time.monotonic = lambda: time.process_time() - _FreeCores.spent_beside_s


def table(paths: Sequence[Path], engines: Sequence[str], seconds: float, seed: int, threads: int) -> None:
    """Print one row for each instance and engine."""
    print(f"{seconds:g} s, seed {seed}, {threads} processes, load average {os.getloadavg()[0]:.1f}\n")
    print(
        "| instance | clients | engine | made by | gap % | left out | s to 5 / 2 / 1 % "
        "| wall s | core s | wrong |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    for path in paths:
        try:
            instance = read_instance(path.read_bytes(), path.stem)
        except FormatError as error:
            print(f"| {path.stem} | | | | {error} | | | | | |")
            continue
        known = best_known(instance, path)
        for engine in engines:
            one = run(instance, engine, seconds, seed, threads, known)
            print(
                f"| {path.stem} | {len(instance.clients)} | {engine} | {one.engine} | {one.gap} "
                f"| {one.unserved} | {' / '.join(one.reached)} | {one.wall_s:.1f} | {one.core_s:.1f} "
                f"| {one.violations} |",
                flush=True,
            )


def main() -> None:
    """Read the arguments and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of .txt, .vrp, .json and .sol files")
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=list(ENGINES))
    parser.add_argument("--only", nargs="*", default=[], help="names of instances")
    parser.add_argument(
        "--free-cores", action="store_true", help="count processor time, as if each process had its own core"
    )
    options = parser.parse_args()
    if options.free_cores:
        _count_processor_time()
    paths = sorted(path for path in options.data.iterdir() if path.suffix in (".txt", ".vrp", ".json"))
    chosen = [path for path in paths if not options.only or path.stem in options.only]
    table(chosen, options.engines, options.seconds, options.seed, options.threads)


if __name__ == "__main__":
    main()
