"""Pictures of what was asked about a plan: what if something changes, and how robust it is."""

import math
from collections.abc import Callable, Mapping, Sequence

from dispatch.outcomes import Curve
from dispatch.reasons import clock
from dispatch.simulation.robustness import Group, Robustness
from dispatch.sketch.svg import (
    INK,
    PALE,
    PAPER,
    circle,
    document,
    line,
    polyline,
    rect,
    text,
)
from dispatch.sketch.words import Labels

_GREY = "#8a8a8a"
_DASH = "6 4"


def whatif_curve_svg(
    curve: Curve,
    *,
    start_clock_min: int = 0,
    title: str | None = None,
    labels: Labels | None = None,
    width: int = 760,
) -> str:
    """Cost above, lateness below, over one quantity; every point carries its number.

    A hollow point is the plan of less of the same, kept because planning anew found none cheaper.

    Args:
        curve: its outcomes.
        start_clock_min: the clock minute of minute 0, for cut-offs.
        title: heading, which names the quantity; the labels' own by default.
        labels: words.
        width: of the picture, px.
    """
    words = labels or Labels()
    heading = title or words.whatif_title
    left, right, high = 70.0, width - 120.0, 150.0
    xs = _spread_out(curve.amounts, left, right)
    costs = [each.cost_fen / 100 for each in curve.outcomes]
    late = [float(each.late) for each in curve.outcomes]
    lost = [float(each.unserved) for each in curve.outcomes]
    kept = [each.is_kept for each in curve.outcomes]
    parts = [text(24, 28, heading, size=16, bold=True)]
    top, below = 76.0, 76.0 + high + 56
    cost_y = _scale(costs, top, top + high)
    parts += _panel(words.cost, left, right, top, high, xs)
    parts += _curve(xs, costs, kept, cost_y, "", "{:,.0f}", "")
    many_y = _scale([0.0, *late, *lost], below, below + high)
    parts += _panel(words.orders, left, right, below, high, xs)
    parts += _curve(xs, late, kept, many_y, "", "{:.0f}", words.late_orders)
    if any(lost):
        parts += _curve(xs, lost, kept, many_y, _DASH, "{:.0f}", words.unserved_orders)
    for x, amount in zip(xs, curve.amounts, strict=True):
        shown = clock(amount, start_clock_min) if curve.kind == "cut_off_min" else str(amount)
        parts.append(text(x, below + high + 20, shown, size=12, anchor="middle"))
    bottom = below + high + 34
    if any(kept):
        parts += [circle(left + 4, bottom + 10, 4, PAPER), text(left + 16, bottom + 14, words.kept, size=11)]
        bottom += 20
    return document(width, int(bottom) + 10, heading, parts, says=_told(curve, costs, words))


def robust_svg(
    robust: Robustness,
    *,
    target: float = 0.95,
    start_clock_min: int = 0,
    vehicle_names: Mapping[str, str] | None = None,
    title: str | None = None,
    labels: Labels | None = None,
    width: int = 760,
) -> str:
    """On-time probability of every departure, every vehicle and all bags, with the target as a line.

    A full dot reaches the target, a hollow one does not; its tail ends at the share on the worst of twenty
    days.

    Args:
        robust: what was simulated.
        target: share of bags wanted on time.
        start_clock_min: the clock minute of minute 0.
        vehicle_names: by vehicle id; ids by default.
        title: heading, the labels' own by default.
        labels: words.
        width: of the picture, px.
    """
    words, names = labels or Labels(), vehicle_names or {}
    rows = [(_wave_name(each, words, start_clock_min), each) for each in robust.waves]
    rows += [(names.get(each.id, each.id), each) for each in robust.vehicles]
    rows.append((words.everything, robust.overall))
    heading, left, right, top = title or words.robust_title, 216.0, width - 150.0, 92.0
    # Tails that go below half run out of the picture: what matters lies at the right.
    lowest = int(10 * max(0.5, min(0.8, *(each.bad_day for _, each in rows)))) / 10
    bottom = top + 26 * len(rows) + 8 * 2

    def x(share: float) -> float:
        return left + (max(share, lowest) - lowest) * (right - left) / (1 - lowest)

    parts = [text(24, 28, heading, size=16, bold=True), text(24, 48, words.on_time, size=12)]
    for tenth in range(round(lowest * 10), 11):
        parts.append(line(x(tenth / 10), top, x(tenth / 10), bottom, PALE))
        parts.append(text(x(tenth / 10), bottom + 16, f"{10 * tenth}%", size=11, anchor="middle"))
    parts.append(line(x(target), top - 8, x(target), bottom, INK, width=1.6, dash=_DASH))
    wanted = words.target.format(share=f"{100 * target:g}%")
    parts.append(text(x(target), top - 14, wanted, size=11, anchor="middle", bold=True))
    y = top
    for place, (name, group) in enumerate(rows):
        if place in (len(robust.waves), len(rows) - 1):
            parts.append(line(24, y + 4, width - 24, y + 4, _GREY))
            y += 8
        bold = place == len(rows) - 1
        parts += _share_row(name, group, x, y + 13, right, words, target, lowest, bold=bold)
        y += 26
    told = _robust_words(robust, words)
    for place, sentence in enumerate(told):
        parts.append(text(24, bottom + 42 + 18 * place, sentence, size=12))
    return document(width, int(bottom) + 42 + 18 * len(told), heading, parts, says="；".join(told))


