"""What couriers bring back: proofs, tries in vain, temperatures, cash, bags, and what phones sent."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from tcm.records.errors import N_
from tcm.records.road import (
    BagReturn,
    BoxReading,
    CashDue,
    CashHandIn,
    CashReceipt,
    CourierAct,
    CourierSettings,
    DeliveryAttempt,
    Handover,
    PickupCode,
)
from tcm.store import road_tables as r
from tcm.store.repositories.base import Record, Repository


class _OnePerPrescription(Repository[Record]):
    """Records of which a prescription has one at most."""

    def of_prescription(self, prescription_id: int) -> Record | None:
        """The one of a prescription.

        Args:
            prescription_id: Which.

        Returns:
            The record, or None.
        """
        return self.of_prescriptions([prescription_id]).get(prescription_id)

    def of_prescriptions(self, prescription_ids: Collection[int]) -> dict[int, Record]:
        """Those of several prescriptions.

        Args:
            prescription_ids: Which.

        Returns:
            By prescription; those that have none are left out.
        """
        wanted = self._column("prescription_id").in_(set(prescription_ids))
        found = self._many(select(self._kind).where(wanted))
        return {each.prescription_id: each for each in found}  # type: ignore[attr-defined]


class HandoverRepository(_OnePerPrescription[Handover]):
    """Proofs of hand-over."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, Handover, N_("没有这条签收记录。"))

    def since(self, since: datetime) -> list[Handover]:
        """What was handed over lately.

        Args:
            since: Aware UTC.

        Returns:
            Newest first.
        """
        columns = r.handovers.c
        query = select(Handover).where(columns.received_at >= since)
        return self._many(query.order_by(columns.received_at.desc(), columns.id.desc()))


class PickupCodeRepository(_OnePerPrescription[PickupCode]):
    """Pick-up codes, and how often they were tried in vain."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, PickupCode, N_("没有这个取药码。"))

    def add_failed(self, prescription_id: int, at: datetime) -> None:
        """Count a wrong code.

        Args:
            prescription_id: Whose.
            at: Aware UTC.
        """
        self._session.execute(insert(r.failed_pickups).values(prescription_id=prescription_id, at=at))

    def failed_since(self, prescription_id: int, since: datetime) -> int:
        """How often a wrong code was said.

        Args:
            prescription_id: Whose.
            since: Aware UTC.

        Returns:
            Tries.
        """
        columns = r.failed_pickups.c
        query = select(func.count()).where(columns.prescription_id == prescription_id, columns.at >= since)
        return self._session.scalar(query) or 0

    def forget_failed(self, prescription_id: int) -> None:
        """The right one was said.

        Args:
            prescription_id: Whose.
        """
        columns = r.failed_pickups.c
        self._session.execute(delete(r.failed_pickups).where(columns.prescription_id == prescription_id))


class DeliveryAttemptRepository(Repository[DeliveryAttempt]):
    """Tries in vain."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, DeliveryAttempt, N_("没有这次未送达的记录。"))

    def of_prescriptions(self, prescription_ids: Collection[int]) -> dict[int, list[DeliveryAttempt]]:
        """The tries of several prescriptions.

        Args:
            prescription_ids: Which.

        Returns:
            Oldest first, by prescription; those without any are left out.
        """
        columns = r.delivery_attempts.c
        query = select(DeliveryAttempt).where(columns.prescription_id.in_(set(prescription_ids)))
        found: dict[int, list[DeliveryAttempt]] = {}
        for each in self._many(query.order_by(columns.id)):
            found.setdefault(each.prescription_id, []).append(each)
        return found


