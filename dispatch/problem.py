"""What a day asks of the centre: jobs, pots, people, orders; dispatch.county has places and vehicles.

Every time is a whole minute counted from the day's start; `Day.start_clock_min` says which clock minute
that is (360 = 06:00) and is used for labels only. Volumes are millilitres, distances metres, money fen.
Every class checks itself on construction and raises ValueError naming the field.
"""

from dataclasses import dataclass, field
from typing import Literal

from dispatch.county import Centre, Prices, TravelSettings, Vehicle, Village
from dispatch.guard import MOST, maybe_whole, name, one_of, unique, whole

Duty = Literal["any", "toxic", "strong"]
Taint = Literal["none", "toxic", "strong"]

DUTIES: tuple[Duty, ...] = ("any", "toxic", "strong")
TAINTS: tuple[Taint, ...] = ("none", "toxic", "strong")
DUTY_FOR: dict[Taint, Duty] = {"none": "any", "toxic": "toxic", "strong": "strong"}

# The two windows of the decoction contract.
SOAK_SLACK_MIN = 240
PACK_WAIT_MIN = 30
# Two weeks: a horizon beyond is a typing error, and the schedulers keep one slot per grid step.
LONGEST_DAY_MIN = 20_160


@dataclass(frozen=True, slots=True)
class Pot:
    """A decoction pot; its duty keeps toxic and strong-smelling recipes out of the others."""

    id: str
    max_ml: int
    duty: Duty = "any"

    def __post_init__(self) -> None:
        name("pot id", self.id)
        whole(f"pot {self.id}: max_ml", self.max_ml, low=1)
        one_of(f"pot {self.id}: duty", self.duty, DUTIES)


@dataclass(frozen=True, slots=True)
class Crew:
    """How many people pack, load and add at the same time."""

    packers: int
    loaders: int
    adders: int

    def __post_init__(self) -> None:
        for role in ("packers", "loaders", "adders"):
            whole(f"crew {role}", getattr(self, role))


@dataclass(frozen=True, slots=True)
class Started:
    """What has already happened to a job: soaking began, and perhaps it is in its pot since `load_at_min`."""

    soak_at_min: int
    pot_id: str | None = None
    load_at_min: int | None = None

    def __post_init__(self) -> None:
        whole("started soak_at_min", self.soak_at_min, low=-MOST)
        maybe_whole("started load_at_min", self.load_at_min, low=-MOST)
        if (self.pot_id is None) != (self.load_at_min is None):
            raise ValueError("started pot_id and load_at_min are given together or not at all")


_JOB_FIGURES = (
    "release_min",
    "soak_min",
    "load_min",
    "pack_min",
    "clean_min",
    "due_min",
    "add_min",
    "weight",
)


_JOB_MINUTES = ("release_min", "soak_min", "load_min", "pack_min", "clean_min", "due_min", "add_min")


@dataclass(frozen=True, slots=True)
class Job:
    """One decoction: soak, load, cook, perhaps add (后下), pack, clean. Times in minutes.

    `add_at_min` counts from the start of cooking. Jobs of one `recipe` may share a pot while they fit.
    """

    id: str
    ml: int
    release_min: int
    soak_min: int
    load_min: int
    cook_min: int
    pack_min: int
    clean_min: int
    due_min: int
    taint: Taint = "none"
    add_at_min: int | None = None
    add_min: int = 0
    weight: int = 1
    recipe: str | None = None
    started: Started | None = None

    def __post_init__(self) -> None:
        name("job id", self.id)
        for each in (*_JOB_MINUTES, "weight"):
            whole(f"job {self.id}: {each}", getattr(self, each))
        whole(f"job {self.id}: ml", self.ml, low=1)
        whole(f"job {self.id}: cook_min", self.cook_min, low=1)
        one_of(f"job {self.id}: taint", self.taint, TAINTS)
        maybe_whole(f"job {self.id}: add_at_min", self.add_at_min, high=self.cook_min)
        if self.recipe is not None:
            name(f"job {self.id}: recipe", self.recipe)

    @property
    def needs_adder(self) -> bool:
        """Whether an adder has to come to the pot."""
        return self.add_at_min is not None and self.add_min > 0


