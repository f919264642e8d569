"""Goods in, inspections, counts, locks, bins; and whatever happens in whatever order, the books balance."""

import random
from datetime import date

import pytest
from sqlalchemy import func, select

from tcm.records.clinical import Prescription
from tcm.records.errors import Forbidden, Invalid, Refused, Stale
from tcm.records.lifecycle import State
from tcm.records.stock import Bin, Keeping, Lot, LotState
from tcm.services import flooring, insuring, prescribing, stock_settings, stock_views, stocking
from tcm.services.prescribing import ItemDraft
from tcm.services.stock_settings import Price
from tcm.services.stocking import Goods
from tcm.store.stock_tables import lots, reservations, stock_moves
from tests.tcm.county import County, draft
from tests.tcm.stocked import insure, keep_stock, shelve

GOODS = Goods("党参", "260901", "甘肃定西", date(2028, 6, 30), 2500.0, 6850, "A01")


def _received(county: County, goods: Goods = GOODS, key: str = "") -> list[Lot]:
    with county.work() as work:
        supplier = work.suppliers.all()[0].id or 0
    return county.do(
        stocking.receive, county.floor, county.knowledge, supplier, [goods], key or county.new_key()
    )


def test_goods_taken_in_twice_by_one_form_are_there_once_and_wait(county: County) -> None:
    shelve(county, "茯苓", 10)
    first, again = (_received(county, key="one-form") for _ in range(2))
    assert [lot.id for lot in again] == [lot.id for lot in first]
    with county.work() as work:
        view = stock_views.open_shelf(work, county.pharmacist)
        [move] = work.stock_moves.of_lot(first[0].id or 0)
    assert [(lot.herb, lot.state, lot.on_hand_mg) for lot in view.waiting] == [
        ("党参", LotState.WAITING, 2_500_000)
    ]
    assert (move.kind.value, move.delta_mg) == ("received", 2_500_000)


def test_goods_of_a_supplier_no_longer_used_are_refused(county: County) -> None:
    shelve(county, "茯苓", 10)
    with county.work() as work:
        supplier = work.suppliers.all()[0].id or 0
    county.do(stock_settings.set_supplier_active, county.manager, supplier, active=False)
    with pytest.raises(Invalid) as refusal:
        _received(county)
    assert str(refusal.value) == "这家供应商已停用。"


def test_a_lot_is_inspected_once_and_a_refusal_says_what_was_seen(county: County) -> None:
    lot = shelve(county, "党参", 10, state=LotState.WAITING)
    with pytest.raises(Invalid) as refusal:
        county.do(stocking.inspect, county.pharmacist, [lot], passed=False, note=" ")
    assert str(refusal.value) == "验收不合格要写明看到了什么。"
    county.do(stocking.inspect, county.pharmacist, [lot], passed=False, note="虫蛀")
    with pytest.raises(Invalid) as again:
        county.do(stocking.inspect, county.pharmacist, [lot], passed=True)
    assert str(again.value) == "这个批次已经验收过了。"
    with county.work() as work:
        kept = work.lots.get(lot)
    assert (kept.state, kept.note, kept.inspected_by_id) == (
        LotState.REFUSED,
        "虫蛀",
        county.pharmacist.staff_id,
    )


def test_who_took_goods_in_cannot_pass_them(county: County) -> None:
    lot = shelve(county, "党参", 10, state=LotState.WAITING)
    with pytest.raises(Forbidden):
        county.do(stocking.inspect, county.floor, [lot], passed=True)


def test_only_a_lot_that_has_passed_is_locked_and_only_a_locked_one_unlocked(county: County) -> None:
    lot = shelve(county, "党参", 10)
    with pytest.raises(Stale):
        county.do(stocking.set_blocked, county.pharmacist, lot, blocked=False, note="没有锁")
    waiting = shelve(county, "党参", 10, state=LotState.WAITING)
    with pytest.raises(Stale):
        county.do(stocking.set_blocked, county.pharmacist, waiting, blocked=True, note="召回")


def test_a_count_that_finds_what_the_books_say_changes_nothing(county: County) -> None:
    lot = shelve(county, "党参", 10)
    with pytest.raises(Invalid) as refusal:
        county.do(stocking.count, county.manager, lot, counted_g=10, seen_g=10, reason="found")
    assert str(refusal.value) == "盘点数与账面一样，不用改。"


def test_prices_and_schemes_out_of_reason_are_refused(county: County) -> None:
    with pytest.raises(Invalid):
        county.do(stock_settings.set_prices, county.manager, county.knowledge, [Price("党参", -1, 0)])
    for percent, source in ((101, "文件"), (40, " ")):
        with pytest.raises(Invalid):
            county.do(
                stock_settings.set_scheme,
                county.manager,
                "resident",
                name="居民医保",
                patient_percent=percent,
                source=source,
            )


