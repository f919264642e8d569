"""What is weighed for prescriptions, and how the centre dispenses."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from tcm.records.dispensing import Dispensing, DispensingSettings, Weighed
from tcm.records.errors import N_
from tcm.store import dispensing_tables as d
from tcm.store.repositories.base import Repository


class DispensingRepository(Repository[Dispensing]):
    """Times that prescriptions were weighed out."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, Dispensing, N_("没有这条调剂记录。"))

    def open_of(self, prescription_id: int) -> Dispensing | None:
        """The one that a prescription is being weighed out by.

        Args:
            prescription_id: Which.

        Returns:
            The open one as it is now, or None.
        """
        columns = d.dispensings.c
        query = select(Dispensing).where(
            columns.prescription_id == prescription_id, columns.closed_at.is_(None)
        )
        return self._one(query.execution_options(populate_existing=True))

    def all_open(self) -> dict[int, Dispensing]:
        """Everything that is being weighed out, the longest first.

        Returns:
            By prescription.
        """
        # Not in the database's order: for that SQLite would read all that were ever closed.
        opened = self._many(select(Dispensing).where(d.dispensings.c.closed_at.is_(None)))
        return {each.prescription_id: each for each in sorted(opened, key=lambda each: each.id or 0)}

    def last_of(self, prescription_id: int) -> Dispensing | None:
        """The newest of a prescription that a second person has signed.

        Args:
            prescription_id: Which.

        Returns:
            The dispensing, or None.
        """
        columns = d.dispensings.c
        query = select(Dispensing).where(
            columns.prescription_id == prescription_id, columns.checked_at.is_not(None)
        )
        return self._one(query.order_by(columns.id.desc()).limit(1))


class WeighedRepository(Repository[Weighed]):
    """What scales said."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, Weighed, N_("没有这条称量记录。"))

    def of_dispensing(self, dispensing_id: int) -> list[Weighed]:
        """What counts of a dispensing, oldest first.

        Args:
            dispensing_id: Which.

        Returns:
            Without what was sent back; of a line weighed twice both.
        """
        columns = d.weighings.c
        query = select(Weighed).where(columns.dispensing_id == dispensing_id, columns.voided_at.is_(None))
        return self._many(query.order_by(columns.id))


class DispensingSettingsRepository(Repository[DispensingSettings]):
    """How the centre dispenses, decision by decision."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, DispensingSettings, N_("没有这条调剂设置。"))

    def current(self) -> DispensingSettings | None:
        """The decision that holds.

        Returns:
            The newest row, or None before the first.
        """
        return self._one(select(DispensingSettings).order_by(self._column("id").desc()).limit(1))
