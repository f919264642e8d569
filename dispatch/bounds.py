"""A proven lower bound on what a day's plan costs."""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.sparse.csgraph import minimum_spanning_tree, shortest_path

from dispatch.county import Vehicle
from dispatch.delivery.tours import UNSERVED_FEN
from dispatch.problem import DUTY_FOR, Day, Job, Order
from dispatch.travel import UNREACHABLE, IntMatrix, Travel

Floats = npt.NDArray[np.float64]

# Each part is rounded to whole fen once, half up, kilometres once for each trip: half a fen for each.
_ROUNDED_PARTS = 4
# Work of the trees, in cells of the matrix: about two seconds.
_TREE_WORK = 10_000_000
_MOST_TREES = 120
# From here on only the ways of the centre are shortest paths, and trees have no prices.
_MOST_CLOSED = 600
# Stands for "no way" in a tree that has others to choose from.
_NO_WAY = 1e9


def cost_bound_fen(day: Day, travel: Travel) -> int:
    """No valid plan of the day has a smaller `parts.total_fen`.

    An order that no pot, crew, road, vehicle or shift could serve, were it alone, is left out by every plan
    and pays for it. Each other order is served or pays UNSERVED_FEN times its priority, so the rest of the
    bound is the smaller of the least such price and of what serving all of them must cost. That is taken over
    the number m of vehicles used, the cheapest m of all:

    - `vehicles_fen`: the m smallest fixed costs. Fewer vehicles than hold all bags, each on all of its trips
      full, or than have shifts long enough for all the driving and handing over, cannot do.
    - `drive_fen`: `tour_bound`; and a trip is no shorter than to its farthest village and back, hence than
      the mean of these ways over its bags (radial bound). The larger of the two; each way between two
      villages at the rate of the vehicle that is cheapest there.
    - `uneven_fen`: the same bound in minutes, handing over and loading are in use by m vehicles together, and
      the squares of m numbers are least when these are equal.
    - `waiting_fen`: one visit for each village, that of its weightiest order, comes no sooner after packing
      than the loading and the direct way; and the k-th of these visits on a trip no sooner after departure
      than k - 1 visits, the shortest of all direct ways, and the k - 1 shortest ways between neighbours. m
      vehicles make so many trips only.
    - `late_fen`: nothing arrives before its earliest packing, loading and the direct way.
    - `strange_fen`: a village that no courier knows is strange to whoever comes.

    The parts are disjoint terms of the total, so their bounds add; for one m all hold together. Matrices may
    break the triangle inequality, so ways are shortest paths over them (`_Roads`): leaving a visit out
    of a trip then never makes it longer, and a plan may be thought of as visiting each village once.

    Args:
        day: the problem.
        travel: the matrices its plan is made with.
    """
    demand = _Demand(day, travel)
    lost = sum(UNSERVED_FEN * day.priority_of(order) for order in demand.hopeless)
    if not demand.orders:
        return lost
    serving = math.floor(_Serving(demand).fen() + 1e-6)
    leaving_out = min(UNSERVED_FEN * day.priority_of(order) for order in demand.orders)
    return lost + max(0, min(serving, leaving_out))


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
    """Ways of one vehicle over the centre and the villages with orders; infinite where there is none.

    Ways from and to the centre are shortest paths; so are all others up to _MOST_CLOSED places.
    """

    metres: Floats
    minutes: Floats


def _shortest(matrix: IntMatrix) -> Floats:
    ways = matrix.astype(np.float64)
    # A length of 0 would be read as "no way"; half a unit in all cannot make a path longer by a whole one.
    ways[matrix == 0] = 0.5 / max(1, len(matrix))
    ways[matrix == UNREACHABLE] = np.inf
    np.fill_diagonal(ways, 0)
    if len(ways) <= _MOST_CLOSED:
        return np.asarray(np.floor(shortest_path(ways, method="FW")), dtype=np.float64)
    # The work grows with the cube of the places; without it the bound is weaker and still one.
    away, back = (np.floor(shortest_path(each, method="D", indices=0)) for each in (ways, ways.T))
    ways = np.floor(ways)
    ways[0, :], ways[:, 0] = away, back
    return ways


