"""Who has signed in the system what was signed on paper, read from the ledger in one statement."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from tcm.records.lifecycle import State
from tcm.store import tables as t


def signed_again(session: Session, prescription_ids: Iterable[int]) -> set[tuple[int, int, State]]:
    """Who moved several prescriptions where.

    Args:
        session: Of the work.
        prescription_ids: Which.

    Returns:
        Prescription, staff row and the state it was moved to.
    """
    events = t.ledger_events.c
    query = select(events.prescription_id, events.actor_id, events.target).where(
        events.prescription_id.in_(set(prescription_ids)), events.kind == "move"
    )
    return {(row.prescription_id, row.actor_id, row.target) for row in session.execute(query)}
