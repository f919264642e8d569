"""Tours as the result type: times, loads, and what each part of the cost comes to."""

from collections.abc import Sequence

from dispatch.delivery.resting import Times, Timetable
from dispatch.delivery.tours import RouteProblem, Tours, unserved_fen
from dispatch.plan_types import CostParts, Rest, Routes, Stop, Trip, Unserved, Visit


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
        ValueError: a tour breaks a rule of time.
    """
    tables = [_timetable(problem, vehicle, trips) for vehicle, trips in enumerate(tours)]
    trips = tuple(
        _trip(problem, vehicle, number, sequence, timed)
        for vehicle, sequences in enumerate(tours)
        for number, (sequence, timed) in enumerate(zip(sequences, tables[vehicle].trips, strict=True))
    )
    parts = _parts(problem, tours, tables, trips, missed)
    return Routes(
        trips=trips,
        unserved=tuple(left_out),
        metres=sum(trip.metres for trip in trips),
        cost_fen=parts.drive_fen + parts.vehicles_fen,
        engine=engine,
        seconds=seconds,
        rests=tuple(
            Rest(one.id, start, end)
            for one, table in zip(problem.vehicles, tables, strict=True)
            for start, end in table.rests
        ),
        parts=parts,
    )


def _timetable(problem: RouteProblem, vehicle: int, trips: Sequence[Sequence[int]]) -> Timetable:
    table = problem.timetable(vehicle, trips)
    if table is None:
        raise ValueError(
            f"the tours of vehicle {problem.vehicles[vehicle].id} leave its shift or come too late"
        )
    return table


def _parts(
    problem: RouteProblem,
    tours: Tours,
    tables: Sequence[Timetable],
    trips: Sequence[Trip],
    missed: Sequence[Stop],
) -> CostParts:
    """Each part is rounded once, half up, from whole minutes."""
    visits = [
        (vehicle, visit)
        for vehicle, (sequences, table) in enumerate(zip(tours, tables, strict=True))
        for visit in table.visits(sequences)
    ]
    begins = [visit for _, visit in visits]
    squares = sum(problem.use_min(table.trips) ** 2 for table in tables)
    prices = problem.prices
    return CostParts(
        drive_fen=sum(trip.cost_fen for trip in trips),
        vehicles_fen=sum(
            one.fixed_cost_fen for one, sequences in zip(problem.vehicles, tours, strict=True) if sequences
        ),
        waiting_fen=(problem.waited(begins) * prices.wait_fen_per_hour + 30) // 60,
        late_fen=(problem.late(begins) * prices.late_fen_per_hour + 30) // 60,
        strange_fen=sum(problem.strange[vehicle][stop] for vehicle, (stop, _) in visits),
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
            Visit(stop.id, arrive, begin + stop.service_min, begin - arrive)
            for stop, arrive, begin in zip(stops, timed.arrive, timed.begin, strict=True)
        ),
        bags=sum(stop.bags for stop in stops),
        volume_ml=sum(stop.volume_ml for stop in stops),
        metres=metres,
        cost_fen=(metres * one.km_cost_fen + 500) // 1000,
    )
