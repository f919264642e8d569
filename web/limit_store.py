"""Where requests are counted: one small file that all web processes of a machine share.

`limits` counts in memory, in Redis, Memcached or MongoDB. In memory each process counts for itself, so that
two processes let twice as much through, and how much depends on which of them answers; a server more to keep
for sixty looks a minute is too much for a county. The file holds no address and no name: keys are keyed
hashes. Where it cannot be used, as on a full disk, each process counts for itself: pages go on.
"""

import hashlib
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from limits.storage import MemoryStorage, MovingWindowSupport, Storage

from tcm.store.keys import KeyRing

SCHEME = "tangye-shared"
FILE = "limits.sqlite"
# A page would rather be counted in memory than wait for this.
_WAIT_S = 0.5
_SWEEP_EVERY = 256
# A clock that was set back must lock nobody out until it has caught up.
_AHEAD_S = 1.0
_UNUSABLE = (sqlite3.Error, OSError)
_TABLES = (
    "CREATE TABLE IF NOT EXISTS hits (who BLOB NOT NULL, at REAL NOT NULL, until REAL NOT NULL)",
    "CREATE INDEX IF NOT EXISTS ix_hits_who_at ON hits (who, at)",
    "CREATE INDEX IF NOT EXISTS ix_hits_until ON hits (until)",
)


class SharedStorage(Storage, MovingWindowSupport):
    """Counts in a SQLite file, which is locked for a fraction of a millisecond a request.

    Args:
        uri: `tangye-shared:///path/of/the/file`.
        wrap_exceptions: As for every storage of `limits`.
        secret: Keys the hashes, hexadecimal.
    """

    STORAGE_SCHEME = [SCHEME]  # noqa: RUF012 - as the base class has it

    def __init__(
        self, uri: str | None = None, wrap_exceptions: bool = False, secret: str = "", **options: Any
    ) -> None:
        super().__init__(uri, wrap_exceptions=wrap_exceptions, **options)
        self._path = Path(unquote(urlsplit(uri or "").path))
        self._secret = bytes.fromhex(secret)
        self._mine = threading.local()
        self._count = 0
        self._alone = MemoryStorage()

    @property
    def base_exceptions(self) -> type[Exception] | tuple[type[Exception], ...]:
        """What going wrong looks like."""
        return sqlite3.Error

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count a request unless that were too many in the last `expiry` seconds."""
        who, now = self._hashed(key), time.time()
        try:
            with self._writing(now) as connection:
                if self._seen(connection, who, now, expiry)[1] + amount > limit:
                    return False
                self._add(connection, who, now, expiry, amount)
        except _UNUSABLE:
            return self._alone.acquire_entry(key, limit, expiry, amount)
        return True

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """When the oldest counted request of the last `expiry` seconds came, and how many there are."""
        who, now = self._hashed(key), time.time()
        try:
            return self._seen(self._connection(), who, now, expiry)
        except _UNUSABLE:
            return self._alone.get_moving_window(key, limit, expiry)

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count whatever the limit; how many are counted then."""
        who, now = self._hashed(key), time.time()
        with self._writing(now) as connection:
            self._add(connection, who, now, expiry, amount)
        return self.get(key)

    def get(self, key: str) -> int:
        """How many are counted and not over."""
        query = "SELECT count(*) FROM hits WHERE who = ? AND until > ?"
        found: int = self._connection().execute(query, (self._hashed(key), time.time())).fetchone()[0]
        return found

    def get_expiry(self, key: str) -> float:
        """When the newest counted one is over."""
        query = "SELECT max(until) FROM hits WHERE who = ?"
        until: float | None = self._connection().execute(query, (self._hashed(key),)).fetchone()[0]
        return time.time() if until is None else until

    def check(self) -> bool:
        """Whether the file can be used."""
        self._connection().execute("SELECT 1 FROM hits LIMIT 1")
        return True

    def reset(self) -> int | None:
        """Forget everything; how much that was."""
        with self._writing(time.time()) as connection:
            return connection.execute("DELETE FROM hits").rowcount

    def clear(self, key: str) -> None:
        """Forget one key."""
        with self._writing(time.time()) as connection:
            connection.execute("DELETE FROM hits WHERE who = ?", (self._hashed(key),))

    def _hashed(self, key: str) -> bytes:
        return hashlib.blake2b(key.encode(), key=self._secret, digest_size=16).digest()

    @staticmethod
    def _seen(connection: sqlite3.Connection, who: bytes, now: float, expiry: float) -> tuple[float, int]:
        query = "SELECT min(at), count(*) FROM hits WHERE who = ? AND at >= ? AND at <= ?"
        first, count = connection.execute(query, (who, now - expiry, now + _AHEAD_S)).fetchone()
        return now if first is None else first, count

    @staticmethod
    def _add(connection: sqlite3.Connection, who: bytes, now: float, expiry: float, amount: int) -> None:
        connection.executemany("INSERT INTO hits VALUES (?, ?, ?)", [(who, now, now + expiry)] * amount)

    @contextmanager
    def _writing(self, now: float) -> Iterator[sqlite3.Connection]:
        """A write that nobody comes between; now and then what is over is swept out."""
        connection = self._connection()
        connection.execute("BEGIN IMMEDIATE")
        try:
            self._count += 1
            if self._count % _SWEEP_EVERY == 1:
                connection.execute("DELETE FROM hits WHERE until < ? OR at > ?", (now, now + _AHEAD_S))
            yield connection
            connection.execute("COMMIT")
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._mine, "connection", None)
        if connection is None:
            # Addresses are hashed, yet how often somebody came is nobody else's matter.
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
            connection = sqlite3.connect(self._path, timeout=_WAIT_S, isolation_level=None)
            connection.execute("PRAGMA journal_mode = WAL")
            # What a power cut takes is a minute's count.
            connection.execute("PRAGMA synchronous = OFF")
            for statement in _TABLES:
                connection.execute(statement)
            self._mine.connection = connection
        return connection


def storage_uri(home: Path) -> str:
    """Where the processes over one instance folder count.

    Args:
        home: The instance folder.

    Returns:
        For `limits` and Flask-Limiter.
    """
    return f"{SCHEME}://{(home / FILE).resolve().as_uri().removeprefix('file://')}"


def secret_of(keys: KeyRing) -> str:
    """What hashes the addresses in the file.

    Args:
        keys: Of the house.

    Returns:
        Hexadecimal.
    """
    return keys.derive("limits").hex()
