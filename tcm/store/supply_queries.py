"""What a patient was prescribed before, wherever it was: read-side, one statement, no name in the answer."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Select, and_, select
from sqlalchemy.orm import Session, aliased

from tcm.records.clinical import Preparation
from tcm.records.lifecycle import State
from tcm.store import tables as t

# Everything else was signed and is with the patient, or on its way to them.
NOT_SUPPLIED = (State.DRAFT, State.RETURNED, State.CANCELLED)


@dataclass(frozen=True)
class SuppliedHerb:
    """A line of a prescription that was supplied.

    Args:
        written_as: As the doctor wrote it.
        dose_g: Grams a dose.
        decoction_note: Or empty.
    """

    written_as: str
    dose_g: float
    decoction_note: str


@dataclass(frozen=True)
class SupplyRow:
    """A signed prescription of a patient.

    Args:
        prescription_id: Its row.
        institution_id: Where it was written.
        institution: Name of that house.
        signed_at: When.
        doses_count: 剂数.
        doses_per_day: 剂 a day.
        herbs: Its lines in order.
    """

    prescription_id: int
    institution_id: int
    institution: str
    signed_at: datetime
    doses_count: int
    doses_per_day: int
    herbs: tuple[SuppliedHerb, ...]


@dataclass(frozen=True)
class EarlierRow:
    """An earlier prescription as a short list shows it.

    Args:
        prescription_id: Its row.
        number: What people call it by.
        institution_id: Where it was written.
        institution: Name of that house.
        syndrome: 证型.
        signed_at: When.
        doses_count: 剂数.
        doses_per_day: 剂 a day.
        preparation: Decocted, granules, or cooked at home.
        usage: How it was taken.
        decoction_class: 解表, 一般 or 滋补.
        herbs: Its lines in order.
    """

    prescription_id: int
    number: str
    institution_id: int
    institution: str
    syndrome: str
    signed_at: datetime
    doses_count: int
    doses_per_day: int
    preparation: Preparation
    usage: str
    decoction_class: str
    herbs: tuple[SuppliedHerb, ...]


def newest_of_patient(
    session: Session, patient_id: int, *, before: datetime, but: int, limit: int
) -> list[EarlierRow]:
    """The newest prescriptions of a patient, those of any house where the same person is registered.

    Args:
        session: Of the work.
        patient_id: Whose.
        before: Signed before this moment.
        but: The prescription that asks.
        limit: At most so many.

    Returns:
        The prescriptions, newest first.
    """
    p, items, houses = t.prescriptions, t.items, t.institutions
    newest = (
        select(p.c.id)
        .where(
            p.c.patient_id.in_(_surely_same_person(patient_id)),
            p.c.state.not_in(NOT_SUPPLIED),
            p.c.signed_at < before,
            p.c.id != but,
        )
        .order_by(p.c.signed_at.desc(), p.c.id.desc())
        .limit(limit)
        .subquery()
    )
    query = (
        select(
            p.c.id,
            p.c.number,
            p.c.institution_id,
            houses.c.name,
            p.c.syndrome,
            p.c.signed_at,
            p.c.doses_count,
            p.c.doses_per_day,
            p.c.preparation,
            p.c.usage,
            p.c.decoction_class,
            items.c.written_as,
            items.c.dose_g,
            items.c.decoction_note,
        )
        .join(newest, newest.c.id == p.c.id)
        .join(houses, houses.c.id == p.c.institution_id)
        .join(items, items.c.prescription_id == p.c.id)
        .order_by(p.c.signed_at.desc(), p.c.id.desc(), items.c.position)
    )
    rows = (tuple(row) for row in session.execute(query))
    return [
        EarlierRow(*(*fields, tuple(SuppliedHerb(*line[11:]) for line in lines)))
        for fields, lines in groupby(rows, key=lambda row: row[:11])
    ]


def last_of_patient(
    session: Session, patient_id: int, *, institution_id: int, but_encounter: int, before: datetime
) -> int | None:
    """The newest prescription that a house wrote for a patient at another visit.

    Args:
        session: Of the work.
        patient_id: Whose; same identity number, name, sex and date of birth make the same patient.
        institution_id: Of that house alone.
        but_encounter: The visit that asks.
        before: Signed before this moment.

    Returns:
        Its row, or None.
    """
    p = t.prescriptions.c
    query = select(p.id).where(
        p.patient_id.in_(_surely_same_person(patient_id)),
        p.institution_id == institution_id,
        p.encounter_id != but_encounter,
        p.state.not_in(NOT_SUPPLIED),
        p.signed_at < before,
    )
    return session.scalar(query.order_by(p.signed_at.desc(), p.id.desc()).limit(1))


def supplies_of_patient(
    session: Session, patient_id: int, *, since: datetime, but: int | None
) -> list[SupplyRow]:
    """Signed prescriptions of a patient, those of any house where the same identity number is registered.

    Args:
        session: Of the work.
        patient_id: Whose.
        since: Signed at or after this moment.
        but: The prescription that asks, None where it is not stored yet.

    Returns:
        The prescriptions, oldest first.
    """
    p, items, houses = t.prescriptions, t.items, t.institutions
    query = (
        select(
            p.c.id,
            p.c.institution_id,
            houses.c.name,
            p.c.signed_at,
            p.c.doses_count,
            p.c.doses_per_day,
            items.c.written_as,
            items.c.dose_g,
            items.c.decoction_note,
        )
        .join(houses, houses.c.id == p.c.institution_id)
        .join(items, items.c.prescription_id == p.c.id)
        .where(
            p.c.patient_id.in_(_same_person(patient_id)),
            p.c.state.not_in(NOT_SUPPLIED),
            p.c.signed_at >= since,
        )
        .order_by(p.c.signed_at, p.c.id, items.c.position)
    )
    if but is not None:
        query = query.where(p.c.id != but)
    return list(_grouped(tuple(row) for row in session.execute(query)))


def _same_person(patient_id: int) -> Select[tuple[int]]:
    """The patient's row, and every row with the same identity number; a blank number is nobody's.

    For warnings: whoever is registered under another's number is warned of their medicine rather than not.
    """
    return _registered(patient_id, "id_number_index")


def _surely_same_person(patient_id: int) -> Select[tuple[int]]:
    """The same, where name, sex and date of birth agree too: for what is taken over, or read as theirs."""
    return _registered(patient_id, "id_number_index", "name_index", "sex", "born_on")


def _registered(patient_id: int, *agreeing: str) -> Select[tuple[int]]:
    own, same = aliased(t.patients), aliased(t.patients)
    numbered = (
        select(same.c.id)
        .join(own, and_(*(own.c[column] == same.c[column] for column in agreeing)))
        .where(own.c.id == patient_id, own.c.id_number_index != "")
    )
    either = select(own.c.id).where(own.c.id == patient_id).union(numbered).subquery()
    return select(either.c.id)


def _grouped(rows: Iterator[tuple[Any, ...]]) -> Iterator[SupplyRow]:
    for fields, lines in groupby(rows, key=lambda row: row[:6]):
        herbs = tuple(SuppliedHerb(*line[6:]) for line in lines)
        yield SupplyRow(*(*fields, herbs))
