"""The couriers carry out the trips: a trip waits for its bags up to a rule, then they drive on.

Nothing leaves before its planned minute. Rests are taken where they were planned, at their full length.
Times are float minutes with one row for each drawn day.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from dispatch.county import Vehicle, Window
from dispatch.plan_types import DayPlan, Rest, Stop, Trip
from dispatch.problem import Day
from dispatch.simulation.spread import Draws, Floats, Spread, factor
from dispatch.travel import UNREACHABLE, Travel

# Half of the usual promise: who waits longer makes every other bag of the trip late.
HOLD_MIN = 30

Flags = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]


@dataclass(frozen=True, slots=True, eq=False)
class Driven:
    """One trip on all drawn days.

    Attributes:
        depart, back: (draws,) minutes.
        begins: of each stop, (draws,) when handing over begins.
        left_behind: of each order that can miss the trip, (draws,) whether it does.
    """

    trip: Trip
    depart: Floats
    begins: tuple[Floats, ...]
    back: Floats
    left_behind: Mapping[str, Flags]


def legs_of(plan: DayPlan) -> int:
    """How many ways the trips of a plan have, the ways home included."""
    return sum(len(trip.visits) + 1 for trip in plan.routes.trips)


def drive(
    day: Day,
    plan: DayPlan,
    travel: Travel,
    ready: Mapping[str, Floats],
    spread: Spread,
    draws: Draws,
    *,
    hold_min: int,
) -> list[Driven]:
    """Drive all trips.

    Args:
        day: vehicles, loading times.
        plan: its trips, carried out as ordered.
        travel: matrices that hold for the vehicles.
        ready: of each order (draws,) minutes at which its bags are packed.
        spread, draws: what is drawn.
        hold_min: how long past its planned departure a trip waits for bags; what comes later is left behind.

    Returns:
        The trips in the order of the plan.
    """
    fleet = {vehicle.id: vehicle for vehicle in day.vehicles}
    stops = {stop.id: stop for stop in plan.stops}
    slower = factor(spread.weather_sigma, draws.weather)
    before: dict[str, Driven] = {}
    driven: dict[int, Driven] = {}
    first_leg = np.cumsum([0, *(len(trip.visits) + 1 for trip in plan.routes.trips)])
    in_order = sorted(range(len(plan.routes.trips)), key=lambda place: plan.routes.trips[place].depart_min)
    for place in in_order:
        trip = plan.routes.trips[place]
        vehicle = fleet[trip.vehicle_id]
        rests = [rest for rest in plan.routes.rests if rest.vehicle_id == vehicle.id]
        carried = [stops[visit.stop_id] for visit in trip.visits]
        loading = day.loading_min * factor(spread.dock_sigma, draws.dock[:, place])
        last = before.get(vehicle.id)
        depart, left = _depart(day, trip, carried, last, rests, ready, loading, hold_min)
        legs = slice(first_leg[place], first_leg[place + 1])
        roads = slower * factor(spread.trip_sigma, draws.trip[:, place])
        along = roads[:, None] * factor(spread.arc_sigma, draws.arc[:, legs])
        doors = factor(spread.door_sigma, draws.door[:, legs])
        minutes = _drives(trip, carried, travel, vehicle)
        begins, back = _round(trip, carried, rests, minutes, depart, along, doors)
        driven[place] = before[vehicle.id] = Driven(trip, depart, begins, back, left)
    return [driven[place] for place in range(len(plan.routes.trips))]


def _depart(
    day: Day,
    trip: Trip,
    carried: Sequence[Stop],
    last: Driven | None,
    rests: Sequence[Rest],
    ready: Mapping[str, Floats],
    loading: Floats,
    hold_min: int,
) -> tuple[Floats, dict[str, Flags]]:
    """When a trip leaves, and what it leaves behind."""
    leaves = np.full(len(loading), float(trip.depart_min))
    if last is not None:
        # A rest between two trips may be taken while the vehicle is loaded: no more is kept than was planned.
        rested = _rest_between(rests, last.trip.return_min, trip.depart_min)
        spare = trip.depart_min - last.trip.return_min - day.loading_min
        leaves = np.maximum(leaves, last.back + loading + max(0, min(rested, spare)))
    # A vehicle that is late itself takes whatever is there by then.
    latest = np.maximum(leaves, trip.depart_min + hold_min)
    left: dict[str, Flags] = {}
    depart = leaves
    for order_id in (order_id for stop in carried for order_id in stop.order_ids):
        loaded = ready[order_id] + loading
        left[order_id] = loaded > latest
        depart = np.where(left[order_id], depart, np.maximum(depart, loaded))
    return depart, left


def _drives(trip: Trip, carried: Sequence[Stop], travel: Travel, vehicle: Vehicle) -> list[int]:
    """Planned driving minutes of each leg; where the matrix has no road, those of the plan."""
    minutes, row = travel.minutes_of(vehicle), travel.index()
    rows = [0, *(row[stop.place_id] for stop in carried), 0]
    planned = _elapsed(trip, carried)
    found = [int(minutes[a, b]) for a, b in pairwise(rows)]
    return [own if own != UNREACHABLE else until for own, until in zip(found, planned, strict=True)]


def _elapsed(trip: Trip, carried: Sequence[Stop]) -> list[int]:
    """Planned minutes from each departure to the beginning of the next handing over, and home."""
    leave = [trip.depart_min, *(visit.leave_min for visit in trip.visits)]
    until = [*_planned_begins(trip, carried), trip.return_min]
    return [end - start for start, end in zip(leave, until, strict=True)]


def _planned_begins(trip: Trip, carried: Sequence[Stop]) -> list[int]:
    return [visit.leave_min - stop.service_min for visit, stop in zip(trip.visits, carried, strict=True)]


def _round(
    trip: Trip,
    carried: Sequence[Stop],
    rests: Sequence[Rest],
    minutes: Sequence[int],
    depart: Floats,
    along: Floats,
    doors: Floats,
) -> tuple[tuple[Floats, ...], Floats]:
    """From the centre from door to door and back."""
    now, planned_now = depart, trip.depart_min
    begins: list[Floats] = []
    elapsed = _elapsed(trip, carried)
    for leg, drive_min in enumerate(minutes):
        spare = max(0, elapsed[leg] - drive_min)
        rested = min(spare, _rest_between(rests, planned_now, planned_now + elapsed[leg]))
        now = now + drive_min * along[:, leg] + rested
        if leg == len(carried):
            break
        stop = carried[leg]
        if stop.windows:
            now = _let_in(now, stop.windows)
        elif spare > rested:
            # The plan waits here for a reason that is not ours to know.
            now = np.maximum(now, planned_now + elapsed[leg])
        begins.append(now)
        now = now + stop.service_min * doors[:, leg]
        planned_now = trip.visits[leg].leave_min
    return tuple(begins), now


def _let_in(arrive: Floats, windows: Sequence[Window]) -> Floats:
    """When handing over begins at a door with windows; after the last one somebody has to come out."""
    begin = arrive
    for first, last in reversed(windows):
        begin = np.where(arrive <= last, np.maximum(arrive, first), begin)
    return begin


def _rest_between(rests: Sequence[Rest], start_min: int, end_min: int) -> int:
    return sum(rest.end_min - rest.start_min for rest in rests if start_min <= rest.start_min < end_min)
