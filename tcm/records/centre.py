"""What the decoction centre works with: pots, people at the ramp, vehicles."""

from dataclasses import dataclass


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
