"""How warm the box on the vehicle is, read by the courier and held against the limits that are in force."""

from tcm.knowledge.box_limits import BoxLimits, read_box_limits
from tcm.records.errors import N_, Invalid, NotFound
from tcm.records.permissions import Action, demand
from tcm.records.road import BoxReading, PhoneTime
from tcm.records.roles import Actor
from tcm.services.access import look
from tcm.services.handing_over import settings_of
from tcm.store.work import Work

LIMITS = read_box_limits()
# What no thermometer in a box shows: a slip of the finger.
TEMP_LOW_C, TEMP_HIGH_C = -30.0, 60.0


def limits_of(work: Work) -> BoxLimits:
    """The limits that hold now.

    Args:
        work: The unit of work.

    Returns:
        A row of box_limits.csv.
    """
    return LIMITS[settings_of(work).box]


def take_temperature(
    work: Work,
    actor: Actor,
    route_id: int,
    trip: int,
    temp_c: float,
    *,
    note: str = "",
    phone: PhoneTime | None = None,
) -> BoxReading:
    """Keep what the thermometer of the box shows.

    Args:
        work: The unit of work.
        actor: The courier of the route.
        route_id: Which route.
        trip: Which trip of it.
        temp_c: Degrees Celsius.
        note: What was done where it is outside the limits; may be empty.
        phone: When it was by the phone's clock, None where a page tells it at once.

    Returns:
        The reading; `is_outside` says whether somebody has to be warned.

    Raises:
        Invalid: When no box is as warm or cold.
        NotFound: When the route has no such trip.
        Forbidden: When it is another courier's.
    """
    route = work.routes.get(route_id)
    look(work, actor, Action.ROUTE_DELIVER, "route", route.id, assigned_to_id=route.courier_id)
    if trip not in {stop.trip for stop in route.stops}:
        raise NotFound(N_("这条路线没有这一趟。"))
    if not TEMP_LOW_C <= temp_c <= TEMP_HIGH_C:
        raise Invalid(N_("箱温要在 %(low)s 到 %(high)s ℃之间，请再看一眼温度计。"), low=-30, high=60)
    limits = limits_of(work)
    return work.box_readings.add(
        BoxReading(
            route_id=route_id,
            trip=trip,
            courier_id=actor.staff_id,
            box=limits.box,
            temp_c=round(temp_c, 1),
            is_outside=not limits.holds(temp_c),
            note=note,
            phone_at=phone.at if phone else None,
            phone_skew_s=phone.skew_s if phone else None,
            received_at=work.now,
        )
    )


def note_seen(work: Work, actor: Actor, reading_id: int) -> BoxReading:
    """The manager takes note that a box was outside its limits.

    Args:
        work: The unit of work.
        actor: A manager.
        reading_id: Which reading.

    Returns:
        The reading.

    Raises:
        NotFound: When there is none.
        Forbidden: For other roles.
    """
    demand(actor, Action.ROAD_DECIDE)
    reading = work.box_readings.get(reading_id)
    if reading.seen_at is None:
        reading.seen_by_id, reading.seen_at = actor.staff_id, work.now
        work.session.flush()
    return reading
