"""A schedule mended: what still holds stays where it is, the rest is placed around it."""

import time
from collections.abc import Mapping, Sequence, Set
from dataclasses import replace

from dispatch.decoction.board import Board, new_board
from dispatch.decoction.bounds import makespan_bound_min
from dispatch.decoction.floor import Floor
from dispatch.decoction.listing import Listed, Placing, earliest, grid_mask, put, value_of
from dispatch.decoction.results import to_schedule
from dispatch.decoction.tasks import Task, Tasks, read_tasks
from dispatch.plan_types import Schedule, ScheduledJob
from dispatch.problem import DecoctionProblem

# How often loads that found no place choose first next time.
_TRIES = 5
# A load that is moved counts as so many minutes late.
_MOVED_MIN = 20


def keep_schedule(problem: DecoctionProblem, before: Schedule, *, on_time: bool = False) -> Schedule:
    """Schedule the jobs with as few changes of an earlier schedule as a list can make.

    Whatever can keep its pot and its minutes does. What has lost them gets a place that has it packed no
    later, or else the next one; new jobs get the earliest place left. Where somebody finds no place or comes
    too late, he chooses first in a further try, the others keeping what they can or moving up in turn. Jobs
    that the earlier schedule has and the problem has not are over: their pots are still cleaned, and their
    packings that are under way go on.

    Args:
        problem: the jobs as they stand now.
        before: the schedule followed until now.
        on_time: of the tries, take the one with the fewest minutes after due times; by default the one with
            the fewest minutes after what was planned before, or after the due times of new jobs.
    """
    began = time.perf_counter()
    jobs = {job.id for job in problem.jobs}
    pots = {pot.id for pot in problem.pots}
    old = {each.job_id: each for each in before.jobs if each.job_id in jobs and each.pot_id in pots}
    tasks = read_tasks(
        problem,
        together={each.job_id: (each.pot_id, each.load_at_min) for each in old.values()},
        each_pot=True,
    )
    over = [each for each in before.jobs if each.job_id not in jobs]
    wanted = [_before(tasks, task, old) for task in tasks.tasks]
    listed = _least_harm(tasks, over, wanted, on_time=on_time)
    singles = read_tasks(problem, share=False)
    schedule = to_schedule(
        tasks, singles, listed, Floor(makespan_bound_min(singles), None), "kept", time.perf_counter() - began
    )
    return _with_old_soaking(problem, schedule, old)


def free_pots_only(before: Schedule, after: Schedule, now_min: int) -> bool:
    """Whether no new load goes into a pot that a job which is over at `now_min` has left to be cleaned."""
    going_on = {each.job_id for each in after.jobs} | {each.id for each in after.unscheduled}
    cleaned = {
        each.pot_id: each.clean_end_min
        for each in sorted(before.jobs, key=lambda each: each.clean_end_min)
        if each.job_id not in going_on and each.load_at_min < now_min
    }
    known = {(each.job_id, each.load_at_min) for each in before.jobs}
    return all(
        (each.job_id, each.load_at_min) in known or each.load_at_min >= cleaned.get(each.pot_id, 0)
        for each in after.jobs
    )


def _least_harm(
    tasks: Tasks, over: Sequence[ScheduledJob], wanted: Sequence[Placing | None], *, on_time: bool
) -> Listed:
    """The best of a few ways of placing the loads."""
    best: _Mended | None = None
    for in_turn in (False, True):
        first: set[int] = set()
        for _ in range(_TRIES):
            board = new_board(tasks)
            _enter_the_past(tasks, board, over)
            made = _Mended(tasks, board, wanted)
            made.place(first, in_turn=in_turn)
            if best is None or made.harm(on_time=on_time) < best.harm(on_time=on_time):
                best = made
            hurt = made.hurt() - first
            if not hurt:
                break
            first |= hurt
        if best is not None and not best.hurt():
            break
    placings = tuple(best.placings) if best is not None else ()
    return Listed(placings, value_of(tasks, placings))


