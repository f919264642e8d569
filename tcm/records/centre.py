"""What the decoction centre works with: pots, people at the ramp, vehicles."""

from dataclasses import dataclass, field
from datetime import datetime

# What a village's road may let through.
VEHICLE_KINDS = ("van", "motorbike", "foot")


@dataclass(eq=False, kw_only=True)
class Pot:
    """A decoction pot.

    Args:
        id: Row, None before it is stored.
        code: Painted on it, such as P07.
        max_ml: Largest batch in millilitres.
        duty: `any`, `toxic` or `strong`: what may be cooked in it.
        active: False while it is out of order.
    """

    id: int | None = None
    code: str
    max_ml: int
    duty: str = "any"
    active: bool = True


@dataclass(eq=False, kw_only=True)
class Crew:
    """How many people of each kind work side by side on a shift of the centre.

    Args:
        id: Row, None before it is stored.
        packers: At the packing machines.
        loaders: Filling pots.
        adders: Adding late herbs (后下).
    """

    id: int | None = None
    packers: int
    loaders: int
    adders: int


@dataclass(eq=False, kw_only=True)
class Vehicle:
    """A vehicle and the courier who drives it.

    Args:
        id: Row, None before it is stored.
        name: Painted on it or its plate.
        courier_id: Who drives.
        capacity_bags: Bags it can carry at once.
        shift_start_min: Minutes after midnight, county time.
        shift_end_min: Minutes after midnight; back at the centre by then.
        km_cost_fen: Fen a kilometre.
        fixed_cost_fen: Fen a day it is used.
        active: False while it is in repair.
        kind: `van`, `motorbike` or `foot`.
        capacity_ml: Millilitres it can carry at once, None where bags alone count.
        breaks: The courier's rests: earliest and latest begin, length; minutes, the first two after midnight.
        max_trips: Trips a day at most.
        speed_factor: 0.8 means a fifth slower than its kind usually is.
    """

    id: int | None = None
    name: str
    courier_id: int
    capacity_bags: int
    shift_start_min: int
    shift_end_min: int
    km_cost_fen: int
    fixed_cost_fen: int
    active: bool = True
    kind: str = "van"
    capacity_ml: int | None = None
    breaks: list[tuple[int, int, int]] = field(default_factory=list)
    max_trips: int = 4
    speed_factor: float = 1.0


@dataclass(eq=False, kw_only=True)
class PlanningSettings:
    """What the manager decided every plan has to keep; the newest row holds.

    Args:
        id: Row, None before it is stored.
        buffer_min: Kept between the planned end of a packing and the moment its bags are counted on.
        promise_late_min: From the planned arrival to the end of the promised window.
        longest_box_min: Longest time from packing to arrival in the insulated box, None without a limit.
        fragile_box_min: The same for patients who are new to the medicine.
        set_by_id: Manager.
        set_at: Aware UTC.
        study_id: The study that proposed it, where one did.
    """

    id: int | None = None
    buffer_min: int = 0
    promise_late_min: int = 45
    longest_box_min: int | None = None
    fragile_box_min: int | None = None
    set_by_id: int
    set_at: datetime
    study_id: int | None = None
