"""What the joint search moves about: visits, each one or several orders of a village handed over together."""

from collections import defaultdict
from collections.abc import Iterable, Sequence, Set
from copy import copy
from dataclasses import dataclass, replace

from dispatch.county import Vehicle
from dispatch.delivery.tours import UNSERVED_FEN, RouteProblem
from dispatch.joint.loads import NEVER_MIN, Loads, read_loads
from dispatch.problem import LONGEST_DAY_MIN, Day
from dispatch.stops import make_stop, parts_that_fit
from dispatch.travel import Travel

# By how much a search may overrun shifts on its way.
_LOOSE_MIN = 40
# Villages with that many orders may also be visited twice, with the early and with the late ones.
_HALVED_FROM = 4
# More visits than these, whose distances would fill the memory, and villages are not divided.
MOST_VISITS = 1200

# Orders as indices in `Day.orders`, in rising order.
Group = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Visits:
    """All visits that a plan may be made of, with the two problems they are part of.

    A plan uses each order once, though several visits have it.

    Attributes:
        day, travel: what is planned.
        loads: the pots' side.
        problem: the visits as stops, for the times and costs of trips; its ready times change.
        loose: the same with shifts a little longer, where a search may pass.
        patient: the same without ends of shifts and limits of boxes, to tell by how much a trip misses them.
        orders: for each visit its orders.
        village: for each visit a number of its village.
        ways: for each village the ways of visiting it: all orders at once as far as vehicles hold them, in
            two halves, each by itself.
        siblings: for each visit the others of its village.
        first_ready: for each visit the minute before which it cannot be ready, the day's buffer included.
        is_packed: for each visit whether all of its orders are packed already.
        hopeless: visits that no vehicle can make, however late their bags are packed.
        near: for each visit the others, the nearest first.
        boxes: for each order the longest time in the box, None without a limit.
        missed: for each order the fen of leaving it out.
        possible: the orders that can be packed at all.
        alike: for each vehicle a number that vehicles have in common which differ in nothing but the name.
    """

    day: Day
    travel: Travel
    loads: Loads
    problem: RouteProblem
    loose: RouteProblem
    patient: RouteProblem
    orders: tuple[Group, ...]
    village: tuple[int, ...]
    ways: tuple[tuple[tuple[int, ...], ...], ...]
    siblings: tuple[tuple[int, ...], ...]
    first_ready: tuple[int, ...]
    is_packed: tuple[bool, ...]
    hopeless: frozenset[int]
    near: tuple[tuple[int, ...], ...]
    boxes: tuple[int | None, ...]
    missed: tuple[int, ...]
    possible: frozenset[int]
    alike: tuple[int, ...]

    def cover(self, village: int, orders: Set[int], way: int = 0) -> list[int] | None:
        """Visits that bring just these orders of a village, in as few as they can from a way of it on.

        Returns:
            None where some orders would be left over, since no visits divide them so.
        """
        rest, chosen = set(orders), []
        of_village = [*self.ways[village][way:], *self.ways[village]]
        first = self.ways[village][0][0]
        for visits in (*of_village, (first, *self.siblings[first])):
            for visit in visits:
                if rest and rest.issuperset(self.orders[visit]):
                    chosen.append(visit)
                    rest.difference_update(self.orders[visit])
        return None if rest else chosen

    def ready_of(self, visit: int, ready: Sequence[int]) -> int:
        """When a visit is ready, the day's buffer included, from the packing minute of every order."""
        packed = [ready[order] for order in self.orders[visit] if ready[order] < NEVER_MIN]
        return max(packed, default=NEVER_MIN) + self.day.buffer_min

    def set_ready(self, visits: Iterable[int], ready: Sequence[int]) -> None:
        """Tell the problems when the bags of visits are ready.

        Args:
            visits: those to be told.
            ready: for every order the minute of its packing, NEVER_MIN where it has none.
        """
        for visit in visits:
            limits = (
                ready[order] + box for order in self.orders[visit] if (box := self.boxes[order]) is not None
            )
            self.problem.set_ready(visit, self.ready_of(visit, ready), min(limits, default=None))

    def guess_ready(self, visit: int, ready_min: int) -> None:
        """Tell the problems that the bags of a visit are ready at `ready_min`, all packed just before."""
        packed = ready_min - self.day.buffer_min
        limits = (
            min(self.loads.packed[order], packed) + box
            for order in self.orders[visit]
            if (box := self.boxes[order]) is not None
        )
        self.problem.set_ready(visit, ready_min, min(limits, default=None))


