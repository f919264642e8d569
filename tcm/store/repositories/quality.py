"""Looks at packed batches, retained samples, and what the centre asks of itself."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from tcm.records.errors import N_
from tcm.records.quality import QualityCheck, QualitySettings, RetainedSample
from tcm.store import quality_tables as q
from tcm.store.repositories.base import Repository


class QualityCheckRepository(Repository[QualityCheck]):
    """Looks at packed batches."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, QualityCheck, N_("没有这条质检记录。"))

    def open_of(self, prescription_id: int) -> QualityCheck | None:
        """The look that a prescription's batch waits for.

        Args:
            prescription_id: Which.

        Returns:
            The open one as it is now, or None.
        """
        columns = q.quality_checks.c
        query = select(QualityCheck).where(
            columns.prescription_id == prescription_id, columns.closed_at.is_(None)
        )
        return self._one(query.execution_options(populate_existing=True))

    def all_open(self) -> list[QualityCheck]:
        """Every batch that waits, the longest first.

        Returns:
            The open ones.
        """
        # Not in the database's order: for that SQLite would read all that were ever closed.
        opened = self._many(select(QualityCheck).where(q.quality_checks.c.closed_at.is_(None)))
        return sorted(opened, key=lambda each: each.id or 0)

    def held_back(self, prescription_ids: Collection[int]) -> set[int]:
        """Those of some prescriptions whose batch waits for a look.

        Args:
            prescription_ids: Which.

        Returns:
            Rows of prescriptions.
        """
        columns = q.quality_checks.c
        query = select(columns.prescription_id).where(
            columns.prescription_id.in_(set(prescription_ids)), columns.closed_at.is_(None)
        )
        return set(self._session.scalars(query))

    def of_prescriptions(self, prescription_ids: Collection[int]) -> dict[int, list[QualityCheck]]:
        """Every look at the batches of some prescriptions, oldest first.

        Args:
            prescription_ids: Which.

        Returns:
            Looks by prescription; one without any is left out.
        """
        columns = q.quality_checks.c
        query = select(QualityCheck).where(columns.prescription_id.in_(set(prescription_ids)))
        grouped: dict[int, list[QualityCheck]] = {}
        for each in self._many(query.order_by(columns.id)):
            grouped.setdefault(each.prescription_id, []).append(each)
        return grouped

    def last_drawn_bag(self) -> int:
        """First bag of the batch that was drawn last.

        Returns:
            Its row, 0 before the first.
        """
        query = select(q.quality_checks.c.bag_id).order_by(q.quality_checks.c.id.desc()).limit(1)
        return self._session.scalar(query) or 0


class RetainedSampleRepository(Repository[RetainedSample]):
    """Retained samples."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, RetainedSample, N_("没有这份留样。"))

    def of_bag(self, bag_id: int) -> RetainedSample | None:
        """The sample of a packing.

        Args:
            bag_id: Its first bag.

        Returns:
            The sample, or None.
        """
        return self._one(select(RetainedSample).where(q.retained_samples.c.bag_id == bag_id))

    def of_bags(self, bag_ids: Collection[int]) -> dict[int, RetainedSample]:
        """The samples of several packings.

        Args:
            bag_ids: Their first bags.

        Returns:
            Sample by bag; a packing without one is left out.
        """
        found = self._many(select(RetainedSample).where(q.retained_samples.c.bag_id.in_(set(bag_ids))))
        return {each.bag_id: each for each in found}

    def standing(self) -> list[RetainedSample]:
        """What stands on the shelf, what is due first.

        Returns:
            The samples that were not poured out.
        """
        columns = q.retained_samples.c
        query = select(RetainedSample).where(columns.disposed_at.is_(None))
        return self._many(query.order_by(columns.dispose_on, columns.id))

    def poured_out(self, most: int) -> list[RetainedSample]:
        """The last that were poured out, newest first.

        Args:
            most: At most so many.

        Returns:
            The samples.
        """
        columns = q.retained_samples.c
        query = select(RetainedSample).where(columns.disposed_at.is_not(None))
        return self._many(query.order_by(columns.disposed_at.desc()).limit(most))

    def last_place(self, since: date) -> str:
        """Where the newest sample stands, which is where the next one will.

        Args:
            since: Only what is poured out from that day on.

        Returns:
            The place, empty before the first.
        """
        columns = q.retained_samples.c
        query = select(columns.place).where(columns.dispose_on >= since).order_by(columns.id.desc()).limit(1)
        return self._session.scalar(query) or ""


class QualitySettingsRepository(Repository[QualitySettings]):
    """What the centre asks of itself, decision by decision."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, QualitySettings, N_("没有这条质量设置。"))

    def current(self) -> QualitySettings | None:
        """The decision that holds.

        Returns:
            The newest row, or None before the first.
        """
        return self._one(select(QualitySettings).order_by(self._column("id").desc()).limit(1))
