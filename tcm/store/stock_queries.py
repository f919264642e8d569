"""What the shelf holds and what it costs: read-side, one statement for any number of herbs."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CompoundSelect, Integer, Select, case, cast, func, null, select, union_all
from sqlalchemy.orm import Session

from tcm.records.locked_book import LockedKind
from tcm.records.stock import LotState
from tcm.store import stock_tables as t
from tcm.store.tables import prescriptions


@dataclass(frozen=True)
class ShelfRow:
    """What is known of one herb at the centre.

    Args:
        herb: Standard name.
        fen_per_kg: Its price, None where the list has none.
        low_mg: Below this it is to be bought again.
        free_mg: What may be dispensed and nobody has a claim on.
        reserved_mg: What is set aside for approved prescriptions.
        expires_on: When the next of what may be dispensed expires, None where there is nothing.
    """

    herb: str
    fen_per_kg: int | None
    low_mg: int
    free_mg: int
    reserved_mg: int
    expires_on: date | None

    @property
    def is_low(self) -> bool:
        """Whether it is to be bought again."""
        return self.free_mg < self.low_mg


def shelf(session: Session, day: date, herbs: Collection[str] | None = None) -> dict[str, ShelfRow]:
    """Prices and grams by herb, in one statement.

    Args:
        session: Of the unit of work.
        day: County date; a lot that expired before it counts for nothing.
        herbs: Standard names; every herb that is listed or lies there where None.

    Returns:
        Row by herb, in the order of names; herbs of which nothing is known are left out.
    """
    found: dict[str, ShelfRow] = {}
    both: CompoundSelect[Any] = union_all(_listings(herbs), _lots(day, herbs))
    for herb, fen_per_kg, low_mg, free_mg, reserved_mg, expires_on in session.execute(both):
        before = found.get(herb, ShelfRow(herb, None, 0, 0, 0, None))
        found[herb] = ShelfRow(
            herb,
            before.fen_per_kg if fen_per_kg is None else fen_per_kg,
            before.low_mg + low_mg,
            before.free_mg + free_mg,
            before.reserved_mg + reserved_mg,
            before.expires_on or expires_on,
        )
    return dict(sorted(found.items()))


def _listings(herbs: Collection[str] | None) -> Select[tuple[str, int | None, int, int, int, date | None]]:
    listed = t.herb_listings.c
    newest = select(func.max(listed.id)).group_by(listed.herb)
    if herbs is not None:
        newest = newest.where(listed.herb.in_(set(herbs)))
    nothing = cast(0, BigInteger)
    return select(
        listed.herb,
        listed.fen_per_kg,
        listed.low_mg,
        nothing,
        nothing,
        cast(null(), t.lots.c.expires_on.type),
    ).where(listed.id.in_(newest))


def _lots(
    day: date, herbs: Collection[str] | None
) -> Select[tuple[str, int | None, int, int, int, date | None]]:
    lot = t.lots.c
    usable = (lot.state == LotState.PASSED) & (lot.expires_on >= day) & (lot.on_hand_mg > 0)
    free_mg = case((usable & (lot.on_hand_mg > lot.reserved_mg), lot.on_hand_mg - lot.reserved_mg), else_=0)
    query = select(
        lot.herb,
        cast(null(), Integer),
        cast(0, BigInteger),
        cast(func.sum(free_mg), BigInteger),
        cast(func.sum(lot.reserved_mg), BigInteger),
        func.min(case((usable, lot.expires_on))),
    ).where(lot.on_hand_mg > 0)
    query = query.group_by(lot.herb)
    return query if herbs is None else query.where(lot.herb.in_(set(herbs)))


@dataclass(frozen=True)
class Claim:
    """A prescription that a lot went to, or is set aside for.

    Args:
        prescription_id: Its row.
        number: What people call it by.
        amount_mg: Of this lot.
        used_at: When it was dispensed, None while it is set aside.
    """

    prescription_id: int
    number: str
    amount_mg: int
    used_at: datetime | None


@dataclass(frozen=True)
class OwedRow:
    """What an approved prescription waits for.

    Args:
        prescription_id: Its row.
        number: What people call it by.
        herb: Standard name.
        missing_mg: For all its doses.
        since: Aware UTC.
    """

    prescription_id: int
    number: str
    herb: str
    missing_mg: int
    since: datetime


@dataclass(frozen=True)
class Pick:
    """Where the floor finds a herb of a prescription.

    Args:
        herb: Standard name.
        bin_code: Painted on the bin.
        lot_number: 批号.
        amount_mg: For all doses.
        used_at: When it was taken, None while it is set aside.
        locked_as: Why it is on the locked book, None where it is not.
    """

    herb: str
    bin_code: str
    lot_number: str
    amount_mg: int
    used_at: datetime | None
    locked_as: LockedKind | None


def picks_of(session: Session, prescription_id: int) -> list[Pick]:
    """What is set aside for a prescription, or was taken for it, in the order of the bins.

    Args:
        session: Of the unit of work.
        prescription_id: Which.

    Returns:
        A row for each lot; those of scrapped batches too.
    """
    claim, lot = t.reservations.c, t.lots.c
    query = (
        select(claim.herb, t.bins.c.code, lot.lot_number, claim.amount_mg, claim.used_at, lot.locked_as)
        .join(t.lots, lot.id == claim.lot_id)
        .join(t.bins, t.bins.c.id == lot.bin_id)
        .where(claim.prescription_id == prescription_id)
        .order_by(t.bins.c.code, claim.id)
    )
    return [Pick(*row) for row in session.execute(query)]


def claims_on_lot(session: Session, lot_id: int) -> list[Claim]:
    """From a lot to every prescription that has or had a part of it, newest first.

    Args:
        session: Of the unit of work.
        lot_id: Which lot.

    Returns:
        The claims, of scrapped batches too.
    """
    claim = t.reservations.c
    query = (
        select(claim.prescription_id, prescriptions.c.number, claim.amount_mg, claim.used_at)
        .join(prescriptions, prescriptions.c.id == claim.prescription_id)
        .where(claim.lot_id == lot_id)
        .order_by(claim.id.desc())
    )
    return [Claim(*row) for row in session.execute(query)]


def owed(session: Session) -> list[OwedRow]:
    """What approved prescriptions wait for, longest first.

    Args:
        session: Of the unit of work.

    Returns:
        A row for each herb of each prescription.
    """
    lack = t.shortages.c
    query = (
        select(lack.prescription_id, prescriptions.c.number, lack.herb, lack.missing_mg, lack.since)
        .join(prescriptions, prescriptions.c.id == lack.prescription_id)
        .order_by(lack.id)
    )
    return [OwedRow(*row) for row in session.execute(query)]
