"""A prescription from another system: it waits beside a visit until its doctor adopts or declines it."""

from collections.abc import Sequence
from dataclasses import dataclass

from tcm.knowledge import Knowledge
from tcm.records.clinical import Preparation, Prescription, VisitType
from tcm.records.errors import N_, IllegalMove, Invalid, NotFound
from tcm.records.permissions import Action
from tcm.records.roles import Actor
from tcm.records.systems import (
    DECLINE_REASONS,
    Caller,
    IncomingPrescription,
    IncomingState,
    Right,
    demand_right,
)
from tcm.services import prescribing
from tcm.services.access import look_at_encounter
from tcm.services.placing import doctor_of, herbs_of, visit_of
from tcm.services.prescribing import ItemDraft, PrescriptionDraft
from tcm.services.sent import Sent, SentLine, content_of, is_same
from tcm.store.work import Work

# What begins the origin of a line that another system sent; our own row follows, never its number.
SENT = "医院系统:"
LISTED_AT_MOST = 200


@dataclass(frozen=True)
class IncomingShown:
    """What was sent, and our prescription that it became.

    Args:
        incoming: What was sent.
        prescription: The draft, None until a doctor adopts it.
    """

    incoming: IncomingPrescription
    prescription: Prescription | None = None


def receive(work: Work, caller: Caller, knowledge: Knowledge, sent: Sent) -> tuple[IncomingShown, bool]:
    """Lay a prescription beside today's visit of its patient to its doctor; it is nobody's order yet.

    Args:
        work: The unit of work.
        caller: The system that sends it.
        knowledge: Resolves herb names.
        sent: As sent.

    Returns:
        It, and whether it is new: the same one sent again is found, whatever became of it.

    Raises:
        Invalid: When a herb is unknown, its code and name disagree, or doctor, patient or visit cannot be
            told.
        IllegalMove: When the number was sent before with another content, or for somebody else.
        Forbidden: Without the right.
    """
    demand_right(caller, Right.SEND)
    content = content_of(sent)
    earlier = work.incoming.of_number(caller.institution_id, sent.number)
    if earlier is not None:
        if not is_same(earlier.content, content):
            raise IllegalMove(
                N_("编号 %(number)s 已经送过，内容不同。请换一个编号再送。"), number=sent.number
            )
        return _shown(work, [earlier])[0], False
    content["herbs"] = herbs_of(work, caller, knowledge, sent.lines)
    doctor = doctor_of(work, caller, sent.doctor)
    visit = visit_of(work, caller, doctor, sent.patient)
    incoming = work.incoming.add(
        IncomingPrescription(
            institution_id=caller.institution_id,
            key_id=caller.key_id,
            encounter_id=visit.id or 0,
            doctor_id=visit.doctor_id,
            number=sent.number,
            content=content,
            received_at=work.now,
        )
    )
    return IncomingShown(incoming), True


def look_at_sent(work: Work, caller: Caller, number: str) -> IncomingShown:
    """What became of one prescription that was sent.

    Args:
        work: The unit of work.
        caller: The system that asks.
        number: What it calls it by.

    Returns:
        It.

    Raises:
        NotFound: When nothing was sent for the caller's house under this number.
        Forbidden: Without the right.
    """
    demand_right(caller, Right.SEND)
    found = work.incoming.of_number(caller.institution_id, number)
    if found is None:
        raise NotFound(N_("没有这张送来的处方。"))
    return _shown(work, [found])[0]


def list_sent(work: Work, caller: Caller, state: IncomingState | None) -> list[IncomingShown]:
    """What was sent for the caller's house lately.

    Args:
        work: The unit of work.
        caller: The system that asks.
        state: Only what stands so; all where None.

    Returns:
        Newest first.

    Raises:
        Forbidden: Without the right.
    """
    demand_right(caller, Right.SEND)
    return _shown(work, work.incoming.newest(caller.institution_id, state, LISTED_AT_MOST))


def waiting_for(work: Work, actor: Actor) -> list[IncomingPrescription]:
    """What was sent to a doctor who has not answered yet; it names no patient.

    Args:
        work: The unit of work.
        actor: The doctor.

    Returns:
        Oldest first.
    """
    return work.incoming.waiting_for(actor.staff_id)


