"""CP-SAT on some of the loads of a schedule, everything else staying where it is."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from ortools.sat.python import cp_model

from dispatch.decoction.board import Board, Crowd, new_board
from dispatch.decoction.listing import Listed, Placing, put, value_of
from dispatch.decoction.tasks import Task, Tasks

# One job without a place costs more than any tardiness that can arise in a day.
_MISSING_COST = 10**9
_LATE_COST = 1000
_END_COST = 50


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and with how many threads to search.

    `work` counts CP-SAT's deterministic seconds, on one thread, so that the same search gives the same
    result; `seconds` ends it all the same.
    """

    seconds: float
    seed: int
    threads: int
    work: float | None = None


@dataclass(frozen=True, slots=True)
class Improved:
    """What CP-SAT made of some loads; `is_best` when it proved that nothing better exists for them."""

    listed: Listed
    is_best: bool


@dataclass(slots=True)
class _Model:
    cp: cp_model.CpModel
    load: dict[int, cp_model.IntVar] = field(default_factory=dict)
    packs: dict[int, list[cp_model.IntVar]] = field(default_factory=dict)
    present: dict[int, cp_model.IntVar] = field(default_factory=dict)
    choice: dict[int, dict[int, cp_model.IntVar]] = field(default_factory=dict)
    rows: dict[str, list[tuple[cp_model.IntervalVar, int]]] = field(default_factory=lambda: defaultdict(list))
    cost: list[cp_model.LinearExprT] = field(default_factory=list)


def improve(
    tasks: Tasks,
    start: Listed,
    chosen: Sequence[int],
    span: tuple[int, int],
    target: int,
    limits: Limits,
) -> Improved:
    """Place some loads anew among all others.

    What is made small, each before the next as far as weights can say it: jobs without a place, weighted
    tardiness, the latest end beyond `target`, the sum of the ends beyond it.

    Args:
        tasks: the problem in units.
        start: a valid schedule, the hint of the search.
        chosen: indices of the loads to place anew.
        span: the first and last unit at which they may be loaded.
        target: the unit by which everything should be packed.
        limits: time, seed, threads.
    """
    free = set(chosen)
    board = new_board(tasks)
    for index, placing in enumerate(start.placings):
        if placing is not None and index not in free:
            put(board, tasks.tasks[index], placing)
    model = _Model(cp_model.CpModel())
    over = model.cp.new_int_var(0, max(0, tasks.horizon - target), "over")
    for index in chosen:
        _add(tasks, model, start, index, span, target, over)
    _capacities(tasks, model, board)
    model.cp.minimize(cp_model.LinearExpr.sum([*model.cost, _END_COST * over]))
    solver = cp_model.CpSolver()
    solver.parameters.random_seed = limits.seed % (1 << 30)
    solver.parameters.num_workers = limits.threads
    solver.parameters.max_time_in_seconds = limits.seconds
    if limits.work is not None:
        solver.parameters.num_workers = 1
        solver.parameters.max_deterministic_time = limits.work
    status = solver.solve(model.cp)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return Improved(start, is_best=False)
    placings = list(start.placings)
    for index in chosen:
        placings[index] = _read(model, solver, index)
    return Improved(Listed(tuple(placings), value_of(tasks, placings)), status == cp_model.OPTIMAL)


