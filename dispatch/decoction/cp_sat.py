"""CP-SAT: begins from a list schedule and makes it better, or proves that nothing better exists."""

import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from ortools.sat.python import cp_model

from dispatch.decoction.board import Crowd, new_board
from dispatch.decoction.listing import Listed, Placing, value_of
from dispatch.decoction.tasks import Task, Tasks

# Of the time left: how much the search for fewer missing jobs, and then for less tardiness, may take.
_SHARES = {"missing": 0.5, "tardiness": 0.7, "makespan": 1.0}


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and with how many threads to search; `repeatable` counts work, not time, on one thread."""

    seconds: float
    seed: int
    threads: int
    repeatable: bool = False


@dataclass(frozen=True, slots=True)
class Improved:
    """The best schedule found and what was proven: None where the search proved nothing."""

    listed: Listed
    tardiness_bound: int | None = None
    makespan_bound: int | None = None


@dataclass(slots=True)
class _Model:
    cp: cp_model.CpModel
    load: list[cp_model.IntVar] = field(default_factory=list)
    pack: list[cp_model.IntVar] = field(default_factory=list)
    present: list[cp_model.IntVar] = field(default_factory=list)
    # For each task: pots of equal size and duty -> chosen literal.
    choice: list[dict[tuple[int, ...], cp_model.IntVar]] = field(default_factory=list)
    tardiness: cp_model.LinearExprT = 0
    makespan: cp_model.IntVar | None = None


def improve(
    tasks: Tasks,
    start: Listed,
    limits: Limits,
    *,
    tardiness_bound: int,
    makespan_bound: int,
    on_found: Callable[[float], None] | None = None,
) -> Improved:
    """Improve a list schedule: jobs without a place first, then weighted tardiness, then makespan.

    Args:
        tasks: the problem in units.
        start: a valid schedule; it is returned when nothing better is found.
        limits: time, seed, threads.
        tardiness_bound, makespan_bound: known bounds (min); a goal that has reached its bound is skipped.
        on_found: told the share of the time gone by at each better schedule.
    """
    began = time.perf_counter()
    model = _build(tasks, all_present=start.value[0] == 0)
    best = Improved(start)
    for goal, floor in (("missing", 0), ("tardiness", tardiness_bound), ("makespan", makespan_bound)):
        position = ("missing", "tardiness", "makespan").index(goal)
        left = limits.seconds - (time.perf_counter() - began)
        if best.listed.value[position] > floor and (limits.repeatable or left > 0.2):
            share = limits.seconds if limits.repeatable else left
            best = _solve(tasks, model, best, goal, share * _SHARES[goal], limits, on_found)
        _keep(model, goal, best.listed.value[position])
    return best


def _build(tasks: Tasks, *, all_present: bool) -> _Model:
    cp = cp_model.CpModel()
    model = _Model(cp)
    grid = tasks.step
    rows: dict[str, list[tuple[cp_model.IntervalVar, int]]] = defaultdict(list)
    pot_rows: dict[tuple[int, ...], list[cp_model.IntervalVar]] = defaultdict(list)
    late: list[cp_model.LinearExprT] = []
    makespan = cp.new_int_var(0, tasks.horizon, "makespan")
    for i, task in enumerate(tasks.tasks):
        sure = all_present or task.in_pot
        present = cp.new_constant(1) if sure else cp.new_bool_var(f"present{i}")
        if task.in_pot:
            load = cp.new_constant(task.first_load)
        else:
            # Counted in grid steps, so that every value of the variable is a start that is allowed.
            steps = cp.new_int_var(-(-task.first_load // grid), task.last_load // grid, f"load{i}")
            load = steps if grid == 1 else _scaled(cp, steps, grid, f"load_at{i}")
        low, high = task.pack_window
        first, last = task.first_load + low, min(task.last_load + high, tasks.horizon - task.pack)
        steps = cp.new_int_var(-(-first // grid), last // grid, f"pack{i}")
        pack = steps if grid == 1 else _scaled(cp, steps, grid, f"pack_at{i}")
        cp.add(pack >= load + low)
        cp.add(pack <= load + high)
        _rows(cp, rows, task, load, pack, present)
        model.choice.append(_pots(tasks, cp, pot_rows, task, load, present, f"{i}"))
        cp.add(makespan >= pack + task.pack).only_enforce_if(present)
        late.append(_late(tasks, cp, task, pack, present, f"late{i}"))
        model.load.append(load)
        model.pack.append(pack)
        model.present.append(present)
    _capacities(tasks, cp, rows, pot_rows)
    model.tardiness = cp_model.LinearExpr.sum(late)
    model.makespan = makespan
    return model


def _scaled(cp: cp_model.CpModel, steps: cp_model.IntVar, grid: int, name: str) -> cp_model.IntVar:
    low, high = steps.proto.domain[0] * grid, steps.proto.domain[-1] * grid
    scaled = cp.new_int_var(low, high, name)
    cp.add(scaled == grid * steps)
    return scaled


def _rows(
    cp: cp_model.CpModel,
    rows: dict[str, list[tuple[cp_model.IntervalVar, int]]],
    task: Task,
    load: cp_model.IntVar,
    pack: cp_model.IntVar,
    present: cp_model.IntVar,
) -> None:
    wanted = [("packers", pack, task.pack)]
    if not task.in_pot:
        wanted += [("loaders", load, task.load), ("adders", load + task.add_offset, task.add)]
    for row, start, length in wanted:
        if length:
            rows[row].append((cp.new_optional_fixed_size_interval_var(start, length, present, row), 1))


def _pots(
    tasks: Tasks,
    cp: cp_model.CpModel,
    pot_rows: dict[tuple[int, ...], list[cp_model.IntervalVar]],
    task: Task,
    load: cp_model.IntVar,
    present: cp_model.IntVar,
    name: str,
) -> dict[tuple[int, ...], cp_model.IntVar]:
    """A literal for each class of equal pots; which pot of the class it is, is settled afterwards."""
    if task.in_pot:
        return {}
    classes = _classes(tasks, task)
    chosen = {
        each: present if len(classes) == 1 else cp.new_bool_var(f"class{name}_{number}")
        for number, each in enumerate(classes)
    }
    if len(classes) > 1:
        cp.add(cp_model.LinearExpr.sum(list(chosen.values())) == present)
    for each, literal in chosen.items():
        pot_rows[each].append(cp.new_optional_fixed_size_interval_var(load, task.pot_length, literal, "pot"))
    return chosen


def _classes(tasks: Tasks, task: Task) -> list[tuple[int, ...]]:
    groups: dict[int, list[int]] = defaultdict(list)
    for pot in task.pots:
        groups[tasks.problem.pots[pot].max_ml].append(pot)
    return [tuple(group) for group in groups.values()]


def _late(
    tasks: Tasks, cp: cp_model.CpModel, task: Task, pack: cp_model.IntVar, present: cp_model.IntVar, name: str
) -> cp_model.LinearExprT:
    latest = tasks.horizon * tasks.unit_min - task.job.due_min
    if latest <= 0 or not task.job.weight:
        return 0
    late = cp.new_int_var(0, latest, name)
    end = tasks.unit_min * pack + task.job.pack_min
    cp.add(late >= end - task.job.due_min).only_enforce_if(present)
    return task.job.weight * late


def _capacities(
    tasks: Tasks,
    cp: cp_model.CpModel,
    rows: dict[str, list[tuple[cp_model.IntervalVar, int]]],
    pot_rows: dict[tuple[int, ...], list[cp_model.IntervalVar]],
) -> None:
    board = new_board(tasks)
    for row, crowd in (("loaders", board.loaders), ("packers", board.packers), ("adders", board.adders)):
        taken = _taken(cp, crowd)
        intervals = rows[row] + taken
        if intervals:
            cp.add_cumulative([each for each, _ in intervals], [need for _, need in intervals], crowd.size)
    for pots, intervals in pot_rows.items():
        busy = [sum(not board.pots[pot] >> unit & 1 for pot in pots) for unit in range(board.units)]
        taken = _taken(cp, Crowd(len(pots), busy, 0))
        demands = [1] * len(intervals) + [need for _, need in taken]
        cp.add_cumulative([*intervals, *(each for each, _ in taken)], demands, len(pots))


def _taken(cp: cp_model.CpModel, crowd: Crowd) -> list[tuple[cp_model.IntervalVar, int]]:
    """Fixed intervals for what is busy already, never more than there are: the past may be overfull."""
    found: list[tuple[cp_model.IntervalVar, int]] = []
    start = 0
    for unit in range(1, len(crowd.busy) + 1):
        if unit < len(crowd.busy) and crowd.busy[unit] == crowd.busy[start]:
            continue
        if crowd.busy[start]:
            interval = cp.new_fixed_size_interval_var(start, unit - start, "taken")
            found.append((interval, min(crowd.busy[start], crowd.size)))
        start = unit
    return found


def _solve(
    tasks: Tasks,
    model: _Model,
    best: Improved,
    goal: str,
    seconds: float,
    limits: Limits,
    on_found: Callable[[float], None] | None,
) -> Improved:
    cp = model.cp
    objective = {
        "missing": cp_model.LinearExpr.sum([1 - each for each in model.present]),
        "tardiness": model.tardiness,
        "makespan": model.makespan,
    }[goal]
    cp.minimize(objective)
    _hint(model, tasks, best.listed)
    solver = cp_model.CpSolver()
    solver.parameters.random_seed = limits.seed
    if limits.repeatable:
        solver.parameters.num_workers = 1
        solver.parameters.max_deterministic_time = seconds
    else:
        solver.parameters.num_workers = limits.threads
        solver.parameters.max_time_in_seconds = seconds
    status = solver.solve(cp, _Progress(seconds, on_found) if on_found else None)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return best
    found = _read(tasks, model, solver)
    listed = found if found.value < best.listed.value else best.listed
    bound = solver.best_objective_bound
    if goal == "tardiness":
        return Improved(listed, tardiness_bound=_ceil(bound))
    if goal == "makespan":
        return Improved(listed, best.tardiness_bound, makespan_bound=_ceil(bound) * tasks.unit_min)
    return Improved(listed)


def _ceil(bound: float) -> int:
    # The bound of an integer objective comes as a float: a hair above a whole number is that number.
    return -int(-bound + 1e-6 // 1) if bound == int(bound) else int(bound + 1 - 1e-6)


def _keep(model: _Model, goal: str, value: int) -> None:
    """The goals after this one may not undo it."""
    if goal == "missing":
        model.cp.add(cp_model.LinearExpr.sum([1 - each for each in model.present]) <= value)
    elif goal == "tardiness":
        model.cp.add(model.tardiness <= value)


def _hint(model: _Model, tasks: Tasks, listed: Listed) -> None:
    cp = model.cp
    cp.clear_hints()
    values: dict[int, tuple[cp_model.IntVar, int]] = {}
    for i, (task, placing) in enumerate(zip(tasks.tasks, listed.placings, strict=True)):
        values[model.present[i].index] = (model.present[i], int(placing is not None))
        if placing is None:
            continue
        values[model.load[i].index] = (model.load[i], placing.load)
        values[model.pack[i].index] = (model.pack[i], placing.pack)
        for pots, literal in model.choice[i].items():
            values[literal.index] = (literal, int(placing.pot in pots))
        if task.in_pot:
            values.pop(model.load[i].index)
    for var, value in values.values():
        cp.add_hint(var, value)


def _read(tasks: Tasks, model: _Model, solver: cp_model.CpSolver) -> Listed:
    """The solution as placings: inside a class, jobs take the free pots in the order of their starts."""
    placings: list[Placing | None] = [None] * len(tasks.tasks)
    free_at = [0] * len(tasks.problem.pots)
    for i, task in enumerate(tasks.tasks):
        if task.in_pot:
            pot = task.pots[0]
            placings[i] = Placing(task.first_load, solver.value(model.pack[i]), pot)
            free_at[pot] = max(free_at[pot], task.first_load + task.pot_length)
    waiting = [i for i, t in enumerate(tasks.tasks) if not t.in_pot and solver.value(model.present[i])]
    for i in sorted(waiting, key=lambda i: solver.value(model.load[i])):
        load = solver.value(model.load[i])
        pots = next(pots for pots, literal in model.choice[i].items() if solver.value(literal))
        pot = next(pot for pot in pots if free_at[pot] <= load)
        free_at[pot] = load + tasks.tasks[i].pot_length
        placings[i] = Placing(load, solver.value(model.pack[i]), pot)
    done = tuple(placings)
    return Listed(done, value_of(tasks, done))


class _Progress(cp_model.CpSolverSolutionCallback):  # type: ignore[misc]  # OR-Tools ships no types
    """Tells the caller how much of the time has gone at every better schedule."""

    def __init__(self, seconds: float, tell: Callable[[float], None]) -> None:
        super().__init__()
        self._seconds = seconds
        self._tell = tell

    def on_solution_callback(self) -> None:
        """Called by the solver."""
        self._tell(min(1.0, self.wall_time / self._seconds))
