"""The map of the routes."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from dispatch.county import Centre, Village
from dispatch.plan_types import DayPlan, Trip
from dispatch.problem import Day
from dispatch.reasons import clock
from dispatch.sketch.svg import (
    INK,
    PAPER,
    Anchor,
    Box,
    cross,
    document,
    overlap,
    rect,
    stroke,
    text,
    text_width,
)
from dispatch.sketch.words import COLOURS, DASHES, Labels


def day_map_svg(
    day: Day, plan: DayPlan, *, title: str | None = None, labels: Labels | None = None, width: int = 1000
) -> str:
    """All trips of a day: numbered lines, places that are left out as crosses, a key below.

    Args:
        day: places.
        plan: trips and stops.
        title: heading, the labels' own by default.
        labels: words.
        width: of the picture, px.
    """
    words = labels or Labels()
    trips = [_Drawn(index, trip) for index, trip in enumerate(plan.routes.trips)]
    is_single = len(trips) == 1
    return _map(day, plan, trips, title or words.map_title, words, width, large=is_single)


def route_map_svg(
    day: Day,
    plan: DayPlan,
    route_index: int,
    *,
    title: str | None = None,
    labels: Labels | None = None,
    width: int = 800,
) -> str:
    """One trip for the courier's sheet: the stops numbered in driving order, with their names.

    Args:
        day: places.
        plan: trips and stops.
        route_index: index into `plan.routes.trips`.
        title: heading, vehicle and trip by default.
        labels: words.
        width: of the picture, px.

    Raises: IndexError when there is no such trip.
    """
    words = labels or Labels()
    trip = plan.routes.trips[route_index]
    drawn = [_Drawn(route_index, trip)]
    return _map(day, plan, drawn, title or _trip_name(day, trip, words), words, width, large=True)


def vehicle_map_svg(
    day: Day,
    plan: DayPlan,
    vehicle_id: str,
    *,
    title: str | None = None,
    labels: Labels | None = None,
    width: int = 420,
) -> str:
    """A vehicle's whole day for the courier's sheet: numbers go on from trip to trip, every place is named.

    Args:
        day: places.
        plan: trips and stops.
        vehicle_id: whose trips.
        title: heading, the labels' own by default.
        labels: words.
        width: of the picture, px; small, so that words stay readable where the sheet shrinks it.
    """
    words = labels or Labels()
    trips: list[_Drawn] = []
    for trip in plan.routes.trips:
        if trip.vehicle_id == vehicle_id:
            first = trips[-1].first + len(trips[-1].trip.visits) if trips else 1
            trips.append(_Drawn(len(trips), trip, first))
    return _map(day, plan, trips, title or words.map_title, words, width, large=True)


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A trip, the index of its pen, and the number of its first stop."""

    index: int
    trip: Trip
    first: int = 1


@dataclass(frozen=True, slots=True)
class _Frame:
    """Degrees to pixels, north up: one scale for both directions, with room for labels at the edges."""

    lon: float
    lat: float
    px_a_metre: float
    width: int
    height: int

    def point(self, place: Centre | Village) -> tuple[float, float]:
        """Pixel of a place; `lon`, `lat` are the picture's middle."""
        east = (place.lon - self.lon) * 111_320 * math.cos(math.radians(self.lat))
        north = (place.lat - self.lat) * 110_574
        return self.width / 2 + east * self.px_a_metre, self.height / 2 - north * self.px_a_metre


def _frame(places: Sequence[Centre | Village], width: int) -> _Frame:
    lons, lats = [place.lon for place in places], [place.lat for place in places]
    lon, lat = (min(lons) + max(lons)) / 2, (min(lats) + max(lats)) / 2
    # At least 500 m across, so that a single place has a frame too.
    across = max(500.0, (max(lons) - min(lons)) * 111_320 * math.cos(math.radians(lat)))
    along = max(500.0, (max(lats) - min(lats)) * 110_574)
    side, above = 90, 70
    px_a_metre = min((width - 2 * side) / across, (1.2 * width - 2 * above) / along)
    height = max(260, math.ceil(along * px_a_metre) + 2 * above)
    return _Frame(lon, lat, px_a_metre, width, height)


