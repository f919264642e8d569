"""The scheduler's view of a problem: what can be planned at all, and its figures in whole time units."""

import math
from collections.abc import Hashable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from types import MappingProxyType

from dispatch.decoction.batches import gather, process_of
from dispatch.plan_types import ScheduledJob, Unserved
from dispatch.problem import DUTY_FOR, PACK_WAIT_MIN, SOAK_SLACK_MIN, DecoctionProblem, Job
from dispatch.reasons import clock, unserved


@dataclass(frozen=True, slots=True)
class Task:
    """One load of a pot, by one job or by several that share it, in time units on multiples of `Tasks.step`.

    Attributes:
        jobs: what is in the pot; `packs` are the lengths of their packings, in the same order.
        first_load, last_load: earliest and latest start of loading (equal when it is in its pot already).
        load, cook, clean: lengths; `add_offset` counts from the start of loading.
        add, adders: how long adding takes, and how many adders come at once.
        pack_window: offsets from the start of loading between which packing may start, both included.
        classes: indices into `Tasks.classes` of the pots it may use, smallest first.
        pot: index of the pot it is in already, None while it waits.
    """

    jobs: tuple[Job, ...]
    first_load: int
    last_load: int
    load: int
    cook: int
    clean: int
    packs: tuple[int, ...]
    add: int
    adders: int
    add_offset: int
    pack_window: tuple[int, int]
    classes: tuple[int, ...]
    pot: int | None = None

    @property
    def in_pot(self) -> bool:
        """Whether it is in its pot already."""
        return self.pot is not None

    @property
    def ml(self) -> int:
        """Volume of all its jobs together."""
        return sum(job.ml for job in self.jobs)

    @property
    def pot_length(self) -> int:
        """Units for which the pot is held."""
        return self.load + self.cook + self.clean

    @property
    def earliest_end(self) -> int:
        """The earliest end of its last packing, other loads aside."""
        return self.first_load + self.pack_window[0] + max(self.packs)


@dataclass(frozen=True, slots=True)
class Tasks:
    """All plannable jobs of a problem; `unit_min` minutes make a unit, starts fall on every `step`-th.

    `classes` are pots that serve exactly the same loads: which of them it is makes no difference.
    """

    problem: DecoctionProblem
    tasks: tuple[Task, ...]
    rejected: tuple[Unserved, ...]
    unit_min: int
    step: int
    classes: tuple[tuple[int, ...], ...]

    @property
    def horizon(self) -> int:
        """The last unit at which packing may end."""
        return self.problem.horizon_min // self.unit_min

    def only(self, job_ids: Set[str]) -> "Tasks":
        """The same with the loads of these jobs alone."""
        kept = tuple(task for task in self.tasks if all(job.id in job_ids for job in task.jobs))
        return replace(self, tasks=kept)


