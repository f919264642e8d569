"""What is computed in a process of its own: pure, picklable, told everything it needs.

Importing this module is the start-up of every search, so it imports the solvers and nothing of the web.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from dispatch import whatif
from dispatch.check import Violation, check_day
from dispatch.county import Window
from dispatch.day import plan
from dispatch.events import Standing
from dispatch.formats import read, to_dict
from dispatch.plan_types import DayPlan
from dispatch.problem import Day
from dispatch.replan import replan_from
from dispatch.simulation.buffers import choose_buffer
from dispatch.simulation.monte_carlo import simulate
from dispatch.travel import Travel
from web.jobs.questions import RobustnessAsked, WhatIfAsked
from web.jobs.search import Tell


@dataclass(frozen=True)
class Effort:
    """What the searches may take.

    Args:
        seconds: For the searches of one plan.
        seed: Of the searches.
        threads: Of the searches.
        repeatable: Limit work instead of time.
    """

    seconds: float
    seed: int
    threads: int = 2
    repeatable: bool = False


@dataclass(frozen=True)
class Solved:
    """A plan and what the independent checker found of it.

    Args:
        plan: As the planner made it.
        violations: None in a plan that may be followed.
        difference: What it changes of the plan before it, JSON; empty for a plan that begins anew.
    """

    plan: DayPlan
    violations: tuple[Violation, ...]
    difference: Mapping[str, object] = field(default_factory=dict)


def solve_day(day: Day, travel: Travel, effort: Effort, tell: Tell) -> Solved:
    """Plan a day and check the plan.

    Args:
        day: The problem.
        travel: Between its places.
        effort: Of the searches.
        tell: Told a fraction 0..1 and the stage.

    Returns:
        The checked plan.
    """
    made = plan(day, travel=travel, on_progress=tell, **vars(effort))
    return Solved(made, tuple(check_day(day, made, travel)))


def solve_after_events(
    stands: Standing, so_far: DayPlan, told: Mapping[str, Window], effort: Effort, tell: Tell
) -> Solved:
    """Plan a day on from where it stands, changing as little as possible, and check the plan.

    Args:
        stands: The day and the roads as they are.
        so_far: The plan in force.
        told: The windows that patients were told.
        effort: Of the searches.
        tell: Told a fraction 0..1 and the stage.

    Returns:
        The checked plan and what it changes.
    """
    made = replan_from(stands, so_far, told=told, on_progress=tell, **vars(effort))
    violations = check_day(stands.day, made.plan, stands.travel)
    return Solved(made.plan, tuple(violations) or made.violations, to_dict(made.difference))


def study_what_if(
    day: Day, travel: Travel, question: Mapping[str, object], effort: Effort, tell: Tell
) -> dict[str, object]:
    """Plan a day again with one thing changed at a time.

    Args:
        day: The problem as it was planned.
        travel: Between its places.
        question: A stored `WhatIfAsked`.
        effort: For each plan.
        tell: Told a fraction 0..1 and the stage.

    Returns:
        `rows`, the first of them the day as it is, and `curve`, JSON.
    """
    asked = read(WhatIfAsked, question, "question")
    changes, curve = asked.changes, asked.curve
    plans = 1 + len(changes) + (len(curve.amounts) if curve else 0)
    share = (1 + len(changes)) / plans
    rows = whatif.table(
        day, travel, changes, on_progress=lambda done, stage: tell(done * share, stage), **vars(effort)
    )
    drawn = None
    if curve is not None:
        drawn = whatif.curve(
            day,
            travel,
            curve.kind,
            curve.amounts,
            on_progress=lambda done, stage: tell(share + done * (1 - share), stage),
            **vars(effort),
        )
    return {"rows": to_dict(rows), "curve": to_dict(drawn)}


def study_robustness(
    day: Day, made: DayPlan, travel: Travel, question: Mapping[str, object], effort: Effort, tell: Tell
) -> dict[str, object]:
    """Carry a plan out on many drawn days, and look for the buffers that keep bags on time at least cost.

    Args:
        day: The problem as it was planned.
        made: Its plan.
        travel: Between its places.
        question: A stored `RobustnessAsked`.
        effort: For the plan with each buffer.
        tell: Told a fraction 0..1 and the stage.

    Returns:
        `robustness` of the plan as it is and `choice` of buffers, JSON.
    """
    asked = read(RobustnessAsked, question, "question")
    robust = simulate(day, made, travel, draws=asked.draws, seed=effort.seed)
    choice = choose_buffer(
        day, travel, target=asked.target, draws=asked.draws, on_progress=tell, **vars(effort)
    )
    return {"robustness": to_dict(robust), "choice": to_dict(choice)}
