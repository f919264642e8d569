"""How busy pots, people and vehicles are through the day, and which of them is the bottleneck."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from dispatch.plan_types import DayPlan
from dispatch.problem import DUTIES, Day
from dispatch.sketch.axis import Axis, axis_of, hours, marks
from dispatch.sketch.svg import HATCH, INK, document, line, polygon, polyline, rect, text
from dispatch.sketch.words import Labels

_BUSY = "#c6dbef"
_TOP, _LEFT, _RIGHT, _PANEL_PX, _GAP_PX = 112, 24, 150, 46, 26

# (start, end, how much of the resource)
_Use = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Load:
    """How much of one resource is in use.

    Attributes:
        resource: the field of Labels that names it: "pots_any", "pots_toxic", "pots_strong", "loaders",
            "adders", "packers", "vehicles_out", "bags_out".
        number: how many there are; of bags, how many all vehicles hold together.
        minutes, busy: in use from each minute on until the next, in order.
    """

    resource: str
    number: int
    minutes: tuple[int, ...]
    busy: tuple[int, ...]

    def name(self, words: Labels) -> str:
        """What it is called."""
        return str(getattr(words, self.resource))

    @property
    def most(self) -> int:
        """The most in use at once."""
        return max(self.busy, default=0)

    @property
    def full_min(self) -> int:
        """For how many minutes all of it is in use."""
        ends = (*self.minutes[1:], self.minutes[-1]) if self.minutes else ()
        spans = zip(self.minutes, ends, self.busy, strict=True)
        return sum(end - start for start, end, busy in spans if busy >= self.number > 0)


def loads(day: Day, plan: DayPlan) -> tuple[Load, ...]:
    """The load of every resource that the day has or the plan uses.

    Args:
        day: how many there are.
        plan: how they are used. A pot counts from loading to the end of cleaning, a vehicle and its bags from
            departure to return.
    """
    jobs = {order.job.id: order.job for order in day.orders if order.job is not None}
    duty_of = {pot.id: pot.duty for pot in day.pots}
    batches = {(each.pot_id, each.load_at_min): each for each in plan.schedule.jobs}
    trips = plan.routes.trips
    found: list[Load] = []
    for duty in DUTIES:
        own = [each for each in batches.values() if duty_of.get(each.pot_id) == duty]
        number = sum(pot.duty == duty for pot in day.pots)
        found.append(_load(f"pots_{duty}", number, ((e.load_at_min, e.clean_end_min, 1) for e in own)))
    loading = ((each.load_at_min, each.cook_at_min, 1) for each in batches.values())
    adding = (
        (each.add_at_min, each.add_at_min + jobs[each.job_id].add_min, 1)
        for each in batches.values()
        if each.add_at_min is not None and each.job_id in jobs
    )
    packing = ((each.pack_at_min, each.pack_end_min, 1) for each in plan.schedule.jobs)
    out = ((trip.depart_min, trip.return_min, 1) for trip in trips)
    bags = ((trip.depart_min, trip.return_min, trip.bags) for trip in trips)
    room = sum(vehicle.capacity_bags for vehicle in day.vehicles)
    found += [
        _load("loaders", day.crew.loaders, loading),
        _load("adders", day.crew.adders, adding),
        _load("packers", day.crew.packers, packing),
        _load("vehicles_out", len(day.vehicles), out),
        _load("bags_out", room, bags),
    ]
    return tuple(each for each in found if each.number or each.busy)


def bottleneck(found: Iterable[Load]) -> Load | None:
    """The resource that is used in full for the longest time, None where none ever is."""
    return max((each for each in found if each.full_min), key=lambda each: each.full_min, default=None)


def load_curves_svg(
    day: Day,
    plan: DayPlan,
    *,
    now_min: int | None = None,
    title: str | None = None,
    labels: Labels | None = None,
    width: int = 1040,
) -> str:
    """One curve for each resource against its number, hours across; what is used in full is hatched.

    The bottleneck is named: the resource that is used in full for the longest time.

    Args:
        day, plan, now_min, title, labels, width: as for the Gantt chart.
    """
    words = labels or Labels()
    axis = axis_of(day, plan, left=_LEFT, right=width - _RIGHT, now_min=now_min)
    found = loads(day, plan)
    worst = bottleneck(found)
    heading, says = title or words.load_title, _bottleneck_words(worst, words)
    bottom = _TOP + len(found) * (_PANEL_PX + _GAP_PX)
    parts = [text(24, 24, heading, size=16, bold=True), text(24, 44, says, size=13, bold=worst is not None)]
    parts += hours(axis, _TOP, bottom, day.start_clock_min)
    for place, each in enumerate(found):
        top = _TOP + place * (_PANEL_PX + _GAP_PX) + _GAP_PX - 6
        parts += _panel(each, axis, top, words, is_worst=each is worst)
    parts += marks(axis, day, words, _TOP, bottom, now_min=now_min)
    return document(width, bottom + 12, heading, parts, says=says)


def _load(resource: str, number: int, uses: Iterable[_Use]) -> Load:
    changes: dict[int, int] = {}
    for start, end, amount in uses:
        changes[start] = changes.get(start, 0) + amount
        changes[end] = changes.get(end, 0) - amount
    minutes = sorted(changes)
    busy: list[int] = []
    for minute in minutes:
        busy.append((busy[-1] if busy else 0) + changes[minute])
    return Load(resource, number, tuple(minutes), tuple(busy))


def _bottleneck_words(worst: Load | None, words: Labels) -> str:
    if worst is None:
        return words.no_bottleneck
    return words.bottleneck.format(name=worst.name(words), minutes=worst.full_min, number=worst.number)


def _panel(load: Load, axis: Axis, top: float, words: Labels, *, is_worst: bool) -> list[str]:
    """The curve over its panel, a dashed line at the number, and in words at the right what it says."""
    bottom, scale = top + _PANEL_PX, max(load.number, load.most, 1)

    def y(amount: int) -> float:
        return bottom - amount * _PANEL_PX / scale

    parts = _steps(load, axis.x, y)
    parts.append(line(axis.left, bottom, axis.right, bottom, "#8a8a8a"))
    parts.append(line(axis.left, y(load.number), axis.right, y(load.number), INK, dash="5 4"))
    left = axis.right + 12
    parts.append(text(left, top + 12, load.name(words), size=12, bold=True))
    parts.append(text(left, top + 28, words.peak.format(most=load.most, number=load.number), size=11))
    if load.full_min:
        full = words.full.format(minutes=load.full_min)
        parts.append(text(left, top + 43, full, size=11, bold=is_worst))
    return parts


def _steps(load: Load, x: Callable[[int], float], y: Callable[[int], float]) -> list[str]:
    """The area in use; where all of it is, hatched."""
    if not load.minutes:
        return []
    outline = [(x(load.minutes[0]), y(0))]
    before = 0
    parts: list[str] = []
    for minute, busy in zip(load.minutes, load.busy, strict=True):
        outline += [(x(minute), y(before)), (x(minute), y(busy))]
        before = busy
    parts.append(polygon(outline, _BUSY))
    ends = (*load.minutes[1:], load.minutes[-1])
    for start, end, busy in zip(load.minutes, ends, load.busy, strict=True):
        if busy >= load.number > 0 and end > start:
            parts.append(rect(x(start), y(busy), x(end) - x(start), y(0) - y(busy), HATCH))
    parts.append(polyline(outline, INK, width=1.4))
    return parts
