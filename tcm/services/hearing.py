"""What patients say of their medicine: that they feel worse, which a doctor answers; and how they rate it."""

from collections.abc import Sequence
from dataclasses import dataclass

from tcm.diagnosis import raised
from tcm.knowledge import Knowledge
from tcm.knowledge.worse_signs import read_worse_signs
from tcm.records.aftercare import STARS_MOST, NoticeKind, PatientMessage, Rating
from tcm.records.clinical import Prescription
from tcm.records.errors import N_, Invalid
from tcm.records.people import Patient, Staff
from tcm.records.permissions import Action, demand
from tcm.records.roles import Actor
from tcm.services.access import demand_same_form, look
from tcm.services.notifying import queue
from tcm.store.work import Work

MOST_CHARACTERS = 300
# More than one person tells of one illness.
MOST_UNANSWERED = 5
SIGNS = read_worse_signs()
_URGENT = "急"


@dataclass(frozen=True)
class WaitingMessage:
    """A message that nobody has answered.

    Args:
        message: What was said.
        prescription: About which medicine.
        patient: Who takes it.
        doctor: Who prescribed it.
        is_mine: Whether that is the doctor who looks.
    """

    message: PatientMessage
    prescription: Prescription
    patient: Patient
    doctor: Staff
    is_mine: bool


def say_worse(
    work: Work,
    knowledge: Knowledge,
    prescription_id: int,
    *,
    signs: Sequence[str],
    words: str,
    request_key: str,
) -> PatientMessage:
    """A patient feels worse: tell the house that prescribed; the caller has made sure of the PIN.

    Args:
        work: The unit of work.
        knowledge: The red flags.
        prescription_id: About which medicine.
        signs: What was ticked, of the table.
        words: What was written.
        request_key: The form's own key.

    Returns:
        The message; the same one for the same key.

    Raises:
        Invalid: When nothing is said, a sign is not of the table, or too much waits for an answer already.
    """
    earlier = work.patient_messages.of_request(request_key)
    if earlier is not None:
        demand_same_form(made_there=earlier.prescription_id == prescription_id)
        return earlier
    words = words.strip()
    known = {each.sign: each for each in SIGNS}
    if not set(signs) <= set(known) or len(words) > MOST_CHARACTERS:
        raise Invalid(N_("请从列出的项目中选择。"))
    if not signs and not words:
        raise Invalid(N_("请选一项，或写下哪里不舒服。"))
    # Held, so that two forms at once are counted one after the other.
    prescription = work.prescriptions.locked(prescription_id)
    unanswered = [
        each for each in work.patient_messages.of_prescription(prescription_id) if each.answered_at is None
    ]
    if len(unanswered) >= MOST_UNANSWERED:
        raise Invalid(N_("医师还没有回复前面的话。急的话请直接打电话，或拨 120。"))
    flags = raised((words,), signs, knowledge.red_flags)
    return work.patient_messages.add(
        PatientMessage(
            prescription_id=prescription_id,
            institution_id=prescription.institution_id,
            doctor_id=prescription.doctor_id,
            sent_at=work.now,
            signs=[each.sign for each in SIGNS if each.sign in set(signs)],
            words=words,
            flags=[each.flag.flag for each in flags],
            urgent=any(known[sign].urgency == _URGENT for sign in signs)
            or any(each.flag.urgency == _URGENT for each in flags),
            request_key=request_key,
        )
    )


def waiting_messages(work: Work, actor: Actor) -> list[WaitingMessage]:
    """What patients of a house say and nobody has answered; every doctor of the house may.

    Args:
        work: The unit of work.
        actor: A doctor.

    Returns:
        Urgent ones first, one's own before colleagues', the longest waiting first.

    Raises:
        Forbidden: For other roles.
    """
    demand(actor, Action.MESSAGE_ANSWER, institution_id=actor.institution_id)
    messages = work.patient_messages.waiting_at(actor.institution_id)
    if not messages:
        # Nothing of a patient was seen.
        return []
    look(work, actor, Action.MESSAGE_ANSWER, "message", None, institution_id=actor.institution_id)
    prescriptions = work.prescriptions.by_ids(each.prescription_id for each in messages)
    patients = work.patients.by_ids(each.patient_id for each in prescriptions.values())
    doctors = work.staff.by_ids(each.doctor_id for each in messages)
    waiting = []
    for message in messages:
        prescription = prescriptions[message.prescription_id]
        mine = message.doctor_id == actor.staff_id
        patient, doctor = patients[prescription.patient_id], doctors[message.doctor_id]
        waiting.append(WaitingMessage(message, prescription, patient, doctor, mine))
    return sorted(waiting, key=lambda each: (not each.message.urgent, not each.is_mine))


def answer(work: Work, actor: Actor, message_id: int, words: str) -> PatientMessage:
    """Answer a patient; they read it behind the bag's code, and a notice tells them so.

    Args:
        work: The unit of work.
        actor: A doctor of the house that prescribed.
        message_id: Which.
        words: The answer.

    Returns:
        The message.

    Raises:
        NotFound: When there is none.
        Invalid: When nothing is said, or somebody has answered already.
        Forbidden: For other houses and roles.
    """
    message = work.patient_messages.locked(message_id)
    look(work, actor, Action.MESSAGE_ANSWER, "message", message_id, institution_id=message.institution_id)
    words = words.strip()
    if not words or len(words) > MOST_CHARACTERS:
        raise Invalid(N_("请写下答复，最多 %(most)s 个字。"), most=MOST_CHARACTERS)
    if message.answered_at is not None:
        raise Invalid(N_("同事已经答复了。"))
    message.answer, message.answered_by_id, message.answered_at = words, actor.staff_id, work.now
    work.session.flush()
    queue(work, [message.prescription_id], NoticeKind.ANSWERED, str(message_id))
    return message


def rate(work: Work, prescription_id: int, stars: int, words: str) -> Rating:
    """Rate a prescription's medicine and its way; the caller has made sure of the PIN.

    Args:
        work: The unit of work.
        prescription_id: Which.
        stars: 1 to 5.
        words: May be empty.

    Returns:
        The rating; rating again changes it.

    Raises:
        Invalid: When there are no such stars, or too many words.
    """
    words = words.strip()
    if not 1 <= stars <= STARS_MOST or len(words) > MOST_CHARACTERS:
        raise Invalid(N_("请选 1 到 5 颗星。"))
    rating = work.ratings.of_prescription(prescription_id)
    if rating is None:
        return work.ratings.add(
            Rating(prescription_id=prescription_id, stars=stars, words=words, rated_at=work.now)
        )
    rating.stars, rating.words, rating.rated_at = stars, words, work.now
    work.session.flush()
    return rating
