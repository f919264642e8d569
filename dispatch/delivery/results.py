"""Tours as the result type: times, loads, and what each part of the cost comes to."""

from collections.abc import Sequence

from dispatch.delivery.tours import RouteProblem, Times, Tours, unserved_fen
from dispatch.plan_types import CostParts, Routes, Stop, Trip, Unserved, Visit


def to_routes(
    problem: RouteProblem,
    tours: Tours,
    left_out: Sequence[Unserved],
    *,
    missed: Sequence[Stop],
    engine: str,
    seconds: float,
) -> Routes:
    """Tours with times, loads and costs.

    Args:
        problem: what the tours are of.
        tours: for each vehicle its trips.
        left_out: the reason of every stop that no trip visits.
        missed: those stops.
        engine, seconds: what made the tours, and in which time.

    Raises:
        ValueError: a tour does not fit its vehicle's shift.
    """
    times = [_times(problem, vehicle, trips) for vehicle, trips in enumerate(tours)]
    trips = tuple(
        _trip(problem, vehicle, number, sequence, timed)
        for vehicle, sequences in enumerate(tours)
        for number, (sequence, timed) in enumerate(zip(sequences, times[vehicle], strict=True))
    )
    parts = _parts(problem, tours, times, trips, missed)
    return Routes(
        trips=trips,
        unserved=tuple(left_out),
        metres=sum(trip.metres for trip in trips),
        cost_fen=parts.drive_fen + parts.vehicles_fen,
        engine=engine,
        seconds=seconds,
        parts=parts,
    )


def _times(problem: RouteProblem, vehicle: int, trips: Sequence[Sequence[int]]) -> list[Times]:
    times = problem.times(vehicle, trips)
    if times is None:
        raise ValueError(f"the tours of vehicle {problem.vehicles[vehicle].id} leave its shift")
    return times


def _parts(
    problem: RouteProblem,
    tours: Tours,
    times: Sequence[Sequence[Times]],
    trips: Sequence[Trip],
    missed: Sequence[Stop],
) -> CostParts:
    """Each part is rounded once, half up, from whole minutes."""
    visits = [
        (vehicle, stop, arrive)
        for vehicle, sequences in enumerate(tours)
        for sequence, timed in zip(sequences, times[vehicle], strict=True)
        for stop, arrive in zip(sequence, timed.arrive, strict=True)
    ]
    begins = [(stop, arrive) for _, stop, arrive in visits]
    squares = sum(problem.use_min(timed) ** 2 for timed in times)
    prices = problem.prices
    return CostParts(
        drive_fen=sum(trip.cost_fen for trip in trips),
        vehicles_fen=sum(
            one.fixed_cost_fen for one, sequences in zip(problem.vehicles, tours, strict=True) if sequences
        ),
        waiting_fen=(problem.waited(begins) * prices.wait_fen_per_hour + 30) // 60,
        late_fen=(problem.late(begins) * prices.late_fen_per_hour + 30) // 60,
        strange_fen=sum(problem.strange[vehicle][stop] for vehicle, stop, _ in visits),
        uneven_fen=(squares * prices.uneven_fen + 1800) // 3600,
        unserved_fen=sum(unserved_fen(stop) for stop in missed),
    )


def _trip(problem: RouteProblem, vehicle: int, number: int, sequence: Sequence[int], timed: Times) -> Trip:
    one = problem.vehicles[vehicle]
    stops = [problem.stops[stop] for stop in sequence]
    metres = problem.trip_metres(vehicle, sequence)
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
