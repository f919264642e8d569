"""How fast a kind of vehicle goes on a way of OpenStreetMap on a day; the figures are rows of tables.

Not known to these rules: turn restrictions, traffic lights, hours of the day, weights, slopes.
"""

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from dispatch.county import VEHICLE_KINDS, VehicleKind
from dispatch.roads.kinds import KindRow, kind_rows, rows_of
from dispatch.roads.seasons import clauses, seasons

Tags = Mapping[str, str]

_KMH_PER_MPH: Final = 1.609344
_NUMBER: Final = re.compile(r"^(\d+(?:\.\d+)?)\s*(mph|km/h|m)?$")
_FORWARD_ONLY: Final = frozenset({"yes", "1", "true"})
_BACKWARD_ONLY: Final = frozenset({"-1", "reverse"})
_WIDTHS: Final = ("width", "maxwidth", "maxwidth:physical")
_FLOODED: Final = ("ford", "flood_prone")
# A node with one of these keys may stop a vehicle.
GATES: Final = ("barrier", *_FLOODED)


@dataclass(frozen=True, slots=True)
class _Highway:
    speed_kmh: float
    needs_permission: bool


@functools.cache
def _highways() -> Mapping[tuple[str, str], _Highway]:
    return {
        (row["highway"], row["kind"]): _Highway(float(row["speed_kmh"]), row["needs_permission"] == "yes")
        for row in rows_of("highways.csv")
        if row["speed_kmh"]
    }


@functools.cache
def _surfaces() -> Mapping[tuple[str, str], float]:
    return {(row["key"], row["value"]): float(row["most_kmh"] or 0) for row in rows_of("surfaces.csv")}


@functools.cache
def _access() -> Mapping[str, bool]:
    return {row["value"]: row["passable"] == "yes" for row in rows_of("access.csv")}


@functools.cache
def _barriers() -> Mapping[tuple[str, VehicleKind], bool]:
    return {
        (row["barrier"], kind): row[kind] == "yes"
        for row in rows_of("barriers.csv")
        for kind in VEHICLE_KINDS
    }


@functools.cache
def way_keys() -> frozenset[str]:
    """The keys of a way that these rules look at."""
    rows = kind_rows().values()
    access = {key for row in rows for key in row.access_keys}
    return frozenset(
        {"highway", "area", "junction", "seasonal", "maxspeed", "maxspeed:forward", "maxspeed:backward"}
        | {key for key, _ in _surfaces()}
        | {*_WIDTHS, *_FLOODED}
        | access
        | {f"{key}:conditional" for key in access}
        | {key for row in rows for key in row.oneway_keys}
    )


@functools.cache
def node_keys() -> frozenset[str]:
    """The keys of a node that these rules look at, where it is a barrier or a ford."""
    access = {key for row in kind_rows().values() for key in row.access_keys}
    return frozenset({*GATES, *access, *(f"{key}:conditional" for key in access)})


def speeds_kmh(tags: Tags, kind: VehicleKind, day: date | None) -> tuple[float, float]:
    """Mean speeds along a way and against it.

    Args:
        tags: of the way.
        kind: of vehicle.
        day: the county date; None passes everything seasonal over.

    Returns:
        (forward, backward) km/h, 0 where the vehicle may not or cannot go.
    """
    row, highway = kind_rows()[kind], _highways().get((tags.get("highway", ""), kind))
    if highway is None or tags.get("area") == "yes" or _is_too_narrow(tags, row):
        return 0.0, 0.0
    if not _may_enter(tags, row, day, needs_permission=highway.needs_permission) or _is_closed(tags, day):
        return 0.0, 0.0
    forward, backward = _directions(tags, row)
    return (
        _speed(tags, row, highway.speed_kmh, "forward") if forward else 0.0,
        _speed(tags, row, highway.speed_kmh, "backward") if backward else 0.0,
    )


