"""Opening the store: from the environment, private by default, two writers wait for each other."""

import base64
import stat
import threading
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tcm.store.engine import BLOBS_VARIABLE, HOME_VARIABLE, URL_VARIABLE, database_url, open_store
from tcm.store.keys import KEY_FILE, KEY_VARIABLE, KeyUnusableError
from tcm.store.migrate import is_current, upgrade
from tests.tcm.county import NAME, County


def test_a_new_house_keeps_everything_in_its_own_folder(tmp_path: Path) -> None:
    home = tmp_path / "instance"
    store = open_store({HOME_VARIABLE: str(home)})
    assert not is_current(store.engine)
    upgrade(store.engine)
    assert is_current(store.engine)
    store.close()
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert sorted(path.name for path in home.iterdir()) == ["blobs", KEY_FILE, "tangye.sqlite"]


def test_the_database_is_private_in_a_folder_that_others_can_read(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    store = open_store({HOME_VARIABLE: str(tmp_path)})
    upgrade(store.engine)
    with store.engine.connect():
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.glob("tangye.sqlite*")}
    store.close()
    assert modes == dict.fromkeys(("tangye.sqlite", "tangye.sqlite-wal", "tangye.sqlite-shm"), 0o600)


def test_an_error_of_the_database_does_not_quote_what_was_to_be_stored(county: County) -> None:
    with pytest.raises(IntegrityError) as raised, county.store.engine.begin() as connection:
        connection.execute(text("INSERT INTO pots (code) VALUES (:code)"), {"code": NAME})
    assert NAME not in str(raised.value).partition("DETAIL")[0]


def test_migrating_twice_changes_nothing(tmp_path: Path) -> None:
    store = open_store({HOME_VARIABLE: str(tmp_path)})
    upgrade(store.engine)
    upgrade(store.engine)
    assert is_current(store.engine)
    store.close()


def test_the_environment_says_where_database_pictures_and_key_are(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'elsewhere.sqlite'}"
    store = open_store(
        {
            HOME_VARIABLE: str(tmp_path / "home"),
            URL_VARIABLE: url,
            BLOBS_VARIABLE: str(tmp_path / "pictures"),
            KEY_VARIABLE: base64.b64encode(bytes(32)).decode(),
        }
    )
    store.blobs.put(b"picture")
    assert str(store.engine.url) == url
    assert [path.name[2] for path in (tmp_path / "pictures").iterdir()] == ["-"]
    assert list((tmp_path / "home").iterdir()) == []
    store.close()


def test_an_empty_variable_counts_as_none(tmp_path: Path) -> None:
    expected = f"sqlite:///{tmp_path / 'tangye.sqlite'}"
    assert database_url(tmp_path, {URL_VARIABLE: ""}) == database_url(tmp_path, {}) == expected


def test_a_wrong_key_opens_no_store(tmp_path: Path) -> None:
    with pytest.raises(KeyUnusableError):
        open_store({HOME_VARIABLE: str(tmp_path), KEY_VARIABLE: "short"})


def test_sqlite_is_set_up_for_several_writers(sqlite_county: County) -> None:
    with sqlite_county.store.engine.connect() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "busy_timeout", "foreign_keys")
        }
    assert pragmas == {"journal_mode": "wal", "busy_timeout": 30_000, "foreign_keys": 1}


def test_a_row_that_is_referred_to_is_not_deleted(county: County) -> None:
    with pytest.raises(IntegrityError), county.store.engine.begin() as connection:
        connection.execute(text("DELETE FROM institutions"))


def test_eight_writers_at_once_lose_nothing(county: County) -> None:
    # Each writes for a patient of their own: what one patient still has of other prescriptions is a finding.
    visits = [county.visited(county.registered(id_number="")) for _ in range(8)]
    threads = [threading.Thread(target=county.approved, args=(None, visit)) for visit in visits]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    with county.work() as work:
        verified = work.ledger.verify()
        numbers = [prescription.number for prescription in work.prescriptions.all()]
    assert (verified.prescriptions, verified.events, verified.broken) == (8, 24, None)
    assert len(set(numbers)) == 8
