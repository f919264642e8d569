"""Between the pharmacy and the planner: a day's facts become a planner's problem, its plan becomes routes."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from dispatch.county import Break, Centre, Vehicle, Village
from dispatch.events import Standing, Stranded
from dispatch.formats import plan_from_dict
from dispatch.plan_types import DayPlan, Promise, Trip
from dispatch.problem import Crew, Day, Job, Order, Pot, Started
from dispatch.travel import Travel, great_circle_m
from tcm.records import centre as records
from tcm.records.clock import at_minute, county_day, minute_of
from tcm.records.lifecycle import State
from tcm.records.people import Institution
from tcm.records.plans import Delivery, Route, RouteStop
from tcm.services.gathering import DayFacts, Followed, KeptTrip, OpenOrder

# Minutes after midnight. The last wave leaves early enough to be back by the end of the shift.
WAVES_MIN = (11 * 60, 15 * 60)
HORIZON_MIN = 19 * 60
FIRST_MIN = 6 * 60
LATEST_START_MIN = 14 * 60
GRID_MIN = 5
FAR_M = 15_000
FAR_EARLIER_MIN = 60
# An urgent prescription is decocted within two hours.
# Source: 医疗机构中药煎药室管理规范 (国中医药发〔2009〕3号).
URGENT_WITHIN_MIN = 120
URGENT_WEIGHT = 10
LOAD_MIN = 5
ADD_MIN = 5
PACK_MIN = 5
# What is not decocted: from the moment it is planned until it is weighed, or filled by the granule machine.
DISPENSE_MIN = 20
CLEAN_MIN = 10
LOADING_MIN = 10


def next_grid_minute(day: date, now: datetime) -> int:
    """The first minute of the planner's grid that is not past.

    Args:
        day: County date whose midnight is minute 0.
        now: Aware moment.

    Returns:
        Minutes after midnight.
    """
    return -(-minute_of(day, now) // GRID_MIN) * GRID_MIN


def default_start(now: datetime) -> tuple[date, int]:
    """The day and minute that a planning begins with unless the manager says otherwise.

    Args:
        now: Aware moment.

    Returns:
        Today from the next grid step on, or, once the last wave can hardly be met, tomorrow morning.
    """
    day = county_day(now)
    minute = next_grid_minute(day, now)
    if minute > LATEST_START_MIN:
        return day + timedelta(days=1), FIRST_MIN
    return day, max(minute, FIRST_MIN)


def to_problem(facts: DayFacts, day: date, now_min: int) -> Day:
    """The planner's problem of a county day; minute 0 is midnight.

    Args:
        facts: What the pharmacy knows.
        day: County date.
        now_min: Nothing is planned before this minute.

    Returns:
        The problem; ids are the rows of the pharmacy's tables.

    Raises:
        ValueError: When a fact is unusable, naming the field.
    """
    wanted = {order.village_id for order in facts.orders}
    centre = facts.centre
    # The schedule knows no roads: what goes far is asked for earlier.
    far = {
        place.id
        for place in facts.places
        if great_circle_m(centre.lon, centre.lat, place.lon, place.lat) > FAR_M
    }
    return Day(
        orders=tuple(
            _order(order, day, now_min, is_far=order.village_id in far, is_out=_is_out(order, facts))
            for order in facts.orders
        ),
        pots=tuple(Pot(pot.code, pot.max_ml, pot.duty) for pot in facts.pots),  # type: ignore[arg-type]
        crew=Crew(facts.crew.packers, facts.crew.loaders, facts.crew.adders),
        vehicles=tuple(_vehicle(facts, vehicle, day, wanted) for vehicle in facts.vehicles),
        villages=tuple(village_of(place, facts.closed) for place in facts.places if place.id in wanted),
        centre=centre_of(facts),
        horizon_min=HORIZON_MIN,
        grid_min=GRID_MIN,
        now_min=now_min,
        start_clock_min=0,
        loading_min=LOADING_MIN,
        waves_min=WAVES_MIN,
        **_settings(facts.settings),
    )


def to_routes(
    plan: DayPlan,
    vehicles: Iterable[records.Vehicle],
    day: date,
    windows: Mapping[str, Sequence[int]] | None = None,
) -> list[Route]:
    """The routes of a plan, ready to be put in force.

    Args:
        plan: Made for `to_problem(facts, ...)`.
        vehicles: At least those of the facts.
        day: County date.
        windows: The window of each order that patients are told, where it is not the plan's own.

    Returns:
        One route for each vehicle that drives, its stops in order; not stored yet.
    """
    couriers = {vehicle.id: vehicle.courier_id for vehicle in vehicles}
    told: dict[str, Sequence[int]] = {each.order_id: (each.from_min, each.to_min) for each in plan.promises}
    told |= windows or {}
    orders_of = {stop.id: (stop.place_id, stop.order_ids) for stop in plan.stops}
    routes: dict[int, Route] = {}
    for trip in sorted(plan.routes.trips, key=lambda each: (each.vehicle_id, each.number)):
        vehicle_id = int(trip.vehicle_id)
        route = routes.setdefault(
            vehicle_id,
            Route(plan_id=0, day=day, vehicle_id=vehicle_id, courier_id=couriers[vehicle_id]),
        )
        for visit in trip.visits:
            place_id, order_ids = orders_of[visit.stop_id]
            # Whoever waits at one stop was told a window that holds the courier's.
            window = (max(told[key][0] for key in order_ids), min(told[key][1] for key in order_ids))
            stop = _stop(trip, visit.arrive_min, day, window)
            stop.village_id, stop.position = int(place_id), len(route.stops) + 1
            stop.deliveries = [Delivery(prescription_id=int(order_id)) for order_id in order_ids]
            route.stops.append(stop)
    return list(routes.values())


def to_standing(followed: Followed, problem: Day, travel: Travel, day: date) -> Standing:
    """The day as it stands, for the planner that changes as little as possible.

    Args:
        followed: How far the plan in force has come.
        problem: What is still to be planned, of the pharmacy's own facts.
        travel: The roads as they are now.
        day: County date.

    Returns:
        The standing; what is delivered is in no plan and is not named.
    """
    return Standing(
        day=problem,
        travel=travel,
        delivered=(),
        on_road=tuple(str(key) for key in followed.on_road),
        returning=(),
        stranded=tuple(
            Stranded(
                order_id=str(each.prescription_id),
                village_id=str(each.village_id),
                vehicle_id=str(each.vehicle_id),
                place_id=str(each.last_village_id) if each.last_village_id else problem.centre.id,
                next_place_id=str(each.next_village_id),
                since_min=minute_of(day, each.since),
            )
            for each in followed.stranded
        ),
        gone=tuple((str(vehicle_id), trip) for vehicle_id, trip in followed.gone),
    )


def so_far(followed: Followed, day: date) -> DayPlan:
    """The plan in force, with what earlier plans promised and a vehicle that stands still carries.

    Args:
        followed: How far it has come.
        day: County date.

    Returns:
        The plan to be changed as little as possible.
    """
    made = plan_from_dict(followed.plan.result)
    known = {promise.order_id for promise in made.promises}
    windows = told_windows(followed, day)
    earlier = tuple(
        Promise(
            order_id=order_id,
            village_id=str(each.village_id),
            vehicle_id=str(each.vehicle_id),
            trip=each.trip,
            ready_min=minute_of(day, each.since),
            arrive_min=windows[order_id][0],
            from_min=windows[order_id][0],
            to_min=windows[order_id][1],
        )
        for each in followed.stranded
        if (order_id := str(each.prescription_id)) not in known
    )
    return replace(made, promises=made.promises + earlier)


def told_windows(followed: Followed, day: date) -> dict[str, tuple[int, int]]:
    """The windows that patients were told.

    Args:
        followed: The plan in force.
        day: County date.

    Returns:
        First and last minute of the day by order.
    """
    return {
        str(key): (minute_of(day, first), minute_of(day, last))
        for key, (first, last) in followed.told.items()
    }


def centre_of(facts: DayFacts) -> Centre:
    """Where a day's trips begin and end."""
    centre = facts.centre
    return Centre(f"centre-{centre.id}", centre.name, centre.lon, centre.lat)


