"""Pots and roads as one plan: trips by geography, pots that follow the trips, and both changed together."""

import math
import random
import time
from collections.abc import Callable
from dataclasses import dataclass

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
# Fewer steps than these begin cooler. A step takes about as long as two plans without trips.
_MANY_STEPS = 2000
_TIMED = 5
_PROMISING = 1.15


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A part of the search; the processes meet at its end.

    Attributes:
        starts, ends: which part of the time.
        hot, cold: which part of the cooling.
        begins: whether it begins with no trips, or goes on with the best.
    """

    starts: float
    ends: float
    hot: float
    cold: float
    begins: bool = False


_LONG = (
    _Stretch(0.0, 0.2, 0.0, 0.5, begins=True),
    _Stretch(0.2, 0.5, 0.0, 0.55, begins=True),
    _Stretch(0.5, 0.75, 0.5, 0.8),
    _Stretch(0.75, 1.0, 0.8, 1.0),
)
# Cooler from the first, with fewer meetings.
_SHORT = (
    _Stretch(0.0, 0.3, 0.4, 0.7, begins=True),
    _Stretch(0.3, 0.65, 0.4, 0.75, begins=True),
    _Stretch(0.65, 1.0, 0.7, 1.0),
)


@dataclass(frozen=True, slots=True)
class _Effort:
    """How the time is spent."""

    began: float
    seconds: float
    seed: int
    repeatable: bool

    def stretches(self, visits: Visits) -> tuple[_Stretch, ...]:
        """How the search is parted: hotter where there is time to cool."""
        steps = self.seconds * _STEPS_A_SECOND
        if not self.repeatable:
            began = time.perf_counter()
            for _ in range(_TIMED):
                _nothing(visits)
            steps = self.seconds * _TIMED / (time.perf_counter() - began) / 2
        return _LONG if steps >= _MANY_STEPS else _SHORT

    def leg(self, stretch: _Stretch, who: int, fleet: int | None) -> Leg:
        """The search of one process in one stretch, with so many vehicles at most."""
        until = self.seconds * stretch.ends - (time.perf_counter() - self.began)
        steps = max(1, int(self.seconds * (stretch.ends - stretch.starts) * _STEPS_A_SECOND))
        return Leg(
            # What is counted does not look at the clock, however slow the machine is.
            seconds=math.inf if self.repeatable else max(0.0, until),
            seed=random.Random(f"{self.seed} {stretch.starts} {who}").getrandbits(32),  # noqa: S311
            first=stretch.hot,
            last=stretch.cold,
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
    for stretch in effort.stretches(visits):
        begins, fleet = [nothing, nothing], None
        if stretch.begins and ends:
            # A vehicle more is easily put to use on the way, and hard to do without again.
            fleet = max(1, min(each.vehicles for each in ends) - 1)
        elif ends:
            begins, ends = _leaders(ends), []
        partner.ask(begins[1], best, effort.leg(stretch, 1, fleet))
        end, best = anneal(
            visits,
            begins[0],
            best,
            effort.leg(stretch, 0, fleet),
            must=must,
            on_progress=None if on_progress is None else _within(on_progress, stretch),
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


def _within(tell: Callable[[float], None], stretch: _Stretch) -> Callable[[float], None]:
    return lambda fraction: tell(stretch.starts + (stretch.ends - stretch.starts) * fraction)


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
