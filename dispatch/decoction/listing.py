"""List scheduling: jobs placed one after the other, each as early as everything it needs is free."""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from dispatch.decoction.board import Board, lowest, new_board, runs, shifted, spread
from dispatch.decoction.tasks import Task, Tasks

_ROUNDS_A_REPORT = 50
# Widths of the random moves, and how long before they must a load begins at the latest: steps of the grid.
_JITTERS = (0.3, 0.6, 1.0, 2.0, 4.0, 8.0)
_HURRIES = (0.0, 2.0, 4.0, 8.0, 12.0, 20.0)


@dataclass(frozen=True, slots=True)
class Placing:
    """Where one load went, in units: start of loading, starts of its packings, the class of its pot."""

    load: int
    packs: tuple[int, ...]
    pot_class: int


@dataclass(frozen=True, slots=True)
class Listed:
    """A whole schedule: a placing for every task, None where it found no room."""

    placings: tuple[Placing | None, ...]
    value: tuple[int, int, int]


def value_of(tasks: Tasks, placings: Sequence[Placing | None]) -> tuple[int, int, int]:
    """What is to be made small: jobs without a place, then weighted tardiness (min), then makespan (min)."""
    missing = tardiness = makespan = 0
    for task, placing in zip(tasks.tasks, placings, strict=True):
        if placing is None:
            missing += len(task.jobs)
            continue
        for job, pack in zip(task.jobs, placing.packs, strict=True):
            end = pack * tasks.unit_min + job.pack_min
            makespan = max(makespan, end)
            if end > job.due_min:
                tardiness += job.weight * (end - job.due_min)
    return missing, tardiness, makespan


def place_in_order(tasks: Tasks, order: Sequence[int], not_before: Mapping[int, int] | None = None) -> Listed:
    """One list schedule: the tasks in the given order (serial generation scheme; Kolisch, EJOR 90, 1996).

    Args:
        tasks: the problem in units.
        order: every index of a task once.
        not_before: the earliest start of loading of some tasks; who finds no room then is placed freely.
    """
    board = new_board(tasks)
    grid = grid_mask(board.units, tasks.step)
    placings: list[Placing | None] = [None] * len(tasks.tasks)
    # What is in a pot must be packed whatever comes: it chooses first.
    for index in sorted(order, key=lambda i: not tasks.tasks[i].in_pot):
        task = tasks.tasks[index]
        first = not_before.get(index, 0) if not_before else 0
        placing = earliest(tasks, board, grid, task, first)
        if placing is None and first > task.first_load:
            placing = earliest(tasks, board, grid, task)
        placings[index] = placing
        if placing is not None:
            put(board, task, placing)
    return Listed(tuple(placings), value_of(tasks, placings))


def put(board: Board, task: Task, placing: Placing, by: int = 1) -> None:
    """Enter a placing on the board, or take it off with `by` -1; a task in its pot is there already."""
    if not task.in_pot:
        board.occupy(task, placing.load, placing.pot_class, by)
    board.pack(task, placing.packs, by)


@dataclass(frozen=True, slots=True)
class Ranks:
    """What a list schedule follows: for every task, in steps of the grid, when it should begin and must.

    Attributes:
        begin: when it should.
        latest: the last start at which all its jobs can be on time.
        pool: which pots it competes for; `tight` names these pools, the most pressing first.
    """

    begin: tuple[float, ...]
    latest: tuple[float, ...]
    pool: tuple[str, ...]
    tight: tuple[str, ...]