@dataclass(frozen=True, slots=True)
class DecoctionProblem:
    """Jobs, pots, people; nothing new begins before `now_min`, every packing ends by `horizon_min`.

    `start_clock_min` is the clock minute of minute 0, for the words of reasons.
    """

    jobs: tuple[Job, ...]
    pots: tuple[Pot, ...]
    crew: Crew
    horizon_min: int
    grid_min: int = 5
    now_min: int = 0
    start_clock_min: int = 0

    def __post_init__(self) -> None:
        unique("jobs", (job.id for job in self.jobs))
        unique("pots", (pot.id for pot in self.pots))
        whole("horizon_min", self.horizon_min, low=1, high=LONGEST_DAY_MIN)
        # A packing start must exist on the grid inside every 30 min window after cooking.
        whole("grid_min", self.grid_min, low=1, high=PACK_WAIT_MIN)
        whole("now_min", self.now_min)
        for job in self.jobs:
            if job.started is None:
                continue
            if max(job.started.soak_at_min, job.started.load_at_min or 0) > self.now_min:
                raise ValueError(f"job {job.id}: started lies after now_min {self.now_min}")


def refuse_hopeless(problem: DecoctionProblem) -> None:
    """Refuse a problem that cannot be meant: what a plan would leave out for such a reason is a typing error.

    The day's planning, which must go on whatever happened to a pot, names these jobs as unscheduled instead.

    Args:
        problem: a decoction problem from outside.

    Raises:
        ValueError: naming the field: no pots; nobody of a role that is needed; a job larger than any pot of
            its duty; a job due before its release.
    """
    if problem.jobs and not problem.pots:
        raise ValueError("pots is empty")
    largest: dict[Duty, int] = {}
    for pot in problem.pots:
        largest[pot.duty] = max(pot.max_ml, largest.get(pot.duty, 0))
    for job in problem.jobs:
        duty = DUTY_FOR[job.taint]
        if duty not in largest:
            raise ValueError(f"job {job.id}: taint {job.taint} needs a pot of duty {duty}, and there is none")
        if job.ml > largest[duty]:
            raise ValueError(
                f"job {job.id}: ml {job.ml} is more than any pot of duty {duty} holds ({largest[duty]})"
            )
        if job.due_min < job.release_min:
            raise ValueError(f"job {job.id}: due_min {job.due_min} lies before release_min {job.release_min}")
    crew = problem.crew
    for role, needed in (
        ("packers", any(job.pack_min for job in problem.jobs)),
        ("loaders", any(job.load_min for job in problem.jobs)),
        ("adders", any(job.needs_adder for job in problem.jobs)),
    ):
        if needed and not getattr(crew, role):
            raise ValueError(f"{role} is 0, and there are jobs that need one")


@dataclass(frozen=True, slots=True)
class Order:
    """One prescription to deliver: a job still to cook, or `ready_min` when its bags are packed already.

    It is wanted at its place by `due_min`, later costs; it may not be longer than `longest_box_min` in the
    insulated box between packing and arrival, which does not bind what `keeps` (granules, dry herbs): that
    has a `ready_min` too, which may lie ahead. `fragile` is a patient who is new to the medicine or frail:
    `Day.fragile_factor` times the priority, and `Day.fragile_box_min` holds for it.
    """

    id: str
    village_id: str
    bags: int
    volume_ml: int
    job: Job | None = None
    ready_min: int | None = None
    priority: int = 1
    due_min: int | None = None
    longest_box_min: int | None = None
    fragile: bool = False
    keeps: bool = False

    def __post_init__(self) -> None:
        name("order id", self.id)
        name(f"order {self.id}: village_id", self.village_id)
        whole(f"order {self.id}: bags", self.bags, low=1)
        whole(f"order {self.id}: volume_ml", self.volume_ml)
        maybe_whole(f"order {self.id}: ready_min", self.ready_min, low=-MOST)
        whole(f"order {self.id}: priority", self.priority, low=1, high=1000)
        maybe_whole(f"order {self.id}: due_min", self.due_min)
        maybe_whole(f"order {self.id}: longest_box_min", self.longest_box_min, low=1)
        for flag in ("fragile", "keeps"):
            if not isinstance(getattr(self, flag), bool):
                raise ValueError(
                    f"order {self.id}: {flag} must be true or false, got {getattr(self, flag)!r}"
                )
        if (self.job is None) == (self.ready_min is None):
            raise ValueError(f"order {self.id}: either job or ready_min must be given, and not both")


