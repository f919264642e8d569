"""Questions about a plan: asked, computed like a plan, answered; what a manager decides after them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from tcm.records.centre import PlanningSettings
from tcm.records.errors import N_, Invalid
from tcm.records.permissions import Action, demand
from tcm.records.plans import UNDER_WAY, Plan, PlanState
from tcm.records.roles import Actor
from tcm.records.studies import Study, StudyKind
from tcm.store.work import Work

Enqueue = Callable[[Work, int], None]

# A list is looked over, not searched.
MOST_LISTED = 12


@dataclass(frozen=True)
class StudyView:
    """A kind of study as its page shows it.

    Args:
        in_force: The plan that is asked about, None before there is one.
        studies: Those of the day, newest first.
        shown: The one looked at, None where there is none.
        settings: What plans have to keep now, None where nothing was decided.
    """

    in_force: Plan | None
    studies: list[Study]
    shown: Study | None
    settings: PlanningSettings | None


def study_view(work: Work, actor: Actor, day: date, kind: StudyKind, study_id: int | None) -> StudyView:
    """The studies of a day and one of them.

    Args:
        work: The unit of work.
        actor: A manager.
        day: County date.
        kind: What was asked.
        study_id: The one to show; the newest where None.

    Returns:
        The view.

    Raises:
        Forbidden: For other roles.
    """
    demand(actor, Action.PLAN_MAKE)
    studies = work.studies.of_kind(kind, [day], MOST_LISTED)
    shown = next((each for each in studies if study_id in (None, each.id)), None)
    return StudyView(work.plans.in_force(day), studies, shown, work.planning_settings.current())


def ask_study(
    work: Work,
    actor: Actor,
    day: date,
    kind: StudyKind,
    question: dict[str, object],
    *,
    seconds: float,
    seed: int,
    request_key: str,
    enqueue: Enqueue,
) -> Study:
    """Ask a question about the plan in force; the job is enqueued in the same transaction as the row.

    Args:
        work: The unit of work.
        actor: A manager.
        day: County date.
        kind: What is asked.
        question: What is changed or drawn, JSON.
        seconds: What the solvers may take for each plan.
        seed: Of solvers and draws.
        request_key: The form's own key.
        enqueue: Given the work and the study's row, enqueues the job.

    Returns:
        The queued study; the same one for the same key.

    Raises:
        Invalid: When the day has no plan, or another study of this kind is being computed.
        Forbidden: For other roles.
    """
    demand(actor, Action.PLAN_MAKE)
    earlier = work.studies.of_request(request_key)
    if earlier is not None:
        return earlier
    plan = work.plans.in_force(day)
    if plan is None:
        raise Invalid(N_("这一天还没有计划，先排计划再推演。"))
    if any(each.state in UNDER_WAY for each in work.studies.of_kind(kind, [day], 1)):
        raise Invalid(N_("上一次推演还在计算，请稍候或先取消。"))
    study = work.studies.add(
        Study(
            day=day,
            kind=kind,
            plan_id=plan.id or 0,
            question=question,
            seconds=seconds,
            seed=seed,
            asked_by_id=actor.staff_id,
            asked_at=work.now,
            request_key=request_key,
        )
    )
    enqueue(work, study.id or 0)
    return study


def look_at_study(work: Work, actor: Actor, study_id: int) -> Study:
    """One study, such as to see how far it is.

    Args:
        work: The unit of work.
        actor: A manager.
        study_id: Which.

    Returns:
        The study.

    Raises:
        NotFound: When there is none.
        Forbidden: For other roles.
    """
    demand(actor, Action.PLAN_MAKE)
    return work.studies.get(study_id)


def cancel_study(work: Work, actor: Actor, study_id: int) -> Study:
    """Stop a study; whoever computes it sees so by its row. One that is over stays as it is.

    Args:
        work: The unit of work.
        actor: A manager.
        study_id: Which.

    Returns:
        The study.

    Raises:
        NotFound: When there is none.
        Forbidden: For other roles.
    """
    demand(actor, Action.PLAN_MAKE)
    study = work.studies.locked(study_id)
    if study.state in UNDER_WAY:
        study.state, study.cancelled_at = PlanState.CANCELLED, work.now
    return study


def begin_study(work: Work, study_id: int) -> tuple[Study, Plan] | None:
    """The study and its plan, to be computed.

    Args:
        work: The unit of work.
        study_id: Which.

    Returns:
        Both, or None where it is over or cancelled.
    """
    study = work.studies.locked(study_id)
    if study.state not in UNDER_WAY:
        return None
    study.state = PlanState.RUNNING
    return study, work.plans.get(study.plan_id)


def report_study(work: Work, study_id: int, percent: int) -> None:
    """Keep how far a study is; one that is over stays as it is.

    Args:
        work: The unit of work.
        study_id: Which.
        percent: 0 to 100.
    """
    study = work.studies.locked(study_id)
    if study.state in UNDER_WAY:
        study.progress_percent = percent


def answer_study(work: Work, study_id: int, answer: dict[str, object]) -> None:
    """Keep the answer; one that is over stays as it is.

    Args:
        work: The unit of work.
        study_id: Which.
        answer: JSON.
    """
    study = work.studies.locked(study_id)
    if study.state in UNDER_WAY:
        study.state, study.answer, study.progress_percent = PlanState.DONE, answer, 100


def fail_study(work: Work, study_id: int, why: str) -> None:
    """A study ended without an answer.

    Args:
        work: The unit of work.
        study_id: Which.
        why: A sentence for the manager.
    """
    study = work.studies.locked(study_id)
    if study.state in UNDER_WAY:
        study.state, study.failure = PlanState.FAILED, why


def decide_settings(
    work: Work,
    actor: Actor,
    *,
    buffer_min: int,
    promise_late_min: int,
    longest_box_min: int | None = None,
    fragile_box_min: int | None = None,
    study_id: int | None = None,
) -> PlanningSettings:
    """Decide what plans have to keep from now on; what was decided before stays on record.

    Args:
        work: The unit of work.
        actor: A manager.
        buffer_min: Between the planned end of a packing and the moment its bags are counted on.
        promise_late_min: From the planned arrival to the end of the promised window.
        longest_box_min: Longest time in the insulated box, None without a limit.
        fragile_box_min: The same for patients who are new to the medicine.
        study_id: The study that proposed it, where one did.

    Returns:
        The decision.

    Raises:
        Forbidden: For other roles.
    """
    demand(actor, Action.PLAN_MAKE)
    return work.planning_settings.add(
        PlanningSettings(
            buffer_min=buffer_min,
            promise_late_min=promise_late_min,
            longest_box_min=longest_box_min,
            fragile_box_min=fragile_box_min,
            set_by_id=actor.staff_id,
            set_at=work.now,
            study_id=study_id,
        )
    )
