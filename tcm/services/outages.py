"""Work that went on with paper (应急预案): blank forms printed in advance, what was entered later (补录)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from tcm.records.clinical import Prescription
from tcm.records.errors import N_, Invalid, NotFound
from tcm.records.lifecycle import State
from tcm.records.outage import (
    STEPS,
    PaperBatch,
    PaperKind,
    PaperReason,
    PaperSignature,
    PaperStep,
    paper_number,
    read_paper_number,
)
from tcm.records.people import Institution, Staff
from tcm.records.permissions import Action, demand
from tcm.records.roles import Actor, Role
from tcm.services.access import look_at_prescription
from tcm.services.moving import note
from tcm.store.outage_queries import signed_again
from tcm.store.work import Work

SHEETS_AT_MOST = 60
SHOWN_AT_MOST = 100
# What is older is told to the manager, not entered.
ENTERED_WITHIN = timedelta(days=30)
ENTERED_FOR_ANOTHER = N_("这一步已经补录为别人在纸上签名。")
# What the doctor's form speaks of: their own signature, and whose review stands on the sheet.
_DOCTORS_STEPS = (PaperStep.PRESCRIBED, PaperStep.REVIEWED)
# Looking at a prescription on the way to a later signature of one's own.
_LOOKS = {
    Role.PHARMACIST: Action.PRESCRIPTION_READ,
    Role.FLOOR: Action.TRACE_READ,
    Role.COURIER: Action.OUTAGE_PAPER,
}


@dataclass(frozen=True)
class WrittenOnPaper:
    """What stands on the paper that a prescription was first written on.

    Args:
        number: Of the sheet, as copied.
        written_at: When the doctor signed it, aware UTC.
        reason: Why on paper.
        reviewed_by_id: The pharmacist who signed on paper, None where nobody did.
        reviewed_at: When they signed.
    """

    number: str
    written_at: datetime
    reason: PaperReason
    reviewed_by_id: int | None = None
    reviewed_at: datetime | None = None


@dataclass(frozen=True)
class Entered:
    """A signature on paper as the list shows it.

    Args:
        signature: As it was entered.
        prescription: To which.
        again: Whether the same person has signed this step in the system too.
    """

    signature: PaperSignature
    prescription: Prescription
    again: bool


@dataclass(frozen=True)
class Outage:
    """What lies before somebody who prepares for an outage, or comes back from one.

    Args:
        institution: Their house.
        batches: What it printed, newest first.
        entered: What was entered later, newest first.
        staff: Everybody named, by row.
    """

    institution: Institution
    batches: list[PaperBatch]
    entered: list[Entered]
    staff: dict[int, Staff]


def open_outage(work: Work, actor: Actor) -> Outage:
    """The page of an outage.

    Args:
        work: The unit of work.
        actor: Who asks.

    Returns:
        The page, in a number of statements that does not grow with it.

    Raises:
        Forbidden: For roles that never work on paper.
    """
    demand(actor, Action.OUTAGE_PAPER, institution_id=actor.institution_id)
    # A doctor sees their own house's; the centre's people serve every house.
    where = actor.institution_id if actor.role is Role.DOCTOR else None
    batches = work.paper_batches.of_institution(actor.institution_id)
    signatures = work.paper_signatures.newest(SHOWN_AT_MOST, where)
    prescriptions = work.prescriptions.by_ids(each.prescription_id for each in signatures)
    again = signed_again(work.session, prescriptions)
    entered = [
        Entered(
            each,
            prescriptions[each.prescription_id],
            any((each.prescription_id, each.signed_by_id, state) in again for state in _answers(each.step)),
        )
        for each in signatures
    ]
    named = {batch.printed_by_id for batch in batches}
    named |= {row for each in signatures for row in (each.signed_by_id, each.entered_by_id)}
    institution = work.institutions.get(actor.institution_id)
    return Outage(institution, batches, entered, work.staff.by_ids(named))


def print_papers(work: Work, actor: Actor, kind: PaperKind, count: int, request_key: str) -> PaperBatch:
    """Give numbers to blank forms; the same form sent twice gives them once.

    Args:
        work: The unit of work.
        actor: Who prints.
        kind: What they are for.
        count: How many.
        request_key: The form's own key.

    Returns:
        The batch.

    Raises:
        Forbidden: For roles that never work on paper.
        Invalid: For none, or more than a desk needs.
        Stale: When somebody else printed at the same moment.
    """
    demand(actor, Action.OUTAGE_PAPER, institution_id=actor.institution_id)
    if not 1 <= count <= SHEETS_AT_MOST:
        raise Invalid(N_("一次可印 1 到 %(most)s 张。"), most=SHEETS_AT_MOST)
    earlier = work.paper_batches.of_request(request_key)
    if earlier is not None:
        return earlier
    return work.paper_batches.add(
        PaperBatch(
            institution_id=actor.institution_id,
            kind=kind,
            first_serial=work.paper_batches.next_serial(actor.institution_id, kind),
            count=count,
            printed_by_id=actor.staff_id,
            printed_at=work.now,
            request_key=request_key,
        )
    )


def open_batch(work: Work, actor: Actor, batch_id: int) -> tuple[PaperBatch, Institution]:
    """A batch, to be printed, and the house whose it is.

    Args:
        work: The unit of work.
        actor: Who prints.
        batch_id: Which.

    Returns:
        Both.

    Raises:
        NotFound: When there is none.
        Forbidden: When it is another house's.
    """
    batch = work.paper_batches.get(batch_id)
    demand(actor, Action.OUTAGE_PAPER, institution_id=batch.institution_id)
    return batch, work.institutions.get(batch.institution_id)


def enter_later(work: Work, actor: Actor, prescription: Prescription, paper: WrittenOnPaper) -> None:
    """Note that a prescription was first written on paper; the doctor signs it again as any other.

    Args:
        work: The unit of work.
        actor: The doctor of the visit, who wrote it on paper too.
        prescription: From `prescribing.save` in this work, which has asked who may.
        paper: What stands on the sheet.

    Raises:
        Invalid: When no such sheet was printed, another prescription that stands was entered from it, its
            times cannot be, or another pharmacist has entered the review as their own.
        NotFound: When the pharmacist named is none.
    """
    number = _printed(work, actor, PaperKind.PRESCRIPTION, paper.number)
    _demand_time(work, paper.written_at)
    # A sheet entered by mistake and cancelled is free again; the cancelled one still shows its number.
    other = work.prescriptions.on_paper(number)
    if other is not None and other.id != prescription.id:
        raise Invalid(N_("这张纸已经补录过了，处方 %(number)s。"), number=other.number or N_("草稿"))
    signed = {PaperStep.PRESCRIBED: (actor.staff_id, paper.written_at)}
    if paper.reviewed_by_id is not None:
        reviewed_at = paper.reviewed_at or paper.written_at
        _demand_time(work, reviewed_at)
        if reviewed_at < paper.written_at:
            raise Invalid(N_("纸上审方的时间不能早于开方的时间。"))
        if work.staff.get(paper.reviewed_by_id).role is not Role.PHARMACIST:
            raise NotFound(N_("没有这位药师。"))
        signed[PaperStep.REVIEWED] = (paper.reviewed_by_id, reviewed_at)
    mine, others = _of_the_doctor(work, actor, prescription)
    for each in others:
        # Their own word stands; what the doctor read off the paper never takes its place.
        staff_id, _at = signed.pop(each.step, (each.signed_by_id, each.signed_at))
        if staff_id != each.signed_by_id:
            raise Invalid(ENTERED_FOR_ANOTHER)
    said = {each.step: (each.signed_by_id, each.signed_at) for each in mine}
    if (prescription.paper_number, said, {e.reason for e in mine}) == (number, signed, {paper.reason}):
        return
    for each in mine:
        work.paper_signatures.drop(each)
    prescription.paper_number = number
    for step, (staff_id, at) in signed.items():
        _add(work, actor, prescription, step, number, staff_id, at, paper.reason)
    note(work, actor, prescription, "entered_later", {"paper": number, "reason": paper.reason.value})


def forget_paper(work: Work, actor: Actor, prescription: Prescription) -> None:
    """Take back that a prescription was first written on paper, where it was said of it.

    What others have entered as signed by themselves on paper stays.

    Args:
        work: The unit of work.
        actor: The doctor of the visit.
        prescription: From `prescribing.save` in this work.
    """
    if prescription.paper_number is None:
        return
    mine, _others = _of_the_doctor(work, actor, prescription)
    for each in mine:
        work.paper_signatures.drop(each)
    note(work, actor, prescription, "paper_withdrawn", {"paper": prescription.paper_number})
    prescription.paper_number = None


def enter_signature(
    work: Work,
    actor: Actor,
    number: str,
    step: PaperStep,
    paper: str,
    signed_at: datetime,
    reason: PaperReason,
) -> PaperSignature:
    """Note that the actor signed a step of a prescription on paper; they sign it in the system as well.

    Args:
        work: The unit of work.
        actor: Who signed on paper.
        number: Of the prescription.
        step: What was signed for.
        paper: Number of the sheet, as copied.
        signed_at: As it stands on the sheet, aware UTC.
        reason: Why on paper.

    Returns:
        The signature; the same one where it was entered already.

    Raises:
        NotFound: When no prescription has the number.
        Forbidden: When the actor may not see it.
        Invalid: When the step is another role's or was entered for somebody else, no such sheet was
            printed, or the time cannot be.
    """
    rule = STEPS[step]
    if rule.role is not actor.role or step is PaperStep.PRESCRIBED:
        raise Invalid(N_("这一步不由您的岗位签名。"))
    prescription = work.prescriptions.by_number(number.strip())
    if prescription is None:
        raise NotFound(N_("没有这张处方。"))
    if actor.role is Role.COURIER:
        demand(actor, Action.OUTAGE_PAPER, institution_id=actor.institution_id)
    else:
        look_at_prescription(work, actor, prescription, _LOOKS[actor.role])
    sheet = _printed(work, actor, rule.kind, paper)
    _demand_time(work, signed_at)
    for each in work.paper_signatures.of_prescription(prescription.key()):
        if each.step is step:
            if each.signed_by_id != actor.staff_id:
                raise Invalid(ENTERED_FOR_ANOTHER)
            return each
    note(
        work,
        actor,
        prescription,
        "paper_signed",
        {"paper": sheet, "step": step.value, "reason": reason.value},
    )
    return _add(work, actor, prescription, step, sheet, actor.staff_id, signed_at, reason)


def signed_on_paper(work: Work, prescription_ids: Iterable[int]) -> dict[int, list[PaperSignature]]:
    """What was signed on paper; the caller has looked at the prescriptions.

    Args:
        work: The unit of work.
        prescription_ids: Which.

    Returns:
        By prescription, in the order in which it was signed.
    """
    return work.paper_signatures.of_prescriptions(prescription_ids)


def _of_the_doctor(
    work: Work, actor: Actor, prescription: Prescription
) -> tuple[list[PaperSignature], list[PaperSignature]]:
    """Of the signatures that the doctor's form speaks of: those the doctor entered, those others did."""
    of_form = [
        each
        for each in work.paper_signatures.of_prescription(prescription.key())
        if each.step in _DOCTORS_STEPS
    ]
    mine = [each for each in of_form if each.entered_by_id == actor.staff_id]
    return mine, [each for each in of_form if each.entered_by_id != actor.staff_id]


