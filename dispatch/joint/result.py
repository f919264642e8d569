"""A plan found by the joint search as the plan of a day."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from dispatch.decoction.bounds import makespan_bound_min, tardiness_bound_min
from dispatch.decoction.listing import value_of
from dispatch.decoction.pots import assign
from dispatch.decoction.tasks import read_tasks, to_scheduled
from dispatch.delivery.rejecting import rejections
from dispatch.delivery.results import to_routes
from dispatch.delivery.tours import Tours
from dispatch.joint.loads import NEVER_MIN
from dispatch.joint.visits import Visits
from dispatch.joint.weighing import Found
from dispatch.plan_types import DayPlan, Routes, Schedule, Stop, Unserved
from dispatch.reasons import unserved
from dispatch.stops import make_stop
from dispatch.told import day_plan


def to_plan(visits: Visits, found: Found, seconds: float) -> DayPlan:
    """The plan of the day; visits to one village that follow each other are one stop.

    Args:
        visits: the day.
        found: what goes where and when.
        seconds: how long it took.
    """
    made = _schedule(visits, found, seconds)
    stops, routes = _routes(visits, found, seconds)
    return day_plan(visits.day, made, stops, routes, seconds=seconds, made_by="joint")


def _schedule(visits: Visits, found: Found, seconds: float) -> Schedule:
    """The schedule, measured against the jobs' own due times."""
    tasks, problem = visits.loads.tasks, visits.day.decoction()
    jobs = [
        each
        for task, placing, pot in zip(tasks.tasks, found.placings, assign(tasks, found.placings), strict=True)
        if placing is not None and pot is not None
        for each in to_scheduled(tasks, task, placing.load, placing.packs, pot)
    ]
    left_out = [
        job
        for task, placing in zip(tasks.tasks, found.placings, strict=True)
        if placing is None
        for job in task.jobs
    ]
    singles = read_tasks(problem, share=False).only({each.job_id for each in jobs})
    _, tardiness, makespan = value_of(tasks, found.placings)
    return Schedule(
        jobs=tuple(sorted(jobs, key=lambda each: (each.load_at_min, each.pot_id, each.job_id))),
        unscheduled=(*tasks.rejected, *(unserved(job.id, "no_room") for job in left_out)),
        makespan_min=makespan,
        weighted_tardiness=tardiness,
        lower_bound_min=makespan_bound_min(singles),
        lower_bound_tardiness=tardiness_bound_min(singles),
        engine="joint",
        seconds=seconds,
    )


def _routes(visits: Visits, found: Found, seconds: float) -> tuple[tuple[Stop, ...], Routes]:
    """The trips over stops, and a stop for each order that is packed and on no trip."""
    day = visits.day
    ready = {
        order.id: minute for order, minute in zip(day.orders, found.ready, strict=True) if minute < NEVER_MIN
    }
    stops: list[Stop] = []
    counts: dict[str, int] = defaultdict(int)

    def stop_of(orders: Sequence[int]) -> int:
        members = [day.orders[order] for order in sorted(orders)]
        place = members[0].village_id
        counts[place] += 1
        stops.append(make_stop(day, f"{place}/{counts[place]}", members, ready))
        return len(stops) - 1

    tours: Tours = [
        [
            [
                stop_of([order for visit in run for order in visits.orders[visit] if order in found.served])
                for _, run in groupby(trip, key=visits.village.__getitem__)
            ]
            for trip in trips
        ]
        for trips in found.tours
    ]
    driven = len(stops)
    for order, each in enumerate(day.orders):
        if each.id in ready and order not in found.served:
            stop_of([order])
    problem = visits.problem.with_stops(tuple(stops[:driven]))
    missed = tuple(stops[driven:])
    routes = to_routes(
        problem, tours, _reasons(visits, missed), missed=missed, engine="joint", seconds=seconds
    )
    return tuple(stops), routes


def _reasons(visits: Visits, missed: tuple[Stop, ...]) -> list[Unserved]:
    """Why each stop is left out: what keeps every vehicle away, or else that they are full."""
    day, problem = visits.day, visits.problem.with_stops(missed)
    usable = tuple(
        vehicle
        for vehicle in day.vehicles
        if vehicle.trips_done < vehicle.max_trips
        and problem.begin(vehicle) + day.loading_min <= vehicle.shift_end_min
    )
    rejected = rejections(replace(problem, vehicles=usable), start_clock_min=day.start_clock_min)
    return [rejected.get(index) or unserved(stop.id, "no_capacity_left") for index, stop in enumerate(missed)]
