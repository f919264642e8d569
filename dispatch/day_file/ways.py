"""The road lengths and times that a day file asks for."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from dispatch.day_file.forms import DayForm, GreatCircleForm, MatrixForm, Row
from dispatch.formats import FormatError
from dispatch.problem import Day
from dispatch.roads.great_circle import GreatCircle
from dispatch.roads.provider import travel_for
from dispatch.travel import UNREACHABLE, IntMatrix, Travel, great_circle_travel


def travel_of(form: DayForm, day: Day, folder: Path) -> Travel:
    """The matrices of a day.

    Args:
        form: the file.
        day: its problem.
        folder: where the paths of the file begin.

    Raises:
        FormatError: naming the field: a table of another size, roads that do not lead to a place with orders
            and back, a file or a server that cannot be used.
    """
    asked = form.travel
    if isinstance(asked, GreatCircleForm):
        return _great_circle(day, asked)
    if isinstance(asked, MatrixForm):
        travel = _tables(day, asked)
    else:
        raise FormatError("travel.provider: cannot be used yet")
    _refuse_cut_off(form, travel)
    return travel


def _great_circle(day: Day, asked: GreatCircleForm) -> Travel:
    kinds = {each.kind for each in day.vehicles}
    made = travel_for(GreatCircle(asked.winding_factor), day.centre, day.villages, kinds)
    van = great_circle_travel(day.centre, day.villages, day.travel)
    return replace(made, metres=van.metres, minutes=van.minutes)


def _tables(day: Day, asked: MatrixForm) -> Travel:
    size = len(day.villages) + 1
    metres, minutes = _table("metres", asked.metres, size), _table("minutes", asked.minutes, size)
    closed = np.array([False, *(not each.has_road for each in day.villages)])
    lost = closed[:, None] | closed[None, :]
    metres[lost] = minutes[lost] = UNREACHABLE
    for row, column in np.argwhere((metres == UNREACHABLE) != (minutes == UNREACHABLE)).tolist():
        raise FormatError(
            f"travel.minutes[{row}][{column}]: metres and minutes disagree on whether there is a way"
        )
    return Travel(
        (day.centre.id, *(each.id for each in day.villages)), metres, minutes, source="tables of the day"
    )


def _table(name: str, rows: Sequence[Row], size: int) -> IntMatrix:
    if len(rows) != size:
        raise FormatError(f"travel.{name}: {size} rows are expected (the centre first), {len(rows)} are here")
    for at, row in enumerate(rows):
        if len(row) != size:
            raise FormatError(f"travel.{name}[{at}]: {size} figures are expected, {len(row)} are here")
    matrix = np.array(
        [[UNREACHABLE if cell is None else cell for cell in row] for row in rows], dtype=np.int64
    )
    np.fill_diagonal(matrix, 0)
    return matrix


def _refuse_cut_off(form: DayForm, travel: Travel) -> None:
    """Refuse roads that do not reach a place that has one by its own word and that an order goes to."""
    rows = travel.index()
    wanted = {order.village for order in form.orders}
    for at, place in enumerate(form.places):
        if place.id in wanted and place.road and not travel.connected(rows[place.id]):
            why = next((f": {each.en}" for each in travel.unreachable if each.place_id == place.id), "")
            raise FormatError(f"places[{at}]: no road leads from the centre to {place.id!r} and back{why}")
