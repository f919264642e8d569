"""What a search in a process of its own costs, and how soon it is gone: `python -m bench.worker`.

A made-up county day is planned as the worker plans it, cancelled in mid-search, and planned on after a pot
failed. Seconds are wall time and depend on what else the machine does.
"""

import argparse
import os
import threading
import time
from functools import partial

from dispatch.events import PotDown, standing
from dispatch.plan_types import DayPlan
from dispatch.problem import Day
from dispatch.sample import synthetic_day
from dispatch.travel import Travel, great_circle_travel
from tcm.services.reporting import ANSWER_S
from web.jobs.search import NoLongerWanted, SearchApart, resident_bytes
from web.jobs.tasks import Effort, solve_after_events, solve_day

MEBIBYTE = 1024 * 1024
NOON_MIN = 360


class Peak:
    """The most memory that this process' children hold together, looked at twenty times a second."""

    def __init__(self) -> None:
        self.bytes = 0
        self._over = threading.Event()
        self._watch = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> "Peak":
        self._watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._watch.join()

    def _look(self) -> None:
        while not self._over.wait(0.05):
            mine = resident_bytes(os.getpid())
            children = mine - _own_bytes()
            self.bytes = max(self.bytes, children)


def _own_bytes() -> int:
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def plan_apart(search: SearchApart, day: Day, travel: Travel, effort: Effort) -> DayPlan:
    """Plan as the worker does, and print what the process cost."""
    words: list[float] = []
    began_s = time.monotonic()
    with Peak() as peak:
        solved = search(
            partial(solve_day, day, travel, effort),
            lambda *_: words.append(time.monotonic() - began_s),
            lambda: True,
        )
    print(
        f"plan of {len(day.orders)} in {effort.seconds:.0f} s: first word after {words[0]:.2f} s,"
        f" answer after {time.monotonic() - began_s:.1f} s, at most {peak.bytes / MEBIBYTE:.0f} MiB,"
        f" {len(solved.violations)} violations"
    )
    return solved.plan


def cancel(search: SearchApart, day: Day, travel: Travel) -> None:
    """Stop a search after its first word, and print how soon it is gone."""
    told: list[float] = []
    unwanted: list[float] = []

    def is_wanted() -> bool:
        if told:
            unwanted.append(time.monotonic())
        return not told

    task = partial(solve_day, day, travel, Effort(60.0, 1))
    try:
        search(task, lambda fraction, _: told.append(fraction), is_wanted)
    except NoLongerWanted:
        print(f"cancelled: gone {time.monotonic() - unwanted[0]:.3f} s after the row was read")


def answer_event(search: SearchApart, day: Day, travel: Travel, made: DayPlan) -> None:
    """Plan on after a pot failed, and print how soon and what moved."""
    pot = made.schedule.jobs[0].pot_id
    stands = standing(day, made, [PotDown(pot)], now_min=NOON_MIN, travel=travel)
    began_s = time.monotonic()
    task = partial(solve_after_events, stands, made, {}, Effort(ANSWER_S, 1))
    again = search(task, lambda *_: None, lambda: True)
    moved = {name: len(each) for name, each in again.difference.items() if isinstance(each, list)}
    print(
        f"after pot {pot} failed: answer after {time.monotonic() - began_s:.1f} s,"
        f" {moved['orders']} orders and {moved['jobs']} jobs moved,"
        f" {moved['newly_unserved']} left out, {len(again.violations)} violations"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--orders", type=int, default=170)
    parser.add_argument("--seconds", type=float, default=20.0)
    asked = parser.parse_args()
    day = synthetic_day(seed=asked.seed, orders=asked.orders)
    travel = great_circle_travel(day.centre, day.villages, day.travel)
    search = SearchApart(memory_mb=4096, seconds=600)
    print(f"load average {os.getloadavg()[0]:.1f}")
    made = plan_apart(search, day, travel, Effort(asked.seconds, asked.seed))
    cancel(search, day, travel)
    answer_event(search, day, travel, made)


if __name__ == "__main__":
    main()
