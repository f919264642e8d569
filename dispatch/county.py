"""Where a day happens and who drives: centre, villages, vehicles with their couriers.

Times are whole minutes counted from the day's start, distances metres, money fen, coordinates WGS-84 degrees.
Every class checks itself on construction and raises ValueError naming the field.
"""

from dataclasses import dataclass
from typing import Literal

from dispatch.guard import MOST, maybe_whole, name, number, one_of, unique, whole

VehicleKind = Literal["van", "motorbike", "foot"]
VEHICLE_KINDS: tuple[VehicleKind, ...] = ("van", "motorbike", "foot")

# (first, last) minutes, both included.
Window = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Centre:
    """The decoction centre, where every trip begins and ends (WGS-84 degrees)."""

    id: str
    name: str
    lon: float
    lat: float

    def __post_init__(self) -> None:
        _place("centre", self.id, self.name, self.lon, self.lat)


@dataclass(frozen=True, slots=True)
class Village:
    """A drop point: a village clinic, a township hospital, a door (WGS-84 degrees).

    Handing over begins inside one of `windows`, any time where there is none; a vehicle that comes early
    waits. `kinds` are the vehicles its road lets through.
    """

    id: str
    name: str
    lon: float
    lat: float
    has_road: bool = True
    windows: tuple[Window, ...] = ()
    kinds: tuple[VehicleKind, ...] = VEHICLE_KINDS

    def __post_init__(self) -> None:
        _place("village", self.id, self.name, self.lon, self.lat)
        if not isinstance(self.has_road, bool):
            raise ValueError(f"village {self.id}: has_road must be true or false, got {self.has_road!r}")
        check_windows(f"village {self.id}: windows", self.windows)
        unique(f"village {self.id}: kinds", self.kinds)
        for kind in self.kinds:
            one_of(f"village {self.id}: kinds", kind, VEHICLE_KINDS)


@dataclass(frozen=True, slots=True)
class Break:
    """A rest of `length_min` that begins from `earliest_min` to `latest_min`."""

    earliest_min: int
    latest_min: int
    length_min: int

    def __post_init__(self) -> None:
        whole("break earliest_min", self.earliest_min)
        whole("break latest_min", self.latest_min)
        whole("break length_min", self.length_min, low=1)
        if self.latest_min < self.earliest_min:
            raise ValueError("break latest_min lies before earliest_min")


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A vehicle with its courier for one shift.

    `speed_factor` 0.8 means a fifth slower than the travel matrix; of `max_trips` a day, `trips_done` are
    over or under way (then `shift_start_min` is when the vehicle is back). `breaks` are the courier's, in
    order and apart; `familiar` are the ids of the villages the courier knows, empty where that is not known.
    """

    id: str
    name: str
    capacity_bags: int
    shift_start_min: int
    shift_end_min: int
    km_cost_fen: int = 0
    fixed_cost_fen: int = 0
    capacity_ml: int | None = None
    speed_factor: float = 1.0
    max_trips: int = 3
    trips_done: int = 0
    kind: VehicleKind = "van"
    breaks: tuple[Break, ...] = ()
    familiar: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        name("vehicle id", self.id)
        name(f"vehicle {self.id}: name", self.name)
        for each in ("capacity_bags", "shift_start_min", "shift_end_min", "km_cost_fen", "fixed_cost_fen"):
            whole(f"vehicle {self.id}: {each}", getattr(self, each))
        maybe_whole(f"vehicle {self.id}: capacity_ml", self.capacity_ml, high=10 * MOST)
        number(f"vehicle {self.id}: speed_factor", self.speed_factor, low=0.05, high=20)
        whole(f"vehicle {self.id}: max_trips", self.max_trips, low=1, high=20)
        whole(f"vehicle {self.id}: trips_done", self.trips_done, high=self.max_trips)
        one_of(f"vehicle {self.id}: kind", self.kind, VEHICLE_KINDS)
        unique(f"vehicle {self.id}: familiar", self.familiar)
        if self.shift_end_min < self.shift_start_min:
            raise ValueError(f"vehicle {self.id}: shift_end_min lies before shift_start_min")
        free_at = 0
        for rest in self.breaks:
            if rest.earliest_min < free_at:
                raise ValueError(f"vehicle {self.id}: breaks must be in order and apart from one another")
            free_at = rest.latest_min + rest.length_min


@dataclass(frozen=True, slots=True)
class TravelSettings:
    """Straight line to road: length times `winding_factor`, at `mean_speed_kmh`."""

    winding_factor: float = 1.35
    mean_speed_kmh: float = 40.0

    def __post_init__(self) -> None:
        number("travel winding_factor", self.winding_factor, low=1, high=10)
        number("travel mean_speed_kmh", self.mean_speed_kmh, low=1, high=150)


@dataclass(frozen=True, slots=True)
class Prices:
    """What the delivery of a day weighs besides kilometres and vehicles.

    Attributes:
        wait_fen_per_hour: of an hour between packing and arrival of a stop, times its priority.
        late_fen_per_hour: of an hour after a stop's due time, times its priority.
        strange_stop_fen: of a stop in a village that is none of its courier's own.
        uneven_fen: of the square of the hours each vehicle is in use, so that two days of five hours are
            cheaper than one of eight and one of two.
    """

    wait_fen_per_hour: int = 0
    late_fen_per_hour: int = 0
    strange_stop_fen: int = 0
    uneven_fen: int = 0

    def __post_init__(self) -> None:
        for each in ("wait_fen_per_hour", "late_fen_per_hour", "strange_stop_fen", "uneven_fen"):
            whole(each, getattr(self, each))


def check_windows(field: str, windows: tuple[Window, ...]) -> None:
    """Refuse windows that are not pairs of minutes, in order and apart.

    Raises:
        ValueError: naming the field.
    """
    before = -1
    for window in windows:
        if len(window) != 2:
            raise ValueError(f"{field} must hold pairs of minutes, got {window!r}")
        first, last = window
        whole(field, first)
        whole(field, last)
        if last < first:
            raise ValueError(f"{field}: one ends at {last}, before it begins at {first}")
        if first <= before:
            raise ValueError(f"{field} must be in order and apart from one another")
        before = last


def _place(kind: str, id_: object, label: object, lon: object, lat: object) -> None:
    name(f"{kind} id", id_)
    name(f"{kind} {id_}: name", label)
    number(f"{kind} {id_}: lon", lon, low=-180, high=180)
    number(f"{kind} {id_}: lat", lat, low=-90, high=90)
