"""What waits for a doctor from other houses, and what they wait for: consultations and referrals in lists."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tcm.records.people import Institution, Patient, Staff
from tcm.records.permissions import Action, may
from tcm.records.roles import Actor
from tcm.records.together import Consultation, ConsultationState, Referral, ReferralState
from tcm.services.access import look
from tcm.services.conferring import is_open_to_expert
from tcm.services.referring import is_open_to_receiver
from tcm.store.together_queries import News, news_of
from tcm.store.work import Work

LISTED_AT_MOST = 50


@dataclass(frozen=True)
class ListedConsultation:
    """One consultation in a list.

    Args:
        consultation: Which.
        patient: Whose case, None where it is closed to the one who looks.
        house: Where they are treated.
        doctor: Who asks.
        expert: Who is asked.
    """

    consultation: Consultation
    patient: Patient | None
    house: Institution
    doctor: Staff
    expert: Staff


@dataclass(frozen=True)
class ListedReferral:
    """One referral in a list.

    Args:
        referral: Which.
        patient: Who is sent, None where the case is closed to the one who looks.
        sender: The house that sends.
        doctor: Who wrote it.
        receiver: The house that receives, None for one elsewhere.
        received_by: Who received the patient, None before.
    """

    referral: Referral
    patient: Patient | None
    sender: Institution
    doctor: Staff
    receiver: Institution | None
    received_by: Staff | None


@dataclass(frozen=True)
class Inbox:
    """A doctor's consultations and referrals.

    Args:
        waiting: Questions to the actor as an expert, urgent first, then the oldest.
        closed: What the actor answered or declined, newest first.
        asked: By the actor, what they have not seen the end of first, then the newest.
        received: What came to the actor's house, those whom nobody has received first, then the newest.
        written: By the actor, newest first.
    """

    waiting: list[ListedConsultation]
    closed: list[ListedConsultation]
    asked: list[ListedConsultation]
    received: list[ListedReferral]
    written: list[ListedReferral]

    @property
    def answered(self) -> list[ListedConsultation]:
        """What came back to the actor and has not been seen."""
        return [one for one in self.asked if is_news(one.consultation)]

    @property
    def pending(self) -> list[ListedConsultation]:
        """What the actor waits for."""
        return [one for one in self.asked if one.consultation.state is ConsultationState.WAITING]

    @property
    def arriving(self) -> list[ListedReferral]:
        """Patients on their way whom nobody here has received."""
        return [one for one in self.received if one.referral.state is ReferralState.SENT]

    @property
    def replied(self) -> list[ListedReferral]:
        """Replies to the actor's referrals that have not been seen."""
        return [one for one in self.written if _is_unread_reply(one.referral)]


def count_news(work: Work, actor: Actor) -> News:
    """How much waits for a doctor, without a patient's data: pages ask it again and again.

    Args:
        work: The unit of work.
        actor: A doctor.

    Returns:
        The counts; nothing for roles that refer nobody.
    """
    if not may(actor, Action.REFERRAL_RECEIVE):
        return News()
    return news_of(work.session, actor.staff_id, actor.institution_id)


def is_news(consultation: Consultation) -> bool:
    """Whether the asking doctor has not seen what became of a question.

    Args:
        consultation: Which.
    """
    return consultation.state is not ConsultationState.WAITING and consultation.seen_at is None


def open_inbox(work: Work, actor: Actor) -> Inbox:
    """Everything between a doctor and other houses; each name in it is a look on record.

    Args:
        work: The unit of work.
        actor: A doctor.

    Returns:
        The lists, in a number of statements that does not grow with them.

    Raises:
        Forbidden: For other roles.
    """
    look(work, actor, Action.REFERRAL_RECEIVE, "referral", None, institution_id=actor.institution_id)
    waiting = work.consultations.waiting_for(actor.staff_id)
    closed = work.consultations.closed_by(actor.staff_id, LISTED_AT_MOST)
    asked = work.consultations.asked_by(actor.staff_id, LISTED_AT_MOST)
    received = work.referrals.sent_to(actor.institution_id, LISTED_AT_MOST)
    written = work.referrals.written_by(actor.staff_id, LISTED_AT_MOST)
    for one in (*waiting, *(one for one in closed if is_open_to_expert(one, work.now))):
        look(work, actor, Action.CONSULT_ANSWER, "consultation", one.id, assigned_to_id=one.expert_id)
    for one in asked:
        look(work, actor, Action.CONSULT_ASK, "consultation", one.id, assigned_to_id=one.asked_by_id)
    for came in (one for one in received if is_open_to_receiver(one, work.now)):
        house_id = came.to_institution_id
        look(work, actor, Action.REFERRAL_RECEIVE, "referral", came.id, institution_id=house_id)
    for sent in written:
        look(work, actor, Action.REFERRAL_WRITE, "referral", sent.id, assigned_to_id=sent.written_by_id)
    consultations = _consultations(work, (*waiting, *closed, *asked))
    referrals = _referrals(work, (*received, *written))
    answered_from = len(waiting) + len(closed)
    return Inbox(
        waiting=consultations[: len(waiting)],
        closed=[_as_expert_sees(work, one) for one in consultations[len(waiting) : answered_from]],
        asked=consultations[answered_from:],
        received=[_as_receiver_sees(work, one) for one in referrals[: len(received)]],
        written=referrals[len(received) :],
    )


