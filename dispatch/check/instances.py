"""Checks the answer to a routing instance: what it costs and every rule it breaks."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from dispatch.check.violation import Violation, check_complete
from dispatch.routing.instance import NO_LIMIT, UNREACHABLE, Client, Instance, VehicleType
from dispatch.routing.solution import Route, Solution


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a solution is worth.

    Attributes:
        cost: fixed costs and distances at their rates.
        violations: everything wrong; clients named as unserved are none.
    """

    cost: int
    violations: tuple[Violation, ...]


def check_solution(instance: Instance, solution: Solution) -> Verdict:
    """Count a solution anew.

    Kinds: client_unknown, client_twice, client_missing, vehicle_unknown, vehicle_count, empty_trip,
    trip_count, vehicle_type, capacity, window, shift, no_road, distance.

    Args:
        instance: the problem.
        solution: its answer.
    """
    names = [str(node) for node in instance.nodes]
    visited = [str(node) for route in solution.routes for trip in route.trips for node in trip]
    found = check_complete("client", names, visited, [str(node) for node in solution.unserved])
    if any(violation.kind == "client_unknown" for violation in found):
        return Verdict(0, tuple(found))
    used: Counter[int] = Counter()
    cost = 0
    for number, route in enumerate(solution.routes):
        label = f"route {number}"
        if not 0 <= route.vehicle_type < len(instance.vehicle_types):
            found.append(Violation("vehicle_unknown", label, f"there is no type {route.vehicle_type}"))
            continue
        used[route.vehicle_type] += 1
        kind = instance.vehicle_types[route.vehicle_type]
        distance = sum(_distance(instance, trip) for trip in route.trips)
        cost += kind.fixed_cost + kind.unit_cost * distance
        if kind.max_distance is not None and distance > kind.max_distance:
            found.append(Violation("distance", label, f"{distance}, {kind.max_distance} at most"))
        found += _check_loads(instance, route, kind, label)
        found += _check_times(instance, route, kind, label)
    for at, count in used.items():
        if count > instance.vehicle_types[at].count:
            detail = f"{count} used, there are {instance.vehicle_types[at].count}"
            found.append(Violation("vehicle_count", f"type {at}", detail))
    return Verdict(cost, tuple(found))


def _distance(instance: Instance, trip: Sequence[int]) -> int:
    total, here = 0, 0
    for node in (*trip, 0):
        total += int(instance.distances[here, node])
        here = node
    return total


def _check_loads(instance: Instance, route: Route, kind: VehicleType, label: str) -> list[Violation]:
    found = []
    if len(route.trips) > kind.max_trips:
        found.append(Violation("trip_count", label, f"{len(route.trips)} trips, {kind.max_trips} at most"))
    for trip in route.trips:
        if not trip:
            found.append(Violation("empty_trip", label, "it visits nothing"))
        for figure, most in enumerate(kind.capacity):
            load = sum(instance.clients[node - 1].demand[figure] for node in trip)
            if load > most:
                found.append(Violation("capacity", label, f"{load} in a vehicle of {most}"))
        for node in trip:
            allowed = instance.clients[node - 1].vehicle_types
            if allowed is not None and route.vehicle_type not in allowed:
                found.append(Violation("vehicle_type", label, f"{kind.name} does not reach client {node}"))
    return found


def _check_times(instance: Instance, route: Route, kind: VehicleType, label: str) -> list[Violation]:
    """Drive as early as possible: where that is too late, everything is."""
    found = []
    time = max(instance.depot.open_at, kind.start_at)
    for trip in route.trips:
        time = max([time, *(instance.clients[node - 1].release for node in trip)])
        here = 0
        for node in (*trip, 0):
            if max(instance.durations[here, node], instance.distances[here, node]) >= UNREACHABLE:
                found.append(Violation("no_road", label, f"there is no road from {here} to {node}"))
                return found
            time += int(instance.durations[here, node])
            here = node
            if node:
                start = _service_start(instance.clients[node - 1], time)
                if start is None:
                    found.append(Violation("window", label, f"at client {node} at {time}, too late"))
                    return found
                time = start + instance.clients[node - 1].service
    if NO_LIMIT > min(instance.depot.close_at, kind.end_at) < time:
        found.append(Violation("shift", label, f"back at {time}, after the end of the shift"))
    return found


def _service_start(client: Client, time: int) -> int | None:
    starts = [max(first, time) for first, last in client.windows if time <= last or last >= NO_LIMIT]
    return min(starts, default=None)
