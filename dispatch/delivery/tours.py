"""The router's view of a problem, and the one place where sequences of stops become times and costs."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from dispatch.county import Vehicle
from dispatch.plan_types import Routes, Stop, Trip, Unserved, Visit
from dispatch.travel import UNREACHABLE, Travel, drive_minutes

# Leaving a stop out costs more than any day of driving, so it is never done to save kilometres.
UNSERVED_FEN = 10_000_000
# Stands for "no road" inside the solvers: longer than any shift, small enough to be added up.
FAR_MIN = 1_000_000

# For each vehicle its trips, each a list of stop indices.
Tours = list[list[list[int]]]


@dataclass(frozen=True, slots=True)
class Times:
    """One trip in minutes: departure, arrival at each stop, return."""

    depart: int
    arrive: tuple[int, ...]
    back: int


@dataclass(slots=True)
class RouteProblem:
    """Stops that can be served, vehicles that can serve, and matrices over [centre, *stops] as plain lists.

    Attributes:
        metres: (n + 1, n + 1) metres.
        minutes: for each vehicle (n + 1, n + 1) minutes at its own speed, FAR_MIN where there is no road.
        loaded, service, weights, ready_weights: of each stop, min, min, priority, ready_min x priority.
    """

    stops: tuple[Stop, ...]
    vehicles: tuple[Vehicle, ...]
    travel: Travel
    loading_min: int
    now_min: int
    wait_fen_per_hour: int
    metres: list[list[int]] = field(init=False)
    minutes: list[list[list[int]]] = field(init=False)
    loaded: list[int] = field(init=False)
    service: list[int] = field(init=False)
    weights: list[int] = field(init=False)
    ready_weights: list[int] = field(init=False)

    def __post_init__(self) -> None:
        index = self.travel.index()
        rows = [0, *(index[stop.place_id] for stop in self.stops)]
        metres = self.travel.metres[rows][:, rows]
        lost = metres == UNREACHABLE
        metres[lost] = 0
        self.metres = metres.tolist()
        by_speed: dict[float, list[list[int]]] = {}
        for factor in {vehicle.speed_factor for vehicle in self.vehicles}:
            minutes = drive_minutes(self.travel.minutes[rows][:, rows], factor)
            minutes[lost] = FAR_MIN
            by_speed[factor] = minutes.tolist()
        self.minutes = [by_speed[vehicle.speed_factor] for vehicle in self.vehicles]
        self.loaded = [stop.ready_min + self.loading_min for stop in self.stops]
        self.service = [stop.service_min for stop in self.stops]
        self.weights = [stop.priority for stop in self.stops]
        self.ready_weights = [stop.ready_min * stop.priority for stop in self.stops]

    def first_departure(self, vehicle: int) -> int:
        """When a vehicle can leave first, its bags being ready."""
        return max(self.vehicles[vehicle].shift_start_min, self.now_min) + self.loading_min

    def trips_left(self, vehicle: int) -> int:
        """How many trips a vehicle can still make."""
        return self.vehicles[vehicle].max_trips - self.vehicles[vehicle].trips_done

    def times(self, vehicle: int, trips: Sequence[Sequence[int]]) -> list[Times] | None:
        """The trips of a vehicle, each leaving as early as it can; None when its shift is too short."""
        minutes, stops = self.minutes[vehicle], self.stops
        end = self.vehicles[vehicle].shift_end_min
        leave = self.first_departure(vehicle)
        found: list[Times] = []
        for trip in trips:
            time = leave
            for stop in trip:
                time = max(time, stops[stop].ready_min + self.loading_min)
            depart, here = time, 0
            arrive: list[int] = []
            for stop in trip:
                time += minutes[here][stop + 1]
                arrive.append(time)
                time += stops[stop].service_min
                here = stop + 1
            time += minutes[here][0]
            if time > end:
                return None
            found.append(Times(depart, tuple(arrive), time))
            leave = time + self.loading_min
        return found

    def holds(self, vehicle: int, trip: Sequence[int]) -> bool:
        """Whether the bags of a trip fit the vehicle."""
        one = self.vehicles[vehicle]
        if sum(self.stops[stop].bags for stop in trip) > one.capacity_bags:
            return False
        return one.capacity_ml is None or sum(self.stops[s].volume_ml for s in trip) <= one.capacity_ml

    def trip_metres(self, trip: Sequence[int]) -> int:
        """Length of a trip from the centre and back to it."""
        rows = [0, *(stop + 1 for stop in trip), 0]
        return sum(self.metres[a][b] for a, b in pairwise(rows))

    def vehicle_cost(self, vehicle: int, trips: Sequence[Sequence[int]], times: Sequence[Times]) -> float:
        """Fen for kilometres and the vehicle's use, and what the waiting of its bags is worth."""
        if not trips:
            return 0.0
        one = self.vehicles[vehicle]
        cost = one.fixed_cost_fen + sum(self.trip_metres(trip) for trip in trips) * one.km_cost_fen / 1000
        waited = sum(
            (arrive - self.stops[stop].ready_min) * self.stops[stop].priority
            for trip, timed in zip(trips, times, strict=True)
            for stop, arrive in zip(trip, timed.arrive, strict=True)
        )
        return cost + waited * self.wait_fen_per_hour / 60

    def quick_cost(self, vehicle: int, trips: Sequence[Sequence[int]]) -> float:
        """The same as vehicle_cost after times, infinity where the shift is too short.

        One loop over plain lists: the searches spend nearly all of their time here.
        """
        if not trips:
            return 0.0
        one, minutes, metres = self.vehicles[vehicle], self.minutes[vehicle], self.metres
        loaded, service, weights = self.loaded, self.service, self.weights
        leave, length, waited = self.first_departure(vehicle), 0, 0
        for trip in trips:
            time = leave
            for stop in trip:
                if loaded[stop] > time:
                    time = loaded[stop]
            here = 0
            for stop in trip:
                row = stop + 1
                time += minutes[here][row]
                length += metres[here][row]
                waited += time * weights[stop]
                time += service[stop]
                here = row
            time += minutes[here][0]
            length += metres[here][0]
            if time > one.shift_end_min:
                return math.inf
            leave = time + self.loading_min
            waited -= sum([self.ready_weights[stop] for stop in trip])
        return one.fixed_cost_fen + length * one.km_cost_fen / 1000 + waited * self.wait_fen_per_hour / 60

    def cost(self, tours: Tours) -> float | None:
        """The whole objective, stops left out included; None when the tours break a rule."""
        total = 0.0
        visited: set[int] = set()
        for vehicle, trips in enumerate(tours):
            times = self.times(vehicle, trips)
            if times is None or len(trips) > self.trips_left(vehicle):
                return None
            if not all(trip and self.holds(vehicle, trip) for trip in trips):
                return None
            total += self.vehicle_cost(vehicle, trips, times)
            visited.update(stop for trip in trips for stop in trip)
        left_out = set(range(len(self.stops))) - visited
        return total + sum(UNSERVED_FEN * self.stops[stop].priority for stop in left_out)


