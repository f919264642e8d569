"""The robustness of one plan."""

from dataclasses import replace

from dispatch.guard import whole
from dispatch.plan_types import DayPlan
from dispatch.problem import Day
from dispatch.simulation.days import (
    Days,
    all_bags,
    carry_out,
    quantiles,
    riskiest,
    vehicle_groups,
    wave_groups,
)
from dispatch.simulation.road import HOLD_MIN, legs_of
from dispatch.simulation.robustness import Cause, Resource, Robustness
from dispatch.simulation.spread import Spread, draw, usual_spread
from dispatch.travel import Travel, great_circle_travel

# The parts of a spread by the resource that makes them.
_PARTS: dict[Resource, tuple[str, ...]] = {
    "prescriptions": ("late_share", "late_mean_min"),
    "loaders": ("load_sigma",),
    "pots": ("boil_sigma",),
    "packers": ("pack_sigma",),
    "dock": ("dock_sigma",),
    "roads": ("weather_sigma", "trip_sigma", "arc_sigma"),
    "doors": ("door_sigma",),
}
_MOST_DRAWS = 100_000
_RISKIEST = 10


def simulate(
    day: Day,
    plan: DayPlan,
    travel: Travel | None = None,
    *,
    draws: int = 1000,
    seed: int = 0,
    spread: Spread | None = None,
    hold_min: int = HOLD_MIN,
    causes: bool = True,
) -> Robustness:
    """Carry a plan out on drawn days and count what is on time.

    On time is an order whose handing over begins by the end of its promise.

    Args:
        day: what was planned.
        plan: its plan, carried out as ordered.
        travel: matrices that hold for the vehicles, the plan's by default: great circle times winding.
        draws: how many days.
        seed: of the draws; the same seed gives the same figures.
        spread: what is drawn, that of spread.csv by default.
        hold_min: how long past its planned departure a trip waits for bags; later ones go the next day.
        causes: whether to ask of every resource what it costs; takes seven times as long.

    Raises:
        ValueError: `draws` below 1; a plan of another day.
    """
    roads = travel or great_circle_travel(day.centre, day.villages, day.travel)
    spread = spread or usual_spread()
    run = Drawn(day, plan, roads, draws=draws, seed=seed, hold_min=hold_min)
    days = run.days(spread)
    found: list[Cause] = []
    if causes:
        usual = days.on_time()
        for resource, parts in _PARTS.items():
            calm = run.days(replace(spread, **dict.fromkeys(parts, 0.0))).on_time()
            found.append(Cause(resource, calm, calm - usual))
        found.sort(key=lambda cause: -cause.gain)
    return Robustness(
        draws=draws,
        overall=all_bags(days),
        waves=wave_groups(day, days),
        vehicles=vehicle_groups(days),
        quantiles=quantiles(days),
        riskiest=riskiest(days, _RISKIEST),
        causes=tuple(found),
        unserved=len(plan.unserved),
    )


class Drawn:
    """A plan and the random numbers of its days, to be carried out under one spread or several."""

    def __init__(
        self, day: Day, plan: DayPlan, travel: Travel, *, draws: int, seed: int, hold_min: int = HOLD_MIN
    ) -> None:
        whole("draws", draws, low=1, high=_MOST_DRAWS)
        whole("hold_min", hold_min)
        known = {order.id for order in day.orders}
        for promise in plan.promises:
            if promise.order_id not in known:
                raise ValueError(f"plan: order {promise.order_id} is no order of the day")
        self._day, self._plan, self._travel, self._hold_min = day, plan, travel, hold_min
        self._draws = draw(
            draws=draws,
            jobs=len(plan.schedule.jobs),
            trips=len(plan.routes.trips),
            legs=legs_of(plan),
            seed=seed,
        )

    def days(self, spread: Spread) -> Days:
        """The days under a spread; the same random numbers every time."""
        return carry_out(self._day, self._plan, self._travel, spread, self._draws, hold_min=self._hold_min)
