"""When a courier who has breaks to take is where.

A rest is taken where it costs little: while bags are not packed yet, before a door that is still closed.
Else it is put off, since what is driven before it comes earlier; so it is taken at the centre after the last
trip, on arrival at the stop behind whose service it would come too late, or on the way there.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from dispatch.county import Break, Vehicle, Window

_NEVER = (1 << 40, 1 << 40)


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
    """What of a RouteProblem decides when a vehicle is where, and what that costs."""

    vehicles: tuple[Vehicle, ...]
    breaks: list[tuple[Break, ...]]
    minutes: list[list[list[int]]]
    loading_min: int
    loaded: list[int]
    service: list[int]
    metres: list[list[list[int]]]
    doors: list[tuple[Window, ...] | None]
    weights: list[int]
    ready_weights: list[int]
    due: list[int]
    strange: list[list[int]]

    def begin(self, vehicle: Vehicle) -> int:
        """When a vehicle can begin to be loaded."""

    def opens(self, stop: int, arrive: int) -> int | None:
        """When handing over can begin after an arrival, None when it is too late."""

    def vehicle_cost(self, vehicle: int, trips: Sequence[Sequence[int]], table: Timetable) -> float:
        """What a vehicle's day weighs."""

    def weighed(
        self, vehicle: int, length_m: int, waited_min: int, late_min: int, strange_fen: int, used_min: int
    ) -> float:
        """The same from the sums over its trips."""


def rested_times(problem: Timing, vehicle: int, trips: Sequence[Sequence[int]]) -> Timetable | None:
    """The trips of a vehicle whose courier has breaks, None when a rule is broken.

    Rests are put off first; where that breaks a rule, they are taken as soon as they may be; where that too
    breaks one, trips leave as early as they can, so that there is time to rest before their first door.

    Args:
        problem: stops, roads, breaks.
        vehicle: its index.
        trips: stops of each trip, none empty.
    """
    return _Clock(problem, vehicle).run(trips) or _second_thoughts(problem, vehicle, trips)


def _second_thoughts(problem: Timing, vehicle: int, trips: Sequence[Sequence[int]]) -> Timetable | None:
    eager = _Clock(problem, vehicle, eager=True).run(trips)
    return eager or _Clock(problem, vehicle, prompt=True).run(trips)


def rested_cost(problem: Timing, vehicle: int, trips: Sequence[Sequence[int]]) -> float:
    """What `rested_times` costs, infinity where a rule is broken.

    The same walk in one loop over plain lists, for the searches; it looks closer only where a rest is near.
    """
    minutes, metres, doors = problem.minutes[vehicle], problem.metres[vehicle], problem.doors
    loaded, service, weights, due = problem.loaded, problem.service, problem.weights, problem.due
    strange, ready_weights = problem.strange[vehicle], problem.ready_weights
    clock = _Clock(problem, vehicle)
    end, free_at = problem.vehicles[vehicle].shift_end_min, problem.begin(problem.vehicles[vehicle])
    opens_at, closes_at = clock.next_rest()
    length = waited = late = strange_fen = time = 0
    begun = -1
    try:
        for trip in trips:
            time = free_at + problem.loading_min
            for stop in trip:
                if loaded[stop] > time:
                    time = loaded[stop]
            if opens_at < time or doors[trip[0]] is not None:
                time = clock.depart(trip, free_at)
                opens_at, closes_at = clock.next_rest()
            if begun < 0:
                begun = time
            here = 0
            for stop in trip:
                row = stop + 1
                arrive = time + minutes[here][row]
                if closes_at < arrive:
                    arrive = clock.drive(time, minutes[here][row])
                    opens_at, closes_at = clock.next_rest()
                time = arrive
                windows = doors[stop]
                if windows is not None:
                    for first, last in windows:
                        if time <= last:
                            if time < first:
                                time = first
                            break
                    else:
                        raise _TooLateError
                if opens_at < time + service[stop]:
                    time = clock.door(stop, arrive)
                    opens_at, closes_at = clock.next_rest()
                if time > end:
                    raise _TooLateError
                length += metres[here][row]
                waited += time * weights[stop] - ready_weights[stop]
                if time > due[stop]:
                    late += (time - due[stop]) * weights[stop]
                strange_fen += strange[stop]
                time += service[stop]
                here = row
            free_at = time + minutes[here][0]
            if closes_at < free_at:
                free_at = clock.drive(time, minutes[here][0])
                opens_at, closes_at = clock.next_rest()
            length += metres[here][0]
            time = free_at
            if time > end:
                raise _TooLateError
    except _TooLateError:
        if not clock.rests and time < opens_at:
            return math.inf
        table = _second_thoughts(problem, vehicle, trips)
        return math.inf if table is None else problem.vehicle_cost(vehicle, trips, table)
    used_min = free_at - begun + problem.loading_min
    return problem.weighed(vehicle, length, waited, late, strange_fen, used_min)


class _TooLateError(Exception):
    """A rule of time is broken."""


class _Clock:
    """One run through a vehicle's day.

    Args:
        problem: stops, roads, breaks.
        vehicle: its index.
        eager: rest as soon as a break may begin, at the centre and before doors.
        prompt: leave without regard to when the first door opens.
    """

    def __init__(self, problem: Timing, vehicle: int, *, eager: bool = False, prompt: bool = False) -> None:
        self.problem, self.vehicle, self.eager, self.prompt = problem, vehicle, eager, prompt
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

    def next_rest(self) -> tuple[int, int]:
        """From when to when the next rest may begin, later than any day where there is none."""
        return (self.waiting[0].earliest_min, self.waiting[0].latest_min) if self.waiting else _NEVER

    def _trip(self, trip: Sequence[int], free_at: int) -> Times:
        problem, minutes = self.problem, self.problem.minutes[self.vehicle]
        time = self.depart(trip, free_at)
        depart, here = time, 0
        arrive: list[int] = []
        begin: list[int] = []
        for stop in trip:
            time = self.drive(time, minutes[here][stop + 1])
            arrive.append(time)
            begin.append(self.door(stop, time))
            time = begin[-1] + problem.service[stop]
            here = stop + 1
        return Times(depart, tuple(arrive), tuple(begin), self.drive(time, minutes[here][0]))

    def depart(self, trip: Sequence[int], free_at: int) -> int:
        """When a trip leaves; rests that fit before its loading are taken."""
        problem, first = self.problem, trip[0]
        loaded = max(problem.loaded[stop] for stop in trip)
        drive = problem.minutes[self.vehicle][0][first + 1]
        while True:
            depart = max(free_at + problem.loading_min, loaded)
            if not self.prompt:
                depart = _opens(problem, first, depart + drive) - drive
            if not self._takes_now(free_at, depart - problem.loading_min, next_at=depart):
                return depart
            free_at = self._rest(free_at)

    def door(self, stop: int, arrive: int) -> int:
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

    def drive(self, time: int, drive_min: int) -> int:
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