def _settings(settings: records.PlanningSettings | None) -> dict[str, Any]:
    names = ("buffer_min", "promise_late_min", "longest_box_min", "fragile_box_min")
    return {} if settings is None else {name: getattr(settings, name) for name in names}


def _is_out(order: OpenOrder, facts: DayFacts) -> bool:
    """Whether it left its pot, which is out of service since: it only waits to be packed."""
    return order.drawn_off and order.pot_code not in {pot.code for pot in facts.pots}


def _order(order: OpenOrder, day: date, now_min: int, *, is_far: bool, is_out: bool) -> Order:
    order_id, boil = str(order.prescription_id), order.boil
    volume_ml = order.dry_ml if boil is None else boil.total_ml
    priority = URGENT_WEIGHT if order.urgent else 1
    if boil is None or order.packed_at is not None or is_out:
        return Order(
            order_id,
            str(order.village_id),
            order.bags,
            volume_ml,
            ready_min=_ready_min(order, day, now_min),
            priority=priority,
            fragile=order.fragile,
            keeps=boil is None,
        )
    due_min = WAVES_MIN[-1] - LOADING_MIN - (FAR_EARLIER_MIN if is_far else 0)
    if order.urgent:
        due_min = now_min + URGENT_WITHIN_MIN
    job = Job(
        id=order_id,
        ml=volume_ml,
        release_min=_release_min(order, day, now_min),
        soak_min=boil.soak_min,
        load_min=LOAD_MIN,
        cook_min=boil.cook_min,
        pack_min=PACK_MIN,
        clean_min=CLEAN_MIN,
        due_min=due_min,
        taint=boil.taint,
        add_at_min=boil.add_at_min,
        add_min=ADD_MIN if boil.add_at_min is not None else 0,
        weight=priority,
        started=_started(order, day, now_min),
    )
    return Order(
        order_id,
        str(order.village_id),
        order.bags,
        volume_ml,
        job=job,
        priority=priority,
        fragile=order.fragile,
    )