def passes_node(tags: Tags, kind: VehicleKind, day: date | None) -> bool:
    """Whether a vehicle gets past a barrier or a ford that is a single point of a road.

    Args:
        tags: of the node.
        kind: of vehicle.
        day: the county date; None passes everything seasonal over.
    """
    if _is_closed(tags, day):
        return False
    access = _access_value(tags, kind_rows()[kind], day)
    if access is not None:
        return _permits(access, unknown=True)
    barrier = tags.get("barrier")
    return barrier is None or _barriers().get((barrier, kind), _barriers()["*", kind])


def conditions_passed_over(tags: Tags) -> int:
    """How many conditions of a way are about something other than days, and so are not heeded."""
    return sum(
        not clause.spans
        for key, value in tags.items()
        if key.endswith(":conditional")
        for clause in clauses(value)
    )


def _access_value(tags: Tags, row: KindRow, day: date | None) -> str | None:
    """The value of the most special access key that the tags have on that day."""
    found = None
    for key in row.access_keys:
        value = tags.get(key)
        if day is not None:
            for clause in clauses(tags.get(f"{key}:conditional", "")):
                if any(span.covers(day) for span in clause.spans):
                    value = clause.value
        found = value if value is not None else found
    return found


def _may_enter(tags: Tags, row: KindRow, day: date | None, *, needs_permission: bool) -> bool:
    access = _access_value(tags, row, day)
    if access is None:
        return not needs_permission
    # Values that the table does not have are no prohibition, and no permission either.
    return _permits(access, unknown=not needs_permission)


def _permits(access: str, *, unknown: bool) -> bool:
    """Whether one of the values of an access tag ("agricultural;delivery") lets the vehicle in."""
    return any(_access().get(each.strip(), unknown) for each in access.split(";"))


def _is_closed(tags: Tags, day: date | None) -> bool:
    """Whether a season closes it: under water, or open in other seasons only."""
    if day is None:
        return False
    if any(tags.get(key, "no") != "no" for key in _FLOODED) and seasons()["wet_season"].covers(day):
        return True
    named = [seasons().get(each.strip()) for each in tags.get("seasonal", "no").split(";")]
    spans = [span for span in named if span is not None]
    return bool(spans) and not any(span.covers(day) for span in spans)


def _is_too_narrow(tags: Tags, row: KindRow) -> bool:
    widths = [_number(tags.get(key), unit="m") for key in _WIDTHS]
    return any(width is not None and width < row.needs_width_m for width in widths)


def _directions(tags: Tags, row: KindRow) -> tuple[bool, bool]:
    value = None
    if "oneway" in row.oneway_keys and (
        tags.get("junction") in ("roundabout", "circular") or tags.get("highway") == "motorway"
    ):
        value = "yes"
    for key in row.oneway_keys:
        value = tags.get(key, value)
    if value == "reversible":
        return False, False
    return value not in _BACKWARD_ONLY, value not in _FORWARD_ONLY


def _speed(tags: Tags, row: KindRow, class_kmh: float, direction: str) -> float:
    sign = _number(tags.get(f"maxspeed:{direction}"), unit="km/h") or _number(
        tags.get("maxspeed"), unit="km/h"
    )
    speed = min(row.top_speed_kmh, sign * row.maxspeed_share if sign else class_kmh)
    if row.surfaces:
        # smoothness=impassable is a surface of 0 km/h.
        caps = [cap for (key, value), cap in _surfaces().items() if tags.get(key) == value]
        speed = min([speed, *caps])
    return speed


def _number(text: str | None, *, unit: str) -> float | None:
    """A length in m or a speed in km/h; None where the text is something else."""
    match = _NUMBER.match(text.strip()) if text else None
    if match is None or (match[2] or unit) not in (unit, "mph"):
        return None
    value = float(match[1])
    if match[2] == "mph":
        return value * _KMH_PER_MPH if unit == "km/h" else None
    return value