def _map(
    day: Day, plan: DayPlan, trips: Sequence[_Drawn], title: str, words: Labels, width: int, *, large: bool
) -> str:
    villages = {village.id: village for village in day.villages}
    place_of = {stop.id: villages[stop.place_id] for stop in plan.stops}
    shown = [place_of[visit.stop_id] for drawn in trips for visit in drawn.trip.visits]
    lost = [] if large else [place_of[each.id] for each in plan.routes.unserved]
    frame = _frame([day.centre, *shown, *lost], width)
    parts = [text(24, 30, title, size=18, bold=True)]
    for drawn in trips:
        parts.append(_path(day.centre, [place_of[v.stop_id] for v in drawn.trip.visits], frame, drawn.index))
    taken: list[Box] = []
    aside: dict[Village, float] = {}
    for index, labels in _labels(trips, place_of, together=large):
        parts += _stop_marks(labels, frame, index, large=large)
        for place, label in labels.items():
            wide = _half_width(label, 11 if large else 8)
            x, y = frame.point(place)
            taken.append((x - wide, y - 9, x + wide, y + 9))
            aside[place] = max(wide, aside.get(place, 0))
    for drawn in trips if len(trips) > 1 else ():
        places = [place_of[visit.stop_id] for visit in drawn.trip.visits]
        tag, box = _tag(day.centre, places, frame, drawn.index)
        parts.append(tag)
        taken.append(box)
    parts += [cross(*frame.point(village)) for village in lost]
    x, y = frame.point(day.centre)
    parts.append(rect(x - 9, y - 9, 18, 18, INK))
    taken.append((x - 12, y - 12, x + 12, y + 12))
    # Names come last and step aside for one another; a whole day's crowd keeps only those with room.
    named: list[Centre | Village] = [day.centre, *_each_once([*shown, *lost])]
    parts += _names(named, frame, taken, aside, everyone=large)
    parts += _compass(width - 40, 50, words) + _scale(frame, words)
    legend, height = _legend(day, trips, words, frame, bool(lost))
    return document(width, height, title, parts + legend)


def _labels(
    trips: Sequence[_Drawn], place_of: Mapping[str, Village], *, together: bool
) -> list[tuple[int, dict[Village, str]]]:
    """The pen and the numbers of each place: for each trip, or together where a place shows those of all."""
    groups: list[tuple[int, dict[Village, str]]] = []
    for drawn in trips:
        if not groups or not together:
            groups.append((drawn.index, {}))
        numbers = groups[-1][1]
        for number, visit in enumerate(drawn.trip.visits, drawn.first):
            place = place_of[visit.stop_id]
            numbers[place] = f"{numbers[place]},{number}" if place in numbers else str(number)
    return groups


def _stop_marks(labels: Mapping[Village, str], frame: _Frame, index: int, *, large: bool) -> list[str]:
    """A numbered disc for each place; a place visited twice shows both numbers."""
    size = 11 if large else 8
    parts: list[str] = []
    for place, label in labels.items():
        x, y = frame.point(place)
        high, wide = 0.9 * size, _half_width(label, size)
        disc = f'x="{x - wide:.1f}" y="{y - high:.1f}" width="{2 * wide:.1f}" height="{2 * high:.1f}"'
        edge = stroke(COLOURS[index % len(COLOURS)], 2)
        parts.append(f'<rect {disc} rx="{high:.1f}" fill="{PAPER}"{edge}/>')
        parts.append(text(x, y + size * 0.36, label, size=size, anchor="middle"))
    return parts


def _half_width(label: str, size: int) -> float:
    return max(0.9 * size, text_width(label, size) / 2 + 3)


def _tag(centre: Centre, places: Sequence[Village], frame: _Frame, index: int) -> tuple[str, Box]:
    """The trip's number in the middle of its longest leg between stops, as in the key."""
    points = [frame.point(place) for place in places]
    if len(points) == 1:
        points.append(frame.point(centre))
    (x1, y1), (x2, y2) = max(pairwise(points), key=lambda leg: math.dist(*leg))
    x, y = (x1 + x2) / 2, (y1 + y2) / 2
    words = text(x, y + 4, str(index + 1), size=12, anchor="middle", bold=True, halo=True)
    return words, (x - 9, y - 9, x + 9, y + 9)


def _path(centre: Centre, places: Sequence[Village], frame: _Frame, index: int) -> str:
    round_trip: list[Centre | Village] = [centre, *places, centre]
    points = [frame.point(place) for place in round_trip]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline points="{path}" fill="none"{_pen(index)}/>'


