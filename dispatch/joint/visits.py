"""What the joint search moves about: visits, each one or several orders of a village handed over together."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass, replace

from dispatch.county import Vehicle
from dispatch.decoction.tasks import Task, Tasks, read_tasks
from dispatch.delivery.tours import UNSERVED_FEN, RouteProblem
from dispatch.plan_types import Stop
from dispatch.problem import LONGEST_DAY_MIN, Day, Order
from dispatch.stops import make_stop, parts_that_fit
from dispatch.travel import Travel

# Stands for an order that has no pot yet, or none at all: later than any day.
NEVER_MIN = 1_000_000

_LOOSE_MIN = 40


@dataclass(frozen=True, slots=True)
class Visits:
    """All visits that a plan may be made of, with the two problems they are part of.

    A village with several orders has both: visits that bring all of them, as far as vehicles hold them, and
    one visit for each order. A plan uses each order once.

    Attributes:
        day, travel: what is planned.
        tasks: the loads of the pots.
        problem: the visits as stops, for the times and costs of trips; its ready times change.
        loose: the same with shifts a little longer, where a search may pass.
        patient: the same without ends of shifts and limits of boxes, to tell by how much a trip misses them.
        orders: for each visit the indices of its orders in `day.orders`.
        village: for each visit a number of its village.
        whole, single: for each village its visits of all orders, and of one order each.
        task_of: for each order the index of its load, -1 for one that is packed already or has no place.
        slot_of: for each order its place in its load.
        earliest: for each order the minute before which it cannot be packed.
        boxes: for each order the longest time in the box, None without a limit.
        cooked: (order, load, place in it) of each order with a load.
        packed: for each order the minute of its packing where it is packed already, NEVER_MIN elsewhere.
        in_pots: the loads that are in their pots already.
        movable: for each load whether it may be begun later than it could.
        urgent: for each load the minute at which it must begin for its urgent jobs, NEVER_MIN without any.
        first_ready: for each visit the minute before which it cannot be ready, the day's buffer included.
        is_packed: for each visit whether all of its orders are packed already.
        siblings: for each visit the others of its village.
        alike: for each vehicle a number that vehicles have in common which differ in nothing but the name.
        missed: for each order the fen of leaving it out.
        hopeless: visits that no vehicle can make, whatever the others do.
        near: for each visit the others, the nearest first.
    """

    day: Day
    travel: Travel
    tasks: Tasks
    problem: RouteProblem
    loose: RouteProblem
    patient: RouteProblem
    orders: tuple[tuple[int, ...], ...]
    village: tuple[int, ...]
    whole: tuple[tuple[int, ...], ...]
    single: tuple[tuple[int, ...], ...]
    task_of: tuple[int, ...]
    slot_of: tuple[int, ...]
    earliest: tuple[int, ...]
    boxes: tuple[int | None, ...]
    cooked: tuple[tuple[int, int, int], ...]
    packed: tuple[int, ...]
    in_pots: tuple[int, ...]
    movable: tuple[bool, ...]
    urgent: tuple[int, ...]
    first_ready: tuple[int, ...]
    is_packed: tuple[bool, ...]
    siblings: tuple[tuple[int, ...], ...]
    alike: tuple[int, ...]
    missed: tuple[int, ...]
    hopeless: frozenset[int]
    near: tuple[tuple[int, ...], ...]

    @property
    def has_boxes(self) -> bool:
        """Whether any order may only be so long in the box."""
        return any(box is not None for box in self.boxes)

    def latest(self, visit: int, ready_min: int) -> int | None:
        """When the bags of a visit packed at `ready_min` have been in the box for as long as they may."""
        limits = (
            min(self.packed[order], ready_min - self.day.buffer_min) + box
            for order in self.orders[visit]
            if (box := self.boxes[order]) is not None
        )
        return min(limits, default=None)

    def ready_of(self, visit: int, ready: Sequence[int]) -> int:
        """When a visit is ready, the day's buffer included, NEVER_MIN where none of its orders is packed."""
        packed = [ready[order] for order in self.orders[visit] if ready[order] < NEVER_MIN]
        return max(packed, default=NEVER_MIN) + self.day.buffer_min

    def set_ready(self, visits: Sequence[int], ready: Sequence[int]) -> None:
        """Tell the problem when the bags of visits are ready.

        Args:
            visits: those to be told.
            ready: for every order of the day the minute of its packing, NEVER_MIN where it has none.
        """
        problem, buffer_min = self.problem, self.day.buffer_min
        for visit in visits:
            packed = [ready[order] for order in self.orders[visit] if ready[order] < NEVER_MIN]
            latest = min(
                (
                    ready[order] + box
                    for order in self.orders[visit]
                    if (box := self.boxes[order]) is not None
                ),
                default=None,
            )
            problem.set_ready(visit, max(packed, default=NEVER_MIN) + buffer_min, latest)


