"""Which vehicle brings which bags to which place, and when."""

import time
from collections.abc import Sequence

from dispatch.county import Prices, Vehicle
from dispatch.delivery.auto import AutoRouter
from dispatch.delivery.insertion import insertion_tours
from dispatch.delivery.rejecting import rejections
from dispatch.delivery.results import to_routes
from dispatch.delivery.router import Router, Tell
from dispatch.delivery.tours import RouteProblem, Tours
from dispatch.guard import unique
from dispatch.plan_types import Routes, Stop
from dispatch.reasons import unserved
from dispatch.travel import Travel

__all__ = ["Router", "follow", "route"]

MONEY_ONLY = Prices()
_ROUNDS_A_SECOND = 100
# No engine here ends by itself; a handful of stops is not worth a long limit.
_SECONDS_A_STOP, _SECONDS_BESIDES = 0.1, 0.5


def route(
    stops: Sequence[Stop],
    vehicles: Sequence[Vehicle],
    travel: Travel,
    *,
    loading_min: int = 0,
    now_min: int = 0,
    start_clock_min: int = 0,
    prices: Prices = MONEY_ONLY,
    seconds: float = 10.0,
    seed: int = 0,
    repeatable: bool = False,
    router: Router | None = None,
    start: Routes | None = None,
    on_progress: Tell | None = None,
    threads: int = 1,
) -> Routes:
    """Route the stops of a day: as many as possible, then least cost.

    The cost is what `Routes.parts` holds: kilometres, vehicles used, and what the rest weighs. A vehicle may
    come back and leave again; no trip leaves before all of its bags are packed and loaded. Handing over
    begins while the door is open and the bags may still be in the box; couriers take their breaks. Cheapest
    insertion always gives valid tours; the engines improve them, and the cheapest is returned with the
    names of the engines that made it.

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
        repeatable: limit the rounds (100 for each second) instead of the time, on one thread.
        router: one engine for all of the time; `AutoRouter` by default.
        start: trips over some of these stops to begin from, where they are cheaper than the insertion's.
        on_progress: told a fraction 0..1 now and then.
        threads: processes at most.

    Returns:
        The trips; stops that cannot be served are in `unserved`, each with its reason.

    Raises:
        ValueError: duplicate ids, a place without a row in `travel`, `seconds` or `threads` not above 0.
    """
    if not seconds > 0:
        raise ValueError(f"seconds must be above 0, got {seconds!r}")
    if threads < 1:
        raise ValueError(f"threads must be at least 1, got {threads!r}")
    began = time.perf_counter()
    unique("stops", (stop.id for stop in stops))
    unique("vehicles", (vehicle.id for vehicle in vehicles))
    _refuse_unknown_places(stops, travel)
    usable = tuple(vehicle for vehicle in vehicles if _is_usable(vehicle, loading_min, now_min))
    everything = RouteProblem(tuple(stops), usable, travel, loading_min, now_min, prices)
    rejected = rejections(everything, start_clock_min=start_clock_min)
    served = tuple(stop for index, stop in enumerate(stops) if index not in rejected)
    problem = everything.with_stops(served) if rejected else everything
    best, name = insertion_tours(problem), "insertion"
    if start is not None and problem.is_cheaper(known := _as_tours(problem, start), best):
        best, name = known, start.engine
    if len(served) > 1:
        left = max(0.05, seconds - (time.perf_counter() - began))
        engine = router or AutoRouter(1 if repeatable else threads)
        found = engine.improve(
            problem,
            best,
            seconds=min(left, _SECONDS_BESIDES + _SECONDS_A_STOP * len(served)),
            seed=seed,
            rounds=max(1, int(seconds * _ROUNDS_A_SECOND)) if repeatable else None,
            on_progress=on_progress,
        )
        if problem.is_cheaper(found.tours, best):
            best, name = found.tours, found.engine
    visited = {stop for trips in best for trip in trips for stop in trip}
    left_out = list(rejected.values()) + [
        unserved(stop.id, "no_capacity_left") for index, stop in enumerate(served) if index not in visited
    ]
    named = {each.id for each in left_out}
    return to_routes(
        problem,
        best,
        left_out,
        missed=[stop for stop in stops if stop.id in named],
        engine=name,
        seconds=time.perf_counter() - began,
    )


def follow(
    routes: Routes,
    stops: Sequence[Stop],
    vehicles: Sequence[Vehicle],
    travel: Travel,
    sequences: Sequence[Sequence[str]],
    *,
    loading_min: int = 0,
    now_min: int = 0,
    prices: Prices = MONEY_ONLY,
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
        ValueError: a trip no longer fits its vehicle's shift, or comes too late to a stop.
    """
    problem = RouteProblem(tuple(stops), tuple(vehicles), travel, loading_min, now_min, prices)
    tours = _as_tours(problem, routes, sequences)
    return to_routes(
        problem, tours, routes.unserved, missed=left_out, engine=routes.engine, seconds=routes.seconds
    )


def _refuse_unknown_places(stops: Sequence[Stop], travel: Travel) -> None:
    rows = travel.index()
    for stop in stops:
        if stop.place_id not in rows:
            raise ValueError(f"stop {stop.id}: place {stop.place_id!r} has no row in the travel matrix")


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


def _is_usable(vehicle: Vehicle, loading_min: int, now_min: int) -> bool:
    first = max(vehicle.shift_start_min, now_min) + loading_min
    return vehicle.trips_done < vehicle.max_trips and first <= vehicle.shift_end_min
