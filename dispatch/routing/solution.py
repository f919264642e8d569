"""The answer to a routing problem."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from dispatch.routing.instance import Instance

Trips = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Route:
    """The day of one vehicle.

    Attributes:
        vehicle_type: index of its type.
        trips: nodes in order, a tuple for each time it leaves the depot; none is empty.
    """

    vehicle_type: int
    trips: Trips

    @property
    def nodes(self) -> tuple[int, ...]:
        """Every node visited, in order."""
        return tuple(node for trip in self.trips for node in trip)


@dataclass(frozen=True, slots=True)
class Solution:
    """Routes and what they leave out.

    Attributes:
        routes: vehicles that are used.
        unserved: nodes no route visits.
        engine: what made it.
    """

    routes: tuple[Route, ...]
    unserved: tuple[int, ...]
    engine: str

    def by(self, engine: str) -> "Solution":
        """The same routes under another maker's name."""
        return replace(self, engine=engine)


def make_solution(instance: Instance, routes: Sequence[Route], engine: str) -> Solution:
    """A solution whose `unserved` is every node the routes do not visit; empty trips and routes go.

    Args:
        instance: the problem.
        routes: vehicles.
        engine: what made it.
    """
    kept = tuple(
        Route(route.vehicle_type, trips)
        for route in routes
        if (trips := tuple(trip for trip in route.trips if trip))
    )
    visited = {node for route in kept for node in route.nodes}
    return Solution(kept, tuple(node for node in instance.nodes if node not in visited), engine)


def answer(
    instance: Instance, solution: Solution, *, cost: int, feasible: bool, seconds: float
) -> dict[str, Any]:
    """What `tangye route` prints.

    Args:
        instance: the problem.
        solution: its answer.
        cost: as the checker counts it.
        feasible: the checker found nothing wrong and every client is served.
        seconds: since the command began.
    """
    number = [0, *(each.number for each in instance.clients)]
    routes = []
    for route in solution.routes:
        visits: list[int] = []
        for trip in route.trips:
            visits += [0] * bool(visits) + [number[node] for node in trip]
        routes.append({"vehicle": route.vehicle_type, "visits": visits})
    return {
        "cost": cost,
        "feasible": feasible,
        "engine": solution.engine,
        "seconds": round(seconds, 3),
        "routes": routes,
        "unserved": [number[node] for node in solution.unserved],
    }
