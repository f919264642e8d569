"""When each prescription is soaked, loaded, cooked and packed, and in which pot."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dispatch.decoction.bounds import makespan_bound_min, tardiness_bound_min
from dispatch.decoction.cp_sat import Limits
from dispatch.decoction.floor import Floor, find_floor
from dispatch.decoction.guide import ranks_of
from dispatch.decoction.listing import Listed, along, list_schedule
from dispatch.decoction.reinsertion import reinsert
from dispatch.decoction.results import to_schedule
from dispatch.decoction.tasks import Tasks, read_tasks
from dispatch.decoction.windows import search
from dispatch.plan_types import Schedule
from dispatch.problem import Crew, DecoctionProblem, Job, Pot

# Until which part of the time the rules, the relaxation, the schedules along it and reinsertion go on;
# windows follow.
_RULES, _RELAXED, _ALONG, _REINSERTED = 0.03, 0.35, 0.5, 0.95
# Less time than this is given to the rules alone.
_SHORTEST_S = 0.25
# Work that takes about a second, for repeatable plans: loads placed by lists, iterations of the relaxation.
_PLACINGS_A_SECOND = 4000
_ITERATIONS_A_SECOND = 250
_STEPS_A_SECOND = 1000
_CP_SAT_WORK_A_SECOND = 0.4


@dataclass(frozen=True, slots=True)
class _Effort:
    """How the time is spent."""

    began: float
    seconds: float
    seed: int
    threads: int
    repeatable: bool
    tell: Callable[[float], None]

    def until(self, share: float) -> float:
        """Seconds left until a share of the time has gone."""
        return share * self.seconds - (time.perf_counter() - self.began)

    def rounds(self, tasks: Tasks, share: float) -> int | None:
        """List schedules to try in a share of the time where work is counted."""
        if not self.repeatable:
            return None
        return int(share * self.seconds * _PLACINGS_A_SECOND / max(1, len(tasks.tasks)))

    def steps(self, share: float) -> int | None:
        """Steps of reinsertion in a share of the time where work is counted."""
        return int(share * self.seconds * _STEPS_A_SECOND) if self.repeatable else None

    def work(self, share: float) -> float | None:
        """Deterministic seconds of CP-SAT in a share of the time where work is counted."""
        return share * self.seconds * _CP_SAT_WORK_A_SECOND if self.repeatable else None


def schedule(
    jobs: Sequence[Job],
    pots: Sequence[Pot],
    crew: Crew,
    *,
    horizon_min: int,
    grid_min: int = 5,
    now_min: int = 0,
    start_clock_min: int = 0,
    seconds: float = 10.0,
    seed: int = 0,
    threads: int = 2,
    repeatable: bool = False,
    on_progress: Callable[[float], None] | None = None,
) -> Schedule:
    """Schedule the decoctions of a day: weighted tardiness first, then makespan.

    Jobs of one recipe share a pot where they fit and nobody is later for it. A list schedule by simple rules
    is always made; a linear relaxation says how good a schedule can be and guides further ones. Loads of the
    best are then taken off and placed again, and CP-SAT improves it window by window. `engine` names what
    made the schedule returned.

    Args:
        jobs, pots, crew: the problem; minutes count from the day's start.
        horizon_min: the last minute at which a packing may end; the last cleaning may go on after it.
        grid_min: starts of soaking, loading and packing fall on its multiples.
        now_min: nothing new starts before; for planning again in the middle of a day.
        start_clock_min: the clock minute of minute 0, for the words of reasons.
        seconds: time limit of the search, a first schedule is made whatever it is.
        seed: of all searches.
        threads: of CP-SAT.
        repeatable: limit work, not time, on one thread: the same input then gives the same schedule on every
            run with one version of the library, unless the machine is so slow that `seconds` end it first.
        on_progress: told a fraction 0..1 now and then.

    Returns:
        The schedule; jobs that cannot be planned are in `unscheduled`, each with its reason.

    Raises:
        ValueError: duplicate ids, a figure out of range, `seconds` not above 0.
    """
    if not seconds > 0:
        raise ValueError(f"seconds must be above 0, got {seconds!r}")
    effort = _Effort(time.perf_counter(), seconds, seed, threads, repeatable, _rising(on_progress))
    problem = DecoctionProblem(
        tuple(jobs), tuple(pots), crew, horizon_min, grid_min, now_min, start_clock_min
    )
    singles, tasks = read_tasks(problem, share=False), read_tasks(problem)
    enough = (0, tardiness_bound_min(singles), makespan_bound_min(singles))
    best = list_schedule(
        tasks,
        seconds=effort.until(1.0 if repeatable else _RULES),
        seed=seed,
        rounds=effort.rounds(tasks, _RULES),
        enough=enough,
        on_progress=lambda fraction: effort.tell(_RULES * fraction),
    )
    ways = [tasks]
    if any(job.recipe is not None for job in jobs):
        patient = read_tasks(problem, patient=True)
        ways = [patient, tasks] if len(patient.tasks) < len(tasks.tasks) else ways
    if best.value[0]:
        tasks, best = _other_sharing([singles, *ways], tasks, best, enough)
    engine, floor = "list", Floor(enough[2], None)
    if best.value > enough and seconds >= _SHORTEST_S and tasks.tasks:
        ways = ways if any(tasks is way for way in ways) else [tasks]
        tasks, best, engine, floor = _improve(singles, ways, tasks, best, enough, effort)
    effort.tell(1.0)
    return to_schedule(tasks, singles, best, floor, engine, time.perf_counter() - effort.began)


def _other_sharing(
    ways: Sequence[Tasks], tasks: Tasks, best: Listed, enough: tuple[int, int, int]
) -> tuple[Tasks, Listed]:
    """Where jobs are left out, nobody shares, since a shared load needs more people at once, or more do."""
    for way in ways:
        if way is not tasks and len(way.tasks) != len(tasks.tasks):
            other = list_schedule(way, seconds=0.0, seed=0, rounds=0, enough=enough)
            if other.value < best.value:
                tasks, best = way, other
    return tasks, best


def _improve(
    singles: Tasks,
    ways: Sequence[Tasks],
    tasks: Tasks,
    best: Listed,
    enough: tuple[int, int, int],
    effort: _Effort,
) -> tuple[Tasks, Listed, str, Floor]:
    """The relaxation, schedules along it for each way of sharing pots, and windows.

    Returns:
        The loads of the best schedule, it, what made it, and what the relaxation proved.
    """
    engine, tell = "list", effort.tell
    threads = 1 if effort.repeatable else effort.threads
    floor = find_floor(
        singles,
        enough[2],
        best.value[2] if best.value[:2] == enough[:2] else singles.problem.horizon_min,
        seconds=effort.until(1.0 if effort.repeatable else _RELAXED),
        # Its matrix is too small to gain from more: measured slower with two.
        threads=1,
        iterations=int(effort.seconds * _ITERATIONS_A_SECOND) if effort.repeatable else None,
        on_progress=lambda fraction: tell(_RULES + (_RELAXED - _RULES) * fraction),
    )
    enough = (0, enough[1], floor.makespan_min)
    for number, way in enumerate(ways if floor.times is not None else ()):
        last = _RELAXED + (_ALONG - _RELAXED) * (number + 1) / len(ways)
        guided = along(
            way,
            ranks_of(way, floor.times or {}),
            seconds=effort.until(1.0 if effort.repeatable else last),
            seed=effort.seed,
            rounds=effort.rounds(way, (_ALONG - _RELAXED) / len(ways)),
            enough=enough,
            on_progress=lambda fraction: tell(_RELAXED + (_ALONG - _RELAXED) * fraction),
        )
        if guided.value < best.value:
            tasks, best, engine = way, guided, "relaxation"
    if floor.times is not None:
        better = reinsert(
            tasks,
            best,
            ranks_of(tasks, floor.times).begin,
            enough=enough,
            seconds=effort.until(1.0 if effort.repeatable else _REINSERTED),
            seed=effort.seed,
            steps=effort.steps(_REINSERTED - _ALONG),
            on_progress=lambda fraction: tell(_ALONG + (_REINSERTED - _ALONG) * fraction),
        )
        if better.value < best.value:
            best, engine = better, "reinsertion"
    searched = search(
        tasks,
        best,
        enough=enough,
        limits=Limits(effort.until(1.0), effort.seed, threads, effort.work(1 - _REINSERTED)),
        on_progress=lambda fraction: tell(_REINSERTED + (1 - _REINSERTED) * fraction),
    )
    if searched.value < best.value:
        best, engine = searched, "cp-sat"
    return tasks, best, engine, floor


def _rising(tell: Callable[[float], None] | None) -> Callable[[float], None]:
    """A progress that never falls, though each stage of the search counts from 0 again."""
    highest = 0.0

    def told(fraction: float) -> None:
        nonlocal highest
        highest = max(highest, fraction)
        if tell is not None:
            tell(highest)

    return told
