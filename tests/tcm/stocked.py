"""Herbs on the county's shelf: a supplier, a bin, lots that passed, and their prices."""

from datetime import date
from typing import Any

from tcm.records.stock import (
    Bin,
    HerbListing,
    Keeping,
    Lot,
    LotState,
    Scheme,
    StockKind,
    StockMove,
    StockSettings,
    Supplier,
)
from tests.tcm.county import County

LATER = date(2028, 6, 30)


def keep_stock(county: County, keeping: Keeping = Keeping.REFUSE) -> None:
    """Keep the stock on record from now on.

    Args:
        county: Whose.
        keeping: What a shortage means.
    """
    with county.work() as work:
        work.stock_settings.add(
            StockSettings(keeping=keeping, set_by_id=county.manager.staff_id, set_at=work.now)
        )
        work.commit()


def shelve(county: County, herb: str, grams: float, **fields: Any) -> int:
    """Put a lot that has passed on the shelf.

    Args:
        county: Where.
        herb: Standard name.
        grams: How much.
        fields: Of the lot, where they differ.

    Returns:
        Its row.
    """
    with county.work() as work:
        supplier = work.suppliers.by_name("岳阳县药材公司") or work.suppliers.add(
            Supplier(name="岳阳县药材公司", licence="湘AA7300001")
        )
        place = work.bins.by_code("A01") or work.bins.add(Bin(code="A01"))
        given: dict[str, Any] = {
            "lot_number": "260901",
            "origin": "甘肃",
            "expires_on": LATER,
            "fen_per_kg": 6000,
            "state": LotState.PASSED,
            "bin_id": place.id or 0,
            "request_key": county.new_key(),
            **fields,
        }
        lot = work.lots.add(
            Lot(
                herb=herb,
                supplier_id=supplier.id or 0,
                received_mg=round(grams * 1000),
                on_hand_mg=round(grams * 1000),
                received_by_id=county.floor.staff_id,
                received_at=work.now,
                **given,
            )
        )
        work.stock_moves.add(
            StockMove(
                lot_id=lot.id or 0,
                kind=StockKind.RECEIVED,
                delta_mg=lot.received_mg,
                at=work.now,
                actor_id=county.floor.staff_id,
            )
        )
        work.commit()
    return lot.id or 0


def price(county: County, herb: str, fen_per_kg: int | None, low_g: float = 0) -> None:
    """Write a price into the list.

    Args:
        county: Whose list.
        herb: Standard name.
        fen_per_kg: The price.
        low_g: Below this it is to be bought again.
    """
    with county.work() as work:
        work.herb_listings.add(
            HerbListing(
                herb=herb,
                fen_per_kg=fen_per_kg,
                low_mg=round(low_g * 1000),
                set_by_id=county.manager.staff_id,
                set_at=work.now,
            )
        )
        work.commit()


def insure(county: County, code: str, patient_percent: int) -> None:
    """Make a scheme of insurance.

    Args:
        county: Where.
        code: Of the scheme.
        patient_percent: The patient's share.
    """
    with county.work() as work:
        work.schemes.add(
            Scheme(
                code=code,
                name="居民医保",
                patient_percent=patient_percent,
                source="测试",
                set_by_id=county.manager.staff_id,
                set_at=work.now,
            )
        )
        work.commit()