class _Mended:
    """Placings as they are made."""

    def __init__(self, tasks: Tasks, board: Board, wanted: Sequence[Placing | None]) -> None:
        self.tasks, self.board, self.wanted = tasks, board, wanted
        self.grid = grid_mask(board.units, tasks.step)
        self.placings: list[Placing | None] = [None] * len(tasks.tasks)

    def place(self, first: Set[int], *, in_turn: bool) -> None:
        """Place every load: in a pot already, choosing first, planned before, without its old place, new.

        Args:
            first: the loads that choose first.
            in_turn: whether what has lost its place chooses again at once, and not after all that have not.
        """
        self._pack_what_is_in_pots()
        waiting = [index for index, task in enumerate(self.tasks.tasks) if not task.in_pot]
        for index in sorted(first, key=self._due):
            if not self._keep(index):
                self._put(index, self._near(index))
        others = [index for index in waiting if index not in first]
        known = [index for index in others if self.wanted[index] is not None]
        lost: list[int] = []
        for index in sorted(known, key=lambda index: (self._load(index), self._due(index))):
            if self._keep(index):
                continue
            if in_turn:
                self._put(index, self._near(index))
            else:
                lost.append(index)
        new = [index for index in others if self.wanted[index] is None]
        for index in (*sorted(lost, key=self._due), *sorted(new, key=self._due)):
            self._put(index, self._near(index))

    def _pack_what_is_in_pots(self) -> None:
        """Packings keep their minutes; where one then finds none, all go by the ends of their windows."""
        inside = [index for index, task in enumerate(self.tasks.tasks) if task.in_pot]
        lost = [index for index in inside if not self._keep(index)]
        inside.sort(key=self._last_packing)
        for index in sorted(lost, key=self._last_packing):
            self._put(index, self._near(index))
        if all(self.placings[index] is not None for index in inside):
            return
        for index in inside:
            placing = self.placings[index]
            if placing is not None:
                put(self.board, self.tasks.tasks[index], placing, -1)
        for index in inside:
            self._put(index, self._earliest(index))

    def _last_packing(self, index: int) -> int:
        task = self.tasks.tasks[index]
        return task.first_load + task.pack_window[1]

    def harm(self, *, on_time: bool) -> tuple[int, int]:
        """What the placings do: jobs left out, minutes late with loads moved.

        Args:
            on_time: whether what was planned before is late after its due time, and not after its old minute.
        """
        missing = late = moved = 0
        for index, placing in enumerate(self.placings):
            if placing is None:
                missing += len(self.tasks.tasks[index].jobs)
                continue
            late += self._late(index, placing, on_time=on_time)
            moved += self.wanted[index] not in (None, placing)
        return missing, late + _MOVED_MIN * moved

    def hurt(self) -> set[int]:
        """The loads without a place, and new ones that are late."""
        return {
            index
            for index, placing in enumerate(self.placings)
            if not self.tasks.tasks[index].in_pot
            and (placing is None or (self.wanted[index] is None and self._late(index, placing, on_time=True)))
        }

    def _late(self, index: int, placing: Placing, *, on_time: bool) -> int:
        task, was, unit = self.tasks.tasks[index], self.wanted[index], self.tasks.unit_min
        late = 0
        for slot, job in enumerate(task.jobs):
            due = job.due_min if was is None or on_time else was.packs[slot] * unit + job.pack_min
            late += max(0, placing.packs[slot] * unit + job.pack_min - due)
        return late

    def _due(self, index: int) -> int:
        return min(job.due_min for job in self.tasks.tasks[index].jobs)

    def _load(self, index: int) -> int:
        wanted = self.wanted[index]
        return 0 if wanted is None else wanted.load

    def _keep(self, index: int) -> bool:
        wanted = self.wanted[index]
        if wanted is None or not _fits(self.tasks, self.board, self.tasks.tasks[index], wanted):
            return False
        self._put(index, wanted)
        return True

    def _put(self, index: int, placing: Placing | None) -> None:
        self.placings[index] = placing
        if placing is not None:
            put(self.board, self.tasks.tasks[index], placing)

    def _earliest(self, index: int, not_before: int = 0) -> Placing | None:
        return earliest(self.tasks, self.board, self.grid, self.tasks.tasks[index], not_before)

    def _near(self, index: int) -> Placing | None:
        """The first place from the old minute on; an earlier one where that would have it packed later."""
        wanted = self.wanted[index]
        if wanted is None:
            return self._earliest(index)
        later = self._earliest(index, wanted.load)
        if later is not None and max(later.packs) <= max(wanted.packs):
            return later
        soon = self._earliest(index)
        if later is None or (soon is not None and max(soon.packs) <= max(wanted.packs)):
            return soon
        return later


