"""The one constraint that, relaxed, would serve an order that a plan leaves out."""

import time
from collections.abc import Iterator

from dispatch.easing import Easing, easings
from dispatch.inserting import delivers, packed_min
from dispatch.plan_types import DayPlan, Relaxation
from dispatch.problem import Day, Order
from dispatch.reasons import relaxation
from dispatch.stops import ready_times
from dispatch.travel import Travel


def relaxations(day: Day, plan: DayPlan, travel: Travel, *, seconds: float) -> tuple[Relaxation, ...]:
    """For each order left out, the smallest change of one constraint that would serve it.

    Each change is tested by inserting the order into the plan as it stands: its job into free time of the
    pots and people, its stop at every place of every trip and on a trip of its own. What is named therefore
    serves the order, alone and beside everything that the plan serves already. A change that would need the
    rest of the plan to move is not found. Changes are tried in the order in which a manager would rather make
    them (`easing.easings`).

    Args:
        day: the problem.
        plan: a plan of it.
        travel: the matrices the plan was made with.
        seconds: time limit; orders not looked at by then have no relaxation.

    Returns:
        At most one for each order of `plan.unserved`, in that order; none where no single change is enough.
    """
    began = time.perf_counter()
    orders = {order.id: order for order in day.orders}
    found: list[Relaxation] = []
    for each in plan.unserved:
        for easing in serving(day, plan, travel, orders[each.id]):
            found.append(relaxation(each.id, easing.code, easing.amount, **easing.facts))
            break
        if time.perf_counter() - began >= seconds:
            break
    return tuple(found)


def serving(day: Day, plan: DayPlan, travel: Travel, order: Order) -> Iterator[Easing]:
    """The changes that would serve an order, the ones a manager would rather make first.

    Args:
        day: the problem.
        plan: a plan of it that leaves the order out.
        travel: the matrices the plan was made with.
        order: of the day.
    """
    kept = ready_times(day, plan.schedule).get(order.id)
    for easing in easings(day, travel, order):
        ready_min = kept
        if easing.order.job is not None and (kept is None or _cooks_anew(day, easing)):
            ready_min = packed_min(easing.day, plan, easing.order.job)
        if ready_min is not None and delivers(easing.day, plan, easing.travel, easing.order, ready_min):
            yield easing


def _cooks_anew(day: Day, easing: Easing) -> bool:
    """Whether the change is one of the floor's, so that a job in the plan may find an earlier place."""
    asked = easing.day
    same_floor = (asked.pots, asked.crew, asked.horizon_min) == (day.pots, day.crew, day.horizon_min)
    return not same_floor or easing.code == "order_earlier"
