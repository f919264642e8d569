"""Which stops cannot be served whatever the others do, and why."""

from collections.abc import Callable
from dataclasses import replace

from dispatch.county import VEHICLE_KINDS, Vehicle, VehicleKind
from dispatch.delivery.tours import RouteProblem
from dispatch.plan_types import Stop, Unserved
from dispatch.reasons import clock, unserved


def rejections(problem: RouteProblem, *, start_clock_min: int) -> dict[int, Unserved]:
    """The stops that could not be served even if each were the only one, with their reasons.

    Args:
        problem: all stops, and the vehicles that can still leave.
        start_clock_min: the clock minute of minute 0, for the words.

    Returns:
        Index of a stop to its reason, in the order of the stops.
    """
    roads = {kind: problem.travel.of_kind(kind) for kind in VEHICLE_KINDS}
    rows = problem.travel.index()
    found: dict[int, Unserved] = {}
    for index, stop in enumerate(problem.stops):
        if any(problem.carries_alone(vehicle, index) for vehicle in range(len(problem.vehicles))):
            continue
        row = rows[stop.place_id]
        kinds = {kind for kind, matrices in roads.items() if matrices.connected(row)}
        found[index] = _reason(problem, stop, kinds, lambda minute: clock(minute, start_clock_min))
    return found


def _reason(
    problem: RouteProblem, stop: Stop, kinds: set[VehicleKind], said: Callable[[int], str]
) -> Unserved:
    """The first of the rules that keeps every vehicle away, from the road to the breaks."""
    if not kinds:
        return unserved(stop.id, "no_road", place=stop.place_id)
    if not problem.vehicles:
        return unserved(stop.id, "no_vehicles")
    reaching = [v for v in problem.vehicles if v.kind in stop.kinds and v.kind in kinds]
    if not reaching:
        return unserved(stop.id, "no_vehicle_of_kind", place=stop.place_id)
    large = [v for v in reaching if stop.bags <= v.capacity_bags and stop.volume_ml <= _volume(v, stop)]
    if not large:
        return unserved(stop.id, "too_large_for_vehicles", bags=stop.bags, ml=stop.volume_ml)

    def can(asked: Stop) -> bool:
        fleet = tuple(replace(v, breaks=()) for v in large)
        alone = replace(problem, stops=(asked,), vehicles=fleet)
        return any(alone.carries_alone(vehicle, 0) for vehicle in range(len(fleet)))

    ready = said(stop.ready_min)
    if not can(replace(stop, windows=(), latest_min=None)):
        return unserved(stop.id, "ready_too_late", ready=ready)
    if stop.latest_min is not None and not can(replace(stop, windows=())):
        return unserved(stop.id, "too_long_in_box", ready=ready, latest=said(stop.latest_min))
    if not can(stop):
        windows = ", ".join(f"{said(first)}-{said(last)}" for first, last in stop.windows)
        return unserved(stop.id, "closed_when_reached", ready=ready, windows=windows)
    return unserved(stop.id, "breaks_in_the_way", ready=ready)


def _volume(vehicle: Vehicle, stop: Stop) -> int:
    return stop.volume_ml if vehicle.capacity_ml is None else vehicle.capacity_ml
