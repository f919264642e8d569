"""The scheduler's view of a problem: what can be planned at all, and its figures in whole time units."""

import math
from dataclasses import dataclass

from dispatch.plan_types import ScheduledJob, Unserved
from dispatch.problem import DUTY_FOR, PACK_WAIT_MIN, SOAK_SLACK_MIN, DecoctionProblem, Job
from dispatch.reasons import clock, unserved


@dataclass(frozen=True, slots=True)
class Task:
    """A job in time units; starts lie on multiples of `Tasks.step`.

    Attributes:
        first_load, last_load: earliest and latest start of loading (equal when it is in its pot already).
        load, cook, clean, pack: lengths; `add_offset` counts from the start of loading.
        pack_window: offsets from the start of loading between which packing may start, both included.
        pots: indices of the pots it may use, smallest first; `in_pot` when it is already in one of them.
    """

    job: Job
    first_load: int
    last_load: int
    load: int
    cook: int
    clean: int
    pack: int
    add: int
    add_offset: int
    pack_window: tuple[int, int]
    pots: tuple[int, ...]
    in_pot: bool = False

    @property
    def pot_length(self) -> int:
        """Units for which the pot is held."""
        return self.load + self.cook + self.clean

    @property
    def earliest_end(self) -> int:
        """The earliest end of packing."""
        return self.first_load + self.pack_window[0] + self.pack


@dataclass(frozen=True, slots=True)
class Tasks:
    """All plannable jobs of a problem; `unit_min` minutes make a unit, starts fall on every `step`-th."""

    problem: DecoctionProblem
    tasks: tuple[Task, ...]
    rejected: tuple[Unserved, ...]
    unit_min: int
    step: int

    @property
    def horizon(self) -> int:
        """The last unit at which packing may end."""
        return self.problem.horizon_min // self.unit_min


