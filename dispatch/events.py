"""What happens to a day after its plan was made, and how the day stands then."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from dispatch.county import Vehicle
from dispatch.guard import name, whole
from dispatch.plan_types import DayPlan, Trip, Visit
from dispatch.problem import Crew, Day, Job, Order
from dispatch.remaining import rest_of_day
from dispatch.travel import Travel


@dataclass(frozen=True, slots=True)
class PotDown:
    """A pot has failed; what is cooking in it is lost."""

    pot_id: str

    def __post_init__(self) -> None:
        name("pot down: pot_id", self.pot_id)


@dataclass(frozen=True, slots=True)
class LateOrders:
    """Orders that came after the plan was made."""

    orders: tuple[Order, ...]


@dataclass(frozen=True, slots=True)
class RoadClosed:
    """Villages that cannot be reached, or roads between pairs of places that cannot be driven either way."""

    village_ids: tuple[str, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class VehicleOut:
    """A vehicle that has broken down or whose courier is ill, from a minute on.

    Before now: where it was on the road it stands there, and what it had not handed over is stranded. Later
    than now: its shift ends then.
    """

    vehicle_id: str
    at_min: int

    def __post_init__(self) -> None:
        name("vehicle out: vehicle_id", self.vehicle_id)
        whole(f"vehicle {self.vehicle_id} out: at_min", self.at_min)


@dataclass(frozen=True, slots=True)
class BagsScrapped:
    """The bags of an order, or what was to go into them, are thrown away and made again as `job`."""

    order_id: str
    job: Job

    def __post_init__(self) -> None:
        name("bags scrapped: order_id", self.order_id)


@dataclass(frozen=True, slots=True)
class CrewChanged:
    """So many people pack, load and add from now on."""

    crew: Crew


Event = PotDown | LateOrders | RoadClosed | VehicleOut | BagsScrapped | CrewChanged


@dataclass(frozen=True, slots=True)
class Stranded:
    """An order in a vehicle that stands on the road; somebody has to go there.

    Attributes:
        order_id, village_id: what waits, and for where.
        vehicle_id: in which vehicle.
        place_id: the last place the vehicle was at, the centre's id where it had come to none.
        next_place_id: the one it was driving to.
        since_min: from when.
    """

    order_id: str
    village_id: str
    vehicle_id: str
    place_id: str
    next_place_id: str
    since_min: int


@dataclass(frozen=True, slots=True)
class Standing:
    """The day at a minute after events.

    Attributes:
        day: what is still to be planned.
        travel: the roads as they are now.
        delivered: orders handed over.
        on_road: orders on vehicles under way, expected as they were promised.
        returning: orders on vehicles under way that cannot be handed over and come back; they are in `day`.
        stranded: orders that stand on the road.
        gone: the trips that are over, under way or being loaded: (vehicle, number).
    """

    day: Day
    travel: Travel
    delivered: tuple[str, ...]
    on_road: tuple[str, ...]
    returning: tuple[str, ...]
    stranded: tuple[Stranded, ...]
    gone: tuple[tuple[str, int], ...]


def standing(day: Day, so_far: DayPlan, events: Sequence[Event], *, now_min: int, travel: Travel) -> Standing:
    """How a day stands at `now_min`, having followed its plan until then, after some events.

    Trips on the road go on as planned, those already being loaded too. Bags for a village that was cut off
    come back with their vehicle, or are unloaded where it has not left.

    Args:
        day: the day as it was planned.
        so_far: the plan followed until now.
        events: in any order.
        now_min: the present minute.
        travel: the roads as they were.

    Raises:
        ValueError: an event names a pot, village, vehicle or order that is not there, or an order as scrapped
            that was handed over.
    """
    told = _Told(day, events, now_min)
    roads = (
        travel.closed(sorted(told.villages), sorted(told.pairs)) if told.villages or told.pairs else travel
    )
    trips = _Trips(day, so_far, told, now_min)
    scrapped_late = sorted(set(told.scrapped) & set(trips.delivered))
    if scrapped_late:
        raise ValueError(f"bags scrapped: order {scrapped_late[0]} has been handed over already")
    planned = {each.job_id for each in so_far.schedule.jobs}
    if known := sorted(job.id for job in told.scrapped.values() if job.id in planned):
        raise ValueError(f"bags scrapped: job {known[0]!r} is in the plan already, give it a new id")
    stranded = tuple(each for each in trips.stranded if each.order_id not in told.scrapped)
    again = dict.fromkeys(told.scrapped, now_min)
    rest = rest_of_day(
        told.changed(day), so_far, now_min=now_min, gone=trips.gone, back={**trips.returning, **again}
    )
    # Only now: a vehicle that is out for the rest of the day has no return either.
    vehicles = (told.vehicle_now(each) for each in rest.vehicles)
    return Standing(
        day=replace(rest, vehicles=tuple(each for each in vehicles if each is not None)),
        travel=roads,
        delivered=tuple(trips.delivered),
        on_road=tuple(each for each in trips.on_road if each not in told.scrapped),
        returning=tuple(each for each in trips.returning if each not in told.scrapped),
        stranded=stranded,
        gone=tuple((trip.vehicle_id, trip.number) for trip in trips.gone),
    )


class _Told:
    """The events sorted by kind, each checked against the day."""

    def __init__(self, day: Day, events: Sequence[Event], now_min: int) -> None:
        self.now_min = now_min
        self.pots: set[str] = set()
        self.late: list[Order] = []
        self.villages: set[str] = set()
        self.pairs: set[tuple[str, str]] = set()
        self.out: dict[str, int] = {}
        self.scrapped: dict[str, Job] = {}
        self.crew = day.crew
        for event in events:
            self._sort(event)
        _refuse_unknown("pot down: pot_id", self.pots, {pot.id for pot in day.pots})
        places = {day.centre.id, *(village.id for village in day.villages)}
        _refuse_unknown("road closed: village", self.villages, places - {day.centre.id})
        _refuse_unknown("road closed: place", {place for pair in self.pairs for place in pair}, places)
        _refuse_unknown("vehicle out: vehicle_id", set(self.out), {each.id for each in day.vehicles})
        orders = {order.id for order in (*day.orders, *self.late)}
        _refuse_unknown("bags scrapped: order_id", set(self.scrapped), orders)

    def _sort(self, event: Event) -> None:
        match event:
            case PotDown(pot_id):
                self.pots.add(pot_id)
            case LateOrders(orders):
                self.late += orders
            case RoadClosed(villages, pairs):
                self.villages |= set(villages)
                self.pairs |= set(pairs)
            case VehicleOut(vehicle_id, at_min):
                self.out[vehicle_id] = min(at_min, self.out.get(vehicle_id, at_min))
            case BagsScrapped(order_id, job):
                self.scrapped[order_id] = job
            case CrewChanged(crew):
                self.crew = crew

    def changed(self, day: Day) -> Day:
        """The day with its pots, people and orders as they are now."""
        orders = (
            replace(order, job=self.scrapped[order.id], ready_min=None)
            if order.id in self.scrapped
            else order
            for order in (*day.orders, *self.late)
        )
        pots = tuple(pot for pot in day.pots if pot.id not in self.pots)
        return replace(day, orders=tuple(orders), pots=pots, crew=self.crew)

    def is_closed(self, before: str, place: str) -> bool:
        """Whether a place can no longer be driven to from the one before it."""
        return place in self.villages or (before, place) in self.pairs or (place, before) in self.pairs

    def stands_from(self, vehicle_id: str) -> int | None:
        """Since when a vehicle stands, None where it does not."""
        at_min = self.out.get(vehicle_id)
        return None if at_min is None or at_min > self.now_min else at_min

    def vehicle_now(self, vehicle: Vehicle) -> Vehicle | None:
        """The vehicle for the rest of the day, None where it is out."""
        if vehicle.id not in self.out:
            return vehicle
        if self.stands_from(vehicle.id) is not None:
            return None
        end = min(vehicle.shift_end_min, self.out[vehicle.id])
        return replace(vehicle, shift_start_min=min(vehicle.shift_start_min, end), shift_end_min=end)


class _Trips:
    """What becomes of the orders on trips that are over, under way or being loaded."""

    def __init__(self, day: Day, so_far: DayPlan, told: _Told, now_min: int) -> None:
        self.day, self.told, self.now_min = day, told, now_min
        self.stops = {stop.id: stop for stop in so_far.stops}
        self.ready = {promise.order_id: promise.ready_min for promise in so_far.promises}
        self.delivered: list[str] = []
        self.on_road: list[str] = []
        self.returning: dict[str, int] = {}
        self.stranded: list[Stranded] = []
        self.gone = [trip for trip in so_far.routes.trips if self._is_gone(trip)]
        for trip in self.gone:
            self._follow(trip)

    def _is_gone(self, trip: Trip) -> bool:
        stands_from = self.told.stands_from(trip.vehicle_id)
        if stands_from is not None:
            return trip.depart_min < stands_from
        return trip.depart_min - self.day.loading_min < self.now_min

    def _follow(self, trip: Trip) -> None:
        stands_from = self.told.stands_from(trip.vehicle_id)
        here = self.day.centre.id
        for visit in trip.visits:
            stop = self.stops[visit.stop_id]
            begin = visit.arrive_min + visit.wait_min
            if begin <= (self.now_min if stands_from is None else stands_from):
                self.delivered += stop.order_ids
            elif stands_from is not None:
                self._strand(trip, visit, here, stands_from)
                # It came no further: every other stop waits at the same place.
                continue
            elif self.told.is_closed(here, stop.place_id):
                self._return(trip, visit)
                continue
            else:
                self.on_road += stop.order_ids
            here = stop.place_id

    def _strand(self, trip: Trip, visit: Visit, here: str, since_min: int) -> None:
        stop = self.stops[visit.stop_id]
        heading = next(
            self.stops[each.stop_id].place_id
            for each in trip.visits
            if each.arrive_min + each.wait_min > since_min
        )
        self.stranded += [
            Stranded(order_id, stop.place_id, trip.vehicle_id, here, heading, since_min)
            for order_id in stop.order_ids
        ]

    def _return(self, trip: Trip, visit: Visit) -> None:
        has_left = trip.depart_min < self.now_min
        for order_id in self.stops[visit.stop_id].order_ids:
            self.returning[order_id] = trip.return_min if has_left else self.ready[order_id]


def _refuse_unknown(field: str, given: set[str], known: set[str]) -> None:
    if unknown := sorted(given - known):
        raise ValueError(f"{field} {unknown[0]!r} is none of the day's")
