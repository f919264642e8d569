"""The time axis that the pictures of a day share: hours across, the waves, and where the clock stands."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from dispatch.plan_types import DayPlan
from dispatch.problem import Day
from dispatch.reasons import clock
from dispatch.sketch.svg import INK, PALE, PAPER, line, polygon, rect, text, text_width
from dispatch.sketch.words import Labels


@dataclass(frozen=True, slots=True)
class Axis:
    """Minutes to pixels: minute `first` at `left`, minute `last` at `right`."""

    first: int
    last: int
    left: float
    right: float

    def x(self, minute: float) -> float:
        """Pixel of a minute; what lies outside is drawn at the edge."""
        inside = min(max(minute, self.first), self.last)
        return self.left + (inside - self.first) * (self.right - self.left) / (self.last - self.first)


def axis_of(day: Day, plan: DayPlan, *, left: float, right: float, now_min: int | None) -> Axis:
    """An axis of whole hours over everything that pots, people and vehicles do."""
    minutes = [each.load_at_min for each in plan.schedule.jobs]
    minutes += [max(each.clean_end_min, each.pack_end_min) for each in plan.schedule.jobs]
    minutes += [trip.depart_min - day.loading_min for trip in plan.routes.trips]
    minutes += [trip.return_min for trip in plan.routes.trips]
    minutes += [rest.end_min for rest in plan.routes.rests]
    minutes += [] if now_min is None else [now_min]
    # Hours of the clock, wherever minute 0 lies.
    shift = day.start_clock_min % 60
    first = (min(minutes, default=0) + shift) // 60 * 60 - shift
    last = -(-(max(minutes, default=60) + shift) // 60) * 60 - shift
    return Axis(first, max(first + 60, last), left, right)


def hours(axis: Axis, top: float, bottom: float, start_clock_min: int) -> list[str]:
    """A line for each hour, its clock above; every second or third clock where they would touch."""
    px_an_hour = 60 * (axis.right - axis.left) / (axis.last - axis.first)
    every = next((step for step in (1, 2, 3, 6, 12) if step * px_an_hour > text_width("00:00", 11) + 8), 24)
    parts: list[str] = []
    for place, minute in enumerate(range(axis.first, axis.last + 1, 60)):
        parts.append(line(axis.x(minute), top, axis.x(minute), bottom, PALE))
        if place % every == 0:
            label = clock(minute, start_clock_min)
            parts.append(text(axis.x(minute), top - 6, label, size=11, anchor="middle"))
    return parts


def marks(
    axis: Axis, day: Day, words: Labels, top: float, bottom: float, *, now_min: int | None
) -> list[str]:
    """The usual departures as dashed lines, and the present minute as a thick one, each named above."""
    parts: list[str] = []
    taken: list[tuple[float, float]] = []
    if now_min is not None and axis.first <= now_min <= axis.last:
        label = f"{words.now} {clock(now_min, day.start_clock_min)}"
        x, wide = axis.x(now_min), text_width(label, 11) + 10
        box = _inside(x - wide / 2, wide, axis)
        parts += [
            line(x, top - 38, x, bottom, INK, width=2.5),
            rect(box, top - 52, wide, 16, INK),
            text(box + wide / 2, top - 40, label, size=11, anchor="middle", colour=PAPER),
        ]
    for wave in day.waves_min:
        if not axis.first <= wave <= axis.last:
            continue
        x, label = axis.x(wave), f"{words.wave} {clock(wave, day.start_clock_min)}"
        parts.append(line(x, top - 16, x, bottom, INK, width=1.2, dash="6 4"))
        parts.append(polygon([(x - 5, top - 18), (x + 5, top - 18), (x, top - 10)], INK))
        wide = text_width(label, 11)
        box = _inside(x - wide / 2, wide, axis)
        if all(box + wide < start or end < box for start, end in taken):
            parts.append(text(box, top - 22, label, size=11, halo=True))
            taken.append((box, box + wide))
    return parts


def lanes(spans: Iterable[tuple[int, int]], number: int) -> list[int]:
    """Who does what: the lane of each span, so that no lane does two things at once.

    Args:
        spans: (start, end) minutes in any order.
        number: of lanes; more are opened where a plan needs more.
    """
    given = list(spans)
    free = [-(10**9)] * number
    found = [0] * len(given)
    for place in sorted(range(len(given)), key=lambda each: given[each]):
        start, end = given[place]
        lane = next((lane for lane, until in enumerate(free) if until <= start), len(free))
        if lane == len(free):
            free.append(end)
        free[lane] = max(end, start)
        found[place] = lane
    return found


def key(entries: Sequence[tuple[Callable[[float, float], str], str]], left: float, y: float) -> list[str]:
    """Samples of 22 x 12 px, each drawn at the place it is given, with their words, in one row."""
    parts: list[str] = []
    for sample, word in entries:
        parts += [sample(left, y), text(left + 28, y + 10, word, size=11)]
        left += 28 + text_width(word, 11) + 18
    return parts


def _inside(left: float, wide: float, axis: Axis) -> float:
    return min(max(left, 2.0), axis.right + 18 - wide)
