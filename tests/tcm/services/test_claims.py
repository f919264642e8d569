"""One claim a lot, of the drawer prescribed from; what is lost stays lost, what is unwanted is free."""

from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from tcm.records.clinical import Preparation, Prescription
from tcm.records.errors import Invalid
from tcm.records.lifecycle import State
from tcm.records.stock import Keeping, Lot
from tcm.services import flooring, prescribing, proving, stock_settings, stock_views, stocking, weighing
from tcm.services.prescribing import ItemDraft
from tcm.services.pricing import dispensed_as, quote
from tcm.services.reserving import Lacking
from tcm.services.stocking import Goods
from tcm.store.stock_tables import reservations
from tests.tcm.county import KNOWLEDGE, County, Watch, draft
from tests.tcm.stocked import keep_stock, price, shelve

ONE_HERB = draft([ItemDraft("党参", 12.0)])
CHARRED = draft([ItemDraft("栀子炭", 6.0)])


def test_a_processed_herb_is_set_aside_from_its_own_lots_and_never_from_the_raw(county: County) -> None:
    keep_stock(county)
    raw, charred = shelve(county, "栀子", 500), shelve(county, "栀子炭", 100)
    prescription = county.approved(CHARRED)
    assert [_grams(county, lot) for lot in (raw, charred)] == [(500, 0), (100, 42)]
    dispensed = _dispense(county, prescription)
    assert county.events(dispensed)[-1].payload == {"lots_mg": {str(charred): 42_000}}


def test_a_processed_herb_that_is_not_there_is_lacking_by_its_own_name(county: County) -> None:
    keep_stock(county)
    shelve(county, "栀子", 500)
    with pytest.raises(Lacking) as refusal:
        county.approved(CHARRED)
    assert refusal.value.missing_mg == {"栀子炭": 42_000}


def test_what_was_set_aside_from_another_drawer_before_is_let_go_at_dispensing(county: County) -> None:
    keep_stock(county)
    raw, charred = shelve(county, "栀子", 500), shelve(county, "栀子炭", 100)
    prescription = county.approved(CHARRED)
    with county.work() as work:
        lots = work.lots.by_ids([raw, charred])
        [claim] = work.reservations.of_prescription(prescription.key())
        claim.lot_id, claim.herb = raw, "栀子"
        lots[raw].reserved_mg, lots[charred].reserved_mg = 42_000, 0
        work.commit()
    _dispense(county, prescription)
    assert [_grams(county, lot) for lot in (raw, charred)] == [(500, 0), (58, 0)]


def test_goods_drawers_and_prices_of_a_processed_herb_are_its_own(county: County) -> None:
    shelve(county, "茯苓", 10)
    county.do(stock_settings.add_bins, county.manager, KNOWLEDGE, [("Z1", "栀子"), ("Z2", "栀子炭")])
    [lot] = _received(county, [_goods("栀子炭", "Z2")])
    assert lot.herb == "栀子炭"
    with pytest.raises(Invalid) as refusal:
        _received(county, [_goods("栀子炭", "Z1")])
    assert str(refusal.value) == "货位Z1是栀子的药斗，不能放栀子炭。"
    price(county, "栀子", 5000)
    with county.work() as work:
        asked = quote(work, [(dispensed_as(KNOWLEDGE, name), 6.0) for name in ("栀子", "栀子炭")], 7)
    assert asked.unpriced == ("栀子炭",)


def test_what_comes_free_of_the_same_lot_is_added_to_the_claim_that_is_there(county: County) -> None:
    lot, waiting = _twice_on_one_lot(county)
    with county.work() as work:
        claims = work.reservations.of_prescription(waiting.key())
    assert [(claim.lot_id, claim.amount_mg) for claim in claims] == [(lot, 84_000)]
    dispensed = _dispense(county, waiting)
    assert county.events(dispensed)[-1].payload == {"lots_mg": {str(lot): 84_000}}
    assert _grams(county, lot) == (42, 0)


def test_the_proof_of_a_bag_names_all_grams_of_a_lot_that_was_claimed_in_two_parts(county: County) -> None:
    _, waiting = _twice_on_one_lot(county, preparation=Preparation.OWN_COOKING, usage="温服")
    packed = _step(county, _dispense(county, waiting), State.PACKED)
    with county.work() as work:
        [bag] = work.bags.of_prescription(packed.key())
        record = proving.record_of_bag(work, KNOWLEDGE, bag.code)
    assert [(herb.herb, herb.dose_g) for herb in record.herbs] == [("党参", 12.0)]


def test_a_claim_in_two_parts_that_a_count_has_cut_is_filled_from_another_lot(county: County) -> None:
    lot, waiting = _twice_on_one_lot(county)
    other = shelve(county, "党参", 500, expires_on=date(2029, 1, 1))
    county.do(stocking.count, county.manager, lot, counted_g=60, seen_g=126, reason="weighing")
    _dispense(county, waiting)
    assert [_grams(county, each) for each in (lot, other)] == [(0, 0), (476, 0)]


def test_the_database_refuses_a_second_claim_of_one_prescription_on_one_lot(county: County) -> None:
    keep_stock(county)
    lot = shelve(county, "党参", 200)
    prescription = county.approved(ONE_HERB)
    row = {"prescription_id": prescription.key(), "lot_id": lot, "herb": "党参", "amount_mg": 1}
    with county.work() as work, pytest.raises(IntegrityError):
        work.session.execute(insert(reservations), [row])


