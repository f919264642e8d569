"""Follow-up with outcome (疗效): a later visit says what came of the treatment of an earlier one."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from tcm.knowledge import Knowledge
from tcm.records.clinical import Encounter, Prescription
from tcm.records.errors import N_, Invalid, NotFound
from tcm.records.lifecycle import State
from tcm.records.permissions import Action
from tcm.records.roles import Actor
from tcm.records.together import Outcome
from tcm.services.access import look_at_encounter
from tcm.store.work import Work

VISITS_AT_MOST = 100
MOST_NOTE = 500


class SymptomNow(StrEnum):
    """What became of a symptom."""

    GONE = "gone"
    BETTER = "better"
    SAME = "same"
    WORSE = "worse"


SYMPTOM_TERMS = {
    SymptomNow.GONE: N_("消失"),
    SymptomNow.BETTER: N_("减轻"),
    SymptomNow.SAME: N_("不变"),
    SymptomNow.WORSE: N_("加重"),
}


@dataclass(frozen=True)
class Judging:
    """A visit beside the earlier one whose treatment it judges.

    Args:
        visit: The later visit.
        choices: The earlier visits of the same house, newest first.
        earlier: The one that is judged, None where there is none.
        prescriptions: Signed at the earlier visit, newest first.
        symptoms: Its symptoms as its doctor ticked them.
        new_symptoms: What the later visit has beside them.
        still: Which of its symptoms the later visit has as well.
        outcome: What this visit said already, None before.
    """

    visit: Encounter
    choices: list[Encounter]
    earlier: Encounter | None
    prescriptions: list[Prescription]
    symptoms: list[str]
    new_symptoms: list[str]
    still: frozenset[str]
    outcome: Outcome | None


@dataclass(frozen=True)
class Judgement:
    """What the doctor says.

    Args:
        grade: Code of a grade.
        symptoms: By symptom of the earlier visit, what became of it; those not asked are left out.
        note: In their words, or empty.
    """

    grade: str
    symptoms: Mapping[str, SymptomNow]
    note: str = ""


def open_judging(work: Work, actor: Actor, visit_id: int, earlier_id: int | None = None) -> Judging:
    """A visit beside an earlier one.

    Args:
        work: The unit of work.
        actor: Who looks.
        visit_id: The later visit.
        earlier_id: The earlier one; the newest with a signed prescription, else the newest, where None.

    Returns:
        Both, in a number of statements that does not grow with the patient's visits.

    Raises:
        NotFound: When there is no such visit, or the other is no earlier one of this patient here.
        Forbidden: When the visit belongs to another house.
    """
    visit = work.encounters.get(visit_id)
    look_at_encounter(work, actor, visit, Action.PATIENT_READ)
    choices = _earlier(work, visit)
    written = work.prescriptions.of_encounters(one.id or 0 for one in choices)
    treated = {key: _given(many) for key, many in written.items() if _given(many)}
    if earlier_id is None:
        earlier = next((one for one in choices if one.id in treated), choices[0] if choices else None)
    else:
        earlier = _chosen(choices, earlier_id)
    if earlier is None:
        return Judging(visit, choices, None, [], [], [], frozenset(), None)
    then, now = earlier.inquiry, visit.inquiry
    return Judging(
        visit=visit,
        choices=choices,
        earlier=earlier,
        prescriptions=treated.get(earlier.id or 0, []),
        symptoms=list(then),
        new_symptoms=[symptom for symptom in now if symptom not in then],
        still=frozenset(then) & frozenset(now),
        outcome=work.outcomes.said_at(visit_id, earlier.id or 0),
    )


def judge(
    work: Work, actor: Actor, knowledge: Knowledge, visit_id: int, of_id: int, judgement: Judgement
) -> Outcome:
    """Say what came of an earlier visit's treatment; said again, it replaces what this visit said before.

    Args:
        work: The unit of work.
        actor: The doctor of the later visit.
        knowledge: The grades.
        visit_id: The later visit.
        of_id: The visit whose treatment is judged.
        judgement: What the form says.

    Returns:
        The outcome.

    Raises:
        NotFound: When there is no such visit, or the other is no earlier one of this patient here.
        Forbidden: When the visit is another doctor's.
        Invalid: When the grade is unknown, a symptom was never there, or the note is too long.
    """
    visit = work.encounters.get(visit_id)
    look_at_encounter(work, actor, visit, Action.PRESCRIPTION_WRITE)
    earlier = _chosen(_earlier(work, visit), of_id)
    if judgement.grade not in {grade.grade for grade in knowledge.outcome_grades}:
        raise Invalid(N_("请选择疗效。"))
    if not set(judgement.symptoms) <= set(earlier.inquiry):
        raise Invalid(N_("前次就诊没有这个症状，请刷新后再填。"))
    if len(judgement.note) > MOST_NOTE:
        raise Invalid(N_("疗效说明最多 %(most)s 个字。"), most=MOST_NOTE)
    said = {symptom: now.value for symptom, now in judgement.symptoms.items()}
    outcome = work.outcomes.said_at(visit_id, of_id)
    if outcome is None:
        return work.outcomes.add(
            Outcome(
                patient_id=visit.patient_id,
                encounter_id=visit_id,
                of_encounter_id=of_id,
                grade=judgement.grade,
                symptoms=said,
                note=judgement.note.strip(),
                judged_by_id=actor.staff_id,
                judged_at=work.now,
            )
        )
    outcome.grade, outcome.symptoms, outcome.note = judgement.grade, said, judgement.note.strip()
    outcome.judged_by_id, outcome.judged_at = actor.staff_id, work.now
    return outcome


def _earlier(work: Work, visit: Encounter) -> list[Encounter]:
    visits = work.encounters.of_patient(visit.patient_id)
    before = [
        one
        for one in visits
        if one.opened_at < visit.opened_at and one.institution_id == visit.institution_id
    ]
    return before[:VISITS_AT_MOST]


def _chosen(choices: list[Encounter], earlier_id: int) -> Encounter:
    found = next((one for one in choices if one.id == earlier_id), None)
    if found is None:
        raise NotFound(N_("没有可以对照的这次就诊。"))
    return found


def _given(prescriptions: list[Prescription]) -> list[Prescription]:
    return [one for one in prescriptions if one.signed_at and one.state is not State.CANCELLED]
