"""The pots' side of a day as the joint search needs it: which load cooks which order, and from when."""

from collections.abc import Sequence
from dataclasses import dataclass

from dispatch.decoction.listing import Placing
from dispatch.decoction.tasks import Task, Tasks, read_tasks
from dispatch.problem import Day

# Stands for an order that has no pot yet, or none at all: later than any day.
NEVER_MIN = 1_000_000


@dataclass(frozen=True, slots=True)
class Loads:
    """The loads of a day and the orders in them; orders are indices in `Day.orders`.

    Attributes:
        tasks: the loads.
        cooked: (order, load, place in the load) of each order with a load.
        packed: for each order the minute of its packing where it is packed already, NEVER_MIN elsewhere.
        earliest: for each order the minute before which it cannot be packed, NEVER_MIN where it never can.
        in_pots: the loads that are in their pots already.
        movable: for each load whether it may be begun later than it could.
        urgent: for each load the minute at which it must begin for its urgent jobs, NEVER_MIN without any.
    """

    tasks: Tasks
    cooked: tuple[tuple[int, int, int], ...]
    packed: tuple[int, ...]
    earliest: tuple[int, ...]
    in_pots: tuple[int, ...]
    movable: tuple[bool, ...]
    urgent: tuple[int, ...]

    def ready(self, placings: Sequence[Placing | None]) -> list[int]:
        """When each order is packed, NEVER_MIN where it is not."""
        unit = self.tasks.unit_min
        ready = list(self.packed)
        for order, number, slot in self.cooked:
            placing = placings[number]
            if placing is not None:
                ready[order] = (placing.packs[slot] + self.tasks.tasks[number].packs[slot]) * unit
        return ready

    def first_wanted(self, wanted: Sequence[float]) -> list[float]:
        """For each load the first minute at which one of its orders is wanted."""
        first: list[float] = [NEVER_MIN] * len(self.tasks.tasks)
        for order, number, _ in self.cooked:
            first[number] = min(first[number], wanted[order])
        return first


def read_loads(day: Day) -> Loads:
    """The loads of a day.

    Args:
        day: the problem.
    """
    tasks = read_tasks(day.decoction())
    order_of = {order.job.id: index for index, order in enumerate(day.orders) if order.job is not None}
    cooked = tuple(
        (order_of[job.id], number, slot)
        for number, task in enumerate(tasks.tasks)
        for slot, job in enumerate(task.jobs)
    )
    packed = tuple(NEVER_MIN if order.ready_min is None else order.ready_min for order in day.orders)
    earliest = list(packed)
    for order, number, slot in cooked:
        task = tasks.tasks[number]
        earliest[order] = (task.first_load + task.pack_window[0] + task.packs[slot]) * tasks.unit_min
    return Loads(
        tasks=tasks,
        cooked=cooked,
        packed=packed,
        earliest=tuple(earliest),
        in_pots=tuple(number for number, task in enumerate(tasks.tasks) if task.in_pot),
        # Shared loads stay where they are, and so does what is urgent or in a pot already.
        movable=tuple(
            len(task.jobs) == 1 and not task.in_pot and not is_urgent(task) for task in tasks.tasks
        ),
        urgent=tuple(_urgent_load_min(task, tasks.unit_min) for task in tasks.tasks),
    )


def is_urgent(task: Task) -> bool:
    """Whether a job of a load weighs more than an ordinary one: it keeps its own due time then."""
    return any(job.weight > 1 for job in task.jobs)


def _urgent_load_min(task: Task, unit_min: int) -> int:
    due = min((job.due_min for job in task.jobs if job.weight > 1), default=NEVER_MIN)
    return due - (task.pack_window[0] + max(task.packs)) * unit_min