def _pen(index: int) -> str:
    # Seven colours and eight dash patterns: 56 trips before a pen repeats.
    return stroke(COLOURS[index % len(COLOURS)], 2, DASHES[index % len(DASHES)])


def _names(
    places: Sequence[Centre | Village],
    frame: _Frame,
    taken: list[Box],
    aside: Mapping[Village, float],
    *,
    everyone: bool,
) -> list[str]:
    parts: list[str] = []
    size = 13 if everyone else 10
    for place in places:
        x, y = frame.point(place)
        wide = text_width(place.name, size)
        gap = 3 + (10 if isinstance(place, Centre) else aside.get(place, 7))
        spots: list[tuple[float, float, Anchor, Box]] = [
            (x + gap, y + 4, "start", (x + gap, y - size + 4, x + gap + wide, y + 6)),
            (x - gap, y + 4, "end", (x - gap - wide, y - size + 4, x - gap, y + 6)),
            (x, y - 14, "middle", (x - wide / 2, y - 14 - size, x + wide / 2, y - 12)),
            (x, y + 14 + size * 0.8, "middle", (x - wide / 2, y + 13, x + wide / 2, y + 16 + size)),
        ]
        inside = [spot for spot in spots if spot[3][0] > 2 and spot[3][2] < frame.width - 2]
        free = [spot for spot in inside if not any(overlap(spot[3], other) for other in taken)]
        if not free and not everyone and not isinstance(place, Centre):
            continue
        text_x, text_y, anchor, box = (free or inside or spots)[0]
        taken.append(box)
        parts.append(text(text_x, text_y, place.name, size=size, anchor=anchor, halo=True))
    return parts


def _each_once(places: Sequence[Village]) -> list[Village]:
    return list(dict.fromkeys(places))


def _legend(
    day: Day, trips: Sequence[_Drawn], words: Labels, frame: _Frame, is_lost: bool
) -> tuple[list[str], int]:
    """A line sample and a sentence for each trip, in columns below the map; and the picture's height."""
    parts: list[str] = []
    columns = max(1, frame.width // 330)
    y = frame.height + 20
    for place, drawn in enumerate(trips):
        index, trip = drawn.index, drawn.trip
        x, y = 24 + place % columns * 330, frame.height + 20 + place // columns * 20
        parts.append(f'<line x1="{x}" y1="{y - 4}" x2="{x + 44}" y2="{y - 4}"{_pen(index)}/>')
        hours = f"{clock(trip.depart_min, day.start_clock_min)}–{clock(trip.return_min, day.start_clock_min)}"
        length = f"{trip.metres / 1000:.1f} {words.kilometres}"
        name = f"{index + 1}  {_trip_name(day, trip, words)}  {hours}  {length}"
        parts.append(text(x + 52, y, name, size=11))
    if is_lost:
        y += 20
        parts += [cross(46, y - 4), text(76, y, words.unserved, size=11)]
    return parts, y + 16


def _trip_name(day: Day, trip: Trip, words: Labels) -> str:
    names = {vehicle.id: vehicle.name for vehicle in day.vehicles}
    return words.trip.format(vehicle=names.get(trip.vehicle_id, trip.vehicle_id), number=trip.number)


def _compass(x: float, y: float, words: Labels) -> list[str]:
    arrow = f"{x},{y - 18} {x - 7},{y + 10} {x},{y + 4} {x + 7},{y + 10}"
    return [
        f'<polygon points="{arrow}" fill="{INK}"/>',
        text(x, y - 22, words.north, size=12, anchor="middle"),
    ]


def _scale(frame: _Frame, words: Labels) -> list[str]:
    """A bar of a round length, at most a fifth of the picture."""
    most = frame.width / 5 / frame.px_a_metre
    power = 10 ** math.floor(math.log10(most))
    metres = max(step * power for step in (1, 2, 5) if step * power <= most)
    length, y = metres * frame.px_a_metre, frame.height - 16
    label = f"{metres / 1000:g} {words.kilometres}" if metres >= 1000 else f"{metres:g} {words.metres}"
    return [
        f'<polyline points="24,{y - 6} 24,{y} {24 + length:.1f},{y} {24 + length:.1f},{y - 6}" '
        f'fill="none" stroke="{INK}" stroke-width="1.5"/>',
        text(24 + length / 2, y - 6, label, size=11, anchor="middle"),
    ]
