"""The floor carries out a schedule: pots in their planned order, people as work comes to them.

Nothing begins before its planned minute; what comes late is done when pot and person are free. Times are
float minutes with one row for each drawn day.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dispatch.plan_types import Schedule, ScheduledJob
from dispatch.problem import Day, Job
from dispatch.simulation.spread import Draws, Floats, Spread, factor, late_minutes

_NOBODY, _LOADER, _ADDER = 0, 1, 2


@dataclass(frozen=True, slots=True)
class _Load:
    """What is in a pot at one time: its jobs with their columns in the draws; all are cooked alike."""

    jobs: tuple[Job, ...]
    columns: tuple[int, ...]
    planned: ScheduledJob

    @property
    def is_history(self) -> bool:
        """Whether it was in its pot when the plan was made."""
        started = self.jobs[0].started
        return started is not None and started.load_at_min is not None


@dataclass(slots=True)
class _Events:
    """Loadings and addings, those of one pot in a row and in order, closed by an event that never comes.

    Attributes:
        who: (events,) nobody, loader or adder.
        base: (draws, events) before which it cannot begin: planned, and for loadings soaked.
        busy: (draws, events) minutes of the person.
        after: (draws, events) minutes from its beginning to the next of its pot.
        cooked: (draws, events) minutes from its beginning to the end of cooking.
        first: of each pot, its first event.
        last_of: of each load, its last event.
    """

    who: np.ndarray[tuple[int], np.dtype[np.int64]]
    base: Floats
    busy: Floats
    after: Floats
    cooked: Floats
    first: list[int]
    last_of: list[int]


def packed(day: Day, schedule: Schedule, spread: Spread, draws: Draws) -> dict[str, Floats]:
    """When the bags of each job are packed.

    Args:
        day: jobs, pots, people.
        schedule: carried out as ordered.
        spread, draws: what is drawn; the columns of the draws are the jobs in the order of the schedule.

    Returns:
        Of each job id (draws,) minutes.
    """
    if not schedule.jobs:
        return {}
    loads = _loads(day, schedule)
    cooked = _cook(day, loads, spread, draws)
    return _pack(day, schedule, loads, cooked, spread, draws)


def _loads(day: Day, schedule: Schedule) -> list[_Load]:
    """The loads pot by pot, in each pot as planned."""
    jobs = {order.job.id: order.job for order in day.orders if order.job is not None}
    groups: dict[tuple[str, int, str], list[int]] = defaultdict(list)
    for column, each in enumerate(schedule.jobs):
        recipe = jobs[each.job_id].recipe
        groups[each.pot_id, each.load_at_min, recipe if recipe is not None else f"\0{each.job_id}"].append(
            column
        )
    return [
        _Load(
            tuple(jobs[schedule.jobs[column].job_id] for column in columns),
            tuple(columns),
            schedule.jobs[columns[0]],
        )
        for _, columns in sorted(groups.items())
    ]


def _cook(day: Day, loads: Sequence[_Load], spread: Spread, draws: Draws) -> list[Floats]:
    """When each load has cooked, (draws,) minutes.

    Every pot waits for one event at a time, so the next event of a day is the smallest of one row.
    """
    events = _events(day, loads, spread, draws)
    days = np.arange(draws.count)
    people = np.full((draws.count, 3, max(1, day.crew.loaders, day.crew.adders)), np.inf)
    people[:, _NOBODY, 0] = -np.inf
    people[:, _LOADER, : day.crew.loaders] = -np.inf
    people[:, _ADDER, : day.crew.adders] = -np.inf
    at = np.tile(np.array(events.first), (draws.count, 1))
    wanted = events.base[:, events.first]
    begun = np.zeros_like(events.base)
    for _ in range(len(events.who) - len(events.first)):
        pot = wanted.argmin(axis=1)
        event = at[days, pot]
        role = events.who[event]
        free = people[days, role]
        person = free.argmin(axis=1)
        start = np.maximum(wanted[days, pot], free[days, person])
        begun[days, event] = start
        done = start + events.busy[days, event]
        people[days, role, person] = np.where(role == _NOBODY, -np.inf, done)
        at[days, pot] = event + 1
        wanted[days, pot] = np.maximum(events.base[days, event + 1], start + events.after[days, event])
    return [begun[:, last] + events.cooked[:, last] for last in events.last_of]


def _events(day: Day, loads: Sequence[_Load], spread: Spread, draws: Draws) -> _Events:
    book = _Book(draws.count)
    late = late_minutes(spread, draws)
    longer_load, longer_boil = factor(spread.load_sigma, draws.load), factor(spread.boil_sigma, draws.boil)
    pot_id = ""
    for load in loads:
        if load.planned.pot_id != pot_id:
            pot_id = load.planned.pot_id
            book.open_pot()
        job, column = load.jobs[0], load.columns[0]
        busy = job.load_min * (np.ones(draws.count) if load.is_history else longer_load[:, column])
        role = _NOBODY if load.is_history or not job.load_min else _LOADER
        boil, base = job.cook_min * longer_boil[:, column], _soaked(day, load, late)
        if not job.needs_adder or job.add_at_min is None:
            book.write(role, base, busy, busy + boil + job.clean_min, busy + boil)
        else:
            book.write(role, base, busy, busy + job.add_at_min, 0)
            # What goes in late still boils for as long as it has to, and everything else with it.
            left = np.maximum(boil - job.add_at_min, 0.0)
            add_at = load.planned.cook_at_min + job.add_at_min
            role = _NOBODY if add_at < day.now_min else _ADDER
            book.write(role, add_at, job.add_min, left + job.clean_min, left)
        book.last_of.append(len(book.who) - 1)
    return book.events()


class _Book:
    """Events as they are written down, pot by pot."""

    def __init__(self, days: int) -> None:
        self.who: list[int] = []
        self.first: list[int] = []
        self.last_of: list[int] = []
        self._days = days
        self._columns: tuple[list[Floats], ...] = ([], [], [], [])

    def open_pot(self) -> None:
        """Begin the events of the next pot, after closing those of the one before."""
        if self.first:
            self._close()
        self.first.append(len(self.who))

    def write(self, who: int, *minutes: Floats | float) -> None:
        """An event: base, busy, after and cooked, of each day or of all of them."""
        self.who.append(who)
        for column, value in zip(self._columns, minutes, strict=True):
            column.append(np.broadcast_to(value, self._days))

    def events(self) -> _Events:
        """All that was written."""
        self._close()
        base, busy, after, cooked = (np.stack(column, axis=1) for column in self._columns)
        return _Events(np.array(self.who), base, busy, after, cooked, self.first, self.last_of)

    def _close(self) -> None:
        self.write(_NOBODY, np.inf, 0, 0, 0)


def _soaked(day: Day, load: _Load, late: Floats) -> Floats:
    """When a load may go into its pot, pot and people aside: as planned, and all of it soaked."""
    base = np.full(len(late), float(load.planned.load_at_min))
    for job, column in zip(load.jobs, load.columns, strict=True):
        # What is here when the plan is made cannot come late any more.
        if job.started is None and job.release_min > day.now_min:
            base = np.maximum(base, job.release_min + late[:, column] + job.soak_min)
    return base


def _pack(
    day: Day,
    schedule: Schedule,
    loads: Sequence[_Load],
    cooked: Sequence[Floats],
    spread: Spread,
    draws: Draws,
) -> dict[str, Floats]:
    """Who comes first is packed first; at the same minute, whose packing was planned first."""
    jobs = {job.id: job for load in loads for job in load.jobs}
    cooked_at = {column: at for load, at in zip(loads, cooked, strict=True) for column in load.columns}
    planned = sorted(range(len(schedule.jobs)), key=lambda column: schedule.jobs[column].pack_at_min)
    wanted = np.stack(
        [np.maximum(schedule.jobs[column].pack_at_min, cooked_at[column]) for column in planned], axis=1
    )
    minutes = np.array([jobs[schedule.jobs[column].job_id].pack_min for column in planned], dtype=np.float64)
    busy = minutes * factor(spread.pack_sigma, draws.pack[:, planned])
    days = np.arange(draws.count)
    free = np.full((draws.count, max(1, day.crew.packers)), -np.inf)
    ends = np.empty_like(wanted)
    queue = wanted.argsort(axis=1, kind="stable")
    for turn in range(len(planned)):
        job = queue[:, turn]
        person = free.argmin(axis=1)
        length = busy[days, job]
        end = np.maximum(wanted[days, job], np.where(length > 0, free[days, person], -np.inf)) + length
        free[days, person] = np.where(length > 0, end, free[days, person])
        ends[days, job] = end
    return {schedule.jobs[column].job_id: ends[:, place] for place, column in enumerate(planned)}