def read_tasks(problem: DecoctionProblem) -> Tasks:
    """Sort out the jobs that can never be planned, with their reasons, and scale the others."""
    rejected: list[Unserved] = []
    kept: list[Job] = []
    for job in problem.jobs:
        reason = _reject(problem, job)
        if reason is None:
            kept.append(job)
        else:
            rejected.append(reason)
    unit = _unit(problem, kept)
    order = sorted(range(len(problem.pots)), key=lambda i: (problem.pots[i].max_ml, i))
    tasks: list[Task] = []
    for job in kept:
        pots = tuple(i for i in order if _fits(problem, job, i))
        task = _in_pot(problem, job, unit) if _is_loaded(job) else _waiting(problem, job, unit, pots)
        if task.last_load < task.first_load or task.earliest_end > problem.horizon_min // unit:
            rejected.append(_too_late(problem, job, task, unit))
        else:
            tasks.append(task)
    return Tasks(problem, tuple(tasks), tuple(rejected), unit, problem.grid_min // unit)


def to_scheduled(tasks: Tasks, task: Task, load: int, pack: int, pot: int) -> ScheduledJob:
    """A placed task back in minutes; `load` and `pack` are its starts in units, `pot` its index."""
    job, unit = task.job, tasks.unit_min
    load_at = load * unit
    soak_at = _down(load_at - job.soak_min, tasks.problem.grid_min)
    if job.started is not None:
        soak_at = job.started.soak_at_min
        load_at = load_at if job.started.load_at_min is None else job.started.load_at_min
    cook_at = load_at + job.load_min
    cook_end = cook_at + job.cook_min
    return ScheduledJob(
        job_id=job.id,
        pot_id=tasks.problem.pots[pot].id,
        soak_at_min=soak_at,
        load_at_min=load_at,
        cook_at_min=cook_at,
        add_at_min=cook_at + job.add_at_min if job.needs_adder and job.add_at_min is not None else None,
        cook_end_min=cook_end,
        pack_at_min=pack * unit,
        pack_end_min=pack * unit + job.pack_min,
        clean_end_min=cook_end + job.clean_min,
    )


def _reject(problem: DecoctionProblem, job: Job) -> Unserved | None:
    """The reason why a job can never be planned whatever the others do, None when it can."""
    if not problem.pots:
        return unserved(job.id, "no_pots")
    if _is_loaded(job):
        pot_id = job.started.pot_id if job.started else None
        if pot_id not in {pot.id for pot in problem.pots}:
            return unserved(job.id, "pot_gone", pot=pot_id)
    else:
        duty = DUTY_FOR[job.taint]
        volumes = [pot.max_ml for pot in problem.pots if pot.duty == duty]
        if not volumes:
            return unserved(job.id, "no_pot_of_duty", duty=duty)
        if job.ml > max(volumes):
            return unserved(job.id, "too_large_for_pots", ml=job.ml, largest=max(volumes))
        if problem.crew.loaders == 0 and job.load_min > 0:
            return unserved(job.id, "no_loaders")
    if problem.crew.packers == 0 and job.pack_min > 0:
        return unserved(job.id, "no_packers")
    if problem.crew.adders == 0 and job.needs_adder:
        return unserved(job.id, "no_adders")
    return None


def _too_late(problem: DecoctionProblem, job: Job, task: Task, unit: int) -> Unserved:
    if task.earliest_end * unit > problem.horizon_min:
        earliest, horizon = (
            clock(minute, problem.start_clock_min)
            for minute in (task.earliest_end * unit, problem.horizon_min)
        )
        return unserved(job.id, "past_horizon", earliest=earliest, horizon=horizon)
    return unserved(job.id, "soaked_too_long")


def _is_loaded(job: Job) -> bool:
    return job.started is not None and job.started.load_at_min is not None


def _fits(problem: DecoctionProblem, job: Job, pot: int) -> bool:
    return problem.pots[pot].duty == DUTY_FOR[job.taint] and problem.pots[pot].max_ml >= job.ml


def _unit(problem: DecoctionProblem, jobs: list[Job]) -> int:
    lengths = [problem.grid_min]
    for job in jobs:
        lengths += [job.load_min, job.cook_min, job.clean_min, job.pack_min]
        if job.needs_adder and job.add_at_min is not None:
            lengths += [job.add_at_min, job.add_min]
    return math.gcd(*lengths)


def _waiting(problem: DecoctionProblem, job: Job, unit: int, pots: tuple[int, ...]) -> Task:
    """A job that is not in a pot yet."""
    grid, horizon = problem.grid_min, problem.horizon_min
    if job.started is None:
        first = _up(_up(max(job.release_min, problem.now_min), grid) + job.soak_min, grid)
        last = horizon
    else:
        soaked = job.started.soak_at_min + job.soak_min
        first = _up(max(soaked, problem.now_min), grid)
        last = min(horizon, _down(soaked + SOAK_SLACK_MIN, grid))
    cooked = (job.load_min + job.cook_min) // unit
    # The first point of the grid after cooking: starts are on the grid, so the offset is the same for all.
    pack_first = _up(job.load_min + job.cook_min, grid) // unit
    latest = _down(horizon - pack_first * unit - job.pack_min, grid)
    return Task(
        job=job,
        first_load=first // unit,
        last_load=min(last, latest) // unit,
        load=job.load_min // unit,
        cook=job.cook_min // unit,
        clean=job.clean_min // unit,
        pack=job.pack_min // unit,
        add=job.add_min // unit if job.needs_adder else 0,
        add_offset=(job.load_min + (job.add_at_min or 0)) // unit if job.needs_adder else 0,
        pack_window=(pack_first, cooked + PACK_WAIT_MIN // unit),
        pots=pots,
    )


def _in_pot(problem: DecoctionProblem, job: Job, unit: int) -> Task:
    """A job already in its pot: only its packing is open. Real times may be off the grid: round outwards."""
    grid, now = problem.grid_min, problem.now_min
    load_at = job.started.load_at_min if job.started and job.started.load_at_min is not None else 0
    pot_id = job.started.pot_id if job.started else None
    cook_end = load_at + job.load_min + job.cook_min
    start = load_at // unit
    pack_first = _up(max(cook_end, now), grid) // unit
    pack_last = _down(max(cook_end, now) + PACK_WAIT_MIN, grid) // unit
    busy = -(-(cook_end + job.clean_min) // unit) - start
    add_at = (load_at + job.load_min + (job.add_at_min or 0)) // unit
    return Task(
        job=job,
        first_load=start,
        last_load=start,
        load=-(-(load_at + job.load_min) // unit) - start,
        cook=0,
        clean=busy - (-(-(load_at + job.load_min) // unit) - start),
        pack=job.pack_min // unit,
        add=-(-job.add_min // unit) if job.needs_adder else 0,
        add_offset=add_at - start,
        pack_window=(pack_first - start, pack_last - start),
        pots=tuple(i for i, pot in enumerate(problem.pots) if pot.id == pot_id),
        in_pot=True,
    )


def _up(minute: int, grid: int) -> int:
    return -(-minute // grid) * grid


def _down(minute: int, grid: int) -> int:
    return minute // grid * grid