class _RunningWatch(Watch):
    """No two looks at it show the same moment."""

    def __call__(self) -> datetime:
        self.pass_(microseconds=1)
        return self.now


def test_a_batch_of_several_lots_is_put_back_whole_though_the_clock_runs(county: County) -> None:
    county.watch = _RunningWatch(county.watch.now)
    keep_stock(county)
    soon, late = shelve(county, "党参", 50, expires_on=date(2027, 1, 1)), shelve(county, "党参", 50)
    dispensed = _dispense(county, county.approved(ONE_HERB))
    _scrap(county, dispensed, put_back=True)
    assert [_grams(county, lot) for lot in (soon, late)] == [(50, 50), (50, 34)]


def test_a_batch_that_was_lost_is_not_put_back_by_a_later_one_that_was_on_no_record(county: County) -> None:
    keep_stock(county, Keeping.BACK_ORDER)
    lot = shelve(county, "党参", 84)
    lost = _scrap(county, _dispense(county, county.approved(ONE_HERB)))
    keep_stock(county, Keeping.OFF)
    county.watch.pass_(minutes=5)
    _scrap(county, _dispense(county, lost), put_back=True)
    assert _grams(county, lot) == (0, 0)


@pytest.mark.parametrize("who", ["doctor", "pharmacist"])
def test_what_is_scrapped_and_not_wanted_any_more_is_cancelled_and_its_herbs_are_free(
    county: County, who: str
) -> None:
    keep_stock(county)
    lot = shelve(county, "党参", 200)
    scrapped = _scrap(county, _dispense(county, county.approved(ONE_HERB)))
    assert _grams(county, lot) == (116, 84)
    actor = getattr(county, who)
    with pytest.raises(Invalid):
        county.do(prescribing.cancel, actor, scrapped.key(), scrapped.version, "")
    county.do(prescribing.cancel, actor, scrapped.key(), scrapped.version, "patient_declined")
    assert _grams(county, lot) == (116, 0)
    with county.work() as work:
        assert flooring.board(work, county.floor) == []
        assert stock_views.open_shelf(work, county.floor).owed == []


def test_another_delivery_note_under_the_key_of_an_earlier_one_is_refused(county: County) -> None:
    shelve(county, "茯苓", 10)
    first = _received(county, [_goods("党参"), _goods("白术")], "one-form")
    again = _received(county, [_goods("党参"), _goods("白术")], "one-form")
    assert [lot.id for lot in again] == [lot.id for lot in first]
    for other in (
        [_goods("茯苓"), _goods("白术")],
        [_goods("党参")],
        [*map(_goods, ("党参", "白术", "茯苓"))],
    ):
        with pytest.raises(Invalid) as refusal:
            _received(county, other, "one-form")
        assert str(refusal.value) == "这张表单已经用在别处，请刷新页面后再填。"
    with county.work() as work:
        assert len(work.lots.of_number("260901")) == 3


def test_the_floor_is_led_to_the_drawer_of_the_processed_herb(county: County) -> None:
    keep_stock(county)
    shelve(county, "栀子", 500)
    shelve(county, "栀子炭", 100, lot_number="260902")
    prescription = county.approved(CHARRED)
    with county.work() as work:
        sheet = weighing.open_sheet(work, county.floor, KNOWLEDGE, prescription.key())
    assert [(line.herb, line.lot_number, line.target_mg) for line in sheet.lines] == [
        ("栀子炭", "260902", 42_000)
    ]


def _twice_on_one_lot(county: County, **changes: Any) -> tuple[int, Prescription]:
    """A lot of which a prescription got 42 g at approval, and 42 g more when another was cancelled."""
    keep_stock(county, Keeping.BACK_ORDER)
    lot = shelve(county, "党参", 126)
    form = draft([ItemDraft("党参", 12.0)], **changes)
    first, waiting = county.approved(form), county.approved(form)
    county.do(prescribing.cancel, county.doctor, first.key(), first.version, "patient_declined")
    return lot, county.now(waiting)


def _goods(herb: str, bin_code: str = "A01") -> Goods:
    return Goods(herb, "260901", "江西", date(2028, 6, 30), 500.0, 1000, bin_code)


def _received(county: County, goods: list[Goods], key: str = "") -> list[Lot]:
    with county.work() as work:
        supplier = work.suppliers.all()[0].id or 0
    return county.do(stocking.receive, county.floor, KNOWLEDGE, supplier, goods, key or county.new_key())


def _step(county: County, prescription: Prescription, target: State) -> Prescription:
    return county.do(
        flooring.advance, county.floor, KNOWLEDGE, prescription.key(), prescription.version, target
    )


def _dispense(county: County, prescription: Prescription) -> Prescription:
    return _step(county, prescription, State.DISPENSED)


def _scrap(county: County, prescription: Prescription, *, put_back: bool = False) -> Prescription:
    return county.do(
        flooring.scrap, county.floor, prescription.key(), prescription.version, "spilled", put_back=put_back
    )


def _grams(county: County, lot_id: int) -> tuple[float, float]:
    with county.work() as work:
        lot = work.lots.get(lot_id)
    return lot.on_hand_mg / 1000, lot.reserved_mg / 1000