def read_tasks(
    problem: DecoctionProblem,
    *,
    share: bool = True,
    patient: bool = False,
    together: Mapping[str, Hashable] = MappingProxyType({}),
    each_pot: bool = False,
) -> Tasks:
    """Sort out the jobs that can never be planned, with their reasons, and scale the others.

    Args:
        problem: jobs, pots, people.
        share: whether jobs of one recipe are put into one pot where that costs nobody a delay.
        patient: whether they wait for one another as long as they may, so that there are few loads.
        together: by job id; those of one value are one load already, whatever `share` says of the others.
        each_pot: whether every pot is a class of its own, so that a placing says which pot it is.
    """
    rejected: list[Unserved] = []
    kept: list[Job] = []
    for job in problem.jobs:
        reason = _reject(problem, job)
        if reason is None:
            kept.append(job)
        else:
            rejected.append(reason)
    unit = _unit(problem, kept)
    possible: list[Job] = []
    for job in kept:
        task = _task(problem, (job,), unit, ())
        if task.last_load < task.first_load or task.earliest_end > problem.horizon_min // unit:
            rejected.append(_too_late(problem, job, task, unit))
        else:
            possible.append(job)
    loaded = _together([job for job in possible if _is_loaded(job)])
    waiting = [job for job in possible if not _is_loaded(job)]
    settled: dict[Hashable, list[Job]] = {}
    for job in waiting:
        if job.id in together:
            settled.setdefault(together[job.id], []).append(job)
    loads = [tuple(each) for each in settled.values()]
    loads += gather(problem, [job for job in waiting if job.id not in together], share=share, patient=patient)
    classes = _by_size(problem) if each_pot else _classes(problem, loads)
    tasks = tuple(_task(problem, jobs, unit, classes) for jobs in (*loaded, *loads))
    return Tasks(problem, tasks, tuple(rejected), unit, problem.grid_min // unit, classes)


def to_scheduled(tasks: Tasks, task: Task, load: int, packs: Sequence[int], pot: int) -> list[ScheduledJob]:
    """The jobs of a placed task back in minutes.

    Args:
        tasks: the problem in units.
        task: the load.
        load: its start in units; `packs` are the starts of its packings.
        pot: index of its pot.
    """
    made: list[ScheduledJob] = []
    for job, pack in zip(task.jobs, packs, strict=True):
        load_at = load * tasks.unit_min
        soak_at = _down(load_at - job.soak_min, tasks.problem.grid_min)
        if job.started is not None:
            soak_at = job.started.soak_at_min
            load_at = load_at if job.started.load_at_min is None else job.started.load_at_min
        cook_at = load_at + job.load_min
        cook_end = cook_at + job.cook_min
        made.append(
            ScheduledJob(
                job_id=job.id,
                pot_id=tasks.problem.pots[pot].id,
                soak_at_min=soak_at,
                load_at_min=load_at,
                cook_at_min=cook_at,
                add_at_min=cook_at + job.add_at_min
                if job.needs_adder and job.add_at_min is not None
                else None,
                cook_end_min=cook_end,
                pack_at_min=pack * tasks.unit_min,
                pack_end_min=pack * tasks.unit_min + job.pack_min,
                clean_end_min=cook_end + job.clean_min,
            )
        )
    return made


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


def _together(jobs: Sequence[Job]) -> list[tuple[Job, ...]]:
    """Loaded jobs by pot and minute: those that were loaded together are one load."""
    found: dict[object, list[Job]] = {}
    for job in jobs:
        found.setdefault((job.started and job.started.pot_id, _loaded_at(job), process_of(job)), []).append(
            job
        )
    return [tuple(each) for each in found.values()]


def _classes(problem: DecoctionProblem, loads: Sequence[Sequence[Job]]) -> tuple[tuple[int, ...], ...]:
    """Pots by duty and by the largest load they hold, the smaller ones first."""
    volumes: dict[str, list[int]] = {}
    for jobs in loads:
        volumes.setdefault(DUTY_FOR[jobs[0].taint], []).append(sum(job.ml for job in jobs))
    groups: dict[tuple[str, int], list[int]] = {}
    for index in sorted(range(len(problem.pots)), key=lambda i: (problem.pots[i].max_ml, i)):
        pot = problem.pots[index]
        holds = max((ml for ml in volumes.get(pot.duty, ()) if ml <= pot.max_ml), default=0)
        groups.setdefault((pot.duty, holds), []).append(index)
    return tuple(tuple(group) for group in groups.values())


def _by_size(problem: DecoctionProblem) -> tuple[tuple[int, ...], ...]:
    """Every pot by itself, the smaller ones first."""
    order = sorted(range(len(problem.pots)), key=lambda index: (problem.pots[index].max_ml, index))
    return tuple((index,) for index in order)


def _unit(problem: DecoctionProblem, jobs: list[Job]) -> int:
    lengths = [problem.grid_min]
    for job in jobs:
        lengths += [job.load_min, job.cook_min, job.clean_min, job.pack_min]
        if job.needs_adder and job.add_at_min is not None:
            lengths += [job.add_at_min, job.add_min]
    return math.gcd(*lengths)


def _task(
    problem: DecoctionProblem, jobs: tuple[Job, ...], unit: int, classes: Sequence[Sequence[int]]
) -> Task:
    return (_in_pot if _is_loaded(jobs[0]) else _waiting)(problem, jobs, unit, classes)


def _waiting(
    problem: DecoctionProblem, jobs: tuple[Job, ...], unit: int, classes: Sequence[Sequence[int]]
) -> Task:
    """A load that is not in a pot yet."""
    grid, horizon, job = problem.grid_min, problem.horizon_min, jobs[0]
    starts = [load_window(problem, each) for each in jobs]
    first, last = max(low for low, _ in starts), min(high for _, high in starts)
    cooked = (job.load_min + job.cook_min) // unit
    # The first point of the grid after cooking: starts are on the grid, so the offset is the same for all.
    pack_first = _up(job.load_min + job.cook_min, grid) // unit
    latest = _down(horizon - pack_first * unit - max(each.pack_min for each in jobs), grid)
    volume = sum(each.ml for each in jobs)
    fitting = (
        number
        for number, pots in enumerate(classes)
        if problem.pots[pots[0]].duty == DUTY_FOR[job.taint] and problem.pots[pots[0]].max_ml >= volume
    )
    return Task(
        jobs=jobs,
        first_load=first // unit,
        last_load=min(last, latest) // unit,
        load=job.load_min // unit,
        cook=job.cook_min // unit,
        clean=job.clean_min // unit,
        packs=tuple(each.pack_min // unit for each in jobs),
        add=job.add_min // unit if job.needs_adder else 0,
        # Each bag of late herbs has its own hand: a checker that counts adders by job finds enough of them.
        adders=len(jobs) if job.needs_adder else 0,
        add_offset=(job.load_min + (job.add_at_min or 0)) // unit if job.needs_adder else 0,
        pack_window=(pack_first, cooked + PACK_WAIT_MIN // unit),
        classes=tuple(fitting),
    )


def load_window(problem: DecoctionProblem, job: Job) -> tuple[int, int]:
    """The earliest and the latest minute at which a waiting job may be loaded, by its soaking alone."""
    grid = problem.grid_min
    if job.started is None:
        return _up(_up(max(job.release_min, problem.now_min), grid) + job.soak_min, grid), problem.horizon_min
    soaked = job.started.soak_at_min + job.soak_min
    return (
        _up(max(soaked, problem.now_min), grid),
        min(problem.horizon_min, _down(soaked + SOAK_SLACK_MIN, grid)),
    )


def _in_pot(
    problem: DecoctionProblem, jobs: tuple[Job, ...], unit: int, classes: Sequence[Sequence[int]]
) -> Task:
    """A load already in its pot: only packing is open. Real times may be off the grid: round outwards."""
    grid, now, job = problem.grid_min, problem.now_min, jobs[0]
    load_at = _loaded_at(job) or 0
    pot_id = job.started.pot_id if job.started else None
    pot = next(number for number, each in enumerate(problem.pots) if each.id == pot_id)
    cook_end = load_at + job.load_min + job.cook_min
    start = load_at // unit
    pack_first = _up(max(cook_end, now), grid) // unit
    pack_last = _down(max(cook_end, now) + PACK_WAIT_MIN, grid) // unit
    busy = -(-(cook_end + job.clean_min) // unit) - start
    loading = -(-(load_at + job.load_min) // unit) - start
    add_at = (load_at + job.load_min + (job.add_at_min or 0)) // unit
    return Task(
        jobs=jobs,
        first_load=start,
        last_load=start,
        load=loading,
        cook=0,
        clean=busy - loading,
        packs=tuple(each.pack_min // unit for each in jobs),
        add=-(-job.add_min // unit) if job.needs_adder else 0,
        adders=len(jobs) if job.needs_adder else 0,
        add_offset=add_at - start,
        pack_window=(pack_first - start, pack_last - start),
        classes=tuple(number for number, pots in enumerate(classes) if pot in pots),
        pot=pot,
    )


def _loaded_at(job: Job) -> int | None:
    return job.started.load_at_min if job.started else None


def _up(minute: int, grid: int) -> int:
    return -(-minute // grid) * grid


def _down(minute: int, grid: int) -> int:
    return minute // grid * grid
