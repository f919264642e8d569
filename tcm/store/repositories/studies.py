"""What happened to planned days, and what was asked of their plans."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from tcm.records.day_events import DayEvent
from tcm.records.errors import N_
from tcm.records.plans import PlanState
from tcm.records.studies import Study, StudyKind
from tcm.store import planning_tables as t
from tcm.store.repositories.base import Repository


class DayEventRepository(Repository[DayEvent]):
    """What happened to planned days."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, DayEvent, N_("没有这条情况。"))

    def of_day(self, day: date) -> list[DayEvent]:
        """A day's events as they were reported.

        Args:
            day: County date.

        Returns:
            The events, oldest first.
        """
        return self._many(select(DayEvent).filter_by(day=day).order_by(t.day_events.c.id))

    def of_plan(self, plan_id: int) -> list[DayEvent]:
        """The events that a plan answers.

        Args:
            plan_id: Row of the plan.

        Returns:
            The events, oldest first.
        """
        return self._many(select(DayEvent).filter_by(plan_id=plan_id).order_by(t.day_events.c.id))


class StudyRepository(Repository[Study]):
    """What was asked of plans."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, Study, N_("没有这次推演。"))

    def of_kind(self, kind: StudyKind, days: Iterable[date], limit: int) -> list[Study]:
        """The newest studies of some days.

        Args:
            kind: What was asked.
            days: County dates.
            limit: At most so many.

        Returns:
            The studies, newest first.
        """
        query = select(Study).where(t.studies.c.kind == kind, t.studies.c.day.in_(list(days)))
        return self._many(query.order_by(t.studies.c.id.desc()).limit(limit))

    def state_of(self, study_id: int) -> PlanState | None:
        """Where a study stands.

        Args:
            study_id: Its row.

        Returns:
            The state, or None where there is no such study.
        """
        state: PlanState | None = self._session.scalar(
            select(t.studies.c.state).where(t.studies.c.id == study_id)
        )
        return state