def _wave_name(group: Group, words: Labels, start_clock_min: int) -> str:
    usual, first, last = (
        clock(minute, start_clock_min)
        for minute in (group.at_min, group.first_depart_min, group.last_depart_min)
    )
    return words.group.format(usual=usual, first=first, last=last)


def _share_row(
    name: str,
    group: Group,
    x: Callable[[float], float],
    y: float,
    right: float,
    words: Labels,
    target: float,
    lowest: float,
    *,
    bold: bool,
) -> list[str]:
    """A name, a dot with its tail, the share and the bags in words."""
    reaches = group.on_time >= target
    # A tail that runs out of the picture has no end.
    tail_end = [line(x(group.bad_day), y - 4, x(group.bad_day), y + 4, _GREY, width=2)]
    return [
        text(24, y + 4, name, size=12, bold=bold),
        line(x(group.bad_day), y, x(group.on_time), y, _GREY, width=2),
        *(tail_end if group.bad_day >= lowest else []),
        circle(x(group.on_time), y, 5, INK if reaches else PAPER),
        text(right + 16, y + 4, _percent(group.on_time), size=12, bold=True),
        text(right + 70, y + 4, words.bags.format(bags=group.bags), size=11),
    ]


def _robust_words(robust: Robustness, words: Labels) -> list[str]:
    late = {each.share: f"{each.late_min:.0f}" for each in robust.quantiles}
    told = [words.tail, words.lateness.format(p90=late[0.9], p95=late[0.95], p99=late[0.99])]
    if robust.worst_resource is not None:
        names = {
            "prescriptions": words.prescriptions,
            "loaders": words.load,
            "pots": words.cook,
            "packers": words.pack,
            "dock": words.dock,
            "roads": words.roads,
            "doors": words.doors,
        }
        calm = _percent(robust.causes[0].on_time)
        told.append(words.worst.format(name=names[robust.worst_resource], share=calm))
    return told


def _percent(share: float) -> str:
    """Rounded down: what misses a target never looks as if it met it."""
    return f"{math.floor(1000 * share + 1e-9) / 10:.1f}%"


def _told(curve: Curve, costs: Sequence[float], words: Labels) -> str:
    """The curve in a sentence, for those who do not see it."""
    rows = zip(curve.amounts, costs, curve.outcomes, strict=True)
    return "；".join(
        f"{amount}: {words.cost} {cost:,.0f}, {words.late_orders} {each.late}, "
        f"{words.unserved_orders} {each.unserved}"
        for amount, cost, each in rows
    )


def _spread_out(amounts: Sequence[int], left: float, right: float) -> list[float]:
    """Where the amounts stand across the panel, in proportion."""
    if len(amounts) == 1:
        return [(left + right) / 2]
    span = amounts[-1] - amounts[0]
    return [left + 24 + (amount - amounts[0]) * (right - left - 48) / span for amount in amounts]


def _scale(values: Sequence[float], top: float, bottom: float) -> Callable[[float], float]:
    """Values to pixels with air above and below; an axis that begins at 0 is the caller's wish."""
    low, high = min(values), max(values)
    span = max(high - low, 0.1 * abs(high), 1.0)
    return lambda value: bottom - 22 - (value - low) * (bottom - top - 52) / span


def _panel(label: str, left: float, right: float, top: float, high: float, xs: Sequence[float]) -> list[str]:
    parts = [rect(left, top, right - left, high, PAPER, edge=PALE, edge_width=1)]
    parts += [line(x, top, x, top + high, PALE) for x in xs]
    parts.append(text(left, top - 8, label, size=12, bold=True))
    return parts


def _curve(
    xs: Sequence[float],
    values: Sequence[float],
    kept: Sequence[bool],
    y: Callable[[float], float],
    dash: str,
    shown: str,
    name: str,
) -> list[str]:
    """A line, its points, the number at each, its name at the right end."""
    points = [(x, y(value)) for x, value in zip(xs, values, strict=True)]
    parts = [polyline(points, INK, width=1.8, dash=dash)]
    for (x, at), value, is_kept in zip(points, values, kept, strict=True):
        parts.append(circle(x, at, 4, PAPER if is_kept else INK))
        parts.append(text(x, at - 9, shown.format(value), size=11, anchor="middle", halo=True))
    if name:
        parts.append(text(points[-1][0] + 32, points[-1][1] + 4, name, size=11, halo=True))
    return parts
