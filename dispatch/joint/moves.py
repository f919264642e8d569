"""Ruin and recreate over visits: some are taken out of their trips and brought in again elsewhere.

After SISR (Christiaens & Vanden Berghe, Slack induction by string removals for vehicle routing problems,
Transportation Science 54(2), 2020). Here a visit that changes its trip also changes when it should be packed:
it is tried as if the pots could follow, and the schedule that comes after it tells what they can.
"""

import math
import random
from dataclasses import dataclass, field

from dispatch.delivery.tours import Tours
from dispatch.joint.visits import Visits

_REMOVED_ON_AVERAGE = 6
_LONGEST_STRING = 6
_NEIGHBOURS = 12
_TRIPS_TRIED = 4
# A trip is passed over now and then, which lets the greedy insertion leave its rut (SISR's "blink").
_BLINK = 0.03
_NEW_TRIP, _SPLIT, _JOIN = 0.2, 0.05, 0.8
_KINDS = ("strings", "trip", "scattered", "vehicle")
_KIND_WEIGHTS = (70, 12, 12, 6)

Where = dict[int, tuple[int, int]]


@dataclass(slots=True)
class Trial:
    """Tours being changed.

    Attributes:
        tours: for each vehicle its trips, lists of visits.
        costs: what each vehicle's day costs, fen.
        out: the visits that are on no trip.
        ready: the minute from which each visit is counted as packed.
        where: the vehicle and the number of the trip of each visit.
        banned: a vehicle that gets no new trips, -1 for none.
    """

    tours: Tours
    costs: list[float]
    out: set[int]
    ready: list[int]
    where: Where = field(default_factory=dict)
    banned: int = -1

    def locate(self) -> None:
        """Look up again which vehicle and trip each visit is on."""
        self.where = {
            visit: (vehicle, number)
            for vehicle, trips in enumerate(self.tours)
            for number, trip in enumerate(trips)
            for visit in trip
        }


