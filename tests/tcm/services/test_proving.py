"""From a bag to every lot, hand and minute, and from a lot to every bag."""

import pytest

from tcm.records.clinical import Prescription
from tcm.records.errors import NotFound
from tcm.records.lifecycle import State
from tcm.services import flooring
from tcm.services.prescribing import ItemDraft
from tcm.services.proving import BagRecord, LotRecord, record_of_bag, records_of_lot
from tests.tcm.centre import brought_to, on_the_road, packed, step
from tests.tcm.county import KNOWLEDGE, County, draft
from tests.tcm.stocked import keep_stock, shelve


def test_a_bag_tells_its_lots_its_pot_its_route_and_every_hand(county: County) -> None:
    keep_stock(county)
    shelve(county, "党参", 50, lot_number="260801")
    shelve(county, "党参", 50, lot_number="260902")
    prescription = brought_to(county, county.approved(draft([ItemDraft("党参", 10.0)])), State.PACKED)
    route = on_the_road(county, prescription)
    record = _record(county, prescription)
    lots = [
        (each.herb, round(each.dose_g, 2), each.lot.lot_number if each.lot else "") for each in record.herbs
    ]
    assert lots == [("党参", 7.14, "260801"), ("党参", 2.86, "260902")]
    assert (record.pot, record.trip, record.chain_holds) == ("P01", 1, True)
    assert record.route is not None
    assert record.route.id == route.id
    hands = [(each.target, each.actor_id) for each in record.events if each.kind == "move"][-3:]
    floor, courier = county.floor.staff_id, county.courier.staff_id
    assert hands == [(State.DECOCTING, floor), (State.PACKED, floor), (State.LOADED, courier)]


def test_where_no_stock_was_on_record_herbs_are_told_without_a_lot(county: County) -> None:
    record = _record(county, packed(county))
    told = [(each.herb, each.dose_g, each.lot) for each in record.herbs]
    assert told == [("党参", 12.0, None), ("白术", 9.0, None), ("茯苓", 12.0, None), ("炙甘草", 6.0, None)]
    assert (record.route, record.trip) == (None, None)


def test_a_lot_tells_its_bags_newest_first_and_what_is_not_packed_yet(county: County) -> None:
    keep_stock(county)
    shelve(county, "党参", 500)
    first = brought_to(county, county.approved(draft([ItemDraft("党参", 10.0)])), State.PACKED)
    county.watch.pass_(minutes=10)
    second = brought_to(county, county.approved(draft([ItemDraft("党参", 12.0)])), State.PACKED, "P02")
    county.watch.pass_(minutes=10)
    third = step(county, county.approved(draft([ItemDraft("党参", 9.0)])), State.DISPENSED)
    [record] = _records(county, "260901")
    told = [(use.prescription_id, use.bag_code is not None, use.amount_mg) for use in record.uses]
    assert told == [(third.id, False, 63_000), (second.id, True, 84_000), (first.id, True, 70_000)]
    assert {use.village for use in record.uses} == {county.village.name}


def test_a_batch_that_was_scrapped_before_packing_is_in_no_bag(county: County) -> None:
    keep_stock(county)
    shelve(county, "党参", 70, lot_number="260801")
    shelve(county, "党参", 70, lot_number="260902")
    prescription = step(county, county.approved(draft([ItemDraft("党参", 10.0)])), State.DISPENSED)
    county.watch.pass_(minutes=5)
    county.do(flooring.scrap, county.floor, prescription.key(), county.now(prescription).version, "spilled")
    county.watch.pass_(minutes=5)
    brought_to(county, county.now(prescription), State.PACKED)
    assert [(record.lot.lot_number, list(record.uses)) for record in _records(county, "260801")] == [
        ("260801", [])
    ]
    [again] = _records(county, "260902")
    assert [(use.prescription_id, use.voided_at) for use in again.uses] == [(prescription.id, None)]
    assert [each.lot.lot_number for each in _record(county, prescription).herbs if each.lot] == ["260902"]


def test_a_bag_that_was_scrapped_is_told_with_the_lot_that_was_in_it(county: County) -> None:
    keep_stock(county)
    shelve(county, "党参", 70, lot_number="260801")
    shelve(county, "党参", 70, lot_number="260902")
    prescription = brought_to(county, county.approved(draft([ItemDraft("党参", 10.0)])), State.PACKED)
    with county.work() as work:
        old = work.bags.of_prescription(prescription.key())[0].code
    county.watch.pass_(minutes=5)
    county.do(flooring.scrap, county.floor, prescription.key(), county.now(prescription).version, "spoilt")
    county.watch.pass_(minutes=5)
    brought_to(county, county.now(prescription), State.PACKED, "P02")
    [first] = _records(county, "260801")
    assert [(use.bag_code, use.voided_at is not None) for use in first.uses] == [(old, True)]
    with county.work() as work:
        [lot] = [each.lot for each in record_of_bag(work, KNOWLEDGE, old).herbs]
    assert lot is not None
    assert lot.lot_number == "260801"


def test_one_number_of_two_lots_is_told_apart(county: County) -> None:
    keep_stock(county)
    shelve(county, "党参", 500)
    shelve(county, "白术", 500)
    packed_both = brought_to(
        county, county.approved(draft([ItemDraft("党参", 10.0), ItemDraft("白术", 9.0)])), State.PACKED
    )
    told = [
        (record.lot.herb, [use.prescription_id for use in record.uses])
        for record in _records(county, "260901")
    ]
    assert told == [("党参", [packed_both.id]), ("白术", [packed_both.id])]


def test_a_lot_is_told_in_as_many_questions_for_one_bag_as_for_three(county: County) -> None:
    keep_stock(county)
    shelve(county, "党参", 900)
    counts = []
    for _ in range(3):
        brought_to(county, county.approved(draft([ItemDraft("党参", 10.0)])), State.PACKED)
        with county.counted() as statements:
            _records(county, "260901")
        counts.append(len(statements))
    assert counts[0] == counts[2]


@pytest.mark.parametrize("lot", ["999999", "", "260901'; --"])
def test_a_number_that_no_lot_has_is_not_found(county: County, lot: str) -> None:
    with pytest.raises(NotFound):
        _records(county, lot)


def _record(county: County, prescription: Prescription) -> BagRecord:
    with county.work() as work:
        [bag] = work.bags.of_prescription(prescription.key())
        return record_of_bag(work, KNOWLEDGE, bag.code)


def _records(county: County, lot_number: str) -> list[LotRecord]:
    with county.work() as work:
        return records_of_lot(work, lot_number)
