"""Consultation (会诊): a doctor asks an expert of the county, the case travels, the answer comes back.

The expert sees the visit as it stands while they are asked, and for some time after they have answered; a
question that is withdrawn or declined closes the case to them. An answer is never changed: another question
brings another answer. Nothing of it enters a prescription but by the doctor's own act.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from tcm.knowledge import Knowledge
from tcm.records.clinical import Encounter
from tcm.records.errors import N_, IllegalMove, Invalid
from tcm.records.people import Institution, Staff
from tcm.records.permissions import Action
from tcm.records.roles import Actor, Role
from tcm.records.together import (
    Answer,
    AnsweredLine,
    ConsentBy,
    ConsentHow,
    Consultation,
    ConsultationState,
)
from tcm.services.access import demand_same_form, look, look_at_encounter
from tcm.services.sharing import SharedCase, demand_words, share_case, shared_picture, stays_open
from tcm.store.work import Work

# Of a line's origin in a prescription; the row of the consultation follows.
CONSULTED = "会诊:"


@dataclass(frozen=True)
class Question:
    """What the asking doctor's form says.

    Args:
        expert_id: Whom they ask.
        words: What is to be answered.
        consent_by: Who agreed that the case travels.
        consent_how: In which way.
        urgent: To be answered before others.
    """

    expert_id: int
    words: str
    consent_by: ConsentBy
    consent_how: ConsentHow
    urgent: bool = False


@dataclass(frozen=True)
class Expert:
    """Somebody who can be asked.

    Args:
        person: Who.
        house: Where they work.
    """

    person: Staff
    house: Institution


def list_experts(work: Work, actor: Actor) -> list[Expert]:
    """Whom a doctor may ask.

    Args:
        work: The unit of work.
        actor: A doctor.

    Returns:
        Active experts but the actor, by row.
    """
    people = [
        person
        for person in work.staff.with_role(Role.DOCTOR)
        if person.expert_in and person.id != actor.staff_id
    ]
    houses = work.institutions.by_ids(person.institution_id for person in people)
    return [Expert(person, houses[person.institution_id]) for person in people]


def ask(work: Work, actor: Actor, encounter_id: int, question: Question, request_key: str) -> Consultation:
    """Ask an expert about a visit.

    Args:
        work: The unit of work.
        actor: The doctor of the visit.
        encounter_id: Which visit.
        question: What the form says.
        request_key: The form's own key.

    Returns:
        The consultation; the same one for the same key.

    Raises:
        NotFound: When there is no such visit.
        Forbidden: When it is another doctor's.
        Invalid: When the words are too few or too many, the person is no expert, or is being asked already.
    """
    # Held, so that two windows that ask at once ask one after the other.
    encounter = work.encounters.locked(encounter_id)
    look_at_encounter(work, actor, encounter, Action.CONSULT_ASK)
    earlier = work.consultations.of_request(request_key)
    if earlier is not None:
        demand_same_form(made_there=earlier.encounter_id == encounter_id)
        return earlier
    words = demand_words(question.words)
    if question.expert_id not in {one.person.id for one in list_experts(work, actor)}:
        raise Invalid(N_("请选择一位会诊专家。"))
    asked_already = {
        one.expert_id
        for one in work.consultations.of_encounter(encounter_id)
        if one.state is ConsultationState.WAITING
    }
    if question.expert_id in asked_already:
        raise Invalid(N_("这次就诊已经请这位专家会诊，正在等待答复。"))
    return work.consultations.add(
        Consultation(
            encounter_id=encounter_id,
            institution_id=encounter.institution_id,
            asked_by_id=actor.staff_id,
            expert_id=question.expert_id,
            asked_at=work.now,
            question=words,
            urgent=question.urgent,
            consent_by=question.consent_by,
            consent_how=question.consent_how,
            request_key=request_key,
        )
    )


def open_case(work: Work, actor: Actor, consultation_id: int) -> tuple[Consultation, SharedCase]:
    """The case as the expert sees it.

    Args:
        work: The unit of work.
        actor: The expert who is asked.
        consultation_id: Which.

    Returns:
        The consultation and its case.

    Raises:
        NotFound: When there is no such consultation.
        Forbidden: For everybody else, and once the case is closed to the expert.
    """
    consultation = work.consultations.get(consultation_id)
    encounter = _demand_open_case(work, actor, consultation)
    return consultation, share_case(work, encounter)


def note_first_look(work: Work, actor: Actor, consultation_id: int) -> None:
    """Tell the doctor who waits that the expert has the case open; later looks change nothing.

    Args:
        work: The unit of work.
        actor: The expert who is asked.
        consultation_id: Which.

    Raises:
        NotFound: When there is no such consultation.
        Forbidden: As for the case.
    """
    consultation = work.consultations.locked(consultation_id)
    _demand_open_case(work, actor, consultation)
    consultation.read_at = consultation.read_at or work.now


def open_picture(
    work: Work, actor: Actor, consultation_id: int, photograph_id: int, *, overlay: bool
) -> bytes:
    """A picture of the case.

    Args:
        work: The unit of work.
        actor: The expert who is asked.
        consultation_id: Which consultation.
        photograph_id: Which picture.
        overlay: True for the picture with the findings drawn in.

    Returns:
        Image bytes.

    Raises:
        NotFound: When the case has no such picture.
        Forbidden: As for the case.
    """
    consultation = work.consultations.get(consultation_id)
    encounter = _demand_open_case(work, actor, consultation)
    return shared_picture(
        work, actor, Action.CONSULT_ANSWER, encounter.id or 0, photograph_id, overlay=overlay
    )


def answer(
    work: Work, actor: Actor, knowledge: Knowledge, consultation_id: int, given: Answer
) -> Consultation:
    """Answer, once.

    Args:
        work: The unit of work.
        actor: The expert who is asked.
        knowledge: Resolves herb names.
        consultation_id: Which.
        given: What the form says; herbs as written.

    Returns:
        The consultation, its herbs as written: a name says how the herb is processed.

    Raises:
        Forbidden: For everybody else.
        IllegalMove: When it is closed.
        Invalid: When the opinion is too short or too long, a herb is unknown, ambiguous or named twice, or
            what stands behind its grams is no decoction note.
    """
    consultation = _hold_waiting(work, actor, consultation_id)
    opinion = demand_words(given.opinion)
    _demand_clear(given.lines, knowledge)
    consultation.answer = replace(given, opinion=opinion)
    consultation.state, consultation.closed_at = ConsultationState.ANSWERED, work.now
    return consultation


def decline(work: Work, actor: Actor, consultation_id: int, reason: str) -> Consultation:
    """Say that one cannot answer, and why; the doctor may ask somebody else.

    Args:
        work: The unit of work.
        actor: The expert who is asked.
        consultation_id: Which.
        reason: In the expert's words, such as what is missing.

    Returns:
        The consultation.

    Raises:
        Forbidden: For everybody else.
        IllegalMove: When it is closed.
        Invalid: When no reason is given.
    """
    consultation = _hold_waiting(work, actor, consultation_id)
    consultation.reason = demand_words(reason)
    consultation.state, consultation.closed_at = ConsultationState.DECLINED, work.now
    return consultation


def withdraw(work: Work, actor: Actor, consultation_id: int) -> Consultation:
    """Take a question back before it is answered; the case is closed to the expert.

    Args:
        work: The unit of work.
        actor: The doctor who asked.
        consultation_id: Which.

    Returns:
        The consultation.

    Raises:
        Forbidden: For everybody else.
        IllegalMove: When it is closed.
    """
    consultation = work.consultations.locked(consultation_id)
    _look_as_asker(work, actor, consultation)
    _demand_waiting(consultation)
    consultation.state = ConsultationState.WITHDRAWN
    consultation.closed_at = consultation.seen_at = work.now
    return consultation


def acknowledge(work: Work, actor: Actor, consultation_id: int) -> Consultation:
    """The asking doctor has seen what became of the question.

    Args:
        work: The unit of work.
        actor: The doctor who asked.
        consultation_id: Which.

    Returns:
        The consultation; seen before, it stays as it was.

    Raises:
        Forbidden: For everybody else.
        IllegalMove: While it waits.
    """
    consultation = work.consultations.locked(consultation_id)
    _look_as_asker(work, actor, consultation)
    if consultation.state is ConsultationState.WAITING:
        raise IllegalMove(N_("专家还没有答复。"))
    consultation.seen_at = consultation.seen_at or work.now
    return consultation


def is_open_to_expert(consultation: Consultation, now: datetime) -> bool:
    """Whether the expert may see the case: while they are asked, and for a while after their answer.

    Args:
        consultation: Which.
        now: Aware UTC.
    """
    open_in = (ConsultationState.WAITING, ConsultationState.ANSWERED)
    return consultation.state in open_in and stays_open(consultation.closed_at, now)


def _demand_open_case(work: Work, actor: Actor, consultation: Consultation) -> Encounter:
    # A case that is closed is nobody's: the look is refused and put on record.
    asked = consultation.expert_id if is_open_to_expert(consultation, work.now) else None
    look(work, actor, Action.CONSULT_ANSWER, "consultation", consultation.id, assigned_to_id=asked)
    return work.encounters.get(consultation.encounter_id)


def _hold_waiting(work: Work, actor: Actor, consultation_id: int) -> Consultation:
    consultation = work.consultations.locked(consultation_id)
    expert_id = consultation.expert_id
    look(work, actor, Action.CONSULT_ANSWER, "consultation", consultation_id, assigned_to_id=expert_id)
    _demand_waiting(consultation)
    return consultation


def _look_as_asker(work: Work, actor: Actor, consultation: Consultation) -> None:
    asked_by_id = consultation.asked_by_id
    look(work, actor, Action.CONSULT_ASK, "consultation", consultation.id, assigned_to_id=asked_by_id)


def _demand_waiting(consultation: Consultation) -> None:
    if consultation.state is not ConsultationState.WAITING:
        raise IllegalMove(N_("这次会诊已经结束。"))


def _demand_clear(lines: Sequence[AnsweredLine], knowledge: Knowledge) -> None:
    resolved = [(line, knowledge.names.resolve(line.herb).name) for line in lines]
    unknown = [line.herb for line, name in resolved if name is None]
    if unknown:
        raise Invalid(N_("这些药名认不出，或者有几种意思：%(herbs)s。"), herbs="、".join(unknown))
    names = [name for _, name in resolved]
    twice = [name for name in dict.fromkeys(names) if name is not None and names.count(name) > 1]
    if twice:
        raise Invalid(N_("这些药味写了两次：%(herbs)s。"), herbs="、".join(twice))
    # 钱, mg and the like must not pass for a note, with the grams read as if nothing stood behind them.
    strange = [line for line in lines if not knowledge.is_handling(line.decoction_note)]
    if strange:
        raise Invalid(
            N_("这些药味的剂量或脚注看不懂，请只写克数和先煎、后下等脚注：%(lines)s。"),
            lines="、".join(f"{line.herb} {line.dose_g:g} {line.decoction_note}" for line in strange),
        )
