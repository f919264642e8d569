"""Ruin and recreate: take strings of neighbouring stops out of some trips and insert them anew.

After SISR (Christiaens & Vanden Berghe, Slack induction by string removals for vehicle routing problems,
Transportation Science 54(2), 2020), with the trips of a vehicle in a chain and bags that are ready late.
"""

import math
import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from dispatch.delivery.tours import RouteProblem, Tours

_REMOVED_ON_AVERAGE = 8
_LONGEST_STRING = 10
# A position is passed over now and then, which lets the greedy insertion leave its rut (SISR's "blink").
_BLINK = 0.01
_HOT_FEN, _COLD_FEN = 3000.0, 10.0
_POSITIONS_TRIED = 2
_ROUNDS_A_REPORT = 200


@dataclass(frozen=True, slots=True)
class RuinRouter:
    """Improves tours by ruin and recreate under simulated annealing.

    Attributes:
        name: how the engine is called in plans.
    """

    name: str = "ruin-recreate"

    def improve(
        self,
        problem: RouteProblem,
        start: Tours,
        *,
        seconds: float,
        seed: int,
        rounds: int | None = None,
        on_progress: Callable[[float], None] | None = None,
    ) -> Tours:
        """The cheapest tours met, `start` among them.

        Args:
            problem: stops and vehicles.
            start: valid tours to begin from.
            seconds: time limit.
            seed: of the random choices.
            rounds: count rounds instead of seconds; makes the run repeatable.
            on_progress: told a fraction 0..1 now and then.
        """
        search = _Search(problem, start, random.Random(seed))  # noqa: S311 (a search, not a secret)
        began, done = time.perf_counter(), 0
        while (gone := done / rounds if rounds else (time.perf_counter() - began) / seconds) < 1:
            search.step(_HOT_FEN * (_COLD_FEN / _HOT_FEN) ** gone)
            done += 1
            if on_progress is not None and done % _ROUNDS_A_REPORT == 0:
                on_progress(gone)
        return search.best


class _Search:
    """The state of one run: current and best tours with their costs."""

    def __init__(self, problem: RouteProblem, start: Tours, rng: random.Random) -> None:
        self.problem, self.rng = problem, rng
        self.tours: Tours = [[list(trip) for trip in trips] for trips in start]
        self.costs = [problem.quick_cost(vehicle, trips) for vehicle, trips in enumerate(self.tours)]
        visited = {stop for trips in start for trip in trips for stop in trip}
        self.left_out = set(range(len(problem.stops))) - visited
        self.cost = self.best_cost = self._total(self.costs, self.left_out)
        self.best: Tours = start
        rows = problem.metres[0]
        self.near = [
            sorted(range(len(problem.stops)), key=lambda other: rows[stop + 1][other + 1])
            for stop in range(len(problem.stops))
        ]

    def step(self, temperature_fen: float) -> None:
        """One ruin and recreate, kept when it is cheaper or the temperature allows it."""
        tours, left_out = self._ruin()
        costs = [
            cost if trips is before else self.problem.quick_cost(vehicle, trips)
            for vehicle, (trips, before, cost) in enumerate(zip(tours, self.tours, self.costs, strict=True))
        ]
        self._recreate(tours, costs, left_out)
        cost = self._total(costs, left_out)
        if cost >= self.cost - temperature_fen * math.log(1 - self.rng.random()):
            return
        self.tours, self.costs, self.left_out, self.cost = tours, costs, left_out, cost
        if cost < self.best_cost - 1e-6:
            self.best, self.best_cost = tours, cost

    def _total(self, costs: list[float], left_out: set[int]) -> float:
        return sum(costs) + sum(self.problem.missed[stop] for stop in left_out)

    def _ruin(self) -> tuple[Tours, set[int]]:
        """Copies of the tours without the stops of a few strings around a random place."""
        rng = self.rng
        where = {
            stop: (vehicle, number)
            for vehicle, trips in enumerate(self.tours)
            for number, trip in enumerate(trips)
            for stop in trip
        }
        longest = max(1, min(_LONGEST_STRING, len(where)))
        strings = max(1, round(rng.uniform(0.5, 4 * _REMOVED_ON_AVERAGE / (1 + longest))))
        removed: set[int] = set()
        ruined: set[tuple[int, int]] = set()
        for stop in self.near[rng.randrange(len(self.problem.stops))]:
            if len(ruined) >= strings:
                break
            if stop not in where or where[stop] in ruined:
                continue
            vehicle, number = where[stop]
            trip = self.tours[vehicle][number]
            length = rng.randint(1, min(longest, len(trip)))
            first = max(0, min(trip.index(stop) - rng.randrange(length), len(trip) - length))
            removed.update(trip[first : first + length])
            ruined.add((vehicle, number))
        touched = {vehicle for vehicle, _ in ruined}
        tours = [
            [kept for trip in trips if (kept := [stop for stop in trip if stop not in removed])]
            if vehicle in touched
            else trips
            for vehicle, trips in enumerate(self.tours)
        ]
        return tours, self.left_out | removed

    def _recreate(self, tours: Tours, costs: list[float], left_out: set[int]) -> None:
        for stop in self._order(left_out):
            best: tuple[float, int, list[list[int]]] | None = None
            for vehicle, trips in enumerate(tours):
                for changed in self._insertions(vehicle, trips, stop):
                    extra = self.problem.quick_cost(vehicle, changed) - costs[vehicle]
                    if extra < math.inf and (best is None or extra < best[0]):
                        best = (extra, vehicle, changed)
            if best is not None:
                extra, vehicle, changed = best
                tours[vehicle] = changed
                costs[vehicle] += extra
                left_out.discard(stop)

    def _order(self, left_out: set[int]) -> list[int]:
        stops, rows, rng = self.problem.stops, self.problem.metres[0], self.rng
        order = sorted(left_out)
        rng.shuffle(order)
        rule = rng.choices(("random", "far", "near", "ready", "bags"), (4, 2, 1, 3, 2))[0]
        if rule == "far":
            order.sort(key=lambda stop: -rows[0][stop + 1])
        elif rule == "near":
            order.sort(key=lambda stop: rows[0][stop + 1])
        elif rule == "ready":
            order.sort(key=lambda stop: stops[stop].ready_min)
        elif rule == "bags":
            order.sort(key=lambda stop: -stops[stop].bags)
        return sorted(order, key=lambda stop: -stops[stop].priority)

    def _insertions(self, vehicle: int, trips: list[list[int]], stop: int) -> list[list[list[int]]]:
        """The vehicle's trips with the stop at the shortest detours of each trip, or on a trip of its own."""
        problem, rows, row = self.problem, self.problem.metres[vehicle], stop + 1
        found: list[list[list[int]]] = []
        for number, trip in enumerate(trips):
            if not problem.holds(vehicle, [*trip, stop]):
                continue
            path = [0, *(each + 1 for each in trip), 0]
            detours = sorted(
                (
                    rows[path[place]][row] + rows[row][path[place + 1]] - rows[path[place]][path[place + 1]],
                    place,
                )
                for place in range(len(trip) + 1)
                if self.rng.random() >= _BLINK
            )
            found += [
                [*trips[:number], [*trip[:place], stop, *trip[place:]], *trips[number + 1 :]]
                for _, place in detours[:_POSITIONS_TRIED]
            ]
        if len(trips) < problem.trips_left(vehicle) and problem.holds(vehicle, [stop]):
            found += [[*trips[:place], [stop], *trips[place:]] for place in range(len(trips) + 1)]
        return found
