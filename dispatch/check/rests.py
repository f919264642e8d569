"""Checks of the breaks that couriers take."""

from collections.abc import Iterable, Iterator, Sequence

from dispatch.check.violation import Violation
from dispatch.county import Vehicle
from dispatch.plan_types import Rest, Trip


def rested_between(rests: Iterable[Rest], start_min: int, end_min: int) -> int:
    """Minutes of rest between two moments."""
    return sum(max(0, min(end_min, rest.end_min) - max(start_min, rest.start_min)) for rest in rests)


def check_rests(
    vehicle: Vehicle, trips: Iterable[Trip], rests: Sequence[Rest], *, loading_min: int, now_min: int
) -> list[Violation]:
    """Everything wrong with the rests of a vehicle that is used.

    A break is due unless the time for it is over before the vehicle can begin, or comes after its shift.
    Rests on the way are paid for by later arrivals, which are checked with the trips.

    Args:
        vehicle: its breaks and shift.
        trips: of the vehicle.
        rests: of its courier.
        loading_min: before each departure.
        now_min: nothing begins before.
    """
    begin = max(vehicle.shift_start_min, now_min)
    due = [
        each
        for each in vehicle.breaks
        if each.latest_min >= begin and each.earliest_min <= vehicle.shift_end_min
    ]
    taken = sorted(rests, key=lambda rest: rest.start_min)
    if len(due) != len(taken):
        return [Violation("rests", vehicle.id, f"{len(taken)} rests, {len(due)} breaks are due")]
    found: list[Violation] = []
    for each, rest in zip(due, taken, strict=True):
        first = max(each.earliest_min, begin)
        if not first <= rest.start_min <= each.latest_min or rest.end_min - rest.start_min != each.length_min:
            detail = (
                f"{rest.start_min}-{rest.end_min}, {each.length_min} min from {first} to {each.latest_min}"
            )
            found.append(Violation("break", vehicle.id, detail))
    found += [
        Violation("rest_overlap", vehicle.id, f"at work from {start} to {end}")
        for start, end in _at_work(trips, loading_min)
        if rested_between(taken, start, end)
    ]
    return found


def _at_work(trips: Iterable[Trip], loading_min: int) -> Iterator[tuple[int, int]]:
    """When the courier loads or hands over."""
    for trip in trips:
        yield trip.depart_min - loading_min, trip.depart_min
        for visit in trip.visits:
            yield visit.arrive_min + visit.wait_min, visit.leave_min
