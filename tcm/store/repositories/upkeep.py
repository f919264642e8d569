"""Devices and their upkeep, reviews of the quarter, health checks, records put away."""

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tcm.records.errors import N_
from tcm.records.upkeep import Device, HealthCheck, QualityReview, RecordArchive, Upkeep, UpkeepRecord
from tcm.store import quality_tables as q
from tcm.store.repositories.base import Repository


class DeviceRepository(Repository[Device]):
    """Pots, scales, packing machines, rooms."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, Device, N_("没有这台设备。"))

    def by_code(self, code: str) -> Device | None:
        """The device with a code.

        Args:
            code: As painted or scanned.

        Returns:
            The device, or None.
        """
        return self._one(select(Device).filter_by(code=code))


class UpkeepRepository(Repository[UpkeepRecord]):
    """What was done to devices."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, UpkeepRecord, N_("没有这条设备记录。"))

    def newest(self) -> dict[tuple[int, Upkeep], UpkeepRecord]:
        """The last record of each kind of every device.

        Returns:
            Record by device and kind.
        """
        columns = q.upkeep_records.c
        last = select(func.max(columns.id)).group_by(columns.device_id, columns.kind)
        found = self._many(select(UpkeepRecord).where(columns.id.in_(last)))
        return {(each.device_id, each.kind): each for each in found}

    def of_device(self, device_id: int, most: int) -> list[UpkeepRecord]:
        """The last records of one device, newest first.

        Args:
            device_id: Which.
            most: At most so many.

        Returns:
            The records.
        """
        columns = q.upkeep_records.c
        query = select(UpkeepRecord).where(columns.device_id == device_id)
        return self._many(query.order_by(columns.id.desc()).limit(most))


class QualityReviewRepository(Repository[QualityReview]):
    """Reviews of the quarter."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, QualityReview, N_("没有这份质量评估。"))

    def newest(self, most: int) -> list[QualityReview]:
        """The last reviews, newest first.

        Args:
            most: At most so many.

        Returns:
            The reviews.
        """
        return self._many(select(QualityReview).order_by(self._column("id").desc()).limit(most))


class HealthCheckRepository(Repository[HealthCheck]):
    """Health checks of staff."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, HealthCheck, N_("没有这条健康检查。"))

    def newest_of(self, staff_id: int) -> HealthCheck | None:
        """The last check of one person.

        Args:
            staff_id: Whose.

        Returns:
            The check, or None.
        """
        columns = q.health_checks.c
        query = select(HealthCheck).where(columns.staff_id == staff_id)
        # By the day of the check: one that was entered late takes no newer one's place.
        return self._one(query.order_by(columns.examined_on.desc(), columns.id.desc()).limit(1))

    def newest(self) -> dict[int, HealthCheck]:
        """The last check of everybody who has one.

        Returns:
            Check by person.
        """
        columns = q.health_checks.c
        found = self._many(select(HealthCheck).order_by(columns.examined_on, columns.id))
        return {each.staff_id: each for each in found}


class RecordArchiveRepository(Repository[RecordArchive]):
    """Days' decoction records that were put away."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, RecordArchive, N_("没有这份存档。"))

    def of_day(self, day: date) -> list[RecordArchive]:
        """What was put away of a day, newest first.

        Args:
            day: County date.

        Returns:
            The archives.
        """
        columns = q.record_archives.c
        return self._many(select(RecordArchive).where(columns.day == day).order_by(columns.id.desc()))