class Moves:
    """The moves over the visits of one day.

    Args:
        visits: the day.
        rng: where chance comes from.
        fleet: how many vehicles may be used, None for all.
    """

    def __init__(self, visits: Visits, rng: random.Random, fleet: int | None = None) -> None:
        self.visits, self.problem, self.rng = visits, visits.loose, rng
        self.fleet = len(visits.day.vehicles) if fleet is None else fleet
        self.far = [-self.problem.minutes[0][0][visit + 1] for visit in range(len(visits.orders))]

    def ruin(self, trial: Trial) -> None:
        """Take visits out of the tours, and gather or divide those of one village."""
        if not trial.where:
            return
        kind = self.rng.choices(_KINDS, _KIND_WEIGHTS)[0]
        if kind == "strings":
            removed = self._strings(trial)
        elif kind == "trip":
            vehicle, number = self.rng.choice(list(trial.where.values()))
            removed = set(trial.tours[vehicle][number])
        elif kind == "vehicle":
            used = [vehicle for vehicle, trips in enumerate(trial.tours) if trips]
            vehicle = self.rng.choice(used)
            trial.banned = vehicle if len(used) > 1 else -1
            removed = {visit for trip in trial.tours[vehicle] for visit in trip}
        else:
            number = min(len(trial.where), self.rng.randint(1, _REMOVED_ON_AVERAGE))
            removed = set(self.rng.sample(sorted(trial.where), number))
        self._take(trial, self._with_siblings(trial, removed))

    def _strings(self, trial: Trial) -> set[int]:
        """Strings of neighbouring visits of a few trips around a random place."""
        rng = self.rng
        strings = max(1, round(rng.uniform(0.5, 4 * _REMOVED_ON_AVERAGE / (1 + _LONGEST_STRING))))
        centre = rng.choice(list(trial.where))
        removed: set[int] = set()
        ruined: set[tuple[int, int]] = set()
        for visit in (centre, *self.visits.near[centre]):
            if len(ruined) >= strings:
                break
            place = trial.where.get(visit)
            if place is None or place in ruined:
                continue
            trip = trial.tours[place[0]][place[1]]
            length = rng.randint(1, min(_LONGEST_STRING, len(trip)))
            first = max(0, min(trip.index(visit) - rng.randrange(length), len(trip) - length))
            removed.update(trip[first : first + length])
            ruined.add(place)
        return removed

    def _with_siblings(self, trial: Trial, removed: set[int]) -> set[int]:
        """The other visits to a village often go with one of them, so that they can become one."""
        more = {
            sibling
            for visit in removed
            for sibling in self.visits.siblings[visit]
            if sibling in trial.where and sibling not in removed
        }
        return removed | more if more and self.rng.random() < _JOIN else removed

    def _take(self, trial: Trial, removed: set[int]) -> None:
        touched = {trial.where[visit][0] for visit in removed}
        for vehicle in touched:
            trips = trial.tours[vehicle]
            kept = [[visit for visit in trip if visit not in removed] for trip in trips]
            trial.tours[vehicle] = [trip for trip in kept if trip]
            trial.costs[vehicle] = self.problem.quick_cost(vehicle, trial.tours[vehicle])
        trial.out = self._regroup(trial.out | removed)
        trial.locate()

    def _regroup(self, out: set[int]) -> set[int]:
        """The orders of a village that are out are mostly brought at once, and sometimes divided."""
        visits, rng = self.visits, self.rng
        villages = {visits.village[visit] for visit in out if visits.siblings[visit]}
        for village in sorted(villages):
            mine = {visit for visit in out if visits.village[visit] == village}
            orders = {order for visit in mine for order in visits.orders[visit]}
            finer = rng.randrange(len(visits.ways[village])) if rng.random() < _SPLIT else 0
            covered = visits.cover(village, orders, finer)
            if covered is not None:
                out = (out - mine).union(covered)
        return out

    def recreate(self, trial: Trial) -> None:
        """Insert what is out, one after the other, where it costs least; what fits nowhere stays out."""
        for visit in self._order(trial.out):
            best = self._best(trial, visit)
            if best is None:
                continue
            extra, vehicle, trips, ready_min = best
            self._count(trial, visit, ready_min)
            trial.tours[vehicle] = trips
            trial.costs[vehicle] += extra
            trial.out.discard(visit)
            trial.locate()

    def _best(self, trial: Trial, visit: int) -> tuple[float, int, list[list[int]], int] | None:
        best: tuple[float, int, list[list[int]], int] | None = None
        options = self._near_trips(trial, visit)
        if not options or self.rng.random() < _NEW_TRIP:
            options += self._new_trips(trial)
        for vehicle, number, place in options:
            trips = trial.tours[vehicle]
            if place < 0:
                changed = [*trips[:number], [visit], *trips[number:]]
            else:
                trip = trips[number]
                changed = [*trips[:number], [*trip[:place], visit, *trip[place:]], *trips[number + 1 :]]
            if not self.problem.holds(vehicle, changed[number]):
                continue
            if place < 0:
                ready_min = self._ready_alone(vehicle, number, visit, changed)
            else:
                ready_min = self._ready(trial, visit, changed[number])
            self._count(trial, visit, ready_min)
            extra = self.problem.quick_cost(vehicle, changed) - trial.costs[vehicle]
            if extra < math.inf and (best is None or extra < best[0]):
                best = (extra, vehicle, changed, ready_min)
        return best

    def _near_trips(self, trial: Trial, visit: int) -> list[tuple[int, int, int]]:
        """The shortest detours: (vehicle, trip, place) beside the nearest visits, at most one a trip."""
        found: dict[tuple[int, int], tuple[int, int]] = {}
        where, tours, row = trial.where, trial.tours, visit + 1
        seen = 0
        for other in self.visits.near[visit]:
            place = where.get(other)
            if place is None:
                continue
            seen += 1
            vehicle, number = place
            trip, minutes = tours[vehicle][number], self.problem.minutes[vehicle]
            at = trip.index(other)
            here = other + 1
            before = trip[at - 1] + 1 if at else 0
            after = trip[at + 1] + 1 if at + 1 < len(trip) else 0
            first = minutes[before][row] + minutes[row][here] - minutes[before][here]
            second = minutes[here][row] + minutes[row][after] - minutes[here][after]
            detour = (first, at) if first <= second else (second, at + 1)
            if place not in found or detour < found[place]:
                found[place] = detour
            if seen >= _NEIGHBOURS:
                break
        nearest = sorted((detour, place) for place, detour in found.items() if self.rng.random() >= _BLINK)
        return [(vehicle, number, at) for (_, at), (vehicle, number) in nearest[:_TRIPS_TRIED]]

    def _new_trips(self, trial: Trial) -> list[tuple[int, int, int]]:
        """A trip of its own: before, between or after those of each vehicle; of unused equals only one."""
        found: list[tuple[int, int, int]] = []
        seen: set[int] = set()
        all_used = sum(map(bool, trial.tours)) >= self.fleet
        for vehicle, trips in enumerate(trial.tours):
            alike = self.visits.alike[vehicle]
            is_full = len(trips) >= self.problem.trips_left(vehicle)
            if is_full or vehicle == trial.banned or (not trips and (all_used or alike in seen)):
                continue
            if not trips:
                seen.add(alike)
            found += [(vehicle, number, -1) for number in range(len(trips) + 1)]
        return found

    def _ready(self, trial: Trial, visit: int, trip: list[int]) -> int:
        """Counted as packed with the last of its trip, if it can be."""
        earliest = self.visits.first_ready[visit]
        if self.visits.is_packed[visit]:
            return earliest
        return max(earliest, max((trial.ready[other] for other in trip if other != visit), default=0))

    def _ready_alone(self, vehicle: int, number: int, visit: int, trips: list[list[int]]) -> int:
        """Counted as packed just before its trip would leave."""
        earliest = self.visits.first_ready[visit]
        if self.visits.is_packed[visit]:
            return earliest
        self.problem.set_ready(visit, earliest, None)
        table = self.visits.patient.timetable(vehicle, trips)
        if table is None:
            return earliest
        return max(earliest, table.trips[number].depart - self.problem.loading_min)

    def _count(self, trial: Trial, visit: int, ready_min: int) -> None:
        trial.ready[visit] = ready_min
        self.visits.guess_ready(visit, ready_min)

    def _order(self, out: set[int]) -> list[int]:
        rng, stops = self.rng, self.problem.stops
        order = sorted(out)
        rng.shuffle(order)
        rule = rng.choices(("random", "far", "near", "ready", "bags"), (4, 2, 1, 2, 2))[0]
        if rule == "far":
            order.sort(key=self.far.__getitem__)
        elif rule == "near":
            order.sort(key=lambda visit: -self.far[visit])
        elif rule == "ready":
            order.sort(key=self.visits.first_ready.__getitem__)
        elif rule == "bags":
            order.sort(key=lambda visit: -stops[visit].bags)
        return sorted(order, key=lambda visit: -stops[visit].priority)
