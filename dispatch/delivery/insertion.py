"""Insertion of stops where they cost least: the first tours, and what every repair is made of."""

import math
import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from operator import itemgetter

import numpy as np
import numpy.typing as npt

from dispatch.delivery.resting import Times
from dispatch.delivery.tours import FAR_MIN, RouteProblem, Tours, alike_vehicles

# The shortest detours of a trip that are tried in full.
_POSITIONS_TRIED = 2
_RULES, _OFTEN = ("random", "far", "near", "ready", "bags"), (4, 2, 1, 3, 2)

_NEVER_M = 1 << 60
# In a fleet larger than this only vehicles are looked at that visit one of so many neighbours.
_LARGE_FLEET, _NEIGHBOURS = 10, 30

# (extra cost at least, vehicle, trip, place in it or -1 for a trip of its own)
Place = tuple[float, int, int, int]


@dataclass(frozen=True, slots=True)
class _Sketch:
    """One trip as insertion looks at it.

    Attributes:
        path: rows from the centre and back to it.
        legs: (row, row, metres) of each way from one to the next.
        leave: when the vehicle leaves each row of `path` but the last.
        behind: for each place in the trip the weight of the stops that come later when something is put
            there, up to the next one that has a door.
        weight: of all stops where none has a door, else 0.
        bags, volume: carried.
    """

    path: list[int]
    legs: list[tuple[int, int, int]]
    leave: list[int]
    behind: list[int]
    weight: int
    bags: int
    volume: int


@dataclass(frozen=True, slots=True, eq=False)
class VehicleDay:
    """The trips of one vehicle, what they cost, and what is known of putting stops into them.

    A search comes back to the same days again and again; what it learnt of them stays with them.
    """

    vehicle: int
    trips: list[list[int]]
    cost: float
    sketches: list[_Sketch] = field(default_factory=list)
    places: dict[int, list[Place]] = field(default_factory=dict)
    extras: dict[tuple[int, int, int], float] = field(default_factory=dict)


