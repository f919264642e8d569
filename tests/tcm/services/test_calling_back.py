"""A lot called back: blocked, found in every bag, stopped where it is, and told once to whom it reached."""

import pytest

from tcm.records.aftercare import NoticeKind, NoticeState, RecallState
from tcm.records.clinical import Prescription
from tcm.records.errors import Forbidden, IllegalMove, Invalid, NotFound
from tcm.records.lifecycle import State
from tcm.records.roles import Role
from tcm.records.stock import LotState
from tcm.services import calling_back, delivering, flooring, requisitioning, stocking
from tcm.services.calling_back import LotPage
from tcm.services.prescribing import ItemDraft
from tcm.services.proving import records_of_lot
from tests.tcm.centre import brought_to, on_the_road, planned, route, step, stop
from tests.tcm.county import County, draft
from tests.tcm.stocked import keep_stock, shelve

REASON = "市监局通报：二氧化硫超标"


@pytest.fixture
def lot(county: County) -> int:
    """A lot with much of it on the shelf."""
    keep_stock(county)
    return shelve(county, "党参", 900)


def prescribed(county: County) -> Prescription:
    return county.approved(draft([ItemDraft("党参", 10.0)]))


def called_back(county: County, lot: int) -> int:
    return county.do(calling_back.draft, county.pharmacist, lot, REASON, county.new_key()).key()


def page(county: County, recall: int) -> LotPage:
    with county.work() as work:
        return calling_back.open_recall(work, county.manager, recall)


def notices(county: County) -> list[tuple[int, NoticeKind, NoticeState]]:
    with county.work() as work:
        return [(each.prescription_id, each.kind, each.state) for each in work.notices.all()]


def test_a_draft_blocks_the_lot_and_lists_what_is_out_and_what_is_still_inside(
    county: County, lot: int
) -> None:
    out = brought_to(county, prescribed(county), State.PACKED)
    on_the_road(county, out)
    inside = brought_to(county, prescribed(county), State.PACKED, "P02")
    unpacked = step(county, prescribed(county), State.DISPENSED)
    found = page(county, called_back(county, lot))
    assert found.lot.state is LotState.BLOCKED
    assert [(each.use.prescription_id, each.use.state) for each in found.out] == [(out.id, State.LOADED)]
    told = [(each.use.prescription_id, len(each.bags)) for each in found.inside]
    assert told == [(unpacked.id, 0), (inside.id, 1)]
    assert {each.use.village for each in (*found.out, *found.inside)} == {county.village.name}
    assert [event.kind for event in county.events(out)][-1] == "called_back"
    assert [each[1] for each in notices(county)] == [NoticeKind.LEFT]


def test_the_manager_tells_everybody_it_reached_by_one_act_and_nobody_twice(county: County, lot: int) -> None:
    first, second = (brought_to(county, prescribed(county), State.PACKED, pot) for pot in ("P01", "P02"))
    on_the_road(county, first, second)
    brought_to(county, prescribed(county), State.PACKED)
    recall = called_back(county, lot)
    assert county.do(calling_back.send, county.manager, recall) == 2
    assert county.do(calling_back.send, county.manager, recall) == 0
    told = [each for each in notices(county) if each[1] is NoticeKind.RECALLED]
    assert told == [(each.id, NoticeKind.RECALLED, NoticeState.WAITING) for each in (first, second)]
    found = page(county, recall)
    assert found.recall is not None
    assert (found.recall.state, found.recall.decided_by_id) == (RecallState.SENT, county.manager.staff_id)


def test_nothing_with_the_lot_in_it_goes_on_leaves_or_is_handed_over(county: County, lot: int) -> None:
    out = brought_to(county, prescribed(county), State.PACKED)
    on_the_road(county, out)
    soaking = brought_to(county, prescribed(county), State.SOAKING)
    called_back(county, lot)
    with pytest.raises(IllegalMove):
        step(county, soaking, State.DECOCTING, "P01")
    with pytest.raises(IllegalMove):
        county.do(delivering.deliver, county.courier, out.key(), None)
    with pytest.raises(Invalid):
        county.do(stocking.set_blocked, county.pharmacist, lot, blocked=False, note="误报")


def test_what_is_packed_with_the_lot_in_it_stays_behind(county: County, lot: int) -> None:
    inside = brought_to(county, prescribed(county), State.PACKED)
    [first] = planned(county, route(county, stop(county, [inside])))
    called_back(county, lot)
    loaded = county.do(delivering.load_trip, county.courier, first.id or 0, 1)
    assert (loaded.loaded, loaded.missing, loaded.recalled) == ((), (), (inside.number,))
    assert notices(county) == []