def to_routes(
    problem: RouteProblem, tours: Tours, left_out: Sequence[Unserved], *, engine: str, seconds: float
) -> Routes:
    """Tours as the result type, with times, loads and costs.

    Raises: ValueError when a tour does not fit its vehicle's shift.
    """
    trips: list[Trip] = []
    cost = 0
    for vehicle, sequences in enumerate(tours):
        times = problem.times(vehicle, sequences)
        if times is None:
            raise ValueError(f"the tours of vehicle {problem.vehicles[vehicle].id} leave its shift")
        cost += problem.vehicles[vehicle].fixed_cost_fen if sequences else 0
        for number, (sequence, timed) in enumerate(zip(sequences, times, strict=True)):
            trips.append(_trip(problem, vehicle, number, sequence, timed))
    return Routes(
        trips=tuple(trips),
        unserved=tuple(left_out),
        metres=sum(trip.metres for trip in trips),
        cost_fen=cost + sum(trip.cost_fen for trip in trips),
        engine=engine,
        seconds=seconds,
    )


def _trip(problem: RouteProblem, vehicle: int, number: int, sequence: Sequence[int], timed: Times) -> Trip:
    one = problem.vehicles[vehicle]
    stops = [problem.stops[stop] for stop in sequence]
    metres = problem.trip_metres(sequence)
    return Trip(
        vehicle_id=one.id,
        number=one.trips_done + number + 1,
        depart_min=timed.depart,
        return_min=timed.back,
        visits=tuple(
            Visit(stop.id, arrive, arrive + stop.service_min)
            for stop, arrive in zip(stops, timed.arrive, strict=True)
        ),
        bags=sum(stop.bags for stop in stops),
        volume_ml=sum(stop.volume_ml for stop in stops),
        metres=metres,
        cost_fen=(metres * one.km_cost_fen + 500) // 1000,
    )
