"""Days in a row: while one is lived, its doctors write the next."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from web.demo.day import Day, Effort, Lived, write_day
from web.demo.faults import Trouble, faults_of_day
from web.demo.photographs import Photographs
from web.demo.town import Town

Evening = Callable[[Town, list[int], Lived], None]


@dataclass(frozen=True)
class DayOrder:
    """What one day is asked to be.

    Args:
        day: The county date on which it is cooked and delivered.
        prescriptions: How many patients the doctors see the afternoon before.
        trouble: How much goes wrong.
        tag: Makes the forms' keys of this day its own.
    """

    day: date
    prescriptions: int
    trouble: Trouble
    tag: str


def live_days(
    town: Town,
    photographs: Photographs,
    orders: Sequence[DayOrder],
    effort: Effort,
    evening: Evening,
    then: DayOrder | None = None,
) -> list[int]:
    """Live days from the first patient of the first to the last door of the last.

    Args:
        town: The county; its clock is moved on.
        photographs: One for each visit.
        orders: The days, one after another.
        effort: Of their plans.
        evening: Given the county on a day that is over, its prescriptions and what came of it.
        then: A day that is written in the afternoon of the last, and not lived.

    Returns:
        The prescriptions of that day.
    """
    written = _write(town, photographs, orders[0])
    for order, following in zip(orders, [*orders[1:], then], strict=True):
        today = replace(town, day=order.day)
        lived = Day(
            today,
            effort,
            order.tag,
            faults_of_day(photographs, order.trouble, order.tag),
            order.trouble.absent,
            partial(_write, town, photographs, following),
        ).live()
        evening(today, [*written, *lived.late], lived)
        written = lived.tomorrow
    return written


def _write(town: Town, photographs: Photographs, order: DayOrder | None) -> list[int]:
    if order is None:
        return []
    return write_day(replace(town, day=order.day), photographs, order.prescriptions, order.tag)
