"""What the trips of a day cost, counted anew."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from dispatch.county import Prices, Vehicle
from dispatch.plan_types import CostParts, Routes, Stop, Trip

# What an order left out weighs, times its priority.
UNSERVED_FEN = 10_000_000


def cost_parts(
    stops: Mapping[str, Stop],
    vehicles: Mapping[str, Vehicle],
    routes: Routes,
    *,
    loading_min: int,
    prices: Prices,
    unserved_fen: int | None = None,
) -> CostParts:
    """The parts that `routes.parts` has to hold; trips and visits of nobody known count nothing.

    Args:
        stops, vehicles: by id.
        routes: trips, and the stops left out.
        loading_min: before each departure, belongs to the time a vehicle is in use.
        prices: of the day.
        unserved_fen: where it is not the stops' own, see UNSERVED_FEN.
    """
    rounds: dict[str, list[Trip]] = defaultdict(list)
    for trip in routes.trips:
        if trip.vehicle_id in vehicles:
            rounds[trip.vehicle_id].append(trip)
    waited = late = strange = squares = 0
    for vehicle_id, trips in rounds.items():
        vehicle = vehicles[vehicle_id]
        used_min = max(trip.return_min for trip in trips) - min(trip.depart_min for trip in trips)
        squares += (used_min + loading_min) ** 2
        for visit in (visit for trip in trips for visit in trip.visits if visit.stop_id in stops):
            stop, begin = stops[visit.stop_id], visit.arrive_min + visit.wait_min
            waited += (begin - stop.ready_min) * stop.priority
            if stop.due_min is not None:
                late += max(0, begin - stop.due_min) * stop.priority
            strange += bool(vehicle.familiar) and stop.place_id not in vehicle.familiar
    if unserved_fen is None:
        unserved_fen = unserved_stops_fen([stops[each.id] for each in routes.unserved if each.id in stops])
    return CostParts(
        drive_fen=sum(trip.cost_fen for trip in routes.trips),
        vehicles_fen=sum(vehicles[each].fixed_cost_fen for each in rounds),
        waiting_fen=(waited * prices.wait_fen_per_hour + 30) // 60,
        late_fen=(late * prices.late_fen_per_hour + 30) // 60,
        strange_fen=strange * prices.strange_stop_fen,
        uneven_fen=(squares * prices.uneven_fen + 1800) // 3600,
        unserved_fen=unserved_fen,
    )


def unserved_stops_fen(stops: Sequence[Stop]) -> int:
    """What leaving stops out weighs."""
    return sum(UNSERVED_FEN * stop.priority * max(1, len(stop.order_ids)) for stop in stops)
