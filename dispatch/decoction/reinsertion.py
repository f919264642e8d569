"""Large neighbourhood search on the board: loads are taken off and placed again in another order.

A schedule that follows the relaxation fills the pots for nearly the whole day and ends a step or two too
late. What then hurts are a few packings at its end. Each step takes some of these and some loads of an
earlier hour off the board and places them again, those that hurt first, so that a short load comes to stand
where a long one did.
"""

import math
import random
import time
from collections.abc import Callable, Sequence

from dispatch.decoction.board import Board, new_board
from dispatch.decoction.listing import Listed, Placing, earliest, grid_mask, put, value_of
from dispatch.decoction.tasks import Task, Tasks

_MOST_HURTING, _FEWEST_OTHERS, _MOST_OTHERS = 3, 3, 25
# Around the chosen moment, in steps of the grid.
_SPANS = (6, 12, 20)
# A step of the grid beyond the target, a minute late, a job without a place.
_BEYOND, _LATE, _MISSING = 1.0, 100.0, 1e6
_TEMPERATURE = 0.6
_STEPS_A_LOOK = 20


def reinsert(
    tasks: Tasks,
    start: Listed,
    ranks: Sequence[float],
    *,
    enough: tuple[int, int, int],
    seconds: float,
    seed: int,
    steps: int | None = None,
    on_progress: Callable[[float], None] | None = None,
) -> Listed:
    """Improve a schedule until the time is up or nothing can be better.

    The target is one step of the grid before the end reached; where it is met, the next one.

    Args:
        tasks: the problem in units.
        start: a valid schedule.
        ranks: for every task when it should begin, in steps of the grid.
        enough: a value that nothing can beat: missing jobs, weighted tardiness (min), makespan (min).
        seconds: time limit.
        seed: of the random choices.
        steps: count steps as well; makes the result repeatable.
        on_progress: told a fraction 0..1 now and then.
    """
    began, done = time.perf_counter(), 0
    rng = random.Random(seed)  # noqa: S311 (a search, not a secret)
    best = start
    search = _Search(tasks, start, ranks, rng)
    while best.value > enough and search.aim(best.value, enough):
        while search.cost > 0:
            if done % _STEPS_A_LOOK == 0:
                gone = (time.perf_counter() - began) / seconds if seconds > 0 else 1.0
                if steps is not None:
                    gone = max(gone, done / steps if steps else 1.0)
                if gone >= 1:
                    return best
                if on_progress is not None:
                    on_progress(gone)
            done += 1
            if search.step():
                found = search.listed()
                best = min(best, found, key=lambda each: each.value)
                if best.value <= enough:
                    break
        best = min(best, search.listed(), key=lambda each: each.value)
    return best


