"""What of an old plan stays when a new one comes: the trips that have left, and what is on them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import date
from itertools import takewhile

from tcm.records.clinical import Prescription
from tcm.records.ledger import Event
from tcm.records.lifecycle import State
from tcm.records.plans import Delivery, Route, RouteStop
from tcm.store.work import Work

ON_ROUTE = (State.LOADED, State.DELIVERED)
_STOP_FIELDS = frozenset(field.name for field in fields(RouteStop)) - {"id", "deliveries"}


def gone_stops(work: Work, day: date) -> list[tuple[Route, RouteStop]]:
    """Copies of the stops of trips that have left, each with the route it was on.

    Args:
        work: The unit of work.
        day: County date.

    Returns:
        Stops not stored yet; what did not leave with its trip, or came back, stands on none of them.
    """
    before = work.plans.in_force(day)
    if before is None or before.id is None:
        return []
    routes = work.routes.of_plan(before.id)
    carried = work.prescriptions.by_ids(_prescription_ids(routes))
    again = _planned_again(work, carried)
    gone: list[tuple[Route, RouteStop]] = []
    for route in routes:
        left = {stop.trip for stop in route.stops if _has_left(stop, carried, again)}
        gone.extend((route, _kept_part(stop, carried)) for stop in route.stops if stop.trip in left)
    return gone


def drop_what_left(work: Work, routes: Sequence[Route]) -> None:
    """Take out of new routes what was loaded, delivered or cancelled while they were planned.

    Args:
        work: The unit of work.
        routes: Not stored yet; changed here, stops left without anything to hand over included.
    """
    carried = work.prescriptions.by_ids(_prescription_ids(routes))
    for route in routes:
        for stop in route.stops:
            stop.deliveries = [
                delivery
                for delivery in stop.deliveries
                if carried[delivery.prescription_id].state not in (*ON_ROUTE, State.CANCELLED)
            ]
        route.stops = [stop for stop in route.stops if stop.deliveries]


def joined(
    plan_id: int, day: date, kept: Sequence[tuple[Route, RouteStop]], routes: Sequence[Route]
) -> list[Route]:
    """One route for each vehicle: the trips that have left, then the new ones.

    Args:
        plan_id: The new plan.
        day: County date.
        kept: What `gone_stops` returned.
        routes: New routes, not stored yet.

    Returns:
        Routes not stored yet, stops numbered from 1, no new trip with the number of one that has left.
    """
    by_vehicle: dict[int, Route] = {}
    for source, stop in kept:
        _append(by_vehicle, plan_id, day, source, stop)
    for source in routes:
        before = by_vehicle.get(source.vehicle_id)
        last = max((stop.trip for stop in before.stops), default=0) if before else 0
        first = min((stop.trip for stop in source.stops), default=1)
        # A trip may have left while the planner thought: the new ones are then counted on from it.
        shift = max(0, last + 1 - first)
        for stop in source.stops:
            stop.trip += shift
            _append(by_vehicle, plan_id, day, source, stop)
    return list(by_vehicle.values())


def _append(by_vehicle: dict[int, Route], plan_id: int, day: date, source: Route, stop: RouteStop) -> None:
    route = by_vehicle.get(source.vehicle_id)
    if route is None:
        route = by_vehicle[source.vehicle_id] = Route(
            plan_id=plan_id, day=day, vehicle_id=source.vehicle_id, courier_id=source.courier_id
        )
    stop.position = len(route.stops) + 1
    route.stops.append(stop)


def _prescription_ids(routes: Iterable[Route]) -> list[int]:
    return [d.prescription_id for route in routes for stop in route.stops for d in stop.deliveries]


def _planned_again(work: Work, carried: Mapping[int, Prescription]) -> set[int]:
    # What failed on a trip has left with it; what failed before and was planned again still waits.
    failed = [key for key, prescription in carried.items() if prescription.state is State.FAILED]
    return {key for key, chain in work.ledger.chains(failed).items() if _is_planned_since(chain)}


def _is_planned_since(chain: Sequence[Event]) -> bool:
    """Whether a plan took it in since it last moved; what is only noted of it meanwhile says nothing."""
    later = takewhile(lambda event: event.kind != "move", reversed(chain))
    return any(event.kind == "planned" for event in later)


def _has_left(stop: RouteStop, carried: Mapping[int, Prescription], again: set[int]) -> bool:
    # A stop without deliveries is one of a trip kept earlier, everything on which came back.
    if not stop.deliveries:
        return True
    return any(
        carried[d.prescription_id].state in ON_ROUTE
        or (carried[d.prescription_id].state is State.FAILED and d.prescription_id not in again)
        for d in stop.deliveries
    )


def _kept_part(stop: RouteStop, carried: Mapping[int, Prescription]) -> RouteStop:
    # What did not leave with the trip, or came back, is planned anew and must not stand here as well.
    kept = [d.prescription_id for d in stop.deliveries if carried[d.prescription_id].state in ON_ROUTE]
    copied = {name: getattr(stop, name) for name in _STOP_FIELDS}
    return RouteStop(**copied, deliveries=[Delivery(prescription_id=key) for key in kept])
