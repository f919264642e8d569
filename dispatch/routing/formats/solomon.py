"""Solomon's form (1987), also used by Gehring and Homberger (1999).

Distances are floor(10 x euclid), times and services ten times what is written.
"""

import re
from collections.abc import Sequence

from dispatch.formats import FormatError
from dispatch.routing.formats.figures import MOST_CLIENTS, amount, coordinate, refuse_twice
from dispatch.routing.instance import Client, Depot, Instance, VehicleType, euclidean

_SCALE = 10
_COLUMNS = ("CUST NO.", "XCOORD.", "YCOORD.", "DEMAND", "READY TIME", "DUE DATE", "SERVICE TIME")
# The form does not say how many customers follow; the names of the two published sets do.
_PUBLISHED = re.compile(r"(?:R|C|RC)[12](?:\d\d|_(?P<hundreds>2|4|6|8|10)_(?:10|[1-9]))", re.IGNORECASE)
_SOLOMON_SIZES = (25, 50, 100)

Row = tuple[int, list[str]]


def read_solomon(lines: Sequence[str]) -> Instance:
    """Read an instance.

    Args:
        lines: of the file.

    Raises:
        FormatError: naming line and field.
    """
    rows = [(number, line.split()) for number, line in enumerate(lines, 1) if line.strip()]
    name = " ".join(rows[0][1])
    at = _find(rows, "VEHICLE", 1, len(lines))
    customers = _find(rows, "CUSTOMER", at + 1, len(lines))
    vehicles = _vehicles(rows[at + 1 : customers], rows[at][0])
    body = [row for row in rows[customers + 1 :] if not row[1][0].upper().startswith("CUST")]
    if len(body) < 2:
        raise FormatError(f"line {len(lines)}: CUSTOMER: the depot and at least one client are expected")
    if len(body) > MOST_CLIENTS + 1:
        raise FormatError(f"line {body[-1][0]}: CUSTOMER: more than {MOST_CLIENTS} clients")
    for line, cells in body:
        if len(cells) != len(_COLUMNS):
            raise FormatError(
                f"line {line}: CUSTOMER: {len(_COLUMNS)} figures are expected, got {len(cells)}"
            )
    _refuse_cut(name, body, lines)
    numbers = [(line, amount(cells[0], line, _COLUMNS[0])) for line, cells in body]
    refuse_twice(numbers, _COLUMNS[0])
    for wanted, (line, number) in enumerate(numbers):
        if number != wanted:
            raise FormatError(f"line {line}: CUST NO.: {wanted} is expected, got {number}")
    places = [(coordinate(c[1], line, "XCOORD."), coordinate(c[2], line, "YCOORD.")) for line, c in body]
    line, cells = body[0]
    if amount(cells[3], line, "DEMAND") or amount(cells[6], line, "SERVICE TIME", scale=_SCALE):
        raise FormatError(f"line {line}: DEMAND: the depot, number 0, must have neither demand nor service")
    matrix = euclidean(places, scale=_SCALE, nearest=False)
    clients = tuple(_client(*row) for row in body[1:])
    return Instance(name, Depot(*_window(line, cells)), clients, (vehicles,), matrix, matrix, tuple(places))


def _find(rows: Sequence[Row], heading: str, start: int, last_line: int) -> int:
    for at in range(start, len(rows)):
        if rows[at][1][0].upper() == heading:
            return at
    raise FormatError(f"line {last_line}: {heading}: the heading is missing, is the file cut?")


def _vehicles(rows: Sequence[Row], line: int) -> VehicleType:
    for at, cells in rows:
        if cells[0].upper() != "NUMBER":
            if len(cells) != 2:
                raise FormatError(f"line {at}: VEHICLE: number and capacity are expected")
            count = amount(cells[0], at, "VEHICLE NUMBER", low=1)
            return VehicleType("vehicle", count, (amount(cells[1], at, "CAPACITY", low=1),))
    raise FormatError(f"line {line}: VEHICLE: number and capacity are missing")


def _window(line: int, cells: Sequence[str]) -> tuple[int, int]:
    first = amount(cells[4], line, "READY TIME", scale=_SCALE)
    last = amount(cells[5], line, "DUE DATE", scale=_SCALE)
    if last < first:
        raise FormatError(f"line {line}: DUE DATE: {cells[5]} is before READY TIME {cells[4]}")
    return first, last


def _client(line: int, cells: Sequence[str]) -> Client:
    return Client(
        number=int(cells[0]),
        demand=(amount(cells[3], line, "DEMAND"),),
        service=amount(cells[6], line, "SERVICE TIME", scale=_SCALE),
        windows=(_window(line, cells),),
    )


def _refuse_cut(name: str, body: Sequence[Row], lines: Sequence[str]) -> None:
    """Refuse the mere beginning of a file: published names tell the size, the columns the width."""
    clients = len(body) - 1
    found = _PUBLISHED.fullmatch(name)
    if found is not None:
        hundreds = found["hundreds"]
        sizes = (int(hundreds) * 100,) if hundreds else _SOLOMON_SIZES
        if clients > _SOLOMON_SIZES[0] and clients not in sizes:
            wanted = " or ".join(map(str, sizes))
            raise FormatError(
                f"line {body[-1][0]}: CUSTOMER: {name} has {wanted} clients, {clients} are here"
            )
    if body[-1][0] == len(lines) and clients > 1:
        before = lines[body[-2][0] - 1]
        if len(lines[-1].rstrip()) < len(before.rstrip()) and len(before) == len(lines[body[-2][0] - 2]):
            raise FormatError(
                f"line {len(lines)}: SERVICE TIME: the line is shorter than those before, is it cut?"
            )
