"""`tangye ledger`: verified with counts or by naming the first break; heads published and checked."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tcm.records.locked_book import LockedKind
from tcm.store.engine import Store, open_store
from tcm.store.migrate import upgrade
from tests.tcm.county import County
from tests.tcm.stocked import shelve
from tests.web.cli.conftest import Tangye


@pytest.fixture
def store(tangye: Tangye) -> Iterator[Store]:
    """The store in the command's home."""
    opened = open_store(tangye.environ)
    upgrade(opened.engine)
    yield opened
    opened.close()


@pytest.fixture
def county(store: Store) -> County:
    """Two approved prescriptions, sealed."""
    county = County(store)
    county.approved()
    county.approved()
    with county.work() as work:
        work.ledger.seal(work.now)
        work.commit()
    return county


def test_a_whole_ledger_is_counted(tangye: Tangye, county: County) -> None:
    answer = tangye.run("ledger", "verify")
    assert (answer.returncode, answer.stderr) == (0, "")
    assert json.loads(answer.stdout) == {
        "ok": True,
        "prescriptions": 2,
        "events": 6,
        "heads": 1,
        "published": 0,
    }


@pytest.mark.parametrize(
    ("statement", "prescription_id", "seq"),
    [
        ("UPDATE ledger_events SET payload = '{}' WHERE prescription_id = 2 AND seq = 3", 2, 3),
        ("UPDATE ledger_events SET actor_id = actor_id + 1 WHERE prescription_id = 1 AND seq = 1", 1, 1),
        ("DELETE FROM ledger_events WHERE prescription_id = 1 AND seq = 2", 1, 2),
    ],
)
def test_what_was_tampered_with_is_named(
    tangye: Tangye, county: County, statement: str, prescription_id: int, seq: int
) -> None:
    county.store.close()
    with closing(sqlite3.connect(tangye.home / "tangye.sqlite")) as file, file:
        for trigger in ("ledger_events_no_update", "ledger_events_no_delete"):
            file.execute(f"DROP TRIGGER {trigger}")
        assert file.execute(statement).rowcount == 1
    answer = tangye.run("ledger", "verify")
    told = json.loads(answer.stdout)
    assert (answer.returncode, told["ok"]) == (1, False)
    assert (told["broken"]["prescription_id"], told["broken"]["seq"]) == (prescription_id, seq)
    assert answer.stderr.count("\n") == 1
    assert answer.stderr.startswith(f"tangye: broken at prescription {prescription_id}, seq {seq}: ")


def test_a_home_without_a_database_says_what_to_run(tangye: Tangye) -> None:
    answer = tangye.run("ledger", "verify")
    assert (answer.returncode, answer.stdout) == (2, "")
    assert answer.stderr == f"tangye: there is no database in {tangye.home}; run: tangye up\n"
    assert list(tangye.home.rglob("*")) == []


def test_a_database_that_is_behind_says_what_to_run(tangye: Tangye) -> None:
    behind = open_store(tangye.environ)
    upgrade(behind.engine, to="0001")
    behind.close()
    answer = tangye.run("ledger", "verify")
    assert (answer.returncode, answer.stdout) == (2, "")
    assert answer.stderr == "tangye: the database is not up to date; run: tangye up\n"


def test_published_heads_are_checked_anywhere_and_hold(
    tangye: Tangye, county: County, tmp_path: Path
) -> None:
    stick = tmp_path / "stick"
    published = tangye.run("ledger", "publish", str(stick))
    assert json.loads(published.stdout) == {"written": 1, "folder": str(stick)}
    [file] = stick.iterdir()
    assert tangye.run("ledger", "head").stdout == file.read_text()
    checked = json.loads(tangye.run("ledger", "check", str(file)).stdout)
    assert (checked["ok"], checked["heads"]) == (True, 1)
    verified = tangye.run("ledger", "verify", "--published", str(stick))
    assert json.loads(verified.stdout)["published"] == 1
    assert tangye.run("ledger", "check", str(file), "--key", "another").returncode == 1


def test_a_head_that_was_changed_after_publishing_is_found(tangye: Tangye, county: County) -> None:
    tangye.run("ledger", "publish")
    county.store.close()
    with closing(sqlite3.connect(tangye.home / "tangye.sqlite")) as file, file:
        for (trigger,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            file.execute(f"DROP TRIGGER {trigger}")
        file.execute("DELETE FROM ledger_heads")
    answer = tangye.run("ledger", "verify")
    assert answer.returncode == 1
    assert answer.stderr == "tangye: broken: the head of 2026-11-21 was published and is gone\n"


def test_a_house_that_sealed_nothing_has_no_head_to_show(tangye: Tangye, store: Store) -> None:
    answer = tangye.run("ledger", "head")
    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr == "tangye: no head was sealed then; the worker seals one a day\n"


def test_the_locked_book_is_walked_and_a_shelf_that_disagrees_is_named(
    tangye: Tangye, county: County
) -> None:
    assert json.loads(tangye.run("ledger", "book").stdout) == {"ok": True, "pages": 0, "lines": 0}
    shelve(county, "西红花", 50, locked_as=LockedKind.PRECIOUS)
    answer = tangye.run("ledger", "book")
    assert (answer.returncode, answer.stderr) == (
        1,
        "tangye: broken at page 西红花: the balance is not what the lots add up to\n",
    )
