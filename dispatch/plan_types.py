"""What a plan is: schedules, trips, promises, what was left out. Times and units as in dispatch.problem."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unserved:
    """Something left out of a plan: `code` from dispatch.reasons, the reason in Chinese and in English."""

    id: str
    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class ScheduledJob:
    """When and where one job is soaked, loaded, cooked, packed; `add_at_min` is a time of the day here."""

    job_id: str
    pot_id: str
    soak_at_min: int
    load_at_min: int
    cook_at_min: int
    add_at_min: int | None
    cook_end_min: int
    pack_at_min: int
    pack_end_min: int
    clean_end_min: int


@dataclass(frozen=True, slots=True)
class Schedule:
    """The decoction plan; `engine` ("list", "relaxation" or "cp-sat") made it.

    Both bounds hold for the jobs scheduled: no schedule of theirs has less weighted tardiness, and none with
    as little of it as possible ends earlier.
    """

    jobs: tuple[ScheduledJob, ...]
    unscheduled: tuple[Unserved, ...]
    makespan_min: int
    weighted_tardiness: int
    lower_bound_min: int
    lower_bound_tardiness: int
    engine: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Stop:
    """What one visit brings to one place; `ready_min` is the latest packing end among its orders."""

    id: str
    place_id: str
    order_ids: tuple[str, ...]
    bags: int
    volume_ml: int
    ready_min: int
    service_min: int
    priority: int = 1


@dataclass(frozen=True, slots=True)
class Visit:
    """A stop with the times at which the vehicle comes and goes."""

    stop_id: str
    arrive_min: int
    leave_min: int


@dataclass(frozen=True, slots=True)
class Trip:
    """One round of one vehicle, from the centre back to it; `number` counts the vehicle's trips from 1."""

    vehicle_id: str
    number: int
    depart_min: int
    return_min: int
    visits: tuple[Visit, ...]
    bags: int
    volume_ml: int
    metres: int
    cost_fen: int


@dataclass(frozen=True, slots=True)
class Routes:
    """All trips of a day, and the stops left out; `cost_fen` includes the fixed cost of each vehicle used."""

    trips: tuple[Trip, ...]
    unserved: tuple[Unserved, ...]
    metres: int
    cost_fen: int
    engine: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Promise:
    """When an order is expected at its place, by which vehicle, and the window told to the patient."""

    order_id: str
    village_id: str
    vehicle_id: str
    trip: int
    ready_min: int
    arrive_min: int
    from_min: int
    to_min: int


@dataclass(frozen=True, slots=True)
class DayPlan:
    """A whole day: schedule, stops, routes, a promise for every order or the reason why there is none."""

    schedule: Schedule
    stops: tuple[Stop, ...]
    routes: Routes
    promises: tuple[Promise, ...]
    unserved: tuple[Unserved, ...]
    seconds: float
