"""The last prescription again: shown with what is otherwise now, taken over by the doctor's act alone."""

from dataclasses import dataclass

from tcm.knowledge import Knowledge
from tcm.records.clinical import Encounter, Item, Prescription
from tcm.records.permissions import Action, allows
from tcm.records.roles import Actor
from tcm.services.access import look_at_prescription
from tcm.services.prescribing import ItemDraft, PrescriptionDraft
from tcm.services.recalling import FieldChange, HerbChange, changes, field_changes, fields_of
from tcm.store.supply_queries import SuppliedHerb, last_of_patient
from tcm.store.work import Work

# What begins the origin of a line adopted from the last prescription.
AGAIN = "上方:"


def origin_text(prescription: Prescription) -> str:
    """What a line keeps when it was taken over from an earlier prescription.

    Args:
        prescription: Signed, so that it has a number.

    Returns:
        Such as 上方:20261121-00042.
    """
    return f"{AGAIN}{prescription.number}"


def last_prescription(
    work: Work, actor: Actor, encounter: Encounter, *, on_record: bool
) -> Prescription | None:
    """The newest prescription that the actor's house wrote for the patient before this visit.

    Second signatures, the reason of a long supply and the urgency of that day stay with that day.

    Args:
        work: The unit of work.
        actor: The doctor of the visit.
        encounter: The visit; its chart is open.
        on_record: True where the chart is opened; False while one types in it.

    Returns:
        The prescription, None where there is none.

    Raises:
        Forbidden: When the actor may not see it.
    """
    found = last_of_patient(
        work.session,
        encounter.patient_id,
        institution_id=encounter.institution_id,
        but_encounter=encounter.id or 0,
        before=work.now,
    )
    if found is None:
        return None
    prescription = work.prescriptions.get(found)
    scope = {"institution_id": prescription.institution_id, "assigned_to_id": prescription.doctor_id}
    # Asked after every few keystrokes of a chart whose opening is on record already: only refusals are added.
    if on_record or not allows(actor, Action.PRESCRIPTION_READ, **scope):
        look_at_prescription(work, actor, prescription)
    return prescription


def lines_again(prescription: Prescription) -> tuple[ItemDraft, ...]:
    """The lines of an earlier prescription as they would be written now: no signature comes along.

    Args:
        prescription: The earlier one.

    Returns:
        The lines in order.
    """
    return tuple(
        ItemDraft(item.written_as, item.dose_g, item.decoction_note, origin_text(prescription))
        for item in prescription.items
    )


@dataclass(frozen=True)
class Difference:
    """What the form says otherwise than the last prescription.

    Args:
        changes: Herbs in the form's order, then those that are gone.
        doses_before: 剂数 of the last one.
        doses_now: 剂数 in the form.
        fields: What else is otherwise: preparation, doses a day, usage, class of decoction.
    """

    changes: tuple[HerbChange, ...]
    doses_before: int
    doses_now: int
    fields: tuple[FieldChange, ...] = ()

    @property
    def is_any(self) -> bool:
        """Whether anything is otherwise."""
        return bool(self.changes or self.fields) or self.doses_before != self.doses_now


def difference(knowledge: Knowledge, last: Prescription, draft: PrescriptionDraft) -> Difference:
    """Hold a form against the last prescription.

    Args:
        knowledge: Another spelling of one herb is no change.
        last: The earlier prescription.
        draft: As the form holds it.

    Returns:
        The difference.
    """
    before = [SuppliedHerb(item.written_as, item.dose_g, item.decoction_note) for item in last.items]
    now = [
        Item(
            position=position,
            herb=line.written_as,
            written_as=line.written_as,
            dose_g=line.dose_g,
            decoction_note=line.decoction_note,
        )
        for position, line in enumerate(draft.items)
    ]
    return Difference(
        changes(knowledge, before, now),
        last.doses_count,
        draft.doses_count,
        field_changes(fields_of(last), draft.fields),
    )
