"""A schedule along the relaxation: loads in the order, and about at the times, in which it begins them."""

import heapq
from collections import defaultdict
from collections.abc import Mapping

import numpy as np

from dispatch.decoction.listing import Ranks
from dispatch.decoction.relaxation import Kind, Relaxed
from dispatch.decoction.tasks import Tasks
from dispatch.problem import DUTY_FOR


def times_of(singles: Tasks, kinds: tuple[Kind, ...], relaxed: Relaxed) -> dict[str, float]:
    """When the relaxation begins each job, in steps of the grid.

    Of the jobs of a kind that are released, the one due first goes first.

    Args:
        singles: the tasks the kinds were read from, each one job.
        kinds: of the relaxation.
        relaxed: its solution.
    """
    times: dict[str, float] = {}
    for kind, started in zip(kinds, relaxed.started, strict=True):
        # The middle of each job's share: half of it begun is the moment that stands for it.
        slots = np.searchsorted(started, np.cumsum(kind.amounts) - kind.amounts / 2 - 1e-6)
        by_release = sorted(range(len(kind.members)), key=lambda i: int(kind.first[i]))
        waiting: list[tuple[int, int]] = []
        after = 0
        for slot in slots:
            while after < len(by_release) and (kind.first[by_release[after]] <= slot or not waiting):
                chosen = by_release[after]
                heapq.heappush(waiting, (int(kind.due_by[chosen]), chosen))
                after += 1
            _, chosen = heapq.heappop(waiting)
            job = singles.tasks[kind.members[chosen]].jobs[0]
            times[job.id] = max(float(slot), float(kind.first[chosen]))
    return times


def ranks_of(tasks: Tasks, times: Mapping[str, float]) -> Ranks:
    """What a list schedule follows to come close to the relaxation.

    Args:
        tasks: the loads, shared ones included.
        times: when the relaxation begins each job.
    """
    grid, unit = tasks.problem.grid_min, tasks.unit_min
    begin: list[float] = []
    latest: list[float] = []
    work: dict[str, float] = defaultdict(float)
    pool: list[str] = []
    for task in tasks.tasks:
        duty = DUTY_FOR[task.jobs[0].taint]
        begin.append(-1.0 if task.in_pot else min(times.get(job.id, 0.0) for job in task.jobs))
        last = min(job.due_min - job.pack_min for job in task.jobs)
        # Who is late in any case gains nothing by going before those who need not be.
        floor = task.first_load * unit
        latest.append(max(last - task.pack_window[0] * unit, floor) / grid)
        pool.append(duty)
        work[duty] += task.pot_length
    members = {duty: sum(pot.duty == duty for pot in tasks.problem.pots) for duty in work}
    tight = sorted(work, key=lambda duty: -work[duty] / max(1, members[duty]))
    return Ranks(tuple(begin), tuple(latest), tuple(pool), tuple(tight))
