"""Herbs set aside at approval, taken at dispensing, let go at cancelling: none twice, none out of nothing."""

import threading
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import func, select

from tcm.records.clinical import Item, Preparation, Prescription
from tcm.records.errors import Invalid, Refused
from tcm.records.governance import FindingDecision
from tcm.records.lifecycle import State
from tcm.records.stock import Keeping, Lot, LotState
from tcm.services import flooring, prescribing, reviewing, stock_views, stocking
from tcm.services.moving import hold, note
from tcm.services.prescribing import ItemDraft, PrescriptionDraft
from tcm.services.reserving import Lacking, needs_of
from tcm.services.reviewing import FindingJudgement
from tcm.store.stock_tables import lots, reservations, stock_moves
from tests.tcm.county import FOUR_GENTLEMEN, KNOWLEDGE, County, draft
from tests.tcm.stocked import keep_stock, shelve

SEVEN_DOSES = {"党参": 84, "白术": 63, "茯苓": 84, "炙甘草": 42}


def test_where_no_stock_is_kept_nothing_is_set_aside_and_nothing_refused(county: County) -> None:
    lot = shelve(county, "党参", 10)
    _dispense(county, county.approved())
    assert _grams(county, lot) == (10, 0)


def test_approval_sets_aside_all_doses_and_dispensing_takes_them(county: County) -> None:
    stocked = _stocked(county)
    prescription = county.approved()
    assert [_grams(county, lot) for lot in stocked] == [(grams + 1, grams) for grams in SEVEN_DOSES.values()]
    _dispense(county, prescription)
    assert [_grams(county, lot) for lot in stocked] == [(1, 0)] * 4
    taken = {str(lot): 1000 * grams for lot, grams in zip(stocked, SEVEN_DOSES.values(), strict=True)}
    assert county.events(prescription)[-1].payload == {"lots_mg": taken}
    assert _books_balance(county)


def test_what_expires_first_goes_first_and_a_claim_may_span_lots(county: County) -> None:
    keep_stock(county)
    late = shelve(county, "党参", 100, expires_on=date(2028, 1, 1))
    soon = shelve(county, "党参", 50, expires_on=date(2026, 12, 1))
    gone = shelve(county, "党参", 50, expires_on=date(2026, 11, 20))
    county.approved(draft([ItemDraft("党参", 12.0)]))
    assert [_grams(county, lot) for lot in (soon, late, gone)] == [(50, 50), (100, 34), (50, 0)]


def test_what_the_shelf_cannot_fill_is_not_approved_and_the_sentence_names_the_herbs(
    county: County,
) -> None:
    keep_stock(county)
    shelve(county, "党参", 84)
    shelve(county, "白术", 60)
    shelve(county, "炙甘草", 42)
    prescription = county.signed()
    with pytest.raises(Lacking) as refusal:
        county.approve(prescription)
    told = "库存不够，不能通过：缺 白术 3 g、茯苓 84 g。请退回医师调整，或到货后再审。"
    assert str(refusal.value) == told
    assert county.now(prescription).state is State.SIGNED
    assert _total(county, "reserved_mg") == 0


@pytest.mark.parametrize(
    ("written", "needs"),
    [
        ((("党参", 6.0), ("党参", 4.5)), {"党参": 73_500}),
        ((("天南星", 3.0), ("生天南星", 1.0)), {"制天南星": 21_000, "生南星": 7_000}),
    ],
)
def test_lines_of_one_herb_are_added_up_and_a_poisonous_one_not_marked_raw_is_its_processed_form(
    written: tuple[tuple[str, float], ...], needs: dict[str, int]
) -> None:
    items = [Item(position=0, herb=herb, written_as=herb, dose_g=dose_g) for herb, dose_g in written]
    assert needs_of(KNOWLEDGE, _unsaved(items)) == needs


def test_granules_take_nothing_from_the_shelf_of_herbs() -> None:
    items = [Item(position=0, herb="党参", written_as="党参", dose_g=12.0)]
    assert needs_of(KNOWLEDGE, _unsaved(items, preparation=Preparation.GRANULES)) == {}


