"""Which pot of its class each load gets: any that is free, in the order of starts (interval colouring)."""

from collections.abc import Sequence

from dispatch.decoction.listing import Placing
from dispatch.decoction.tasks import Tasks


def assign(tasks: Tasks, placings: Sequence[Placing | None]) -> list[int | None]:
    """Index of the pot of every placed task.

    Taken in the order of their starts, a load always finds a pot free as long as no more loads overlap than
    the class has pots; what is in a pot already began before everything else and stays there.

    Args:
        tasks: the problem in units.
        placings: one for each task.
    """
    given: list[int | None] = [None] * len(placings)
    free_at = [0] * len(tasks.problem.pots)
    for index, task in enumerate(tasks.tasks):
        if task.pot is not None:
            given[index] = task.pot
            free_at[task.pot] = max(free_at[task.pot], task.first_load + task.pot_length)
    waiting = [
        (placing.load, index, placing.pot_class)
        for index, placing in enumerate(placings)
        if placing is not None and given[index] is None
    ]
    for load, index, pot_class in sorted(waiting):
        pot = next(each for each in tasks.classes[pot_class] if free_at[each] <= load)
        free_at[pot] = load + tasks.tasks[index].pot_length
        given[index] = pot
    return given
