"""Restoring a backup into an empty house, all of it or nothing."""

import hashlib
import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import IO, Any
from zipfile import BadZipFile, ZipFile

from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Table, func, insert, select

from tcm.store.backup.manifest import (
    BLOBS,
    MANIFEST,
    ROWS_AT_ONCE,
    BackupUnusableError,
    Kind,
    Manifest,
    OnProgress,
    TableTold,
    place_of,
    plain_table,
    read,
)
from tcm.store.engine import Store
from tcm.store.key_check import refuse_another_key
from tcm.store.keys import KeyUnusableError
from tcm.store.mapping import metadata
from tcm.store.migrate import upgrade


def restore(store: Store, source: Path, on_progress: OnProgress) -> Manifest:
    """Fill an empty house from a backup; its rows all or none.

    Args:
        store: Its database is empty, or has no tables yet.
        source: The backup.
        on_progress: As for `back_up`.

    Returns:
        What was restored.

    Raises:
        BackupUnusableError: When the file is no whole backup, the house is not empty, or the key is another.
    """
    try:
        with ZipFile(source) as archive:
            manifest = Manifest.model_validate_json(archive.read(MANIFEST))
            _demand_empty(store, manifest.migration)
            upgrade(store.engine, manifest.migration)
            _demand_tables(store, manifest)
            _read_pictures(archive, manifest.blobs, store, on_progress)
            with store.engine.begin() as connection:
                _read_tables(archive, manifest, connection, on_progress)
                refuse_another_key(store, connection)
    except KeyUnusableError as error:
        told = "the backup was sealed with another key, or altered: bring its key first"
        raise BackupUnusableError(told) from error
    except (BadZipFile, FileNotFoundError, KeyError, ValueError) as error:
        raise BackupUnusableError(f"{source} is not a whole backup") from error
    upgrade(store.engine)
    return manifest


def _demand_empty(store: Store, migration: str) -> None:
    with store.engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
        there = connection.dialect.get_table_names(connection)
        ours = [table for table in metadata.sorted_tables if table.name in there]
        if any(connection.scalar(select(func.count()).select_from(table)) for table in ours):
            raise BackupUnusableError("this house is not empty: restore into an instance folder of its own")
    if found not in (None, migration):
        raise BackupUnusableError(f"the database is at {found}, the backup at {migration}: begin without one")


def _demand_tables(store: Store, manifest: Manifest) -> None:
    with store.engine.connect() as connection:
        there = set(connection.dialect.get_table_names(connection)) - {"alembic_version"}
    if there != set(manifest.tables):
        raise BackupUnusableError("the backup does not hold the tables of its migration")


def _read_pictures(archive: ZipFile, count: int, store: Store, on_progress: OnProgress) -> None:
    names = [name for name in archive.namelist() if name.startswith(BLOBS)]
    if len(names) != count:
        raise BackupUnusableError(f"the backup tells of {count} pictures and holds {len(names)}")
    for number, name in enumerate(names, start=1):
        key = name.removeprefix(BLOBS)
        store.blobs.put_sealed(key, archive.read(name))
        # What does not open is another key's, or was altered.
        store.blobs.get(key)
        on_progress("pictures", number, len(names))


def _read_tables(
    archive: ZipFile, manifest: Manifest, connection: Connection, on_progress: OnProgress
) -> None:
    for number, (name, told) in enumerate(manifest.tables.items(), start=1):
        table, digest, rows = plain_table(name, told.columns), hashlib.sha256(), 0
        with archive.open(place_of(name)) as file:
            for lines in _batches(file):
                connection.execute(insert(table), [_row(told, line) for line in lines])
                digest.update(b"".join(lines))
                rows += len(lines)
        if (rows, digest.hexdigest()) != (told.rows, told.sha256):
            raise BackupUnusableError(f"the table {name} of the backup is not whole")
        _go_on_counting(connection, table, rows)
        on_progress("tables", number, len(manifest.tables))


def _batches(file: IO[bytes]) -> Iterator[list[bytes]]:
    while lines := list(islice(file, ROWS_AT_ONCE)):
        yield lines


def _row(told: TableTold, line: bytes) -> dict[str, object]:
    values: list[Any] = json.loads(line)
    kinds: Iterator[tuple[str, Kind]] = iter(told.columns.items())
    return {column: read(kind, value) for (column, kind), value in zip(kinds, values, strict=True)}


def _go_on_counting(connection: Connection, table: Table, rows: int) -> None:
    # The next row that PostgreSQL numbers comes after those that brought their numbers along.
    if rows and connection.dialect.name == "postgresql":
        newest = select(func.max(table.c.id)).scalar_subquery()
        connection.execute(select(func.setval(func.pg_get_serial_sequence(table.name, "id"), newest)))
