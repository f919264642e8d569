"""Read-side queries of what houses do together: what waits for a doctor, who read a patient's record."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from tcm.records.together import ConsultationState, ReferralState
from tcm.store import tables as t
from tcm.store import together_tables as w
from tcm.store.together_tables import RECORD_READ


@dataclass(frozen=True)
class RecordRead:
    """One look at what a house has on a patient, by a doctor of another.

    Args:
        at: Aware UTC.
        reader: Who looked.
        house: Where they work.
        allowed: Whether they were let in.
    """

    at: datetime
    reader: str
    house: str
    allowed: bool


@dataclass(frozen=True)
class News:
    """How much waits for a doctor.

    Args:
        to_answer: Questions to them as an expert.
        to_read: Answers to their own questions, and refusals, that they have not seen.
        to_receive: Patients on their way to their house.
        replies: To their referrals, that they have not seen.
        pending: Their own questions that nobody has answered yet.
    """

    to_answer: int = 0
    to_read: int = 0
    to_receive: int = 0
    replies: int = 0
    pending: int = 0

    @property
    def count(self) -> int:
        """All that waits for them; what they themselves wait for does not count."""
        return self.to_answer + self.to_read + self.to_receive + self.replies


def news_of(session: Session, staff_id: int, institution_id: int) -> News:
    """How much waits for a doctor, in one statement.

    Args:
        session: Of the work.
        staff_id: Who.
        institution_id: Where they work.

    Returns:
        The counts.
    """
    c, r = w.consultations.c, w.referrals.c
    waits = c.state == ConsultationState.WAITING
    counts = (
        select(func.count()).where(c.expert_id == staff_id, waits),
        select(func.count()).where(c.asked_by_id == staff_id, c.seen_at.is_(None), ~waits),
        select(func.count()).where(r.to_institution_id == institution_id, r.state == ReferralState.SENT),
        select(func.count()).where(
            r.written_by_id == staff_id, r.state == ReferralState.REPLIED, r.seen_at.is_(None)
        ),
        select(func.count()).where(c.asked_by_id == staff_id, c.seen_at.is_(None), waits),
    )
    return News(*session.execute(select(*(one.scalar_subquery() for one in counts))).one())


def record_reads(session: Session, patient_ids: Iterable[int], limit: int) -> list[RecordRead]:
    """Who read the record of one person across houses, newest first.

    Args:
        session: Of the work.
        patient_ids: The person's rows at all houses.
        limit: At most so many.

    Returns:
        The looks, refused ones too; one statement by an index of these looks alone.
    """
    log, house = t.access_log.c, t.institutions.c
    query = (
        select(log.at, t.staff.c.name, house.name, log.allowed)
        .join(t.staff, t.staff.c.id == log.actor_id)
        .join(t.institutions, house.id == t.staff.c.institution_id)
        # Written out: the index holds these looks alone, and SQLite finds it only by the same words.
        .where(text(f"access_log.action = '{RECORD_READ}'"))
        .where(log.subject_kind == "patient", log.subject_id.in_(set(patient_ids)))
        .order_by(log.id.desc())
        .limit(limit)
    )
    return [RecordRead(*row) for row in session.execute(query)]
