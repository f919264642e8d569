"""Tours of an engine that does not see every rule, made to keep all of them."""

import math
import random
from collections.abc import Sequence

from dispatch.delivery.insertion import Inserter
from dispatch.delivery.tours import RouteProblem, Tours


def repaired(problem: RouteProblem, tours: Tours) -> Tours:
    """Tours that keep every rule: what breaks one is taken out and inserted where it costs least.

    Args:
        problem: stops and vehicles, at least one of each.
        tours: for each vehicle its trips, each stop at most once.
    """
    kept = [_kept(problem, vehicle, trips) for vehicle, trips in enumerate(tours)]
    left_out = set(range(len(problem.stops))) - {stop for trips in kept for trip in trips for stop in trip}
    if left_out:
        inserter = Inserter(problem, random.Random(0))  # noqa: S311 (nothing is drawn)
        days = inserter.days(kept)
        inserter.insert(days, left_out, sorted(left_out, key=lambda s: (-problem.missed[s], s)))
        kept = [day.trips for day in days]
    return kept


def _kept(problem: RouteProblem, vehicle: int, trips: Sequence[Sequence[int]]) -> list[list[int]]:
    """The trips of a vehicle without the stops that break a rule where they are."""
    whole = [list(trip) for trip in trips if trip]
    if _is_valid(problem, vehicle, whole):
        return whole
    kept: list[list[int]] = []
    for trip in whole[: problem.trips_left(vehicle)]:
        kept.append([])
        for stop in trip:
            kept[-1].append(stop)
            if not _is_valid(problem, vehicle, kept):
                kept[-1].pop()
        if not kept[-1]:
            kept.pop()
    return kept


def _is_valid(problem: RouteProblem, vehicle: int, trips: Sequence[Sequence[int]]) -> bool:
    return (
        len(trips) <= problem.trips_left(vehicle)
        and all(problem.holds(vehicle, trip) for trip in trips)
        and problem.quick_cost(vehicle, trips) < math.inf
    )
