"""The wall board of a day: who and what is busy when. Every row is one Python int, a bit for each time unit.

Shifting and masking whole rows answers "where are d free units in a row" in a few machine operations, which
makes a full list schedule of 170 jobs a matter of milliseconds.
"""

from dataclasses import dataclass

from dispatch.decoction.tasks import Task, Tasks


@dataclass(slots=True)
class Crowd:
    """Several equal people: how many are busy in each unit, and the mask of units in which one is free."""

    size: int
    busy: list[int]
    free: int

    def take(self, start: int, length: int) -> None:
        """Occupy one person; units outside the board are past or irrelevant and are skipped."""
        for unit in range(max(0, start), min(len(self.busy), start + length)):
            self.busy[unit] += 1
            if self.busy[unit] >= self.size:
                self.free &= ~(1 << unit)


@dataclass(slots=True)
class Board:
    """Rows of loaders, packers, adders and pots over `units` time units."""

    units: int
    loaders: Crowd
    packers: Crowd
    adders: Crowd
    pots: list[int]

    def take_pot(self, pot: int, start: int, length: int) -> None:
        """Occupy a pot."""
        first = max(0, start)
        length = start + length - first
        if length > 0:
            self.pots[pot] &= ~(((1 << length) - 1) << first)

    def take(self, task: Task, load: int, pack: int, pot: int) -> None:
        """Put a task on the board."""
        self.occupy_pot(task, load, pot)
        self.packers.take(pack, task.pack)

    def occupy_pot(self, task: Task, load: int, pot: int) -> None:
        """Everything of a task but its packing."""
        self.take_pot(pot, load, task.pot_length)
        self.loaders.take(load, task.load)
        self.adders.take(load + task.add_offset, task.add)


def new_board(tasks: Tasks) -> Board:
    """An empty board on which the tasks already in their pots are entered, packing excepted."""
    longest = max((task.pot_length for task in tasks.tasks), default=0)
    units = tasks.horizon + longest + 1
    full = (1 << units) - 1
    crew = tasks.problem.crew

    def crowd(size: int) -> Crowd:
        return Crowd(size, [0] * units, full if size else 0)

    board = Board(
        units, crowd(crew.loaders), crowd(crew.packers), crowd(crew.adders), [full] * len(tasks.problem.pots)
    )
    for task in tasks.tasks:
        if task.in_pot:
            board.occupy_pot(task, task.first_load, task.pots[0])
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
