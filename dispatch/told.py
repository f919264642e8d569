"""A schedule and trips told as the plan of a day: a promise for every order, or why there is none."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from dispatch.delivery.tours import UNSERVED_FEN
from dispatch.plan_types import DayPlan, Promise, Routes, Schedule, Stop, Unserved
from dispatch.problem import Day
from dispatch.reasons import unserved
from dispatch.stops import ready_times


def day_plan(
    day: Day, made: Schedule, stops: tuple[Stop, ...], routes: Routes, *, seconds: float, made_by: str
) -> DayPlan:
    """The plan of a day whose pots and trips are settled.

    `routes.parts.unserved_fen` becomes what the orders left out weigh, those without a pot included.

    Args:
        day: the problem.
        made: when everything is cooked.
        stops: what the trips visit, and what they leave out.
        routes: the trips.
        seconds: how long it took.
        made_by: which way of planning found it.
    """
    left_out = _unserved(day, made, stops, routes)
    named = {each.id for each in left_out}
    missed_fen = sum(UNSERVED_FEN * day.priority_of(order) for order in day.orders if order.id in named)
    return DayPlan(
        schedule=made,
        stops=stops,
        routes=replace(routes, parts=replace(routes.parts, unserved_fen=missed_fen)),
        promises=_promises(day, stops, routes, ready_times(day, made)),
        unserved=left_out,
        seconds=seconds,
        made_by=made_by,
    )


def _promises(
    day: Day, stops: Iterable[Stop], routes: Routes, ready: Mapping[str, int]
) -> tuple[Promise, ...]:
    """An order is promised for the moment at which handing over begins."""
    by_id = {stop.id: stop for stop in stops}
    return tuple(
        Promise(
            order_id=order_id,
            village_id=by_id[visit.stop_id].place_id,
            vehicle_id=trip.vehicle_id,
            trip=trip.number,
            ready_min=ready[order_id],
            arrive_min=visit.arrive_min + visit.wait_min,
            from_min=visit.arrive_min + visit.wait_min - day.promise_early_min,
            to_min=visit.arrive_min + visit.wait_min + day.promise_late_min,
        )
        for trip in routes.trips
        for visit in trip.visits
        for order_id in by_id[visit.stop_id].order_ids
    )


def _unserved(day: Day, made: Schedule, stops: Iterable[Stop], routes: Routes) -> tuple[Unserved, ...]:
    """The reasons of jobs and stops, told of the orders they belong to, in the order of the day."""
    names = {village.id: village.name for village in day.villages}
    by_job = {each.id: each for each in made.unscheduled}
    by_stop = {each.id: each for each in routes.unserved}
    reasons: dict[str, Unserved] = {}
    for order in day.orders:
        if order.job is not None and order.job.id in by_job:
            reasons[order.id] = replace(by_job[order.job.id], id=order.id)
    for stop in stops:
        reason = by_stop.get(stop.id)
        if reason is None:
            continue
        for order_id in stop.order_ids:
            reasons[order_id] = replace(reason, id=order_id)
            if reason.code in ("no_road", "no_vehicle_of_kind"):
                reasons[order_id] = unserved(order_id, reason.code, place=names[stop.place_id])
    return tuple(reasons[order.id] for order in day.orders if order.id in reasons)
