"""Ruin and recreate: take strings of neighbouring stops out of some trips and insert them anew.

After SISR (Christiaens & Vanden Berghe, Slack induction by string removals for vehicle routing problems,
Transportation Science 54(2), 2020), with the trips of a vehicle in a chain and bags that are ready late.
Where not all find a place, those are left out that are easiest to place elsewhere (their absence counts).
"""

import math
import random
import time
from dataclasses import dataclass
from itertools import chain, islice

from dispatch.delivery.insertion import Inserter, VehicleDay
from dispatch.delivery.router import Improved, Tell
from dispatch.delivery.tours import RouteProblem, Tours

_REMOVED_ON_AVERAGE = 8
_LONGEST_STRING = 10
# A position is passed over now and then, which lets the greedy insertion leave its rut (SISR's "blink").
_BLINK = 0.01
# A whole trip is taken out now and then: strings alone seldom empty a vehicle.
_WHOLE_TRIP = 0.04
# Of the stops that are left out so many are tried again in one step.
_MOST_TRIED = 12
# How often a place is made around one of them.
_ABOUT_LEFT_OUT = 0.5
_HOT_FEN, _COLD_FEN = 3000.0, 10.0
_STEPS_A_REPORT = 200
# Steps that a slow core does in a hundredth of a second.
_STEPS_A_ROUND = 4


@dataclass(frozen=True, slots=True)
class RuinRouter:
    """Improves tours by ruin and recreate under simulated annealing.

    Attributes:
        name: how the engine is called in plans.
        hot_fen: the first temperature; a low one only polishes.
    """

    name: str = "ruin-recreate"
    hot_fen: float = _HOT_FEN

    def improve(
        self,
        problem: RouteProblem,
        start: Tours,
        *,
        seconds: float,
        seed: int,
        rounds: int | None = None,
        on_progress: Tell | None = None,
    ) -> Improved:
        """The cheapest tours met, `start` among them; see Router."""
        if not problem.stops or not problem.vehicles:
            return Improved(start, self.name)
        began, done = time.perf_counter(), 0
        search = _Search(problem, start, random.Random(seed))  # noqa: S311 (a search, not a secret)
        steps = rounds * _STEPS_A_ROUND if rounds else None
        while (gone := done / steps if steps else (time.perf_counter() - began) / seconds) < 1:
            search.step(self.hot_fen * (_COLD_FEN / self.hot_fen) ** gone)
            done += 1
            if on_progress is not None and done % _STEPS_A_REPORT == 0:
                on_progress(gone)
        return Improved([day.trips for day in search.best], self.name)


class _Search:
    """The state of one run: the current and the best days of the vehicles with their costs."""

    def __init__(self, problem: RouteProblem, start: Tours, rng: random.Random) -> None:
        self.problem, self.rng = problem, rng
        self.inserter = Inserter(problem, rng)
        self.days = self.best = self.inserter.days(start)
        visited = {stop for trips in start for trip in trips for stop in trip}
        self.left_out = set(range(len(problem.stops))) - visited
        self.absences = [0] * len(problem.stops)
        self.cost = self.best_cost = self._total(self.days, self.left_out)

    def step(self, temperature_fen: float) -> None:
        """One ruin and recreate, kept when it is cheaper or the temperature allows it."""
        if self.left_out and self.rng.random() < _ABOUT_LEFT_OUT:
            middle = self.rng.choice(sorted(self.left_out))
        else:
            middle = self.rng.randrange(len(self.problem.stops))
        removed = self._ruin(middle)
        days = [self._without(day, removed) for day in self.days]
        if any(day.cost == math.inf for day in days):
            return
        left_out = self.left_out | removed
        waiting = self._some(left_out, middle) | removed
        self.inserter.insert(days, left_out, self.inserter.any_order(waiting), blink=_BLINK)
        cost = self._total(days, left_out)
        is_easier = self._is_easier(left_out)
        if not is_easier and cost >= self.cost - temperature_fen * math.log(1 - self.rng.random()):
            return
        self.days, self.left_out, self.cost = days, left_out, cost
        if cost < self.best_cost - 1e-6:
            self.best, self.best_cost = days, cost

    def _is_easier(self, left_out: set[int]) -> bool:
        """Whether other stops are left out that weigh as much and found their place more often until now."""
        for stop in left_out:
            self.absences[stop] += 1
        if not left_out or left_out == self.left_out:
            return False
        missed, absences = self.problem.missed, self.absences
        if sum(missed[stop] for stop in left_out) > sum(missed[stop] for stop in self.left_out):
            return False
        return sum(absences[stop] for stop in left_out) < sum(absences[stop] for stop in self.left_out)

    def _total(self, days: list[VehicleDay], left_out: set[int]) -> float:
        return sum([day.cost for day in days]) + sum([self.problem.missed[stop] for stop in left_out])

    def _without(self, day: VehicleDay, removed: set[int]) -> VehicleDay:
        if removed.isdisjoint(chain.from_iterable(day.trips)):
            return day
        trips = [kept for trip in day.trips if (kept := [stop for stop in trip if stop not in removed])]
        return self.inserter.day(day.vehicle, trips)

    def _some(self, left_out: set[int], middle: int) -> set[int]:
        """The stops left out, the nearest to a place where there are many."""
        if len(left_out) <= _MOST_TRIED:
            return left_out
        return set(islice((stop for stop in self.inserter.near[middle] if stop in left_out), _MOST_TRIED))

    def _ruin(self, middle: int) -> set[int]:
        """The stops of a few strings around a place, or of the trip that goes there."""
        where = {stop: trip for day in self.days for trip in day.trips for stop in trip}
        if middle in where and self.rng.random() < _WHOLE_TRIP:
            return set(where[middle])
        return self._strings(middle, where)

    def _strings(self, middle: int, where: dict[int, list[int]]) -> set[int]:
        rng = self.rng
        longest = max(1, min(_LONGEST_STRING, len(where)))
        strings = max(1, round(rng.uniform(0.5, 4 * _REMOVED_ON_AVERAGE / (1 + longest))))
        removed: set[int] = set()
        ruined: set[int] = set()
        for stop in self.inserter.near[middle]:
            if len(ruined) >= strings:
                break
            trip = where.get(stop)
            if trip is None or id(trip) in ruined:
                continue
            length = rng.randint(1, min(longest, len(trip)))
            first = max(0, min(trip.index(stop) - rng.randrange(length), len(trip) - length))
            removed.update(trip[first : first + length])
            ruined.add(id(trip))
        return removed
