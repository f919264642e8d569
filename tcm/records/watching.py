"""Watching a pot by what its machine says: curve and steps in, deviations out. No clock, no database."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

from tcm.knowledge.decoction import BoilProgramme
from tcm.knowledge.machines import MachineLimits
from tcm.records.boils import Step
from tcm.records.machines import DeviationKind, MachineReading, Point


@dataclass(frozen=True, slots=True)
class Phase:
    """One boil of a run: the first, the second, or both where the hand does not say when one ended.

    Args:
        began_at: The water is in the pot and the heat on.
        ended_at: Drawn, None while it boils.
        boil_min: How long it is to boil.
    """

    began_at: datetime
    ended_at: datetime | None
    boil_min: int


@dataclass(frozen=True, slots=True)
class Boiled:
    """How long a pot boiled, as far as its curve tells.

    Args:
        boiled_min: It was seen to boil.
        unknown_min: Nothing was heard for so long that nobody can say.
    """

    boiled_min: float
    unknown_min: float


@dataclass(frozen=True, slots=True)
class Found:
    """A deviation, as the curve tells it.

    Args:
        kind: How.
        began_at: When; with the kind it names the deviation of a run.
        over_at: When it was over, None while it lasts or where it cannot be over.
        measured: Numbers by name, units in the names.
    """

    kind: DeviationKind
    began_at: datetime
    over_at: datetime | None = None
    measured: Mapping[str, float] = field(default_factory=dict)


def phases_of(boil: BoilProgramme, done: Mapping[Step, datetime]) -> tuple[Phase, ...]:
    """The boils of a run.

    Args:
        boil: Its programme.
        done: The steps taken, with their moments; the first is `LOADED`.

    Returns:
        Those begun, in order.
    """
    loaded, drawn = done[Step.LOADED], done.get(Step.DRAWN_OFF)
    first_drawn = done.get(Step.FIRST_DRAWN)
    first_min = boil.pre_boil_min + boil.first_boil_min
    if first_drawn is not None:
        return (Phase(loaded, first_drawn, first_min), Phase(first_drawn, drawn, boil.second_boil_min))
    # Into the pot and out of it is all that is kept: both boils lie between.
    return (Phase(loaded, drawn, first_min if drawn is None else boil.cook_min),)


def boiled(points: Sequence[MachineReading], phase: Phase, now: datetime, limits: MachineLimits) -> Boiled:
    """How long it boiled in a phase.

    Args:
        points: The curve, oldest first.
        phase: Which part of it.
        now: Aware UTC; the end of a phase that still boils.
        limits: What counts as boiling, and as silence.

    Returns:
        Minutes seen to boil, and minutes of silence.
    """
    ended_at = phase.ended_at or now
    inside = [(each.at, each.temperature_c) for each in points if phase.began_at <= each.at <= ended_at]
    silence = timedelta(minutes=limits.silence_min)
    seen = unknown = timedelta()
    # Before its first reading and after its last nobody knows either.
    for (before, before_c), (after, after_c) in pairwise([(phase.began_at, None), *inside, (ended_at, None)]):
        if before_c is None or after_c is None or after - before > silence:
            unknown += after - before
        elif min(before_c, after_c) >= limits.boiling_from_c:
            seen += after - before
    return Boiled(seen / timedelta(minutes=1), unknown / timedelta(minutes=1))


def watch(
    boil: BoilProgramme,
    done: Mapping[Step, datetime],
    points: Sequence[MachineReading],
    now: datetime,
    limits: MachineLimits,
    *,
    is_metered: bool,
    closed_at: datetime | None = None,
) -> tuple[Found, ...]:
    """Everything that went another way in a run, from its whole curve.

    Args:
        boil: The programme.
        done: The steps taken, with their moments; the first is `LOADED`.
        points: The curve, oldest first.
        now: Aware UTC.
        limits: What it is held against.
        is_metered: Whether the pot's machine is expected to speak at all.
        closed_at: When the run ended; after it nothing is watched.

    Returns:
        What was found, in order of its beginning.
    """
    until = min(now, closed_at or now)
    phases = phases_of(boil, done)
    inside = [each for each in points if each.at <= until]
    found = [*_dry_or_hot(inside, phases, limits), *_clock(inside)]
    if inside or is_metered:
        found += _silence(inside, phases[0].began_at, until, limits, is_over=closed_at is not None)
        found += [each for phase in phases for each in _too_little(inside, phase, until, limits)]
    return tuple(sorted(found, key=lambda each: each.began_at))


def is_kept(
    machine_kept: tuple[datetime, float] | None, at: datetime, temperature_c: float, limits: MachineLimits
) -> bool:
    """Whether a reading becomes a point of the curve, where nothing but the temperature may have changed.

    Args:
        machine_kept: Moment and temperature of the last point, None before the first.
        at: Of the reading.
        temperature_c: Of the reading.
        limits: How dense curves are.

    Returns:
        True where the curve would be poorer without it.
    """
    if machine_kept is None:
        return True
    kept_at, kept_c = machine_kept
    too_long = at - kept_at >= timedelta(seconds=limits.keep_every_s)
    return too_long or abs(temperature_c - kept_c) >= limits.keep_change_c


def corners(points: Sequence[Point], within_c: float) -> set[int]:
    """The points that a curve cannot do without (Ramer, Douglas and Peucker; in degrees, not in distance).

    Args:
        points: The curve, oldest first.
        within_c: How far the line through the corners may lie from any point.

    Returns:
        Their places in `points`, first and last among them.
    """
    kept = {0, len(points) - 1} if points else set()
    spans = [(0, len(points) - 1)]
    while spans:
        first, last = spans.pop()
        off_c, middle = max(
            ((_off_line_c(points, first, last, each), each) for each in range(first + 1, last)),
            default=(0.0, first),
        )
        if off_c > within_c:
            kept.add(middle)
            spans += [(first, middle), (middle, last)]
    return kept


def _off_line_c(points: Sequence[Point], first: int, last: int, place: int) -> float:
    start, end, point = points[first], points[last], points[place]
    span = end.at - start.at
    share = (point.at - start.at) / span if span else 0.0
    return abs(point.temperature_c - start.temperature_c - share * (end.temperature_c - start.temperature_c))


def _dry_or_hot(
    points: Sequence[MachineReading], phases: Sequence[Phase], limits: MachineLimits
) -> Iterator[Found]:
    def is_dry(point: MachineReading) -> bool:
        by_level = (
            point.level_ml is not None and bool(point.heater_on) and point.level_ml < limits.dry_below_ml
        )
        return point.temperature_c >= limits.dry_from_c or by_level

    def is_hot(point: MachineReading) -> bool:
        return point.temperature_c > limits.too_hot_from_c

    for phase in phases:
        inside = [
            each
            for each in points
            if phase.began_at <= each.at and (phase.ended_at is None or each.at <= phase.ended_at)
        ]
        dry = list(_stretches(inside, is_dry, timedelta(seconds=limits.dry_s)))
        for stretch in dry:
            yield _hottest(DeviationKind.BOILED_DRY, stretch, limits.dry_from_c)
        known = {id(each) for stretch in dry for each in stretch}
        for stretch in _stretches(inside, is_hot, timedelta(seconds=limits.too_hot_s)):
            # That a dry pot is too hot as well is no second thing to decide.
            if not any(id(each) in known for each in stretch):
                yield _hottest(DeviationKind.TOO_HOT, stretch, limits.too_hot_from_c)


def _hottest(kind: DeviationKind, stretch: Sequence[MachineReading], limit_c: float) -> Found:
    measured = {"hottest_c": max(each.temperature_c for each in stretch), "limit_c": limit_c}
    return Found(kind, stretch[0].at, None, measured)


def _stretches(
    points: Sequence[MachineReading], holds: Callable[[MachineReading], bool], lasting: timedelta
) -> Iterator[list[MachineReading]]:
    """Neighbours for which something holds at least so long."""
    stretch: list[MachineReading] = []
    for point in points:
        if holds(point):
            stretch.append(point)
            continue
        if stretch and stretch[-1].at - stretch[0].at >= lasting:
            yield stretch
        stretch = []
    if stretch and stretch[-1].at - stretch[0].at >= lasting:
        yield stretch


def _too_little(
    points: Sequence[MachineReading], phase: Phase, until: datetime, limits: MachineLimits
) -> Iterator[Found]:
    inside = [each for each in points if phase.began_at <= each.at and each.at <= (phase.ended_at or until)]
    if not inside:
        # Of a boil that no reading speaks of nobody but the hands can tell.
        return
    if phase.ended_at is not None:
        seen = boiled(inside, phase, until, limits)
        if seen.boiled_min + seen.unknown_min + limits.under_min < phase.boil_min:
            measured = {"boiled_min": round(seen.boiled_min, 1), "limit_min": float(phase.boil_min)}
            yield Found(DeviationKind.UNDER_TIME, phase.ended_at, None, measured)
        return
    due_at = phase.began_at + timedelta(minutes=limits.boil_within_min)
    if until < due_at:
        return
    # By what was heard in time: a machine that falls silent afterwards takes nothing back.
    early = [each for each in inside if each.at <= due_at]
    unknown_min = boiled(early, phase, due_at, limits).unknown_min
    hottest = max((each.temperature_c for each in early), default=limits.max_c)
    if hottest < limits.boiling_from_c and unknown_min <= limits.silence_min:
        measured = {"hottest_c": hottest, "limit_min": limits.boil_within_min}
        yield Found(DeviationKind.NEVER_BOILED, due_at, None, measured)


def _silence(
    points: Sequence[MachineReading],
    began_at: datetime,
    until: datetime,
    limits: MachineLimits,
    *,
    is_over: bool,
) -> Iterator[Found]:
    moments = [began_at, *(each.at for each in points if each.at > began_at)]
    limit = timedelta(minutes=limits.silence_min)
    for before, after in pairwise([*moments, until]):
        if after - before <= limit:
            continue
        lasts = after is until and not is_over
        minutes = round((after - before) / timedelta(minutes=1))
        yield Found(
            DeviationKind.SILENCE,
            before,
            None if lasts else after,
            {"silent_min": float(minutes), "limit_min": limits.silence_min},
        )


def _clock(points: Sequence[MachineReading]) -> Iterator[Found]:
    began_at: datetime | None = None
    for point in points:
        if point.is_clock_wrong and began_at is None:
            began_at = point.at
        if not point.is_clock_wrong and began_at is not None:
            yield Found(DeviationKind.CLOCK, began_at, point.at)
            began_at = None
    if began_at is not None:
        yield Found(DeviationKind.CLOCK, began_at)