def test_what_is_scrapped_and_made_of_another_lot_goes_on(county: County, lot: int) -> None:
    prescription = step(county, prescribed(county), State.DISPENSED)
    called_back(county, lot)
    shelve(county, "党参", 500, lot_number="261101")
    county.watch.pass_(minutes=5)
    version = county.now(prescription).version
    county.do(flooring.scrap, county.floor, prescription.key(), version, "recalled")
    county.watch.pass_(minutes=5)
    again = brought_to(county, county.now(prescription), State.PACKED)
    on_the_road(county, again)
    assert county.do(delivering.deliver, county.courier, again.key(), None).state is State.DELIVERED


def test_a_draft_that_is_withdrawn_lets_everything_go_on_but_the_lot(county: County, lot: int) -> None:
    prescription = step(county, prescribed(county), State.DISPENSED)
    recall = called_back(county, lot)
    county.do(calling_back.withdraw, county.manager, recall)
    assert step(county, prescription, State.SOAKING).state is State.SOAKING
    with county.work() as work:
        assert work.lots.get(lot).state is LotState.BLOCKED
    with pytest.raises(IllegalMove):
        county.do(calling_back.send, county.manager, recall)
    county.do(stocking.set_blocked, county.pharmacist, lot, blocked=False, note="误报")


def test_patients_who_were_told_cannot_be_untold(county: County, lot: int) -> None:
    recall = called_back(county, lot)
    county.do(calling_back.send, county.manager, recall)
    with pytest.raises(IllegalMove):
        county.do(calling_back.withdraw, county.manager, recall)


def test_one_form_makes_one_recall_and_one_lot_has_one(county: County, lot: int) -> None:
    key = county.new_key()
    made = [county.do(calling_back.draft, county.pharmacist, lot, REASON, key).id for _ in range(2)]
    assert made[0] == made[1]
    with pytest.raises(Invalid):
        called_back(county, lot)


@pytest.mark.parametrize("state", [LotState.WAITING, LotState.REFUSED])
def test_a_lot_that_passed_no_inspection_needs_no_recall(county: County, state: LotState) -> None:
    keep_stock(county)
    lot = shelve(county, "白术", 100, state=state)
    with pytest.raises(Invalid):
        called_back(county, lot)


def test_a_recall_needs_a_reason_a_lot_and_the_right_person(county: County, lot: int) -> None:
    with pytest.raises(Invalid):
        county.do(calling_back.draft, county.pharmacist, lot, " ", county.new_key())
    with pytest.raises(NotFound):
        county.do(calling_back.draft, county.pharmacist, 99_999, REASON, county.new_key())
    recall = called_back(county, lot)
    for role, actor in county.actors.items():
        if role is not Role.MANAGER:
            with pytest.raises(Forbidden):
                county.do(calling_back.send, actor, recall)
        if role in (Role.DOCTOR, Role.COURIER, Role.ADMIN):
            with pytest.raises(Forbidden):
                county.do(calling_back.open_recall, actor, recall)
            with pytest.raises(Forbidden):
                county.do(calling_back.draft, actor, lot, REASON, county.new_key())


def test_a_recall_is_read_in_as_many_questions_for_one_bag_as_for_three(county: County, lot: int) -> None:
    recall = called_back(county, lot)
    county.do(calling_back.withdraw, county.manager, recall)
    counts = []
    county.do(stocking.set_blocked, county.pharmacist, lot, blocked=False, note="误报")
    for _ in range(3):
        brought_to(county, prescribed(county), State.PACKED)
        with county.work() as work, county.counted() as statements:
            calling_back.open_recall(work, county.manager, recall)
        counts.append(len(statements))
    assert counts[0] == counts[2]


def test_the_first_page_lists_recalls_and_whom_nobody_reached(county: County, lot: int) -> None:
    recall = called_back(county, lot)
    with county.work() as work:
        desk = calling_back.open_desk(work, county.manager)
    assert [(each.recall.id, each.lot.id) for each in desk.recalls] == [(recall, lot)]
    assert (desk.unreached, desk.notices) == ([], {})


def test_what_went_to_a_township_is_told_with_its_telephone(county: County) -> None:
    keep_stock(county)
    sent_lot, other = shelve(county, "黄芪", 900, lot_number="H1"), shelve(county, "当归", 900)
    asked = county.do(
        requisitioning.ask, county.doctor, county.knowledge, [("黄芪", 300), ("当归", 100)], county.new_key()
    )
    wanted = {line.id or 0: line.asked_mg / 1000 for line in asked.lines}
    county.do(requisitioning.send, county.floor, asked.id or 0, wanted)
    with county.work() as work:
        page = calling_back.open_lot(work, county.manager, sent_lot)
        [record] = records_of_lot(work, "H1")
        elsewhere = calling_back.open_lot(work, county.manager, other)
    assert [(each.house, each.amount_mg, each.received_at) for each in page.sent] == [
        ("詹桥镇卫生院", 300_000, None)
    ]
    assert (record.sent, [each.amount_mg for each in elsewhere.sent]) == (page.sent, [100_000])
