"""Read-side queries for other systems: one house's prescriptions, by number, by change, by month."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, text, true
from sqlalchemy.orm import Session

from tcm.records.lifecycle import State
from tcm.store import tables as t
from tcm.store.repositories.clinical import CALLED

_NEVER_SIGNED = (State.DRAFT, State.CANCELLED)


@dataclass(frozen=True)
class Change:
    """One move of a prescription.

    Args:
        cursor: Row of the event; ask on from here.
        prescription_id: Which.
        number: What people call it by.
        source: State before.
        target: State after.
        at: When.
    """

    cursor: int
    prescription_id: int
    number: str
    source: State
    target: State
    at: datetime


@dataclass(frozen=True)
class MonthCounts:
    """A month of prescriptions, counted by when they were signed.

    Args:
        signed: Signed and not cancelled.
        reviewed: Of those, decided on by a pharmacist at least once.
        returned: Of those, sent back at least once.
        delivered: Of those, handed over at the door.
    """

    signed: int
    reviewed: int
    returned: int
    delivered: int


def prescription_id_of(session: Session, institution_id: int, number: str) -> int | None:
    """The row of a house's prescription.

    Args:
        session: Of the work.
        institution_id: Which house wrote it.
        number: What people call it by.

    Returns:
        The row, None where that house wrote none under this number.
    """
    p = t.prescriptions.c
    return session.scalar(select(p.id).where(p.institution_id == institution_id, p.number == number))


def changes_since(session: Session, institution_id: int, after: int, limit: int) -> list[Change]:
    """Moves of a house's prescriptions in the order they were kept, none left out between two askings.

    Args:
        session: Of the work.
        institution_id: Which house wrote them.
        after: The cursor of the last one known, 0 for all.
        limit: At most so many.

    Returns:
        The moves.
    """
    if session.get_bind().dialect.name == "postgresql":
        # Rows are numbered before they are committed: without waiting for writers in flight, the cursor
        # would pass one that is still to come.
        session.execute(text("LOCK TABLE ledger_events IN SHARE MODE"))
    e, p = t.ledger_events.c, t.prescriptions.c
    query = (
        select(e.id, p.id, p.number, e.source, e.target, e.at)
        .join_from(t.ledger_events, t.prescriptions)
        .where(e.id > after, e.kind == "move", p.institution_id == institution_id, p.number.is_not(None))
        .order_by(e.id)
        .limit(limit)
    )
    return [Change(*row) for row in session.execute(query)]


def month_counts(
    session: Session, since: datetime, until: datetime, institution_id: int | None
) -> MonthCounts:
    """What became of the prescriptions signed in a time.

    Args:
        session: Of the work.
        since: From this moment.
        until: Before this one.
        institution_id: Which house wrote them, None for all.

    Returns:
        The counts.
    """
    p, r = t.prescriptions.c, t.reviews.c
    own: ColumnElement[bool] = true() if institution_id is None else p.institution_id == institution_id
    of_month = (own, p.signed_at >= since, p.signed_at < until, p.state.not_in(_NEVER_SIGNED))
    signed = select(func.count()).select_from(t.prescriptions).where(*of_month)
    reviewed = (
        select(func.count(func.distinct(p.id)))
        .select_from(t.prescriptions.join(t.reviews, r.prescription_id == p.id))
        .where(*of_month, r.decision != CALLED)
    )
    returned = reviewed.where(r.decision == State.RETURNED.value)
    delivered = signed.where(p.state == State.DELIVERED)
    return MonthCounts(*(session.scalar(query) or 0 for query in (signed, reviewed, returned, delivered)))
