"""Cash at the door and the temperature of the box: what must be said, who counts, what differs."""

import pytest

from tcm.records.clinical import Prescription
from tcm.records.errors import Forbidden, IllegalMove, Invalid, NotFound
from tcm.records.lifecycle import State
from tcm.records.road import CashDue
from tcm.services import cashing, cooling, delivering
from tests.tcm.centre import on_the_road, packed
from tests.tcm.county import County


def owing(county: County, *dues_fen: int) -> list[Prescription]:
    prescriptions = [packed(county) for _ in dues_fen]
    on_the_road(county, *prescriptions)
    for prescription, due_fen in zip(prescriptions, dues_fen, strict=True):
        county.do(cashing.set_due, county.manager, prescription.number or "", due_fen)
    return prescriptions


def pay(county: County, prescription: Prescription, paid_fen: int | None) -> None:
    county.do(delivering.deliver, county.courier, prescription.key(), None, paid_fen=paid_fen)


def test_cash_is_collected_with_the_bag_and_counted_by_another_person(county: County) -> None:
    first, second = owing(county, 12_350, 5_000)
    pay(county, first, 12_350)
    pay(county, second, 4_000)
    [purse] = county.do(cashing.purses, county.floor)
    assert (purse.courier_id, purse.paid_fen) == (county.courier.staff_id, 16_350)
    assert [(each.due_fen, each.paid_fen) for each in purse.receipts] == [(12_350, 12_350), (5_000, 4_000)]
    key = county.new_key()
    with pytest.raises(Invalid, match="点数和收据不一样，请写明原因"):
        county.do(cashing.hand_in, county.floor, county.courier.staff_id, 16_300, "", key)
    made = county.do(cashing.hand_in, county.floor, county.courier.staff_id, 16_300, "少一张五角", key)
    again = county.do(cashing.hand_in, county.floor, county.courier.staff_id, 16_300, "少一张五角", key)
    assert (made.id, made.expected_fen, made.counted_fen) == (again.id, 16_350, 16_300)
    assert county.do(cashing.purses, county.manager) == []
    assert county.do(cashing.own_purse, county.courier).receipts == []
    with pytest.raises(Forbidden):
        county.do(cashing.hand_in, county.courier, county.courier.staff_id, 0, "", county.new_key())


def test_what_is_owed_must_be_said_and_what_is_not_owed_is_not_taken(county: County) -> None:
    owed, free = owing(county, 800, 0)
    with pytest.raises(Invalid, match="请填实收金额；一分没收填 0"):
        pay(county, owed, None)
    pay(county, owed, 0)
    with pytest.raises(Invalid, match="这件没有代收，不要收钱"):
        pay(county, free, 100)
    assert county.now(free).state is State.LOADED
    assert county.events(owed)[-1].payload["paid_fen"] == 0


def test_an_amount_is_changed_and_taken_back_until_the_bag_is_handed_over(county: County) -> None:
    [prescription] = owing(county, 800)
    number = prescription.number or ""
    county.do(cashing.set_due, county.manager, number, 900)
    assert [each.due_fen for each in _unpaid(county)] == [900]
    county.do(cashing.set_due, county.manager, number, 0)
    assert _unpaid(county) == []
    pay(county, prescription, None)
    with pytest.raises(IllegalMove, match="不能改代收金额"):
        county.do(cashing.set_due, county.manager, number, 100)
    with pytest.raises(NotFound, match="没有这个处方编号"):
        county.do(cashing.set_due, county.manager, "20261121-99999", 100)
    with pytest.raises(Forbidden):
        county.do(cashing.set_due, county.floor, number, 100)


def test_a_courier_without_receipts_has_nothing_to_hand_in(county: County) -> None:
    with pytest.raises(Invalid, match="没有要交的款"):
        county.do(cashing.hand_in, county.floor, county.courier.staff_id, 0, "", county.new_key())


def test_a_box_outside_its_limits_is_kept_until_the_manager_has_seen_it(county: County) -> None:
    way = on_the_road(county, packed(county))
    inside = county.do(cooling.take_temperature, county.courier, way.id or 0, 1, 18.24)
    outside = county.do(cooling.take_temperature, county.courier, way.id or 0, 1, 20.5, note="加了冰袋")
    assert [(each.temp_c, each.is_outside) for each in (inside, outside)] == [(18.2, False), (20.5, True)]
    with county.work() as work:
        assert [each.id for each in work.box_readings.outside_unseen()] == [outside.id]
    county.do(cooling.note_seen, county.manager, outside.id or 0)
    with county.work() as work:
        assert work.box_readings.outside_unseen() == []


def test_a_temperature_that_no_box_has_or_of_another_route_is_refused(county: County) -> None:
    way = on_the_road(county, packed(county))
    with pytest.raises(Invalid, match="请再看一眼温度计"):
        county.do(cooling.take_temperature, county.courier, way.id or 0, 1, 180)
    with pytest.raises(NotFound, match="没有这一趟"):
        county.do(cooling.take_temperature, county.courier, way.id or 0, 2, 18)
    with pytest.raises(Forbidden):
        county.do(cooling.take_temperature, county.other_courier, way.id or 0, 1, 18)


def _unpaid(county: County) -> list[CashDue]:
    with county.work() as work:
        return work.cash_dues.unpaid()
