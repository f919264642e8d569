"""The time-indexed linear relaxation: what no schedule can beat, and where the work should lie.

Jobs that are processed alike are one kind. A variable is the number of loads of a kind begun up to a point of
the grid, so that releases and deadlines are its bounds and everything busy at a point is a difference of two
variables. Left away, which can only make the relaxation easier: that loads are whole, which pot it is inside
nested sizes, adders between two points of the grid, the packing of jobs that may share a pot.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from ortools.pdlp import solvers_pb2
from ortools.pdlp.python import pdlp
from scipy import sparse

from dispatch.decoction.batches import shares_of_load
from dispatch.decoction.tasks import Task, Tasks
from dispatch.problem import DUTY_FOR

_CHECK_EVERY = 64


@dataclass(frozen=True, slots=True)
class Kind:
    """Jobs alike in everything but release, due time and volume class; lengths are steps of the grid.

    Attributes:
        members: indices of the tasks (of one job each).
        amounts: how much of a load each of them stands for.
        duty, need_ml: the pots that serve.
        load, pot: lengths of loading and of holding the pot; `add` is the half-open span of adding.
        pack: span of offsets for the start of packing, None where packing is left away; `pack_length`.
        pack_min: length of packing in minutes.
    """

    members: tuple[int, ...]
    amounts: NDArray[np.float64]
    duty: str
    need_ml: int
    load: int
    pot: int
    add: tuple[int, int] | None
    pack: tuple[int, int] | None
    pack_first: int
    pack_length: int
    pack_min: int
    first: NDArray[np.int64]
    due_by: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Relaxed:
    """A solved relaxation: how much of a load is proven not to fit before the end, and where the rest lies.

    Attributes:
        end_min: the end it was solved for.
        left_over: a proven lower bound of the loads that do not fit.
        left_over_found: those of the solution found.
        started: for each kind the loads begun up to each step.
    """

    end_min: int
    left_over: float
    left_over_found: float
    started: tuple[NDArray[np.float64], ...]


def read_kinds(tasks: Tasks) -> tuple[Kind, ...]:
    """Sort the waiting tasks into kinds.

    Args:
        tasks: read with `share=False`, so that each is one job.
    """
    problem, step, unit = tasks.problem, tasks.step, tasks.unit_min
    waiting = [index for index, task in enumerate(tasks.tasks) if not task.in_pot]
    # Nobody later than he has to be: who cannot be on time together cannot share.
    windows = {
        tasks.tasks[index].jobs[0].id: (
            tasks.tasks[index].first_load // step,
            _due_step(tasks, tasks.tasks[index]),
        )
        for index in waiting
    }
    shares = shares_of_load(problem, [tasks.tasks[index].jobs[0] for index in waiting], windows)
    groups: dict[tuple[str, int, bool, tuple[object, ...]], list[int]] = defaultdict(list)
    for index in waiting:
        task = tasks.tasks[index]
        whole = shares[task.jobs[0].id] == 1
        need = problem.pots[tasks.classes[task.classes[0]][0]].max_ml
        process = (task.load, task.cook, task.clean, task.add, task.add_offset, task.packs)
        groups[DUTY_FOR[task.jobs[0].taint], need, whole, process].append(index)
    kinds: list[Kind] = []
    for (duty, need, whole, _), members in groups.items():
        task = tasks.tasks[members[0]]
        low, high = task.pack_window
        add = (_up(task.add_offset, step), _up(task.add_offset + task.add, step))
        firsts = np.array([tasks.tasks[i].first_load // step for i in members])
        due = [_due_step(tasks, tasks.tasks[i]) for i in members]
        kinds.append(
            Kind(
                members=tuple(members),
                amounts=np.array([float(shares[tasks.tasks[i].jobs[0].id]) for i in members]),
                duty=duty,
                need_ml=need,
                load=_up(task.load, step),
                pot=_up(task.pot_length, step),
                add=add if add[1] > add[0] else None,
                pack=(low // step, high // step) if whole and task.packs[0] else None,
                pack_first=low // step,
                pack_length=_up(task.packs[0], step),
                pack_min=task.packs[0] * unit,
                first=firsts,
                due_by=np.maximum(np.array(due), firsts),
            )
        )
    return tuple(kinds)


class Relaxation:
    """The relaxation of one problem, to be solved for several ends."""

    def __init__(self, tasks: Tasks, *, threads: int = 1) -> None:
        self._tasks = tasks
        self._kinds = read_kinds(tasks)
        self._threads = threads
        self._busy = _busy_in_pots(tasks)

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The kinds of jobs, in the order of `Relaxed.started`."""
        return self._kinds

    def solve(
        self, end_min: int, *, accuracy: float = 1e-4, seconds: float | None, iterations: int | None = None
    ) -> Relaxed:
        """Fit as many loads as possible before an end, with nobody later than need be.

        Args:
            end_min: every packing ends by then.
            accuracy: of the solution, relative and absolute; what is proven is proven at any.
            seconds: limit of time, None for none.
            iterations: limit of work.
        """
        rows = _Rows(self._tasks, self._kinds, self._busy, end_min)
        program = rows.program()
        params = solvers_pb2.PrimalDualHybridGradientParams()
        criteria = params.termination_criteria
        criteria.simple_optimality_criteria.eps_optimal_relative = accuracy
        criteria.simple_optimality_criteria.eps_optimal_absolute = accuracy
        if seconds is not None:
            criteria.time_sec_limit = seconds
        if iterations is not None:
            criteria.iteration_limit = iterations
        params.num_threads = self._threads
        params.termination_check_frequency = _CHECK_EVERY
        result = pdlp.primal_dual_hybrid_gradient(program, params)
        primal = np.asarray(result.primal_solution)
        proven = rows.proven(np.asarray(result.dual_solution))
        found, started = rows.read(primal)
        return Relaxed(end_min, proven, found, started)