def along(
    tasks: Tasks,
    ranks: Ranks,
    *,
    seconds: float,
    seed: int,
    rounds: int | None = None,
    enough: tuple[int, int, int] = (0, 0, 0),
    on_progress: Callable[[float], None] | None = None,
) -> Listed:
    """The best of many list schedules that follow `ranks`, each time moved a little at random.

    Args:
        tasks: the plannable jobs.
        ranks: for every task, when it should begin.
        seconds: how long to go on; the first one always runs.
        seed: of the random moves.
        rounds: how many schedules to try at most; makes the result repeatable.
        enough: a value that nothing can beat, at which to stop.
        on_progress: told a fraction 0..1 now and then.
    """
    began = time.perf_counter()
    rng = random.Random(seed)  # noqa: S311 (a search, not a secret)
    best: Listed | None = None
    done = 0
    # What worked last time is tried again more often than the rest.
    ways = [(hurry, first) for hurry in _HURRIES for first in range(min(2, len(ranks.tight)) + 1)]
    good = ways[0]
    while best is None or best.value > enough:
        limit, spent = (rounds, done) if rounds is not None else (seconds, time.perf_counter() - began)
        if best is not None and (spent >= limit or time.perf_counter() - began >= seconds):
            break
        if on_progress is not None:
            on_progress(min(1.0, spent / limit))
        way = ways[done] if done < len(ways) else good if rng.random() < 0.6 else rng.choice(ways)
        width = 0.0 if done < len(ways) else rng.choice(_JITTERS)
        found = place_in_order(tasks, _moved(tasks, ranks, way, width, rng))
        if best is None or found.value < best.value:
            best, good = found, way
        done += 1
    return best


def _moved(tasks: Tasks, ranks: Ranks, way: tuple[float, int], width: float, rng: random.Random) -> list[int]:
    """An order along the ranks: who would be late goes `hurry` steps ahead, the tightest pools lead."""
    hurry, first = way
    leading = set(ranks.tight[:first])
    keys = [
        (
            pool not in leading,
            min(begin, latest - hurry) + (rng.uniform(-width, width) if width else 0.0),
            # The longer of two loads that should begin together goes first: it is the harder one to place.
            -task.pot_length,
        )
        for begin, latest, pool, task in zip(ranks.begin, ranks.latest, ranks.pool, tasks.tasks, strict=True)
    ]
    return sorted(range(len(keys)), key=keys.__getitem__)


def list_schedule(
    tasks: Tasks,
    *,
    seconds: float,
    seed: int,
    rounds: int | None = None,
    enough: tuple[int, int, int] = (0, 0, 0),
    start: Listed | None = None,
    on_progress: Callable[[float], None] | None = None,
) -> Listed:
    """The best of several rules, then of small random changes of the best order, until the time is up.

    Args:
        tasks: the plannable jobs.
        seconds: how long to go on changing the order; the rules themselves always run.
        seed: of the random changes.
        rounds: how many changes to try at most; makes the result repeatable.
        enough: a value that nothing can beat, at which to stop.
        start: a schedule to begin from where it is better than the rules'.
        on_progress: told a fraction 0..1 now and then.
    """
    began = time.perf_counter()
    best_order, best = min(
        ((order, place_in_order(tasks, order)) for order in _rules(tasks)), key=lambda pair: pair[1].value
    )
    rng = random.Random(seed)  # noqa: S311 (a search, not a secret)
    if start is not None and start.value < best.value:
        best_order, best = _order_of(start), start
    done = 0
    while len(best_order) > 1 and best.value > enough:
        limit, spent = (rounds, done) if rounds is not None else (seconds, time.perf_counter() - began)
        if spent >= limit or time.perf_counter() - began >= seconds:
            break
        done += 1
        if on_progress is not None and done % _ROUNDS_A_REPORT == 0:
            on_progress(spent / limit)
        order = _change(best_order, tasks, best, rng)
        found = place_in_order(tasks, order)
        if found.value <= best.value:
            best_order, best = order, found
    return best


