"""The road lengths and times that a day file asks for."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from dispatch.day_file.forms import DayForm, GreatCircleForm, MatrixForm, OsmForm, OsrmForm, Row
from dispatch.formats import FormatError
from dispatch.problem import Day
from dispatch.roads import GreatCircle, RoadSettings, RoadsUnusableError, travel_for
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
    if isinstance(asked, MatrixForm):  # noqa: SIM108 (the line would be too long)
        travel = _tables(day, asked)
    else:
        travel = _from_map(form, asked, day, folder)
    _refuse_cut_off(form, travel)
    return travel


def _great_circle(day: Day, asked: GreatCircleForm) -> Travel:
    kinds = {each.kind for each in day.vehicles}
    made = travel_for(GreatCircle(asked.winding_factor), day.centre, day.villages, kinds)
    van = great_circle_travel(day.centre, day.villages, day.travel)
    return replace(made, metres=van.metres, minutes=van.minutes)


def _from_map(form: DayForm, asked: OsmForm | OsrmForm, day: Day, folder: Path) -> Travel:
    try:
        if isinstance(asked, OsmForm):
            closures = str(folder / asked.closures) if asked.closures else ""
            settings = RoadSettings(f"osm:{folder / asked.file}", snap_m=asked.snap_m, closures=closures)
        else:
            settings = RoadSettings(
                f"osrm:{asked.url}", osrm_motorbike=asked.motorbike_url, osrm_foot=asked.foot_url
            )
        kinds = {each.kind for each in day.vehicles}
        return travel_for(settings.provider(), day.centre, day.villages, kinds, form.date)
    except (RoadsUnusableError, ValueError) as error:
        raise FormatError(f"travel: {' '.join(str(error).split())}") from error


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
    """Refuse roads that do not reach a place with orders; a road closed today is no fault of the file."""
    rows = travel.index()
    wanted = {order.village for order in form.orders}
    reasons = {each.place_id: each for each in travel.unreachable}
    for at, place in enumerate(form.places):
        reason = reasons.get(place.id)
        is_closed = not place.road or (reason is not None and reason.code == "closed")
        if place.id in wanted and not is_closed and not travel.connected(rows[place.id]):
            why = f": {reason.en}" if reason is not None else ""
            raise FormatError(f"places[{at}]: no road leads from the centre to {place.id!r} and back{why}")
