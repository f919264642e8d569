"""Window neighbourhood search: again and again, CP-SAT places the loads of a stretch of the day anew."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from dispatch.decoction.cp_sat import Limits, improve
from dispatch.decoction.listing import Listed
from dispatch.decoction.tasks import Tasks
from dispatch.problem import DUTY_FOR

# How many loads a window holds at first and at most.
_FEW, _MOST = 40, 400
# One window may take this share of the time left, within these seconds.
_WINDOW_SHARE, _SHORTEST_S, _LONGEST_S = 0.25, 0.5, 6.0


@dataclass(frozen=True, slots=True)
class Window:
    """Loads to place anew, and the first and last unit at which they may be loaded."""

    chosen: tuple[int, ...]
    span: tuple[int, int]


def search(
    tasks: Tasks,
    start: Listed,
    *,
    enough: tuple[int, int, int],
    limits: Limits,
    on_progress: Callable[[float], None] | None = None,
) -> Listed:
    """Improve a schedule window by window until the time is up or nothing can be better.

    A window holds loads around those that hurt: without a place, late, or packed last. It grows where CP-SAT
    proves that it holds nothing better and shrinks where CP-SAT does not come to an end.

    Args:
        tasks: the problem in units.
        start: a valid schedule.
        enough: a value that nothing can beat: missing jobs, weighted tardiness (min), makespan (min).
        limits: of all windows together.
        on_progress: told a fraction 0..1 after each window.
    """
    began = time.perf_counter()
    rng = random.Random(limits.seed)  # noqa: S311 (a search, not a secret)
    best, size, number = start, float(_FEW), 0
    budget = limits.seconds if limits.work is None else limits.work
    spent = 0.0
    target = -(-enough[2] // tasks.unit_min)
    best_cost = _cost(tasks, best, target)
    while best.value > enough and tasks.tasks:
        wall = limits.seconds - (time.perf_counter() - began)
        left = wall if limits.work is None else budget - spent
        if min(left, wall) < _SHORTEST_S / 2:
            break
        seconds = min(left, _LONGEST_S, max(_SHORTEST_S, left * _WINDOW_SHARE))
        window = choose(tasks, best, rng, int(size))
        number += 1
        found = improve(
            tasks,
            best,
            window.chosen,
            window.span,
            target,
            Limits(
                wall if limits.work is not None else seconds,
                limits.seed + number,
                limits.threads,
                None if limits.work is None else seconds,
            ),
        )
        spent += seconds
        cost = _cost(tasks, found.listed, target)
        if cost < best_cost:
            best, best_cost = found.listed, cost
        elif cost == best_cost:
            best = found.listed
        size = min(_MOST, size * 1.3) if found.is_best else max(_FEW / 2, size * 0.85)
        if on_progress is not None:
            on_progress(min(1.0, max(0.0, 1 - (left - seconds) / budget)))
    return best


def choose(tasks: Tasks, listed: Listed, rng: random.Random, size: int) -> Window:
    """A window of about `size` loads around one that hurts, most of them of its duty.

    Args:
        tasks: the problem in units.
        listed: the schedule.
        rng: of the choice.
        size: how many loads.
    """
    hurting = _hurting(tasks, listed)
    worst = rng.choice(hurting)
    placing, job = listed.placings[worst], tasks.tasks[worst].jobs[0]
    middle = placing.load if placing is not None else rng.randint(0, tasks.horizon)
    if placing is None or rng.random() < 0.3:
        middle = rng.randint(tasks.tasks[worst].first_load, max(middle, tasks.tasks[worst].first_load))
    duty = DUTY_FOR[job.taint]
    everybody = rng.random() < 0.3

    def distance(index: int) -> float:
        each = listed.placings[index]
        at = middle if each is None else each.load
        other = 0.0 if everybody or DUTY_FOR[tasks.tasks[index].jobs[0].taint] == duty else tasks.horizon
        return abs(at - middle) + other + rng.random()

    inside = sorted(range(len(tasks.tasks)), key=distance)[:size]
    chosen = tuple(sorted({*inside, *rng.sample(hurting, min(len(hurting), max(1, size // 4))), worst}))
    loads = [each.load for index in chosen if (each := listed.placings[index]) is not None] or [middle]
    margin = 60 // tasks.unit_min + 1
    return Window(chosen, (min(loads) - margin, max(loads) + margin))


def _hurting(tasks: Tasks, listed: Listed) -> list[int]:
    """The loads without a place; if there are none, those that are late; if none is, the last packed."""
    missing = [index for index, each in enumerate(listed.placings) if each is None]
    if missing:
        return missing
    late: list[int] = []
    last: list[int] = []
    for index, (task, placing) in enumerate(zip(tasks.tasks, listed.placings, strict=True)):
        if placing is None:
            continue
        ends = [
            (pack * tasks.unit_min + job.pack_min, job)
            for pack, job in zip(placing.packs, task.jobs, strict=True)
        ]
        if any(end > job.due_min and job.weight for end, job in ends):
            late.append(index)
        if any(end >= listed.value[2] - tasks.problem.grid_min for end, _ in ends):
            last.append(index)
    return late if late and listed.value[1] else last


def _cost(tasks: Tasks, listed: Listed, target: int) -> tuple[int, int, int, int]:
    """The value of a schedule, and of equal ones how much of it lies beyond the target."""
    beyond = sum(
        max(0, pack + length - target)
        for task, placing in zip(tasks.tasks, listed.placings, strict=True)
        if placing is not None
        for pack, length in zip(placing.packs, task.packs, strict=True)
    )
    return (*listed.value, beyond)
