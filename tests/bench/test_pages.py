"""Pages stay fast as the county grows: their statements are counted, and what these read; never the time."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from bench.fifty_thousand import found, register_patients
from bench.history import History
from bench.pages import NO_LIMITS, Timing, open_house
from tcm.store.blobs import Blobs
from tcm.store.engine import Store, open_engine
from tcm.store.ledger import Verified
from tests.conftest import KEYS
from web.settings import Settings

FIRST = date(2026, 11, 16)
# Small enough that a log-in costs a millisecond.
SETTINGS = Settings(argon2_time_cost=1, argon2_memory_kib=8, argon2_parallelism=1, **NO_LIMITS)
# One patient a house: each has come before, after the few days as after the many.
A_DAY, PLAN_S, PATIENTS_OF_HOUSE, FEW_DAYS, MANY_DAYS = 4, 0.5, 1, 12, 24
# To recompute the ledger is to read all of it.
READ_ALL = {"POST /admin/ledger"}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> Iterator[Store]:
    """A store of its own for this module."""
    home = tmp_path_factory.mktemp("county")
    path = home / "tangye.sqlite"
    path.write_bytes(migrated_sqlite.read_bytes())
    opened = Store(open_engine(f"sqlite:///{path}", KEYS), KEYS, Blobs(str(home / "blobs"), KEYS), home)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def few_and_many(store: Store) -> list[dict[tuple[str, str], Timing]]:
    """Every page by who asks and what for, after a few days and after many."""
    town = found(store, SETTINGS, 1, FIRST, A_DAY, PLAN_S)
    seen = []
    with store.engine.connect() as connection:
        history = History(connection, register_patients(connection, town, PATIENTS_OF_HOUSE), town.rng)
        for number in range(1, MANY_DAYS):
            history.copy_to(FIRST, number)
            connection.commit()
            if number + 1 in (FEW_DAYS, MANY_DAYS):
                timings, _ = open_house(store, SETTINGS, rounds=0).everything()
                seen.append({(each.who, each.what): each for each in timings})
    return seen


def test_a_copied_history_is_a_whole_ledger(
    store: Store, few_and_many: list[dict[tuple[str, str], Timing]]
) -> None:
    with store.work(reads_only=True) as work:
        seen = work.ledger.verify()
    one_day = seen.events // MANY_DAYS
    assert seen == Verified(A_DAY * MANY_DAYS, one_day * MANY_DAYS, MANY_DAYS, None)


def test_no_page_sends_more_statements_after_more_days(
    few_and_many: list[dict[tuple[str, str], Timing]],
) -> None:
    few, many = ({page: timing.statements for page, timing in each.items()} for each in few_and_many)
    assert {page: (few.get(page), count) for page, count in many.items() if few.get(page) != count} == {}


def test_no_page_reads_a_growing_table_from_end_to_end(
    few_and_many: list[dict[tuple[str, str], Timing]],
) -> None:
    many = few_and_many[-1]
    read = {page: timing.read_through for page, timing in many.items() if timing.what not in READ_ALL}
    assert {page: tables for page, tables in read.items() if tables} == {}


def test_pages_of_every_role_are_asked_for(few_and_many: list[dict[tuple[str, str], Timing]]) -> None:
    asked = {who for who, _ in few_and_many[-1]}
    assert asked == {"anyone", "doctor", "pharmacist", "floor", "courier", "manager", "admin"}
