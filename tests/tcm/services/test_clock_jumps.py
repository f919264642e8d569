"""The server's clock jumps, forward or back: nothing is locked, lost or put out of order by it."""

from datetime import timedelta

import pytest

from tcm.records.errors import Forbidden, Invalid
from tcm.records.lifecycle import State
from tcm.services import (
    calling_back,
    delivering,
    flooring,
    keeping,
    notifying,
    queueing,
    reviewing,
    unlocking,
)
from tcm.services.prescribing import ItemDraft
from tcm.services.signing_in import LockOut, hash_password, make_hasher, sign_in
from tcm.store.trace_queries import is_recalled, recalled_prescriptions, uses_of_lots
from tests.tcm.centre import brought_to, on_the_road, packed, step
from tests.tcm.county import County, draft
from tests.tcm.stocked import keep_stock, shelve

YEAR = timedelta(days=365)
HASHER = make_hasher(1, 8, 1)


@pytest.mark.parametrize("jump", [YEAR, -YEAR, timedelta(hours=-8)])
def test_a_prescription_goes_on_over_a_jump_at_every_step_and_its_times_stay_in_order(
    county: County, jump: timedelta
) -> None:
    prescription = county.approved()
    for target in (State.DISPENSED, State.SOAKING, State.DECOCTING, State.PACKED):
        county.watch.pass_(seconds=jump.total_seconds())
        prescription = step(county, prescription, target, "P01" if target is State.DECOCTING else None)
    route = on_the_road(county, prescription)
    county.watch.pass_(seconds=jump.total_seconds())
    with county.work() as work:
        assert delivering.open_route(work, county.courier, route.id or 0).route.id == route.id
    county.do(delivering.deliver, county.courier, prescription.key(), None)
    events = county.events(prescription)
    assert [each.at for each in events] == sorted(each.at for each in events)
    assert _ledger_holds(county)


def test_a_recall_finds_the_bag_of_what_was_packed_by_a_clock_put_back(county: County) -> None:
    keep_stock(county)
    lot = shelve(county, "党参", 400)
    burnt = brought_to(county, county.approved(draft([ItemDraft("党参", 12.0)])), State.DECOCTING)
    county.watch.pass_(hours=-8)
    scrapped = county.do(flooring.scrap, county.floor, burnt.key(), burnt.version, "burnt")
    assert _uses(county, lot) == []
    county.watch.pass_(hours=-8)
    prescription = brought_to(county, scrapped, State.PACKED)
    with county.work() as work:
        [bag] = work.bags.of_prescription(prescription.key())
    assert _uses(county, lot) == [bag.code]
    county.do(calling_back.draft, county.pharmacist, lot, "霉变", county.new_key())
    with county.work() as work:
        assert recalled_prescriptions(work.session, [prescription.key()]) == {prescription.key()}
        assert is_recalled(work.session, bag.id or 0)


def test_a_claim_made_by_a_clock_that_ran_ahead_does_not_hold_until_then(county: County) -> None:
    county.watch.pass_(days=365)
    prescription = county.signed()
    county.claimed(prescription)
    with pytest.raises(Invalid):
        county.claimed(prescription, county.colleague)
    county.watch.pass_(days=-365)
    with county.work() as work:
        [row] = queueing.queue(work, county.colleague, county.knowledge)
        assert row.row.claimed_by is None
    claimed = county.claimed(prescription, county.colleague)
    done = county.do(reviewing.approve, county.colleague, county.knowledge, claimed.key(), claimed.version)
    assert done.state is State.APPROVED


def test_failures_counted_by_a_clock_that_ran_ahead_lock_nobody_out(county: County) -> None:
    with county.work() as work:
        work.staff.get(county.doctor.staff_id).password_hash = hash_password(HASHER, "当归-danggui-15")
        work.commit()
    prescription = packed(county)
    with county.work() as work:
        [bag] = work.bags.of_prescription(prescription.key())
    county.watch.pass_(days=365)
    for _ in range(LockOut().failures):
        with county.work() as work, pytest.raises(Forbidden):
            sign_in(work, "li", "wrong", hasher=HASHER)
        with county.work() as work, pytest.raises(Forbidden):
            unlocking.unlock(work, bag.code, "9999")
    county.watch.pass_(days=-365)
    with county.work() as work:
        assert sign_in(work, "li", "当归-danggui-15", hasher=HASHER).id == county.doctor.staff_id
    with county.work() as work:
        assert unlocking.unlock(work, bag.code, "1234") == prescription.key()


def test_a_notice_that_was_put_off_by_a_clock_that_ran_ahead_is_sent_today(county: County) -> None:
    county.watch.pass_(days=365)
    on_the_road(county, packed(county))
    with county.work() as work:
        assert len(notifying.claim(work, "https://centre.example")) == 1
        work.commit()
    county.watch.pass_(days=-365)
    with county.work() as work:
        [letter] = notifying.claim(work, "https://centre.example")
        notifying.note_sent(work, letter.notice_id)
        work.commit()
    with county.work() as work:
        assert notifying.claim(work, "https://centre.example") == []


def test_days_go_on_being_sealed_after_a_head_of_a_later_day(county: County) -> None:
    def sealed() -> bool:
        county.signed()
        with county.work() as work:
            head = work.ledger.seal_daily(work.now)
            work.commit()
        return head is not None

    assert [sealed(), sealed()] == [True, False]
    county.watch.pass_(days=365)
    assert sealed()
    county.watch.pass_(days=-364)
    assert [sealed(), sealed()] == [True, False]
    assert _ledger_holds(county)


def test_what_is_kept_for_a_month_is_not_thrown_away_by_a_jump(county: County) -> None:
    visit = county.visited().id or 0
    county.do(keeping.keep_draft, county.doctor, visit, "form", None, {"usage": ["水煎服"]})
    county.watch.pass_(days=365)
    assert _cleared(county) == 0
    _seal(county)
    assert _cleared(county) == 0
    # The house has worked by this clock for a day: it is believed.
    county.watch.pass_(days=1)
    assert _cleared(county) == 1


def _cleared(county: County) -> int:
    with county.work() as work:
        count = keeping.clear_old(work)
        work.commit()
    return count


def _seal(county: County) -> None:
    county.signed()
    with county.work() as work:
        work.ledger.seal_daily(work.now)
        work.commit()


def _uses(county: County, lot: int) -> list[str | None]:
    with county.work() as work:
        return [each.bag_code for each in uses_of_lots(work.session, [lot])]


def _ledger_holds(county: County) -> bool:
    with county.work() as work:
        return work.ledger.verify().broken is None
