"""What one pharmacist decided, read from the ledger in one statement."""

from dataclasses import dataclass
from datetime import datetime
from statistics import median

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from tcm.records.lifecycle import State
from tcm.store import tables as t


@dataclass(frozen=True)
class ReviewFigures:
    """What one pharmacist decided in a time.

    Args:
        reviewed: Decisions.
        returned: Of these, sent back to the doctor.
        median_min: Median minutes from the signature to the decision, None without any.
    """

    reviewed: int
    returned: int
    median_min: float | None


def review_figures(session: Session, pharmacist_id: int, *, since: datetime) -> ReviewFigures:
    """What a pharmacist decided since a moment, as the ledger has it.

    Args:
        session: Of the work.
        pharmacist_id: Whose decisions.
        since: Decided at or after this moment.

    Returns:
        The figures.
    """
    decided, signed = aliased(t.ledger_events), aliased(t.ledger_events)
    signed_at = (
        select(func.max(signed.c.at))
        .where(
            signed.c.prescription_id == decided.c.prescription_id,
            signed.c.seq < decided.c.seq,
            signed.c.kind == "move",
            signed.c.target == State.SIGNED,
        )
        .scalar_subquery()
    )
    query = select(decided.c.target, decided.c.at, signed_at).where(
        decided.c.actor_id == pharmacist_id,
        decided.c.at >= since,
        decided.c.kind == "move",
        decided.c.source == State.SIGNED,
        decided.c.target.in_([State.APPROVED, State.RETURNED]),
    )
    rows = [tuple(row) for row in session.execute(query)]
    waits_min = [(at - since_signed).total_seconds() / 60 for _, at, since_signed in rows]
    return ReviewFigures(
        reviewed=len(rows),
        returned=sum(target is State.RETURNED for target, _, _ in rows),
        median_min=median(waits_min) if waits_min else None,
    )
