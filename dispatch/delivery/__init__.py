"""Which vehicle brings which bags to which place, and when."""

import time
from collections.abc import Callable, Sequence
from typing import Protocol

from dispatch.county import Prices, Vehicle
from dispatch.delivery.insertion import insertion_tours
from dispatch.delivery.ortools_router import OrtoolsRouter
from dispatch.delivery.results import to_routes
from dispatch.delivery.ruin import RuinRouter
from dispatch.delivery.tours import RouteProblem, Tours
from dispatch.guard import unique
from dispatch.plan_types import Routes, Stop, Unserved
from dispatch.reasons import clock, unserved
from dispatch.travel import Travel

_ROUNDS_A_SECOND = 100
# No engine here ends by itself; a handful of stops is not worth a long limit.
_SECONDS_A_STOP, _SECONDS_BESIDES = 0.1, 0.5


class Router(Protocol):
    """An engine that makes tours cheaper."""

    @property
    def name(self) -> str:
        """How the engine is called in plans."""

    def improve(
        self,
        problem: RouteProblem,
        start: Tours,
        *,
        seconds: float,
        seed: int,
        rounds: int | None = None,
        on_progress: Callable[[float], None] | None = None,
    ) -> Tours:
        """Valid tours, `start` when nothing better is found."""


def standard_engines() -> tuple[tuple[Router, float], ...]:
    """The engines of an ordinary day and their shares of the time: each begins where the one before ended.

    OR-Tools orders the stops within trips quickly; ruin and recreate moves bags between trips in a chain,
    which OR-Tools' filters do not see through (docs/decisions/0006-planning.md has the figures).
    """
    return (OrtoolsRouter(), 0.3), (RuinRouter(), 0.7)


def route(
    stops: Sequence[Stop],
    vehicles: Sequence[Vehicle],
    travel: Travel,
    *,
    loading_min: int = 0,
    now_min: int = 0,
    start_clock_min: int = 0,
    prices: Prices = Prices(),
    seconds: float = 10.0,
    seed: int = 0,
    repeatable: bool = False,
    router: Router | None = None,
    start: Routes | None = None,
    on_progress: Callable[[float], None] | None = None,
    threads: int = 1,
) -> Routes:
    """Route the stops of a day: as many as possible, then least cost.

    The cost is what `Routes.parts` holds: kilometres, vehicles used, and what the rest weighs. A vehicle
    may come back and leave again; no trip leaves before all of its bags are packed and loaded. Cheapest insertion
    always gives valid tours; the engines improve them, and the cheapest is returned with the name of the
    engine that found it.

    Args:
        stops: what is to be brought where, with the minute from which it is packed.
        vehicles: capacities, shifts, costs.
        travel: matrices over the centre (row 0) and every place of the stops.
        loading_min: minutes at the centre before each departure, after bags and vehicle are there.
        now_min: nothing leaves before.
        start_clock_min: the clock minute of minute 0, for the words of reasons.
        prices: what waiting, lateness, strange villages and uneven work weigh.
        seconds: time limit of the engines together.
        seed: of each engine.
        repeatable: limit the rounds (100 for each second) instead of the time.
        router: one engine for all of the time; `standard_engines` one after another by default.
        start: trips over some of these stops to begin from, where they are cheaper than the insertion's.
        on_progress: told a fraction 0..1 now and then.
        threads: processes at most.

    Returns:
        The trips; stops that cannot be served are in `unserved`, each with its reason.

    Raises:
        ValueError: duplicate ids, a place without a row in `travel`, `seconds` not above 0.
    """
    if not seconds > 0:
        raise ValueError(f"seconds must be above 0, got {seconds!r}")
    began = time.perf_counter()
    unique("stops", (stop.id for stop in stops))
    unique("vehicles", (vehicle.id for vehicle in vehicles))
    rows = travel.index()
    for stop in stops:
        if stop.place_id not in rows:
            raise ValueError(f"stop {stop.id}: place {stop.place_id!r} has no row in the travel matrix")
    usable = tuple(vehicle for vehicle in vehicles if _is_usable(vehicle, loading_min, now_min))
    left_out = [
        reason
        for stop in stops
        if (reason := _reject(stop, usable, travel, loading_min, now_min, start_clock_min)) is not None
    ]
    hopeless = {reason.id for reason in left_out}
    served = tuple(stop for stop in stops if stop.id not in hopeless)
    problem = RouteProblem(served, usable, travel, loading_min, now_min, prices)
    best, name = insertion_tours(problem), "insertion"
    if start is not None and _is_cheaper(problem, known := _as_tours(problem, start), best):
        best, name = known, start.engine
    if len(served) > 1:
        left = max(0.05, seconds - (time.perf_counter() - began))
        left = min(left, _SECONDS_BESIDES + _SECONDS_A_STOP * len(served))
        told = 0.0
        for engine, share in ((router, 1.0),) if router else standard_engines():
            found = engine.improve(
                problem,
                best,
                seconds=left * share,
                seed=seed,
                rounds=max(1, int(seconds * share * _ROUNDS_A_SECOND)) if repeatable else None,
                on_progress=_within(on_progress, told, share),
            )
            told += share
            if _is_cheaper(problem, found, best):
                best, name = found, engine.name
    visited = {stop for trips in best for trip in trips for stop in trip}
    left_out += [
        unserved(stop.id, "no_capacity_left") for index, stop in enumerate(served) if index not in visited
    ]
    named = {each.id for each in left_out}
    missed = [stop for stop in stops if stop.id in named]
    return to_routes(problem, best, left_out, missed=missed, engine=name, seconds=time.perf_counter() - began)


