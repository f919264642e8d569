"""The planning of a day as a durable job: gather the facts, solve, check, put in force."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from dispatch.check import check_day
from dispatch.day import plan as solve
from dispatch.formats import to_dict
from dispatch.problem import Day
from dispatch.travel import great_circle_travel
from tcm.knowledge import Knowledge
from tcm.records.clock import Clock
from tcm.records.errors import N_, Refused
from tcm.records.plans import Plan, PlanState
from tcm.services import gathering, planning
from tcm.services.gathering import DayFacts
from tcm.store.engine import Store
from tcm.store.work import Work
from web.planning import to_problem, to_routes

STAGES = {"decoct": N_("正在排煎药锅"), "route": N_("正在排配送路线"), "done": N_("正在校验计划")}
# Progress is written no more often than this, so that it never slows the search.
_REPORT_EVERY_S = 0.5

Report = Callable[[float, str], None]


@dataclass(frozen=True)
class Planner:
    """What the planning of a day needs besides the plan's row.

    Args:
        store: The open store.
        clock: Tells the time.
        knowledge: The boil rules.
        threads: Of the schedule's search.
        repeatable: Limit work instead of time, so that the same day gives the same plan.
    """

    store: Store
    clock: Clock
    knowledge: Knowledge
    threads: int = 2
    repeatable: bool = False

    def run(self, plan_id: int, on_progress: Report | None = None) -> None:
        """Plan a day from its row to a plan in force, or to a failure with its reason.

        Doing it again after a crash starts the search anew and changes nothing that is done.

        Args:
            plan_id: The plan's row.
            on_progress: Told the fraction done and the stage besides the row itself.
        """
        try:
            self._run(plan_id, on_progress)
        except Exception:
            # A row left "running" would keep the manager from asking again.
            with self.store.work(self.clock) as work:
                planning.fail_plan(work, plan_id, N_("计划计算时出错，原计划不变，请再试一次。"))
                work.commit()
            raise

    def _run(self, plan_id: int, on_progress: Report | None) -> None:
        gathered = self._gather(plan_id)
        if gathered is None:
            return
        plan, facts, problem = gathered
        travel = great_circle_travel(problem.centre, problem.villages, problem.travel)
        made = solve(
            problem,
            seconds=plan.seconds,
            seed=plan.seed,
            threads=self.threads,
            repeatable=self.repeatable,
            travel=travel,
            on_progress=_both(_Reporter(self, plan_id), on_progress),
        )
        violations = check_day(problem, made, travel)
        with self.store.work(self.clock) as work:
            planning.adopt_plan(
                work,
                plan_id,
                result=to_dict(made),
                unserved=[to_dict(each) for each in made.unserved],
                violations=[to_dict(each) for each in violations],
                routes=to_routes(made, facts.vehicles, plan.day),
            )
            work.commit()

    def _gather(self, plan_id: int) -> tuple[Plan, DayFacts, Day] | None:
        with self.store.work(self.clock) as work:
            plan = work.plans.get(plan_id)
            if plan.state in (PlanState.DONE, PlanState.FAILED):
                return None
            try:
                facts = self._facts(work, plan)
                problem = to_problem(facts, plan.day, plan.from_minute)
            except (Refused, ValueError) as refusal:
                planning.fail_plan(work, plan_id, str(refusal))
                work.commit()
                return None
            planning.begin_plan(work, plan_id, to_dict(problem))
            work.commit()
        return plan, facts, problem

    def _facts(self, work: Work, plan: Plan) -> DayFacts:
        asker = work.staff.get(plan.asked_by_id).actor
        return gathering.day_facts(work, asker, self.knowledge, plan.day)


class _Reporter:
    """Writes progress into the plan's row, now and then; solvers call it from threads of their own."""

    def __init__(self, planner: Planner, plan_id: int) -> None:
        self._planner = planner
        self._plan_id = plan_id
        self._lock = threading.Lock()
        self._told_s = 0.0
        self._stage = ""

    def __call__(self, fraction: float, stage: str) -> None:
        now_s = time.monotonic()
        with self._lock:
            if stage == self._stage and now_s - self._told_s < _REPORT_EVERY_S:
                return
            self._told_s, self._stage = now_s, stage
            with self._planner.store.work(self._planner.clock) as work:
                planning.report_progress(work, self._plan_id, int(fraction * 99), STAGES[stage])
                work.commit()


def _both(first: Report, second: Report | None) -> Report:
    def report(fraction: float, stage: str) -> None:
        first(fraction, stage)
        if second is not None:
            second(fraction, stage)

    return report
