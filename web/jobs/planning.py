"""The planning of a day as a durable job: gather the facts, solve, check, put in force or propose."""

import threading
import time
from dataclasses import dataclass, field
from functools import partial

from dispatch.formats import to_dict
from dispatch.problem import Day
from dispatch.roads import GreatCircle, Provider, RoadsUnusableError
from dispatch.travel import Travel
from tcm.knowledge import Knowledge
from tcm.records.clock import Clock
from tcm.records.errors import N_, Refused
from tcm.records.plans import UNDER_WAY, Plan
from tcm.services import gathering, planning
from tcm.services.gathering import DayFacts
from tcm.store.engine import Store
from tcm.store.work import Work
from web.jobs.search import Broke, NoLongerWanted, Search, SearchStopped, Task, Tell, search_here
from web.jobs.tasks import Effort, Solved, solve_day
from web.planning import roads_note, roads_of, to_problem, to_routes

STAGES = {"decoct": N_("正在排煎药锅"), "route": N_("正在排配送路线"), "done": N_("正在校验计划")}
# Progress is written no more often than this, so that it never slows the search.
_REPORT_EVERY_S = 0.5


@dataclass(frozen=True)
class Planner:
    """What the planning of a day needs besides the plan's row.

    Args:
        store: The open store.
        clock: Tells the time.
        knowledge: The boil rules.
        threads: Of the schedule's search.
        repeatable: Limit work instead of time, so that the same day gives the same plan.
        search: Runs the solvers, here or in a process of their own.
        provider: Where distances come from.
    """

    store: Store
    clock: Clock
    knowledge: Knowledge
    threads: int = 2
    repeatable: bool = False
    search: Search = search_here
    provider: Provider = field(default_factory=GreatCircle)

    def run(self, plan_id: int, on_progress: Tell | None = None) -> None:
        """Plan a day from its row to a plan in force or proposed, or to a failure with its reason.

        Doing it again after a crash starts the search anew and changes nothing that is done.

        Args:
            plan_id: The plan's row.
            on_progress: Told the fraction done and the stage besides the row itself.

        Raises:
            Exception: A mistake of ours, told to the manager in one sentence before it is raised.
        """
        try:
            self._run(plan_id, on_progress)
        except NoLongerWanted:
            # Its row says so already.
            return
        except SearchStopped as stopped:
            self._fail(plan_id, stopped.msgid)
            if isinstance(stopped, Broke):
                raise
        except Exception:
            # A row left "running" would keep the manager from asking again.
            self._fail(plan_id, Broke.msgid)
            raise

    def _run(self, plan_id: int, on_progress: Tell | None) -> None:
        gathered = self._gather(plan_id)
        if gathered is None:
            return
        plan, facts, problem, travel = gathered
        solved = self.search(
            self._task(plan, problem, travel),
            _both(_Reporter(self, plan_id), on_progress),
            partial(self._is_wanted, plan_id),
        )
        self._keep(plan, facts, solved)

    def _task(self, plan: Plan, problem: Day, travel: Travel) -> Task[Solved]:
        effort = Effort(plan.seconds, plan.seed, self.threads, self.repeatable)
        return partial(solve_day, problem, travel, effort)

    def _keep(self, plan: Plan, facts: DayFacts, solved: Solved) -> None:
        with self.store.work(self.clock) as work:
            planning.adopt_plan(
                work,
                planning.plan_key(plan),
                result=to_dict(solved.plan),
                unserved=[to_dict(each) for each in solved.plan.unserved],
                violations=[to_dict(each) for each in solved.violations],
                routes=to_routes(solved.plan, facts.vehicles, plan.day),
            )
            work.commit()

    def _gather(self, plan_id: int) -> tuple[Plan, DayFacts, Day, Travel] | None:
        try:
            with self.store.work(self.clock) as work:
                plan = work.plans.get(plan_id)
                if plan.state not in UNDER_WAY:
                    return None
                facts = self._facts(work, plan)
            # Outside any work: a road server may take its time, and SQLite lets nobody else write meanwhile.
            problem = to_problem(facts, plan.day, plan.from_minute)
            travel = roads_of(self.provider, facts, plan.day)
        except (Refused, ValueError, RoadsUnusableError) as refusal:
            self._fail(plan_id, str(refusal))
            return None
        with self.store.work(self.clock) as work:
            planning.begin_plan(work, plan_id, to_dict(problem), roads_note(travel))
            work.commit()
        return plan, facts, problem, travel

    def _facts(self, work: Work, plan: Plan) -> DayFacts:
        asker = work.staff.get(plan.asked_by_id).actor
        return gathering.day_facts(work, asker, self.knowledge, plan.day)

    def _fail(self, plan_id: int, why: str) -> None:
        with self.store.work(self.clock) as work:
            planning.fail_plan(work, plan_id, why)
            work.commit()

    def _is_wanted(self, plan_id: int) -> bool:
        with self.store.work(self.clock) as work:
            return work.plans.state_of(plan_id) in UNDER_WAY


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


def _both(first: Tell, second: Tell | None) -> Tell:
    def report(fraction: float, stage: str) -> None:
        first(fraction, stage)
        if second is not None:
            second(fraction, stage)

    return report
