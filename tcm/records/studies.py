"""What a manager asks of a plan without following the answer: what if, and how robust."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from tcm.records.plans import PlanState


class StudyKind(StrEnum):
    """What is asked."""

    WHAT_IF = "what_if"
    ROBUSTNESS = "robustness"


@dataclass(eq=False, kw_only=True)
class Study:
    """One question about a plan, computed like a plan and followed by nobody.

    Args:
        id: Row, None before it is stored.
        day: County date.
        kind: What is asked.
        plan_id: The plan it is asked of.
        question: What is changed or drawn, JSON.
        state: QUEUED, RUNNING, DONE, FAILED or CANCELLED.
        progress_percent: 0 to 100.
        answer: JSON; empty until done.
        failure: Sentence for the manager where it failed.
        seconds: Time the solvers may take for each plan.
        seed: Of the solvers and the draws.
        asked_by_id: Manager.
        asked_at: Aware UTC.
        cancelled_at: When a manager stopped it.
        request_key: Key of the form that asked.
    """

    id: int | None = None
    day: date
    kind: StudyKind
    plan_id: int
    question: dict[str, object] = field(default_factory=dict)
    state: PlanState = PlanState.QUEUED
    progress_percent: int = 0
    answer: dict[str, object] = field(default_factory=dict)
    failure: str = ""
    seconds: float
    seed: int
    asked_by_id: int
    asked_at: datetime
    cancelled_at: datetime | None = None
    request_key: str