class _Search:
    """The schedule as it is changed."""

    def __init__(self, tasks: Tasks, start: Listed, ranks: Sequence[float], rng: random.Random) -> None:
        self.tasks, self.ranks, self.rng = tasks, ranks, rng
        self.board: Board = new_board(tasks)
        self.grid = grid_mask(self.board.units, tasks.step)
        self.placings: list[Placing | None] = list(start.placings)
        self.by_load: dict[int, set[int]] = {}
        for index, placing in enumerate(self.placings):
            if placing is not None:
                put(self.board, tasks.tasks[index], placing)
                self._enter(index, placing)
        self.target = 0
        self.costs: list[float] = []
        self.hurting: set[int] = set()
        self.cost = self.least = math.inf

    def listed(self) -> Listed:
        """The schedule now."""
        return Listed(tuple(self.placings), value_of(self.tasks, self.placings))

    def aim(self, reached: tuple[int, int, int], enough: tuple[int, int, int]) -> bool:
        """Set the end that the schedule should have; False where there is nothing left to be had."""
        grid, unit = self.tasks.problem.grid_min, self.tasks.unit_min
        end_min = max(enough[2], reached[2] - grid)
        if reached[:2] > enough[:2]:
            # Who is late or left out hurts first: the end may stay where it is.
            end_min = reached[2]
        self.target = end_min // unit
        self.costs = [
            self._cost(task, placing) for task, placing in zip(self.tasks.tasks, self.placings, strict=True)
        ]
        self.hurting = {
            index for index, cost in enumerate(self.costs) if cost > 0 and not self.tasks.tasks[index].in_pot
        }
        self.cost = self.least = sum(self.costs)
        return bool(self.hurting)

    def step(self) -> bool:
        """Take some loads off and place them again; whether the schedule is now cheaper than ever."""
        if not self.hurting:
            self.cost = 0.0
            return True
        hurt = self.rng.sample(
            sorted(self.hurting), min(len(self.hurting), self.rng.randint(1, _MOST_HURTING))
        )
        out = hurt + self._others(hurt)
        before = [self.placings[index] for index in out]
        for index, placing in zip(out, before, strict=True):
            if placing is not None:
                put(self.board, self.tasks.tasks[index], placing, -1)
        after: dict[int, Placing | None] = {}
        for index in self._order(hurt, out):
            task = self.tasks.tasks[index]
            after[index] = placing = earliest(self.tasks, self.board, self.grid, task)
            if placing is not None:
                put(self.board, task, placing)
        costs = [self._cost(self.tasks.tasks[index], after[index]) for index in out]
        cost = self.cost - sum(self.costs[index] for index in out) + sum(costs)
        if cost > self.cost and self.rng.random() >= math.exp((self.cost - cost) / _TEMPERATURE):
            self._undo(out, before, after)
            return False
        self._accept(out, before, after, costs)
        self.cost = cost
        if cost < self.least:
            self.least = cost
            return True
        return False

    def _others(self, hurt: Sequence[int]) -> list[int]:
        """Loads about one moment before those that hurt."""
        step, rng, span = self.tasks.step, self.rng, self.rng.choice(_SPANS)
        loads = [placing.load for index in hurt if (placing := self.placings[index]) is not None]
        last = max(loads, default=self.target)
        middle = rng.randint(min(self.tasks.tasks[hurt[0]].first_load, last), last) // step
        near = [
            index
            for at in range(middle - span, middle + span + 1)
            for index in sorted(self.by_load.get(at, ()))
            if index not in hurt
        ]
        return rng.sample(near, min(len(near), rng.randint(_FEWEST_OTHERS, _MOST_OTHERS)))

    def _order(self, hurt: Sequence[int], out: list[int]) -> list[int]:
        rng, way = self.rng, self.rng.random()
        if way < 0.4:
            others = sorted(out[len(hurt) :], key=lambda index: self.ranks[index] + rng.uniform(-6, 6))
            return [*hurt, *others]
        if way < 0.7:
            return sorted(out, key=lambda index: rng.uniform(-4, 4) - self.tasks.tasks[index].pot_length)
        return rng.sample(out, len(out))

    def _cost(self, task: Task, placing: Placing | None) -> float:
        if placing is None:
            return _MISSING * len(task.jobs)
        cost = 0.0
        for job, pack, length in zip(task.jobs, placing.packs, task.packs, strict=True):
            cost += _BEYOND * max(0, pack + length - self.target) / self.tasks.step
            end_min = pack * self.tasks.unit_min + job.pack_min
            # What it is late in any case hurts nobody more.
            due_min = max(job.due_min, task.earliest_end * self.tasks.unit_min)
            cost += _LATE * job.weight * max(0, end_min - due_min)
        return cost

    def _undo(
        self, out: Sequence[int], before: Sequence[Placing | None], after: dict[int, Placing | None]
    ) -> None:
        for index, was in zip(out, before, strict=True):
            task, placing = self.tasks.tasks[index], after[index]
            if placing is not None:
                put(self.board, task, placing, -1)
            if was is not None:
                put(self.board, task, was)

    def _accept(
        self,
        out: Sequence[int],
        before: Sequence[Placing | None],
        after: dict[int, Placing | None],
        costs: Sequence[float],
    ) -> None:
        for index, was, cost in zip(out, before, costs, strict=True):
            placing = after[index]
            if was is not None:
                self.by_load[was.load // self.tasks.step].discard(index)
            if placing is not None:
                self._enter(index, placing)
            self.placings[index], self.costs[index] = placing, cost
            if cost > 0:
                self.hurting.add(index)
            else:
                self.hurting.discard(index)

    def _enter(self, index: int, placing: Placing) -> None:
        if not self.tasks.tasks[index].in_pot:
            self.by_load.setdefault(placing.load // self.tasks.step, set()).add(index)
