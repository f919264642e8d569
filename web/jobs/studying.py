"""A question about a plan as a durable job: compute it apart, keep the answer."""

from dataclasses import replace
from functools import partial

from dispatch.formats import day_from_dict, plan_from_dict, read
from dispatch.problem import Day
from dispatch.roads import RoadsUnusableError
from tcm.records.errors import N_
from tcm.records.plans import UNDER_WAY, Plan
from tcm.records.studies import Study, StudyKind
from tcm.services import studying
from web.jobs.planning import Planner
from web.jobs.progress import Paced
from web.jobs.questions import WhatIfAsked
from web.jobs.search import Broke, NoLongerWanted, SearchApart, SearchStopped, Task
from web.jobs.tasks import Effort, study_robustness, study_what_if
from web.roads import roads_again

NOTHING_TO_COPY = N_("这一天没有可用的车或锅，无法照样添加。")
# Whoever waits for a plan goes first.
_NICENESS = 10


class Studies:
    """Answers questions about plans.

    Args:
        planner: Whose store, clock, search and roads are used.
    """

    def __init__(self, planner: Planner) -> None:
        self._planner = planner
        search = planner.search
        self._search = replace(search, niceness=_NICENESS) if isinstance(search, SearchApart) else search

    def run(self, study_id: int) -> None:
        """Answer a study from its row, or say why not.

        Doing it again after a crash computes anew and changes nothing that is done.

        Args:
            study_id: The study's row.

        Raises:
            Exception: A mistake of ours, told to the manager in one sentence before it is raised.
        """
        try:
            self._run(study_id)
        except NoLongerWanted:
            # Its row says so already.
            return
        except SearchStopped as stopped:
            self._fail(study_id, stopped.msgid)
            if isinstance(stopped, Broke):
                raise
        except Exception:
            self._fail(study_id, Broke.msgid)
            raise

    def _run(self, study_id: int) -> None:
        with self._planner.store.work(self._planner.clock) as work:
            begun = studying.begin_study(work, study_id)
            work.commit()
        if begun is None:
            return
        try:
            task = self._task(*begun)
        except (ValueError, RoadsUnusableError) as refusal:
            self._fail(study_id, str(refusal))
            return
        answer = self._search(
            task, Paced(partial(self._report, study_id)), partial(self._is_wanted, study_id)
        )
        with self._planner.store.work(self._planner.clock) as work:
            studying.answer_study(work, study_id, answer)
            work.commit()

    def _task(self, study: Study, plan: Plan) -> Task[dict[str, object]]:
        day = day_from_dict(plan.problem)
        travel = roads_again(self._planner.provider, day, plan.day)
        effort = Effort(study.seconds, study.seed, self._planner.threads, self._planner.repeatable)
        if study.kind is StudyKind.WHAT_IF:
            _refuse_uncopied(read(WhatIfAsked, study.question, "question"), day)
            return partial(study_what_if, day, travel, study.question, effort)
        return partial(study_robustness, day, plan_from_dict(plan.result), travel, study.question, effort)

    def _report(self, study_id: int, fraction: float, _stage: str) -> None:
        with self._planner.store.work(self._planner.clock) as work:
            studying.report_study(work, study_id, int(fraction * 99))
            work.commit()

    def _fail(self, study_id: int, why: str) -> None:
        with self._planner.store.work(self._planner.clock) as work:
            studying.fail_study(work, study_id, why)
            work.commit()

    def _is_wanted(self, study_id: int) -> bool:
        with self._planner.store.work(self._planner.clock) as work:
            return work.studies.state_of(study_id) in UNDER_WAY


def _refuse_uncopied(asked: WhatIfAsked, day: Day) -> None:
    """More vehicles or pots are copies of those that are there."""
    kinds = {change.kind for change in asked.changes} | ({asked.curve.kind} if asked.curve else set())
    if ("vehicles" in kinds and not day.vehicles) or ("pots" in kinds and not day.pots):
        raise ValueError(NOTHING_TO_COPY)
