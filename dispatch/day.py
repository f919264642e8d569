"""The plan of a whole day: pots and roads as one plan."""

import time
from collections.abc import Callable
from dataclasses import replace

from dispatch.bounds import cost_bound_fen
from dispatch.joint import improve
from dispatch.leftovers import serve_leftovers
from dispatch.plan_types import DayPlan
from dispatch.problem import Day
from dispatch.progress import Cancelled, Progress, watched
from dispatch.relaxing import relaxations
from dispatch.sequence import plan_in_sequence
from dispatch.travel import Travel, great_circle_travel

__all__ = ["Cancelled", "Progress", "plan", "plan_in_sequence"]

# The sequence needs little: the joint search only begins with it.
_SEQUENCE_SHARE, _JOINT_SHARE = 0.2, 0.97
# What would serve the orders left out is looked for at least, and at most, so long.
_EASED_S, _EASED_REPEATABLE_S = 1.5, 30.0


def plan(
    day: Day,
    *,
    seconds: float = 30.0,
    seed: int = 0,
    threads: int = 2,
    repeatable: bool = False,
    travel: Travel | None = None,
    on_progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> DayPlan:
    """Plan a day: every order gets a pot, a trip and a promised window, or a reason why not.

    The day is planned in sequence first; then trips and pots are changed together, and the cheaper plan is
    returned. Nothing is left out that the first plan serves.

    Args:
        day: the problem; orders with `ready_min` are packed already and are only routed.
        seconds: time limit of all searches together.
        seed: of all searches.
        threads: processes and solver threads at most.
        repeatable: limit work instead of time, so that the same day gives the same plan.
        travel: matrices; great circle times winding from the day's coordinates by default.
        on_progress: told a fraction 0..1 and the stage, "decoct", "route", "joint" or "done".
        cancelled: asked now and then whether the search is called off.

    Returns:
        The plan, with a lower bound of its cost and what would serve the orders it leaves out.

    Raises:
        ValueError: `seconds` not above 0; a village without a row in `travel`.
        Cancelled: it was called off.
    """
    began = time.perf_counter()
    tell = watched(on_progress, cancelled)
    roads = travel or great_circle_travel(day.centre, day.villages, day.travel)
    first = plan_in_sequence(
        day,
        seconds=seconds * _SEQUENCE_SHARE,
        seed=seed,
        threads=threads,
        repeatable=repeatable,
        travel=roads,
        on_progress=lambda fraction, stage: tell(
            fraction * _SEQUENCE_SHARE, "route" if stage == "done" else stage
        ),
    )
    tell(_SEQUENCE_SHARE, "joint")
    gone = seconds * _SEQUENCE_SHARE if repeatable else time.perf_counter() - began
    made = improve(
        day,
        roads,
        first,
        seconds=max(0.0, seconds * _JOINT_SHARE - gone),
        seed=seed,
        threads=threads,
        repeatable=repeatable,
        on_progress=lambda fraction: tell(
            _SEQUENCE_SHARE + (_JOINT_SHARE - _SEQUENCE_SHARE) * fraction, "joint"
        ),
    )
    made = serve_leftovers(day, made, roads)
    told = replace(made, lower_bound_fen=cost_bound_fen(day, roads), seconds=time.perf_counter() - began)
    # Ten milliseconds an order: what is counted must not end by the clock.
    eased_s = _EASED_REPEATABLE_S if repeatable else max(_EASED_S, seconds * (1 - _JOINT_SHARE))
    eased = relaxations(day, told, roads, seconds=eased_s) if told.unserved else ()
    tell(1.0, "done")
    return replace(told, relaxations=eased, seconds=time.perf_counter() - began)
