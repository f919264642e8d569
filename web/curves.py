"""The temperature of a boil as a picture: the whole curve for pages and papers, a small one for the wall."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from markupsafe import escape

from tcm.knowledge.machines import machine_limits
from tcm.records.machines import Point
from tcm.records.watching import corners

_WIDTH, _HEIGHT = 640, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 40, 10, 26, 28
_COLDEST_C, _HOTTEST_C = 20.0, 110.0
_SMALL_WIDTH, _SMALL_HEIGHT = 120, 30
# On the wall a curve says no more than this.
_SMALL_WITHIN_C = 1.5
_INK, _SOFT, _GRID, _LINE, _LIMIT = "#22302a", "#5a655f", "#dcd5c3", "#24557a", "#9c2f26"
_FONT = "Noto Sans SC, Noto Sans CJK SC, sans-serif"


@dataclass(frozen=True)
class Mark:
    """Something that was done, or found, at a moment.

    Args:
        at: When, aware UTC.
        sign: One or two characters above the curve, explained beside it.
        is_bad: Whether it is a deviation.
    """

    at: datetime
    sign: str
    is_bad: bool = False


@dataclass(frozen=True)
class _Scale:
    """Where moments and degrees lie on the picture."""

    began_at: datetime
    minutes: float
    hottest_c: float

    def x(self, at: datetime) -> float:
        share = ((at - self.began_at) / timedelta(minutes=1)) / self.minutes
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * min(1.0, max(0.0, share))

    def y(self, temperature_c: float) -> float:
        share = (temperature_c - _COLDEST_C) / (self.hottest_c - _COLDEST_C)
        return _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * min(1.0, max(0.0, share))


def curve_svg(
    points: Sequence[Point],
    began_at: datetime,
    until: datetime,
    *,
    title: str,
    marks: Sequence[Mark] = (),
) -> str:
    """A run's curve; where the machine was silent the line is broken.

    It carries its own colours, so that a page and a printed record show the same.

    Args:
        points: The curve, oldest first.
        began_at: When the pot was filled; minutes are counted from here.
        until: The right end.
        title: What it is, for whoever cannot see it.
        marks: Steps and deviations.

    Returns:
        SVG text.
    """
    hottest = max([_HOTTEST_C, *(each.temperature_c + 5 for each in points)])
    scale = _Scale(began_at, max(10.0, (until - began_at) / timedelta(minutes=1)), hottest)
    parts = [*_axes(scale), *_lines(points, scale), *_marks(marks, scale)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'aria-label="{escape(title)}" font-family="{_FONT}" font-size="12">{"".join(parts)}</svg>'
    )


def small_curve_svg(points: Sequence[Point]) -> str:
    """A curve without words, in the colour of the text around it.

    Args:
        points: The curve, oldest first.

    Returns:
        SVG text, empty with fewer than two points.
    """
    if len(points) < 2:
        return ""
    began_at, minutes = points[0].at, max(1.0, (points[-1].at - points[0].at) / timedelta(minutes=1))
    kept = [points[place] for place in sorted(corners(points, _SMALL_WITHIN_C))]
    hottest = max(_HOTTEST_C, *(each.temperature_c for each in points))

    def place(point: Point) -> str:
        x = _SMALL_WIDTH * ((point.at - began_at) / timedelta(minutes=1)) / minutes
        share = (point.temperature_c - _COLDEST_C) / (hottest - _COLDEST_C)
        return f"{x:.1f},{_SMALL_HEIGHT - _SMALL_HEIGHT * min(1.0, max(0.0, share)):.1f}"

    lines = "".join(
        f'<polyline points="{" ".join(map(place, line))}" fill="none" stroke="currentColor" '
        'stroke-width="2" vector-effect="non-scaling-stroke"/>'
        for line in _unbroken(kept, points)
    )
    return (
        f'<svg class="small-curve" viewBox="0 0 {_SMALL_WIDTH} {_SMALL_HEIGHT}" preserveAspectRatio="none" '
        f'aria-hidden="true" focusable="false">{lines}</svg>'
    )


def _axes(scale: _Scale) -> Iterator[str]:
    for degrees in range(20, int(scale.hottest_c) + 1, 20):
        yield _horizontal(scale.y(degrees), _GRID)
        yield _text(_LEFT - 6, scale.y(degrees) + 4, f"{degrees}", "end", _SOFT)
    limit_c = machine_limits().max_c
    yield _horizontal(scale.y(limit_c), _LIMIT, dashes="5 4")
    yield _text(_LEFT - 6, _TOP - 12, "℃", "end", _SOFT)
    every_min = next((each for each in (5, 10, 20, 30, 60) if scale.minutes / each <= 10), 120)
    for minute in range(0, int(scale.minutes) + 1, every_min):
        x = scale.x(scale.began_at + timedelta(minutes=minute))
        is_last = minute + every_min > scale.minutes
        anchor, said = ("end", f"{minute} min") if is_last else ("middle", f"{minute}")
        yield _text(x, _HEIGHT - 8, said, anchor, _SOFT)
        yield _vertical(x, _HEIGHT - _BOTTOM, _HEIGHT - _BOTTOM + 5, _GRID)


def _lines(points: Sequence[Point], scale: _Scale) -> Iterator[str]:
    for line in _unbroken(points, points):
        places = " ".join(f"{scale.x(each.at):.1f},{scale.y(each.temperature_c):.1f}" for each in line)
        yield f'<polyline points="{places}" fill="none" stroke="{_LINE}" stroke-width="2"/>'


def _marks(marks: Sequence[Mark], scale: _Scale) -> Iterator[str]:
    last_x = -100.0
    for mark in sorted(marks, key=lambda each: each.at):
        x, colour = scale.x(mark.at), _LIMIT if mark.is_bad else _SOFT
        yield _vertical(x, _TOP, _HEIGHT - _BOTTOM, colour, dashes="" if mark.is_bad else "2 3")
        # Signs of the same minute stand beside one another.
        last_x = max(x, last_x + 14)
        yield _text(last_x, _TOP - 8, mark.sign, "middle", colour if mark.is_bad else _INK)


def _unbroken(shown: Sequence[Point], points: Sequence[Point]) -> Iterator[list[Point]]:
    """Stretches of a curve between silences; a corner may lie far from the next without one."""
    limit = timedelta(minutes=machine_limits().silence_min)
    ends = {id(before) for before, after in pairwise(points) if after.at - before.at > limit}
    line: list[Point] = []
    for point in shown:
        line.append(point)
        if id(point) in ends:
            yield line
            line = []
    if line:
        yield line


def _horizontal(y: float, colour: str, dashes: str = "") -> str:
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return f'<path d="M{_LEFT} {y:.1f}H{_WIDTH - _RIGHT}" stroke="{colour}"{dashed}/>'


def _vertical(x: float, from_y: float, to_y: float, colour: str, dashes: str = "") -> str:
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return f'<path d="M{x:.1f} {from_y}V{to_y}" stroke="{colour}"{dashed}/>'


def _text(x: float, y: float, text: str, anchor: str, colour: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{escape(text)}</text>'
