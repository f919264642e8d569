"""Suppliers, bins, lots, what is set aside, the price list, schemes."""

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from tcm.records.errors import N_, NotFound
from tcm.records.lifecycle import State
from tcm.records.stock import (
    Bin,
    HerbListing,
    Lot,
    LotState,
    Reservation,
    Scheme,
    Shortage,
    StockMove,
    StockSettings,
    Supplier,
)
from tcm.store import stock_tables as t
from tcm.store.repositories.base import Repository
from tcm.store.tables import prescriptions


class SupplierRepository(Repository[Supplier]):
    """Who sells herbs to the centre."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, Supplier, N_("没有这家供应商。"))

    def by_name(self, name: str) -> Supplier | None:
        """The supplier of that name.

        Args:
            name: Full name.

        Returns:
            The supplier, or None.
        """
        return self._one(select(Supplier).filter_by(name=name))


class BinRepository(Repository[Bin]):
    """Where lots lie."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, Bin, N_("没有这个货位。"))

    def by_code(self, code: str) -> Bin | None:
        """The bin with that code.

        Args:
            code: As painted or scanned.

        Returns:
            The bin, or None.
        """
        return self._one(select(Bin).filter_by(code=code))

    def of_herbs(self, herbs: Collection[str]) -> list[Bin]:
        """The drawers that are for one of some herbs.

        Args:
            herbs: Names on the shelf.

        Returns:
            In the order of their codes.
        """
        return self._many(select(Bin).where(t.bins.c.herb.in_(set(herbs))).order_by(t.bins.c.code))


class LotRepository(Repository[Lot]):
    """Batches of herbs."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, Lot, N_("没有这个批次。"))

    def locked_of_herbs(self, herbs: Collection[str], also: Collection[int] = ()) -> list[Lot]:
        """Every lot of some herbs that has anything in it, as it is now, held until the work ends.

        Held in order of row by everybody, so that no two works wait for one another; on SQLite the whole
        file is held already.

        Args:
            herbs: Standard names.
            also: Rows of lots wanted though they are empty.

        Returns:
            Lots in the order in which they expire.
        """
        wanted = t.lots.c.herb.in_(set(herbs)) & (t.lots.c.on_hand_mg > 0)
        query = select(Lot).where(or_(wanted, t.lots.c.id.in_(set(also)))).order_by(t.lots.c.id)
        found = self._many(query.with_for_update().execution_options(populate_existing=True))
        return sorted(found, key=lambda lot: (lot.expires_on, lot.id or 0))

    def behind_locks(self, herbs: Collection[str] | None = None) -> list[Lot]:
        """Lots on the locked book, empty ones too, in the order in which they expire.

        Args:
            herbs: Names on the shelf; all of them where None.

        Returns:
            The lots.
        """
        query = select(Lot).where(t.lots.c.locked_as.is_not(None))
        if herbs is not None:
            query = query.where(t.lots.c.herb.in_(set(herbs)))
        return self._many(query.order_by(t.lots.c.herb, t.lots.c.expires_on, t.lots.c.id))

    def herbs(self) -> list[str]:
        """Every herb that ever had a lot.

        Returns:
            Names on the shelf.
        """
        return list(self._session.scalars(select(t.lots.c.herb).distinct().order_by(t.lots.c.herb)))

    def lying(self, herbs: Collection[str]) -> list[Lot]:
        """Lots of some herbs with anything in them.

        Args:
            herbs: Names on the shelf.

        Returns:
            By row.
        """
        query = select(Lot).where(t.lots.c.herb.in_(set(herbs)), t.lots.c.on_hand_mg > 0)
        return self._many(query.order_by(t.lots.c.id))

    def in_bins(self, bin_ids: Collection[int]) -> list[Lot]:
        """What lies in some bins.

        Args:
            bin_ids: Rows of the bins.

        Returns:
            Lots with anything in them, by row.
        """
        query = select(Lot).where(t.lots.c.bin_id.in_(set(bin_ids)), t.lots.c.on_hand_mg > 0)
        return self._many(query.order_by(t.lots.c.id))

    def in_state(self, state: LotState) -> list[Lot]:
        """What is left of lots that stand in a state, oldest first.

        Args:
            state: Which.

        Returns:
            The lots.
        """
        query = select(Lot).where(t.lots.c.state == state, t.lots.c.on_hand_mg > 0)
        return self._many(query.order_by(t.lots.c.id))

    def of_herb(self, herb: str) -> list[Lot]:
        """Every lot of a herb, empty ones too, in the order in which they expire.

        Args:
            herb: Standard name.

        Returns:
            The lots.
        """
        query = select(Lot).where(t.lots.c.herb == herb)
        return self._many(query.order_by(t.lots.c.expires_on, t.lots.c.id))

    def of_number(self, lot_number: str) -> list[Lot]:
        """The lots of a number; several suppliers may have used the same.

        Args:
            lot_number: 批号, as on the package.

        Returns:
            The lots, by row.
        """
        return self._many(select(Lot).filter_by(lot_number=lot_number).order_by(t.lots.c.id))

    def expiring(self, until: date) -> list[Lot]:
        """What is left of lots that expire by a day, soonest first.

        Args:
            until: County date.

        Returns:
            The lots, expired ones too.
        """
        query = select(Lot).where(t.lots.c.expires_on <= until, t.lots.c.on_hand_mg > 0)
        return self._many(query.order_by(t.lots.c.expires_on, t.lots.c.id))


class StockMoveRepository(Repository[StockMove]):
    """What came to lots and what went."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, StockMove, N_("没有这条出入库记录。"))

    def of_lot(self, lot_id: int) -> list[StockMove]:
        """A lot's changes, newest first.

        Args:
            lot_id: Which lot.

        Returns:
            The changes.
        """
        query = select(StockMove).where(t.stock_moves.c.lot_id == lot_id)
        return self._many(query.order_by(t.stock_moves.c.id.desc()))


