"""The county's own list of closed roads: a CSV file that people keep beside the map.

Columns: `way` (OpenStreetMap id) or `lon_a, lat_a, lon_b, lat_b` (the road between two points); `from` and
`to` (YYYY-MM-DD, or MM-DD for every year, both included); `reason`. Optional: `kinds` (separated by spaces,
all when empty) and `crs` of the points (WGS-84 when empty, GCJ-02).
"""

import csv
import hashlib
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np

from dispatch.county import VEHICLE_KINDS, VehicleKind
from dispatch.roads.gcj02 import CRS, to_wgs84
from dispatch.roads.graph import nearest_node, shortest_stretch
from dispatch.roads.network import Bools, Network
from dispatch.roads.provider import RoadsUnusableError
from dispatch.roads.seasons import Span
from dispatch.travel import great_circle_m

_COLUMNS: Final = frozenset({"from", "to", "reason"})
_POINTS: Final = ("lon_a", "lat_a", "lon_b", "lat_b")
_DAY: Final = re.compile(r"^(?:(\d{4})-)?(\d{2})-(\d{2})$")
# A leap year, so that 02-29 of every year is a day.
_ANY_YEAR: Final = 2024
# The road between two points may wind so much; beyond, the points do not lie on one road.
_MOST_WINDING: Final = 3.0


@dataclass(frozen=True, slots=True)
class Closure:
    """One closed road.

    Attributes:
        where: file and line, for messages.
        span: the days it is closed on.
        kinds: of vehicles that cannot pass.
        reason: in the county's words.
        way_id: of the OpenStreetMap way, or None.
        points: (lon, lat, lon, lat) of the closed stretch's ends in WGS-84, or None.
    """

    where: str
    span: Span
    kinds: tuple[VehicleKind, ...]
    reason: str
    way_id: int | None = None
    points: tuple[float, float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class ClosureList:
    """What a file of closures says, and its SHA-256 ("" without a file)."""

    closures: tuple[Closure, ...] = ()
    sha256: str = ""

    def on(self, kind: VehicleKind, day: date | None) -> tuple[Closure, ...]:
        """Those that stop a kind of vehicle on a day; none for None."""
        if day is None:
            return ()
        return tuple(each for each in self.closures if kind in each.kinds and each.span.covers(day))


def read_closures(path: Path) -> ClosureList:
    """Read the county's list.

    Raises:
        RoadsUnusableError: naming file, line and column.
    """
    try:
        content = path.read_bytes()
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise RoadsUnusableError(f"the closures {path} cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise RoadsUnusableError(f"the closures {path} are not UTF-8 at byte {error.start}") from None
    reader = csv.DictReader(io.StringIO(text, newline=""))
    found: list[Closure] = []
    try:
        missing = sorted(_COLUMNS - set(reader.fieldnames or ()))
        if missing:
            raise RoadsUnusableError(f"the closures {path} have no column {missing[0]}")
        for row in reader:
            given = {key: (value or "").strip() for key, value in row.items() if isinstance(key, str)}
            found.append(_closure(given, f"{path}, line {reader.line_num}"))
    except (ValueError, csv.Error) as error:
        raise RoadsUnusableError(f"{path}, line {reader.line_num}: {error}") from None
    return ClosureList(tuple(found), hashlib.sha256(content).hexdigest())


def closed_segments(network: Network, closures: tuple[Closure, ...], snap_m: float) -> Bools:
    """(segments,) which segments the closures close.

    Args:
        network: the map.
        closures: those in force.
        snap_m: how far a point may lie from the road it means.

    Raises:
        RoadsUnusableError: when a closure fits no road of the map; a closed road that silently stays open
            would send a courier into the water.
    """
    closed = np.zeros(len(network.tail), dtype=bool)
    for closure in closures:
        stretch = (
            _of_way(network, closure) if closure.way_id is not None else _between(network, closure, snap_m)
        )
        closed |= stretch
    return closed


def _of_way(network: Network, closure: Closure) -> Bools:
    found = np.asarray(network.way_ids[network.way] == closure.way_id)
    if not found.any():
        raise RoadsUnusableError(f"{closure.where}: way {closure.way_id} is no road of the map")
    return found


def _between(network: Network, closure: Closure, snap_m: float) -> Bools:
    if closure.points is None:
        raise ValueError(f"{closure.where}: neither a way nor points")
    lon_a, lat_a, lon_b, lat_b = closure.points
    nodes: list[int] = []
    for end, lon, lat in (("a", lon_a, lat_a), ("b", lon_b, lat_b)):
        node, metres = nearest_node(network, lon, lat)
        if metres > snap_m:
            raise RoadsUnusableError(
                f"{closure.where}: point {end} lies {metres:.0f} m from any road, more than {snap_m:g} m"
            )
        nodes.append(node)
    if nodes[0] == nodes[1]:
        raise RoadsUnusableError(f"{closure.where}: both points lie at the same point of a road")
    line_m = great_circle_m(lon_a, lat_a, lon_b, lat_b)
    stretch = shortest_stretch(network, nodes[0], nodes[1], _MOST_WINDING * line_m + 2 * snap_m)
    if stretch is None:
        raise RoadsUnusableError(f"{closure.where}: the two points do not lie on one road")
    return stretch


def _closure(row: Mapping[str, str], where: str) -> Closure:
    kinds = tuple(row.get("kinds", "").split()) or VEHICLE_KINDS
    wrong = [kind for kind in kinds if kind not in VEHICLE_KINDS]
    if wrong:
        raise ValueError(f"kinds must be of {', '.join(VEHICLE_KINDS)}, got {wrong[0]!r}")
    if not row["reason"]:
        raise ValueError("reason is empty")
    way, points = row.get("way", ""), [row.get(each, "") for each in _POINTS]
    if bool(way) == any(points):
        raise ValueError("either way or lon_a, lat_a, lon_b, lat_b must be given, and not both")
    return Closure(
        where=where,
        span=_span(row["from"], row["to"]),
        kinds=tuple(kind for kind in VEHICLE_KINDS if kind in kinds),
        reason=row["reason"],
        way_id=_whole(way) if way else None,
        points=None if way else _points(points, row.get("crs", "")),
    )


def _points(texts: list[str], crs: str) -> tuple[float, float, float, float]:
    try:
        lon_a, lat_a, lon_b, lat_b = (float(text) for text in texts)
    except ValueError:
        raise ValueError("lon_a, lat_a, lon_b, lat_b must be four numbers") from None
    known = next((each for each in CRS if each == (crs or "WGS-84")), None)
    if known is None:
        raise ValueError(f"crs must be one of {', '.join(CRS)}, got {crs!r}")
    return (*to_wgs84(lon_a, lat_a, known), *to_wgs84(lon_b, lat_b, known))


def _whole(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise ValueError(f"way must be the number of a way, got {text!r}")
    return int(text)


def _span(first: str, last: str) -> Span:
    span = Span(_day("from", first), _day("to", last))
    if len(span.first) != len(span.last):
        raise ValueError("from and to must both have a year or both have none")
    if len(span.first) == 3 and span.last < span.first:
        raise ValueError("to lies before from")
    return span


def _day(column: str, text: str) -> tuple[int, ...]:
    match = _DAY.match(text)
    if match is None:
        raise ValueError(f"{column} must be YYYY-MM-DD or MM-DD, got {text!r}")
    year, month, day = match.groups()
    try:
        date(int(year or _ANY_YEAR), int(month), int(day))
    except ValueError:
        raise ValueError(f"{column} is no day: {text!r}") from None
    return (int(year), int(month), int(day)) if year else (int(month), int(day))
