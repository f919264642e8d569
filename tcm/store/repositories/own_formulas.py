"""Recipes that doctors keep for themselves."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tcm.records.errors import N_
from tcm.records.own_formulas import OwnFormula
from tcm.store.pen_tables import own_formulas
from tcm.store.repositories.base import Repository


class OwnFormulaRepository(Repository[OwnFormula]):
    """Doctors' own formulas."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, OwnFormula, N_("没有这个方子，可能已经删去。"))

    def offered(self, owner_id: int) -> list[OwnFormula]:
        """What a doctor is offered, last kept first.

        Args:
            owner_id: The doctor.

        Returns:
            One version of each name.
        """
        query = select(OwnFormula).where(
            own_formulas.c.owner_id == owner_id, own_formulas.c.put_away_at.is_(None)
        )
        return self._many(query.order_by(own_formulas.c.id.desc()))

    def named(self, owner_id: int, name: str) -> OwnFormula | None:
        """The version of a name that is offered.

        Args:
            owner_id: The doctor.
            name: Of the formula.

        Returns:
            The formula, or None.
        """
        query = select(OwnFormula).filter_by(owner_id=owner_id, name=name)
        return self._one(query.where(own_formulas.c.put_away_at.is_(None)))

    def last_version(self, owner_id: int, name: str) -> int:
        """The highest version of a name.

        Args:
            owner_id: The doctor.
            name: Of the formula.

        Returns:
            Its number, 0 where there is none.
        """
        query = select(func.max(own_formulas.c.version)).where(
            own_formulas.c.owner_id == owner_id, own_formulas.c.name == name
        )
        return self._session.scalar(query) or 0