class ReservationRepository(Repository[Reservation]):
    """What prescriptions have a claim on."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, Reservation, N_("没有这条预留记录。"))

    def of_prescription(self, prescription_id: int) -> list[Reservation]:
        """All of a prescription's, used ones too, by row.

        Args:
            prescription_id: Whose.

        Returns:
            The reservations.
        """
        query = select(Reservation).where(t.reservations.c.prescription_id == prescription_id)
        found = self._many(query.order_by(t.reservations.c.id).execution_options(populate_existing=True))
        return found

    def remove(self, reservation: Reservation) -> None:
        """Let go of a claim that was not used.

        Args:
            reservation: Which.
        """
        self._session.delete(reservation)


class ShortageRepository(Repository[Shortage]):
    """What is owed to approved prescriptions."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, Shortage, N_("没有这条欠药记录。"))

    def of_prescription(self, prescription_id: int) -> list[Shortage]:
        """What a prescription lacks.

        Args:
            prescription_id: Whose.

        Returns:
            By row.
        """
        query = select(Shortage).where(t.shortages.c.prescription_id == prescription_id)
        return self._many(query.order_by(t.shortages.c.id).execution_options(populate_existing=True))

    def to_fill(self, herbs: Collection[str], states: Collection[State]) -> list[Shortage]:
        """What prescriptions in some states lack of some herbs, longest owed first; their rows are held.

        Args:
            herbs: Standard names.
            states: Of the prescriptions.

        Returns:
            By row, without those of prescriptions that another work holds.
        """
        query = (
            select(Shortage)
            .join(prescriptions, t.shortages.c.prescription_id == prescriptions.c.id)
            .where(t.shortages.c.herb.in_(set(herbs)), prescriptions.c.state.in_(states))
            .order_by(t.shortages.c.id)
            .with_for_update(of=prescriptions, skip_locked=True)
        )
        return self._many(query.execution_options(populate_existing=True))

    def remove(self, shortage: Shortage) -> None:
        """It has come.

        Args:
            shortage: Which.
        """
        self._session.delete(shortage)

    def clear(self, prescription_id: int) -> None:
        """Nothing is owed to a prescription any more.

        Args:
            prescription_id: Whose.
        """
        self._session.execute(delete(t.shortages).where(t.shortages.c.prescription_id == prescription_id))


class HerbListingRepository(Repository[HerbListing]):
    """The price list, decision by decision."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, HerbListing, N_("价目表里没有这味药。"))

    def current(self, herbs: Collection[str] | None = None) -> list[HerbListing]:
        """What holds now, by herb.

        Args:
            herbs: Standard names; all of them where None.

        Returns:
            One row a herb.
        """
        newest = select(func.max(t.herb_listings.c.id)).group_by(t.herb_listings.c.herb)
        if herbs is not None:
            newest = newest.where(t.herb_listings.c.herb.in_(set(herbs)))
        query = select(HerbListing).where(t.herb_listings.c.id.in_(newest))
        return self._many(query.order_by(t.herb_listings.c.herb))


class SchemeRepository(Repository[Scheme]):
    """Schemes of insurance, decision by decision."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, Scheme, N_("没有这种参保类型。"))

    def current(self) -> Sequence[Scheme]:
        """What holds now, in the order the schemes were first made.

        Returns:
            One row a code, inactive ones too.
        """
        codes = t.schemes.c.code
        newest = select(func.max(t.schemes.c.id)).group_by(codes)
        first = select(codes, func.min(t.schemes.c.id).label("first")).group_by(codes).subquery()
        query = select(Scheme).join(first, first.c.code == codes).where(t.schemes.c.id.in_(newest))
        return self._many(query.order_by(first.c.first))

    def by_code(self, code: str) -> Scheme:
        """What holds of one scheme.

        Args:
            code: Which.

        Returns:
            Its newest row.

        Raises:
            NotFound: When there is no such scheme.
        """
        query = select(Scheme).where(t.schemes.c.code == code)
        scheme = self._one(query.order_by(t.schemes.c.id.desc()).limit(1))
        if scheme is None:
            raise NotFound(self._missing)
        return scheme


class StockSettingsRepository(Repository[StockSettings]):
    """How the stock is kept, decision by decision."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, StockSettings, N_("没有这条库存设置。"))

    def current(self) -> StockSettings | None:
        """The decision that holds.

        Returns:
            The newest row, or None before the first.
        """
        return self._one(select(StockSettings).order_by(self._column("id").desc()).limit(1))
