"""The trips of an earlier plan as far as they still hold, and the price of changing them."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from dispatch.county import Window
from dispatch.delivery.tours import RouteProblem, Tours
from dispatch.difference import ChangePrices
from dispatch.plan_types import DayPlan, Stop, Trip
from dispatch.problem import Day, Order
from dispatch.stops import make_stop, make_stops
from dispatch.travel import Travel


@dataclass(frozen=True, slots=True)
class Told:
    """What an order's patient knows: by which vehicle it comes, and inside which window."""

    vehicle_id: str
    window: Window


@dataclass(slots=True)
class KeepingProblem(RouteProblem):
    """A RouteProblem in which changing what was told has its price.

    Attributes:
        told: for each stop what each of its orders was told; orders never promised have none.
        change: the prices.
        windows: for each stop the windows told.
    """

    told: tuple[tuple[Told, ...], ...]
    change: ChangePrices
    windows: list[tuple[Window, ...]] = field(init=False)

    def __post_init__(self) -> None:
        # Not super(): a class with slots is made anew, and its methods still know the first one.
        RouteProblem.__post_init__(self)
        self.windows = [tuple(each.window for each in told) for told in self.told]
        for number, vehicle in enumerate(self.vehicles):
            for stop, told in enumerate(self.told):
                others = sum(each.vehicle_id != vehicle.id for each in told)
                self.strange[number][stop] += others * self.change.vehicle_fen

    def quick_cost(self, vehicle: int, trips: Sequence[Sequence[int]]) -> float:
        """The cost of a vehicle's day and of every promise that it breaks."""
        cost = RouteProblem.quick_cost(self, vehicle, trips)
        if cost == math.inf or not trips:
            return cost
        return cost + self.broken(vehicle, trips) * self.change.promise_fen

    def broken(self, vehicle: int, trips: Sequence[Sequence[int]]) -> int:
        """How many orders miss the window they were told, on trips that keep every rule."""
        if self.breaks[vehicle]:
            return self._broken_with_breaks(vehicle, trips)
        minutes, loaded, windows = self.minutes[vehicle], self.loaded, self.windows
        leave, missed = self.first_departure(vehicle), 0
        for trip in trips:
            time, here = leave, 0
            for stop in trip:
                if loaded[stop] > time:
                    time = loaded[stop]
            for stop in trip:
                time += minutes[here][stop + 1]
                if self.doors[stop] is not None:
                    time = self.opens(stop, time) or time
                for first, last in windows[stop]:
                    if not first <= time <= last:
                        missed += 1
                time += self.service[stop]
                here = stop + 1
            leave = time + minutes[here][0] + self.loading_min
        return missed

    def _broken_with_breaks(self, vehicle: int, trips: Sequence[Sequence[int]]) -> int:
        table = self.timetable(vehicle, trips)
        return sum(
            not first <= begin <= last
            for stop, begin in (table.visits(trips) if table else ())
            for first, last in self.windows[stop]
        )


@dataclass(frozen=True, slots=True)
class KeptTours:
    """Stops and the trips over them.

    Attributes:
        stops: those that are kept, then those that have lost their trip or never had one.
        tours: for each vehicle of the day its trips over the kept ones, indices into `stops`.
    """

    stops: tuple[Stop, ...]
    tours: Tours


def keep_tours(
    day: Day, so_far: DayPlan, ready: Mapping[str, int], gone: Sequence[tuple[str, int]]
) -> KeptTours:
    """What is left of an earlier plan's trips.

    An order stays with its stop as long as its bags are packed before the trip was to be loaded; the others
    are gathered into stops of their own.

    Args:
        day: what is still to be planned.
        so_far: the plan followed until now.
        ready: packing end of every order that has one.
        gone: (vehicle, number) of the trips that are over or under way.
    """
    orders = {order.id: order for order in day.orders if order.id in ready}
    stops = {stop.id: stop for stop in so_far.stops}
    kept: list[Stop] = []
    tours: Tours = [[] for _ in day.vehicles]
    numbers = {vehicle.id: number for number, vehicle in enumerate(day.vehicles)}
    for trip in sorted(so_far.routes.trips, key=lambda trip: trip.number):
        if (trip.vehicle_id, trip.number) in gone or trip.vehicle_id not in numbers:
            continue
        part = [
            make_stop(day, stop_id, staying, ready)
            for stop_id, staying in _staying(day, trip, stops, orders, ready)
        ]
        if part:
            tours[numbers[trip.vehicle_id]].append(list(range(len(kept), len(kept) + len(part))))
            kept += part
    settled = {order_id for stop in kept for order_id in stop.order_ids}
    loose = tuple(order for order in orders.values() if order.id not in settled)
    return KeptTours((*kept, *_loose_stops(day, loose, ready, {stop.id for stop in kept})), tours)


