"""The wall board of a day: who and what is busy when. Every row is one Python int, a bit for each time unit.

Shifting and masking whole rows answers "where are d free units in a row" in a few machine operations, which
makes a full list schedule of 170 jobs a matter of milliseconds.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from dispatch.decoction.tasks import Task, Tasks


@dataclass(slots=True)
class Crowd:
    """Several equal people or pots: how many are busy in each unit, and the mask of units with one free."""

    size: int
    busy: list[int]
    free: int

    def take(self, start: int, length: int, by: int = 1) -> None:
        """Occupy `by` of them, or free them; units outside the board are past or irrelevant: skipped."""
        busy, size = self.busy, self.size
        filled = emptied = 0
        for unit in range(max(0, start), min(len(busy), start + length)):
            was = busy[unit]
            busy[unit] = now = was + by
            if now >= size > was:
                filled |= 1 << unit
            elif was >= size > now:
                emptied |= 1 << unit
        if filled:
            self.free &= ~filled
        if emptied:
            self.free |= emptied

    def has(self, start: int, length: int, number: int) -> bool:
        """Whether `number` of them are free all the while."""
        busy = self.busy[max(0, start) : start + length]
        return not busy or max(busy) + number <= self.size


@dataclass(slots=True)
class Board:
    """Rows of loaders, packers, adders and of each class of pots over `units` time units."""

    units: int
    loaders: Crowd
    packers: Crowd
    adders: Crowd
    pots: list[Crowd]

    def occupy(self, task: Task, load: int, pot_class: int, by: int = 1) -> None:
        """Everything of a task but its packing; `by` -1 takes it off again."""
        self.pots[pot_class].take(load, task.pot_length, by)
        self.loaders.take(load, task.load, by)
        if task.add:
            self.adders.take(load + task.add_offset, task.add, by * task.adders)

    def pack(self, task: Task, packs: Sequence[int], by: int = 1) -> None:
        """The packings of a task."""
        for start, length in zip(packs, task.packs, strict=True):
            self.packers.take(start, length, by)


def new_board(tasks: Tasks) -> Board:
    """An empty board on which the tasks already in their pots are entered, packing excepted."""
    longest = max((task.pot_length for task in tasks.tasks), default=0)
    units = tasks.horizon + longest + 1
    full = (1 << units) - 1
    crew = tasks.problem.crew

    def crowd(size: int) -> Crowd:
        return Crowd(size, [0] * units, full if size else 0)

    pots = [crowd(len(each)) for each in tasks.classes]
    board = Board(units, crowd(crew.loaders), crowd(crew.packers), crowd(crew.adders), pots)
    for task in tasks.tasks:
        if task.in_pot:
            board.occupy(task, task.first_load, task.classes[0])
    return board


def runs(mask: int, length: int) -> int:
    """Bits at which `length` set bits in a row begin (length 0: the mask of every unit, here -1)."""
    if length == 0:
        return -1
    have = 1
    while have < length:
        step = min(have, length - have)
        mask &= mask >> step
        have += step
    return mask


def spread(mask: int, width: int) -> int:
    """Bits from which a set bit lies at most `width` units ahead."""
    have = 1
    while have < width + 1:
        step = min(have, width + 1 - have)
        mask |= mask >> step
        have += step
    return mask


def shifted(mask: int, offset: int) -> int:
    """Bits t for which bit t + offset is set; -1 (everything) stays."""
    return mask >> offset if offset >= 0 else mask << -offset


def lowest(mask: int) -> int:
    """Position of the lowest set bit; the mask must not be 0."""
    return (mask & -mask).bit_length() - 1