def _before(tasks: Tasks, task: Task, old: Mapping[str, ScheduledJob]) -> Placing | None:
    """Where a load was to go, None for one that is new."""
    if any(job.id not in old for job in task.jobs):
        return None
    first = old[task.jobs[0].id]
    load = task.first_load if task.in_pot else first.load_at_min // tasks.unit_min
    pot = next(
        number
        for number, (index,) in enumerate(tasks.classes)
        if tasks.problem.pots[index].id == first.pot_id
    )
    return Placing(load, tuple(old[job.id].pack_at_min // tasks.unit_min for job in task.jobs), pot)


def _fits(tasks: Tasks, board: Board, task: Task, placing: Placing) -> bool:
    """Whether a placing breaks no rule and finds its pot and people free."""
    low, high = task.pack_window
    load, step = placing.load, tasks.step
    if any(pack % step for pack in placing.packs) or not task.first_load <= load <= task.last_load:
        return False
    if placing.pot_class not in task.classes:
        return False
    for pack, length in zip(placing.packs, task.packs, strict=True):
        if not load + low <= pack <= load + high or pack + length > tasks.horizon:
            return False
    if not task.in_pot:
        if load % step or not board.pots[placing.pot_class].has(load, task.pot_length, 1):
            return False
        if task.load and not board.loaders.has(load, task.load, 1):
            return False
        if task.add and not board.adders.has(load + task.add_offset, task.add, task.adders):
            return False
    return _packers_free(board, task, placing)


def _packers_free(board: Board, task: Task, placing: Placing) -> bool:
    taken: list[tuple[int, int]] = []
    for pack, length in zip(placing.packs, task.packs, strict=True):
        if length and not board.packers.has(pack, length, 1):
            break
        board.packers.take(pack, length)
        taken.append((pack, length))
    for pack, length in taken:
        board.packers.take(pack, length, -1)
    return len(taken) == len(task.packs)


def _enter_the_past(tasks: Tasks, board: Board, over: Sequence[ScheduledJob]) -> None:
    """What is over still holds its pot while that is cleaned, and a packer while he is at it."""
    unit, now = tasks.unit_min, tasks.problem.now_min
    pot_class = {tasks.problem.pots[index].id: number for number, (index,) in enumerate(tasks.classes)}
    begin = now // unit
    cleaned: dict[str, int] = {}
    for each in over:
        # A job withdrawn before its time leaves everything free.
        if each.load_at_min < now < each.clean_end_min and each.pot_id in pot_class:
            cleaned[each.pot_id] = max(each.clean_end_min, cleaned.get(each.pot_id, 0))
        if each.pack_at_min < now < each.pack_end_min:
            board.packers.take(begin, -(-each.pack_end_min // unit) - begin)
    for pot_id, until in cleaned.items():
        board.pots[pot_class[pot_id]].take(begin, -(-until // unit) - begin)


def _with_old_soaking(
    problem: DecoctionProblem, schedule: Schedule, old: Mapping[str, ScheduledJob]
) -> Schedule:
    """What stays where it was is also soaked when it was to be."""
    waiting = {job.id for job in problem.jobs if job.started is None}

    def settled(each: ScheduledJob) -> ScheduledJob:
        was = old.get(each.job_id)
        if was is None or each.job_id not in waiting or was.soak_at_min < problem.now_min:
            return each
        return was if _place_of(was) == _place_of(each) else each

    return replace(schedule, jobs=tuple(settled(each) for each in schedule.jobs))


def _place_of(each: ScheduledJob) -> tuple[str, int, int]:
    return each.pot_id, each.load_at_min, each.pack_at_min