class _Rows:
    """The linear program for one end, as triplets of a sparse matrix."""

    def __init__(
        self, tasks: Tasks, kinds: Sequence[Kind], busy: dict[str, NDArray[np.int64]], end_min: int
    ) -> None:
        self._tasks, self._kinds = tasks, kinds
        self._grid = tasks.problem.grid_min
        self._end_min = end_min
        self._steps = end_min // self._grid + 1
        self._lower: list[NDArray[np.float64]] = []
        self._upper: list[NDArray[np.float64]] = []
        self._cost: list[NDArray[np.float64]] = []
        self._columns = self._row_count = 0
        self._entries: list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]] = []
        self._row_lower: list[NDArray[np.float64]] = []
        self._row_upper: list[NDArray[np.float64]] = []
        self._first: list[int] = []
        self._last: list[int] = []
        self._offset: list[int] = []
        for kind in kinds:
            self._add_kind(kind)
        self._capacities(busy)
        self._packings(busy["packers"])
        self._total = float(sum(kind.amounts.sum() for kind in kinds))
        self._a = sparse.csc_matrix(
            (
                np.concatenate([each[2] for each in self._entries]),
                (
                    np.concatenate([e[0] for e in self._entries]),
                    np.concatenate([e[1] for e in self._entries]),
                ),
            ),
            shape=(self._row_count, self._columns),
        )
        self._l, self._u = np.concatenate(self._lower), np.concatenate(self._upper)
        self._c = np.concatenate(self._cost)
        self._rl, self._ru = np.concatenate(self._row_lower), np.concatenate(self._row_upper)

    def program(self) -> pdlp.QuadraticProgram:
        """The program as the solver takes it."""
        program = pdlp.QuadraticProgram()
        program.objective_vector = self._c
        program.constraint_matrix = self._a
        program.constraint_lower_bounds, program.constraint_upper_bounds = self._rl, self._ru
        program.variable_lower_bounds, program.variable_upper_bounds = self._l, self._u
        return program

    def proven(self, dual: NDArray[np.float64]) -> float:
        """Weak duality: for any multipliers, the least of the Lagrangian on the box of the variables."""
        dual = np.where((dual > 0) & ~np.isfinite(self._rl), 0.0, dual)
        dual = np.where((dual < 0) & ~np.isfinite(self._ru), 0.0, dual)
        limits = np.where(dual > 0, self._rl, np.where(dual < 0, self._ru, 0.0))
        reduced = self._c - self._a.T @ dual
        least = np.minimum(reduced * self._l, reduced * self._u).sum()
        return self._total + float(dual @ limits + least)

    def read(self, primal: NDArray[np.float64]) -> tuple[float, tuple[NDArray[np.float64], ...]]:
        """Loads left over, and for each kind those begun up to each step."""
        started = []
        for number in range(len(self._kinds)):
            row = np.zeros(self._steps)
            columns = self._column(number, np.arange(self._steps))
            row[columns >= 0] = primal[columns[columns >= 0]]
            started.append(np.maximum.accumulate(row))
        return self._total + float(self._c @ primal), tuple(started)

    def _column(self, kind: int, steps: NDArray[np.int64]) -> NDArray[np.int64]:
        """Column of what a kind has begun up to each step, -1 before the first."""
        if self._last[kind] < self._first[kind]:
            return np.full(len(steps), -1)
        inside = np.minimum(steps, self._last[kind]) - self._first[kind]
        return np.where(inside < 0, -1, self._offset[kind] + inside)

    def _add_kind(self, kind: Kind) -> None:
        first = int(kind.first.min())
        last = (self._end_min - kind.pack_min) // self._grid - kind.pack_first
        length = max(0, last - first + 1)
        self._first.append(first)
        self._last.append(last)
        self._offset.append(self._columns)
        if not length:
            return
        upper, lower = np.zeros(last + 2), np.zeros(last + 2)
        np.add.at(upper, np.minimum(kind.first, last + 1), kind.amounts)
        np.add.at(lower, np.minimum(kind.due_by, last + 1), kind.amounts)
        high = np.cumsum(upper)[first : last + 1]
        # A deadline that the end itself undercuts is left to the end; the margin keeps rounding harmless.
        self._lower.append(np.minimum(np.cumsum(lower)[first : last + 1], high))
        self._upper.append(high)
        cost = np.zeros(length)
        cost[-1] = -1.0
        self._cost.append(cost)
        here = self._columns + np.arange(length)
        self._columns += length
        if length > 1:
            self._new_rows(length - 1, 0.0, np.inf, [(here[1:], 1.0), (here[:-1], -1.0)])

    def _new_rows(
        self,
        number: int,
        lower: float | NDArray[np.float64],
        upper: float | NDArray[np.float64],
        terms: Sequence[tuple[NDArray[np.int64], float]],
    ) -> None:
        rows = self._row_count + np.arange(number)
        for columns, factor in terms:
            real = columns >= 0
            self._entries.append((rows[real], columns[real], np.full(int(real.sum()), factor)))
        self._row_lower.append(np.broadcast_to(np.asarray(lower, float), number))
        self._row_upper.append(np.broadcast_to(np.asarray(upper, float), number))
        self._row_count += number

    def _capacities(self, busy: dict[str, NDArray[np.int64]]) -> None:
        problem, every = self._tasks.problem, np.arange(self._steps)
        numbers = range(len(self._kinds))

        def room(name: str, size: int) -> NDArray[np.float64]:
            free: NDArray[np.float64] = np.maximum(0.0, float(size) - busy[name][: self._steps])
            return free

        def spans(chosen: Iterator[tuple[int, int, int]]) -> list[tuple[NDArray[np.int64], float]]:
            terms: list[tuple[NDArray[np.int64], float]] = []
            for kind, begin, end in chosen:
                terms += [(self._column(kind, every - begin), 1.0), (self._column(kind, every - end), -1.0)]
            return terms

        loading = spans((k, 0, self._kinds[k].load) for k in numbers if self._kinds[k].load)
        self._new_rows(self._steps, -np.inf, room("loaders", problem.crew.loaders), loading)
        adding = spans((k, *add) for k in numbers if (add := self._kinds[k].add) is not None)
        self._new_rows(self._steps, -np.inf, room("adders", problem.crew.adders), adding)
        for duty, need in sorted({(kind.duty, kind.need_ml) for kind in self._kinds}):
            inside = [k for k in numbers if self._kinds[k].duty == duty and self._kinds[k].need_ml >= need]
            holding = spans((k, 0, self._kinds[k].pot) for k in inside)
            size = sum(pot.duty == duty and pot.max_ml >= need for pot in problem.pots)
            self._new_rows(self._steps, -np.inf, room(f"{duty} {need}", size), holding)

    def _packings(self, busy: NDArray[np.int64]) -> None:
        """Packings of one length are one flow, between cooking's end and the end of the window."""
        every = np.arange(self._steps)
        packing: list[tuple[NDArray[np.int64], float]] = []
        lengths: dict[tuple[int, int], list[int]] = defaultdict(list)
        for number, kind in enumerate(self._kinds):
            if kind.pack is not None and self._last[number] >= self._first[number]:
                lengths[kind.pack_length, kind.pack_min].append(number)
        for (length, pack_min), members in lengths.items():
            total = float(sum(self._kinds[k].amounts.sum() for k in members))
            here = self._columns + every
            self._columns += self._steps
            self._lower.append(np.zeros(self._steps))
            self._upper.append(np.full(self._steps, total))
            self._cost.append(np.zeros(self._steps))
            self._new_rows(self._steps - 1, 0.0, np.inf, [(here[1:], 1.0), (here[:-1], -1.0)])
            ready, overdue = [(here, 1.0)], [(here, 1.0)]
            final = (self._end_min - pack_min) // self._grid
            for k in members:
                low, high = self._kinds[k].pack or (0, 0)
                ready.append((self._column(k, every - low), -1.0))
                # At the end of the day everything that was begun is packed.
                latest = np.where(every >= final, self._steps, every - high)
                overdue.append((self._column(k, latest), -1.0))
            self._new_rows(self._steps, -np.inf, 0.0, ready)
            self._new_rows(self._steps, 0.0, np.inf, overdue)
            ended = every - length
            packing += [(here, 1.0), (np.where(ended < 0, -1, here[0] + ended), -1.0)]
        room = np.maximum(0.0, float(self._tasks.problem.crew.packers) - busy[: self._steps])
        self._new_rows(self._steps, -np.inf, room, packing)