def consultations_of(work: Work, encounter_id: int) -> list[ListedConsultation]:
    """What was asked about a visit, newest first; the caller has looked at the visit.

    Args:
        work: The unit of work.
        encounter_id: Which visit.

    Returns:
        The consultations.
    """
    return _consultations(work, work.consultations.of_encounter(encounter_id))


def answered_about(work: Work, encounter_id: int) -> list[ListedConsultation]:
    """What experts answered about a visit, newest first; the caller has looked at it.

    Args:
        work: The unit of work.
        encounter_id: Which visit.

    Returns:
        The consultations that have an answer.
    """
    return [one for one in consultations_of(work, encounter_id) if one.consultation.answer is not None]


def referrals_of(work: Work, encounter_id: int) -> list[ListedReferral]:
    """The referral that led to a visit, and those written at it; the caller has looked at the visit.

    Args:
        work: The unit of work.
        encounter_id: Which visit.

    Returns:
        The referrals.
    """
    led_here = work.referrals.that_led_to(encounter_id)
    listed = _referrals(work, [*([led_here] if led_here else []), *work.referrals.of_encounter(encounter_id)])
    return [_as_receiver_sees(work, one) if one.referral is led_here else one for one in listed]


def listed_referral(work: Work, referral: Referral) -> ListedReferral:
    """One referral with its people; the caller has looked at it.

    Args:
        work: The unit of work.
        referral: Which.

    Returns:
        The same with its people.
    """
    return _referrals(work, [referral])[0]


def listed_consultation(work: Work, consultation: Consultation) -> ListedConsultation:
    """One consultation with its people; the caller has looked at it.

    Args:
        work: The unit of work.
        consultation: Which.

    Returns:
        The same with its people.
    """
    return _consultations(work, [consultation])[0]


def _consultations(work: Work, many: Sequence[Consultation]) -> list[ListedConsultation]:
    if not many:
        return []
    encounters = work.encounters.by_ids(one.encounter_id for one in many)
    patients = work.patients.by_ids(one.patient_id for one in encounters.values())
    houses = work.institutions.by_ids(one.institution_id for one in many)
    people = work.staff.by_ids({one.asked_by_id for one in many} | {one.expert_id for one in many})
    return [
        ListedConsultation(
            one,
            patients[encounters[one.encounter_id].patient_id],
            houses[one.institution_id],
            people[one.asked_by_id],
            people[one.expert_id],
        )
        for one in many
    ]


def _referrals(work: Work, many: Sequence[Referral]) -> list[ListedReferral]:
    if not many:
        return []
    patients = work.patients.by_ids(one.patient_id for one in many)
    receivers = {one.to_institution_id for one in many if one.to_institution_id}
    houses = work.institutions.by_ids(receivers | {one.from_institution_id for one in many})
    received_by = {one.received_by_id for one in many if one.received_by_id}
    people = work.staff.by_ids(received_by | {one.written_by_id for one in many})
    return [
        ListedReferral(
            one,
            patients[one.patient_id],
            houses[one.from_institution_id],
            people[one.written_by_id],
            houses.get(one.to_institution_id or 0),
            people.get(one.received_by_id or 0),
        )
        for one in many
    ]


def _as_expert_sees(work: Work, listed: ListedConsultation) -> ListedConsultation:
    is_open = is_open_to_expert(listed.consultation, work.now)
    return listed if is_open else replace(listed, patient=None)


def _as_receiver_sees(work: Work, listed: ListedReferral) -> ListedReferral:
    is_open = is_open_to_receiver(listed.referral, work.now)
    return listed if is_open else replace(listed, patient=None)


def _is_unread_reply(referral: Referral) -> bool:
    return referral.state is ReferralState.REPLIED and referral.seen_at is None
