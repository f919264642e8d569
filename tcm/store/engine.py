"""Opens the database: the same tables on SQLite in a folder and on PostgreSQL."""

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.orm import sessionmaker

from tcm.records.clock import Clock, utc_now
from tcm.store.blobs import Blobs
from tcm.store.keys import KeyRing, load_key
from tcm.store.mapping import map_records
from tcm.store.types import give_keys
from tcm.store.work import Work

HOME_VARIABLE = "TANGYE_HOME"
URL_VARIABLE = "TANGYE_DATABASE_URL"
BLOBS_VARIABLE = "TANGYE_BLOBS_URL"
DATABASE_FILE = "tangye.sqlite"
_BUSY_TIMEOUT_MS = 30_000
# The name of our own execution option.
READS_ONLY = "tangye_reads_only"

RECORDS = map_records()


@dataclass(frozen=True)
class Store:
    """An open database with its keys and pictures.

    Args:
        engine: SQLAlchemy's engine.
        keys: The key ring.
        blobs: Where pictures lie.
        home: The instance folder.
    """

    engine: Engine
    keys: KeyRing
    blobs: Blobs
    home: Path

    def work(self, clock: Clock = utc_now, *, reads_only: bool = False) -> Work:
        """A unit of work; nothing is kept unless it is committed.

        Args:
            clock: Tells the time of everything done in it.
            reads_only: It changes nothing, so on SQLite it waits for nobody and keeps nobody waiting; looks
                at patients' data are kept on record all the same.

        Returns:
            The work, to be entered with `with`.
        """
        engine = self.engine.execution_options(**{READS_ONLY: True}) if reads_only else self.engine
        sessions = sessionmaker(engine, expire_on_commit=False)
        return Work(sessions, self.blobs, self.keys, clock, reads_only=reads_only)

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def home_of(environ: Mapping[str, str]) -> Path:
    """The instance folder.

    Args:
        environ: `TANGYE_HOME`.

    Returns:
        The folder, which may not be there yet.
    """
    return Path(environ.get(HOME_VARIABLE) or "instance")


def database_url(home: Path, environ: Mapping[str, str]) -> str:
    """The URL of the database: from the environment, else SQLite in the instance folder.

    Args:
        home: The instance folder.
        environ: Environment variables.

    Returns:
        An SQLAlchemy URL.
    """
    return environ.get(URL_VARIABLE) or f"sqlite:///{(home / DATABASE_FILE).resolve()}"


def open_engine(url: str, keys: KeyRing) -> Engine:
    """An engine set up the way the house wants it.

    Args:
        url: An SQLAlchemy URL of SQLite or PostgreSQL.
        keys: For the sealed columns.

    Returns:
        The engine.
    """
    parsed = make_url(url)
    # Without its values an error may be logged, and kept beside a job that failed.
    engine = create_engine(parsed, pool_pre_ping=parsed.get_backend_name() != "sqlite", hide_parameters=True)
    give_keys(engine.dialect, keys)
    if parsed.get_backend_name() == "sqlite":
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin)
    return engine


def open_store(environ: Mapping[str, str] = os.environ) -> Store:
    """The store that the environment describes.

    Args:
        environ: `TANGYE_HOME`, `TANGYE_DATABASE_URL`, `TANGYE_BLOBS_URL`, `TANGYE_KEY`.

    Returns:
        An open store; its tables are made by the migrations.

    Raises:
        KeyUnusableError: When the key cannot be used.
    """
    home = home_of(environ)
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    keys = load_key(home, environ)
    blobs = Blobs(environ.get(BLOBS_VARIABLE) or str((home / "blobs").resolve()), keys)
    url = database_url(home, environ)
    _make_private(url)
    return Store(open_engine(url, keys), keys, blobs, home)


def _make_private(url: str) -> None:
    # Herbs, diagnoses and dates of birth lie in clear: a folder that was there before may be open to others.
    # SQLite gives the files beside it the same mode.
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        return
    # Where this fails, one is there already, or SQLite says why there can be none.
    with suppress(OSError):
        os.close(os.open(parsed.database, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def _set_up_sqlite(connection: Any, _record: object) -> None:
    # The driver must not begin transactions by itself: we begin them IMMEDIATE, below.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute(f"PRAGMA busy_timeout = {_BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.close()


def _begin(connection: Connection) -> None:
    # A transaction that reads first and writes later would fail with "locked" instead of waiting. One that
    # only reads sees a moment of its own, whoever writes meanwhile.
    reads_only = connection.get_execution_options().get(READS_ONLY, False)
    connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")