def _add(
    tasks: Tasks,
    model: _Model,
    start: Listed,
    index: int,
    span: tuple[int, int],
    target: int,
    over: cp_model.IntVar,
) -> None:
    cp, task, now = model.cp, tasks.tasks[index], start.placings[index]
    # Who has a place keeps one; who has none may go on without.
    present = cp.new_constant(1) if now is not None or task.in_pot else cp.new_bool_var("present")
    if task.in_pot:
        load = cp.new_constant(task.first_load)
    else:
        first, last = max(task.first_load, span[0]), min(task.last_load, span[1])
        if now is not None:
            first, last = min(first, now.load), max(last, now.load)
        if last < first:
            model.load[index] = cp.new_constant(0)
            model.present[index] = cp.new_constant(0)
            model.packs[index], model.choice[index] = [], {}
            return
        load = _on_grid(cp, first, last, tasks.step)
    model.load[index], model.present[index] = load, present
    if now is None and not task.in_pot:
        model.cost.append(_MISSING_COST * len(task.jobs) * (1 - present))
    elif now is not None:
        cp.add_hint(load, now.load) if not task.in_pot else None
    _hold(tasks, model, task, index, now)
    model.packs[index] = []
    low, high = task.pack_window
    for number, (job, length) in enumerate(zip(task.jobs, task.packs, strict=True)):
        begin = (task.first_load if task.in_pot else first) + low
        finish = min((task.first_load if task.in_pot else last) + high, tasks.horizon - length)
        pack = _on_grid(cp, begin, max(begin, finish), tasks.step)
        if finish < begin:
            cp.add(present == 0)
        cp.add(pack >= load + low).only_enforce_if(present)
        cp.add(pack <= load + high).only_enforce_if(present)
        if now is not None:
            cp.add_hint(pack, now.packs[number])
        if length:
            model.rows["packers"].append(
                (cp.new_optional_fixed_size_interval_var(pack, length, present, "pack"), 1)
            )
        model.packs[index].append(pack)
        late = (tasks.horizon * tasks.unit_min) - job.due_min
        if late > 0 and job.weight:
            tardy = cp.new_int_var(0, late, "late")
            end = tasks.unit_min * pack + job.pack_min
            cp.add(tardy >= end - job.due_min).only_enforce_if(present)
            model.cost.append(_LATE_COST * job.weight * tardy)
        if finish + length > target:
            beyond = cp.new_int_var(0, max(0, tasks.horizon - target), "beyond")
            cp.add(beyond >= pack + length - target).only_enforce_if(present)
            cp.add(over >= beyond)
            model.cost.append(beyond)


def _hold(tasks: Tasks, model: _Model, task: Task, index: int, now: Placing | None) -> None:
    """The pot, the loader and the adders of a load; a load in its pot is on the board already."""
    cp, load, present = model.cp, model.load[index], model.present[index]
    model.choice[index] = {}
    if task.in_pot:
        return
    literals = [present if len(task.classes) == 1 else cp.new_bool_var("class") for _ in task.classes]
    if len(literals) > 1:
        cp.add(cp_model.LinearExpr.sum(literals) == present)
    for each, literal in zip(task.classes, literals, strict=True):
        model.choice[index][each] = literal
        interval = cp.new_optional_fixed_size_interval_var(load, task.pot_length, literal, "pot")
        model.rows[f"pots {each}"].append((interval, 1))
        if now is not None and len(literals) > 1:
            cp.add_hint(literal, int(now.pot_class == each))
    for name, begin, length, number in (
        ("loaders", load, task.load, 1),
        ("adders", load + task.add_offset, task.add, task.adders),
    ):
        if length:
            interval = cp.new_optional_fixed_size_interval_var(begin, length, present, name)
            model.rows[name].append((interval, number))


def _on_grid(cp: cp_model.CpModel, first: int, last: int, step: int) -> cp_model.IntVar:
    """A variable for a start on the grid."""
    if step == 1:
        return cp.new_int_var(first, last, "start")
    low, high = -(-first // step) * step, last // step * step
    return cp.new_int_var_from_domain(
        cp_model.Domain.from_values(range(low, max(low, high) + 1, step)), "start"
    )


def _capacities(tasks: Tasks, model: _Model, board: Board) -> None:
    crowds = {"loaders": board.loaders, "packers": board.packers, "adders": board.adders}
    crowds |= {f"pots {number}": crowd for number, crowd in enumerate(board.pots)}
    for name, intervals in model.rows.items():
        starts = [each.start_expr() for each, _ in intervals]
        if not starts:
            continue
        taken = _taken(model.cp, crowds[name])
        every = [*intervals, *taken]
        model.cp.add_cumulative([each for each, _ in every], [need for _, need in every], crowds[name].size)


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


def _read(model: _Model, solver: cp_model.CpSolver, index: int) -> Placing | None:
    if not solver.value(model.present[index]):
        return None
    pot_class = next((each for each, it in model.choice[index].items() if solver.value(it)), 0)
    return Placing(
        solver.value(model.load[index]), tuple(solver.value(each) for each in model.packs[index]), pot_class
    )
