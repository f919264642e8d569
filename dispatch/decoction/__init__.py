"""When each prescription is soaked, loaded, cooked and packed, and in which pot."""

import time
from collections.abc import Callable, Sequence

from dispatch.decoction.bounds import makespan_bound_min, tardiness_bound_min
from dispatch.decoction.cp_sat import Improved, Limits, improve
from dispatch.decoction.listing import list_schedule
from dispatch.decoction.tasks import Tasks, read_tasks, to_scheduled
from dispatch.plan_types import Schedule
from dispatch.problem import Crew, DecoctionProblem, Job, Pot
from dispatch.reasons import unserved

# The list search gets this share of the time, CP-SAT the rest.
_LIST_SHARE = 0.5
# Beyond this many jobs the model takes longer to build than it gives back in a day's planning time.
_CP_SAT_JOBS = 1500
_LIST_ROUNDS_A_SECOND = 40


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

    A list schedule is always made, CP-SAT improves it while time is left; `engine` names the one that made
    the schedule returned. Jobs of one recipe are not put into one pot here.

    Args:
        jobs, pots, crew: the problem; minutes count from the day's start.
        horizon_min: the last minute at which a packing may end; the last cleaning may go on after it.
        grid_min: starts of soaking, loading and packing fall on its multiples.
        now_min: nothing new starts before; for planning again in the middle of a day.
        start_clock_min: the clock minute of minute 0, for the words of reasons.
        seconds: time limit of the search, a first schedule is made whatever it is.
        seed: of both searches.
        threads: of CP-SAT.
        repeatable: limit work (about `seconds` of it), not time, on one thread: the same input then gives
            the same schedule on every run with one version of the library.
        on_progress: told a fraction 0..1 now and then.

    Returns:
        The schedule; jobs that cannot be planned are in `unscheduled`, each with its reason.

    Raises:
        ValueError: duplicate ids, a figure out of range, `seconds` not above 0.
    """
    if not seconds > 0:
        raise ValueError(f"seconds must be above 0, got {seconds!r}")
    began = time.perf_counter()
    problem = DecoctionProblem(
        tuple(jobs), tuple(pots), crew, horizon_min, grid_min, now_min, start_clock_min
    )
    tasks = read_tasks(problem)
    tell = _rising(on_progress)
    late, last = tardiness_bound_min(tasks), makespan_bound_min(tasks)
    listed = list_schedule(
        tasks,
        seconds=seconds * _LIST_SHARE,
        seed=seed,
        rounds=int(seconds * _LIST_ROUNDS_A_SECOND) if repeatable else None,
        enough=(0, late, last),
        on_progress=lambda fraction: tell(_LIST_SHARE * fraction),
    )
    tell(_LIST_SHARE)
    left = seconds * (1 - _LIST_SHARE) if repeatable else seconds - (time.perf_counter() - began)
    best = Improved(listed)
    if left > 0.2 and 0 < len(tasks.tasks) <= _CP_SAT_JOBS:
        limits = Limits(left, seed, threads, repeatable)
        best = improve(
            tasks,
            listed,
            limits,
            tardiness_bound=late,
            makespan_bound=last,
            on_found=lambda fraction: tell(_LIST_SHARE + 0.4 * fraction),
        )
    tell(1.0)
    return _result(tasks, best, is_listed=best.listed is listed, seconds=time.perf_counter() - began)


def _rising(tell: Callable[[float], None] | None) -> Callable[[float], None]:
    """A progress that never falls, though each stage of the search counts from 0 again."""
    highest = 0.0

    def told(fraction: float) -> None:
        nonlocal highest
        highest = max(highest, fraction)
        if tell is not None:
            tell(highest)

    return told


def _result(tasks: Tasks, best: Improved, *, is_listed: bool, seconds: float) -> Schedule:
    missing, tardiness, makespan = best.listed.value
    placed = [(t, p) for t, p in zip(tasks.tasks, best.listed.placings, strict=True) if p is not None]
    left_out = [t for t, p in zip(tasks.tasks, best.listed.placings, strict=True) if p is None]
    chosen = [task for task, _ in placed]
    tardiness_floor, makespan_floor = tardiness_bound_min(tasks, chosen), makespan_bound_min(tasks, chosen)
    # Bounds that the search proved hold for the whole set of jobs, so only where none is left out.
    if not missing:
        tardiness_floor = max(tardiness_floor, best.tardiness_bound or 0)
        # CP-SAT's makespan bound is proven for this tardiness only: it counts where no smaller one exists.
        if tardiness == tardiness_floor:
            makespan_floor = max(makespan_floor, best.makespan_bound or 0)
    jobs = [to_scheduled(tasks, task, p.load, p.pack, p.pot) for task, p in placed]
    return Schedule(
        jobs=tuple(sorted(jobs, key=lambda each: (each.load_at_min, each.pot_id))),
        unscheduled=(*tasks.rejected, *(unserved(task.job.id, "no_room") for task in left_out)),
        makespan_min=makespan,
        weighted_tardiness=tardiness,
        lower_bound_min=makespan_floor,
        lower_bound_tardiness=tardiness_floor,
        engine="list" if is_listed else "cp-sat",
        seconds=seconds,
    )
