"""A plan carried out on drawn days, and the count of what was on time."""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dispatch.plan_types import DayPlan, Promise, Trip
from dispatch.problem import Day
from dispatch.simulation.floor import packed
from dispatch.simulation.road import Driven, Flags, drive
from dispatch.simulation.robustness import Group, OrderRisk, Quantile
from dispatch.simulation.spread import Draws, Floats, Spread
from dispatch.travel import Travel

# What a trip leaves behind goes with the same trip of the next day.
NEXT_DAY_MIN = 1440
_SHARES = (0.5, 0.75, 0.9, 0.95, 0.99)
_BAD_DAY = 0.05
# The normal distribution stays below it 95 times in 100.
_ONE_SIDED = 1.645


@dataclass(frozen=True, slots=True, eq=False)
class Days:
    """What happened to every promised order on every drawn day.

    Attributes:
        promises: of the plan, in its order; `bags` are theirs.
        begins: (draws, promises) when handing over begins, of those left behind the next day.
        left_behind: (draws, promises).
        driven: the trips.
    """

    promises: tuple[Promise, ...]
    bags: Floats
    begins: Floats
    left_behind: Flags
    driven: tuple[Driven, ...]

    def late(self, wider_min: int = 0) -> Floats:
        """(draws, promises) minutes after the promise's end, 0 where on time.

        Args:
            wider_min: by how much later every promise ends than it does.
        """
        ends = np.array([promise.to_min for promise in self.promises], dtype=np.float64) + wider_min
        return np.maximum(self.begins - ends, 0.0)

    def shares(self, wider_min: int = 0) -> Floats:
        """(draws,) share of the bags that are on time, 1 where none is promised."""
        if not self.promises:
            return np.ones(len(self.begins))
        return np.asarray((self.late(wider_min) == 0) @ self.bags / self.bags.sum(), dtype=np.float64)

    def on_time(self, wider_min: int = 0) -> float:
        """Share of the bags that are on time over all days."""
        return float(self.shares(wider_min).mean())

    def at_least(self, wider_min: int = 0) -> float:
        """The share on time that so many draws are sure of, 19 times in 20.

        The days are independent of one another, the bags of one day are not: they share weather and vehicles.
        """
        shares = self.shares(wider_min)
        return float(shares.mean() - _ONE_SIDED * shares.std() / math.sqrt(len(shares)))


def carry_out(
    day: Day, plan: DayPlan, travel: Travel, spread: Spread, draws: Draws, *, hold_min: int
) -> Days:
    """Carry a plan out on all drawn days.

    Args:
        day: what was planned.
        plan: carried out as ordered, not planned again.
        travel: matrices that hold for the vehicles.
        spread, draws: what is drawn.
        hold_min: how long past its planned departure a trip waits for bags.
    """
    cooked = packed(day, plan.schedule, spread, draws)
    ready: dict[str, Floats] = {}
    for order in day.orders:
        if order.ready_min is not None:
            ready[order.id] = np.full(draws.count, float(order.ready_min))
        elif order.job is not None and order.job.id in cooked:
            ready[order.id] = cooked[order.job.id]
    driven = drive(day, plan, travel, ready, spread, draws, hold_min=hold_min)
    stops = {stop.id: stop for stop in plan.stops}
    begins: dict[str, Floats] = {}
    left: dict[str, Flags] = {}
    for each in driven:
        left |= each.left_behind
        for visit, begin in zip(each.trip.visits, each.begins, strict=True):
            begins |= dict.fromkeys(stops[visit.stop_id].order_ids, begin)
    bags = {order.id: order.bags for order in day.orders}
    promised = [promise.order_id for promise in plan.promises]
    missed, begun = np.zeros((draws.count, len(promised)), np.bool_), np.zeros((draws.count, len(promised)))
    for column, order_id in enumerate(promised):
        missed[:, column], begun[:, column] = left[order_id], begins[order_id]
    return Days(
        plan.promises,
        np.array([bags[order_id] for order_id in promised], dtype=np.float64),
        np.where(missed, begun + NEXT_DAY_MIN, begun),
        missed,
        tuple(driven),
    )


def wave_groups(day: Day, days: Days) -> tuple[Group, ...]:
    """The bags by departure: each trip belongs to the usual departure nearest to its own.

    Without usual departures the hour of the clock takes their place.
    """
    trips: dict[int, list[Trip]] = defaultdict(list)
    for each in days.driven:
        trips[_wave_min(day, each.trip.depart_min)].append(each.trip)
    waves = sorted(trips.items())
    return tuple(_group(str(place), at_min, own, days) for place, (at_min, own) in enumerate(waves, 1))


def vehicle_groups(days: Days) -> tuple[Group, ...]:
    """The bags by vehicle, in the order of the plan."""
    trips: dict[str, list[Trip]] = defaultdict(list)
    for each in days.driven:
        trips[each.trip.vehicle_id].append(each.trip)
    return tuple(_group(id_, min(trip.depart_min for trip in own), own, days) for id_, own in trips.items())


def all_bags(days: Days) -> Group:
    """All bags together."""
    trips = [each.trip for each in days.driven]
    return _group("all", min((trip.depart_min for trip in trips), default=0), trips, days)


def quantiles(days: Days) -> tuple[Quantile, ...]:
    """Lateness over all orders and days."""
    late = days.late()
    return tuple(Quantile(share, float(np.quantile(late, share)) if late.size else 0.0) for share in _SHARES)


def riskiest(days: Days, most: int) -> tuple[OrderRisk, ...]:
    """The orders least often on time; those that always are stay out."""
    late = days.late()
    is_late = late > 0
    often = is_late.mean(axis=0)
    mean = late.sum(axis=0) / np.maximum(1, is_late.sum(axis=0))
    worst = sorted(np.flatnonzero(often), key=lambda place: (-often[place], -mean[place], place))[:most]
    return tuple(
        OrderRisk(
            promise.order_id,
            promise.village_id,
            promise.vehicle_id,
            promise.trip,
            float(1 - often[place]),
            float(days.left_behind[:, place].mean()),
            float(mean[place]),
        )
        for place in worst
        for promise in [days.promises[place]]
    )


def _group(id_: str, at_min: int, trips: Sequence[Trip], days: Days) -> Group:
    own = {(trip.vehicle_id, trip.number) for trip in trips}
    columns = [place for place, each in enumerate(days.promises) if (each.vehicle_id, each.trip) in own]
    bags = days.bags[columns]
    share = np.ones(len(days.begins))
    if columns:
        share = (days.late()[:, columns] == 0) @ bags / bags.sum()
    departs = [trip.depart_min for trip in trips]
    return Group(
        id=id_,
        at_min=at_min,
        first_depart_min=min(departs, default=0),
        last_depart_min=max(departs, default=0),
        orders=len(columns),
        bags=int(bags.sum()),
        on_time=float(share.mean()),
        bad_day=float(np.quantile(share, _BAD_DAY)),
    )


def _wave_min(day: Day, depart_min: int) -> int:
    if day.waves_min:
        return min(day.waves_min, key=lambda wave: abs(wave - depart_min))
    clock = depart_min + day.start_clock_min
    return clock - clock % 60 - day.start_clock_min
