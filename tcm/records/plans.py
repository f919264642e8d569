"""The plan of a county day and the routes that come of it."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


class PlanState(StrEnum):
    """Where the planning of a day stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    # A plan after events waits for the manager's word.
    PROPOSED = "proposed"
    DECLINED = "declined"
    CANCELLED = "cancelled"


UNDER_WAY = (PlanState.QUEUED, PlanState.RUNNING)


class PlanKind(StrEnum):
    """What a plan was asked for."""

    DAY = "day"
    AFTER_EVENTS = "after_events"


@dataclass(eq=False, kw_only=True)
class Plan:
    """One planning of a county day: the problem, its progress, and the checked result.

    Args:
        id: Row, None before it is stored.
        day: County date.
        state: Where the planning stands.
        asked_by_id: Manager who asked for it.
        asked_at: Aware UTC.
        from_minute: Nothing is planned before this minute of the day.
        seconds: Time the solvers may take.
        seed: Of the solvers.
        progress_percent: 0 to 100.
        stage: What the planner is doing, a msgid.
        problem: The day as it was given to the planner, JSON.
        result: Schedule, routes and promises, JSON; empty until done.
        unserved: Orders left out with reasons, JSON.
        violations: What the independent checker found; a plan in force has none.
        failure: Sentence for the manager where the planning failed.
        in_force: True for the one plan of the day that the floor and the couriers follow.
        request_key: Key of the form that asked.
        kind: Whether it begins anew or changes the plan in force as little as possible.
        cancelled_at: When a manager stopped it.
        difference: What it changes of the plan before it, JSON; empty for a plan that begins anew.
        told: Who of those it concerns has been told: key of the person, by whom and when.
        roads: Where its travel times come from, JSON.
    """

    id: int | None = None
    day: date
    state: PlanState = PlanState.QUEUED
    asked_by_id: int
    asked_at: datetime
    from_minute: int
    seconds: float
    seed: int
    progress_percent: int = 0
    stage: str = ""
    problem: dict[str, object] = field(default_factory=dict)
    result: dict[str, object] = field(default_factory=dict)
    unserved: list[dict[str, object]] = field(default_factory=list)
    violations: list[dict[str, object]] = field(default_factory=list)
    failure: str = ""
    in_force: bool = False
    request_key: str
    kind: PlanKind = PlanKind.DAY
    cancelled_at: datetime | None = None
    difference: dict[str, object] = field(default_factory=dict)
    told: list[dict[str, object]] = field(default_factory=list)
    roads: dict[str, object] = field(default_factory=dict)


@dataclass(eq=False, kw_only=True)
class Route:
    """One courier's way through a day.

    Args:
        id: Row, None before it is stored.
        plan_id: The plan it belongs to.
        day: County date.
        vehicle_id: Which vehicle.
        courier_id: Who drives.
        stops: In driving order.
    """

    id: int | None = None
    plan_id: int
    day: date
    vehicle_id: int
    courier_id: int
    stops: list["RouteStop"] = field(default_factory=list)

    @property
    def metres(self) -> int:
        """Length of all trips."""
        return sum({stop.trip: stop.trip_metres for stop in self.stops}.values())


@dataclass(eq=False, kw_only=True)
class RouteStop:
    """One village on a route.

    Args:
        id: Row, None before it is stored.
        trip: 1 for the first trip of the vehicle, 2 after it reloaded.
        position: Order within the route, from 1.
        village_id: Village clinic.
        depart_at: When the vehicle leaves the centre on this trip.
        arrive_at: When it should be there.
        return_at: When the vehicle is back at the centre from this trip.
        trip_metres: Length of the whole trip.
        promised_from_at: Start of the promised window.
        promised_to_at: End of the promised window.
        deliveries: What is handed over there.
    """

    id: int | None = None
    trip: int
    position: int
    village_id: int
    depart_at: datetime
    arrive_at: datetime
    return_at: datetime
    trip_metres: int
    promised_from_at: datetime
    promised_to_at: datetime
    deliveries: list["Delivery"] = field(default_factory=list)


@dataclass(eq=False, kw_only=True)
class Delivery:
    """One prescription handed over at one stop.

    Args:
        id: Row, None before it is stored.
        prescription_id: Which.
    """

    id: int | None = None
    prescription_id: int
