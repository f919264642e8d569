"""Purchases from suppliers and requisitions of townships."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from tcm.records.errors import N_
from tcm.records.orders import Purchase, PurchaseState, Requisition, RequisitionState
from tcm.store import order_tables as t
from tcm.store.repositories.base import Repository


class PurchaseRepository(Repository[Purchase]):
    """Orders to suppliers."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, Purchase, N_("没有这张采购单。"))

    def newest(self, limit: int, state: PurchaseState | None = None) -> list[Purchase]:
        """The newest orders first.

        Args:
            limit: At most so many.
            state: Only those that stand there; any where None.

        Returns:
            The orders.
        """
        query = select(Purchase).order_by(t.purchases.c.id.desc()).limit(limit)
        return self._many(query if state is None else query.where(t.purchases.c.state == state))


class RequisitionRepository(Repository[Requisition]):
    """What townships ask for."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, Requisition, N_("没有这张申领单。"))

    def newest(self, limit: int, institution_id: int | None = None) -> list[Requisition]:
        """The newest requisitions, those that wait for the centre first.

        Args:
            limit: At most so many.
            institution_id: Only of that house; of any where None.

        Returns:
            The requisitions.
        """
        columns = t.requisitions.c
        waits = (columns.state == RequisitionState.ASKED).desc()
        query = select(Requisition).order_by(waits, columns.id.desc()).limit(limit)
        return self._many(
            query if institution_id is None else query.where(columns.institution_id == institution_id)
        )
