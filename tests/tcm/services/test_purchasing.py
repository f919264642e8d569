"""Orders to suppliers: the manager alone binds the centre, and what came is held against what was ordered."""

from datetime import date

import pytest

from tcm.records.errors import Forbidden, IllegalMove, Invalid
from tcm.records.orders import Purchase, PurchaseState
from tcm.services import purchasing, stocking
from tcm.services.purchasing import PurchaseView, Wanted
from tcm.services.stocking import Goods
from tcm.store.order_queries import on_order_mg
from tests.tcm.county import County
from tests.tcm.stocked import shelve

WANTED = (Wanted("潞党参", 5000.0, 6850), Wanted("茯苓", 3000.0, 3200))


def _drafted(county: County, wanted: tuple[Wanted, ...] = WANTED, key: str = "") -> Purchase:
    shelve(county, "甘草", 10)
    with county.work() as work:
        supplier = work.suppliers.all()[0].id or 0
    return county.do(
        purchasing.draft, county.floor, county.knowledge, supplier, wanted, key or county.new_key()
    )


def _ordered(county: County) -> int:
    purchase = _drafted(county)
    county.do(purchasing.approve, county.manager, purchase.id or 0)
    return purchase.id or 0


def _came(
    county: County, purchase_id: int, herb: str, grams: float, fen_per_kg: int = 3200, key: str = ""
) -> int:
    goods = Goods(herb, "2611001", "安徽", date(2028, 6, 30), grams, fen_per_kg, "A01")
    page = (county.knowledge, purchase_id, [goods], key or county.new_key())
    [lot] = county.do(purchasing.receive_against, county.floor, *page)
    return lot.id or 0


def _view(county: County, purchase_id: int) -> PurchaseView:
    with county.work() as work:
        return purchasing.open_purchase(work, county.pharmacist, purchase_id)


def _on_order(county: County) -> dict[str, int]:
    with county.work() as work:
        return on_order_mg(work.session)


def test_an_order_keeps_standard_names_and_is_made_once_by_one_form(county: County) -> None:
    first, again = (_drafted(county, key="one-order") for _ in range(2))
    assert again.id == first.id
    lines = _view(county, first.id or 0).lines
    assert [(each.line.herb, each.line.wanted_mg) for each in lines] == [
        ("党参", 5_000_000),
        ("茯苓", 3_000_000),
    ]


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        ((), "请至少填一行。"),
        ((Wanted("没有的药", 1, 1),), "没有叫“没有的药”的药。"),
        ((Wanted("党参", 1, 1), Wanted("潞党参", 1, 1)), "党参写了两行，请合成一行。"),
        ((Wanted("党参", 20_000_001, 1),), "党参的数量或价格填得不对。"),
    ],
)
def test_an_order_that_cannot_be_meant_is_refused(
    county: County, wanted: tuple[Wanted, ...], sentence: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        _drafted(county, wanted)
    assert str(refusal.value) == sentence


def test_who_takes_goods_in_cannot_approve_what_is_ordered(county: County) -> None:
    purchase = _drafted(county)
    with pytest.raises(Forbidden):
        county.do(purchasing.approve, county.floor, purchase.id or 0)
    with pytest.raises(Forbidden):
        county.do(purchasing.draft, county.doctor, county.knowledge, 1, WANTED, county.new_key())


def test_nothing_comes_against_a_draft_and_nothing_is_left_of_the_attempt(county: County) -> None:
    purchase = _drafted(county)
    with pytest.raises(IllegalMove):
        _came(county, purchase.id or 0, "党参", 5000)
    with county.work() as work:
        assert work.lots.of_herb("党参") == []


def test_what_was_not_ordered_is_taken_in_otherwise(county: County) -> None:
    purchase_id = _ordered(county)
    with pytest.raises(Invalid) as refusal:
        _came(county, purchase_id, "白术", 1000)
    assert str(refusal.value) == "采购单上没有白术，请另外入库。"


def test_one_form_of_goods_sent_twice_counts_once(county: County) -> None:
    purchase_id = _ordered(county)
    first, again = (_came(county, purchase_id, "茯苓", 1000, key="goods") for _ in range(2))
    assert again == first
    assert [each.good_mg for each in _view(county, purchase_id).lines] == [0, 1_000_000]


def test_what_is_short_refused_or_dearer_is_told_line_by_line(county: County) -> None:
    purchase_id = _ordered(county)
    assert _on_order(county) == {"党参": 5_000_000, "茯苓": 3_000_000}
    refused = _came(county, purchase_id, "党参", 5000, 6850)
    _came(county, purchase_id, "茯苓", 2000, 3300)
    assert _on_order(county) == {"茯苓": 1_000_000}
    county.do(stocking.inspect, county.pharmacist, [refused], passed=False, note="虫蛀")
    assert _on_order(county) == {"党参": 5_000_000, "茯苓": 1_000_000}
    told = [(each.missing_mg, each.refused_mg, each.is_dearer) for each in _view(county, purchase_id).lines]
    assert told == [(5_000_000, 5_000_000, False), (1_000_000, 0, True)]


def test_an_order_that_differs_is_closed_with_a_word_and_one_that_fits_without(county: County) -> None:
    purchase_id = _ordered(county)
    _came(county, purchase_id, "党参", 5000, 6850)
    with pytest.raises(Invalid) as refusal:
        county.do(purchasing.close, county.manager, purchase_id)
    assert str(refusal.value) == "到货和订的不一样，请写明怎样处理再结清。"
    _came(county, purchase_id, "茯苓", 3000)
    closed = county.do(purchasing.close, county.manager, purchase_id)
    assert (closed.state, closed.decided_by_id) == (PurchaseState.CLOSED, county.manager.staff_id)
    with pytest.raises(IllegalMove):
        _came(county, purchase_id, "茯苓", 10)


def test_an_order_is_decided_once(county: County) -> None:
    purchase = _drafted(county)
    with pytest.raises(Invalid):
        county.do(purchasing.cancel, county.manager, purchase.id or 0, " ")
    county.do(purchasing.cancel, county.manager, purchase.id or 0, "供应商缺货")
    with pytest.raises(IllegalMove):
        county.do(purchasing.approve, county.manager, purchase.id or 0)
