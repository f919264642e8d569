"""The router's view of a problem, and the one place where sequences of stops become times and costs."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from dispatch.county import Prices, Vehicle
from dispatch.plan_types import Stop
from dispatch.travel import UNREACHABLE, Travel

# Leaving an order out costs more than any day of driving, so it is never done to save kilometres.
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
        metres: for each vehicle (n + 1, n + 1) metres of its kind's roads.
        minutes: for each vehicle (n + 1, n + 1) minutes at its own speed, FAR_MIN where there is no road.
        loaded, service, weights, ready_weights: of each stop, min, min, priority, ready_min x priority.
        due: of each stop, min, FAR_MIN where nothing is due.
        strange: for each vehicle the fen of each stop outside its courier's own villages.
        missed: fen of leaving each stop out.
    """

    stops: tuple[Stop, ...]
    vehicles: tuple[Vehicle, ...]
    travel: Travel
    loading_min: int
    now_min: int
    prices: Prices
    metres: list[list[list[int]]] = field(init=False)
    minutes: list[list[list[int]]] = field(init=False)
    loaded: list[int] = field(init=False)
    service: list[int] = field(init=False)
    weights: list[int] = field(init=False)
    ready_weights: list[int] = field(init=False)
    due: list[int] = field(init=False)
    strange: list[list[int]] = field(init=False)
    missed: list[int] = field(init=False)

    def __post_init__(self) -> None:
        index = self.travel.index()
        rows = [0, *(index[stop.place_id] for stop in self.stops)]
        roads: dict[tuple[str, float], tuple[list[list[int]], list[list[int]]]] = {}
        for vehicle in self.vehicles:
            if (vehicle.kind, vehicle.speed_factor) not in roads:
                roads[vehicle.kind, vehicle.speed_factor] = self._roads(vehicle, rows)
        mine = [roads[vehicle.kind, vehicle.speed_factor] for vehicle in self.vehicles]
        self.metres, self.minutes = [metres for metres, _ in mine], [minutes for _, minutes in mine]
        self.loaded = [stop.ready_min + self.loading_min for stop in self.stops]
        self.service = [stop.service_min for stop in self.stops]
        self.weights = [stop.priority for stop in self.stops]
        self.ready_weights = [stop.ready_min * stop.priority for stop in self.stops]
        self.due = [FAR_MIN if stop.due_min is None else stop.due_min for stop in self.stops]
        self.strange = [
            [self.prices.strange_stop_fen * _is_strange(stop, vehicle) for stop in self.stops]
            for vehicle in self.vehicles
        ]
        self.missed = [unserved_fen(stop) for stop in self.stops]

    def _roads(self, vehicle: Vehicle, rows: list[int]) -> tuple[list[list[int]], list[list[int]]]:
        metres = self.travel.metres_of(vehicle)[rows][:, rows]
        minutes = self.travel.minutes_of(vehicle)[rows][:, rows]
        lost = minutes == UNREACHABLE
        metres[lost], minutes[lost] = 0, FAR_MIN
        return metres.tolist(), minutes.tolist()

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

    def trip_metres(self, vehicle: int, trip: Sequence[int]) -> int:
        """Length of a trip from the centre and back to it."""
        rows = [0, *(stop + 1 for stop in trip), 0]
        metres = self.metres[vehicle]
        return sum(metres[a][b] for a, b in pairwise(rows))

    def use_min(self, times: Sequence[Times]) -> int:
        """How long a vehicle is in use, from its first loading to its last return."""
        return times[-1].back - times[0].depart + self.loading_min if times else 0

    def vehicle_cost(self, vehicle: int, trips: Sequence[Sequence[int]], times: Sequence[Times]) -> float:
        """All that a vehicle's day weighs, in fen: the sum of `parts` without their rounding."""
        if not trips:
            return 0.0
        one, prices = self.vehicles[vehicle], self.prices
        visits = [
            (stop, arrive)
            for trip, timed in zip(trips, times, strict=True)
            for stop, arrive in zip(trip, timed.arrive, strict=True)
        ]
        length = sum(self.trip_metres(vehicle, trip) for trip in trips)
        cost = one.fixed_cost_fen + length * one.km_cost_fen / 1000
        cost += self.waited(visits) * prices.wait_fen_per_hour / 60
        cost += self.late(visits) * prices.late_fen_per_hour / 60
        cost += sum(self.strange[vehicle][stop] for stop, _ in visits)
        return cost + self.use_min(times) ** 2 * prices.uneven_fen / 3600

    def waited(self, visits: Sequence[tuple[int, int]]) -> int:
        """Minutes between packing and handing over, times priority, of (stop, minute) pairs."""
        return sum((begin - self.stops[stop].ready_min) * self.weights[stop] for stop, begin in visits)

    def late(self, visits: Sequence[tuple[int, int]]) -> int:
        """Minutes after due times, times priority, of (stop, minute) pairs."""
        return sum(max(0, begin - self.due[stop]) * self.weights[stop] for stop, begin in visits)

    def quick_cost(self, vehicle: int, trips: Sequence[Sequence[int]]) -> float:
        """The same as vehicle_cost after times, infinity where the shift is too short.

        One loop over plain lists: the searches spend nearly all of their time here.
        """
        if not trips:
            return 0.0
        one, minutes, metres = self.vehicles[vehicle], self.minutes[vehicle], self.metres[vehicle]
        loaded, service, weights, due = self.loaded, self.service, self.weights, self.due
        strange, ready_weights = self.strange[vehicle], self.ready_weights
        leave, length, waited, late, begun = self.first_departure(vehicle), 0, 0, 0, -1
        extra = one.fixed_cost_fen
        for trip in trips:
            time = leave
            for stop in trip:
                if loaded[stop] > time:
                    time = loaded[stop]
            if begun < 0:
                begun = time - self.loading_min
            here = 0
            for stop in trip:
                row = stop + 1
                time += minutes[here][row]
                length += metres[here][row]
                waited += time * weights[stop] - ready_weights[stop]
                if time > due[stop]:
                    late += (time - due[stop]) * weights[stop]
                extra += strange[stop]
                time += service[stop]
                here = row
            time += minutes[here][0]
            length += metres[here][0]
            if time > one.shift_end_min:
                return math.inf
            leave = time + self.loading_min
        used, prices = leave - self.loading_min - begun, self.prices
        cost = extra + length * one.km_cost_fen / 1000 + used * used * prices.uneven_fen / 3600
        return cost + (waited * prices.wait_fen_per_hour + late * prices.late_fen_per_hour) / 60

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
        return total + sum(self.missed[stop] for stop in left_out)


def unserved_fen(stop: Stop) -> int:
    """What leaving a stop out weighs: its priority, for each of its orders."""
    return UNSERVED_FEN * stop.priority * max(1, len(stop.order_ids))


def _is_strange(stop: Stop, vehicle: Vehicle) -> bool:
    return bool(vehicle.familiar) and stop.place_id not in vehicle.familiar
