"""Pots and roads as one plan: trips by geography, pots that follow the trips, and both changed together."""

import random
import time
from collections.abc import Callable

from dispatch.joint.annealing import Leg, anneal
from dispatch.joint.partner import Partner
from dispatch.joint.result import to_plan
from dispatch.joint.visits import NEVER_MIN, Visits, read_visits
from dispatch.joint.weighing import Found, better, set_all, weigh, wishes
from dispatch.plan_types import DayPlan
from dispatch.problem import Day
from dispatch.stops import ready_times
from dispatch.travel import Travel

# Steps of about a second, for repeatable plans.
_STEPS_A_SECOND = 150
# A second process is worth its start from here on; the two meet so many times.
_ALONE_BELOW_S = 3.0
_MEETINGS = 4


def improve(
    day: Day,
    travel: Travel,
    first: DayPlan,
    *,
    seconds: float,
    seed: int = 0,
    threads: int = 2,
    repeatable: bool = False,
    on_progress: Callable[[float], None] | None = None,
) -> DayPlan:
    """A plan of pots and trips together that costs no more than the one it begins with.

    Nothing is left out that `first` serves. Two processes search with different seeds; when they meet, one
    goes on with the better plan, the other with its own.

    Args:
        day: the problem.
        travel: matrices over its places.
        first: a plan of the day.
        seconds: time limit.
        seed: of the search.
        threads: with two or more, a second process searches too.
        repeatable: count steps instead of time, in this process alone.
        on_progress: told a fraction 0..1 now and then; what it raises ends the search.

    Returns:
        `first` where nothing cheaper is found.
    """
    began = time.perf_counter()
    visits = read_visits(day, travel, (stop.order_ids for stop in first.stops))
    if len(visits.hopeless) == len(visits.orders):
        return first
    start, must = _start(visits, first), _served(day, first)
    alone = repeatable or threads < 2 or seconds < _ALONE_BELOW_S
    meetings = 1 if alone else _MEETINGS
    best = better(start, None, must)
    with Partner(day, travel, visits, must, alone=alone) as partner:
        ends = (start, start)
        for meeting in range(meetings):
            left = seconds - (time.perf_counter() - began)
            if left <= 0:
                break
            legs = [
                Leg(
                    seconds=left / (meetings - meeting),
                    seed=random.Random(f"{seed} {meeting} {who}").getrandbits(32),  # noqa: S311
                    first=meeting / meetings,
                    last=(meeting + 1) / meetings,
                    steps=max(1, int(seconds * _STEPS_A_SECOND)) if repeatable else None,
                )
                for who in range(2)
            ]
            partner.ask(ends[1], best, legs[1])
            end, found = anneal(
                visits,
                ends[0],
                best,
                legs[0],
                must=must,
                on_progress=_part(on_progress, meeting, meetings),
            )
            best = found
            other = partner.answer()
            if other is not None:
                best = better(other[1], best, must) if other[1] is not None else best
                ends = (best or end, min(end, other[0], key=lambda each: each.cost))
            else:
                ends = (end, end)
    if best is None:
        return first
    made = to_plan(visits, best, time.perf_counter() - began)
    return made if made.routes.parts.total_fen < first.routes.parts.total_fen else first


def _part(
    tell: Callable[[float], None] | None, meeting: int, meetings: int
) -> Callable[[float], None] | None:
    if tell is None:
        return None
    return lambda fraction: tell((meeting + fraction) / meetings)


def _served(day: Day, plan: DayPlan) -> frozenset[int]:
    promised = {promise.order_id for promise in plan.promises}
    return frozenset(index for index, order in enumerate(day.orders) if order.id in promised)


def _start(visits: Visits, first: DayPlan) -> Found:
    """The trips of a plan with pots that follow them; no trips at all where that cannot be."""
    day = visits.day
    index = {order.id: number for number, order in enumerate(day.orders)}
    visit_of = {frozenset(orders): visit for visit, orders in enumerate(visits.orders)}
    by_stop = {
        stop.id: visit_of[frozenset(index[each] for each in stop.order_ids)]
        for stop in first.stops
        if all(visits.earliest[index[each]] < NEVER_MIN for each in stop.order_ids)
    }
    tours = [
        [
            [by_stop[visit.stop_id] for visit in trip.visits]
            for trip in sorted(first.routes.trips, key=lambda each: each.number)
            if trip.vehicle_id == vehicle.id
        ]
        for vehicle in day.vehicles
    ]
    ready = ready_times(day, first.schedule)
    set_all(visits, [ready.get(order.id, NEVER_MIN) for order in day.orders])
    asked = wishes(visits, tours)
    found = weigh(visits, tours, asked.wanted) if asked is not None else None
    if found is None:
        nobody = [float(NEVER_MIN)] * len(day.orders)
        found = weigh(visits, [[] for _ in day.vehicles], nobody)
    if found is None:
        raise RuntimeError("a plan without trips breaks no rule")
    return found
