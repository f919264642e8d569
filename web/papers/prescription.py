"""The 处方笺."""

from collections.abc import Sequence
from datetime import datetime

from tcm.records.clinical import PREPARATION_TERMS, Prescription, VisitType
from tcm.records.clock import age_years, county_day
from tcm.records.errors import N_, Invalid
from tcm.records.ledger import Event
from tcm.records.lifecycle import State
from tcm.records.outage import PaperStep
from tcm.records.people import SEX_TERMS
from tcm.store.work import Work
from web.papers.common import exact_age, how_to_take
from web.prints import HerbLine, PrescriptionSheet, Signature
from web.scan import trace_url

DEPARTMENT = "中医科"
# Prescriptions of children are of a kind of their own (处方管理办法 附件1).
_CHILD_BELOW_YEARS = 14
_Hand = tuple[int | None, datetime | None]
_NOBODY: _Hand = (None, None)


def prescription_sheet(
    work: Work, prescription: Prescription, public_url: str, printed_at: datetime
) -> PrescriptionSheet:
    """The 处方笺 of a signed prescription.

    Args:
        work: The unit of work the prescription belongs to.
        prescription: With its herbs.
        public_url: Where the house is reached, for the QR code.
        printed_at: Aware UTC.

    Returns:
        The sheet; its verification hash is that of the last event in the ledger.

    Raises:
        Invalid: Before the doctor has signed.
        ValueError: When a text is longer than the paper has room for.
    """
    if prescription.signed_at is None or prescription.number is None:
        raise Invalid(N_("处方还没有签名，不能打印。"))
    events = work.ledger.events(prescription.key())
    dispenser, checker = _dispensed(work, prescription.key(), events)
    patient = work.patients.get(prescription.patient_id)
    hands = [prescription.doctor_id, prescription.reviewed_by_id, dispenser[0], checker[0]]
    hands += [item.second_signed_by_id for item in prescription.items]
    staff = work.staff.by_ids(hand for hand in hands if hand is not None)
    names = {key: person.name for key, person in staff.items()}
    bags = work.bags.of_prescription(prescription.key())
    signed_on = county_day(prescription.signed_at)
    return PrescriptionSheet(
        institution=work.institutions.get(prescription.institution_id).name,
        number=prescription.number,
        category=_category(prescription, age_years(patient.born_on, signed_on)),
        prescribed_at=prescription.signed_at,
        patient_name=patient.name,
        sex=SEX_TERMS[patient.sex],
        age=exact_age(patient.born_on, signed_on),
        department=DEPARTMENT,
        address=patient.address,
        phone=patient.phone,
        disease=prescription.disease if prescription.syndrome else "",
        syndrome=prescription.syndrome or prescription.disease,
        herbs=tuple(
            HerbLine(
                name=item.written_as,
                dose_g=item.dose_g,
                handling=item.decoction_note,
                second_signature=names.get(item.second_signed_by_id or 0, ""),
            )
            for item in prescription.items
        ),
        doses=prescription.doses_count,
        usage=_usage(prescription),
        doctor=Signature(name=names[prescription.doctor_id], signed_at=prescription.signed_at),
        pharmacist=_signature(names, prescription.reviewed_by_id, prescription.reviewed_at),
        dispenser=_signature(names, *dispenser),
        checker=_signature(names, *checker),
        pharmacist_note=_approval_note(work, prescription),
        verification_hash=events[-1].hash,
        trace_url=trace_url(public_url, bags[0].code if bags else prescription.number),
        printed_at=printed_at,
        paper_number=prescription.paper_number or "",
        written_at=_written_at(work, prescription),
    )


def _dispensed(work: Work, prescription_id: int, events: Sequence[Event]) -> tuple[_Hand, _Hand]:
    """Who dispensed and who looked again; where weighing is kept on paper the second box is for ink."""
    moved = _last(events, State.DISPENSED)
    weighed = work.dispensings.last_of(prescription_id)
    if moved is None:
        return _NOBODY, _NOBODY
    if weighed is None or weighed.checked_at != moved.at:
        return (moved.actor_id, moved.at), _NOBODY
    return (weighed.begun_by_id, weighed.begun_at), (weighed.checked_by_id, weighed.checked_at)


def _written_at(work: Work, prescription: Prescription) -> datetime | None:
    """When it was signed on paper, where it was entered later."""
    if prescription.paper_number is None:
        return None
    signed = work.paper_signatures.of_prescription(prescription.key())
    return next((each.signed_at for each in signed if each.step is PaperStep.PRESCRIBED), None)


def _category(prescription: Prescription, age: int) -> str:
    if prescription.visit_type is VisitType.EMERGENCY:
        return "急诊"
    return "儿科" if age < _CHILD_BELOW_YEARS else "普通"


def _usage(prescription: Prescription) -> str:
    """How it is taken; what is not decocted says so first."""
    usage = prescription.usage or how_to_take(prescription)
    if prescription.preparation.needs_pot:
        return usage
    return f"（{PREPARATION_TERMS[prescription.preparation]}）{usage}"


def _signature(names: dict[int, str], staff_id: int | None, at: datetime | None) -> Signature | None:
    if staff_id is None or at is None:
        return None
    return Signature(name=names[staff_id], signed_at=at)


def _approval_note(work: Work, prescription: Prescription) -> str:
    decisions = work.reviews.of_prescription(prescription.key())
    return next((each.note for each in decisions if each.decision == "approved"), "")


def _last(events: Sequence[Event], target: State) -> Event | None:
    moves = [event for event in events if event.kind == "move" and event.target is target]
    return moves[-1] if moves else None