def read_visits(day: Day, travel: Travel, also: Iterable[Sequence[str]] = ()) -> Visits:
    """The visits of a day, every order of which counts as packed as early as it could be alone.

    Args:
        day: the problem.
        travel: matrices over its places.
        also: ids of orders that another plan hands over together, for visits of their own.
    """
    tasks = read_tasks(day.decoction())
    task_of, slot_of, earliest = _packings(day, tasks)
    ready = {order.id: earliest[index] for index, order in enumerate(day.orders)}
    index_of = {order.id: index for index, order in enumerate(day.orders)}
    by_village: dict[str, list[int]] = defaultdict(list)
    for index, order in enumerate(day.orders):
        if earliest[index] < NEVER_MIN:
            by_village[order.village_id].append(index)
    by_id = {order.id: order for order in day.orders}
    together: dict[str, list[list[Order]]] = defaultdict(list)
    for ids in also:
        members = sorted((by_id[each] for each in ids), key=lambda each: (-each.bags, each.id))
        together[members[0].village_id].append(members)
    stops: list[Stop] = []
    village: list[int] = []
    whole: list[tuple[int, ...]] = []
    single: list[tuple[int, ...]] = []
    for number, (place, indices) in enumerate(by_village.items()):
        parts = parts_that_fit(day, [day.orders[index] for index in indices])
        alone = [[day.orders[index]] for index in indices]
        groups = [part for part in parts if len(part) > 1]
        numbers: dict[tuple[str, ...], int] = {}
        for members in [*groups, *alone, *together[place]]:
            if tuple(order.id for order in members) in numbers:
                continue
            numbers[tuple(order.id for order in members)] = len(stops)
            stops.append(make_stop(day, f"{place}/{len(numbers)}", members, ready))
            village.append(number)
        whole.append(tuple(numbers[tuple(order.id for order in part)] for part in parts))
        single.append(tuple(numbers[order.id,] for (order,) in alone))
    problem = RouteProblem(tuple(stops), day.vehicles, travel, day.loading_min, day.now_min, day.prices)
    patient = _patient(problem)
    of_village: dict[int, list[int]] = defaultdict(list)
    for visit, number in enumerate(village):
        of_village[number].append(visit)
    return Visits(
        day=day,
        travel=travel,
        tasks=tasks,
        problem=problem,
        loose=_later(problem, _LOOSE_MIN),
        patient=patient,
        orders=tuple(tuple(index_of[each] for each in stop.order_ids) for stop in stops),
        village=tuple(village),
        whole=tuple(whole),
        single=tuple(single),
        task_of=task_of,
        slot_of=slot_of,
        earliest=earliest,
        boxes=tuple(day.longest_box_of(order) for order in day.orders),
        cooked=tuple(
            (order, number, slot)
            for order, (number, slot) in enumerate(zip(task_of, slot_of, strict=True))
            if number >= 0
        ),
        packed=tuple(NEVER_MIN if order.ready_min is None else order.ready_min for order in day.orders),
        in_pots=tuple(number for number, task in enumerate(tasks.tasks) if task.in_pot),
        movable=tuple(len(t.packs) == 1 and not t.in_pot and not _is_urgent(t) for t in tasks.tasks),
        urgent=tuple(_urgent_load_min(task, tasks.unit_min) for task in tasks.tasks),
        first_ready=tuple(stop.ready_min for stop in stops),
        is_packed=tuple(
            all(day.orders[index_of[each]].ready_min is not None for each in stop.order_ids) for stop in stops
        ),
        siblings=tuple(
            tuple(other for other in of_village[number] if other != visit)
            for visit, number in enumerate(village)
        ),
        alike=_alike(day),
        missed=tuple(UNSERVED_FEN * day.priority_of(order) for order in day.orders),
        hopeless=frozenset(visit for visit in range(len(stops)) if _is_hopeless(problem, patient, visit)),
        near=_near(problem, len(stops)),
    )


