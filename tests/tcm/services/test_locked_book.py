"""The double-locked book: each gram in and out signed by two, a balance after each line, nothing changed."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from tcm.records.dispensing import Weighing
from tcm.records.errors import Forbidden, IllegalMove, Invalid, NotFound, Stale
from tcm.records.lifecycle import State
from tcm.records.locked_book import BookKind, BookLine, LockedKind
from tcm.records.stock import Bin, Keeping
from tcm.services import (
    book_keeping,
    book_views,
    checking,
    flooring,
    requisitioning,
    stock_settings,
    stocking,
    weighing,
)
from tcm.services.book_views import BookDesk, HerbPage
from tcm.services.prescribing import ItemDraft
from tcm.services.stocking import Goods
from tests.tcm.county import County, draft
from tests.tcm.stocked import keep_stock, shelve

# Fifty grams of a precious herb, and what seven doses of it take.
SAFFRON, SHELVED_G, TAKEN_G = "西红花", 50, 21


def kept(county: County, precious: tuple[str, ...] = (SAFFRON,), grams: float = SHELVED_G) -> int:
    """The book begun over a lot of saffron in a locked drawer; its row."""
    keep_stock(county)
    county.do(weighing.set_dispensing, county.manager, Weighing.TYPED, photograph=False)
    with county.work() as work:
        place = work.bins.add(Bin(code="D01", herb=SAFFRON))
        work.bins.add(Bin(code="D02"))
        work.commit()
    lot = shelve(county, SAFFRON, grams, bin_id=place.id)
    begin(county, precious)
    return lot


def begin(county: County, precious: tuple[str, ...] = (SAFFRON,), **changes: Any) -> None:
    asked: dict[str, Any] = {"locked_bins": ["D01", "D02"], "second": county.pharmacist, **changes}
    county.do(book_keeping.keep, county.manager, county.knowledge, precious=precious, **asked)


def page(county: County, herb: str = SAFFRON) -> HerbPage:
    with county.work() as work:
        return book_views.open_page(work, county.manager, herb)


def book(county: County) -> BookDesk:
    with county.work() as work:
        return book_views.open_book(work, county.manager)


def told(lines: list[BookLine]) -> list[tuple[str, float, float]]:
    """Kind, grams more or less, grams left."""
    return [(line.kind.value, line.delta_mg / 1000, line.balance_mg / 1000) for line in lines]


def hands(county: County, line: BookLine) -> tuple[str, str]:
    names = {
        county.manager.staff_id: "manager",
        county.pharmacist.staff_id: "pharmacist",
        county.colleague.staff_id: "colleague",
        county.floor.staff_id: "floor",
    }
    return names[line.first_id], names[line.second_id]


def count(county: County, lot: int, counted_g: float, seen_g: float, **changes: Any) -> list[BookLine]:
    who: dict[str, Any] = {"actor": county.floor, "second": county.pharmacist, **changes}
    reason = who.pop("reason", "")
    first, second = who["actor"], who["second"]
    return county.do(book_keeping.count, first, second, SAFFRON, {lot: counted_g}, {lot: seen_g}, reason)


def holds(county: County) -> bool:
    with county.work() as work:
        return work.book.verify().broken is None


def dispensed(county: County, *, sign: bool = True) -> int:
    """A prescription with saffron, weighed by the floor and signed by another pharmacist; its row."""
    prescription = county.approved(draft([ItemDraft(SAFFRON, 3.0)]))
    key = prescription.key()
    sheet = county.do(weighing.begin, county.floor, county.knowledge, key)
    [line] = sheet.lines
    county.do(
        weighing.weigh,
        county.floor,
        county.knowledge,
        key,
        line.bin_code,
        line.target_mg,
        scale="",
        request_key=county.new_key(),
    )
    if sign:
        version = county.now(prescription).version
        county.do(checking.sign, county.colleague, county.knowledge, key, version)
    return key


def test_the_book_begins_with_what_the_record_says_is_there(county: County) -> None:
    lot = kept(county)
    opened = page(county)
    assert (told(opened.lines), opened.kind, opened.holds) == (
        [("opened", 50, 50)],
        LockedKind.PRECIOUS,
        True,
    )
    assert (opened.lines[0].lot_id, hands(county, opened.lines[0])) == (lot, ("manager", "pharmacist"))
    assert holds(county)


def test_no_book_is_begun_where_nothing_is_on_record_and_none_by_one_person(county: County) -> None:
    with pytest.raises(Invalid) as refusal:
        begin(county, (), locked_bins=[])
    assert str(refusal.value) == "先在库房设置里记库存、开启称量上账，再建双人双锁账。"
    for second, sentence in (
        (county.manager, "两个签名须是两个人。"),
        (county.doctor, "您没有这项权限。"),
        (county.floor, "两个签名里至少有一位药师。"),
    ):
        with pytest.raises(Forbidden) as unsigned:
            begin(county, second=second)
        assert str(unsigned.value) == sentence


def test_once_begun_neither_stock_nor_weighing_may_end(county: County) -> None:
    kept(county)
    with pytest.raises(Invalid):
        county.do(stock_settings.set_keeping, county.manager, Keeping.OFF, 90)
    with pytest.raises(Invalid):
        county.do(weighing.set_dispensing, county.manager, Weighing.OFF, photograph=False)


def test_dispensing_is_signed_by_who_weighed_and_who_checked(county: County) -> None:
    kept(county)
    key = dispensed(county)
    line = page(county).lines[-1]
    assert told([line]) == [("dispensed", -TAKEN_G, SHELVED_G - TAKEN_G)]
    assert (hands(county, line), line.prescription_id) == (("floor", "colleague"), key)
    assert holds(county)


def test_what_was_weighed_on_paper_still_takes_a_second_signature(county: County) -> None:
    kept(county)
    prescription = county.approved(draft([ItemDraft(SAFFRON, 3.0)]))
    with county.work() as work:
        assert flooring.is_weighed_line_by_line(work, work.prescriptions.get(prescription.key()))


def test_goods_come_into_the_book_when_a_pharmacist_inspects_them(county: County) -> None:
    kept(county)
    goods = Goods(SAFFRON, "261101", "西藏", date(2028, 6, 30), 20.0, 1_500_000, "D01")
    with county.work() as work:
        supplier = work.suppliers.all()[0].id or 0
    receive = (stocking.receive, county.floor, county.knowledge, supplier)
    with pytest.raises(Invalid) as refusal:
        county.do(*receive, [Goods(**{**vars(goods), "bin_code": "A01"})], county.new_key())
    assert str(refusal.value) == "西红花要放进双人双锁专柜，货位A01不是。"
    [lot] = county.do(*receive, [goods], county.new_key())
    assert (told(page(county).lines), book(county).rows[0].waiting_count) == ([("opened", 50, 50)], 1)
    county.do(stocking.inspect, county.pharmacist, [lot.id or 0], passed=False, note="色不对")
    line = page(county).lines[-1]
    assert (told([line]), hands(county, line)) == ([("received", 20, 70)], ("floor", "pharmacist"))
    assert holds(county)


def test_nothing_else_lies_behind_the_locks_and_nothing_of_the_book_outside(county: County) -> None:
    lot = kept(county)
    ordinary = shelve(county, "党参", 100)
    with pytest.raises(Invalid) as refusal:
        county.do(stocking.put_into, county.floor, ordinary, "D02")
    assert str(refusal.value) == "货位D02是双人双锁专柜，不能放党参。"
    with pytest.raises(Invalid):
        county.do(stocking.put_into, county.floor, lot, "A01")
    with pytest.raises(Invalid) as taken:
        begin(county, locked_bins=["D01", "A01"])
    assert str(taken.value) == "货位A01里有党参，不在专账上，不能算专柜。"


def test_one_person_neither_counts_sends_nor_puts_back(county: County) -> None:
    lot = kept(county)
    with pytest.raises(Invalid) as refusal:
        county.do(stocking.count, county.manager, lot, counted_g=49, seen_g=50, reason="weighing")
    assert str(refusal.value) == "西红花在双人双锁账上，请由两个人在专账上盘点。"
    asked = county.do(requisitioning.ask, county.doctor, county.knowledge, [(SAFFRON, 5.0)], county.new_key())
    wanted = {asked.lines[0].id or 0: 5.0}
    with pytest.raises(Invalid) as alone:
        county.do(requisitioning.send, county.floor, asked.id or 0, wanted)
    assert str(alone.value) == "西红花在双人双锁账上，出入柜要第二个人当面签名。"
    county.do(requisitioning.send, county.floor, asked.id or 0, wanted, second=county.pharmacist)
    key = dispensed(county)
    scrap = (flooring.scrap, county.floor, key)
    with county.work() as work:
        version = work.prescriptions.get(key).version
    with pytest.raises(Invalid):
        county.do(*scrap, version, "wrong_herb", put_back=True)
    county.do(*scrap, version, "wrong_herb", put_back=True, second=county.pharmacist)
    assert told(page(county).lines)[1:] == [
        ("sent", -5, 45),
        ("dispensed", -TAKEN_G, 24),
        ("put_back", TAKEN_G, 45),
    ]
    assert holds(county)


def test_a_count_that_agrees_is_a_line_and_one_that_does_not_waits_for_the_manager(county: County) -> None:
    lot = kept(county)
    county.watch.pass_(days=30)
    assert [(row.herb, row.is_due) for row in book(county).rows] == [(SAFFRON, True)]
    assert told(count(county, lot, 50, 50)) == [("counted", 0, 50)]
    assert (book(county).due_count, book(county).differences) == (0, [])
    with pytest.raises(Invalid) as refusal:
        count(county, lot, 49.5, 50)
    assert str(refusal.value) == "点数和账上不一样，请选择原因。"
    [line] = count(county, lot, 49.5, 50, reason="unexplained")
    [open_one] = book(county).differences
    assert (open_one.line, open_one.people) == (line, ("周麦冬", "陈半夏"))
    assert holds(county)
    county.do(book_keeping.answer, county.manager, line.id or 0, "称盘有残留，已清。")
    assert book(county).differences == []
    assert [each.words for each in page(county).answers.values()] == ["称盘有残留，已清。"]
    with pytest.raises(IllegalMove):
        county.do(book_keeping.answer, county.manager, line.id or 0, "再说一遍")


def test_a_count_of_an_old_page_or_of_half_the_lots_is_refused(county: County) -> None:
    lot = kept(county)
    with pytest.raises(Stale):
        count(county, lot, 50, 49)
    with pytest.raises(Invalid) as refusal:
        county.do(book_keeping.count, county.floor, county.pharmacist, SAFFRON, {}, {})
    assert str(refusal.value) == "西红花的批号260901还没有点数。"
    for actor, second in (
        (county.floor, county.floor),
        (county.manager, county.pharmacist),
        (county.pharmacist, county.manager),
    ):
        with pytest.raises(Forbidden):
            count(county, lot, 50, 50, actor=actor, second=second)


def test_a_destruction_names_reason_witness_and_both_people(county: County) -> None:
    lot = kept(county)
    act = (book_keeping.remove, county.pharmacist, county.colleague, lot)
    asked = {"amount_g": 4.0, "seen_g": 50.0, "reason": "damaged", "note": "县卫健局 王某监督，批件 2026-11"}
    for change in ({"note": " "}, {"reason": "lost"}, {"amount_g": 51.0}):
        with pytest.raises(Invalid):
            county.do(*act, **{**asked, **change})
    with pytest.raises(Stale):
        county.do(*act, **{**asked, "seen_g": 49.0})
    line = county.do(*act, **asked)
    assert (told([line]), line.note, hands(county, line)) == (
        [("destroyed", -4, 46)],
        "县卫健局 王某监督，批件 2026-11",
        ("pharmacist", "colleague"),
    )
    back = county.do(*act, **{**asked, "seen_g": 46.0, "reason": "returned"})
    assert (back.kind, back.balance_mg, holds(county)) == (BookKind.RETURNED, 42_000, True)


def test_what_is_precious_no_longer_leaves_the_book_by_a_line_of_its_own(county: County) -> None:
    lot = kept(county)
    begin(county, (), locked_bins=["D02"])
    assert told(page(county).lines) == [("opened", 50, 50), ("closed", -50, 0)]
    county.do(stocking.count, county.manager, lot, counted_g=49, seen_g=50, reason="weighing")
    begin(county)
    assert (told(page(county).lines)[-1], holds(county)) == (("opened", 49, 49), True)


def test_toxic_and_narcotic_herbs_are_on_the_book_by_regulation_whatever_the_manager_ticks(
    county: County,
) -> None:
    keep_stock(county)
    county.do(weighing.set_dispensing, county.manager, Weighing.TYPED, photograph=False)
    for herb in ("雄黄", "蜜罂粟壳", "制川乌", "西红花"):
        shelve(county, herb, 10)
    with county.work() as work:
        work.bins.add(Bin(code="D01"))
        work.bins.add(Bin(code="D02"))
        work.commit()
    begin(county, ())
    assert [(row.herb, row.kind, row.outside) for row in book(county).rows] == [
        ("蜜罂粟壳", LockedKind.NARCOTIC, ("A01",)),
        ("雄黄", LockedKind.TOXIC, ("A01",)),
    ]
    # Three years of prescriptions, two of toxic ones; the book of narcotics five after the last expiry.
    assert [page(county, herb).keep_until for herb in ("蜜罂粟壳", "雄黄")] == [
        date(2033, 6, 30),
        date(2030, 6, 30),
    ]
    with pytest.raises(NotFound):
        page(county, "制川乌")


def test_the_list_of_pages_takes_as_many_statements_for_three_herbs_as_for_one(county: County) -> None:
    kept(county)
    with county.counted() as one:
        book(county)
    for herb in ("麝香", "鹿茸"):
        shelve(county, herb, 5)
    begin(county, (SAFFRON, "麝香", "鹿茸"))
    with county.counted() as three:
        opened = book(county)
    assert (len(opened.rows), len(three)) == (3, len(one))


def test_a_line_is_never_changed_and_a_forged_balance_is_found(fragile_county: County) -> None:
    county = fragile_county
    kept(county)
    for change in ("UPDATE book_lines SET delta_mg = 1", "DELETE FROM book_lines"):
        with pytest.raises(DatabaseError), county.store.engine.begin() as connection:
            connection.execute(text(change))
    with county.store.engine.begin() as connection:
        connection.execute(text("UPDATE lots SET on_hand_mg = 40000 WHERE herb = '西红花'"))
    with county.work() as work:
        broken = work.book.verify().broken
    assert broken is not None
    assert (broken.herb, broken.seq, broken.why) == (
        SAFFRON,
        None,
        "the balance is not what the lots add up to",
    )


def test_a_prescription_that_waits_for_its_second_signature_is_in_no_book(county: County) -> None:
    kept(county)
    key = dispensed(county, sign=False)
    with county.work() as work:
        assert work.prescriptions.get(key).state is State.APPROVED
    assert told(page(county).lines) == [("opened", 50, 50)]
