"""What is the machine's fault is told apart from a mistake of ours, by what the databases really say."""

import errno
import os
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError, OperationalError

from tcm.store.engine import Store
from tcm.store.troubles import MachineTrouble, trouble_of
from tests.small_disk import small_disk


def test_somebody_elses_lock_is_a_busy_database(store: Store) -> None:
    is_sqlite = store.engine.dialect.name == "sqlite"
    soon = "PRAGMA busy_timeout = 20" if is_sqlite else "SET lock_timeout = '20ms'"
    change = "UPDATE alembic_version SET version_num = version_num"
    with store.engine.connect() as first, store.engine.connect() as second:
        # Connections of the pool wait for half a minute; this one is told before it begins.
        second.connection.cursor().execute(soon)
        first.exec_driver_sql(change)
        with pytest.raises(OperationalError) as busy:
            second.exec_driver_sql(change)
    assert trouble_of(busy.value) is MachineTrouble.BUSY


def test_a_database_that_may_not_grow_says_full(sqlite_store: Store) -> None:
    with sqlite_store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1")
        with pytest.raises(OperationalError) as full:
            connection.exec_driver_sql("CREATE TABLE more AS SELECT zeroblob(1000000) AS it")
    assert trouble_of(full.value) is MachineTrouble.FULL


def test_a_tablespace_on_a_full_disk_says_full(postgres_url: str) -> None:
    engine = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    with small_disk(1) as disk, engine.connect() as connection:
        place = disk.folder / "space"
        place.mkdir()
        data = Path(str(connection.scalar(text("SHOW data_directory"))))
        os.chown(place, data.stat().st_uid, data.stat().st_gid)
        connection.execute(text(f"CREATE TABLESPACE small LOCATION '{place}'"))
        try:
            connection.execute(text("CREATE TABLE filled (it text) TABLESPACE small"))
            with pytest.raises(DBAPIError) as full:
                connection.execute(
                    text("INSERT INTO filled SELECT md5(n::text) FROM generate_series(1, 50000) n")
                )
        finally:
            connection.execute(text("DROP TABLE IF EXISTS filled"))
            connection.execute(text("DROP TABLESPACE small"))
    engine.dispose()
    assert trouble_of(full.value) is MachineTrouble.FULL


def test_what_an_error_was_raised_from_counts_and_a_mistake_of_ours_is_none() -> None:
    wrapped = RuntimeError("while a picture was kept")
    wrapped.__cause__ = OSError(errno.ENOSPC, "No space left on device")
    told = [trouble_of(each) for each in (wrapped, OSError(errno.ENOENT, "none"), KeyError("pot"))]
    assert told == [MachineTrouble.FULL, None, None]
