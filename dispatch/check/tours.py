"""Checks of the trips of a day."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from dispatch.check.costs import cost_parts
from dispatch.check.violation import Violation, check_complete
from dispatch.county import Prices, Vehicle
from dispatch.plan_types import Routes, Stop, Trip
from dispatch.travel import UNREACHABLE, Travel


def check_routes(
    stops: Sequence[Stop],
    vehicles: Sequence[Vehicle],
    travel: Travel,
    routes: Routes,
    *,
    loading_min: int = 0,
    now_min: int = 0,
    prices: Prices = Prices(),
    unserved_fen: int | None = None,
) -> list[Violation]:
    """Everything wrong with the trips of a day.

    Kinds: stop_unknown, stop_twice, stop_missing, vehicle_unknown, empty_trip, trip_number, no_road,
    capacity, release (left before its bags were packed and loaded), shift, trip_overlap, arrive, leave,
    return, load, metres, cost, parts (of the cost), past.

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
    for vehicle_id, trips in rounds.items():
        found += _check_vehicle(fleet[vehicle_id], trips, loading_min=loading_min, now_min=now_min)
        for trip in trips:
            found += _check_trip(trip, fleet[vehicle_id], by_id, travel, loading_min)
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


def _check_trip(
    trip: Trip, vehicle: Vehicle, stops: Mapping[str, Stop], travel: Travel, loading_min: int
) -> list[Violation]:
    found: list[Violation] = []
    label = f"{trip.vehicle_id}/{trip.number}"

    def wrong(kind: str, detail: str) -> None:
        found.append(Violation(kind, label, detail))

    carried = [stops[visit.stop_id] for visit in trip.visits if visit.stop_id in stops]
    if not trip.visits:
        wrong("empty_trip", "it visits nothing")
    bags, volume = sum(stop.bags for stop in carried), sum(stop.volume_ml for stop in carried)
    if (trip.bags, trip.volume_ml) != (bags, volume):
        wrong("load", f"{trip.bags} bags given, {bags} in fact")
    if bags > vehicle.capacity_bags or (vehicle.capacity_ml is not None and volume > vehicle.capacity_ml):
        wrong("capacity", f"{bags} bags, {volume} ml in vehicle {vehicle.id}")
    ready = max((stop.ready_min for stop in carried), default=trip.depart_min)
    if trip.depart_min < ready + loading_min:
        wrong("release", f"leaves at {trip.depart_min}, its bags are loaded at {ready + loading_min}")
    rows = travel.index()
    minutes, lengths = travel.minutes_of(vehicle), travel.metres_of(vehicle)
    here, time, metres = 0, trip.depart_min, 0
    for visit in trip.visits:
        stop = stops.get(visit.stop_id)
        if stop is None or stop.place_id not in rows:
            continue
        row = rows[stop.place_id]
        if minutes[here, row] == UNREACHABLE:
            wrong("no_road", f"there is no road to {stop.place_id}")
            return found
        if visit.arrive_min < time + int(minutes[here, row]):
            wrong(
                "arrive",
                f"at {stop.id} at {visit.arrive_min}, {time + int(minutes[here, row])} at the earliest",
            )
        if visit.leave_min != visit.arrive_min + stop.service_min:
            wrong("leave", f"{stop.id} takes {stop.service_min} min")
        metres += int(lengths[here, row])
        here, time = row, visit.leave_min
    if minutes[here, 0] == UNREACHABLE:
        wrong("no_road", "there is no road back")
        return found
    if trip.return_min < time + int(minutes[here, 0]):
        wrong("return", f"back at {trip.return_min}, {time + int(minutes[here, 0])} at the earliest")
    metres += int(lengths[here, 0])
    if trip.metres != metres:
        wrong("metres", f"{trip.metres} m given, {metres} in fact")
    if trip.cost_fen != (metres * vehicle.km_cost_fen + 500) // 1000:
        wrong("cost", f"{trip.cost_fen} fen given for {metres} m at {vehicle.km_cost_fen} fen/km")
    return found