def _busy_in_pots(tasks: Tasks) -> dict[str, NDArray[np.int64]]:
    """What the loads already in their pots hold at each point of the grid, packing left away."""
    step, problem = tasks.step, tasks.problem
    points = tasks.horizon // step + 2
    busy: dict[str, NDArray[np.int64]] = defaultdict(lambda: np.zeros(points, dtype=np.int64))
    for name in ("loaders", "adders", "packers"):
        busy[name] = np.zeros(points, dtype=np.int64)
    for task in tasks.tasks:
        if task.pot is None:
            continue
        pot = problem.pots[task.pot]
        for need in {each.max_ml for each in problem.pots if each.max_ml <= pot.max_ml}:
            _enter(busy[f"{pot.duty} {need}"], task.first_load, task.pot_length, step)
        _enter(busy["loaders"], task.first_load, task.load, step)
        _enter(busy["adders"], task.first_load + task.add_offset, task.add, step)
    return busy


def _enter(row: NDArray[np.int64], start: int, length: int, step: int) -> None:
    row[max(0, _up(start, step)) : max(0, _up(start + length, step))] += 1


def _due_step(tasks: Tasks, task: Task) -> int:
    """The last step at which a job may be loaded and still be no later than it has to be."""
    job = task.jobs[0]
    if not job.weight:
        # Its lateness costs nothing, so nothing forbids it.
        return 2 * tasks.horizon
    latest = (max(job.due_min, task.earliest_end * tasks.unit_min) - job.pack_min) // tasks.problem.grid_min
    return latest - task.pack_window[0] // tasks.step


def _up(units: int, step: int) -> int:
    return -(-units // step)
