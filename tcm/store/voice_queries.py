"""What patients say, counted; and whose medicine comes to its end: read-side, each one statement."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import distinct, exists, func, select
from sqlalchemy.orm import Session

from tcm.records.lifecycle import State
from tcm.store import aftercare_tables as f
from tcm.store import tables as t


@dataclass(frozen=True)
class Stars:
    """One rating without its words.

    Args:
        stars: 1 to 5.
        rated_at: Aware UTC.
    """

    stars: int
    rated_at: datetime


@dataclass(frozen=True)
class LowRating:
    """A rating that somebody should read.

    Args:
        prescription_id: Its row.
        number: What people call it by.
        village: Where the medicine went.
        stars: 1 to 5.
        words: May be empty.
        rated_at: Aware UTC.
    """

    prescription_id: int
    number: str
    village: str
    stars: int
    words: str
    rated_at: datetime


@dataclass(frozen=True)
class Said:
    """One message of somebody who felt worse, without what it says.

    Args:
        sent_at: Aware UTC.
        answered_at: Aware UTC, None before.
        urgent: Whether it had to be seen at once.
    """

    sent_at: datetime
    answered_at: datetime | None
    urgent: bool


@dataclass(frozen=True)
class GivenOut:
    """A prescription whose medicine the patient has.

    Args:
        prescription_id: Its row.
        number: What people call it by.
        patient_id: Whose.
        encounter_id: The visit it came of.
        doses_count: 剂数.
        doses_per_day: 剂 a day.
        delivered_at: When it was handed over last, aware UTC.
    """

    prescription_id: int
    number: str
    patient_id: int
    encounter_id: int
    doses_count: int
    doses_per_day: int
    delivered_at: datetime


def stars_since(session: Session, since: datetime) -> list[Stars]:
    """Every rating since a moment, oldest first."""
    columns = f.ratings.c
    query = select(columns.stars, columns.rated_at).where(columns.rated_at >= since)
    return [Stars(*row) for row in session.execute(query.order_by(columns.rated_at))]


def low_ratings(session: Session, since: datetime, stars_most: int, at_most: int) -> list[LowRating]:
    """Ratings of few stars since a moment, newest first."""
    columns = f.ratings.c
    query = (
        select(
            columns.prescription_id,
            t.prescriptions.c.number,
            t.institutions.c.name,
            columns.stars,
            columns.words,
            columns.rated_at,
        )
        .join(t.prescriptions, t.prescriptions.c.id == columns.prescription_id)
        .join(t.institutions, t.institutions.c.id == t.prescriptions.c.village_id)
        .where(columns.rated_at >= since, columns.stars <= stars_most)
        .order_by(columns.rated_at.desc())
        .limit(at_most)
    )
    return [LowRating(*row) for row in session.execute(query)]


def said_since(session: Session, since: datetime) -> list[Said]:
    """Every message since a moment, oldest first."""
    columns = f.patient_messages.c
    query = select(columns.sent_at, columns.answered_at, columns.urgent).where(columns.sent_at >= since)
    return [Said(*row) for row in session.execute(query.order_by(columns.sent_at))]


def handed_over_since(session: Session, since: datetime) -> int:
    """How many prescriptions were handed over since a moment."""
    columns = t.ledger_events.c
    query = select(func.count(distinct(columns.prescription_id)))
    query = query.where(columns.at >= since, columns.target == State.DELIVERED, columns.kind == "move")
    return session.scalar(query) or 0


def given_out(session: Session, signed_since: datetime, doctor_id: int | None = None) -> list[GivenOut]:
    """Prescriptions that were handed over, of patients who have not been seen since at any house.

    Args:
        session: Of the work.
        signed_since: Those signed earlier are over.
        doctor_id: Who wrote them, None for everybody's.

    Returns:
        By row. One statement.
    """
    columns, events, visits = t.prescriptions.c, t.ledger_events.c, t.encounters.c
    delivered_at = func.max(events.at)
    handed = (
        (events.prescription_id == columns.id) & (events.target == State.DELIVERED) & (events.kind == "move")
    )
    query = (
        select(
            columns.id,
            columns.number,
            columns.patient_id,
            columns.encounter_id,
            columns.doses_count,
            columns.doses_per_day,
            delivered_at,
        )
        .join(t.ledger_events, handed & (events.kind == "move"))
        .where(columns.state == State.DELIVERED, columns.signed_at >= signed_since)
        .where(~exists().where(visits.patient_id == columns.patient_id, visits.opened_at > columns.signed_at))
        .group_by(columns.id)
        .order_by(columns.id)
    )
    if doctor_id is not None:
        query = query.where(columns.doctor_id == doctor_id)
    return [GivenOut(*row) for row in session.execute(query)]