def _staying(
    day: Day, trip: Trip, stops: Mapping[str, Stop], orders: Mapping[str, Order], ready: Mapping[str, int]
) -> list[tuple[str, list[Order]]]:
    """The stops of a trip with those of their orders that can still be loaded when it was to be."""
    loaded = trip.depart_min - day.loading_min
    found: list[tuple[str, list[Order]]] = []
    for visit in trip.visits:
        staying = [
            orders[order_id]
            for order_id in stops[visit.stop_id].order_ids
            if order_id in orders and ready[order_id] + day.buffer_min <= loaded
        ]
        if staying:
            found.append((visit.stop_id, staying))
    return found


def _loose_stops(
    day: Day, orders: tuple[Order, ...], ready: Mapping[str, int], taken: set[str]
) -> list[Stop]:
    made = make_stops(replace(day, orders=orders), ready)
    found: list[Stop] = []
    for stop in made:
        number = 1
        while (new_id := f"{stop.place_id}/new {number}") in taken:
            number += 1
        taken.add(new_id)
        found.append(replace(stop, id=new_id))
    return found


def keeping_problem(
    day: Day, travel: Travel, stops: tuple[Stop, ...], told: Mapping[str, Told], change: ChangePrices
) -> KeepingProblem:
    """The problem of routing stops with the price of changes.

    Args:
        day, travel: vehicles and roads.
        stops: to be routed.
        told: by order, what was promised.
        change: prices.
    """
    known = tuple(tuple(told[each] for each in stop.order_ids if each in told) for stop in stops)
    return KeepingProblem(
        stops, day.vehicles, travel, day.loading_min, day.now_min, day.prices, told=known, change=change
    )


def drop_what_fails(problem: RouteProblem, tours: Tours) -> Tours:
    """Tours that keep every rule: where a vehicle's trips do not, their last stops are left out.

    A stop that can no longer be served by the vehicle at all goes first.
    """
    kept: Tours = []
    for vehicle, trips in enumerate(tours):
        held = [[stop for stop in trip if problem.carries_alone(vehicle, stop)] for trip in trips]
        held = [trip for trip in held if trip][: problem.trips_left(vehicle)]
        for trip in held:
            while not problem.holds(vehicle, trip):
                trip.pop()
        while held and problem.quick_cost(vehicle, held) == math.inf:
            held[-1].pop()
            held = [trip for trip in held if trip]
        kept.append(held)
    return kept


def join_neighbours(day: Day, kept: KeptTours, ready: Mapping[str, int]) -> KeptTours:
    """Stops of one place that follow one another on a trip become one: the courier stands there once."""
    orders = {order.id: order for order in day.orders}
    stops: list[Stop] = []
    tours: Tours = []
    for trips in kept.tours:
        tours.append([])
        for trip in trips:
            runs = groupby((kept.stops[stop] for stop in trip), key=lambda stop: stop.place_id)
            joined = [_joined(day, list(run), orders, ready) for _, run in runs]
            tours[-1].append(list(range(len(stops), len(stops) + len(joined))))
            stops += joined
    visited = {order_id for stop in stops for order_id in stop.order_ids}
    missed = (stop for stop in kept.stops if not visited & set(stop.order_ids))
    return KeptTours((*stops, *missed), tours)


def _joined(day: Day, run: list[Stop], orders: Mapping[str, Order], ready: Mapping[str, int]) -> Stop:
    if len(run) == 1:
        return run[0]
    inside = [orders[order_id] for stop in run for order_id in stop.order_ids]
    joined = make_stop(day, run[0].id, sorted(inside, key=lambda order: order.id), ready)
    return replace(joined, ready_min=max(stop.ready_min for stop in run))


def wait_for_promises(problem: KeepingProblem, tours: Tours) -> KeepingProblem:
    """The same stops, some of them held back so that their trip leaves no earlier than patients were told.

    A trip whose last bags fell away could leave at once and come before anybody waits for it; where leaving
    later costs less than that, it does.

    Args:
        problem: the stops; it is not changed.
        tours: trips over them.
    """
    stops = list(problem.stops)
    for vehicle, trips in enumerate(tours):
        for number in range(len(trips)):
            trial = replace(problem, stops=tuple(stops))
            held = _held(trial, vehicle, trips, number)
            if held is None:
                continue
            stop, ready_min = held
            changed = [*stops[:stop], replace(stops[stop], ready_min=ready_min), *stops[stop + 1 :]]
            if replace(problem, stops=tuple(changed)).quick_cost(vehicle, trips) < trial.quick_cost(
                vehicle, trips
            ):
                stops = changed
    return replace(problem, stops=tuple(stops))


def _held(
    problem: KeepingProblem, vehicle: int, trips: Sequence[Sequence[int]], number: int
) -> tuple[int, int] | None:
    """The stop of a trip that was packed last, and the minute from which it must count as packed."""
    table = problem.timetable(vehicle, trips)
    if table is None:
        return None
    times = table.trips[number]
    early = [
        each.window[0] - begin
        for stop, begin in zip(trips[number], times.begin, strict=True)
        for each in problem.told[stop]
    ]
    if max(early, default=0) <= 0:
        return None
    stop = max(trips[number], key=lambda each: problem.stops[each].ready_min)
    return stop, times.depart + max(early) - problem.loading_min
