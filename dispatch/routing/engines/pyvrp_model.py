"""An instance as PyVRP's ProblemData, and solutions there and back.

Several time windows become a group of clients of which one is visited; a vehicle type's closed roads become a
profile; trips become reloads at the depot, each of which waits for the releases of its own clients.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pyvrp

from dispatch.routing.instance import NO_LIMIT, UNREACHABLE, Client, Instance, Matrix
from dispatch.routing.solution import Route, Solution, make_solution

_FOREVER = int(np.iinfo(np.int64).max)


class Model:
    """One instance in PyVRP's terms.

    Args:
        instance: the problem; each client could be served alone.
        prize: None demands every client; else leaving one out costs this much.
    """

    def __init__(self, instance: Instance, prize: int | None = None) -> None:
        self.instance = instance
        self._node_of: list[int] = []
        self._first_of: dict[int, int] = {}
        self._windows: dict[int, list[tuple[int, int]]] = {}
        clients: list[pyvrp.Client] = []
        groups: list[pyvrp.ClientGroup] = []
        for node in instance.nodes:
            client = instance.client(node)
            # A window that is over before the release cannot be met, and PyVRP refuses it.
            windows = [window for window in client.windows if window[1] >= client.release]
            self._windows[node] = windows
            self._first_of[node] = len(clients)
            group = None
            if len(windows) > 1:
                group = len(groups)
                members = list(range(len(clients), len(clients) + len(windows)))
                groups.append(pyvrp.ClientGroup(members, required=prize is None))
            for window in windows:
                self._node_of.append(node)
                clients.append(_client(node, client, window, prize, group))
        profiles, distances, durations = _profiles(instance)
        self.data = pyvrp.ProblemData(
            locations=[pyvrp.Location(0, 0) for _ in range(len(instance.clients) + 1)],
            clients=clients,
            depots=[pyvrp.Depot(0)],
            vehicle_types=_fleet(instance, profiles),
            distance_matrices=distances,
            duration_matrices=durations,
            groups=groups,
        )

    def solution(self, found: pyvrp.Solution, engine: str) -> Solution:
        """A solution of PyVRP in our terms."""
        return make_solution(self.instance, [self.route(each) for each in found.routes()], engine)

    def route(self, found: pyvrp.Route) -> Route:
        """A route of PyVRP in our terms."""
        trips: list[list[int]] = [[]]
        for activity in found:
            if activity.is_client():
                trips[-1].append(self._node_of[activity.idx])
            elif trips[-1]:
                trips.append([])
        return Route(found.vehicle_type(), tuple(tuple(trip) for trip in trips if trip))

    def start(self, solution: Solution) -> pyvrp.Solution:
        """Our solution in PyVRP's terms."""
        routes = []
        for route in solution.routes:
            activities: list[pyvrp.Activity] = []
            time = max(self.instance.depot.open_at, self.instance.vehicle_types[route.vehicle_type].start_at)
            for trip in route.trips:
                if activities:
                    activities.append(pyvrp.Activity(pyvrp.ActivityType.DEPOT, 0))
                time = max(time, *(self.instance.client(node).release for node in trip))
                visits, time = self._visits(trip, time)
                activities += [pyvrp.Activity(pyvrp.ActivityType.CLIENT, at) for at in visits]
            routes.append(pyvrp.Route(self.data, activities, route.vehicle_type))
        return pyvrp.Solution(self.data, routes)

    def _visits(self, trip: Iterable[int], time: int) -> tuple[list[int], int]:
        """For each node of a trip the copy with the window that is open then, and when the trip is back."""
        durations, here, found = self.instance.durations, 0, []
        for node in trip:
            client = self.instance.client(node)
            time += int(durations[here, node])
            windows = self._windows[node]
            which = next((at for at, (_, last) in enumerate(windows) if time <= last), len(windows) - 1)
            found.append(self._first_of[node] + which)
            time = max(time, windows[which][0]) + client.service
            here = node
        return found, time + int(durations[here, 0])


def _client(
    node: int, client: Client, window: tuple[int, int], prize: int | None, group: int | None
) -> pyvrp.Client:
    return pyvrp.Client(
        location=node,
        delivery=list(client.demand),
        service_duration=client.service,
        tw_early=window[0],
        tw_late=_end(window[1]),
        release_time=client.release,
        prize=prize or 0,
        required=prize is None and group is None,
        group=group,
    )


def _end(at: int) -> int:
    return at if at < NO_LIMIT else _FOREVER


def _profiles(instance: Instance) -> tuple[list[int], list[Any], list[Any]]:
    """A pair of matrices for each set of places that vehicles may visit, and which set each type has."""
    sets: dict[frozenset[int], int] = {}
    # PyVRP's stubs give their arrays a shape of type int, which no array has.
    distances: list[Any] = []
    durations: list[Any] = []
    profiles = []
    for kind in range(len(instance.vehicle_types)):
        closed = frozenset(node for node in instance.nodes if not instance.may_visit(kind, node))
        if closed not in sets:
            sets[closed] = len(sets)
            distances.append(_without(instance.distances, closed))
            durations.append(_without(instance.durations, closed))
        profiles.append(sets[closed])
    return profiles, distances, durations


def _without(matrix: Matrix, closed: frozenset[int]) -> Matrix:
    if not closed:
        return matrix
    changed = matrix.copy()
    nodes = sorted(closed)
    changed[nodes, :] = changed[:, nodes] = UNREACHABLE
    np.fill_diagonal(changed, 0)
    return changed


def _fleet(instance: Instance, profiles: list[int]) -> list[pyvrp.VehicleType]:
    depot = instance.depot
    return [
        pyvrp.VehicleType(
            num_available=min(kind.count, len(instance.clients)),
            capacity=list(kind.capacity),
            fixed_cost=kind.fixed_cost,
            tw_early=max(kind.start_at, depot.open_at),
            tw_late=_end(min(kind.end_at, depot.close_at)),
            max_distance=_FOREVER if kind.max_distance is None else kind.max_distance,
            unit_distance_cost=kind.unit_cost,
            profile=profile,
            reload_depots=[0] if kind.max_trips > 1 else [],
            max_reloads=kind.max_trips - 1,
        )
        for kind, profile in zip(instance.vehicle_types, profiles, strict=True)
    ]
