"""Placings as the result type, with what is proven of them."""

from dispatch.decoction.bounds import makespan_bound_min, tardiness_bound_min
from dispatch.decoction.floor import Floor
from dispatch.decoction.listing import Listed
from dispatch.decoction.pots import assign
from dispatch.decoction.tasks import Tasks, to_scheduled
from dispatch.plan_types import Schedule
from dispatch.reasons import unserved


def to_schedule(
    tasks: Tasks, singles: Tasks, best: Listed, floor: Floor, engine: str, seconds: float
) -> Schedule:
    """Placings as a schedule in minutes, with pots, reasons and bounds.

    Args:
        tasks: the loads.
        singles: the same problem, each job a load of its own: the bounds count these.
        best: a placing for each load.
        floor: what the relaxation proved.
        engine, seconds: what made the placings, and in which time.
    """
    _, tardiness, makespan = best.value
    given = assign(tasks, best.placings)
    jobs = [
        each
        for task, placing, pot in zip(tasks.tasks, best.placings, given, strict=True)
        if placing is not None and pot is not None
        for each in to_scheduled(tasks, task, placing.load, placing.packs, pot)
    ]
    left_out = [
        job
        for task, each in zip(tasks.tasks, best.placings, strict=True)
        if each is None
        for job in task.jobs
    ]
    counted = singles.only({each.job_id for each in jobs}) if left_out else singles
    tardiness_floor, makespan_floor = tardiness_bound_min(counted), makespan_bound_min(counted)
    # The relaxation counts all jobs, and nobody later than need be: it bounds the best schedule only where
    # all are placed and none is.
    if not left_out and tardiness == tardiness_floor:
        makespan_floor = max(makespan_floor, floor.makespan_min)
    return Schedule(
        jobs=tuple(sorted(jobs, key=lambda each: (each.load_at_min, each.pot_id, each.job_id))),
        unscheduled=(*tasks.rejected, *(unserved(job.id, "no_room") for job in left_out)),
        makespan_min=makespan,
        weighted_tardiness=tardiness,
        lower_bound_min=makespan_floor,
        lower_bound_tardiness=tardiness_floor,
        engine=engine,
        seconds=seconds,
    )