def test_cancelling_lets_go_of_everything(county: County) -> None:
    stocked = _stocked(county)
    _cancel(county, county.approved())
    assert [_grams(county, lot)[1] for lot in stocked] == [0] * 4


def test_on_back_order_it_is_approved_owed_filled_when_goods_pass_and_only_then_dispensed(
    county: County,
) -> None:
    keep_stock(county, Keeping.BACK_ORDER)
    shelve(county, "党参", 50)
    prescription = county.approved(draft([ItemDraft("党参", 12.0)]))
    assert county.events(prescription)[-1].payload["owed_mg"] == {"党参": 34_000}
    with pytest.raises(Lacking) as refusal:
        _dispense(county, prescription)
    assert str(refusal.value) == "库存不够，不能调剂：缺 党参 34 g。请联系审方药师或等到货。"
    new = shelve(county, "党参", 100, state=LotState.WAITING)
    county.do(stocking.inspect, county.pharmacist, [new], passed=True)
    assert _grams(county, new) == (100, 34)
    with county.work() as work:
        assert stock_views.open_shelf(work, county.floor).owed == []
    assert _dispense(county, prescription).state is State.DISPENSED
    assert _books_balance(county)


def test_the_longest_waiting_gets_first_what_another_lets_go(county: County) -> None:
    keep_stock(county, Keeping.BACK_ORDER)
    shelve(county, "党参", 84)
    form = draft([ItemDraft("党参", 12.0)])
    first, second, third = (county.approved(form) for _ in range(3))
    _cancel(county, first)
    with county.work() as work:
        owed = stock_views.open_shelf(work, county.manager).owed
    assert [(row.number, row.herb, row.missing_mg) for row in owed] == [(third.number, "党参", 84_000)]
    assert _dispense(county, second).state is State.DISPENSED


def test_a_claim_on_a_lot_that_was_locked_since_is_filled_from_another(county: County) -> None:
    keep_stock(county)
    first = shelve(county, "党参", 84, expires_on=date(2027, 1, 1))
    other = shelve(county, "党参", 90)
    prescription = county.approved(draft([ItemDraft("党参", 12.0)]))
    county.do(stocking.set_blocked, county.pharmacist, first, blocked=True, note="召回")
    _dispense(county, prescription)
    assert [_grams(county, lot) for lot in (first, other)] == [(84, 0), (6, 0)]


def test_a_claim_that_a_count_has_emptied_stops_the_dispensing(county: County) -> None:
    keep_stock(county)
    lot = shelve(county, "党参", 84)
    prescription = county.approved(draft([ItemDraft("党参", 12.0)]))
    county.do(stocking.count, county.manager, lot, counted_g=80, seen_g=84, reason="damaged")
    with pytest.raises(Lacking) as refusal:
        _dispense(county, prescription)
    # The claim on the lot is void; what is left in it counts.
    assert refusal.value.missing_mg == {"党参": 4_000}
    assert county.now(prescription).state is State.APPROVED


def test_the_claim_of_one_that_expires_before_it_is_dispensed_goes_to_a_fresher_lot(county: County) -> None:
    keep_stock(county)
    soon = shelve(county, "党参", 84, expires_on=date(2026, 11, 21))
    late = shelve(county, "党参", 84)
    prescription = county.approved(draft([ItemDraft("党参", 12.0)]))
    assert [_grams(county, lot) for lot in (soon, late)] == [(84, 84), (84, 0)]
    county.watch.pass_(days=1)
    _dispense(county, prescription)
    assert [_grams(county, lot) for lot in (soon, late)] == [(84, 0), (0, 0)]