class Inserter:
    """Greedy insertion, the cheapest of a few good positions for one stop after another.

    Args:
        problem: stops and vehicles, at least one of each.
        rng: of the order of insertion and the positions passed over.
    """

    def __init__(self, problem: RouteProblem, rng: random.Random) -> None:
        self.problem, self.rng = problem, rng
        self.into = [list(map(list, zip(*metres, strict=True))) for metres in self._once(problem.metres)]
        kinds = {id(metres): number for number, metres in enumerate(self._once(problem.metres))}
        self.column_of = [kinds[id(metres)] for metres in problem.metres]
        apart = self._apart()
        self.near: list[list[int]] = np.argsort(apart[1:, 1:], axis=1, kind="stable").tolist()
        self.away: list[float] = apart[0, 1:].tolist()
        self.least = [self._least(vehicle) for vehicle in range(len(problem.vehicles))]
        self.wait_fen = problem.prices.wait_fen_per_hour / 60
        self.late_fen = problem.prices.late_fen_per_hour / 60
        everything = sum(problem.volumes)
        self.volume_limits = [
            everything if one.capacity_ml is None else one.capacity_ml for one in problem.vehicles
        ]
        self.alike = [0] * len(problem.vehicles)
        for vehicles in alike_vehicles(problem):
            for vehicle in vehicles:
                self.alike[vehicle] = vehicles[0]

    @staticmethod
    def _once(matrices: list[list[list[int]]]) -> list[list[list[int]]]:
        return list({id(each): each for each in matrices}.values())

    def _apart(self) -> npt.NDArray[np.float64]:
        """Metres by the kind of vehicle that has the shortest road, infinite where none has one."""
        problem = self.problem
        pairs = {
            id(minutes): (minutes, metres)
            for minutes, metres in zip(problem.minutes, problem.metres, strict=True)
        }
        roads = [
            np.where(np.asarray(minutes) >= FAR_MIN, math.inf, np.asarray(metres, dtype=np.float64))
            for minutes, metres in pairs.values()
        ]
        nearest: npt.NDArray[np.float64] = np.minimum.reduce(roads)
        return nearest

    def _least(self, vehicle: int) -> list[float]:
        """For each stop what a visit costs at least besides the way: strange village, waiting on the road."""
        problem = self.problem
        first, price = problem.first_departure(vehicle), problem.prices.wait_fen_per_hour / 60
        return [
            strange + (max(first, loaded) + drive - ready) * weight * price
            for strange, loaded, drive, ready, weight in zip(
                problem.strange[vehicle],
                problem.loaded,
                problem.minutes[vehicle][0][1:],
                problem.ready,
                problem.weights,
                strict=True,
            )
        ]

    def day(self, vehicle: int, trips: list[list[int]]) -> VehicleDay:
        """A vehicle's day with its cost."""
        return VehicleDay(vehicle, trips, self.problem.quick_cost(vehicle, trips))

    def days(self, tours: Tours) -> list[VehicleDay]:
        """The day of every vehicle."""
        return [self.day(vehicle, trips) for vehicle, trips in enumerate(tours)]

    def insert(
        self, days: list[VehicleDay], left_out: set[int], order: Iterable[int], *, blink: float = 0.0
    ) -> None:
        """Put stops into the days of vehicles, one after another, each where it costs least.

        Args:
            days: of all vehicles; replaced in the list, never changed themselves.
            left_out: the stops that are in no day; those that find a place are taken out.
            order: of the insertion.
            blink: how often a place is passed over.
        """
        home: dict[int, int] = {}
        if len(days) > _LARGE_FLEET:
            home = {stop: day.vehicle for day in days for trip in day.trips for stop in trip}
        for stop in order:
            best, chosen = math.inf, None
            for place in self._all_places(self._about(days, stop, home), stop):
                if place[0] >= best:
                    break
                if blink and self.rng.random() < blink:
                    continue
                extra = self._extra(days[place[1]], place, stop)
                if extra < best:
                    best, chosen = extra, place
            if chosen is not None:
                _, vehicle, number, at = chosen
                trips = _with(days[vehicle].trips, number, at, stop)
                days[vehicle] = VehicleDay(vehicle, trips, days[vehicle].cost + best)
                left_out.discard(stop)
                home[stop] = vehicle

    def _about(self, days: list[VehicleDay], stop: int, home: dict[int, int]) -> list[VehicleDay]:
        """Of a large fleet the vehicles that come near a stop, and those that are not used yet."""
        if len(days) <= _LARGE_FLEET:
            return days
        near = {home[other] for other in self.near[stop][:_NEIGHBOURS] if other in home}
        return [day for day in days if day.vehicle in near or not day.trips]

    def _all_places(self, days: list[VehicleDay], stop: int) -> list[Place]:
        """Good places in the order of what they cost at least."""
        found: list[Place] = []
        unused: set[int] = set()
        for day in days:
            if not day.trips:
                if self.alike[day.vehicle] in unused:
                    continue
                unused.add(self.alike[day.vehicle])
            places = day.places.get(stop)
            if places is None:
                places = day.places[stop] = self._places(day, stop)
            found += places
        found.sort(key=itemgetter(0))
        return found

    def _extra(self, day: VehicleDay, place: Place, stop: int) -> float:
        """What a stop at a place of a day costs more."""
        _, vehicle, number, at = place
        known = day.extras.get((stop, number, at))
        if known is None:
            known = self.problem.quick_cost(vehicle, _with(day.trips, number, at, stop)) - day.cost
            day.extras[stop, number, at] = known
        return known

    def any_order(self, left_out: set[int]) -> list[int]:
        """The stops in an order drawn by lot, those first that must not be left out."""
        problem, rng = self.problem, self.rng
        order = sorted(left_out)
        rng.shuffle(order)
        rule = rng.choices(_RULES, _OFTEN)[0]
        if rule == "far":
            order.sort(key=lambda stop: -self.away[stop])
        elif rule == "near":
            order.sort(key=lambda stop: self.away[stop])
        elif rule == "ready":
            order.sort(key=lambda stop: problem.ready[stop])
        elif rule == "bags":
            order.sort(key=lambda stop: -problem.bags[stop])
        return sorted(order, key=lambda stop: -problem.missed[stop])

    def _places(self, day: VehicleDay, stop: int) -> list[Place]:
        """The shortest detours of each trip and a trip of its own, with what they cost at least."""
        problem, row, vehicle, trips = self.problem, stop + 1, day.vehicle, day.trips
        one, minutes = problem.vehicles[vehicle], problem.minutes[vehicle]
        if minutes[0][row] >= FAR_MIN:
            return []
        if trips and not day.sketches:
            day.sketches.extend(self._sketches(day))
        into, out = self.into[self.column_of[vehicle]][row], problem.metres[vehicle][row]
        price = one.km_cost_fen / 1000
        bags, volume = (
            one.capacity_bags - problem.bags[stop],
            self.volume_limits[vehicle] - problem.volumes[stop],
        )
        weight, loaded, due = problem.weights[stop], problem.loaded[stop], problem.due[stop]
        strange, ready, service = problem.strange[vehicle][stop], problem.ready[stop], problem.service[stop]
        found: list[Place] = []
        for number, sketch in enumerate(day.sketches):
            if sketch.bags > bags or sketch.volume > volume:
                continue
            path, shift = sketch.path, max(0, loaded - sketch.leave[0])
            detours = [into[a] + out[b] - leg for a, b, leg in sketch.legs]
            for _ in range(min(_POSITIONS_TRIED, len(detours))):
                detour = min(detours)
                at = detours.index(detour)
                detours[at] = _NEVER_M
                left, a, b = sketch.leave[at] + shift, path[at], path[at + 1]
                begin = left + minutes[a][row]
                later = max(0, begin + service + minutes[row][b] - left - minutes[a][b] + shift)
                waited = (begin - ready) * weight + later * sketch.behind[at]
                if sketch.weight:
                    waited += shift * (sketch.weight - sketch.behind[at])
                least = strange + detour * price + waited * self.wait_fen
                if begin > due:
                    least += (begin - due) * weight * self.late_fen
                found.append((least, vehicle, number, at))
        if len(trips) < problem.trips_left(vehicle) and bags >= 0 and volume >= 0:
            least = self.least[vehicle][stop] + (into[0] + out[0]) * price
            least += 0 if trips else one.fixed_cost_fen
            # Among equals a further trip comes last in the day.
            found += [(least, vehicle, number, -1) for number in range(len(trips), -1, -1)]
        return found

    def _sketches(self, day: VehicleDay) -> list[_Sketch]:
        problem = self.problem
        table = problem.timetable(day.vehicle, day.trips)
        if table is None:
            return []
        return [
            self._sketch(day.vehicle, trip, times) for trip, times in zip(day.trips, table.trips, strict=True)
        ]

    def _sketch(self, vehicle: int, trip: list[int], times: Times) -> _Sketch:
        problem, metres = self.problem, self.problem.metres[vehicle]
        path = [0, *[stop + 1 for stop in trip], 0]
        leave = [begin + problem.service[stop] for stop, begin in zip(trip, times.begin, strict=True)]
        behind = [0]
        for stop in reversed(trip):
            behind.append(0 if problem.doors[stop] else behind[-1] + problem.weights[stop])
        behind.reverse()
        has_doors = any(problem.doors[stop] for stop in trip)
        return _Sketch(
            path=path,
            legs=[(a, b, metres[a][b]) for a, b in pairwise(path)],
            leave=[times.depart, *leave],
            behind=behind,
            weight=0 if has_doors else behind[0],
            bags=sum([problem.bags[stop] for stop in trip]),
            volume=sum([problem.volumes[stop] for stop in trip]),
        )


def _with(trips: list[list[int]], number: int, place: int, stop: int) -> list[list[int]]:
    """The trips with a stop at a place of one of them, or on a trip of its own (place -1)."""
    if place < 0:
        return [*trips[:number], [stop], *trips[number:]]
    trip = trips[number]
    return [*trips[:number], [*trip[:place], stop, *trip[place:]], *trips[number + 1 :]]


def insertion_tours(problem: RouteProblem) -> Tours:
    """First tours that keep every rule: what weighs most and is packed early first, where it costs least.

    A stop that fits nowhere is left out.
    """
    if not problem.stops or not problem.vehicles:
        return [[] for _ in problem.vehicles]
    left_out = set(range(len(problem.stops)))
    order = sorted(left_out, key=lambda s: (-problem.missed[s], problem.ready[s], -problem.bags[s], s))
    inserter = Inserter(problem, random.Random(0))  # noqa: S311 (nothing is drawn)
    days = inserter.days([[] for _ in problem.vehicles])
    inserter.insert(days, left_out, order)
    return [day.trips for day in days]