def _ready_min(order: OpenOrder, day: date, now_min: int) -> int:
    """The minute from which bags that need no pot any more, or never did, can be loaded."""
    if order.packed_at is not None:
        return min(minute_of(day, order.packed_at), now_min)
    is_weighed = order.state is State.DISPENSED or order.drawn_off
    return now_min + PACK_MIN + (0 if is_weighed else DISPENSE_MIN)


def _release_min(order: OpenOrder, day: date, now_min: int) -> int:
    """The minute of approval, which a cut-off is held against; 0 for what was approved before the day."""
    return now_min if order.approved_at is None else max(0, _until_now(day, order.approved_at, now_min))


def _started(order: OpenOrder, day: date, now_min: int) -> Started | None:
    if order.soaked_at is None:
        return None
    soak_at_min = _until_now(day, order.soaked_at, now_min)
    if order.pot_code is None or order.loaded_at is None:
        return Started(soak_at_min)
    # The floor notes the pot when loading is over.
    load_at_min = _until_now(day, order.loaded_at, now_min) - LOAD_MIN
    return Started(min(soak_at_min, load_at_min), order.pot_code, load_at_min)


def _until_now(day: date, at: datetime, now_min: int) -> int:
    return min(minute_of(day, at), now_min)


def village_of(place: Institution, closed: Collection[int] = ()) -> Village:
    """A village clinic as the planner sees it, cut off where its road is closed."""
    return Village(
        str(place.id),
        place.name,
        place.lon,
        place.lat,
        place.has_road and place.id not in closed,
        windows=tuple((first, last) for first, last in place.door_windows),
        kinds=tuple(place.vehicle_kinds),  # type: ignore[arg-type]
    )


def _vehicle(facts: DayFacts, vehicle: records.Vehicle, day: date, wanted: Collection[int]) -> Vehicle:
    trips = [trip for trip in facts.kept if trip.vehicle_id == vehicle.id]
    start_min = _back_min(trips, day, vehicle.shift_start_min, vehicle.shift_end_min)
    known = facts.known.get(vehicle.courier_id, [])
    return Vehicle(
        id=str(vehicle.id),
        name=vehicle.name,
        capacity_bags=vehicle.capacity_bags,
        shift_start_min=start_min,
        shift_end_min=vehicle.shift_end_min,
        km_cost_fen=vehicle.km_cost_fen,
        # The use of a vehicle is paid once a day.
        fixed_cost_fen=0 if trips else vehicle.fixed_cost_fen,
        capacity_ml=vehicle.capacity_ml,
        speed_factor=vehicle.speed_factor,
        max_trips=max(vehicle.max_trips, len(trips)),
        trips_done=len(trips),
        kind=vehicle.kind,  # type: ignore[arg-type]
        # A rest that lies before the vehicle is back has been taken.
        breaks=tuple(Break(*rest) for rest in vehicle.breaks if rest[1] >= start_min),
        familiar=tuple(str(village_id) for village_id in known if village_id in wanted),
    )


def _back_min(trips: list[KeptTrip], day: date, start_min: int, end_min: int) -> int:
    back = max((minute_of(day, trip.return_at) for trip in trips), default=start_min)
    return min(max(start_min, back), end_min)


def _stop(trip: Trip, arrive_min: int, day: date, window: tuple[int, int]) -> RouteStop:
    return RouteStop(
        trip=trip.number,
        position=0,
        village_id=0,
        depart_at=at_minute(day, trip.depart_min),
        arrive_at=at_minute(day, arrive_min),
        return_at=at_minute(day, trip.return_min),
        trip_metres=trip.metres,
        promised_from_at=at_minute(day, window[0]),
        promised_to_at=at_minute(day, window[1]),
    )