_DAY_FIGURES = (
    "service_min",
    "service_order_min",
    "loading_min",
    "promise_early_min",
    "promise_late_min",
    "buffer_min",
)


@dataclass(frozen=True, slots=True)
class Day:
    """A whole day to plan.

    `service_min` is spent at every stop and `service_order_min` for every order handed over there;
    `loading_min` lies between the moment bags and vehicle are both there and the departure.
    `waves_min` are the usual departure times: orders of one village that make different waves become
    different stops. `buffer_min` is kept between the planned end of a packing and the moment the plan counts
    on its bags. `prices` gathers what is weighed besides money. The promise of an order is its planned
    arrival minus `promise_early_min` to plus `promise_late_min`.
    """

    orders: tuple[Order, ...]
    pots: tuple[Pot, ...]
    crew: Crew
    vehicles: tuple[Vehicle, ...]
    villages: tuple[Village, ...]
    centre: Centre
    horizon_min: int
    grid_min: int = 5
    now_min: int = 0
    start_clock_min: int = 360
    service_min: int = 5
    service_order_min: int = 1
    loading_min: int = 10
    waves_min: tuple[int, ...] = ()
    wait_fen_per_hour: int = 100
    promise_early_min: int = 15
    promise_late_min: int = 45
    travel: TravelSettings = field(default_factory=TravelSettings)
    buffer_min: int = 0
    late_fen_per_hour: int = 600
    strange_stop_fen: int = 50
    uneven_fen: int = 20
    longest_box_min: int | None = None
    fragile_box_min: int | None = None
    fragile_factor: int = 3

    def __post_init__(self) -> None:
        unique("orders", (order.id for order in self.orders))
        unique("vehicles", (vehicle.id for vehicle in self.vehicles))
        unique("villages", (self.centre.id, *(village.id for village in self.villages)))
        whole("start_clock_min", self.start_clock_min, high=1439)
        for each in _DAY_FIGURES:
            whole(each, getattr(self, each))
        for each in ("longest_box_min", "fragile_box_min"):
            maybe_whole(each, getattr(self, each), low=1)
        whole("fragile_factor", self.fragile_factor, low=1, high=100)
        # Checks the prices.
        _ = self.prices
        for wave in self.waves_min:
            whole("waves_min", wave)
        if list(self.waves_min) != sorted(set(self.waves_min)):
            raise ValueError("waves_min must rise")
        known = {village.id for village in self.villages}
        for order in self.orders:
            if order.village_id not in known:
                raise ValueError(
                    f"order {order.id}: village_id {order.village_id!r} is no village of the day"
                )
        self.decoction()

    @property
    def prices(self) -> Prices:
        """What the delivery weighs besides kilometres and vehicles."""
        return Prices(self.wait_fen_per_hour, self.late_fen_per_hour, self.strange_stop_fen, self.uneven_fen)

    def longest_box_of(self, order: Order) -> int | None:
        """The strictest of the limits on an order's time in the insulated box, None without any."""
        if order.keeps:
            return None
        limits = [order.longest_box_min, self.longest_box_min]
        limits += [self.fragile_box_min] if order.fragile else []
        return min((each for each in limits if each is not None), default=None)

    def priority_of(self, order: Order) -> int:
        """What an order weighs in waiting and lateness, and how dearly it is left out."""
        return order.priority * (self.fragile_factor if order.fragile else 1)

    def decoction(self) -> DecoctionProblem:
        """The decoction part of the day: the jobs of its orders, its pots and people."""
        return DecoctionProblem(
            jobs=tuple(order.job for order in self.orders if order.job is not None),
            pots=self.pots,
            crew=self.crew,
            horizon_min=self.horizon_min,
            grid_min=self.grid_min,
            now_min=self.now_min,
            start_clock_min=self.start_clock_min,
        )
