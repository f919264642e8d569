"""What is weighed for prescriptions, and how the centre dispenses."""

from collections.abc import Collection

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
        return self.open_of_all([prescription_id]).get(prescription_id)

    def open_of_all(self, prescription_ids: Collection[int]) -> dict[int, Dispensing]:
        """The open ones of several prescriptions.

        Args:
            prescription_ids: Which.

        Returns:
            By prescription; those that nobody weighs are left out.
        """
        columns = d.dispensings.c
        query = select(Dispensing).where(
            columns.prescription_id.in_(set(prescription_ids)), columns.closed_at.is_(None)
        )
        found = self._many(query.execution_options(populate_existing=True))
        return {each.prescription_id: each for each in found}

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

    def to_check(self) -> list[Dispensing]:
        """What waits for a second person: weighed, or stopped for want of an herb; longest first.

        Returns:
            The open ones.
        """
        columns = d.dispensings.c
        query = select(Dispensing).where(columns.closed_at.is_(None)).order_by(columns.id)
        return [each for each in self._many(query) if each.ready_at is not None or each.lacking]


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