def _packings(day: Day, tasks: Tasks) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    """For each order its load, its place in it, and the earliest minute of its packing."""
    where = {
        job.id: (number, slot)
        for number, task in enumerate(tasks.tasks)
        for slot, job in enumerate(task.jobs)
    }
    task_of, slot_of, earliest = [], [], []
    for order in day.orders:
        number, slot = where.get(order.job.id, (-1, 0)) if order.job is not None else (-1, 0)
        task_of.append(number)
        slot_of.append(slot)
        if order.ready_min is not None:
            earliest.append(order.ready_min)
        elif number < 0:
            earliest.append(NEVER_MIN)
        else:
            task = tasks.tasks[number]
            packed = task.first_load + task.pack_window[0] + task.packs[slot]
            earliest.append(packed * tasks.unit_min)
    return tuple(task_of), tuple(slot_of), tuple(earliest)


def _is_urgent(task: Task) -> bool:
    return any(job.weight > 1 for job in task.jobs)


def _urgent_load_min(task: Task, unit_min: int) -> int:
    """Jobs that weigh more than an ordinary one are packed by their own due time, wherever they go."""
    due = [job.due_min for job in task.jobs if job.weight > 1]
    return min(due, default=NEVER_MIN) - (task.pack_window[0] + max(task.packs)) * unit_min


def _later(problem: RouteProblem, more_min: int) -> RouteProblem:
    """The same problem with later ends of shifts; all lists are shared, ready times among them."""
    later = copy(problem)
    later.vehicles = tuple(
        replace(vehicle, shift_end_min=vehicle.shift_end_min + more_min) for vehicle in problem.vehicles
    )
    return later


def _patient(problem: RouteProblem) -> RouteProblem:
    patient = _later(problem, LONGEST_DAY_MIN)
    patient.doors = [stop.windows or None for stop in problem.stops]
    return patient


def _is_hopeless(problem: RouteProblem, patient: RouteProblem, visit: int) -> bool:
    """Whether no vehicle can make a visit, however late its bags are packed."""
    for number, vehicle in enumerate(problem.vehicles):
        if problem.trips_left(number) and problem.holds(number, [visit]):
            table = patient.timetable(number, [[visit]])
            if table is not None and table.trips[0].back <= vehicle.shift_end_min:
                return False
    return True


def _alike(day: Day) -> tuple[int, ...]:
    numbers: dict[Vehicle, int] = {}
    return tuple(
        numbers.setdefault(replace(vehicle, id="-", name="-"), len(numbers)) for vehicle in day.vehicles
    )


def _near(problem: RouteProblem, visits: int) -> tuple[tuple[int, ...], ...]:
    if not problem.vehicles:
        return tuple(() for _ in range(visits))
    found: list[tuple[int, ...]] = []
    for visit in range(visits):
        row = problem.minutes[0][visit + 1][1:]
        nearest = sorted(range(visits), key=row.__getitem__)
        found.append(tuple(other for other in nearest if other != visit))
    return tuple(found)
