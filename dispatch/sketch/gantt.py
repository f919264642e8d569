"""The Gantt chart of a day: pots, people and vehicles on one time axis."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from dispatch.plan_types import DayPlan, ScheduledJob, Trip
from dispatch.problem import Day, Job, Pot
from dispatch.reasons import clock
from dispatch.sketch.axis import Axis, axis_of, hours, key, lanes, marks
from dispatch.sketch.svg import DOTS, HATCH, INK, PALE, document, line, polygon, rect, text, text_width
from dispatch.sketch.words import Labels

_LOAD, _COOK, _DRIVE, _WORK = "#555555", "#c6dbef", "#e5e5e5", "#8c8c8c"
_EDGE = "#777777"
_TOP, _LEFT, _RIGHT = 88, 92, 20
_POT_PX, _PERSON_PX, _VEHICLE_PX, _GAP_PX = 13, 10, 19, 7

# (start, end, what it says where the pointer rests)
_Span = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class _Chart:
    """What all rows need: the day and its plan, the axis, the words, the shown names of jobs."""

    day: Day
    plan: DayPlan
    axis: Axis
    words: Labels
    names: Mapping[str, str]
    jobs: Mapping[str, Job]
    now_min: int | None

    def is_crossed(self, middle: float, wide: float) -> bool:
        """Whether the line of a wave or of now goes through a word."""
        crossing = [*self.day.waves_min, *([] if self.now_min is None else [self.now_min])]
        return any(abs(self.axis.x(minute) - middle) < wide / 2 + 2 for minute in crossing)

    def clock(self, minute: int) -> str:
        """A minute as a clock shows it."""
        return clock(minute, self.day.start_clock_min)

    def name(self, job_id: str) -> str:
        """What a bar is called."""
        return self.names.get(job_id, job_id)


def gantt_svg(
    day: Day,
    plan: DayPlan,
    *,
    now_min: int | None = None,
    names: Mapping[str, str] | None = None,
    title: str | None = None,
    labels: Labels | None = None,
    width: int = 1040,
) -> str:
    """The day of pots, loaders, adders, packers and vehicles, a row for each, hours across.

    Jobs packed after their due minute have a black edge. Loading is dark, cleaning dotted, rests hatched, so
    that nothing is told by colour alone; toxic and strong-smelling jobs carry a letter.

    Args:
        day: pots, people, vehicles, usual departures.
        plan: what to draw.
        now_min: the present minute, a thick line; None draws none.
        names: what jobs are called in the picture, by job id; their ids by default.
        title: heading, the labels' own by default.
        labels: words.
        width: of the picture, px; 1040 fills an A4 page across.
    """
    words = labels or Labels()
    axis = axis_of(day, plan, left=_LEFT, right=width - _RIGHT, now_min=now_min)
    jobs = {order.job.id: order.job for order in day.orders if order.job is not None}
    chart = _Chart(day, plan, axis, words, names or {}, jobs, now_min)
    rows: list[str] = []
    y = float(_TOP)
    for draw in (_pots, _people, _vehicles):
        drawn, y = draw(chart, y)
        rows += drawn
    heading = title or words.gantt_title
    parts = [text(24, 24, heading, size=16, bold=True)]
    parts += hours(axis, _TOP, y, day.start_clock_min)
    # Words last: the lines of waves and now go behind them.
    parts += [part for part in rows if not part.startswith("<text")]
    parts += marks(axis, day, words, _TOP, y, now_min=now_min)
    parts += [part for part in rows if part.startswith("<text")]
    parts += _legend(words, 24, y + 12)
    return document(width, int(y) + 34, heading, parts, says=_says(chart))


def _says(chart: _Chart) -> str:
    schedule, trips = chart.plan.schedule, chart.plan.routes.trips
    return chart.words.gantt_says.format(
        jobs=len(schedule.jobs),
        pots=len({each.pot_id for each in schedule.jobs}),
        trips=len(trips),
        start=chart.clock(chart.axis.first),
        end=chart.clock(chart.axis.last),
    )


def _pots(chart: _Chart, y: float) -> tuple[list[str], float]:
    words = chart.words
    letters = {"toxic": words.toxic, "strong": words.strong, "any": "", "none": ""}
    parts = [text(24, y - 6, words.pots, size=11, bold=True), *_border(chart, y)]
    rows: dict[str, float] = {}
    for pot in chart.day.pots:
        rows[pot.id] = y
        parts += _row(chart, y, _POT_PX, _pot_name(pot, letters[pot.duty]))
        y += _POT_PX
    loads: dict[tuple[str, int], list[ScheduledJob]] = defaultdict(list)
    for each in chart.plan.schedule.jobs:
        # A pot that has broken since the plan was made has no row.
        if each.pot_id in rows:
            loads[each.pot_id, each.load_at_min].append(each)
    for (pot_id, _), together in loads.items():
        parts += _load(chart, together, rows[pot_id], letters)
    return parts, y


def _pot_name(pot: Pot, letter: str) -> str:
    return f"{pot.id} {letter}" if letter else pot.id


def _load(chart: _Chart, together: Sequence[ScheduledJob], y: float, letters: Mapping[str, str]) -> list[str]:
    """Loading, cooking, adding and cleaning of what is in a pot together."""
    x, each = chart.axis.x, together[0]
    of_day = [chart.jobs[job.job_id] for job in together if job.job_id in chart.jobs]
    is_late = any(
        job.pack_end_min > chart.jobs[job.job_id].due_min for job in together if job.job_id in chart.jobs
    )
    names = "+".join(chart.name(job.job_id) for job in together)
    hours_of = "–".join(chart.clock(minute) for minute in (each.load_at_min, each.clean_end_min))
    tip = f"{names}  {each.pot_id}  {hours_of}"
    top, high = y + 1, _POT_PX - 2
    spans = (
        (each.load_at_min, each.cook_at_min, _LOAD),
        (each.cook_at_min, each.cook_end_min, _COOK),
        (each.cook_end_min, each.clean_end_min, DOTS),
    )
    parts = [rect(x(a), top, x(b) - x(a), high, fill, tip=tip) for a, b, fill in spans if b > a]
    whole = x(each.clean_end_min) - x(each.load_at_min)
    edge, edge_width = (INK, 2.4) if is_late else (_EDGE, 0.6)
    parts.append(rect(x(each.load_at_min), top, whole, high, "none", edge=edge, edge_width=edge_width))
    taint = letters[of_day[0].taint] if of_day else ""
    before, room = f"{taint}·" if taint else "", x(each.cook_end_min) - x(each.cook_at_min)
    # Where all names have no room, the first and that there are more; at least the letter.
    for shown in (f"{before}{names}", f"{before}{chart.name(each.job_id)}+", taint):
        if shown and text_width(shown, 9) + 4 < room:
            middle = x(each.cook_at_min) + room / 2
            halo = chart.is_crossed(middle, text_width(shown, 9))
            parts.append(text(middle, y + _POT_PX - 3.5, shown, size=9, anchor="middle", halo=halo))
            break
    if each.add_at_min is not None:
        at = x(each.add_at_min)
        parts.append(polygon([(at - 3.5, top), (at + 3.5, top), (at, top + 6)], INK))
    return parts


def _people(chart: _Chart, y: float) -> tuple[list[str], float]:
    """Loaders, adders and packers: who of them does it is told by when they are free."""
    words, crew = chart.words, chart.day.crew
    loads: dict[tuple[str, int], ScheduledJob] = {}
    for each in chart.plan.schedule.jobs:
        loads.setdefault((each.pot_id, each.load_at_min), each)
    loading = [(each.load_at_min, each.cook_at_min, chart.name(each.job_id)) for each in loads.values()]
    adding = [
        (each.add_at_min, each.add_at_min + chart.jobs[each.job_id].add_min, chart.name(each.job_id))
        for each in loads.values()
        if each.add_at_min is not None and each.job_id in chart.jobs
    ]
    packing = [
        (each.pack_at_min, each.pack_end_min, chart.name(each.job_id)) for each in chart.plan.schedule.jobs
    ]
    parts: list[str] = []
    for label, number, spans in (
        (words.loaders, crew.loaders, loading),
        (words.adders, crew.adders, adding),
        (words.packers, crew.packers, packing),
    ):
        drawn, y = _role(chart, y, label, number, spans)
        parts += drawn
    return parts, y


def _role(
    chart: _Chart, y: float, label: str, number: int, spans: Sequence[_Span]
) -> tuple[list[str], float]:
    working = [span for span in spans if span[1] > span[0]]
    lane_of = lanes(((start, end) for start, end, _ in working), number)
    y += _GAP_PX
    parts = _border(chart, y)
    people = max([number, *(lane + 1 for lane in lane_of)])
    for person in range(people):
        name = str(person + 1) if person else f"{label} 1"
        parts += _row(chart, y + person * _PERSON_PX, _PERSON_PX, name)
    for (start, end, name), lane in zip(working, lane_of, strict=True):
        x, wide = chart.axis.x(start), chart.axis.x(end) - chart.axis.x(start)
        tip = f"{name}  {chart.clock(start)}–{chart.clock(end)}"
        top = y + lane * _PERSON_PX + 1.5
        parts.append(rect(x, top, wide, _PERSON_PX - 3, _WORK, edge="#ffffff", edge_width=0.7, tip=tip))
    return parts, y + people * _PERSON_PX


def _vehicles(chart: _Chart, y: float) -> tuple[list[str], float]:
    y += _GAP_PX
    parts = _border(chart, y)
    rows: dict[str, float] = {}
    for vehicle in chart.day.vehicles:
        rows[vehicle.id] = y
        parts += _row(chart, y, _VEHICLE_PX, vehicle.name)
        y += _VEHICLE_PX
    for trip in chart.plan.routes.trips:
        if trip.vehicle_id in rows:
            parts += _trip(chart, trip, rows[trip.vehicle_id])
    for rest in chart.plan.routes.rests:
        if rest.vehicle_id in rows:
            x, wide = chart.axis.x(rest.start_min), chart.axis.x(rest.end_min) - chart.axis.x(rest.start_min)
            tip = f"{chart.words.rest}  {chart.clock(rest.start_min)}–{chart.clock(rest.end_min)}"
            top, high = rows[rest.vehicle_id] + 2, _VEHICLE_PX - 4
            parts.append(rect(x, top, wide, high, HATCH, edge=INK, edge_width=1, tip=tip))
    return parts, y


def _trip(chart: _Chart, trip: Trip, y: float) -> list[str]:
    """A trip's loading, the way, and a tick at each arrival; its number and bags above the ticks."""
    x, top, high = chart.axis.x, y + 2, _VEHICLE_PX - 4
    says = f"{trip.number} · " + chart.words.bags.format(bags=trip.bags)
    tip = f"{says}  {chart.clock(trip.depart_min)}–{chart.clock(trip.return_min)}"
    docked = trip.depart_min - chart.day.loading_min
    wide = x(trip.return_min) - x(trip.depart_min)
    parts = [
        rect(x(docked), top, x(trip.depart_min) - x(docked), high, _LOAD, tip=tip),
        rect(x(trip.depart_min), top, wide, high, _DRIVE, edge=_EDGE, edge_width=0.8, tip=tip),
    ]
    for visit in trip.visits:
        at = x(visit.arrive_min)
        parts.append(line(at, top + high - 6, at, top + high, INK, width=1.2))
    for shown in (says, str(trip.number)):
        if text_width(shown, 9) + 6 < wide:
            # A rest may lie behind it.
            parts.append(text(x(trip.depart_min) + 4, top + 9, shown, size=9, halo=True))
            break
    return parts


