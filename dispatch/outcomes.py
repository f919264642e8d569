"""What a day is asked with "what if", and what comes of it; dispatch.whatif does the planning."""

from dataclasses import dataclass, replace
from typing import Literal, get_args

from dispatch.guard import one_of, whole
from dispatch.plan_types import CostParts, DayPlan
from dispatch.problem import Day

Kind = Literal["vehicles", "pots", "packers", "loaders", "adders", "shift_min", "cut_off_min", "buffer_min"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is different.

    "vehicles", "pots", "packers", "loaders", "adders": `amount` more of them. "shift_min": vehicles and floor
    work `amount` minutes longer. "cut_off_min": prescriptions released after minute `amount` of the day go
    to the next day. "buffer_min": that many minutes are kept between packing and counting on the bags.
    """

    kind: Kind
    amount: int

    def __post_init__(self) -> None:
        one_of("change kind", self.kind, KINDS)
        whole(f"change {self.kind}: amount", self.amount)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the day with a change; `change` is None for the day as it is.

    Attributes:
        parts: cost of the plan by parts, fen, as `parts_from_packing` counts them.
        vehicles: how many are used.
        metres: driven.
        orders: of the changed day, those left out included.
        deferred: orders that a cut-off leaves for the next day.
        unserved: orders left out of the plan.
        late: orders handed over after their due time; those without one, packed after their job's.
        hours_to_door: mean hours from the moment an order could be begun (its release, or its packing where
            that is over) to its arrival, over the orders served; 0 where none is.
        makespan_min: the last packing's end.
        is_kept: whether it is the plan of less of the same: still valid here, and cheaper than what was
            found anew.
    """

    change: Change | None
    parts: CostParts
    vehicles: int
    metres: int
    orders: int
    deferred: int
    unserved: int
    late: int
    hours_to_door: float
    makespan_min: int
    is_kept: bool = False

    @property
    def cost_fen(self) -> int:
        """What the plan costs, the price of what it leaves out aside: that is counted in orders."""
        return self.parts.total_fen - self.parts.unserved_fen


@dataclass(frozen=True, slots=True)
class Curve:
    """One quantity step by step: `outcomes[i]` is the day with `Change(kind, amounts[i])`."""

    kind: Kind
    amounts: tuple[int, ...]
    outcomes: tuple[Outcome, ...]


def parts_from_packing(day: Day, plan: DayPlan) -> CostParts:
    """The cost parts of a plan, waiting counted from the packing of the bags on.

    A plan counts it from the moment it relies on the bags, a buffer later: by that measure a longer buffer
    would seem to save waiting, and days of different buffers could not be compared.

    Args:
        day: what was planned.
        plan: its plan.
    """
    priorities = {stop.id: stop.priority for stop in plan.stops}
    weights = sum(priorities[visit.stop_id] for trip in plan.routes.trips for visit in trip.visits)
    unseen_fen = (weights * day.buffer_min * day.wait_fen_per_hour + 30) // 60
    return replace(plan.routes.parts, waiting_fen=plan.routes.parts.waiting_fen + unseen_fen)
