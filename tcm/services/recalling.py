"""What was prescribed before: earlier prescriptions, the version sent back, and what is otherwise now."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from tcm.knowledge import Knowledge
from tcm.records.clinical import Item, Prescription
from tcm.records.ledger import Event
from tcm.records.lifecycle import State
from tcm.records.permissions import Action
from tcm.records.roles import Actor
from tcm.services.access import look_at_prescription
from tcm.store.supply_queries import EarlierRow, SuppliedHerb, newest_of_patient
from tcm.store.work import Work

EARLIER_AT_MOST = 5
# 生 names what an unmarked herb is anyway; where it is another herb (生附子) it has a name of its own.
_RAW = "生"
# Beside the herbs and the number of doses, in the order in which a change is told.
COMPARED = ("preparation", "doses_per_day", "usage", "decoction_class")
Kind = Literal["added", "gone", "dose", "note"]


@dataclass(frozen=True)
class HerbChange:
    """One herb that is otherwise than before.

    Args:
        kind: Added, gone, at another dose, or only under another decoction note.
        written_as: As it stands now; as it stood before where it is gone.
        before_g: Grams a dose before, None where it is added.
        after_g: Grams a dose now, None where it is gone.
        note_before: Decoction note before, empty where there was none.
        note_after: Decoction note now.
    """

    kind: Kind
    written_as: str
    before_g: float | None
    after_g: float | None
    note_before: str
    note_after: str


@dataclass(frozen=True)
class FieldChange:
    """What is otherwise than before beside the herbs.

    Args:
        name: Which field, one of `COMPARED`.
        before: As it stood.
        after: As it stands now.
    """

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class Comparison:
    """A prescription held against another version, or against another prescription.

    Args:
        at: When the other one was signed or sent back, aware UTC.
        reason_code: Why it was sent back; empty for another prescription.
        changes: Herbs in today's order, then those that are gone; empty where all are as before.
        doses_before: 剂数 of the other one.
        doses_after: 剂数 now.
        fields: What else is otherwise: preparation, doses a day, usage, class of decoction.
    """

    at: datetime
    reason_code: str
    changes: tuple[HerbChange, ...]
    doses_before: int
    doses_after: int
    fields: tuple[FieldChange, ...] = ()

    @property
    def is_any(self) -> bool:
        """Whether anything is otherwise."""
        return bool(self.changes or self.fields) or self.doses_before != self.doses_after


@dataclass(frozen=True)
class Recalled:
    """What the pharmacist sees of earlier times.

    Args:
        since_return: Against the version last sent back, None where it never was.
        since_last: Against the patient's last prescription, None where there is none.
        earlier: The patient's earlier prescriptions, newest first.
    """

    since_return: Comparison | None
    since_last: Comparison | None
    earlier: list[EarlierRow]


def recall(work: Work, actor: Actor, knowledge: Knowledge, prescription: Prescription) -> Recalled:
    """Earlier prescriptions of the same patient, and what is otherwise in this one.

    The same identity number makes the same patient, whichever house wrote it; what another house wrote is
    audited as a look at a `supply`.

    Args:
        work: The unit of work.
        actor: A pharmacist.
        knowledge: Resolves herb names.
        prescription: Under review.

    Returns:
        What came before; only what was signed before this one was.

    Raises:
        Forbidden: For other roles.
    """
    look_at_prescription(work, actor, prescription, Action.REVIEW_DECIDE)
    before = prescription.signed_at or work.now
    earlier = newest_of_patient(
        work.session, prescription.patient_id, before=before, but=prescription.key(), limit=EARLIER_AT_MOST
    )
    for row in earlier:
        if row.institution_id != prescription.institution_id:
            work.audit(actor, Action.PRESCRIPTION_READ.value, "supply", row.prescription_id, allowed=True)
    last = next(iter(earlier), None)
    return Recalled(
        since_return=_since_return(knowledge, prescription, work.ledger.events(prescription.key())),
        since_last=None if last is None else _since_last(knowledge, prescription, last),
        earlier=earlier,
    )


def changes(
    knowledge: Knowledge, before: Sequence[SuppliedHerb], after: Iterable[Item]
) -> tuple[HerbChange, ...]:
    """What is otherwise from one list of herbs to another.

    Args:
        knowledge: Resolves herb names: another spelling of one herb is no change, another form of it is.
        before: The earlier lines.
        after: Today's lines.

    Returns:
        Changes in today's order, then the herbs that are gone in theirs.
    """
    left: dict[tuple[str, str], list[SuppliedHerb]] = {}
    for herb in before:
        left.setdefault(name_and_form(knowledge, herb.written_as), []).append(herb)
    found = []
    for item in after:
        same = left.get(name_and_form(knowledge, item.written_as))
        change = _change(same.pop(0) if same else None, item)
        if change is not None:
            found.append(change)
    gone = {id(herb) for herbs in left.values() for herb in herbs}
    return (
        *found,
        *(
            HerbChange("gone", herb.written_as, herb.dose_g, None, herb.decoction_note, "")
            for herb in before
            if id(herb) in gone
        ),
    )


def name_and_form(knowledge: Knowledge, written_as: str) -> tuple[str, str]:
    """What two lines must share to be one herb: 栀子炭 is not 栀子, 生龙骨 is 龙骨.

    Args:
        knowledge: Resolves herb names.
        written_as: As the doctor wrote it.

    Returns:
        The standard name, as written where it is unknown, and how it is processed; empty where it is not.
    """
    resolved = knowledge.names.resolve(written_as)
    if resolved.name is None:
        return written_as, ""
    return resolved.name, "" if resolved.form == _RAW else resolved.form


def field_changes(before: Mapping[str, object], after: Mapping[str, object]) -> tuple[FieldChange, ...]:
    """What is otherwise beside the herbs.

    Args:
        before: The other prescription's fields by name; what it does not tell is not compared.
        after: Today's.

    Returns:
        The fields that changed, in the order of `COMPARED`.
    """
    told = ((name, str(before[name]), str(after[name])) for name in COMPARED if name in before)
    return tuple(FieldChange(name, was, now) for name, was, now in told if was != now)


def snapshot(prescription: Prescription) -> dict[str, object]:
    """The lines of a prescription as the ledger keeps them when it is sent back: no patient's data.

    Args:
        prescription: That goes back.

    Returns:
        Lines as written with grams and note, the number of doses, and the fields that are compared.
    """
    return {
        "lines": [[item.written_as, item.dose_g, item.decoction_note] for item in prescription.items],
        "doses_count": prescription.doses_count,
        **fields_of(prescription),
    }


def fields_of(prescription: Prescription | EarlierRow) -> dict[str, object]:
    """The fields that are compared beside herbs and number of doses.

    Args:
        prescription: Today's or an earlier one.

    Returns:
        Values by name.
    """
    return {name: getattr(prescription, name) for name in COMPARED}


def _since_last(knowledge: Knowledge, prescription: Prescription, last: EarlierRow) -> Comparison:
    return Comparison(
        at=last.signed_at,
        reason_code="",
        changes=changes(knowledge, last.herbs, prescription.items),
        doses_before=last.doses_count,
        doses_after=prescription.doses_count,
        fields=field_changes(fields_of(last), fields_of(prescription)),
    )


def _since_return(
    knowledge: Knowledge, prescription: Prescription, events: Sequence[Event]
) -> Comparison | None:
    returns = [event for event in events if event.target is State.RETURNED and "lines" in event.payload]
    if not returns or prescription.state is State.RETURNED:
        return None
    sent_back = returns[-1]
    lines, doses_count = sent_back.payload["lines"], sent_back.payload["doses_count"]
    if not isinstance(lines, list) or not isinstance(doses_count, int):
        raise TypeError("the ledger keeps lines as a list and doses as a number")
    return Comparison(
        at=sent_back.at,
        reason_code=str(sent_back.payload["reason"]),
        changes=changes(knowledge, [SuppliedHerb(*line) for line in lines], prescription.items),
        doses_before=doses_count,
        doses_after=prescription.doses_count,
        # What was sent back before these fields were kept tells nothing of them.
        fields=field_changes(sent_back.payload, fields_of(prescription)),
    )


def _change(before: SuppliedHerb | None, item: Item) -> HerbChange | None:
    if before is None:
        return HerbChange("added", item.written_as, None, item.dose_g, "", item.decoction_note)
    if (before.dose_g, before.decoction_note) == (item.dose_g, item.decoction_note):
        return None
    kind: Kind = "note" if before.dose_g == item.dose_g else "dose"
    return HerbChange(
        kind, item.written_as, before.dose_g, item.dose_g, before.decoction_note, item.decoction_note
    )