def _border(chart: _Chart, y: float) -> list[str]:
    """The line above a group of rows."""
    return [line(24, y, chart.axis.right, y, _EDGE)]


def _row(chart: _Chart, y: float, high: float, label: str) -> list[str]:
    size = 9 if high < 14 else 10
    name = _short(label, _LEFT - 12, size)
    return [
        text(_LEFT - 6, y + high - (high - size) / 2 - 1, name, size=size, anchor="end"),
        line(_LEFT, y + high, chart.axis.right, y + high, PALE),
    ]


def _short(label: str, room: float, size: int) -> str:
    """A label cut to its room."""
    if text_width(label, size) <= room:
        return label
    while label and text_width(label + "…", size) > room:
        label = label[:-1]
    return label + "…"


def _legend(words: Labels, left: float, y: float) -> list[str]:
    entries = [
        (_box(_LOAD), words.load),
        (_box(_COOK), words.cook),
        (_added, words.add),
        (_box(DOTS), words.clean),
        (_box("none", INK, 2.4), words.late),
        (_box(_WORK), words.people),
        (_box(_LOAD), words.dock),
        (_box(_DRIVE), words.drive),
        (_arrival, words.stop),
        (_box(HATCH, INK, 1), words.rest),
    ]
    return key(entries, left, y)


def _box(fill: str, edge: str = _EDGE, edge_width: float = 0.8) -> Callable[[float, float], str]:
    return lambda x, y: rect(x, y, 22, 12, fill, edge=edge, edge_width=edge_width)


def _added(x: float, y: float) -> str:
    return polygon([(x + 7, y + 3), (x + 15, y + 3), (x + 11, y + 10)], INK)


def _arrival(x: float, y: float) -> str:
    return line(x + 11, y + 3, x + 11, y + 11, INK, width=1.2)