class BagReturnRepository(Repository[BagReturn]):
    """Bags signed in at the centre."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, BagReturn, N_("没有这次退回的记录。"))

    def of_attempts(self, attempt_ids: Collection[int]) -> dict[int, BagReturn]:
        """What came back after some tries.

        Args:
            attempt_ids: Their rows.

        Returns:
            By try.
        """
        wanted = r.bag_returns.c.attempt_id.in_(set(attempt_ids))
        return {each.attempt_id: each for each in self._many(select(BagReturn).where(wanted))}

    def differing_since(self, since: datetime) -> list[BagReturn]:
        """Returns of which the count did not agree.

        Args:
            since: Aware UTC.

        Returns:
            Newest first.
        """
        columns = r.bag_returns.c
        query = select(BagReturn).where(
            columns.received_at >= since, columns.counted_bags != columns.expected_bags
        )
        # Not in the database's order: for that SQLite would read all there ever were.
        return sorted(self._many(query), key=lambda each: each.id or 0, reverse=True)


class BoxReadingRepository(Repository[BoxReading]):
    """Temperatures of boxes."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, BoxReading, N_("没有这条箱温记录。"))

    def of_routes(self, route_ids: Collection[int]) -> list[BoxReading]:
        """The readings of some routes.

        Args:
            route_ids: Which.

        Returns:
            In the order in which they came.
        """
        columns = r.box_readings.c
        query = select(BoxReading).where(columns.route_id.in_(set(route_ids)))
        return self._many(query.order_by(columns.id))

    def outside_unseen(self) -> list[BoxReading]:
        """Readings outside their limits that no manager has seen.

        Returns:
            Oldest first.
        """
        columns = r.box_readings.c
        # Not in the database's order: for that SQLite would read all there ever were.
        found = self._many(select(BoxReading).where(columns.is_outside, columns.seen_at.is_(None)))
        return sorted(found, key=lambda each: each.id or 0)


class CashDueRepository(_OnePerPrescription[CashDue]):
    """What is to be collected."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, CashDue, N_("没有这笔代收。"))

    def unpaid(self) -> list[CashDue]:
        """What has not been collected yet.

        Returns:
            Newest first.
        """
        # Not in the database's order: for that SQLite would read all that were ever settled.
        found = self._many(select(CashDue).where(r.cash_dues.c.settled_at.is_(None)))
        return sorted(found, key=lambda each: each.id or 0, reverse=True)


class CashReceiptRepository(_OnePerPrescription[CashReceipt]):
    """What was collected."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, CashReceipt, N_("没有这张收据。"))

    def with_couriers(self, courier_id: int | None = None) -> list[CashReceipt]:
        """Receipts whose cash has not come to the centre, held for this work.

        Args:
            courier_id: Of one courier alone.

        Returns:
            In order of row.
        """
        columns = r.cash_receipts.c
        query = select(CashReceipt).where(columns.hand_in_id.is_(None))
        if courier_id is not None:
            query = query.where(columns.courier_id == courier_id).with_for_update()
        return self._many(query.order_by(columns.id).execution_options(populate_existing=True))


class CashHandInRepository(Repository[CashHandIn]):
    """Cash that came to the centre."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, CashHandIn, N_("没有这次交款。"))

    def since(self, since: datetime) -> list[CashHandIn]:
        """Hand-ins of late.

        Args:
            since: Aware UTC.

        Returns:
            Newest first.
        """
        columns = r.cash_hand_ins.c
        query = select(CashHandIn).where(columns.received_at >= since)
        return self._many(query.order_by(columns.id.desc()))


class CourierActRepository(Repository[CourierAct]):
    """What phones sent."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, CourierAct, N_("没有这条手机记录。"))

    def refused_unseen(self) -> list[CourierAct]:
        """Refusals that no manager has seen.

        Returns:
            Oldest first.
        """
        columns = r.courier_acts.c
        query = select(CourierAct).where(columns.refusal != "", columns.seen_at.is_(None))
        return self._many(query.order_by(columns.id))


class CourierSettingsRepository(Repository[CourierSettings]):
    """How the centre delivers, decision by decision."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, CourierSettings, N_("没有这条配送设置。"))

    def current(self) -> CourierSettings | None:
        """The decision that holds.

        Returns:
            The newest row, or None before the first.
        """
        return self._one(select(CourierSettings).order_by(r.courier_settings.c.id.desc()).limit(1))
