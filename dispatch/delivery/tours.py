"""The router's view of a problem, and the one place where sequences of stops become times and costs."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from dispatch.county import Break, Prices, Vehicle, Window
from dispatch.delivery.resting import Times, Timetable, rested_cost, rested_times
from dispatch.plan_types import Stop
from dispatch.travel import UNREACHABLE, Travel

# Leaving an order out costs more than any day of driving, so it is never done to save kilometres.
UNSERVED_FEN = 10_000_000
# Stands for "no road" inside the solvers: longer than any shift, small enough to be added up.
FAR_MIN = 1_000_000

# For each vehicle its trips, each a list of stop indices.
Tours = list[list[list[int]]]
# When handing over may begin; None is any time.
Doors = tuple[Window, ...] | None


@dataclass(slots=True)
class RouteProblem:
    """Stops that can be served, vehicles that can serve, and matrices over [centre, *stops] as plain lists.

    A stop that a vehicle's kind may not visit is FAR_MIN away from it, so no sum needs another check.

    Attributes:
        metres: for each vehicle (n + 1, n + 1) metres of its kind's roads.
        minutes: for each vehicle (n + 1, n + 1) minutes at its own speed, FAR_MIN where there is no road.
        ready, loaded, service: of each stop, min.
        weights, ready_weights: of each stop, priority, ready_min x priority.
        bags, volumes: of each stop.
        doors: of each stop, its windows as far as its bags may still be in the box.
        due: of each stop, min, FAR_MIN where nothing is due.
        strange: for each vehicle the fen of each stop outside its courier's own villages.
        missed: fen of leaving each stop out.
        breaks: for each vehicle those that its courier has to take where the vehicle is used.
    """

    stops: tuple[Stop, ...]
    vehicles: tuple[Vehicle, ...]
    travel: Travel
    loading_min: int
    now_min: int
    prices: Prices
    metres: list[list[list[int]]] = field(init=False)
    minutes: list[list[list[int]]] = field(init=False)
    ready: list[int] = field(init=False)
    loaded: list[int] = field(init=False)
    service: list[int] = field(init=False)
    weights: list[int] = field(init=False)
    ready_weights: list[int] = field(init=False)
    bags: list[int] = field(init=False)
    volumes: list[int] = field(init=False)
    doors: list[Doors] = field(init=False)
    due: list[int] = field(init=False)
    strange: list[list[int]] = field(init=False)
    missed: list[int] = field(init=False)
    breaks: list[tuple[Break, ...]] = field(init=False)

    def __post_init__(self) -> None:
        index = self.travel.index()
        rows = [0, *(index[stop.place_id] for stop in self.stops)]
        roads: dict[tuple[str, float], tuple[list[list[int]], list[list[int]]]] = {}
        for vehicle in self.vehicles:
            if (vehicle.kind, vehicle.speed_factor) not in roads:
                roads[vehicle.kind, vehicle.speed_factor] = self._roads(vehicle, rows)
        mine = [roads[vehicle.kind, vehicle.speed_factor] for vehicle in self.vehicles]
        self.metres, self.minutes = [metres for metres, _ in mine], [minutes for _, minutes in mine]
        self.ready = [stop.ready_min for stop in self.stops]
        self.loaded = [ready + self.loading_min for ready in self.ready]
        self.service = [stop.service_min for stop in self.stops]
        self.weights = [stop.priority for stop in self.stops]
        self.ready_weights = [stop.ready_min * stop.priority for stop in self.stops]
        self.bags = [stop.bags for stop in self.stops]
        self.volumes = [stop.volume_ml for stop in self.stops]
        self.doors = [_doors(stop.windows, stop.latest_min) for stop in self.stops]
        self.due = [FAR_MIN if stop.due_min is None else stop.due_min for stop in self.stops]
        self.strange = [
            [self.prices.strange_stop_fen * _is_strange(stop, vehicle) for stop in self.stops]
            for vehicle in self.vehicles
        ]
        self.missed = [unserved_fen(stop) for stop in self.stops]
        self.breaks = [self._breaks(vehicle) for vehicle in self.vehicles]

    def _roads(self, vehicle: Vehicle, rows: list[int]) -> tuple[list[list[int]], list[list[int]]]:
        metres = self.travel.metres_of(vehicle)[rows][:, rows]
        minutes = self.travel.minutes_of(vehicle)[rows][:, rows]
        lost = minutes == UNREACHABLE
        metres[lost], minutes[lost] = 0, FAR_MIN
        for row, stop in enumerate(self.stops, start=1):
            if vehicle.kind not in stop.kinds:
                minutes[row, :] = minutes[:, row] = FAR_MIN
        return metres.tolist(), minutes.tolist()

    def _breaks(self, vehicle: Vehicle) -> tuple[Break, ...]:
        begin = self.begin(vehicle)
        return tuple(
            Break(max(begin, rest.earliest_min), rest.latest_min, rest.length_min)
            for rest in vehicle.breaks
            if rest.latest_min >= begin and rest.earliest_min <= vehicle.shift_end_min
        )

    def with_stops(self, stops: tuple[Stop, ...]) -> "RouteProblem":
        """The same vehicles and roads with other stops."""
        return replace(self, stops=stops)

    def set_ready(self, stop: int, ready_min: int, latest_min: int | None) -> None:
        """Change when a stop's bags are packed and until when they may be in the box; `stops` stays."""
        self.ready[stop] = ready_min
        self.loaded[stop] = ready_min + self.loading_min
        self.ready_weights[stop] = ready_min * self.weights[stop]
        self.doors[stop] = _doors(self.stops[stop].windows, latest_min)

    def begin(self, vehicle: Vehicle) -> int:
        """When a vehicle can begin to be loaded."""
        return max(vehicle.shift_start_min, self.now_min)

    def first_departure(self, vehicle: int) -> int:
        """When a vehicle can leave first, its bags being ready."""
        return self.begin(self.vehicles[vehicle]) + self.loading_min

    def trips_left(self, vehicle: int) -> int:
        """How many trips a vehicle can still make."""
        return self.vehicles[vehicle].max_trips - self.vehicles[vehicle].trips_done

    def timetable(self, vehicle: int, trips: Sequence[Sequence[int]]) -> Timetable | None:
        """The trips of a vehicle, each as early as it can be; None when they break a rule.

        A trip leaves later than it could where it would only wait at its first door.
        """
        if self.breaks[vehicle] and trips:
            return rested_times(self, vehicle, trips)
        minutes, leave = self.minutes[vehicle], self.first_departure(vehicle)
        end = self.vehicles[vehicle].shift_end_min
        found: list[Times] = []
        for trip in trips:
            time, here = max(leave, *(self.loaded[stop] for stop in trip)), 0
            arrive: list[int] = []
            begin: list[int] = []
            for stop in trip:
                time += minutes[here][stop + 1]
                arrive.append(time)
                opens = self.opens(stop, time)
                if opens is None:
                    return None
                begin.append(opens)
                time = opens + self.service[stop]
                here = stop + 1
            time += minutes[here][0]
            if time > end:
                return None
            arrive[0] = begin[0]
            found.append(Times(begin[0] - minutes[0][trip[0] + 1], tuple(arrive), tuple(begin), time))
            leave = time + self.loading_min
        return Timetable(tuple(found), ())

    def opens(self, stop: int, arrive: int) -> int | None:
        """When handing over can begin after an arrival, None when it is too late."""
        doors = self.doors[stop]
        if doors is None:
            return arrive
        return next((max(first, arrive) for first, last in doors if arrive <= last), None)

    def holds(self, vehicle: int, trip: Sequence[int]) -> bool:
        """Whether the bags of a trip fit the vehicle."""
        one, bags = self.vehicles[vehicle], self.bags
        if sum([bags[stop] for stop in trip]) > one.capacity_bags:
            return False
        return one.capacity_ml is None or sum([self.volumes[stop] for stop in trip]) <= one.capacity_ml

    def carries_alone(self, vehicle: int, stop: int) -> bool:
        """Whether a vehicle could bring a stop if there were no other."""
        return self.holds(vehicle, [stop]) and self.quick_cost(vehicle, [[stop]]) < math.inf

    def trip_metres(self, vehicle: int, trip: Sequence[int]) -> int:
        """Length of a trip from the centre and back to it."""
        rows = [0, *(stop + 1 for stop in trip), 0]
        metres = self.metres[vehicle]
        return sum(metres[a][b] for a, b in pairwise(rows))

    def use_min(self, times: Sequence[Times]) -> int:
        """How long a vehicle is in use, from its first loading to its last return."""
        return times[-1].back - times[0].depart + self.loading_min if times else 0

    def vehicle_cost(self, vehicle: int, trips: Sequence[Sequence[int]], table: Timetable) -> float:
        """All that a vehicle's day weighs, in fen: its share of the cost parts without their rounding."""
        if not trips:
            return 0.0
        visits = table.visits(trips)
        return self.weighed(
            vehicle,
            sum(self.trip_metres(vehicle, trip) for trip in trips),
            self.waited(visits),
            self.late(visits),
            sum(self.strange[vehicle][stop] for stop, _ in visits),
            self.use_min(table.trips),
        )

    def waited(self, visits: Sequence[tuple[int, int]]) -> int:
        """Minutes between packing and handing over, times priority, of (stop, minute) pairs."""
        return sum((begin - self.ready[stop]) * self.weights[stop] for stop, begin in visits)

    def late(self, visits: Sequence[tuple[int, int]]) -> int:
        """Minutes after due times, times priority, of (stop, minute) pairs."""
        return sum(max(0, begin - self.due[stop]) * self.weights[stop] for stop, begin in visits)

    def quick_cost(self, vehicle: int, trips: Sequence[Sequence[int]]) -> float:
        """The same as vehicle_cost after timetable, infinity where a rule of time is broken.

        One loop over plain lists: the searches spend nearly all of their time here.
        """
        if not trips:
            return 0.0
        if self.breaks[vehicle]:
            return rested_cost(self, vehicle, trips)
        one, minutes, metres = self.vehicles[vehicle], self.minutes[vehicle], self.metres[vehicle]
        loaded, service, weights, due = self.loaded, self.service, self.weights, self.due
        strange, ready_weights, doors = self.strange[vehicle], self.ready_weights, self.doors
        end, leave = one.shift_end_min, self.first_departure(vehicle)
        length = waited = late = strange_fen = 0
        begun = -1
        for trip in trips:
            time = leave
            for stop in trip:
                if loaded[stop] > time:
                    time = loaded[stop]
            here = 0
            for stop in trip:
                row = stop + 1
                drive = minutes[here][row]
                time += drive
                if time > end:
                    return math.inf
                windows = doors[stop]
                if windows is not None:
                    for first, last in windows:
                        if time <= last:
                            if time < first:
                                time = first
                            break
                    else:
                        return math.inf
                if begun < 0:
                    begun = time - drive
                length += metres[here][row]
                waited += time * weights[stop] - ready_weights[stop]
                if time > due[stop]:
                    late += (time - due[stop]) * weights[stop]
                strange_fen += strange[stop]
                time += service[stop]
                here = row
            time += minutes[here][0]
            length += metres[here][0]
            if time > end:
                return math.inf
            leave = time + self.loading_min
        return self.weighed(vehicle, length, waited, late, strange_fen, leave - begun)

    def weighed(
        self, vehicle: int, length_m: int, waited_min: int, late_min: int, strange_fen: int, used_min: int
    ) -> float:
        """What a used vehicle's day weighs, from the sums over its trips."""
        one, prices = self.vehicles[vehicle], self.prices
        cost = one.fixed_cost_fen + strange_fen + length_m * one.km_cost_fen / 1000
        cost += used_min * used_min * prices.uneven_fen / 3600
        return cost + (waited_min * prices.wait_fen_per_hour + late_min * prices.late_fen_per_hour) / 60

    def cost(self, tours: Tours) -> float | None:
        """The whole objective, stops left out included; None when the tours break a rule."""
        total = 0.0
        visited: set[int] = set()
        for vehicle, trips in enumerate(tours):
            if len(trips) > self.trips_left(vehicle):
                return None
            if not all(trip and self.holds(vehicle, trip) for trip in trips):
                return None
            total += self.quick_cost(vehicle, trips)
            visited.update(stop for trip in trips for stop in trip)
        left_out = set(range(len(self.stops))) - visited
        total += sum(self.missed[stop] for stop in left_out)
        return total if total < math.inf else None

    def is_cheaper(self, found: Tours, than: Tours) -> bool:
        """Whether tours keep the rules and cost less than others."""
        cost, known = self.cost(found), self.cost(than)
        return cost is not None and (known is None or cost < known)


def alike_vehicles(problem: RouteProblem) -> list[list[int]]:
    """The vehicles in groups that differ in nothing but the name."""
    groups: dict[tuple[Vehicle, tuple[int, ...]], list[int]] = {}
    for number, one in enumerate(problem.vehicles):
        nameless = replace(
            one,
            id="-",
            name="-",
            shift_start_min=min(problem.begin(one), one.shift_end_min),
            max_trips=problem.trips_left(number),
            trips_done=0,
            familiar=(),
        )
        groups.setdefault((nameless, tuple(problem.strange[number])), []).append(number)
    return list(groups.values())


def unserved_fen(stop: Stop) -> int:
    """What leaving a stop out weighs: its priority, for each of its orders."""
    return UNSERVED_FEN * stop.priority * max(1, len(stop.order_ids))


def _is_strange(stop: Stop, vehicle: Vehicle) -> bool:
    return bool(vehicle.familiar) and stop.place_id not in vehicle.familiar


def _doors(windows: tuple[Window, ...], latest_min: int | None) -> Doors:
    if latest_min is None:
        return windows or None
    always = ((-FAR_MIN, latest_min),)
    return tuple((first, min(last, latest_min)) for first, last in windows or always if first <= latest_min)
