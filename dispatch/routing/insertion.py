"""Cheapest insertion: routes that keep every rule, at once and for any instance."""

from collections.abc import Sequence

import numpy as np

from dispatch.routing.instance import UNREACHABLE, Instance
from dispatch.routing.solution import Route, Solution, make_solution
from dispatch.routing.timing import route_trips

# Places are tried in the order of their extra distance; further ones hardly ever fit where these do not.
_TRIES = 40


def insert_all(instance: Instance, start: Solution | None = None) -> Solution:
    """Insert clients one after another where they cost least and every rule still holds.

    Args:
        instance: the problem.
        start: routes to begin with.

    Returns:
        Valid routes; a client that found no place is unserved.
    """
    routes = list(start.routes) if start is not None else []
    waiting = list(start.unserved) if start is not None else list(instance.nodes)
    waiting.sort(key=lambda node: (instance.client(node).windows[-1][1], -sum(instance.client(node).demand)))
    insert_in_order(instance, routes, waiting)
    return make_solution(instance, routes, "insertion")


def insert_in_order(instance: Instance, routes: list[Route], nodes: Sequence[int]) -> None:
    """Insert one client after another into the routes, each where it costs least; who fits nowhere stays out.

    Args:
        instance: the problem.
        routes: changed in place; a route without clients is taken out.
        nodes: clients that no route visits.
    """
    routes[:] = [route for route in routes if route.trips]
    for node in nodes:
        _insert(instance, routes, node)


def _insert(instance: Instance, routes: list[Route], node: int) -> None:
    for number, changed in _options(instance, routes, node):
        if route_trips(instance, changed) is not None:
            routes[number : number + 1] = [changed]
            return


def _options(instance: Instance, routes: list[Route], node: int) -> list[tuple[int, Route]]:
    """Routes with the node in them, the cheapest first; number len(routes) is a further vehicle."""
    places: list[tuple[int, int, int]] = []
    before: list[int] = []
    after: list[int] = []
    rates: list[int] = []
    for number, route in enumerate(routes):
        rate = instance.vehicle_types[route.vehicle_type].unit_cost
        further = route.trips + ((),) * (
            len(route.trips) < instance.vehicle_types[route.vehicle_type].max_trips
        )
        for trip, nodes in enumerate(further):
            stops = (0, *nodes, 0)
            before += stops[:-1]
            after += stops[1:]
            places += [(number, trip, at) for at in range(len(nodes) + 1)]
            rates += [rate] * (len(nodes) + 1)
    found: list[tuple[int, int, Route]] = []
    if places:
        distances = instance.distances
        extra = distances[before, node] + distances[node, after] - distances[before, after]
        extra = np.where(extra >= UNREACHABLE // 2, UNREACHABLE, extra) * np.asarray(rates)
        for at in np.argsort(extra, kind="stable")[:_TRIES]:
            number, trip, place = places[int(at)]
            found.append((int(extra[at]), number, _with(routes[number], trip, place, node)))
    found += [(cost, len(routes), route) for cost, route in _alone(instance, routes, node)]
    found.sort(key=lambda option: option[0])
    return [(number, route) for _, number, route in found]


def _with(route: Route, trip: int, place: int, node: int) -> Route:
    trips = [*route.trips, ()] if trip == len(route.trips) else list(route.trips)
    trips[trip] = (*trips[trip][:place], node, *trips[trip][place:])
    return Route(route.vehicle_type, tuple(trips))


def _alone(instance: Instance, routes: list[Route], node: int) -> list[tuple[int, Route]]:
    used = [0] * len(instance.vehicle_types)
    for route in routes:
        used[route.vehicle_type] += 1
    there_and_back = int(instance.distances[0, node] + instance.distances[node, 0])
    return [
        (kind.fixed_cost + kind.unit_cost * there_and_back, Route(at, ((node,),)))
        for at, kind in enumerate(instance.vehicle_types)
        if used[at] < kind.count
    ]
