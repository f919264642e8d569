"""What the demo's people sign for besides the medicine, and the precious herb that one patient is given."""

import random
from collections import Counter
from datetime import timedelta

import pytest

from tcm.records.clock import county_day, utc_now
from tcm.records.lifecycle import State
from tcm.records.locked_book import AGREES, BookKind
from tcm.records.roles import Role
from tcm.records.upkeep import Standing
from tcm.services import book_views, health_checking, quality_reviewing, upkeeping
from tcm.store.engine import Store
from tests.tcm.county import KNOWLEDGE
from web.demo import county
from web.demo.clock import DayClock
from web.demo.keeping import MISSED_HERB, begin_records, clean_devices, count_the_book
from web.demo.mornings import give_precious
from web.demo.reviews import review_all
from web.demo.town import Town
from web.demo.weighing import dispense, second_person

BEHIND = timedelta(days=7)


@pytest.fixture
def town(sqlite_store: Store) -> Town:
    """The county of seed 1, a week before its desks open."""
    clock = DayClock(utc_now() - BEHIND)
    county.set_up(sqlite_store, "no log-in here", seed=1, opens_at=clock())
    town = Town(sqlite_store, clock, KNOWLEDGE, random.Random(1), county_day(utc_now()), lambda *_: None)
    town.meet()
    return town


def test_when_the_desks_open_one_check_is_over_one_ends_soon_and_so_does_one_health_check(town: Town) -> None:
    begin_records(town)
    town.clock.to(town.clock() + BEHIND)
    clean_devices(town)
    manager = town.staff[Role.MANAGER][0].actor
    with town.work() as work:
        devices = upkeeping.list_devices(work, manager)
        health = health_checking.due_list(work, manager)
        reviews = quality_reviewing.open_reviews(work, manager).reviews
    assert Counter(row.standing for row in devices) == {
        Standing.HOLDS: 34,
        Standing.OVERDUE: 1,
        Standing.SOON: 1,
    }
    assert [row.code for row in devices if not row.is_clean] == []
    assert Counter(each.standing for each in health) == {Standing.HOLDS: 8, Standing.SOON: 1}
    begins, _ = quality_reviewing.bounds_of(quality_reviewing.quarter_of(town.day - BEHIND))
    assert [each.quarter for each in reviews] == [
        quality_reviewing.quarter_of(begins - timedelta(days=1)),
    ]


def test_a_precious_herb_is_given_out_and_counted_by_two_and_the_manager_answers(town: Town) -> None:
    prescription_id = give_precious(town, "precious")
    assert review_all(town) == 1
    hand = town.staff[Role.FLOOR][2].actor
    with town.work() as work:
        prescription = work.prescriptions.get(prescription_id)
        dispense(work, hand, second_person(town, prescription), KNOWLEDGE, prescription_id)
        work.commit()
    count_the_book(town)
    with town.work() as work:
        state = work.prescriptions.get(prescription_id).state
        page = book_views.open_page(work, hand, MISSED_HERB)
        book = book_views.open_book(work, hand)
        counts = [line for row in book.rows for line in work.book.page(row.herb)[-1:]]
    assert state is State.DISPENSED
    assert [line.kind for line in page.lines] == [BookKind.OPENED, BookKind.DISPENSED, BookKind.COUNTED]
    assert page.lines[1].prescription_id == prescription_id
    assert page.lines[2].delta_mg == -400
    assert list(page.answers) == [page.lines[2].id]
    assert (page.holds, book.differences, book.due_count) == (True, [], 0)
    assert Counter(line.reason for line in counts) == {AGREES: len(book.rows) - 1, "weighing": 1}
