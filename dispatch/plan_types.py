"""What a plan is: schedules, trips, promises, what was left out. Times and units as in dispatch.problem."""

from dataclasses import dataclass

from dispatch.county import VEHICLE_KINDS, VehicleKind, Window


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
    """The decoction plan; `engine` ("list", "relaxation", "reinsertion",
    "cp-sat", "kept" or "joint") made it.

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
    """What one visit brings to one place.

    `ready_min` is when the plan counts on all of its bags: the latest packing end and the day's buffer.
    Handing over begins inside one of `windows`, at `latest_min` at the latest (the first of its bags to have
    been in the box for as long as it may), and by a vehicle of `kinds`; after `due_min` it is late.
    """

    id: str
    place_id: str
    order_ids: tuple[str, ...]
    bags: int
    volume_ml: int
    ready_min: int
    service_min: int
    priority: int = 1
    windows: tuple[Window, ...] = ()
    kinds: tuple[VehicleKind, ...] = VEHICLE_KINDS
    latest_min: int | None = None
    due_min: int | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """A stop with the times at which the vehicle comes and goes; `wait_min` of them it waits for the door."""

    stop_id: str
    arrive_min: int
    leave_min: int
    wait_min: int = 0


@dataclass(frozen=True, slots=True)
class Rest:
    """A courier's break: at the centre, on arrival at a stop, or on the way."""

    vehicle_id: str
    start_min: int
    end_min: int


@dataclass(frozen=True, slots=True)
class CostParts:
    """What a plan costs, in fen: money for kilometres and vehicles, and what the rest is worth.

    `unserved_fen` is the price of what is left out, so high that nothing is left out to save money.
    """

    drive_fen: int = 0
    vehicles_fen: int = 0
    waiting_fen: int = 0
    late_fen: int = 0
    strange_fen: int = 0
    uneven_fen: int = 0
    unserved_fen: int = 0

    @property
    def total_fen(self) -> int:
        """All parts together: what the search makes small."""
        return (
            self.drive_fen
            + self.vehicles_fen
            + self.waiting_fen
            + self.late_fen
            + self.strange_fen
            + self.uneven_fen
            + self.unserved_fen
        )


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
    """All trips of a day, and the stops left out.

    `cost_fen` is money, the fixed cost of each vehicle used included; `parts` is all that is weighed.
    """

    trips: tuple[Trip, ...]
    unserved: tuple[Unserved, ...]
    metres: int
    cost_fen: int
    engine: str
    seconds: float
    rests: tuple[Rest, ...] = ()
    parts: CostParts = CostParts()


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
class Relaxation:
    """The one constraint that, relaxed by `amount`, would serve an order that is left out.

    `code` is from dispatch.reasons; the sentences say it in Chinese and in English.
    """

    order_id: str
    code: str
    amount: int
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class DayPlan:
    """A whole day: schedule, stops, routes, a promise for every order or the reason why there is none.

    No plan of the day costs less than `lower_bound_fen`. `made_by` says which way of planning found it:
    "sequence", "joint" or "repair".
    """

    schedule: Schedule
    stops: tuple[Stop, ...]
    routes: Routes
    promises: tuple[Promise, ...]
    unserved: tuple[Unserved, ...]
    seconds: float
    lower_bound_fen: int = 0
    made_by: str = "sequence"
    relaxations: tuple[Relaxation, ...] = ()
