"""When a courier who has breaks to take is where.

A rest is taken where it costs little: while bags are not packed yet, before a door that is still closed.
Else it is put off, since what is driven before it comes earlier; so it is taken at the centre after the last
trip, on arrival at the stop behind whose service it would come too late, or on the way there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from dispatch.county import Break, Vehicle


@dataclass(frozen=True, slots=True)
class Times:
    """One trip in minutes: departure, arrival and beginning of handing over at each stop, return."""

    depart: int
    arrive: tuple[int, ...]
    begin: tuple[int, ...]
    back: int


@dataclass(frozen=True, slots=True)
class Timetable:
    """A vehicle's day: its trips, and (start, end) of its courier's rests."""

    trips: tuple[Times, ...]
    rests: tuple[tuple[int, int], ...]

    def visits(self, trips: Sequence[Sequence[int]]) -> list[tuple[int, int]]:
        """(stop, beginning of handing over) of every visit."""
        return [
            (stop, begin)
            for trip, times in zip(trips, self.trips, strict=True)
            for stop, begin in zip(trip, times.begin, strict=True)
        ]


class Timing(Protocol):
    """What of a RouteProblem decides when a vehicle is where."""

    vehicles: tuple[Vehicle, ...]
    breaks: list[tuple[Break, ...]]
    minutes: list[list[list[int]]]
    loading_min: int
    loaded: list[int]
    service: list[int]

    def begin(self, vehicle: Vehicle) -> int:
        """When a vehicle can begin to be loaded."""

    def opens(self, stop: int, arrive: int) -> int | None:
        """When handing over can begin after an arrival, None when it is too late."""


def rested_times(problem: Timing, vehicle: int, trips: Sequence[Sequence[int]]) -> Timetable | None:
    """The trips of a vehicle whose courier has breaks, None when a rule is broken.

    Rests are put off first; where that breaks a rule, they are taken as soon as they may be.

    Args:
        problem: stops, roads, breaks.
        vehicle: its index.
        trips: stops of each trip, none empty.
    """
    return _Clock(problem, vehicle, eager=False).run(trips) or _Clock(problem, vehicle, eager=True).run(trips)


class _TooLateError(Exception):
    """A rule of time is broken."""


class _Clock:
    """One run through a vehicle's day."""

    def __init__(self, problem: Timing, vehicle: int, *, eager: bool) -> None:
        self.problem, self.vehicle, self.eager = problem, vehicle, eager
        self.waiting = list(problem.breaks[vehicle])
        self.rests: list[tuple[int, int]] = []

    def run(self, trips: Sequence[Sequence[int]]) -> Timetable | None:
        problem, end = self.problem, self.problem.vehicles[self.vehicle].shift_end_min
        free_at = problem.begin(problem.vehicles[self.vehicle])
        found: list[Times] = []
        try:
            for trip in trips:
                times = self._trip(trip, free_at)
                if times.back > end:
                    return None
                found.append(times)
                free_at = times.back
            while self.waiting:
                free_at = self._rest(free_at)
        except _TooLateError:
            return None
        return Timetable(tuple(found), tuple(self.rests))

    def _trip(self, trip: Sequence[int], free_at: int) -> Times:
        problem, minutes = self.problem, self.problem.minutes[self.vehicle]
        time = self._depart(trip, free_at)
        depart, here = time, 0
        arrive: list[int] = []
        begin: list[int] = []
        for stop in trip:
            time = self._drive(time, minutes[here][stop + 1])
            arrive.append(time)
            begin.append(self._door(stop, time))
            time = begin[-1] + problem.service[stop]
            here = stop + 1
        return Times(depart, tuple(arrive), tuple(begin), self._drive(time, minutes[here][0]))

    def _depart(self, trip: Sequence[int], free_at: int) -> int:
        """When a trip leaves; rests that fit before its loading are taken."""
        problem, first = self.problem, trip[0]
        loaded = max(problem.loaded[stop] for stop in trip)
        drive = problem.minutes[self.vehicle][0][first + 1]
        while True:
            depart = max(free_at + problem.loading_min, loaded)
            depart = _opens(problem, first, depart + drive) - drive
            if not self._takes_now(free_at, depart - problem.loading_min, next_at=depart):
                return depart
            free_at = self._rest(free_at)

    def _door(self, stop: int, arrive: int) -> int:
        """When handing over begins, after the rests that fit before it or could not wait for its end."""
        problem, time = self.problem, arrive
        while True:
            begin = _opens(problem, stop, time)
            if not self._takes_now(time, begin, next_at=begin + problem.service[stop]):
                return begin
            time = self._rest(time)

    def _takes_now(self, time: int, busy_at: int, *, next_at: int) -> bool:
        """Whether the next rest is taken in the idle time before `busy_at`.

        Args:
            time: the courier is idle from here on.
            busy_at: until here.
            next_at: when a rest could begin next.
        """
        if not self.waiting:
            return False
        rest = self.waiting[0]
        start = max(time, rest.earliest_min)
        # A rest that is half idle time costs less than one on the way.
        idle = 2 * (busy_at - start) >= rest.length_min
        return idle or rest.latest_min < next_at or (self.eager and start <= busy_at)

    def _drive(self, time: int, drive_min: int) -> int:
        """The arrival, after the rests that could not wait for it."""
        arrive, free_at = time + drive_min, time
        while self.waiting and self.waiting[0].latest_min < arrive:
            length = self.waiting[0].length_min
            free_at = self._rest(free_at)
            arrive += length
        return arrive

    def _rest(self, time: int) -> int:
        """Take the next rest as soon as it may begin; its end."""
        rest = self.waiting.pop(0)
        start = max(time, rest.earliest_min)
        if start > rest.latest_min:
            raise _TooLateError
        self.rests.append((start, start + rest.length_min))
        return start + rest.length_min


def _opens(problem: Timing, stop: int, arrive: int) -> int:
    begin = problem.opens(stop, arrive)
    if begin is None:
        raise _TooLateError
    return begin
