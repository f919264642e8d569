"""Insertion of stops where they cost least: the first tours, and what every repair is made of."""

import math
import random
from collections.abc import Iterable
from itertools import pairwise
from operator import itemgetter

import numpy as np
import numpy.typing as npt

from dispatch.delivery.tours import FAR_MIN, RouteProblem, Tours

# The shortest detours of a trip that are tried in full.
_POSITIONS_TRIED = 2
_RULES, _OFTEN = ("random", "far", "near", "ready", "bags"), (4, 2, 1, 3, 2)

# (extra cost at least, vehicle, trip, place in it)
_Option = tuple[float, int, int, int]


class Inserter:
    """Greedy insertion, the cheapest of a few good positions for one stop after another.

    Args:
        problem: stops and vehicles, at least one of each.
        rng: of the order of insertion and the positions passed over.
    """

    def __init__(self, problem: RouteProblem, rng: random.Random) -> None:
        self.problem, self.rng = problem, rng
        self.into = [list(map(list, zip(*metres, strict=True))) for metres in self._once(problem.metres)]
        kinds = {id(metres): number for number, metres in enumerate(self._once(problem.metres))}
        self.column_of = [kinds[id(metres)] for metres in problem.metres]
        apart = self._apart()
        self.near: list[list[int]] = np.argsort(apart[1:, 1:], axis=1, kind="stable").tolist()
        self.away: list[float] = apart[0, 1:].tolist()
        self.least = [self._least(vehicle) for vehicle in range(len(problem.vehicles))]
        self.alike = self._alike()

    @staticmethod
    def _once(matrices: list[list[list[int]]]) -> list[list[list[int]]]:
        return list({id(each): each for each in matrices}.values())

    def _apart(self) -> npt.NDArray[np.float64]:
        """Metres by the kind of vehicle that has the shortest road, infinite where none has one."""
        problem = self.problem
        pairs = {
            id(minutes): (minutes, metres)
            for minutes, metres in zip(problem.minutes, problem.metres, strict=True)
        }
        roads = [
            np.where(np.asarray(minutes) >= FAR_MIN, math.inf, np.asarray(metres, dtype=np.float64))
            for minutes, metres in pairs.values()
        ]
        nearest: npt.NDArray[np.float64] = np.minimum.reduce(roads)
        return nearest

    def _least(self, vehicle: int) -> list[float]:
        """For each stop what a visit costs at least besides the way: strange village, waiting on the road."""
        problem = self.problem
        first, price = problem.first_departure(vehicle), problem.prices.wait_fen_per_hour / 60
        return [
            strange + (max(first, loaded) + drive - ready) * weight * price
            for strange, loaded, drive, ready, weight in zip(
                problem.strange[vehicle],
                problem.loaded,
                problem.minutes[vehicle][0][1:],
                problem.ready,
                problem.weights,
                strict=True,
            )
        ]

    def _alike(self) -> list[int]:
        """For each vehicle the first one that differs in nothing but its name."""
        seen: dict[object, int] = {}
        return [
            seen.setdefault(
                (
                    one.capacity_bags,
                    one.capacity_ml,
                    max(one.shift_start_min, self.problem.now_min),
                    one.shift_end_min,
                    one.km_cost_fen,
                    one.fixed_cost_fen,
                    one.speed_factor,
                    one.max_trips - one.trips_done,
                    one.kind,
                    one.breaks,
                    one.familiar,
                ),
                number,
            )
            for number, one in enumerate(self.problem.vehicles)
        ]

    def insert(
        self,
        tours: Tours,
        costs: list[float],
        left_out: set[int],
        order: Iterable[int],
        *,
        blink: float = 0.0,
    ) -> None:
        """Put stops into tours, one after another.

        Args:
            tours: changed in place; the lists of a vehicle are replaced, never changed.
            costs: of each vehicle, changed in place.
            left_out: the stops that are in no tour; those that find a place are taken out.
            order: of the insertion.
            blink: how often a position is passed over.
        """
        for stop in order:
            best, chosen, with_it = math.inf, -1, []
            for least, vehicle, number, place in self._options(tours, stop):
                if least >= best:
                    break
                if blink and self.rng.random() < blink:
                    continue
                changed = _with(tours[vehicle], number, place, stop)
                extra = self.problem.quick_cost(vehicle, changed) - costs[vehicle]
                if extra < best:
                    best, chosen, with_it = extra, vehicle, changed
            if chosen >= 0:
                tours[chosen] = with_it
                costs[chosen] += best
                left_out.discard(stop)

    def any_order(self, left_out: set[int]) -> list[int]:
        """The stops in an order drawn by lot, those first that must not be left out."""
        problem, rng = self.problem, self.rng
        order = sorted(left_out)
        rng.shuffle(order)
        rule = rng.choices(_RULES, _OFTEN)[0]
        if rule == "far":
            order.sort(key=lambda stop: -self.away[stop])
        elif rule == "near":
            order.sort(key=lambda stop: self.away[stop])
        elif rule == "ready":
            order.sort(key=lambda stop: problem.ready[stop])
        elif rule == "bags":
            order.sort(key=lambda stop: -problem.bags[stop])
        return sorted(order, key=lambda stop: -problem.missed[stop])

    def _options(self, tours: Tours, stop: int) -> list[_Option]:
        """Good positions in the order of what they cost at least; place -1 is a trip of its own."""
        problem, row = self.problem, stop + 1
        found: list[_Option] = []
        unused: set[int] = set()
        for vehicle, trips in enumerate(tours):
            one, metres, least = problem.vehicles[vehicle], problem.metres[vehicle], self.least[vehicle][stop]
            if problem.minutes[vehicle][0][row] >= FAR_MIN:
                continue
            into, out, price = self.into[self.column_of[vehicle]][row], metres[row], one.km_cost_fen / 1000
            for number, trip in enumerate(trips):
                if not problem.holds(vehicle, [*trip, stop]):
                    continue
                path = [0, *[each + 1 for each in trip], 0]
                detours = [into[a] + out[b] - metres[a][b] for a, b in pairwise(path)]
                for _ in range(min(_POSITIONS_TRIED, len(detours))):
                    detour = min(detours)
                    place = detours.index(detour)
                    found.append((least + detour * price, vehicle, number, place))
                    detours[place] = 1 << 60
            if len(trips) < problem.trips_left(vehicle) and problem.holds(vehicle, [stop]):
                least += (into[0] + out[0]) * price
                if not trips:
                    if self.alike[vehicle] in unused:
                        continue
                    unused.add(self.alike[vehicle])
                    least += one.fixed_cost_fen
                found += [(least, vehicle, number, -1) for number in range(len(trips), -1, -1)]
        # Among equals a further trip comes last in the day.
        found.sort(key=itemgetter(0))
        return found


def _with(trips: list[list[int]], number: int, place: int, stop: int) -> list[list[int]]:
    """The trips with a stop at a place of one of them, or on a trip of its own (place -1)."""
    if place < 0:
        return [*trips[:number], [stop], *trips[number:]]
    trip = trips[number]
    return [*trips[:number], [*trip[:place], stop, *trip[place:]], *trips[number + 1 :]]


def insertion_tours(problem: RouteProblem) -> Tours:
    """First tours that keep every rule: what weighs most and is packed early first, where it costs least.

    A stop that fits nowhere is left out.
    """
    tours: Tours = [[] for _ in problem.vehicles]
    if not problem.stops or not problem.vehicles:
        return tours
    left_out = set(range(len(problem.stops)))
    order = sorted(left_out, key=lambda s: (-problem.missed[s], problem.ready[s], -problem.bags[s], s))
    inserter = Inserter(problem, random.Random(0))  # noqa: S311 (nothing is drawn)
    inserter.insert(tours, [0.0] * len(problem.vehicles), left_out, order)
    return tours