def earliest(tasks: Tasks, board: Board, grid: int, task: Task, not_before: int = 0) -> Placing | None:
    """The earliest place for a task; the smallest pot that serves, so that the large ones stay free."""
    low, high = task.pack_window
    last_pack = tasks.horizon - min(task.packs)
    if last_pack < 0:
        return None
    packs = runs(board.packers.free, max(task.packs)) & grid & ((1 << (last_pack + 1)) - 1)
    if task.pot is not None:
        found = _packings(tasks, board, grid, task, task.first_load)
        return None if found is None else Placing(task.first_load, found, task.classes[0])
    starts = _between(max(not_before, task.first_load), task.last_load) & grid
    starts &= runs(board.loaders.free, task.load)
    if task.add:
        starts &= shifted(runs(board.adders.free, task.add), task.add_offset)
    starts &= shifted(spread(packs, high - low), low)
    if not starts:
        return None
    open_at = [(each, runs(board.pots[each].free, task.pot_length)) for each in task.classes]
    somewhere = 0
    for _, mask in open_at:
        somewhere |= mask
    starts &= somewhere
    while starts:
        load = lowest(starts)
        if len(task.packs) == 1:
            found = (lowest(packs & _between(load + low, load + high)),)
        elif task.adders > 1 and not board.adders.has(load + task.add_offset, task.add, task.adders):
            found = None
        else:
            found = _packings(tasks, board, grid, task, load)
        if found is not None:
            return Placing(load, found, next(each for each, mask in open_at if mask >> load & 1))
        starts &= starts - 1
    return None


def _packings(tasks: Tasks, board: Board, grid: int, task: Task, load: int) -> tuple[int, ...] | None:
    """A start for every packing of a load, the most pressing first; None where there is no room."""
    low, high = task.pack_window
    found = [0] * len(task.packs)
    done: list[tuple[int, int]] = []
    for index in sorted(range(len(task.packs)), key=lambda i: (task.jobs[i].due_min, -task.jobs[i].weight)):
        length = task.packs[index]
        window = _between(load + low, min(load + high, tasks.horizon - length))
        free = runs(board.packers.free, length) & grid & window
        if not free:
            break
        found[index] = lowest(free)
        board.packers.take(found[index], length)
        done.append((found[index], length))
    for start, length in done:
        board.packers.take(start, length, -1)
    return tuple(found) if len(done) == len(found) else None


def _rules(tasks: Tasks) -> list[list[int]]:
    every = range(len(tasks.tasks))
    due = [min(job.due_min for job in task.jobs) for task in tasks.tasks]
    weight = [sum(job.weight for job in task.jobs) for task in tasks.tasks]

    def slack(index: int) -> tuple[int, int]:
        return due[index] - tasks.tasks[index].cook * tasks.unit_min, -weight[index]

    def longest(index: int) -> tuple[int, int]:
        return tasks.tasks[index].first_load, -tasks.tasks[index].pot_length

    return [
        sorted(every, key=lambda i: (due[i], -weight[i], tasks.tasks[i].first_load)),
        sorted(every, key=slack),
        sorted(every, key=longest),
        sorted(every, key=lambda i: due[i] / (1 + weight[i])),
    ]


def _change(order: list[int], tasks: Tasks, best: Listed, rng: random.Random) -> list[int]:
    """Move one to three tasks, late ones by preference, some places forward, or exchange two."""
    order = list(order)
    late = [place for place, index in enumerate(order) if _is_late(tasks, best, index)]
    for _ in range(rng.randint(1, 3)):
        place = rng.choice(late) if late and rng.random() < 0.7 else rng.randrange(len(order))
        if rng.random() < 0.6 and place:
            order.insert(rng.randrange(place), order.pop(place))
        else:
            other = rng.randrange(len(order))
            order[place], order[other] = order[other], order[place]
    return order


def _is_late(tasks: Tasks, listed: Listed, index: int) -> bool:
    placing, jobs = listed.placings[index], tasks.tasks[index].jobs
    if placing is None:
        return True
    ends = [p * tasks.unit_min + j.pack_min for j, p in zip(jobs, placing.packs, strict=True)]
    if listed.value[1]:
        return any(end > job.due_min for job, end in zip(jobs, ends, strict=True))
    return max(ends) == listed.value[2]


def _between(first: int, last: int) -> int:
    return ((1 << (last + 1)) - 1) & ~((1 << max(0, first)) - 1) if last >= max(0, first) else 0


def _order_of(listed: Listed) -> list[int]:
    return sorted(
        range(len(listed.placings)),
        key=lambda i: each.load if (each := listed.placings[i]) is not None else 1 << 40,
    )


@lru_cache(maxsize=8)
def grid_mask(units: int, step: int) -> int:
    """The mask of the units at which something may start."""
    return sum(1 << unit for unit in range(0, units, step))
