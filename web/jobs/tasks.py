"""What is computed in a process of its own: pure, picklable, told everything it needs.

Importing this module is the start-up of every search, so it imports the solvers and nothing of the web.
"""

from dataclasses import dataclass

from dispatch.check import Violation, check_day
from dispatch.day import plan
from dispatch.plan_types import DayPlan
from dispatch.problem import Day
from dispatch.travel import Travel
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
    """

    plan: DayPlan
    violations: tuple[Violation, ...]


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