def read_visits(day: Day, travel: Travel, also: Iterable[Group] = ()) -> Visits:
    """The visits of a day, every order of which counts as packed as early as it could be alone.

    Args:
        day: the problem.
        travel: matrices over its places.
        also: orders that another plan hands over together, for visits of their own.
    """
    loads = read_loads(day)
    ways, groups = _group(day, loads, set(also))
    ready = {order.id: minute for order, minute in zip(day.orders, loads.earliest, strict=True)}
    stops = tuple(
        make_stop(day, str(visit), [day.orders[order] for order in group], ready)
        for visit, group in enumerate(groups)
    )
    problem = RouteProblem(stops, day.vehicles, travel, day.loading_min, day.now_min, day.prices)
    patient = _later(problem, LONGEST_DAY_MIN)
    patient.doors = [stop.windows or None for stop in stops]
    number_of = {place: number for number, place in enumerate(dict.fromkeys(s.place_id for s in stops))}
    village = tuple(number_of[stop.place_id] for stop in stops)
    together: dict[int, list[int]] = defaultdict(list)
    for visit, number in enumerate(village):
        together[number].append(visit)
    return Visits(
        day=day,
        travel=travel,
        loads=loads,
        problem=problem,
        loose=_later(problem, _LOOSE_MIN),
        patient=patient,
        orders=groups,
        village=village,
        ways=ways,
        siblings=tuple(
            tuple(other for other in together[number] if other != visit)
            for visit, number in enumerate(village)
        ),
        first_ready=tuple(stop.ready_min for stop in stops),
        is_packed=tuple(all(loads.packed[order] < NEVER_MIN for order in group) for group in groups),
        hopeless=frozenset(visit for visit in range(len(stops)) if _is_hopeless(problem, patient, visit)),
        near=_near(problem, len(stops)),
        boxes=tuple(day.longest_box_of(order) for order in day.orders),
        missed=tuple(UNSERVED_FEN * day.priority_of(order) for order in day.orders),
        possible=frozenset(order for group in groups for order in group),
        alike=_alike(day),
    )


def _group(
    day: Day, loads: Loads, also: set[Group]
) -> tuple[tuple[tuple[tuple[int, ...], ...], ...], tuple[Group, ...]]:
    """The ways of visiting each village, as numbers of visits, and the orders of each visit."""
    index = {order.id: number for number, order in enumerate(day.orders)}
    by_village: dict[str, list[int]] = defaultdict(list)
    for order, each in enumerate(day.orders):
        if loads.earliest[order] < NEVER_MIN:
            by_village[each.village_id].append(order)
    divided = len(day.orders) + len(by_village) <= MOST_VISITS
    others: dict[str, list[Group]] = defaultdict(list)
    for group in also:
        others[day.orders[group[0]].village_id].append(group)
    numbers: dict[Group, int] = {}
    ways: list[tuple[tuple[int, ...], ...]] = []
    for place, orders in by_village.items():
        at_once = _parts(day, orders, index)
        partitions = [at_once]
        if divided and len(orders) >= _HALVED_FROM:
            by_time = sorted(orders, key=lambda order: (loads.earliest[order], order))
            half = len(orders) // 2
            partitions.append([*_parts(day, by_time[:half], index), *_parts(day, by_time[half:], index)])
        if divided and len(orders) > 1:
            partitions.append([(order,) for order in orders])
        for group in [*(part for parts in partitions for part in parts), *others[place]]:
            numbers.setdefault(group, len(numbers))
        ways.append(tuple(tuple(numbers[part] for part in parts) for parts in partitions))
    return tuple(ways), tuple(numbers)


def _parts(day: Day, orders: Sequence[int], index: dict[str, int]) -> list[Group]:
    parts = parts_that_fit(day, [day.orders[order] for order in orders])
    return [tuple(sorted(index[each.id] for each in part)) for part in parts]


def _later(problem: RouteProblem, more_min: int) -> RouteProblem:
    """The same problem with later ends of shifts; all lists are shared, ready times among them."""
    later = copy(problem)
    later.vehicles = tuple(
        replace(vehicle, shift_end_min=vehicle.shift_end_min + more_min) for vehicle in problem.vehicles
    )
    return later


def _is_hopeless(problem: RouteProblem, patient: RouteProblem, visit: int) -> bool:
    for number, vehicle in enumerate(problem.vehicles):
        if problem.trips_left(number) and problem.holds(number, [visit]):
            table = patient.timetable(number, [[visit]])
            if table is not None and table.trips[0].back <= vehicle.shift_end_min:
                return False
    return True


def _near(problem: RouteProblem, visits: int) -> tuple[tuple[int, ...], ...]:
    if not problem.vehicles:
        return tuple(() for _ in range(visits))
    found: list[tuple[int, ...]] = []
    for visit in range(visits):
        row = problem.minutes[0][visit + 1][1:]
        nearest = sorted(range(visits), key=row.__getitem__)
        found.append(tuple(other for other in nearest if other != visit))
    return tuple(found)


def _alike(day: Day) -> tuple[int, ...]:
    numbers: dict[Vehicle, int] = {}
    return tuple(
        numbers.setdefault(replace(vehicle, id="-", name="-"), len(numbers)) for vehicle in day.vehicles
    )
