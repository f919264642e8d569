"""When a vehicle is where: the forward pass that insertion and engines share (the checker has its own)."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from dispatch.routing.instance import NO_LIMIT, Client, Instance, VehicleType
from dispatch.routing.solution import Route, Solution


@dataclass(frozen=True, slots=True)
class Trip:
    """One departure of a vehicle.

    Attributes:
        leave_at: at the earliest.
        back_at: when it left then.
        distance: there and back.
    """

    leave_at: int
    back_at: int
    distance: int


def first_start(client: Client, arrive: int) -> int | None:
    """The earliest start of service after an arrival, None when every window is over."""
    for first, last in client.windows:
        if arrive <= last or last >= NO_LIMIT:
            return max(first, arrive)
    return None


def last_return(instance: Instance, kind: VehicleType) -> float:
    """When a vehicle must be back; infinite where neither depot nor shift ends."""
    end = min(kind.end_at, instance.depot.close_at)
    return end if end < NO_LIMIT else math.inf


def drive(instance: Instance, nodes: Sequence[int], leave_at: int) -> int | None:
    """When a trip is back that leaves at a time, None when a window is missed."""
    durations = instance.durations
    time, here = leave_at, 0
    for node in nodes:
        client = instance.client(node)
        start = first_start(client, time + int(durations[here, node]))
        if start is None:
            return None
        time, here = start + client.service, node
    return time + int(durations[here, 0])


def trip_distance(instance: Instance, nodes: Sequence[int]) -> int:
    """Distance from the depot through the nodes and back."""
    stops = [0, *nodes, 0]
    return int(instance.distances[stops[:-1], stops[1:]].sum())


def route_trips(instance: Instance, route: Route) -> list[Trip] | None:
    """Every trip of a vehicle as early as it can be, None when the route breaks a rule."""
    kind = instance.vehicle_types[route.vehicle_type]
    if len(route.trips) > kind.max_trips:
        return None
    free_at = max(kind.start_at, instance.depot.open_at)
    found: list[Trip] = []
    for nodes in route.trips:
        clients = [instance.client(node) for node in nodes]
        if not all(instance.may_visit(route.vehicle_type, node) for node in nodes):
            return None
        loads = (sum(amounts) for amounts in zip(*(each.demand for each in clients), strict=True))
        if any(load > most for load, most in zip(loads, kind.capacity, strict=True)):
            return None
        leave_at = max(free_at, *(each.release for each in clients))
        back_at = drive(instance, nodes, leave_at)
        if back_at is None or back_at > last_return(instance, kind):
            return None
        found.append(Trip(leave_at, back_at, trip_distance(instance, nodes)))
        free_at = back_at
    if kind.max_distance is not None and sum(each.distance for each in found) > kind.max_distance:
        return None
    return found


def route_cost(instance: Instance, route: Route) -> int:
    """What a route costs: its vehicle, and its distance at the vehicle's rate."""
    kind = instance.vehicle_types[route.vehicle_type]
    return kind.fixed_cost + kind.unit_cost * sum(trip_distance(instance, nodes) for nodes in route.trips)


def cost(instance: Instance, solution: Solution) -> int:
    """What the routes of a solution cost."""
    return sum(route_cost(instance, route) for route in solution.routes)


def rank(instance: Instance, solution: Solution) -> tuple[int, int]:
    """What is compared between answers: clients left out, then cost."""
    return len(solution.unserved), cost(instance, solution)


def is_valid(instance: Instance, solution: Solution) -> bool:
    """Whether every route keeps every rule and there are as many vehicles as it uses."""
    used = Counter(route.vehicle_type for route in solution.routes)
    fits = all(count <= instance.vehicle_types[kind].count for kind, count in used.items())
    return fits and all(route_trips(instance, route) is not None for route in solution.routes)