def beside(work: Work, encounter_id: int) -> list[IncomingPrescription]:
    """What was sent for a visit and waits; the caller has looked at the visit.

    Args:
        work: The unit of work.
        encounter_id: Which visit.

    Returns:
        Newest first.
    """
    sent = work.incoming.of_encounter(encounter_id)
    return [each for each in sent if each.state is IncomingState.WAITING]


def adopt(work: Work, actor: Actor, knowledge: Knowledge, incoming_id: int) -> Prescription:
    """The doctor makes a draft of what was sent, to be changed and signed like any other.

    Args:
        work: The unit of work.
        actor: The doctor of the visit.
        knowledge: Resolves herb names.
        incoming_id: Which.

    Returns:
        The draft, each of its lines logged as adopted; the same one when it was adopted before.

    Raises:
        NotFound: When there is none.
        Forbidden: For anybody else.
        IllegalMove: When it was declined.
    """
    incoming = _hold(work, actor, incoming_id)
    if incoming.prescription_id is not None:
        return work.prescriptions.get(incoming.prescription_id)
    _demand_waiting(incoming)
    begun = prescribing.begin(work, actor, incoming.encounter_id, f"{SENT}{incoming.id}")
    draft = prescribing.save(work, actor, knowledge, begun.key(), begun.version, draft_of(incoming))
    incoming.state, incoming.decided_at = IncomingState.ADOPTED, work.now
    incoming.prescription_id = draft.key()
    return draft


def decline(work: Work, actor: Actor, incoming_id: int, reason_code: str) -> IncomingPrescription:
    """The doctor leaves what was sent and says why.

    Args:
        work: The unit of work.
        actor: The doctor of the visit.
        incoming_id: Which.
        reason_code: A key of `DECLINE_REASONS`.

    Returns:
        It.

    Raises:
        NotFound: When there is none.
        Forbidden: For anybody else.
        Invalid: When the reason is missing.
        IllegalMove: When it was adopted or declined before.
    """
    incoming = _hold(work, actor, incoming_id)
    if reason_code not in DECLINE_REASONS:
        raise Invalid(N_("请选择原因。"))
    _demand_waiting(incoming)
    incoming.state, incoming.decided_at = IncomingState.DECLINED, work.now
    incoming.reason_code = reason_code
    return incoming


def lines_of(incoming: IncomingPrescription) -> list[tuple[SentLine, str]]:
    """The lines of what was sent.

    Args:
        incoming: Stored.

    Returns:
        Each as it was sent, with the herb as a draft will have it.
    """
    lines, herbs = incoming.content["lines"], incoming.content["herbs"]
    # The content is JSON that `receive` wrote.
    return [(SentLine(**line), herb) for line, herb in zip(lines, herbs, strict=True)]  # type: ignore[call-overload]


def draft_of(incoming: IncomingPrescription) -> PrescriptionDraft:
    """What was sent, as a prescription's form would hold it.

    Args:
        incoming: Stored.

    Returns:
        The form; its lines say that they were sent.
    """
    content = incoming.content
    return PrescriptionDraft(
        disease=str(content["disease"]),
        syndrome="",
        doses_count=int(str(content["doses_count"])),
        doses_per_day=1,
        usage=str(content["usage"]),
        decoction_class="一般",
        visit_type=VisitType(str(content["visit_type"])),
        extended_supply_reason="",
        urgent=False,
        preparation=Preparation(str(content["preparation"])),
        items=tuple(
            ItemDraft(herb, line.dose_g, line.decoction_note, f"{SENT}{incoming.id}")
            for line, herb in lines_of(incoming)
        ),
    )


def _hold(work: Work, actor: Actor, incoming_id: int) -> IncomingPrescription:
    incoming = work.incoming.locked(incoming_id)
    encounter = work.encounters.get(incoming.encounter_id)
    look_at_encounter(work, actor, encounter, Action.PRESCRIPTION_WRITE)
    return incoming


def _demand_waiting(incoming: IncomingPrescription) -> None:
    if incoming.state is not IncomingState.WAITING:
        raise IllegalMove(N_("这张送来的处方已经处理过了。"))


def _shown(work: Work, sent: Sequence[IncomingPrescription]) -> list[IncomingShown]:
    drafts = work.prescriptions.by_ids(each.prescription_id for each in sent if each.prescription_id)
    return [IncomingShown(each, drafts.get(each.prescription_id or 0)) for each in sent]
