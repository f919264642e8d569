"""Trips mended: what has lost its place is inserted where that costs least, and neighbours make room for it.

After SISR (Christiaens & Vanden Berghe, Slack induction by string removals for vehicle routing problems,
Transportation Science 54(2), 2020), cold and in small steps, so that it stays near the trips that are kept.
It asks the problem for every cost, and so counts whatever price the problem puts on a change.
"""

import math
import random
import time
from itertools import pairwise

from dispatch.delivery.tours import RouteProblem, Tours

_MOST_REMOVED = 8
_POSITIONS_TRIED = 2
_BLINK = 0.01
_HOT_FEN, _COLD_FEN = 300.0, 5.0
# How often a step begins at a stop that has no place, where there is one.
_AT_THE_WOUND = 0.5


def mend(
    problem: RouteProblem, start: Tours, *, seconds: float, seed: int, steps: int | None = None
) -> Tours:
    """The cheapest tours met on the way from `start`.

    Args:
        problem: stops and vehicles.
        start: valid tours, over some of the stops.
        seconds: time limit; what is missing is inserted whatever it is.
        seed: of the random choices.
        steps: count steps instead of seconds; makes the run repeatable.
    """
    if not problem.stops or not problem.vehicles:
        return start
    search = _Search(problem, start, random.Random(seed))  # noqa: S311 (a search, not a secret)
    began, done = time.perf_counter(), 0
    while seconds > 0:
        gone = done / steps if steps is not None else (time.perf_counter() - began) / seconds
        if gone >= 1:
            break
        search.step(_HOT_FEN * (_COLD_FEN / _HOT_FEN) ** gone)
        done += 1
    return search.best


class _Search:
    """The state of one run: current and best tours with their costs."""

    def __init__(self, problem: RouteProblem, start: Tours, rng: random.Random) -> None:
        self.problem, self.rng = problem, rng
        self.tours: Tours = [[list(trip) for trip in trips] for trips in start]
        self.costs = [problem.quick_cost(vehicle, trips) for vehicle, trips in enumerate(self.tours)]
        visited = {stop for trips in start for trip in trips for stop in trip}
        self.left_out = set(range(len(problem.stops))) - visited
        rows = problem.minutes[0]
        self.near = [
            sorted(range(len(problem.stops)), key=lambda other, row=rows[stop + 1]: row[other + 1])  # type: ignore[misc]
            for stop in range(len(problem.stops))
        ]
        urgent = sorted(self.left_out, key=lambda stop: (-problem.missed[stop], problem.ready[stop], stop))
        self._insert(self.tours, self.costs, self.left_out, urgent, blink=0.0)
        self.cost = self.best_cost = self._total(self.costs, self.left_out)
        self.best = self.tours

    def step(self, temperature_fen: float) -> None:
        """Take some neighbours out and insert them anew; kept when cheaper or the temperature allows it."""
        removed = self._neighbours()
        tours = [
            [kept for trip in trips if (kept := [stop for stop in trip if stop not in removed])]
            if any(stop in removed for trip in trips for stop in trip)
            else trips
            for trips in self.tours
        ]
        costs = [
            cost if trips is before else self.problem.quick_cost(vehicle, trips)
            for vehicle, (trips, before, cost) in enumerate(zip(tours, self.tours, self.costs, strict=True))
        ]
        if math.inf in costs:
            return
        left_out = self.left_out | removed
        self._insert(tours, costs, left_out, self._order(left_out), blink=_BLINK)
        cost = self._total(costs, left_out)
        if cost >= self.cost - temperature_fen * math.log(1 - self.rng.random()):
            return
        self.tours, self.costs, self.left_out, self.cost = tours, costs, left_out, cost
        if cost < self.best_cost - 1e-6:
            self.best, self.best_cost = tours, cost

    def _total(self, costs: list[float], left_out: set[int]) -> float:
        return sum(costs) + sum(self.problem.missed[stop] for stop in left_out)

    def _neighbours(self) -> set[int]:
        rng = self.rng
        if self.left_out and rng.random() < _AT_THE_WOUND:
            middle = rng.choice(sorted(self.left_out))
        else:
            middle = rng.randrange(len(self.problem.stops))
        reach = rng.randint(1, _MOST_REMOVED)
        near = self.near[middle][: 2 * reach]
        return set(rng.sample(near, min(len(near), reach))) | {middle}

    def _order(self, left_out: set[int]) -> list[int]:
        order = sorted(left_out)
        self.rng.shuffle(order)
        if self.rng.random() < 0.5:
            order.sort(key=lambda stop: -self.problem.minutes[0][0][stop + 1])
        return sorted(order, key=lambda stop: -self.problem.missed[stop])

    def _insert(
        self, tours: Tours, costs: list[float], left_out: set[int], order: list[int], *, blink: float
    ) -> None:
        """Each stop where it costs least; the lists of a vehicle are replaced, never changed."""
        for stop in order:
            best: tuple[float, int, list[list[int]]] | None = None
            for vehicle, trips in enumerate(tours):
                for changed in self._positions(vehicle, trips, stop):
                    if blink and self.rng.random() < blink:
                        continue
                    extra = self.problem.quick_cost(vehicle, changed) - costs[vehicle]
                    if extra < math.inf and (best is None or extra < best[0]):
                        best = (extra, vehicle, changed)
            if best is not None:
                extra, vehicle, changed = best
                tours[vehicle] = changed
                costs[vehicle] += extra
                left_out.discard(stop)

    def _positions(self, vehicle: int, trips: list[list[int]], stop: int) -> list[list[list[int]]]:
        """The vehicle's trips with the stop at the shortest detours of each trip, or on a trip of its own."""
        problem, rows, row = self.problem, self.problem.minutes[vehicle], stop + 1
        found: list[list[list[int]]] = []
        for number, trip in enumerate(trips):
            if not problem.holds(vehicle, [*trip, stop]):
                continue
            path = [0, *(each + 1 for each in trip), 0]
            detours = [rows[a][row] + rows[row][b] - rows[a][b] for a, b in pairwise(path)]
            for place in sorted(range(len(detours)), key=detours.__getitem__)[:_POSITIONS_TRIED]:
                found.append([*trips[:number], [*trip[:place], stop, *trip[place:]], *trips[number + 1 :]])
        if len(trips) < problem.trips_left(vehicle) and problem.holds(vehicle, [stop]):
            found += [[*trips[:place], [stop], *trips[place:]] for place in range(len(trips) + 1)]
        return found
