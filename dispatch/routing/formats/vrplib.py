"""The VRPLIB form: CVRP, VRPTW, heterogeneous fleets, several trips with release times.

With time windows or release times, distances are floor(10 x euclid) and times ten times what is written;
without, distances are rounded to the nearest whole number. Costs of a fleet stay in the file's units.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from dispatch.formats import FormatError
from dispatch.routing.formats.figures import MOST_CLIENTS, amount, coordinate, refuse_twice
from dispatch.routing.instance import ALWAYS, Client, Depot, Instance, VehicleType, euclidean

_TIMES = 10
_FIGURES = ("DIMENSION", "VEHICLES", "CAPACITY", "SERVICE_TIME")
_WORDS = ("NAME", "COMMENT", "TYPE", "EDGE_WEIGHT_TYPE", "NODE_COORD_TYPE", "DISPLAY_DATA_TYPE")
# Figures on each line after its number; None is one or more.
_BY_NODE: dict[str, int] = {
    "NODE_COORD_SECTION": 2,
    "DEMAND_SECTION": 1,
    "TIME_WINDOW_SECTION": 2,
    "SERVICE_TIME_SECTION": 1,
    "RELEASE_TIME_SECTION": 1,
}
_BY_VEHICLE: dict[str, int] = {
    "CAPACITY_SECTION": 1,
    "VEHICLES_FIXED_COST_SECTION": 1,
    "VEHICLES_UNIT_DISTANCE_COST_SECTION": 1,
    "VEHICLES_MAX_DISTANCE_SECTION": 1,
    "VEHICLES_RELOAD_DEPOT_SECTION": 1,
}

Row = tuple[int, list[str]]


@dataclass(slots=True)
class _File:
    """Headers as (line, value), sections as the line of their heading and their rows."""

    last_line: int
    headers: dict[str, tuple[int, str]] = field(default_factory=dict)
    sections: dict[str, tuple[int, list[Row]]] = field(default_factory=dict)

    def figure(self, key: str, *, low: int = 0, scale: int = 1) -> int | None:
        if key not in self.headers:
            return None
        line, value = self.headers[key]
        return amount(value, line, key, low=low, scale=scale)

    def rows(self, section: str, count: int, figures: int, what: str) -> list[Row] | None:
        """The rows of a section, 1..count in order, their number left out; None where it is absent."""
        if section not in self.sections:
            return None
        heading, rows = self.sections[section]
        for line, cells in rows:
            if len(cells) != figures + 1:
                raise FormatError(
                    f"line {line}: {section}: {figures + 1} figures are expected, got {len(cells)}"
                )
        numbers = [(line, amount(cells[0], line, f"{section} {what}", low=1)) for line, cells in rows]
        refuse_twice(numbers, f"{section} {what}")
        if len(rows) != count:
            line = rows[-1][0] if rows else heading
            raise FormatError(f"line {line}: {section}: {count} lines are expected, {len(rows)} are here")
        for wanted, (line, number) in enumerate(numbers, 1):
            if number != wanted:
                raise FormatError(f"line {line}: {section} {what}: {wanted} is expected, got {number}")
        return [(line, cells[1:]) for line, cells in rows]

    def needed(self, section: str, count: int) -> list[Row]:
        found = self.rows(section, count, _BY_NODE[section], "node")
        if found is None:
            raise FormatError(f"line {self.last_line}: {section}: the section is missing")
        return found


def read_vrplib(lines: Sequence[str], name: str) -> Instance:
    """Read an instance.

    Args:
        lines: of the file.
        name: where the file has none.

    Raises:
        FormatError: naming line and field.
    """
    file = _split(lines)
    kind = file.headers.get("EDGE_WEIGHT_TYPE", (file.last_line, "EUC_2D"))
    if kind[1].upper() != "EUC_2D":
        raise FormatError(f"line {kind[0]}: EDGE_WEIGHT_TYPE: EUC_2D is expected, got {kind[1]!r}")
    size = file.figure("DIMENSION", low=2)
    if size is None:
        raise FormatError(f"line {file.last_line}: DIMENSION: the field is missing")
    if size > MOST_CLIENTS + 1:
        raise FormatError(f"line {file.headers['DIMENSION'][0]}: DIMENSION: more than {MOST_CLIENTS} clients")
    places = [
        (
            coordinate(cells[0], line, "NODE_COORD_SECTION x"),
            coordinate(cells[1], line, "NODE_COORD_SECTION y"),
        )
        for line, cells in file.needed("NODE_COORD_SECTION", size)
    ]
    timed = "TIME_WINDOW_SECTION" in file.sections or "RELEASE_TIME_SECTION" in file.sections
    scale = _TIMES if timed else 1
    _check_depot(file)
    depot, clients = _clients(file, size, scale)
    matrix = euclidean(places, scale=scale, nearest=not timed)
    fleet = _fleet(file, len(clients), scale)
    title = file.headers.get("NAME", (0, name))[1]
    return Instance(title, depot, clients, fleet, matrix, matrix, tuple(places))


def _split(lines: Sequence[str]) -> _File:
    """Headers and sections; what is not known is refused, because leaving it out would change the problem."""
    file = _File(len(lines))
    rows: list[Row] | None = None
    for line, text in enumerate(lines, 1):
        cells = text.split()
        if not cells:
            continue
        key = text.partition(":")[0].strip().upper()
        if key == "EOF":
            return file
        if key.endswith("_SECTION"):
            if key in file.sections:
                raise FormatError(f"line {line}: {key}: stands on line {file.sections[key][0]} already")
            if key not in _BY_NODE and key not in _BY_VEHICLE and key != "DEPOT_SECTION":
                raise FormatError(f"line {line}: {key[:40]}: this section is not supported")
            rows = []
            file.sections[key] = (line, rows)
        elif ":" in text:
            if key not in _FIGURES and key not in _WORDS:
                raise FormatError(f"line {line}: {key[:40]}: this field is not supported")
            if key in file.headers:
                raise FormatError(f"line {line}: {key}: stands on line {file.headers[key][0]} already")
            file.headers[key] = (line, text.partition(":")[2].strip().strip('"'))
        elif rows is None:
            raise FormatError(f"line {line}: {cells[0][:40]}: a field with a colon or a section is expected")
        else:
            rows.append((line, cells))
    raise FormatError(f"line {len(lines)}: EOF: the file ends before it, is it cut?")


def _check_depot(file: _File) -> None:
    if "DEPOT_SECTION" not in file.sections:
        raise FormatError(f"line {file.last_line}: DEPOT_SECTION: the section is missing")
    heading, rows = file.sections["DEPOT_SECTION"]
    cells = [(line, cell) for line, row in rows for cell in row if cell != "-1"]
    if len(cells) != 1 or cells[0][1] != "1":
        line = cells[0][0] if cells else heading
        raise FormatError(f"line {line}: DEPOT_SECTION: one depot, node 1, is expected")


def _column(
    file: _File, section: str, size: int, convert: Callable[[str, int, str], int], default: int
) -> list[int]:
    rows = file.rows(section, size, 1, "node")
    if rows is None:
        return [default] * size
    return [convert(cells[0], line, section) for line, cells in rows]


def _clients(file: _File, size: int, scale: int) -> tuple[Depot, tuple[Client, ...]]:
    file.needed("DEMAND_SECTION", size)
    demands = _column(file, "DEMAND_SECTION", size, amount, 0)

    def time(token: str, line: int, name: str) -> int:
        return amount(token, line, name, scale=scale)

    services = _column(
        file, "SERVICE_TIME_SECTION", size, time, file.figure("SERVICE_TIME", scale=scale) or 0
    )
    releases = _column(file, "RELEASE_TIME_SECTION", size, time, 0)
    rows = file.rows("TIME_WINDOW_SECTION", size, 2, "node")
    windows = [ALWAYS[0]] * size
    for at, (line, cells) in enumerate(rows or ()):
        first, last = (time(cell, line, "TIME_WINDOW_SECTION") for cell in cells)
        if last < first:
            raise FormatError(f"line {line}: TIME_WINDOW_SECTION: {cells[1]} is before {cells[0]}")
        windows[at] = (first, last)
    if demands[0] or releases[0]:
        heading = file.sections["DEMAND_SECTION"][0]
        raise FormatError(f"line {heading + 1}: DEMAND_SECTION: the depot has neither demand nor release")
    clients = tuple(
        Client(node, (demands[node],), services[node], (windows[node],), releases[node])
        for node in range(1, size)
    )
    return Depot(*windows[0]), clients


def _fleet(file: _File, clients: int, scale: int) -> tuple[VehicleType, ...]:
    """Vehicles that are alike as one type, types in the order of their first vehicle."""
    by_vehicle = {key: rows for key, (_, rows) in file.sections.items() if key in _BY_VEHICLE}
    count = file.figure("VEHICLES", low=1)
    if count is None:
        # CVRP sets no limit: a vehicle for each client is always enough.
        count = max((len(rows) for rows in by_vehicle.values()), default=clients)
    if count > 100_000 or (by_vehicle and count < 1):
        raise FormatError(f"line {file.headers['VEHICLES'][0]}: VEHICLES: 1 to 100000 is expected")
    columns: dict[str, list[int]] = {}
    for section in by_vehicle:
        low = 1 if section in ("CAPACITY_SECTION", "VEHICLES_RELOAD_DEPOT_SECTION") else 0
        times = scale if section == "VEHICLES_MAX_DISTANCE_SECTION" else 1
        found = file.rows(section, count, 1, "vehicle") or []
        columns[section] = [amount(cells[0], line, section, low=low, scale=times) for line, cells in found]
        if section == "VEHICLES_RELOAD_DEPOT_SECTION" and set(columns[section]) - {1}:
            raise FormatError(f"line {found[0][0]}: {section}: one depot, node 1, is expected")
    capacity = file.figure("CAPACITY", low=1)
    if capacity is None and "CAPACITY_SECTION" not in columns:
        raise FormatError(f"line {file.last_line}: CAPACITY: the field is missing")
    reloads = "VEHICLES_RELOAD_DEPOT_SECTION" in columns or "RELEASE_TIME_SECTION" in file.sections
    most = min(1000, clients) if reloads else 1

    def one(vehicle: int) -> tuple[int, int, int, int | None]:
        row = {section: values[vehicle] for section, values in columns.items()}
        return (
            row.get("CAPACITY_SECTION", capacity or 0),
            row.get("VEHICLES_FIXED_COST_SECTION", 0),
            row.get("VEHICLES_UNIT_DISTANCE_COST_SECTION", 1),
            row.get("VEHICLES_MAX_DISTANCE_SECTION"),
        )

    alike: dict[tuple[int, int, int, int | None], int] = {}
    for vehicle in range(count):
        alike[one(vehicle)] = alike.get(one(vehicle), 0) + 1
    return tuple(
        VehicleType(f"type {at}", number, (load,), fixed, unit, max_distance=longest, max_trips=most)
        for at, ((load, fixed, unit, longest), number) in enumerate(alike.items())
    )