def follow(
    routes: Routes,
    stops: Sequence[Stop],
    vehicles: Sequence[Vehicle],
    travel: Travel,
    sequences: Sequence[Sequence[str]],
    *,
    loading_min: int = 0,
    now_min: int = 0,
    prices: Prices = Prices(),
    left_out: Sequence[Stop] = (),
) -> Routes:
    """The same trips over changed stops: times, loads and costs anew, order and vehicles as they were.

    Args:
        routes: trips made by `route`.
        stops: every stop the sequences name.
        vehicles, travel, loading_min, now_min, prices: as given to `route`.
        sequences: for each trip of `routes` the ids of its stops.
        left_out: the stops that `routes` names as unserved.

    Raises:
        ValueError: a trip no longer fits its vehicle's shift.
    """
    problem = RouteProblem(tuple(stops), tuple(vehicles), travel, loading_min, now_min, prices)
    tours = _as_tours(problem, routes, sequences)
    return to_routes(
        problem, tours, routes.unserved, missed=left_out, engine=routes.engine, seconds=routes.seconds
    )


def _as_tours(
    problem: RouteProblem, routes: Routes, sequences: Sequence[Sequence[str]] | None = None
) -> Tours:
    """Trips as tours of a problem; stops and vehicles it does not have are passed over."""
    rows = {stop.id: row for row, stop in enumerate(problem.stops)}
    named = sequences or [[visit.stop_id for visit in trip.visits] for trip in routes.trips]
    tours: Tours = []
    for vehicle in problem.vehicles:
        trips = [
            [rows[stop_id] for stop_id in sequence if stop_id in rows]
            for trip, sequence in zip(routes.trips, named, strict=True)
            if trip.vehicle_id == vehicle.id
        ]
        tours.append([trip for trip in trips if trip])
    return tours


def _is_cheaper(problem: RouteProblem, found: Tours, than: Tours) -> bool:
    cost, known = problem.cost(found), problem.cost(than)
    return cost is not None and (known is None or cost < known)


def _within(
    on_progress: Callable[[float], None] | None, told: float, share: float
) -> Callable[[float], None] | None:
    if on_progress is None:
        return None
    return lambda fraction: on_progress(told + fraction * share)


def _is_usable(vehicle: Vehicle, loading_min: int, now_min: int) -> bool:
    first = max(vehicle.shift_start_min, now_min) + loading_min
    return vehicle.trips_done < vehicle.max_trips and first <= vehicle.shift_end_min


def _reject(
    stop: Stop,
    vehicles: Sequence[Vehicle],
    travel: Travel,
    loading_min: int,
    now_min: int,
    start_clock_min: int,
) -> Unserved | None:
    """Why a stop can never be served whatever the others do, None when it can."""
    if not travel.connected(travel.index()[stop.place_id]):
        return unserved(stop.id, "no_road", place=stop.place_id)
    if not vehicles:
        return unserved(stop.id, "no_vehicles")
    large = [v for v in vehicles if stop.bags <= v.capacity_bags and stop.volume_ml <= _volume(v, stop)]
    if not large:
        return unserved(stop.id, "too_large_for_vehicles", bags=stop.bags, ml=stop.volume_ml)
    alone = RouteProblem((stop,), tuple(large), travel, loading_min, now_min, Prices())
    if all(alone.times(vehicle, [[0]]) is None for vehicle in range(len(large))):
        return unserved(stop.id, "ready_too_late", ready=clock(stop.ready_min, start_clock_min))
    return None


def _volume(vehicle: Vehicle, stop: Stop) -> int:
    return stop.volume_ml if vehicle.capacity_ml is None else vehicle.capacity_ml