def test_a_scheme_no_longer_in_use_stays_with_those_who_have_it(county: County) -> None:
    insure(county, "resident", 40)
    patient = county.registered(scheme="resident", id_number="")
    county.do(
        stock_settings.set_scheme,
        county.manager,
        "resident",
        name="居民医保",
        patient_percent=40,
        source="停办",
        active=False,
    )
    with county.work() as work:
        assert insuring.schemes_to_choose(work) == []
        assert insuring.schemes_to_choose(work, "resident") == [("resident", "居民医保")]
    county.do(insuring.change_scheme, county.doctor, patient.id or 0, "resident")
    with pytest.raises(Invalid):
        county.registered(scheme="resident", id_number="", name="何二")


def test_whatever_happens_in_whatever_order_the_books_balance(county: County) -> None:
    rng = random.Random(1)
    keep_stock(county, Keeping.BACK_ORDER)
    orders: list[Prescription] = []
    for number in range(6):
        patient = county.registered(name=f"何{number}", id_number="")
        form = draft([ItemDraft("党参", rng.randrange(9, 15)), ItemDraft("茯苓", rng.randrange(10, 15))])
        orders.append(county.signed(form, county.visited(patient)))
    done = 0
    for _ in range(36):
        try:
            _something(county, rng, orders)
            done += 1
        except Refused:
            # Not possible as things stand; nothing of it may remain.
            pass
        _demand_balance(county)
    assert done > 12


def _something(county: County, rng: random.Random, orders: list[Prescription]) -> None:
    order = county.now(rng.choice(orders))
    with county.work() as work:
        lot = rng.choice(work.lots.all() or [None])
    act = rng.choice(
        ("goods", "goods", "approve", "approve", "dispense", "dispense", "cancel", "scrap", "lot")
    )
    if act == "goods" or lot is None:
        new = shelve(county, rng.choice(("党参", "茯苓")), rng.randrange(20, 150), state=LotState.WAITING)
        county.do(stocking.inspect, county.pharmacist, [new], passed=rng.random() < 0.9, note="见检验报告")
    elif act == "approve":
        county.approve(order)
    elif act == "dispense":
        page = (county.knowledge, order.key(), order.version, State.DISPENSED)
        county.do(flooring.advance, county.floor, *page)
    elif act == "cancel":
        if rng.random() < 0.3:
            county.do(prescribing.cancel, county.doctor, order.key(), order.version, "other")
    elif act == "scrap":
        put_back = rng.random() < 0.5
        county.do(flooring.scrap, county.floor, order.key(), order.version, "other", put_back=put_back)
    elif rng.random() < 0.5:
        county.do(stocking.set_blocked, county.pharmacist, lot.id, blocked=rng.random() < 0.5, note="抽检")
    else:
        counted = {"counted_g": rng.randrange(0, 150), "seen_g": lot.on_hand_mg / 1000}
        county.do(stocking.count, county.manager, lot.id, **counted, reason="weighing")


def _demand_balance(county: County) -> None:
    """Each lot holds the sum of its changes and has promised the sum of the claims still held on it."""
    moved = select(stock_moves.c.lot_id, func.sum(stock_moves.c.delta_mg)).group_by(stock_moves.c.lot_id)
    held = (
        select(reservations.c.lot_id, func.sum(reservations.c.amount_mg))
        .where(reservations.c.used_at.is_(None))
        .group_by(reservations.c.lot_id)
    )
    with county.store.engine.connect() as connection:
        rows = connection.execute(select(lots.c.id, lots.c.on_hand_mg, lots.c.reserved_mg)).all()
        sums, claims = dict(connection.execute(moved).all()), dict(connection.execute(held).all())  # type: ignore[arg-type]
    assert {row.id: int(row.on_hand_mg) for row in rows} == {key: int(value) for key, value in sums.items()}
    assert {row.id: row.reserved_mg for row in rows if row.reserved_mg} == claims
    assert all(row.on_hand_mg >= 0 for row in rows)


def test_goods_without_a_bin_go_where_the_herb_lies_if_that_is_one_place(county: County) -> None:
    first = shelve(county, "党参", 10)
    with county.work() as work:
        supplier = work.suppliers.all()[0].id or 0
        for code in ("B01", "B02"):
            work.bins.add(Bin(code=code, herb="白术"))
        work.commit()

    def taken_in(herb: str) -> list[Lot]:
        goods = Goods(herb, "261101", "甘肃", date(2028, 6, 30), 500.0, 6000, "")
        return county.do(
            stocking.receive, county.floor, county.knowledge, supplier, [goods], county.new_key()
        )

    [lot] = taken_in("潞党参")
    with county.work() as work:
        assert (lot.herb, lot.bin_id) == ("党参", work.lots.get(first).bin_id)
    for herb, sentence in (
        ("白术", "白术有几个货位，请选一个：B01、B02。"),
        ("茯苓", "茯苓还没有货位，请填一个。"),
    ):
        with pytest.raises(Invalid) as refusal:
            taken_in(herb)
        assert str(refusal.value) == sentence
