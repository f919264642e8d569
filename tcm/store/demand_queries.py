"""What left the shelf week by week, and where each herb was bought last: read-side."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tcm.records.clock import county_day, day_start
from tcm.records.stock import StockKind
from tcm.store.demand_tables import past_uses
from tcm.store.stock_tables import lots, stock_moves

# A batch that was put back was not used; what was sent to a township was.
_USES = (StockKind.DISPENSED, StockKind.SENT, StockKind.PUT_BACK)
_WEEK = timedelta(days=7)


def first_use_at(session: Session) -> datetime | None:
    """When something was first taken off the shelf on record.

    Args:
        session: Of the unit of work.

    Returns:
        Aware UTC, or None.
    """
    found: datetime | None = session.scalar(
        select(stock_moves.c.at).where(stock_moves.c.kind.in_(_USES)).order_by(stock_moves.c.at).limit(1)
    )
    return found


def past_use(session: Session, before: date) -> list[tuple[str, date, float]]:
    """What was used before the stock was on record.

    Args:
        session: Of the unit of work.
        before: Weeks from this Monday on are left out.

    Returns:
        Herb, Monday, grams.
    """
    row = past_uses.c
    query = select(row.herb, row.week, row.used_mg).where(row.week < before)
    return [(herb, week, used_mg / 1000) for herb, week, used_mg in session.execute(query)]


def recorded_use(session: Session, first: date, until: date) -> Iterator[tuple[str, date, float]]:
    """What left the shelf, one statement a week: both databases reckon in UTC, a county week does not.

    Args:
        session: Of the unit of work.
        first: Monday of the first week.
        until: Monday after the last.

    Yields:
        Herb, Monday, grams.
    """
    while first < until:
        moved = (
            select(lots.c.herb, func.sum(stock_moves.c.delta_mg))
            .join(lots, lots.c.id == stock_moves.c.lot_id)
            .where(
                stock_moves.c.kind.in_(_USES),
                stock_moves.c.at >= day_start(first),
                stock_moves.c.at < day_start(first + _WEEK),
            )
            .group_by(lots.c.herb)
        )
        for herb, delta_mg in session.execute(moved):
            yield herb, first, -int(delta_mg) / 1000
        first += _WEEK


def first_use_on(session: Session) -> date | None:
    """The county day of the first use on record.

    Args:
        session: Of the unit of work.

    Returns:
        The day, or None.
    """
    at = first_use_at(session)
    return None if at is None else county_day(at)


def bought_last(session: Session) -> dict[str, tuple[int, int]]:
    """Where each herb was bought last, and for how much.

    Args:
        session: Of the unit of work.

    Returns:
        Row of the supplier and fen a kilogram by herb.
    """
    newest = select(func.max(lots.c.id)).group_by(lots.c.herb)
    query = select(lots.c.herb, lots.c.supplier_id, lots.c.fen_per_kg).where(lots.c.id.in_(newest))
    return {herb: (supplier_id, fen_per_kg) for herb, supplier_id, fen_per_kg in session.execute(query)}
