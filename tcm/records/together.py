"""Doctors of several houses and one patient: consultations, referrals, consent to read, outcomes."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from tcm.records.errors import N_


class ConsultationState(StrEnum):
    """How far a consultation (会诊) is."""

    WAITING = "waiting"
    ANSWERED = "answered"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class ReferralState(StrEnum):
    """How far a referral (转诊) is."""

    SENT = "sent"
    RECEIVED = "received"
    REPLIED = "replied"
    WITHDRAWN = "withdrawn"


class Direction(StrEnum):
    """Where a referral leads."""

    UP = "up"
    DOWN = "down"


class ConsentBy(StrEnum):
    """Who agreed."""

    PATIENT = "patient"
    GUARDIAN = "guardian"
    AGENT = "agent"


class ConsentHow(StrEnum):
    """In which way."""

    WRITTEN = "written"
    ORAL = "oral"


CONSULTATION_TERMS = {
    ConsultationState.WAITING: N_("等待会诊"),
    ConsultationState.ANSWERED: N_("已答复"),
    ConsultationState.DECLINED: N_("未接受"),
    ConsultationState.WITHDRAWN: N_("已撤回"),
}
REFERRAL_TERMS = {
    ReferralState.SENT: N_("已转出"),
    ReferralState.RECEIVED: N_("已接诊"),
    ReferralState.REPLIED: N_("已回复"),
    ReferralState.WITHDRAWN: N_("已撤回"),
}
DIRECTION_TERMS = {Direction.UP: N_("上转"), Direction.DOWN: N_("下转")}
CONSENT_BY_TERMS = {
    ConsentBy.PATIENT: N_("患者本人"),
    ConsentBy.GUARDIAN: N_("监护人"),
    ConsentBy.AGENT: N_("委托代理人"),
}
CONSENT_HOW_TERMS = {ConsentHow.WRITTEN: N_("书面"), ConsentHow.ORAL: N_("口头")}


@dataclass(frozen=True)
class AnsweredLine:
    """One herb that an expert advises.

    Args:
        herb: As the expert wrote it, with how it is processed.
        dose_g: Grams a 剂.
        decoction_note: 先煎, 后下 ... or empty.
    """

    herb: str
    dose_g: float
    decoction_note: str = ""


@dataclass(frozen=True)
class Answer:
    """What an expert answers.

    Args:
        opinion: In the expert's words.
        disease: 病名, or empty.
        syndrome: 证型, or empty.
        lines: Herbs that the asking doctor may adopt; none where only words are given.
        usage: How to take them, or empty.
    """

    opinion: str
    disease: str = ""
    syndrome: str = ""
    lines: tuple[AnsweredLine, ...] = ()
    usage: str = ""


@dataclass(eq=False, kw_only=True)
class Consultation:
    """A doctor asks an expert of the county about a visit (会诊).

    Args:
        id: Row, None before it is stored.
        encounter_id: Which visit; its case travels read-only.
        institution_id: Whose visit.
        asked_by_id: The visit's doctor.
        expert_id: Staff row of whom they ask.
        asked_at: Aware UTC.
        question: What is to be answered, sealed.
        urgent: To be answered before others.
        consent_by: Who agreed that the case travels.
        consent_how: In which way.
        state: How far it is.
        read_at: When the expert first opened it.
        answer: What was answered, sealed; None before.
        reason: Why it was declined or withdrawn, sealed.
        closed_at: When it was answered, declined or withdrawn.
        seen_at: When the asking doctor first saw what became of it.
        request_key: Key of the form that asked.
    """

    id: int | None = None
    encounter_id: int
    institution_id: int
    asked_by_id: int
    expert_id: int
    asked_at: datetime
    question: str
    urgent: bool = False
    consent_by: ConsentBy
    consent_how: ConsentHow
    state: ConsultationState = ConsultationState.WAITING
    read_at: datetime | None = None
    answer: Answer | None = None
    reason: str = ""
    closed_at: datetime | None = None
    seen_at: datetime | None = None
    request_key: str

    def key(self) -> int:
        """The row's number of a stored consultation.

        Raises:
            ValueError: Before it is stored.
        """
        if self.id is None:
            raise ValueError("the consultation is not stored yet")
        return self.id


@dataclass(frozen=True)
class ReferralLetter:
    """What a referral tells the house that receives it.

    Args:
        reason_code: A key of `tcm.services.referring.REASONS`.
        impression: 初步印象, or the diagnosis of a patient sent back.
        present: 主要现病史, with why the patient is sent.
        past: 主要既往史.
        treatment: 治疗经过.
        advice: 下一步治疗方案及康复建议, of a patient sent back.
    """

    reason_code: str
    impression: str
    present: str = ""
    past: str = ""
    treatment: str = ""
    advice: str = ""


@dataclass(eq=False, kw_only=True)
class Referral:
    """A patient is sent to another house (转诊), up or back down.

    Args:
        id: Row, None before it is stored.
        encounter_id: The visit at which it was written.
        patient_id: Who is sent, as the sending house knows them.
        from_institution_id: Who sends.
        to_institution_id: To whom, None for a house outside this county's pharmacy.
        elsewhere: Name of such a house, else empty.
        direction: Up or down.
        urgent: To be seen at once.
        letter: What it tells, sealed.
        consent_by: Who agreed.
        consent_how: In which way.
        written_by_id: The visit's doctor.
        written_at: Aware UTC.
        state: How far it is.
        received_by_id: Doctor who received the patient.
        received_at: When.
        received_encounter_id: The visit that was opened there.
        reply: What the receiving house writes back, sealed.
        replied_at: When.
        seen_at: When the sending doctor saw the reply.
        withdrawn_at: When it was withdrawn.
        request_key: Key of the form that wrote it.
    """

    id: int | None = None
    encounter_id: int
    patient_id: int
    from_institution_id: int
    to_institution_id: int | None = None
    elsewhere: str = ""
    direction: Direction
    urgent: bool = False
    letter: ReferralLetter
    consent_by: ConsentBy
    consent_how: ConsentHow
    written_by_id: int
    written_at: datetime
    state: ReferralState = ReferralState.SENT
    received_by_id: int | None = None
    received_at: datetime | None = None
    received_encounter_id: int | None = None
    reply: str = ""
    replied_at: datetime | None = None
    seen_at: datetime | None = None
    withdrawn_at: datetime | None = None
    request_key: str

    def key(self) -> int:
        """The row's number of a stored referral.

        Raises:
            ValueError: Before it is stored.
        """
        if self.id is None:
            raise ValueError("the referral is not stored yet")
        return self.id


@dataclass(eq=False, kw_only=True)
class RecordConsent:
    """A patient lets one house read what other houses of the county have on them.

    Args:
        id: Row, None before it is stored.
        patient_id: As the house knows them.
        institution_id: Which house may read.
        given_by: Who agreed.
        given_name: Name of the guardian or agent, sealed; empty where it is the patient.
        how: In which way.
        purpose: What for, sealed.
        recorded_by_id: Doctor who was told.
        given_at: Aware UTC.
        until: Last county day it holds.
        withdrawn_at: When it was withdrawn, else None.
        withdrawn_by_id: Doctor who was told so.
        request_key: Key of the form that recorded it.
    """

    id: int | None = None
    patient_id: int
    institution_id: int
    given_by: ConsentBy
    given_name: str = ""
    how: ConsentHow
    purpose: str = ""
    recorded_by_id: int
    given_at: datetime
    until: date
    withdrawn_at: datetime | None = None
    withdrawn_by_id: int | None = None
    request_key: str

    def holds(self, today: date) -> bool:
        """Whether it lets somebody read today.

        Args:
            today: County date.
        """
        return self.withdrawn_at is None and today <= self.until


@dataclass(eq=False, kw_only=True)
class Outcome:
    """What came of the treatment of one visit, as a later visit judges it (疗效).

    Args:
        id: Row, None before it is stored.
        patient_id: Whose.
        encounter_id: The later visit.
        of_encounter_id: The visit whose treatment is judged.
        grade: Code of a grade of `tcm.knowledge.outcomes`.
        symptoms: By symptom of the earlier visit, what became of it; sealed.
        note: In the doctor's words, sealed.
        judged_by_id: Staff row.
        judged_at: Aware UTC.
    """

    id: int | None = None
    patient_id: int
    encounter_id: int
    of_encounter_id: int
    grade: str
    symptoms: dict[str, str] = field(default_factory=dict)
    note: str = ""
    judged_by_id: int
    judged_at: datetime
