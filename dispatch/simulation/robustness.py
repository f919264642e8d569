"""What simulated plans come to: how often bags are on time, and which buffers keep them so."""

from dataclasses import dataclass
from typing import Literal

Resource = Literal["prescriptions", "loaders", "pots", "packers", "dock", "roads", "doors"]


@dataclass(frozen=True, slots=True)
class Group:
    """Bags that leave together: of one wave, of one vehicle, or all of them.

    Attributes:
        id: the wave's number from 1, the vehicle's id, or "all".
        at_min: the wave's usual departure; of the others the first planned one.
        first_depart_min, last_depart_min: planned departures of its trips.
        orders, bags: promised.
        on_time: probability that a bag of it is on time: handing over begins by the end of its promise.
        bad_day: share of its bags on time on a day that is worse than 95 of 100.
    """

    id: str
    at_min: int
    first_depart_min: int
    last_depart_min: int
    orders: int
    bags: int
    on_time: float
    bad_day: float


@dataclass(frozen=True, slots=True)
class Quantile:
    """`share` of all orders are at most `late_min` minutes late, 0 being on time."""

    share: float
    late_min: float


@dataclass(frozen=True, slots=True)
class OrderRisk:
    """An order and the probability that it is on time.

    `late_min` is its mean lateness on the days on which it is late; `left_behind` the probability that its
    trip does not wait for it.
    """

    order_id: str
    village_id: str
    vehicle_id: str
    trip: int
    on_time: float
    left_behind: float
    late_min: float


@dataclass(frozen=True, slots=True)
class Cause:
    """What the share of bags on time would be if one resource always did as planned, and the gain by it."""

    resource: Resource
    on_time: float
    gain: float


@dataclass(frozen=True, slots=True)
class Robustness:
    """A plan carried out on many drawn days.

    Attributes:
        draws: how many.
        overall: all bags promised.
        waves, vehicles: the same by departure and by vehicle.
        quantiles: of lateness over all orders and days.
        riskiest: the orders least often on time, the worst first.
        causes: resources by what their variation costs, the worst first; empty where that was not asked.
        unserved: orders without a promise, which no figure counts.
    """

    draws: int
    overall: Group
    waves: tuple[Group, ...]
    vehicles: tuple[Group, ...]
    quantiles: tuple[Quantile, ...]
    riskiest: tuple[OrderRisk, ...]
    causes: tuple[Cause, ...]
    unserved: int

    @property
    def worst_resource(self) -> Resource | None:
        """The resource whose variation costs most bags their time, None where none does."""
        return self.causes[0].resource if self.causes and self.causes[0].gain > 0 else None


@dataclass(frozen=True, slots=True)
class BufferCandidate:
    """A pair of buffers, planned and simulated.

    Attributes:
        buffer_min: kept between the planned end of packing and the moment the plan counts on the bags.
        promise_late_min: from the planned arrival to the end of the promise.
        plan_fen: cost of the plan, all parts, waiting counted from packing on.
        promise_fen: what the patients' waiting for the width of their promises is worth.
        on_time: share of the bags on time.
        unserved: orders left out.
        metres: driven.
        at_least: the share on time that the draws are sure of 19 times in 20: what is held against a target.
    """

    buffer_min: int
    promise_late_min: int
    plan_fen: int
    promise_fen: int
    on_time: float
    unserved: int
    metres: int
    at_least: float = 0.0

    @property
    def total_fen(self) -> int:
        """What is made small."""
        return self.plan_fen + self.promise_fen


@dataclass(frozen=True, slots=True)
class BufferChoice:
    """The cheapest candidate that reaches the target, and so do all with more; None where none does.

    `closest` is the candidate with the most bags on time. All are in `candidates`.
    """

    target: float
    draws: int
    chosen: BufferCandidate | None
    closest: BufferCandidate
    candidates: tuple[BufferCandidate, ...]
