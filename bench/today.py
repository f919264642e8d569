"""The day on which pages are measured: half past ten in the morning, everybody at work."""

from datetime import timedelta

from tcm.records.clinical import VisitType
from tcm.records.clock import at_minute
from tcm.records.people import Staff
from tcm.records.plans import PlanState
from tcm.records.roles import Role
from tcm.records.studies import StudyKind
from tcm.review import RuleSetting
from tcm.services import (
    appraising,
    charting,
    constitutions,
    photographing,
    planning,
    prescribing,
    queueing,
    replaying,
    reviewing,
    ruling,
    studying,
)
from tcm.services.charting import VisitNotes
from tcm.services.prescribing import ItemDraft, PrescriptionDraft
from tcm.store.work import Work
from web.demo import floor
from web.demo.mornings import USAGE, write_prescriptions
from web.demo.photographs import Photographs
from web.demo.reviews import review_all
from web.demo.town import Town
from web.jobs.planning import Planner
from web.jobs.reading import PhotographReader

VISITS_MIN = 13 * 60 + 30
PLAN_MIN = 6 * 60 - 15
FIRST_MIN = 6 * 60
MORNING_MIN = 8 * 60
NOW_MIN = 10 * 60 + 30
PLAN_S = 4.0
APPROVED, WAITING, SENT_BACK, APPRAISED = 69, 40, 4, 12
FORMULA = "六味地黄汤"
ANSWER_OF_ALL = 2


def live_today(town: Town, photographs: Photographs, regulars: dict[int, int]) -> None:
    """Live the day until it is measured.

    Args:
        town: The county on that day, its clock at the end of the day before yesterday.
        photographs: One for each visit.
        regulars: By house the patient who comes most often.
    """
    town.clock.to(at_minute(town.day - timedelta(days=1), VISITS_MIN))
    write_prescriptions(town, photographs, APPROVED, f"today-{town.day}")
    review_all(town)
    town.clock.to(at_minute(town.day, PLAN_MIN))
    plan_here(town, PLAN_S)
    _live_until(town, MORNING_MIN)
    write_prescriptions(town, photographs, WAITING, f"waiting-{town.day}")
    _send_some_back(town)
    _live_until(town, NOW_MIN)
    for doctor in town.staff[Role.DOCTOR]:
        _see_regular(town, doctor, photographs, regulars[doctor.institution_id])
    _govern(town)
    _ask_about_the_plan(town)
    with town.work() as work:
        work.ledger.seal(work.now)
        work.commit()


def plan_here(town: Town, seconds: float) -> None:
    """Plan the town's day and put the plan in force.

    Args:
        town: The county, its clock before the first batch.
        seconds: What the planning may take.

    Raises:
        RuntimeError: When there is no plan that passes its check.
    """
    manager = town.staff[Role.MANAGER][0].actor
    with town.work() as work:
        plan = planning.ask_plan(
            work,
            manager,
            town.day,
            from_minute=FIRST_MIN,
            seconds=seconds,
            seed=1,
            request_key=f"plan-{town.day}",
            enqueue=_nobody,
        )
        work.commit()
    Planner(town.store, town.clock, town.knowledge, threads=1).run(plan.id or 0, lambda *_: None)
    with town.work() as work:
        if work.plans.get(plan.id or 0).state is not PlanState.DONE:
            raise RuntimeError("the day could not be planned")


def _nobody(_work: Work, _row: int) -> None:
    """Jobs are done here or not at all."""


def _live_until(town: Town, minute: int) -> None:
    until = at_minute(town.day, minute)
    for happening in floor.due(town):
        if happening.at < until:
            floor.do(town, happening)
    town.clock.to(until)


def _send_some_back(town: Town) -> None:
    pharmacist, colleague = town.staff[Role.PHARMACIST][:2]
    with town.work() as work:
        me = pharmacist.actor
        rows = [each.row for each in queueing.queue(work, me, town.knowledge)]
        for row in rows[:SENT_BACK]:
            held = reviewing.claim(work, me, row.prescription_id)
            reviewing.return_to_doctor(
                work,
                pharmacist.actor,
                town.knowledge,
                held.key(),
                held.version,
                "diagnosis",
                remark="请核对证型。",
            )
        reviewing.claim(work, colleague.actor, rows[SENT_BACK].prescription_id)
        reviewing.claim(work, me, rows[SENT_BACK + 1].prescription_id)
        work.commit()


def _see_regular(town: Town, doctor: Staff, photographs: Photographs, patient_id: int) -> None:
    upload, key, actor = photographs.take(), f"regular-{doctor.id}", doctor.actor
    with town.work() as work:
        visit = charting.open_encounter(work, actor, patient_id, key)
        visit_id = visit.id or 0
        notes = VisitNotes(complaint="腰膝酸软、口干", inquiry=("腰膝酸软", "口干"), pulse=("脉细",))
        charting.write_notes(work, actor, visit_id, notes)
        kept = (
            photographing.keep_upload(work, actor, visit_id, upload, key, enqueue=_nobody) if upload else None
        )
        sex = constitutions.open_form(work, actor, visit_id).patient.sex.value
        asked = town.knowledge.constitution_form.asked_of(sex)
        answers = {question.number: ANSWER_OF_ALL for question in asked}
        constitutions.fill_form(work, actor, town.knowledge, visit_id, answers, key)
        work.commit()
    if kept:
        PhotographReader(town.store, town.clock).run(kept.id or 0)
    with town.work() as work:
        begun = prescribing.begin(work, actor, visit_id, key)
        prescribing.save(work, actor, town.knowledge, begun.key(), begun.version, _draft(town))
        work.commit()


def _draft(town: Town) -> PrescriptionDraft:
    formula = town.knowledge.formulas[FORMULA]
    return PrescriptionDraft(
        disease="",
        syndrome="肾阴虚证",
        doses_count=7,
        doses_per_day=1,
        usage=USAGE,
        decoction_class=formula.decoction_class,
        visit_type=VisitType.OUTPATIENT,
        extended_supply_reason="",
        urgent=False,
        items=tuple(
            ItemDraft(item.herb, item.grams, item.decoction_note, formula.name) for item in formula.items
        ),
    )


def _govern(town: Town) -> None:
    """Last month's sample with some opinions, and a draft of the rules with a replay that was asked for."""
    first, second = (person.actor for person in town.staff[Role.PHARMACIST][:2])
    with town.work() as work:
        month = appraising.last_month(work.now)
        sample = appraising.draw(work, first, town.knowledge, month, seed=1)
        rows = appraising.open_appraisal(work, first, sample.id or 0).rows
        for row in rows[:APPRAISED]:
            for actor in (first, second):
                appraising.give_opinion(work, actor, town.knowledge, row.id or 0, [], "")
        draft = ruling.begin(work, first, "bench-rules")
        settings = {"price_ceiling": RuleSetting(parameters={"ceiling_fen": 2_500.0})}
        ruling.change(work, first, town.knowledge, draft.id or 0, settings, "试行。")
        replaying.ask_replay(
            work, first, draft.id or 0, town.day - timedelta(days=30), "bench-replay", enqueue=_nobody
        )
        work.commit()


def _ask_about_the_plan(town: Town) -> None:
    manager = town.staff[Role.MANAGER][0].actor
    with town.work() as work:
        for kind in (StudyKind.WHAT_IF, StudyKind.ROBUSTNESS):
            studying.ask_study(
                work,
                manager,
                town.day,
                kind,
                {},
                seconds=1,
                seed=1,
                request_key=f"bench-{kind}",
                enqueue=_nobody,
            )
        work.commit()
