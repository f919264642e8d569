"""Pots and roads as one plan: trips by geography, pots that follow the trips, and both changed together."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from dispatch.joint.annealing import Leg, anneal
from dispatch.joint.loads import NEVER_MIN
from dispatch.joint.partner import Partner
from dispatch.joint.result import to_plan
from dispatch.joint.visits import MOST_VISITS, Visits, read_visits
from dispatch.joint.weighing import Found, better, set_all, weigh, wishes
from dispatch.plan_types import DayPlan
from dispatch.problem import Day
from dispatch.stops import ready_times
from dispatch.travel import Travel

# Steps of about a second, for repeatable plans.
_STEPS_A_SECOND = 150
# A second process is worth its start from here on.
_ALONE_BELOW_S = 3.0
# Beginnings with no trips at all, the second with fewer vehicles than the first came to; then going on with
# the best: shares of the time at which a stretch ends, and parts of the cooling that belong to it. In between
# the processes meet.
_ENDS = (0.2, 0.5, 0.75, 1.0)
_COOLING = ((0.0, 0.5), (0.0, 0.55), (0.5, 0.8), (0.8, 1.0))
_BEGINNINGS = 2
_PROMISING = 1.15


@dataclass(frozen=True, slots=True)
class _Effort:
    """How the time is spent."""

    began: float
    seconds: float
    seed: int
    repeatable: bool

    def leg(self, stretch: int, who: int, fleet: int | None) -> Leg:
        """The search of one process in one stretch, with so many vehicles at most."""
        starts, ends = (list(pairwise((0.0, *_ENDS))))[stretch]
        until = self.seconds * ends - (time.perf_counter() - self.began)
        steps = max(1, int(self.seconds * (ends - starts) * _STEPS_A_SECOND))
        return Leg(
            seconds=self.seconds if self.repeatable else max(0.0, until),
            seed=random.Random(f"{self.seed} {stretch} {who}").getrandbits(32),  # noqa: S311
            first=_COOLING[stretch][0],
            last=_COOLING[stretch][1],
            steps=steps if self.repeatable else None,
            fleet=fleet,
        )


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
    """A plan of pots and trips together that costs no more than the one it is given.

    Nothing is left out that `first` serves. The search begins with no trips at all, more than once; where
    `first` came from, its trips would keep it. Two processes search with different seeds and go on with the
    best two plans whenever they meet.

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
    effort = _Effort(time.perf_counter(), seconds, seed, repeatable)
    index = {order.id: number for number, order in enumerate(day.orders)}
    groups = [tuple(sorted(index[each] for each in stop.order_ids)) for stop in first.stops]
    if seconds <= 0 or len(set(groups)) > MOST_VISITS:
        return first
    visits = read_visits(day, travel, groups)
    if len(visits.hopeless) == len(visits.orders):
        return first
    must = frozenset(index[promise.order_id] for promise in first.promises)
    best = better(_known(visits, first), None, must)
    alone = repeatable or threads < 2 or seconds < _ALONE_BELOW_S
    with Partner(day, travel, visits, must, alone=alone) as partner:
        best = _search(visits, partner, effort, best, must, on_progress)
    if best is None:
        return first
    made = to_plan(visits, best, time.perf_counter() - effort.began)
    return made if made.routes.parts.total_fen < first.routes.parts.total_fen else first


def _search(
    visits: Visits,
    partner: Partner,
    effort: _Effort,
    best: Found | None,
    must: frozenset[int],
    on_progress: Callable[[float], None] | None,
) -> Found | None:
    """All stretches one after the other; the best plan met."""
    nothing = _nothing(visits)
    ends: list[Found] = []
    for stretch in range(len(_ENDS)):
        begins, fleet = [nothing, nothing], None
        if 0 < stretch < _BEGINNINGS:
            # A vehicle more is easily put to use on the way, and hard to do without again.
            fleet = max(1, min(each.vehicles for each in ends) - 1)
        if stretch >= _BEGINNINGS:
            begins, ends = _leaders(ends), []
        partner.ask(begins[1], best, effort.leg(stretch, 1, fleet))
        share = ((0.0, *_ENDS)[stretch], _ENDS[stretch])
        end, best = anneal(
            visits,
            begins[0],
            best,
            effort.leg(stretch, 0, fleet),
            must=must,
            on_progress=None if on_progress is None else _within(on_progress, share),
        )
        ends.append(end)
        answer = partner.answer()
        if answer is not None:
            ends.append(answer[0])
            best = better(answer[1], best, must) if answer[1] is not None else best
    return best


def _leaders(ends: list[Found]) -> list[Found]:
    """The best plan, and the best of those with fewer vehicles that may still become better than it."""
    best, *others = sorted(ends, key=lambda each: each.held_to)
    smaller = [
        each for each in others if each.vehicles < best.vehicles and each.held_to < _PROMISING * best.held_to
    ]
    return [best, (smaller or others or [best])[0]]


def _within(tell: Callable[[float], None], share: tuple[float, float]) -> Callable[[float], None]:
    return lambda fraction: tell(share[0] + (share[1] - share[0]) * fraction)


def _nothing(visits: Visits) -> Found:
    """A plan without trips: the pots cook as they can."""
    day = visits.day
    found = weigh(visits, [[] for _ in day.vehicles], [float(NEVER_MIN)] * len(day.orders))
    if found is None:
        raise RuntimeError("a plan without trips breaks no rule")
    return found


def _known(visits: Visits, first: DayPlan) -> Found:
    """The trips of a plan with pots that follow them; no trips where that cannot be."""
    day = visits.day
    index = {order.id: number for number, order in enumerate(day.orders)}
    visit_of = {orders: visit for visit, orders in enumerate(visits.orders)}
    by_stop = {stop.id: visit_of[tuple(sorted(index[e] for e in stop.order_ids))] for stop in first.stops}
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
    return (weigh(visits, tours, asked.wanted) if asked is not None else None) or _nothing(visits)
