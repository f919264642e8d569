"""List scheduling: jobs placed one after the other, each as early as everything it needs is free."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from dispatch.decoction.board import Board, lowest, new_board, runs, shifted, spread
from dispatch.decoction.tasks import Task, Tasks

_ROUNDS_A_REPORT = 50


@dataclass(frozen=True, slots=True)
class Placing:
    """Where one task went, in units: start of loading, start of packing, index of the pot."""

    load: int
    pack: int
    pot: int


@dataclass(frozen=True, slots=True)
class Listed:
    """A whole list schedule: a placing for every task, None where it found no room."""

    placings: tuple[Placing | None, ...]
    value: tuple[int, int, int]


def value_of(tasks: Tasks, placings: tuple[Placing | None, ...]) -> tuple[int, int, int]:
    """What is to be made small: jobs without a place, then weighted tardiness (min), then makespan (min)."""
    missing = tardiness = makespan = 0
    for task, placing in zip(tasks.tasks, placings, strict=True):
        if placing is None:
            missing += 1
            continue
        end = placing.pack * tasks.unit_min + task.job.pack_min
        tardiness += task.job.weight * max(0, end - task.job.due_min)
        makespan = max(makespan, end)
    return missing, tardiness, makespan


def place_in_order(tasks: Tasks, order: list[int]) -> Listed:
    """One list schedule: the tasks in the given order (serial generation scheme; Kolisch, EJOR 90, 1996)."""
    board = new_board(tasks)
    grid = _grid_mask(board.units, tasks.step)
    placings: list[Placing | None] = [None] * len(tasks.tasks)
    # What is in a pot must be packed whatever comes: it chooses first.
    for index in sorted(order, key=lambda i: not tasks.tasks[i].in_pot):
        placing = _earliest(tasks, board, grid, tasks.tasks[index])
        placings[index] = placing
        if placing is None:
            continue
        if tasks.tasks[index].in_pot:
            board.packers.take(placing.pack, tasks.tasks[index].pack)
        else:
            board.take(tasks.tasks[index], placing.load, placing.pack, placing.pot)
    done = tuple(placings)
    return Listed(done, value_of(tasks, done))


def list_schedule(
    tasks: Tasks,
    *,
    seconds: float,
    seed: int,
    rounds: int | None = None,
    enough: tuple[int, int, int] = (0, 0, 0),
    on_progress: Callable[[float], None] | None = None,
) -> Listed:
    """The best of several rules, then of small random changes of the best order, until the time is up.

    Args:
        tasks: the plannable jobs.
        seconds: how long to go on changing the order; the rules themselves always run.
        seed: of the random changes.
        rounds: how many changes to try, instead of seconds; makes the result repeatable.
        enough: a value that nothing can beat, at which to stop.
        on_progress: told a fraction 0..1 now and then.
    """
    began = time.perf_counter()
    best_order, best = min(
        ((order, place_in_order(tasks, order)) for order in _rules(tasks)), key=lambda pair: pair[1].value
    )
    rng = random.Random(seed)  # noqa: S311 (a search, not a secret)
    done = 0
    while len(best_order) > 1 and best.value > enough:
        limit, spent = (rounds, done) if rounds is not None else (seconds, time.perf_counter() - began)
        if spent >= limit:
            break
        done += 1
        if on_progress is not None and done % _ROUNDS_A_REPORT == 0:
            on_progress(spent / limit)
        order = _change(best_order, tasks, best, rng)
        found = place_in_order(tasks, order)
        if found.value <= best.value:
            best_order, best = order, found
    return best


def _earliest(tasks: Tasks, board: Board, grid: int, task: Task) -> Placing | None:
    last_pack = tasks.horizon - task.pack
    if last_pack < 0:
        return None
    packs = runs(board.packers.free, task.pack) & grid & ((1 << (last_pack + 1)) - 1)
    low, high = task.pack_window
    if task.in_pot:
        packs &= _between(task.first_load + low, task.first_load + high)
        return Placing(task.first_load, lowest(packs), task.pots[0]) if packs else None
    starts = _between(task.first_load, task.last_load) & grid
    starts &= runs(board.loaders.free, task.load)
    starts &= shifted(runs(board.adders.free, task.add), task.add_offset)
    starts &= shifted(spread(packs, high - low), low)
    if not starts:
        return None
    open_at = {pot: runs(board.pots[pot], task.pot_length) for pot in task.pots}
    somewhere = 0
    for mask in open_at.values():
        somewhere |= mask
    starts &= somewhere
    if not starts:
        return None
    load = lowest(starts)
    # The smallest pot that serves, so that the large ones stay free for the large jobs.
    pot = next(pot for pot in task.pots if open_at[pot] >> load & 1)
    return Placing(load, lowest(packs & _between(load + low, load + high)), pot)


def _rules(tasks: Tasks) -> list[list[int]]:
    every = range(len(tasks.tasks))

    def due(index: int) -> tuple[int, int, int]:
        job = tasks.tasks[index].job
        return job.due_min, -job.weight, job.release_min

    def slack(index: int) -> tuple[int, int]:
        task = tasks.tasks[index]
        return task.job.due_min - task.cook * tasks.unit_min, -task.job.weight

    def longest(index: int) -> tuple[int, int]:
        return tasks.tasks[index].first_load, -tasks.tasks[index].pot_length

    def weighted(index: int) -> float:
        return tasks.tasks[index].job.due_min / (1 + tasks.tasks[index].job.weight)

    return [
        sorted(every, key=due),
        sorted(every, key=slack),
        sorted(every, key=longest),
        sorted(every, key=weighted),
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
    placing, job = listed.placings[index], tasks.tasks[index].job
    if placing is None:
        return True
    end = placing.pack * tasks.unit_min + job.pack_min
    return end > job.due_min if listed.value[1] else end == listed.value[2]


def _between(first: int, last: int) -> int:
    return ((1 << (last + 1)) - 1) & ~((1 << max(0, first)) - 1) if last >= max(0, first) else 0


def _grid_mask(units: int, step: int) -> int:
    return sum(1 << unit for unit in range(0, units, step))
