"""Smaller instances out of a large one, and their routes back in it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from dispatch.routing.instance import Instance
from dispatch.routing.solution import Route, Solution
from dispatch.routing.timing import route_trips


def part(instance: Instance, nodes: Sequence[int], counts: Mapping[int, int] | None = None) -> Instance:
    """The instance of some of the clients; its node k is `nodes[k - 1]`.

    Args:
        instance: the whole.
        nodes: at least one.
        counts: vehicles of each type; None is all. Types keep their indices, so each must have at least one.
    """
    rows = [0, *nodes]
    distances = instance.distances[np.ix_(rows, rows)]
    same = instance.durations is instance.distances
    return replace(
        instance,
        clients=tuple(instance.client(node) for node in nodes),
        vehicle_types=tuple(
            kind if counts is None else replace(kind, count=counts[at])
            for at, kind in enumerate(instance.vehicle_types)
        ),
        distances=distances,
        durations=distances if same else instance.durations[np.ix_(rows, rows)],
        places=tuple(instance.places[row] for row in rows) if instance.places else (),
    )


def inside(routes: Sequence[Route], nodes: Sequence[int]) -> tuple[Route, ...]:
    """Routes of the whole as routes of its part."""
    place = {node: at for at, node in enumerate(nodes, 1)}
    return tuple(
        Route(route.vehicle_type, tuple(tuple(place[node] for node in trip) for trip in route.trips))
        for route in routes
    )


def outside(routes: Sequence[Route], nodes: Sequence[int]) -> tuple[Route, ...]:
    """Routes of a part as routes of the whole."""
    return tuple(
        Route(route.vehicle_type, tuple(tuple(nodes[node - 1] for node in trip) for trip in route.trips))
        for route in routes
    )


def servable(instance: Instance) -> list[int]:
    """Nodes that some vehicle could serve if it had nothing else to do."""
    kinds = range(len(instance.vehicle_types))
    return [
        node
        for node in instance.nodes
        if any(route_trips(instance, Route(kind, ((node,),))) is not None for kind in kinds)
    ]


def neighbouring_groups(instance: Instance, solution: Solution, parts: int, turn: float) -> list[list[Route]]:
    """Divide routes into groups of about as many clients, each a sector seen from the depot.

    Args:
        instance: with places.
        solution: its routes.
        parts: how many groups; fewer where there are not enough routes.
        turn: where the first sector begins, 0..1 of a circle; another turn cuts elsewhere.
    """
    places = np.asarray(instance.places)

    def angle(route: Route) -> float:
        x, y = (places[list(route.nodes)] - places[0]).mean(axis=0)
        return (math.atan2(y, x) / math.tau - turn) % 1.0

    ordered = sorted(solution.routes, key=lambda route: (angle(route), route.nodes))
    total = sum(len(route.nodes) for route in ordered)
    groups: list[list[Route]] = [[] for _ in range(parts)]
    seen = 0
    for route in ordered:
        groups[min(parts - 1, seen * parts // total)].append(route)
        seen += len(route.nodes)
    return [group for group in groups if group]
