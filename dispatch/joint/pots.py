"""The pots' side of a joint plan: a list schedule that follows the trips, packing as late as they allow."""

from collections.abc import Sequence
from dataclasses import dataclass

from dispatch.decoction.board import Board, new_board, runs, shifted, spread
from dispatch.decoction.listing import Placing, earliest, grid_mask, put
from dispatch.decoction.tasks import Task, Tasks
from dispatch.joint.loads import NEVER_MIN, Loads


@dataclass(slots=True)
class Cooked:
    """A schedule in the making.

    Attributes:
        placings: for each load, None where it found no room.
        board: who and what is busy when.
        ready: for every order of the day the minute of its packing, NEVER_MIN where it has none.
    """

    placings: list[Placing | None]
    board: Board
    ready: list[int]


def cook(loads: Loads, wanted: Sequence[float]) -> Cooked:
    """A list schedule in the order in which loads must begin to be packed when their trips want them.

    Args:
        loads: the day's.
        wanted: for every order the minute at which it should be packed.
    """
    tasks = loads.tasks
    keys = [
        min(urgent, minute - (task.pack_window[0] + max(task.packs)) * tasks.unit_min)
        for task, minute, urgent in zip(tasks.tasks, loads.first_wanted(wanted), loads.urgent, strict=True)
    ]
    order = sorted(range(len(keys)), key=keys.__getitem__)
    board = new_board(tasks)
    grid = grid_mask(board.units, tasks.step)
    placings: list[Placing | None] = [None] * len(keys)
    # What is in a pot must be packed whatever comes: it chooses first.
    for index in [*loads.in_pots, *(each for each in order if not tasks.tasks[each].in_pot)]:
        task = tasks.tasks[index]
        placing = earliest(tasks, board, grid, task)
        if placing is not None:
            put(board, task, placing)
        placings[index] = placing
    return Cooked(placings, board, loads.ready(placings))


def postpone(loads: Loads, cooked: Cooked, wanted: Sequence[float]) -> Cooked:
    """The same loads, each begun as late as its trips and the others allow: bags wait less.

    Args:
        loads: the day's.
        cooked: a schedule; it is changed.
        wanted: for every order the minute by which it must be packed.
    """
    tasks, board, placings = loads.tasks, cooked.board, cooked.placings
    grid = grid_mask(board.units, tasks.step)
    first = loads.first_wanted(wanted)
    last_first = sorted(
        (-placing.packs[0], index)
        for index, placing in enumerate(placings)
        if placing is not None and loads.movable[index]
    )
    for _, index in last_first:
        placing, task = placings[index], tasks.tasks[index]
        if placing is None or first[index] >= NEVER_MIN:
            continue
        last = min(int(first[index]) // tasks.unit_min, tasks.horizon) - task.packs[0]
        if last <= placing.packs[0]:
            continue
        put(board, task, placing, -1)
        later = _latest(tasks, board, grid, task, placing, last)
        placings[index] = later
        put(board, task, later)
    cooked.ready = loads.ready(placings)
    return cooked


def _latest(tasks: Tasks, board: Board, grid: int, task: Task, now: Placing, last_pack: int) -> Placing:
    """The latest place with its packing no later than `last_pack`, in a pot of the same class."""
    low, high = task.pack_window
    packs = runs(board.packers.free, task.packs[0]) & grid & ((1 << (last_pack + 1)) - 1)
    starts = ((1 << (min(task.last_load, last_pack - low) + 1)) - 1) >> now.load << now.load & grid
    starts &= runs(board.loaders.free, task.load) & runs(board.pots[now.pot_class].free, task.pot_length)
    if task.add:
        starts &= shifted(runs(board.adders.free, task.add), task.add_offset)
    starts &= shifted(spread(packs, high - low), low)
    if not starts:
        return now
    load = starts.bit_length() - 1
    pack = (packs & ((1 << (load + high + 1)) - 1)).bit_length() - 1
    return Placing(load, (pack,), now.pot_class) if pack > now.packs[0] else now
