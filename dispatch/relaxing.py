"""The one constraint that, relaxed, would serve an order that a plan leaves out."""

from dispatch.plan_types import DayPlan, Relaxation
from dispatch.problem import Day
from dispatch.travel import Travel


def relaxations(day: Day, plan: DayPlan, travel: Travel, *, seconds: float) -> tuple[Relaxation, ...]:
    """For each order left out, the smallest change of one constraint that would serve it.

    Args:
        day: the problem.
        plan: a plan of it.
        travel: the matrices the plan was made with.
        seconds: time limit; orders not looked at by then have no relaxation.

    Returns:
        At most one for each order of `plan.unserved`; none where no single constraint is enough.
    """
    return ()
