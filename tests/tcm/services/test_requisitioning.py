"""What townships ask for: sent from what is free, first expired first; what arrived otherwise is told."""

from datetime import date

import pytest

from tcm.records.errors import Forbidden, IllegalMove, Invalid
from tcm.records.orders import Requisition, RequisitionState
from tcm.records.stock import StockKind
from tcm.services import requisitioning
from tcm.services.prescribing import ItemDraft
from tcm.services.reserving import Lacking
from tests.tcm.county import County, draft
from tests.tcm.stocked import keep_stock, shelve


def _asked(county: County, key: str = "") -> Requisition:
    wanted = [("潞党参", 500.0), ("茯苓", 300.0)]
    return county.do(
        requisitioning.ask, county.doctor, county.knowledge, wanted, key or county.new_key(), note="自煎用"
    )


def _rows(requisition: Requisition) -> tuple[int, int]:
    first, second = (line.id or 0 for line in requisition.lines)
    return first, second


def test_a_requisition_is_made_once_by_one_form_and_nobody_elses_form_finds_it(county: County) -> None:
    first, again = (_asked(county, "one-form") for _ in range(2))
    assert again.id == first.id
    assert [(line.herb, line.asked_mg) for line in first.lines] == [("党参", 500_000), ("茯苓", 300_000)]
    with pytest.raises(Invalid):
        county.do(requisitioning.ask, county.foreign_doctor, county.knowledge, [("党参", 1.0)], "one-form")


def test_what_expires_first_is_sent_first_and_leaves_the_shelf(county: County) -> None:
    later = shelve(county, "党参", 400)
    sooner = shelve(county, "党参", 300, expires_on=date(2027, 1, 31))
    shelve(county, "茯苓", 300)
    requisition = _asked(county)
    first, second = _rows(requisition)
    county.do(requisitioning.send, county.floor, requisition.id or 0, {first: 500, second: 300})
    with county.work() as work:
        left = {lot.id: lot.on_hand_mg for lot in work.lots.of_herb("党参")}
        newest = work.stock_moves.of_lot(sooner)[0]
    assert left == {sooner: 0, later: 200_000}
    assert (newest.kind, newest.delta_mg, newest.actor_id) == (
        StockKind.SENT,
        -300_000,
        county.floor.staff_id,
    )


def test_what_is_promised_to_a_prescription_is_not_sent(county: County) -> None:
    keep_stock(county)
    shelve(county, "党参", 540)
    shelve(county, "茯苓", 300)
    county.approved(draft([ItemDraft("党参", 12.0)]))
    requisition = _asked(county)
    first, second = _rows(requisition)
    with pytest.raises(Lacking) as refusal:
        county.do(requisitioning.send, county.floor, requisition.id or 0, {first: 500, second: 300})
    assert refusal.value.missing_mg == {"党参": 44_000}
    with county.work() as work:
        assert [lot.on_hand_mg for lot in work.lots.all()] == [540_000, 300_000]


def test_less_than_was_asked_for_needs_a_word_and_more_is_refused(county: County) -> None:
    shelve(county, "党参", 900)
    requisition = _asked(county)
    first, second = _rows(requisition)
    key = requisition.id or 0
    for sent_g, sentence in (
        ({first: 501}, "发的不能比申领的多。"),
        ({first: 500}, "少发的要写明原因。"),
        ({first: 0, second: 0}, "一味也不发的话，请选“不予发货”并写明原因。"),
    ):
        with pytest.raises(Invalid) as refusal:
            county.do(requisitioning.send, county.floor, key, sent_g)
        assert str(refusal.value) == sentence
    sent = county.do(requisitioning.send, county.floor, key, {first: 400}, "茯苓在途")
    assert [line.sent_mg for line in sent.lines] == [400_000, 0]


def test_what_arrives_otherwise_than_it_was_sent_is_told_by_its_own_house(county: County) -> None:
    shelve(county, "党参", 900)
    requisition = _asked(county)
    first, _ = _rows(requisition)
    key = requisition.id or 0
    county.do(requisitioning.send, county.floor, key, {first: 500}, "茯苓在途")
    with pytest.raises(Forbidden):
        county.do(requisitioning.receive, county.foreign_doctor, key, {first: 500})
    with pytest.raises(Invalid) as refusal:
        county.do(requisitioning.receive, county.doctor, key, {first: 480})
    assert str(refusal.value) == "实收和发出的不一样，请写明情况。"
    received = county.do(requisitioning.receive, county.other_doctor, key, {first: 480}, "袋子破了")
    assert (received.state, received.difference) == (RequisitionState.RECEIVED, "袋子破了")
    assert [line.received_mg for line in received.lines] == [480_000, None]
    with pytest.raises(IllegalMove):
        county.do(requisitioning.receive, county.doctor, key, {first: 500})


def test_a_requisition_is_answered_once(county: County) -> None:
    requisition = _asked(county)
    county.do(requisitioning.withdraw, county.doctor, requisition.id or 0)
    with pytest.raises(IllegalMove):
        county.do(requisitioning.refuse, county.manager, requisition.id or 0, "没有货")
    other = _asked(county)
    with pytest.raises(Invalid):
        county.do(requisitioning.refuse, county.manager, other.id or 0, " ")
    county.do(requisitioning.refuse, county.manager, other.id or 0, "没有货")
    with county.work() as work:
        states = [each.requisition.state for each in requisitioning.list_requisitions(work, county.doctor)]
        foreign = requisitioning.list_requisitions(work, county.foreign_doctor)
    assert states == [RequisitionState.REFUSED, RequisitionState.WITHDRAWN]
    assert foreign == []
