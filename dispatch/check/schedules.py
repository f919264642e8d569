"""Checks of a decoction schedule."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from dispatch.check.violation import Violation, check_complete
from dispatch.plan_types import Schedule, ScheduledJob
from dispatch.problem import DUTY_FOR, PACK_WAIT_MIN, SOAK_SLACK_MIN, DecoctionProblem, Job, Pot

Interval = tuple[int, int, str]


def check_schedule(problem: DecoctionProblem, schedule: Schedule) -> list[Violation]:
    """Everything wrong with a decoction schedule.

    Kinds: job_unknown, job_twice, job_missing, pot_unknown, pot_wrong (of a started job), duty, volume,
    release, soak_short, soak_long, started (history changed), past (before now), cook_gap, add_time, times
    (an end does not follow from its start), pack_early, pack_late, horizon, grid, pot_overlap, loaders,
    packers, adders, makespan, tardiness, bound.
    """
    found: list[Violation] = []
    jobs = {job.id: job for job in problem.jobs}
    pots = {pot.id: pot for pot in problem.pots}
    found += check_complete(
        "job", jobs, [each.job_id for each in schedule.jobs], [each.id for each in schedule.unscheduled]
    )
    placed = [(jobs[each.job_id], each) for each in schedule.jobs if each.job_id in jobs]
    for job, each in placed:
        found += _check_pot(job, each, pots)
        found += _check_times(problem, job, each)
    found += _check_shared(problem, placed, pots)
    found += _check_goals(placed, schedule)
    return found


def _check_pot(job: Job, each: ScheduledJob, pots: Mapping[str, Pot]) -> list[Violation]:
    pot = pots.get(each.pot_id)
    if pot is None:
        return [Violation("pot_unknown", job.id, f"pot {each.pot_id} is not in the problem")]
    if job.started is not None and job.started.pot_id is not None:
        if job.started.pot_id != each.pot_id:
            return [Violation("pot_wrong", job.id, f"it is in pot {job.started.pot_id}, not {each.pot_id}")]
        return []
    found: list[Violation] = []
    if pot.duty != DUTY_FOR[job.taint]:
        found.append(Violation("duty", job.id, f"taint {job.taint} in pot {pot.id} of duty {pot.duty}"))
    if job.ml > pot.max_ml:
        found.append(Violation("volume", job.id, f"{job.ml} ml in pot {pot.id} of {pot.max_ml} ml"))
    return found


def _check_times(problem: DecoctionProblem, job: Job, each: ScheduledJob) -> list[Violation]:
    found: list[Violation] = []

    def wrong(kind: str, detail: str) -> None:
        found.append(Violation(kind, job.id, detail))

    started = job.started
    soaked = each.load_at_min - each.soak_at_min
    fixed_load = started is not None and started.load_at_min is not None
    if started is None:
        if each.soak_at_min < job.release_min:
            wrong("release", f"soaked at {each.soak_at_min}, released at {job.release_min}")
        if each.soak_at_min < problem.now_min:
            wrong("past", f"soaked at {each.soak_at_min}, it is {problem.now_min}")
    elif each.soak_at_min != started.soak_at_min:
        wrong("started", f"soaked at {each.soak_at_min} in the plan, at {started.soak_at_min} in fact")
    if fixed_load and started is not None and each.load_at_min != started.load_at_min:
        wrong("started", f"loaded at {each.load_at_min} in the plan, at {started.load_at_min} in fact")
    if not fixed_load:
        if soaked < job.soak_min:
            wrong("soak_short", f"soaked {soaked} of {job.soak_min} min")
        if soaked > job.soak_min + SOAK_SLACK_MIN:
            wrong("soak_long", f"soaked {soaked} min, {job.soak_min + SOAK_SLACK_MIN} at most")
        if each.load_at_min < problem.now_min:
            wrong("past", f"loaded at {each.load_at_min}, it is {problem.now_min}")
    if each.cook_at_min != each.load_at_min + job.load_min:
        wrong("cook_gap", f"loaded by {each.load_at_min + job.load_min}, cooked from {each.cook_at_min}")
    if each.add_at_min != _add_at(job, each):
        wrong("add_time", f"added to at {each.add_at_min} instead of {_add_at(job, each)}")
    cook_end = each.cook_at_min + job.cook_min
    ends = (cook_end, each.pack_at_min + job.pack_min, cook_end + job.clean_min)
    if (each.cook_end_min, each.pack_end_min, each.clean_end_min) != ends:
        wrong("times", f"the ends of cooking, packing and cleaning are {ends}")
    # What is in a pot may have waited too long already: it is then due within the window from now on.
    latest = (max(cook_end, problem.now_min) if fixed_load else cook_end) + PACK_WAIT_MIN
    if each.pack_at_min < cook_end:
        wrong("pack_early", f"packed at {each.pack_at_min}, cooked until {cook_end}")
    if each.pack_at_min > latest:
        wrong("pack_late", f"packed at {each.pack_at_min}, {latest} at the latest")
    if each.pack_at_min < problem.now_min:
        wrong("past", f"packed at {each.pack_at_min}, it is {problem.now_min}")
    if each.pack_at_min + job.pack_min > problem.horizon_min:
        wrong(
            "horizon", f"packed by {each.pack_at_min + job.pack_min}, the day ends at {problem.horizon_min}"
        )
    starts = [each.pack_at_min]
    starts += [each.soak_at_min] if started is None else []
    starts += [] if fixed_load else [each.load_at_min]
    if any(start % problem.grid_min for start in starts):
        wrong("grid", f"a start of {starts} is off the grid of {problem.grid_min} min")
    return found


def _add_at(job: Job, each: ScheduledJob) -> int | None:
    if job.add_at_min is None or not job.add_min:
        return None
    return each.cook_at_min + job.add_at_min


def _check_shared(
    problem: DecoctionProblem, placed: Sequence[tuple[Job, ScheduledJob]], pots: Mapping[str, Pot]
) -> list[Violation]:
    """Pots and people: nobody and nothing twice at once. Jobs that share a pot count as one load."""
    found: list[Violation] = []
    batches: dict[tuple[str, int, str], list[tuple[Job, ScheduledJob]]] = defaultdict(list)
    for job, each in placed:
        # Only jobs of one recipe, loaded into one pot at one time, are one batch.
        together = job.recipe if job.recipe is not None else f"\0{job.id}"
        batches[each.pot_id, each.load_at_min, together].append((job, each))
    in_pot: dict[str, list[Interval]] = defaultdict(list)
    people: dict[str, list[tuple[Interval, bool]]] = defaultdict(list)
    for (pot_id, load_at, _), batch in batches.items():
        job, each = batch[0]
        history = job.started is not None and job.started.load_at_min is not None
        end = max(e.cook_at_min + j.cook_min + j.clean_min for j, e in batch)
        in_pot[pot_id].append((load_at, end, job.id))
        people["loaders"].append(((load_at, load_at + job.load_min, job.id), history))
        add_at = _add_at(job, each)
        if add_at is not None:
            people["adders"].append(((add_at, add_at + job.add_min, job.id), history))
        for j, e in batch:
            people["packers"].append(((e.pack_at_min, e.pack_at_min + j.pack_min, j.id), False))
        if len(batch) > 1:
            found += _check_batch(pots, pot_id, batch)
    for pot_id, intervals in in_pot.items():
        found += _check_overlap(pot_id, intervals)
    for role, wanted in people.items():
        found += _check_people(role, getattr(problem.crew, role), wanted)
    return found


def _check_batch(
    pots: Mapping[str, Pot], pot_id: str, batch: Sequence[tuple[Job, ScheduledJob]]
) -> list[Violation]:
    job = batch[0][0]
    volume = sum(each.ml for each, _ in batch)
    found: list[Violation] = []
    if pot_id in pots and volume > pots[pot_id].max_ml:
        found.append(Violation("volume", job.id, f"{volume} ml together in pot {pot_id}"))
    alike = {(j.load_min, j.cook_min, j.clean_min, j.add_at_min, j.add_min, j.taint) for j, _ in batch}
    if len(alike) > 1:
        found.append(Violation("pot_overlap", job.id, f"recipe {job.recipe}: its jobs are not cooked alike"))
    return found


def _check_overlap(pot_id: str, intervals: list[Interval]) -> list[Violation]:
    found: list[Violation] = []
    busy_until, by = -1, ""
    for start, end, job_id in sorted(intervals):
        if by and start < busy_until:
            detail = f"pot {pot_id} is held by {by} until {busy_until}, and loaded at {start}"
            found.append(Violation("pot_overlap", job_id, detail))
        if end > busy_until:
            busy_until, by = end, job_id
    return found


def _check_people(role: str, size: int, wanted: Sequence[tuple[Interval, bool]]) -> list[Violation]:
    """One violation for each start at which more are needed than there are; pure history is not reported."""
    found: list[Violation] = []
    working = sorted((interval, history) for interval, history in wanted if interval[1] > interval[0])
    # Who works at a minute is who began by then and has not ended: swept in the order of the starts.
    at_once: list[tuple[int, bool]] = []
    for place, ((start, end, job_id), history) in enumerate(working):
        at_once = [(until, past) for until, past in at_once if until > start]
        at_once.append((end, history))
        if place + 1 < len(working) and working[place + 1][0][0] == start:
            continue
        if len(at_once) > size and not all(past for _, past in at_once):
            found.append(
                Violation(role, job_id, f"{len(at_once)} {role} needed at {start}, there are {size}")
            )
    return found


def _check_goals(placed: Sequence[tuple[Job, ScheduledJob]], schedule: Schedule) -> list[Violation]:
    found: list[Violation] = []
    ends = [(job, each.pack_at_min + job.pack_min) for job, each in placed]
    makespan = max((end for _, end in ends), default=0)
    tardiness = sum(job.weight * max(0, end - job.due_min) for job, end in ends)
    if schedule.makespan_min != makespan:
        found.append(Violation("makespan", "schedule", f"{schedule.makespan_min} given, {makespan} in fact"))
    if schedule.weighted_tardiness != tardiness:
        detail = f"{schedule.weighted_tardiness} given, {tardiness} in fact"
        found.append(Violation("tardiness", "schedule", detail))
    if schedule.lower_bound_min > makespan or schedule.lower_bound_tardiness > tardiness:
        found.append(Violation("bound", "schedule", "a lower bound lies above what was reached"))
    return found
