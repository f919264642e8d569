"""A proven lower bound on what a day's plan costs."""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse.csgraph import minimum_spanning_tree, shortest_path

from dispatch.county import Vehicle
from dispatch.delivery.tours import UNSERVED_FEN
from dispatch.problem import DUTY_FOR, Day, Job, Order
from dispatch.travel import UNREACHABLE, IntMatrix, Travel

# Every part of the cost is rounded to whole fen: once for the day, drive_fen perhaps once for each trip.
_ROUNDING_FEN = 6


def cost_bound_fen(day: Day, travel: Travel) -> int:
    """No valid plan of the day has a smaller `parts.total_fen`.

    Different parts of the cost add, and a bound on each of them may be added; two bounds on one part take the
    larger one.

    - `unserved_fen`: an order that no pot, crew, road, vehicle or shift could serve, were it alone, is left
      out by every plan. Every other order is either served or pays its own price of being left out; each
      order's share of the parts below is held below that price, so the sum bounds both cases.
    - `drive_fen`: the trips of a day, each without its last leg, connect the centre with every village, so
      they are no shorter than the shortest spanning tree, at the cheapest kilometre of any vehicle.
    - `vehicles_fen`: the bags need so many trips of the largest vehicle, and these so many vehicles.
    - `waiting_fen`: between packing and arrival lie the loading and no less than the direct way.
    - `late_fen`: nothing arrives before its earliest packing, loading and the direct way.

    Matrices may break the triangle inequality, so ways are shortest paths over them.

    Args:
        day: the problem.
        travel: the matrices its plan is made with.
    """
    demand = _Demand(day, travel)
    fen: float = sum(UNSERVED_FEN * day.priority_of(order) for order in demand.hopeless)
    if demand.orders:
        fen += demand.drive_fen() + demand.vehicles_fen() + demand.waiting_fen() + demand.late_fen()
        fen -= _ROUNDING_FEN + len(demand.orders) / 2
    return max(0, math.floor(fen))


def earliest_pack_min(day: Day, job: Job) -> int:
    """No plan packs a job before this minute, whatever the pots and people."""
    started = job.started
    if started is None:
        load = max(job.release_min, day.now_min) + job.soak_min
    elif started.load_at_min is None:
        load = max(started.soak_at_min + job.soak_min, day.now_min)
    else:
        return max(started.load_at_min + job.load_min + job.cook_min, day.now_min) + job.pack_min
    return load + job.load_min + job.cook_min + job.pack_min


def cooks(day: Day, job: Job) -> bool:
    """Whether pots and people exist for a job, and it ends before the horizon, were it alone."""
    crew = day.crew
    if (job.pack_min and not crew.packers) or (job.needs_adder and not crew.adders):
        return False
    if earliest_pack_min(day, job) > day.horizon_min:
        return False
    if job.started is not None and job.started.pot_id is not None:
        return any(pot.id == job.started.pot_id for pot in day.pots)
    if job.load_min and not crew.loaders:
        return False
    return any(pot.duty == DUTY_FOR[job.taint] and pot.max_ml >= job.ml for pot in day.pots)


@dataclass(frozen=True, slots=True)
class _Roads:
    """Shortest ways of one vehicle over matrices that may break the triangle inequality."""

    metres: np.ndarray[tuple[int, ...], np.dtype[np.float64]]
    minutes: np.ndarray[tuple[int, ...], np.dtype[np.float64]]


def _shortest(matrix: IntMatrix) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    ways = matrix.astype(np.float64)
    ways[matrix == UNREACHABLE] = np.inf
    # A length of 0 would be read as "no edge".
    found = shortest_path(np.where(ways == 0, 1e-9, ways), method="FW")
    return np.asarray(np.floor(found + 1e-6) if np.isfinite(found).all() else _floor(found))