def _times(ways: Floats, price: float) -> Floats:
    """Lengths times a price; no way stays none whatever the price."""
    return np.where(np.isfinite(ways), np.where(np.isfinite(ways), ways, 0) * price, np.inf)


def _sort(vehicle: Vehicle) -> object:
    """What tells a vehicle from others here, besides its fixed cost and trips."""
    return replace(vehicle, id="any", name="any", fixed_cost_fen=0, max_trips=1, trips_done=0, breaks=())


class _Demand:
    """What the day asks for: the orders that could be served, and each vehicle's shortest ways."""

    def __init__(self, day: Day, travel: Travel) -> None:
        self.day = day
        index = travel.index()
        names = list(dict.fromkeys(order.village_id for order in day.orders))
        places = [0, *(index[each] for each in names)]
        self.rows = {each: row for row, each in enumerate(names, start=1)}
        self.vehicles = [each for each in day.vehicles if each.trips_done < each.max_trips]
        # Vehicles that can do the same at the same rate are one sort.
        self.sorts = list({_sort(each): each for each in self.vehicles}.values())
        cells = np.ix_(places, places)
        known: dict[tuple[str, float], _Roads] = {}
        for each in self.sorts:
            key = (each.kind, each.speed_factor)
            if key not in known:
                known[key] = _Roads(
                    _shortest(travel.metres_of(each)[cells]), _shortest(travel.minutes_of(each)[cells])
                )
        self.roads = [known[each.kind, each.speed_factor] for each in self.sorts]
        self.kinds = {village.id: village.kinds for village in day.villages}
        self.carriers: dict[str, list[int]] = {}
        self.orders: list[Order] = []
        self.hopeless: list[Order] = []
        for order in day.orders:
            self.carriers[order.id] = self._carriers(order)
            can = bool(self.carriers[order.id]) and (order.job is None or cooks(day, order.job))
            (self.orders if can else self.hopeless).append(order)

    def packed_min(self, order: Order) -> int:
        """The earliest minute at which a plan counts on the bags of an order."""
        packed = earliest_pack_min(self.day, order.job) if order.job is not None else order.ready_min or 0
        return packed + self.day.buffer_min

    def _carriers(self, order: Order) -> list[int]:
        """The sorts of vehicles that could bring an order, were it alone."""
        row = self.rows[order.village_id]
        return [at for at, each in enumerate(self.sorts) if self._carries(order, each, self.roads[at], row)]

    def _carries(self, order: Order, vehicle: Vehicle, roads: _Roads, row: int) -> bool:
        day = self.day
        if vehicle.kind not in self.kinds[order.village_id] or order.bags > vehicle.capacity_bags:
            return False
        if vehicle.capacity_ml is not None and order.volume_ml > vehicle.capacity_ml:
            return False
        leave = max(vehicle.shift_start_min, day.now_min, self.packed_min(order)) + day.loading_min
        service = day.service_min + day.service_order_min
        there_and_back = roads.minutes[0, row] + roads.minutes[row, 0]
        return bool(leave + there_and_back + service <= vehicle.shift_end_min)

    def direct_min(self, order: Order) -> float:
        """The shortest way from the centre to an order's village by any vehicle that could bring it."""
        row = self.rows[order.village_id]
        return min(float(self.roads[at].minutes[0, row]) for at in self.carriers[order.id])


