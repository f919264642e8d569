"""The planning of a day as a durable job: gather the facts, solve, check, put in force or propose."""

from dataclasses import dataclass, field
from functools import partial
from typing import TypedDict

from dispatch.formats import to_dict
from dispatch.problem import Day
from dispatch.roads import GreatCircle, Provider, RoadsUnusableError
from dispatch.travel import Travel
from tcm.knowledge import Knowledge
from tcm.records.clock import Clock
from tcm.records.errors import N_, Refused
from tcm.records.plans import UNDER_WAY, Plan, PlanKind
from tcm.services import gathering, planning
from tcm.services.gathering import DayFacts, Followed
from tcm.store.engine import Store
from tcm.store.work import Work
from web.jobs.progress import Paced, both
from web.jobs.search import Broke, NoLongerWanted, Search, SearchStopped, Task, Tell, search_here
from web.jobs.tasks import Effort, Solved, solve_after_events, solve_day
from web.planning import so_far, to_problem, to_routes, to_standing, told_windows
from web.roads import roads_note, roads_of

STAGES = {
    "decoct": N_("正在排煎药锅"),
    "route": N_("正在排配送路线"),
    "joint": N_("正在把锅和路合起来排"),
    "repair": N_("正在就地调整原计划"),
    "anew": N_("正在与重新排的计划比较"),
    "done": N_("正在校验计划"),
}
# A stage without words of its own is progress all the same.
COMPUTING = N_("正在计算")


class _Outcome(TypedDict):
    result: dict[str, object]
    unserved: list[dict[str, object]]
    violations: list[dict[str, object]]


@dataclass(frozen=True)
class _Gathered:
    """All that a search needs; `followed` is the plan to be changed as little as possible."""

    plan: Plan
    facts: DayFacts
    problem: Day
    travel: Travel
    followed: Followed | None


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
        solved = self.search(
            self._task(gathered),
            both(Paced(partial(self._report, plan_id)), on_progress),
            partial(self._is_wanted, plan_id),
        )
        self._keep(gathered, solved)

    def _task(self, gathered: _Gathered) -> Task[Solved]:
        plan, followed = gathered.plan, gathered.followed
        effort = Effort(plan.seconds, plan.seed, self.threads, self.repeatable)
        if followed is None:
            return partial(solve_day, gathered.problem, gathered.travel, effort)
        stands = to_standing(followed, gathered.problem, gathered.travel, plan.day)
        told = told_windows(followed, plan.day)
        return partial(solve_after_events, stands, so_far(followed, plan.day), told, effort)

    def _keep(self, gathered: _Gathered, solved: Solved) -> None:
        plan, made = gathered.plan, solved.plan
        outcome: _Outcome = {
            "result": to_dict(made),
            "unserved": [to_dict(each) for each in made.unserved],
            "violations": [to_dict(each) for each in solved.violations],
        }
        plan_id = planning.plan_key(plan)
        with self.store.work(self.clock) as work:
            if gathered.followed is None:
                routes = to_routes(made, gathered.facts.vehicles, plan.day)
                planning.adopt_plan(work, plan_id, routes=routes, **outcome)
            else:
                difference = {**solved.difference, "before": gathered.followed.plan.id}
                planning.propose_plan(work, plan_id, difference=difference, **outcome)
            work.commit()

    def _gather(self, plan_id: int) -> _Gathered | None:
        try:
            with self.store.work(self.clock) as work:
                plan = work.plans.get(plan_id)
                if plan.state not in UNDER_WAY:
                    return None
                facts = self._facts(work, plan)
                after_events = plan.kind is PlanKind.AFTER_EVENTS
                followed = gathering.followed(work, plan.day) if after_events else None
            # Outside any work: a road server may take its time, and SQLite lets nobody else write meanwhile.
            problem = to_problem(facts, plan.day, plan.from_minute)
            travel = roads_of(self.provider, facts, plan.day)
        except (Refused, ValueError, RoadsUnusableError) as refusal:
            self._fail(plan_id, str(refusal))
            return None
        with self.store.work(self.clock) as work:
            planning.begin_plan(work, plan_id, to_dict(problem), roads_note(travel))
            work.commit()
        return _Gathered(plan, facts, problem, travel, followed)

    def _facts(self, work: Work, plan: Plan) -> DayFacts:
        asker = work.staff.get(plan.asked_by_id).actor
        return gathering.day_facts(work, asker, self.knowledge, plan.day)

    def _fail(self, plan_id: int, why: str) -> None:
        with self.store.work(self.clock) as work:
            planning.fail_plan(work, plan_id, why)
            work.commit()

    def _report(self, plan_id: int, fraction: float, stage: str) -> None:
        with self.store.work(self.clock) as work:
            planning.report_progress(work, plan_id, int(fraction * 99), STAGES.get(stage, COMPUTING))
            work.commit()

    def _is_wanted(self, plan_id: int) -> bool:
        with self.store.work(self.clock) as work:
            return work.plans.state_of(plan_id) in UNDER_WAY