def _floor(
    found: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.where(np.isfinite(found), np.floor(np.where(np.isfinite(found), found, 0) + 1e-6), np.inf)


class _Demand:
    """What the day asks for: the orders that could be served, and each vehicle's shortest ways."""

    def __init__(self, day: Day, travel: Travel) -> None:
        self.day = day
        self.rows = travel.index()
        self.vehicles = [each for each in day.vehicles if each.trips_done < each.max_trips]
        cached: dict[tuple[str, float], _Roads] = {}
        self.roads: list[_Roads] = []
        for each in self.vehicles:
            key = (each.kind, each.speed_factor)
            if key not in cached:
                cached[key] = _Roads(_shortest(travel.metres_of(each)), _shortest(travel.minutes_of(each)))
            self.roads.append(cached[key])
        self.kinds = {village.id: village.kinds for village in day.villages}
        self.hopeless = [order for order in day.orders if not self._can_be_served(order)]
        lost = {order.id for order in self.hopeless}
        self.orders = [order for order in day.orders if order.id not in lost]

    def packed_min(self, order: Order) -> int:
        """The earliest minute at which a plan counts on the bags of an order."""
        packed = earliest_pack_min(self.day, order.job) if order.job is not None else order.ready_min or 0
        return packed + self.day.buffer_min

    def carriers(self, order: Order) -> list[int]:
        """The vehicles that could bring an order, were it alone."""
        row = self.rows[order.village_id]
        return [
            at for at, each in enumerate(self.vehicles) if self._carries(order, each, self.roads[at], row)
        ]

    def _carries(self, order: Order, vehicle: Vehicle, roads: _Roads, row: int) -> bool:
        day = self.day
        if vehicle.kind not in self.kinds[order.village_id] or order.bags > vehicle.capacity_bags:
            return False
        if vehicle.capacity_ml is not None and order.volume_ml > vehicle.capacity_ml:
            return False
        leave = max(vehicle.shift_start_min, day.now_min, self.packed_min(order)) + day.loading_min
        there_and_back = roads.minutes[0, row] + roads.minutes[row, 0]
        return bool(leave + there_and_back + self._service_min <= vehicle.shift_end_min)

    @property
    def _service_min(self) -> int:
        return self.day.service_min + self.day.service_order_min

    def _can_be_served(self, order: Order) -> bool:
        if order.job is not None and not cooks(self.day, order.job):
            return False
        return bool(self.carriers(order))

    def direct_min(self, order: Order) -> int:
        """The shortest way from the centre to an order's village by any vehicle that could bring it."""
        row = self.rows[order.village_id]
        return int(min(self.roads[at].minutes[0, row] for at in self.carriers(order)))

    def by_village(self) -> dict[str, list[Order]]:
        """The orders that could be served, by village."""
        found: dict[str, list[Order]] = defaultdict(list)
        for order in self.orders:
            found[order.village_id].append(order)
        return found

    def drive_fen(self) -> float:
        """The shortest spanning tree at the cheapest kilometre."""
        rows = [0, *(self.rows[village] for village in self.by_village())]
        both = np.minimum.reduce([each.metres[np.ix_(rows, rows)] for each in self.roads])
        both = np.minimum(both, both.T)
        # A length of 0 would be read as "no edge".
        tree = minimum_spanning_tree(np.where(both == 0, 1e-9, both))
        return float(tree.sum()) * min(each.km_cost_fen for each in self.vehicles) / 1000

    def vehicles_fen(self) -> int:
        """As many vehicles as carry all bags, were each trip full: the cheapest ones."""
        bags = sum(order.bags for order in self.orders)
        room = [(each.max_trips - each.trips_done) * each.capacity_bags for each in self.vehicles]
        needed, held = 0, 0
        for each in sorted(room, reverse=True):
            if held >= bags:
                break
            needed, held = needed + 1, held + each
        return sum(sorted(each.fixed_cost_fen for each in self.vehicles)[:needed])

    def waiting_fen(self) -> float:
        """One visit for each village at least, of its weightiest order: loading and the direct way."""
        hour = self.day.wait_fen_per_hour
        return sum(
            max(
                self.day.priority_of(order) * (self.day.loading_min + self.direct_min(order))
                for order in orders
            )
            * hour
            / 60
            for orders in self.by_village().values()
        )

    def late_fen(self) -> float:
        """For each village its order that must come latest after its due minute."""
        hour = self.day.late_fen_per_hour
        return sum(
            max(self._late_fen(order, hour) for order in orders) for orders in self.by_village().values()
        )

    def _late_fen(self, order: Order, fen_per_hour: int) -> float:
        if order.due_min is None:
            return 0.0
        arrive = self.packed_min(order) + self.day.loading_min + self.direct_min(order)
        late = self.day.priority_of(order) * max(0, arrive - order.due_min) * fen_per_hour / 60
        # An order left out instead pays this price: its share must not be larger.
        return min(late, UNSERVED_FEN * self.day.priority_of(order) / 2)


__all__: Sequence[str] = ["cooks", "cost_bound_fen", "earliest_pack_min"]