class _Serving:
    """What serving every order that could be served must cost."""

    def __init__(self, demand: _Demand) -> None:
        self._demand, self._day = demand, demand.day
        by_village: dict[str, list[Order]] = defaultdict(list)
        for order in demand.orders:
            by_village[order.village_id].append(order)
        self._groups = list(by_village.values())
        self._rows = [0, *(demand.rows[village] for village in by_village)]
        self._able = [{at for order in orders for at in demand.carriers[order.id]} for orders in self._groups]
        self._trips = sorted((each.max_trips - each.trips_done for each in demand.vehicles), reverse=True)
        self._trips_needed = self._least_trips()

    def fen(self) -> float:
        """The sum of the parts for the best number of vehicles."""
        fleet = range(self._vehicles_needed, len(self._demand.vehicles) + 1)
        best = min((self._fen_of_fleet(number) for number in fleet), default=0.0)
        trips = min(sum(self._trips), len(self._demand.orders))
        rounding = (_ROUNDED_PARTS + trips) / 2
        return best + self._drive_fen + self._late_fen() + self._strange_fen() - rounding

    def _fen_of_fleet(self, number: int) -> float:
        day, vehicles = self._day, self._demand.vehicles
        fixed = sum(sorted(each.fixed_cost_fen for each in vehicles)[:number])
        uneven = self._use_min**2 / number * day.uneven_fen / 3600
        waiting = self._waiting_min(sum(self._trips[:number])) * day.wait_fen_per_hour / 60
        return fixed + uneven + waiting

    def _least_trips(self) -> int:
        """As many trips as hold all bags, each as full as the largest vehicle can be."""
        bags = sum(order.bags for order in self._demand.orders)
        largest = max((each.capacity_bags for each in self._demand.vehicles), default=1)
        return max(1, -(-bags // largest))

    @cached_property
    def _vehicles_needed(self) -> int:
        """How many vehicles hold all bags and have the time, the largest and longest ones first."""
        day, vehicles = self._day, self._demand.vehicles
        bags = sum(order.bags for order in self._demand.orders)
        room = sorted(
            ((each.max_trips - each.trips_done) * each.capacity_bags for each in vehicles), reverse=True
        )
        shifts = sorted(
            (each.shift_end_min - max(each.shift_start_min, day.now_min) for each in vehicles), reverse=True
        )
        enough = (
            number
            for number in range(1, len(vehicles) + 1)
            if sum(room[:number]) >= bags and sum(shifts[:number]) >= self._use_min
        )
        # Where even all of them do not suffice, something is left out; all of them then bound the rest.
        return next(enough, len(vehicles))

    def _least(self, of: str) -> Floats:
        """The least figure of any vehicle that can be at both ends, over the centre and the villages."""
        size = len(self._rows)
        best = np.full((size, size), np.inf)
        for at, vehicle in enumerate(self._demand.sorts):
            roads = self._demand.roads[at]
            ways = roads.minutes if of == "minutes" else _times(roads.metres, vehicle.km_cost_fen / 1000)
            able = np.array([True, *(at in each for each in self._able)])
            here = ways[np.ix_(self._rows, self._rows)]
            here[~able, :] = here[:, ~able] = np.inf
            np.minimum(best, here, out=best)
        return best

    @cached_property
    def _minutes(self) -> Floats:
        return self._least("minutes")

    @cached_property
    def _drive_fen(self) -> float:
        ways = self._least("fen")
        return max(tour_bound(ways, self._trips_needed), self._radial(ways))

    def _radial(self, ways: Floats) -> float:
        """Each trip is no shorter than the mean over its bags of the ways there and back."""
        largest = max(each.capacity_bags for each in self._demand.vehicles)
        bags = np.array([sum(order.bags for order in orders) for orders in self._groups])
        return float(((ways[0, 1:] + ways[1:, 0]) * bags).sum() / largest)

    @cached_property
    def _use_min(self) -> float:
        """Minutes for which vehicles are in use together: driving, handing over, loading."""
        day, orders = self._day, self._demand.orders
        service = day.service_min * len(self._groups) + day.service_order_min * len(orders)
        driving = max(tour_bound(self._minutes, self._trips_needed), self._radial(self._minutes))
        return driving + service + day.loading_min * self._trips_needed

    def _waiting_min(self, trips: int) -> float:
        """Minutes between packing and handing over, times priority, if there are so many trips."""
        day, demand = self._day, self._demand
        chosen = [max(orders, key=day.priority_of) for orders in self._groups]
        weights = np.array([day.priority_of(order) for order in chosen], dtype=np.float64)
        direct = np.array([demand.direct_min(order) for order in chosen])
        by_itself = float((weights * direct).sum())
        # Above the lightest weight only the direct way counts; below it every visit waits for its turn.
        lightest = float(weights.min())
        turns = lightest * self._turns_min(direct, max(1, trips)) + float(
            ((weights - lightest) * direct).sum()
        )
        return max(by_itself, turns) + day.loading_min * float(weights.sum())

    def _turns_min(self, direct: Floats, trips: int) -> float:
        """Minutes after departure summed over the visits, each one of its trip's first, second, third ..."""
        visits = len(direct)
        between = self._minutes[1:, 1:] + np.where(np.eye(visits, dtype=bool), np.inf, 0)
        nearest = np.sort(np.minimum(between.min(axis=0), direct)) if visits > 1 else direct
        service = self._day.service_min + self._day.service_order_min
        place = np.arange(visits) // trips
        # A visit with k - 1 before it comes after k - 1 of the shortest ways and as many visits.
        sums = np.concatenate([[0.0], np.cumsum(nearest)])
        reached = float(direct.min()) + sums[place] + place * service
        # Least of all when the nearest villages have the first turns: both in rising order.
        return float(np.maximum(np.sort(direct), np.sort(reached)).sum())

    def _late_fen(self) -> float:
        """For each village its order that must come latest after its due minute."""
        return sum(max(self._late_min(order) for order in orders) for orders in self._groups) * (
            self._day.late_fen_per_hour / 60
        )

    def _late_min(self, order: Order) -> float:
        if order.due_min is None:
            return 0.0
        leave = self._demand.packed_min(order) + self._day.loading_min
        arrive = leave + self._demand.direct_min(order)
        return self._day.priority_of(order) * max(0.0, arrive - order.due_min)

    def _strange_fen(self) -> int:
        sorts = self._demand.sorts
        strange = sum(
            all(sorts[at].familiar and orders[0].village_id not in sorts[at].familiar for at in able)
            for orders, able in zip(self._groups, self._able, strict=True)
        )
        return strange * self._day.strange_stop_fen


def tour_bound(ways: Floats, trips: int) -> float:
    """No set of `trips` or more trips from place 0 through every other place is shorter.

    Think of each place as visited once, other visits left out; trips that are left without a visit are as
    long as the shortest there is. The rest, without their last legs, connect all places: a spanning tree;
    their last legs come on top. Prices of places are added to every way that ends there and, as each place
    but 0 has two ways, taken off twice: every choice of prices gives a bound. They are moved towards two
    ways at each place, and the best bound is kept (Held & Karp, Mathematical Programming 1, 1971).

    Args:
        ways: (n, n) lengths, infinite where there is no way; the least over vehicles whose own lengths obey
            the triangle inequality, above _MOST_CLOSED places only those from and to place 0.
        trips: the least number of trips.
    """
    size = len(ways)
    if size < 2:
        return 0.0
    both = np.minimum(ways, ways.T)
    both = np.where(np.isfinite(both), both, _NO_WAY)
    shortest = float((ways[0, 1:] + ways[1:, 0]).min())
    prices = np.zeros(size)
    # Without prices a tree is as short over single ways as over shortest paths, which are made of them.
    rounds = min(_MOST_TREES, _TREE_WORK // size**2) if size <= _MOST_CLOSED else 1
    best, step = 0.0, float(both[0, 1:].mean()) / 4
    for number in range(rounds):
        value, degrees = _priced_tree(both, prices, trips, shortest)
        best = max(best, value)
        prices = prices + step * (1 - number / rounds) * (degrees - 2)
        prices[0] = 0
    return best


def _priced_tree(both: Floats, prices: Floats, trips: int, shortest: float) -> tuple[float, Floats]:
    """Length of the shortest tree and last legs under prices, and how many ways each place has in it."""
    priced = both + prices[:, None] + prices[None, :]
    # scipy reads 0 as "no way": one constant on each edge does not change which tree is the shortest.
    lift = 1 - float(priced.min())
    tree = minimum_spanning_tree(np.triu(priced + lift, 1)).tocoo()
    degrees = np.bincount(np.concatenate([tree.row, tree.col]), minlength=len(both)).astype(np.float64)
    # The last legs of trips end at different places; a trip without one is a trip without a visit.
    order = np.argsort(priced[1:, 0], kind="stable")
    number = np.arange(1, len(both))
    ends = np.cumsum(priced[1:, 0][order]) + np.maximum(0, trips - number) * shortest
    least = int(ends.argmin())
    degrees[order[: least + 1] + 1] += 1
    value = float(tree.data.sum()) - lift * (len(both) - 1) + float(ends[least]) - 2 * float(prices.sum())
    return value, degrees


__all__: Sequence[str] = ["cooks", "cost_bound_fen", "earliest_pack_min", "tour_bound"]
