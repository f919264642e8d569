"""A backup holds everything and is restored whole, on either database, or not at all."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zipfile import ZipFile

import pytest
from sqlalchemy import func, select, text

from tcm.store.backup import BackupUnusableError, back_up, restore
from tcm.store.blobs import Blobs
from tcm.store.engine import Store, open_engine
from tcm.store.keys import KeyRing
from tcm.store.mapping import metadata
from tests.conftest import KEYS
from tests.tcm.county import NAME, County

OTHER_KEYS = KeyRing(bytes(range(1, 33)))


def test_every_row_every_picture_and_every_hash_comes_back_on_the_other_database(
    county: County, other: Store, tmp_path: Path
) -> None:
    county.photographed(county.visited())
    county.approved()
    made = _backed_up(county, tmp_path / "b.zip")
    restore(other, made, _say_nothing)
    assert _rows(other) == _rows(county.store)
    names = county.store.blobs.names()
    assert len(names) > 0
    assert [other.blobs.get(name) for name in names] == [county.store.blobs.get(name) for name in names]
    with other.work() as work:
        assert work.ledger.verify().broken is None
        assert [each.name for each in work.patients.all()] == [NAME]


def test_life_goes_on_after_a_restore(county: County, other: Store, tmp_path: Path) -> None:
    county.approved()
    restore(other, _backed_up(county, tmp_path / "b.zip"), _say_nothing)
    again = county.at(other)
    # It counts its forms from one again, and those are in the backup.
    for _ in range(20):
        again.new_key()
    prescription = again.approved()
    with again.work() as work:
        assert work.ledger.verify().broken is None
        assert prescription.id == max(each.id or 0 for each in work.prescriptions.all())


def test_a_backup_is_of_one_moment_while_others_write(sqlite_county: County, tmp_path: Path) -> None:
    sqlite_county.approved()
    written: list[int] = []

    def write_once(_stage: str, _done: int, _of: int) -> None:
        if not written:
            written.append(sqlite_county.approved().key())

    made = tmp_path / "b.zip"
    with made.open("wb") as file:
        told = back_up(sqlite_county.store, file, sqlite_county.watch(), write_once)
    assert len(written) == 1
    assert told.tables["prescriptions"].rows == 1
    assert told.tables["ledger_events"].rows == 3


def test_a_picture_that_is_dropped_meanwhile_does_not_stop_it(sqlite_county: County, tmp_path: Path) -> None:
    sqlite_county.photographed(sqlite_county.visited())
    first, second = sqlite_county.store.blobs.names()

    def drop_the_second(stage: str, done: int, _of: int) -> None:
        if (stage, done) == ("pictures", 1):
            sqlite_county.store.blobs.remove(second)

    with (tmp_path / "b.zip").open("wb") as file:
        told = back_up(sqlite_county.store, file, sqlite_county.watch(), drop_the_second)
    assert told.blobs == 1
    with ZipFile(tmp_path / "b.zip") as archive:
        assert [name for name in archive.namelist() if name.startswith("blobs/")] == [f"blobs/{first}"]


def test_nothing_readable_of_a_patient_is_in_it(sqlite_county: County, tmp_path: Path) -> None:
    sqlite_county.approved()
    with ZipFile(_backed_up(sqlite_county, tmp_path / "b.zip")) as archive:
        everything = b"".join(archive.read(name) for name in archive.namelist())
    assert NAME.encode() not in everything


def test_a_house_that_is_not_empty_is_left_alone(sqlite_county: County, tmp_path: Path) -> None:
    made = _backed_up(sqlite_county, tmp_path / "b.zip")
    before = _rows(sqlite_county.store)
    with pytest.raises(BackupUnusableError, match="not empty"):
        restore(sqlite_county.store, made, _say_nothing)
    assert _rows(sqlite_county.store) == before


def test_another_key_is_refused_and_nothing_is_written(sqlite_county: County, tmp_path: Path) -> None:
    made = _backed_up(sqlite_county, tmp_path / "b.zip")
    with _empty_at(f"sqlite:///{tmp_path / 'new.sqlite'}", tmp_path / "new", OTHER_KEYS) as store:
        with pytest.raises(BackupUnusableError, match="another key"):
            restore(store, made, _say_nothing)
        assert set(_counts(store).values()) == {0}


@pytest.mark.parametrize(
    "spoil",
    [
        *("cut", "row left out", "row altered", "no manifest", "no zip", "odd name"),
        *("no table", "no picture", "another picture"),
    ],
)
def test_what_is_not_whole_is_refused_in_a_sentence_and_nothing_is_written(
    sqlite_county: County, tmp_path: Path, spoil: str
) -> None:
    sqlite_county.photographed(sqlite_county.visited())
    sqlite_county.approved()
    made = _spoilt(_backed_up(sqlite_county, tmp_path / "b.zip"), spoil)
    with _empty_at(f"sqlite:///{tmp_path / 'new.sqlite'}", tmp_path / "new", KEYS) as store:
        with pytest.raises(BackupUnusableError):
            restore(store, made, _say_nothing)
        assert set(_counts(store).values()) <= {0}


@pytest.fixture
def other(county: County, tmp_path: Path, postgres_url: str) -> Iterator[Store]:
    """A house with no tables yet, on the database that the county is not on."""
    if county.store.engine.dialect.name == "postgresql":
        with _empty_at(f"sqlite:///{tmp_path / 'empty.sqlite'}", tmp_path / "empty", KEYS) as store:
            yield store
        return
    administration = open_engine(postgres_url, KEYS).execution_options(isolation_level="AUTOCOMMIT")
    with administration.connect() as connection:
        connection.execute(text("CREATE DATABASE tangye_empty"))
    with _empty_at(postgres_url.replace("/postgres?", "/tangye_empty?"), tmp_path / "empty", KEYS) as store:
        yield store
    with administration.connect() as connection:
        connection.execute(text("DROP DATABASE tangye_empty WITH (FORCE)"))
    administration.dispose()


@contextmanager
def _empty_at(url: str, home: Path, keys: KeyRing) -> Iterator[Store]:
    store = Store(open_engine(url, keys), keys, Blobs(str(home / "blobs"), keys), home)
    yield store
    store.close()


def _backed_up(county: County, to: Path) -> Path:
    with to.open("wb") as file:
        back_up(county.store, file, county.watch(), _say_nothing)
    return to


def _say_nothing(_stage: str, _done: int, _of: int) -> None:
    pass


def _rows(store: Store) -> dict[str, list[object]]:
    """Every table; what is sealed is opened, for the same values are sealed otherwise each time."""
    with store.engine.connect() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(table.c.id))]
            for table in metadata.sorted_tables
        }


def _counts(store: Store) -> dict[str, int]:
    with store.engine.connect() as connection:
        there = connection.dialect.get_table_names(connection)
        return {
            table.name: connection.scalar(select(func.count()).select_from(table)) or 0
            for table in metadata.sorted_tables
            if table.name in there
        }


def _spoilt(made: Path, how: str) -> Path:
    if how == "cut":
        made.write_bytes(made.read_bytes()[:-400])
        return made
    if how == "no zip":
        made.write_text("nothing", encoding="utf-8")
        return made
    with ZipFile(made) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    rows = "tables/ledger_events.jsonl"
    if how == "row left out":
        parts[rows] = b"".join(parts[rows].splitlines(keepends=True)[1:])
    elif how == "row altered":
        parts[rows] = parts[rows].replace(b"signed", b"SIGNED")
    elif how == "no manifest":
        del parts["manifest.json"]
    elif how == "no picture":
        del parts[next(name for name in parts if name.startswith("blobs/"))]
    elif how == "another picture":
        parts[next(name for name in parts if name.startswith("blobs/"))] = b"junk"
    elif how == "no table":
        manifest = json.loads(parts["manifest.json"])
        del manifest["tables"]["bags"]
        parts["manifest.json"] = json.dumps(manifest).encode()
    else:
        manifest = json.loads(parts["manifest.json"])
        manifest["tables"]["x; DROP TABLE staff"] = manifest["tables"].pop("staff")
        parts["manifest.json"] = json.dumps(manifest).encode()
    with ZipFile(made, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return made