def test_a_scrapped_batch_is_lost_and_its_herbs_are_set_aside_again(county: County) -> None:
    keep_stock(county)
    lot = shelve(county, "党参", 200)
    prescription = _dispense(county, county.approved(draft([ItemDraft("党参", 12.0)])))
    soaked = _step(county, prescription, State.SOAKING)
    county.do(flooring.scrap, county.floor, soaked.key(), soaked.version, "spoilt")
    assert _grams(county, lot) == (116, 84)
    _dispense(county, county.now(prescription))
    assert _grams(county, lot) == (32, 0)
    assert _books_balance(county)


def test_a_scrapped_batch_that_the_shelf_cannot_fill_again_is_owed(county: County) -> None:
    keep_stock(county)
    shelve(county, "党参", 100)
    prescription = _dispense(county, county.approved(draft([ItemDraft("党参", 12.0)])))
    county.do(flooring.scrap, county.floor, prescription.key(), prescription.version, "wrong_herb")
    with county.work() as work:
        [owed] = stock_views.open_shelf(work, county.floor).owed
    assert (owed.number, owed.herb, owed.missing_mg) == (prescription.number, "党参", 68_000)
    with pytest.raises(Lacking):
        _dispense(county, county.now(prescription))


def test_herbs_that_were_not_wetted_can_be_put_back(county: County) -> None:
    keep_stock(county)
    lot = shelve(county, "党参", 84)
    prescription = _dispense(county, county.approved(draft([ItemDraft("党参", 12.0)])))
    county.do(flooring.scrap, county.floor, prescription.key(), prescription.version, "other", put_back=True)
    assert _grams(county, lot) == (84, 84)
    with county.work() as work:
        kinds = [move.kind.value for move in work.stock_moves.of_lot(lot)]
        assert [claim.used_at for claim in stock_views.open_lot(work, county.floor, lot).claims] == [None]
    assert kinds == ["put_back", "dispensed", "received"]
    assert _dispense(county, county.now(prescription)).state is State.DISPENSED
    assert _books_balance(county)


def test_a_note_written_since_does_not_hide_which_lots_a_batch_was_made_of(county: County) -> None:
    keep_stock(county)
    lot = shelve(county, "党参", 84)
    prescription = _dispense(county, county.approved(draft([ItemDraft("党参", 12.0)])))
    with county.work() as work:
        # As a new plan of the day does for everything in the house.
        note(work, county.manager, hold(work, prescription.key()), "planned", {"plan": 1})
        work.commit()
    again = county.now(prescription)
    county.do(flooring.scrap, county.floor, again.key(), again.version, "other", put_back=True)
    assert _grams(county, lot) == (84, 84)
    assert _books_balance(county)


def test_herbs_that_were_soaked_cannot_be_put_back(county: County) -> None:
    keep_stock(county)
    lot = shelve(county, "党参", 200)
    dispensed = _dispense(county, county.approved(draft([ItemDraft("党参", 12.0)])))
    soaked = _step(county, dispensed, State.SOAKING)
    with pytest.raises(Invalid) as refusal:
        county.do(flooring.scrap, county.floor, soaked.key(), soaked.version, "spoilt", put_back=True)
    assert str(refusal.value) == "已经浸泡的药不能退回药斗。"
    assert _grams(county, lot) == (116, 0)


def test_one_approved_before_stock_was_kept_is_filled_when_it_is_dispensed(county: County) -> None:
    prescription = county.approved(draft([ItemDraft("党参", 12.0)]))
    keep_stock(county)
    with pytest.raises(Lacking):
        _dispense(county, prescription)
    lot = shelve(county, "党参", 84)
    _dispense(county, prescription)
    assert _grams(county, lot) == (0, 0)


def test_what_was_set_aside_is_taken_though_no_stock_is_kept_any_more(county: County) -> None:
    keep_stock(county)
    lot = shelve(county, "党参", 84)
    prescription = county.approved(draft([ItemDraft("党参", 12.0)]))
    keep_stock(county, Keeping.OFF)
    _dispense(county, prescription)
    assert _grams(county, lot) == (0, 0)


