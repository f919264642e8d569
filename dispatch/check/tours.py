"""Checks of the trips of a day."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dispatch.check.costs import cost_parts
from dispatch.check.rests import check_rests, rested_between
from dispatch.check.violation import Violation, check_complete
from dispatch.county import Prices, Vehicle
from dispatch.plan_types import Rest, Routes, Stop, Trip, Visit
from dispatch.travel import UNREACHABLE, Travel

_MONEY_ONLY = Prices()


def check_routes(
    stops: Sequence[Stop],
    vehicles: Sequence[Vehicle],
    travel: Travel,
    routes: Routes,
    *,
    loading_min: int = 0,
    now_min: int = 0,
    prices: Prices = _MONEY_ONLY,
    unserved_fen: int | None = None,
) -> list[Violation]:
    """Everything wrong with the trips of a day.

    Kinds: stop_unknown, stop_twice, stop_missing, vehicle_unknown, empty_trip, trip_number, no_road, kind
    (the village lets no such vehicle through), capacity, release (left before its bags were packed and
    loaded), shift, trip_overlap, arrive, wait, leave, return, window, box (too long in it), rests (not those
    that are due), break (begun outside its window or cut short), rest_overlap (while loading or handing
    over), load, metres, cost, parts (of the cost), past.

    Args:
        stops, vehicles, travel, loading_min, now_min, prices: what the trips were made for.
        routes: the trips.
        unserved_fen: what the orders left out weigh, where that is not their stops' weight.
    """
    found: list[Violation] = []
    by_id = {stop.id: stop for stop in stops}
    fleet = {vehicle.id: vehicle for vehicle in vehicles}
    visited = [visit.stop_id for trip in routes.trips for visit in trip.visits]
    found += check_complete("stop", by_id, visited, [each.id for each in routes.unserved])
    rounds: dict[str, list[Trip]] = defaultdict(list)
    for trip in routes.trips:
        if trip.vehicle_id not in fleet:
            found.append(Violation("vehicle_unknown", trip.vehicle_id, "no such vehicle"))
        else:
            rounds[trip.vehicle_id].append(trip)
    rests: dict[str, list[Rest]] = defaultdict(list)
    for rest in routes.rests:
        rests[rest.vehicle_id].append(rest)
    found += [
        Violation("rests", vehicle_id, "a rest of a vehicle that is not used")
        for vehicle_id in sorted(set(rests) - set(rounds))
    ]
    for vehicle_id, trips in rounds.items():
        vehicle = fleet[vehicle_id]
        found += _check_vehicle(vehicle, trips, loading_min=loading_min, now_min=now_min)
        found += check_rests(vehicle, trips, rests[vehicle_id], loading_min=loading_min, now_min=now_min)
        drive = _Drive(vehicle, by_id, _Roads(travel, vehicle), rests[vehicle_id], loading_min)
        for trip in trips:
            found += drive.check(trip)
    metres = sum(trip.metres for trip in routes.trips)
    cost = sum(trip.cost_fen for trip in routes.trips) + sum(fleet[each].fixed_cost_fen for each in rounds)
    if (routes.metres, routes.cost_fen) != (metres, cost):
        found.append(Violation("cost", "routes", f"{metres} m and {cost} fen in fact"))
    parts = cost_parts(
        by_id, fleet, routes, loading_min=loading_min, prices=prices, unserved_fen=unserved_fen
    )
    if routes.parts != parts:
        found.append(Violation("parts", "routes", f"{routes.parts} given, {parts} in fact"))
    return found


def _check_vehicle(vehicle: Vehicle, trips: list[Trip], *, loading_min: int, now_min: int) -> list[Violation]:
    found: list[Violation] = []
    trips = sorted(trips, key=lambda trip: trip.depart_min)
    numbers = [trip.number for trip in trips]
    last = vehicle.trips_done + len(trips)
    if numbers != list(range(vehicle.trips_done + 1, last + 1)) or last > vehicle.max_trips:
        found.append(Violation("trip_number", vehicle.id, f"trips {numbers}, {vehicle.max_trips} at most"))
    free_at = max(vehicle.shift_start_min, now_min)
    for trip in trips:
        if trip.depart_min < vehicle.shift_start_min or trip.return_min > vehicle.shift_end_min:
            detail = f"trip {trip.number} from {trip.depart_min} to {trip.return_min} leaves the shift"
            found.append(Violation("shift", vehicle.id, detail))
        if trip.depart_min < now_min:
            found.append(Violation("past", vehicle.id, f"leaves at {trip.depart_min}, it is {now_min}"))
        if trip.depart_min < free_at + loading_min:
            detail = (
                f"trip {trip.number} leaves at {trip.depart_min}, loading ends at {free_at + loading_min}"
            )
            found.append(Violation("trip_overlap", vehicle.id, detail))
        free_at = trip.return_min
    return found


class _Roads:
    """The roads of one vehicle."""

    def __init__(self, travel: Travel, vehicle: Vehicle) -> None:
        self.rows = travel.index()
        self.minutes, self.metres = travel.minutes_of(vehicle), travel.metres_of(vehicle)


@dataclass(slots=True)
class _Drive:
    """The trips of one vehicle followed from place to place."""

    vehicle: Vehicle
    stops: Mapping[str, Stop]
    roads: _Roads
    rests: Sequence[Rest]
    loading_min: int

    def check(self, trip: Trip) -> list[Violation]:
        """Everything wrong with one trip by itself."""
        return [
            Violation(kind, f"{trip.vehicle_id}/{trip.number}", detail)
            for kind, detail in (*self._load(trip), *self._way(trip))
        ]

    def _load(self, trip: Trip) -> list[tuple[str, str]]:
        wrong: list[tuple[str, str]] = []
        vehicle = self.vehicle
        carried = [self.stops[visit.stop_id] for visit in trip.visits if visit.stop_id in self.stops]
        if not trip.visits:
            wrong.append(("empty_trip", "it visits nothing"))
        bags, volume = sum(stop.bags for stop in carried), sum(stop.volume_ml for stop in carried)
        if (trip.bags, trip.volume_ml) != (bags, volume):
            wrong.append(("load", f"{trip.bags} bags given, {bags} in fact"))
        if bags > vehicle.capacity_bags or (vehicle.capacity_ml is not None and volume > vehicle.capacity_ml):
            wrong.append(("capacity", f"{bags} bags, {volume} ml in vehicle {vehicle.id}"))
        ready = max((stop.ready_min for stop in carried), default=trip.depart_min) + self.loading_min
        if trip.depart_min < ready:
            wrong.append(("release", f"leaves at {trip.depart_min}, its bags are loaded at {ready}"))
        return wrong

    def _way(self, trip: Trip) -> list[tuple[str, str]]:
        wrong: list[tuple[str, str]] = []
        rows, minutes, lengths = self.roads.rows, self.roads.minutes, self.roads.metres
        here, time, metres = 0, trip.depart_min, 0
        for visit in trip.visits:
            stop = self.stops.get(visit.stop_id)
            if stop is None or stop.place_id not in rows:
                continue
            row = rows[stop.place_id]
            if minutes[here, row] == UNREACHABLE:
                return [*wrong, ("no_road", f"there is no road to {stop.place_id}")]
            earliest = time + int(minutes[here, row]) + rested_between(self.rests, time, visit.arrive_min)
            if visit.arrive_min < earliest:
                wrong.append(("arrive", f"at {stop.id} at {visit.arrive_min}, {earliest} at the earliest"))
            wrong += self._visit(visit, stop)
            metres += int(lengths[here, row])
            here, time = row, visit.leave_min
        if minutes[here, 0] == UNREACHABLE:
            return [*wrong, ("no_road", "there is no road back")]
        earliest = time + int(minutes[here, 0]) + rested_between(self.rests, time, trip.return_min)
        if trip.return_min < earliest:
            wrong.append(("return", f"back at {trip.return_min}, {earliest} at the earliest"))
        metres += int(lengths[here, 0])
        if trip.metres != metres:
            wrong.append(("metres", f"{trip.metres} m given, {metres} in fact"))
        if trip.cost_fen != (metres * self.vehicle.km_cost_fen + 500) // 1000:
            wrong.append(
                ("cost", f"{trip.cost_fen} fen given for {metres} m at {self.vehicle.km_cost_fen} fen/km")
            )
        return wrong

    def _visit(self, visit: Visit, stop: Stop) -> list[tuple[str, str]]:
        wrong: list[tuple[str, str]] = []
        begin = visit.arrive_min + visit.wait_min
        if visit.wait_min < 0:
            wrong.append(("wait", f"at {stop.id} it waits {visit.wait_min} min"))
        if visit.leave_min != begin + stop.service_min:
            wrong.append(("leave", f"{stop.id} takes {stop.service_min} min"))
        if self.vehicle.kind not in stop.kinds:
            wrong.append(("kind", f"no {self.vehicle.kind} comes to {stop.place_id}"))
        if stop.windows and not any(first <= begin <= last for first, last in stop.windows):
            wrong.append(("window", f"{stop.id} is handed over at {begin}, its windows are {stop.windows}"))
        if stop.latest_min is not None and begin > stop.latest_min:
            wrong.append(("box", f"{stop.id} is handed over at {begin}, {stop.latest_min} at the latest"))
        return wrong
