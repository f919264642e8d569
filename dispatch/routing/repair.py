"""Finds places for clients that were left out: ruin about one, recreate, remember who is hard to place.

Christiaens and Vanden Berghe (2020), the absence counts of their fleet minimisation.
"""

import random
import time
from collections.abc import Sequence

import numpy as np

from dispatch.routing.insertion import insert_in_order
from dispatch.routing.instance import Instance
from dispatch.routing.solution import Route, Solution, make_solution
from dispatch.routing.timing import rank

_LEAST_REMOVED, _MOST_REMOVED = 4, 24


def repair(instance: Instance, start: Solution, *, ends_at: float, seed: int) -> Solution:
    """Serve more clients than `start` does; it ends when all are served.

    Args:
        instance: the problem.
        start: valid routes.
        ends_at: of `time.monotonic`.
        seed: of every random choice.

    Returns:
        Valid routes with no more clients left out; `start` where nothing better is found.
    """
    chance = random.Random(seed)  # noqa: S311  # a search, not a secret
    near = np.argsort(instance.durations[1:, 1:] + instance.durations[1:, 1:].T, axis=1, kind="stable") + 1
    absences = [0] * (len(instance.clients) + 1)
    best = current = start
    while current.unserved and time.monotonic() < ends_at:
        seed_node = chance.choice(current.unserved)
        count = chance.randint(_LEAST_REMOVED, _MOST_REMOVED)
        removed = {int(node) for node in near[seed_node - 1, :count]}
        routes = [_without(route, removed) for route in current.routes]
        waiting = sorted(removed | set(current.unserved))
        insert_in_order(instance, routes, _order(instance, waiting, chance))
        made = make_solution(instance, routes, "repair")
        for node in made.unserved:
            absences[node] += 1
        if _hardness(made, absences) <= _hardness(current, absences) or len(made.unserved) < len(
            current.unserved
        ):
            current = made
        if rank(instance, made) < rank(instance, best):
            best = made
    return best


def _without(route: Route, removed: set[int]) -> Route:
    trips = (tuple(node for node in trip if node not in removed) for trip in route.trips)
    return Route(route.vehicle_type, tuple(trip for trip in trips if trip))


def _order(instance: Instance, waiting: list[int], chance: random.Random) -> list[int]:
    """By chance: at random, the largest, the farthest, or the one whose window ends soonest first."""
    chance.shuffle(waiting)
    way = chance.randrange(4)
    if way == 1:
        waiting.sort(key=lambda node: -sum(instance.client(node).demand))
    elif way == 2:
        waiting.sort(key=lambda node: -int(instance.distances[0, node]))
    elif way == 3:
        waiting.sort(key=lambda node: instance.client(node).windows[-1][1])
    return waiting


def _hardness(solution: Solution, absences: Sequence[int]) -> int:
    return sum(absences[node] for node in solution.unserved)