def _answers(step: PaperStep) -> tuple[State, ...]:
    """The states that the same person's own act in the system leads to; a pharmacist may also return it."""
    state = STEPS[step].state
    return (state, State.RETURNED) if step is PaperStep.REVIEWED else (state,)


def _printed(work: Work, actor: Actor, kind: PaperKind, text: str) -> str:
    """The number of a sheet that the actor's house has printed."""
    code = work.institutions.get(actor.institution_id).code
    serial = read_paper_number(text, code, kind)
    if serial is None or work.paper_batches.holding(actor.institution_id, kind, serial) is None:
        example = paper_number(code, kind, 1)
        raise Invalid(N_("本单位没有印过这个编号，请照纸上核对，例如 %(example)s。"), example=example)
    return paper_number(code, kind, serial)


def _demand_time(work: Work, at: datetime) -> None:
    if at > work.now:
        raise Invalid(N_("纸上的时间不能在现在以后。"))
    if at < work.now - ENTERED_WITHIN:
        raise Invalid(N_("纸上的时间早于 %(days)s 天前，请核对。"), days=ENTERED_WITHIN.days)


def _add(
    work: Work,
    actor: Actor,
    prescription: Prescription,
    step: PaperStep,
    number: str,
    staff_id: int,
    at: datetime,
    reason: PaperReason,
) -> PaperSignature:
    return work.paper_signatures.add(
        PaperSignature(
            prescription_id=prescription.key(),
            step=step,
            paper_number=number,
            signed_by_id=staff_id,
            signed_at=at,
            reason=reason,
            entered_by_id=actor.staff_id,
            entered_at=work.now,
        )
    )