def test_of_two_orders_for_the_last_ten_grams_exactly_one_gets_them(county: County) -> None:
    keep_stock(county)
    lot = shelve(county, "党参", 70)
    answers = _approved_at_once(county, [draft([ItemDraft("党参", 10.0)])] * 2)
    assert sorted(type(answer).__name__ for answer in answers) == ["Lacking", "Prescription"]
    assert _grams(county, lot) == (70, 70)


def test_orders_that_name_their_herbs_in_any_order_do_not_wait_in_a_circle(county: County) -> None:
    keep_stock(county)
    stocked = [shelve(county, item.written_as, 5 * 7 * item.dose_g) for item in FOUR_GENTLEMEN]
    forms = [draft(FOUR_GENTLEMEN if turn % 2 else FOUR_GENTLEMEN[::-1]) for turn in range(8)]
    answers = _approved_at_once(county, forms)
    assert sorted(type(answer).__name__ for answer in answers) == ["Lacking"] * 3 + ["Prescription"] * 5
    assert {_grams(county, lot)[0] - _grams(county, lot)[1] for lot in stocked} == {0}


def _approved_at_once(county: County, forms: Sequence[PrescriptionDraft]) -> list[Prescription | Refused]:
    """Prescriptions of as many patients, all approved at one moment by two pharmacists."""
    people = [county.pharmacist, county.colleague]
    orders = [
        county.claimed(county.signed(form, county.visited(county.registered(id_number=""))), people[turn % 2])
        for turn, form in enumerate(forms)
    ]
    together = threading.Barrier(len(orders))
    answers: list[Prescription | Refused] = []

    def run(turn: int, order: Prescription) -> None:
        together.wait(10)
        page = (people[turn % 2], county.knowledge, order.key())
        try:
            with county.store.work(county.watch) as work:
                found = reviewing.open_case(work, *page).findings
                words = {each.key: FindingJudgement(FindingDecision.ACCEPTED) for each in found}
                done = reviewing.approve(work, *page, order.version, decisions=words)
                work.commit()
            answers.append(done)
        except Refused as refusal:
            answers.append(refusal)

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(orders)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(answers) == len(orders)
    return answers


def _unsaved(items: list[Item], **fields: Any) -> Prescription:
    return Prescription(
        encounter_id=1,
        patient_id=1,
        institution_id=1,
        village_id=1,
        doctor_id=1,
        edited_at=datetime(2026, 11, 21, tzinfo=UTC),
        request_key="",
        doses_count=7,
        items=items,
        **fields,
    )


def _stocked(county: County) -> list[int]:
    keep_stock(county)
    return [shelve(county, herb, grams + 1) for herb, grams in SEVEN_DOSES.items()]


def _step(county: County, prescription: Prescription, target: State) -> Prescription:
    return county.do(
        flooring.advance,
        county.floor,
        county.knowledge,
        prescription.key(),
        prescription.version,
        target,
    )


def _dispense(county: County, prescription: Prescription) -> Prescription:
    return _step(county, prescription, State.DISPENSED)


def _cancel(county: County, prescription: Prescription) -> Prescription:
    return county.do(
        prescribing.cancel, county.doctor, prescription.key(), prescription.version, "patient_declined"
    )


def _grams(county: County, lot_id: int) -> tuple[float, float]:
    with county.work() as work:
        lot: Lot = work.lots.get(lot_id)
    return lot.on_hand_mg / 1000, lot.reserved_mg / 1000


def _total(county: County, column: str) -> int:
    with county.store.engine.connect() as connection:
        return int(connection.scalar(select(func.sum(lots.c[column]))) or 0)


def _books_balance(county: County) -> bool:
    """What lots hold is the sum of their changes, what is promised the sum of the claims still held."""
    with county.store.engine.connect() as connection:
        moved = connection.scalar(select(func.sum(stock_moves.c.delta_mg)))
        held = connection.scalar(
            select(func.sum(reservations.c.amount_mg)).where(reservations.c.used_at.is_(None))
        )
    return (_total(county, "on_hand_mg"), _total(county, "reserved_mg")) == (moved, held or 0)
