"""What came against purchase orders, and what is still on its way: read-side, one statement each."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tcm.records.orders import PurchaseState
from tcm.records.stock import LotState
from tcm.store import order_tables as t
from tcm.store.stock_tables import lots


@dataclass(frozen=True)
class CameRow:
    """A lot that came against a line of an order.

    Args:
        line_id: Which line.
        lot_id: Its row.
        lot_number: 批号.
        received_mg: What came.
        fen_per_kg: What it was bought for.
        state: Waiting, passed, refused or locked.
    """

    line_id: int
    lot_id: int
    lot_number: str
    received_mg: int
    fen_per_kg: int
    state: LotState


def came_for(session: Session, line_ids: Collection[int]) -> list[CameRow]:
    """What came against lines of orders.

    Args:
        session: Of the unit of work.
        line_ids: Which lines.

    Returns:
        A row for each lot, in the order they came.
    """
    receipt, lot = t.purchase_receipts.c, lots.c
    query = (
        select(receipt.line_id, lot.id, lot.lot_number, lot.received_mg, lot.fen_per_kg, lot.state)
        .join(lots, lot.id == receipt.lot_id)
        .where(receipt.line_id.in_(set(line_ids)))
        .order_by(receipt.id)
    )
    return [CameRow(*row) for row in session.execute(query)]


def on_order_mg(session: Session) -> dict[str, int]:
    """What approved orders still have to bring, refused goods counted as not come.

    Args:
        session: Of the unit of work.

    Returns:
        Milligrams by herb, only herbs of which something is to come.
    """
    line, lot = t.purchase_lines.c, lots.c
    came = (
        select(t.purchase_receipts.c.line_id, func.sum(lot.received_mg).label("came_mg"))
        .join(lots, lot.id == t.purchase_receipts.c.lot_id)
        .where(lot.state != LotState.REFUSED)
        .group_by(t.purchase_receipts.c.line_id)
        .subquery()
    )
    query = (
        select(line.herb, line.wanted_mg, func.coalesce(came.c.came_mg, 0))
        .join(t.purchases, t.purchases.c.id == line.purchase_id)
        .outerjoin(came, came.c.line_id == line.id)
        .where(t.purchases.c.state == PurchaseState.APPROVED)
    )
    missing: dict[str, int] = {}
    for herb, wanted_mg, came_mg in session.execute(query):
        # More of one line makes up for nothing of another order's.
        if wanted_mg > came_mg:
            missing[herb] = missing.get(herb, 0) + int(wanted_mg - came_mg)
    return missing
