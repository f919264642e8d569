"""Writing a backup while the house is at work."""

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, select

from tcm.store.backup.manifest import (
    BLOBS,
    MANIFEST,
    ROWS_AT_ONCE,
    BackupUnusableError,
    Kind,
    Manifest,
    OnProgress,
    TableTold,
    kinds_of,
    place_of,
    plain_table,
    written,
)
from tcm.store.engine import READS_ONLY, Store
from tcm.store.mapping import metadata


def back_up(store: Store, to: BinaryIO, now: datetime, on_progress: OnProgress) -> Manifest:
    """Write a backup of a house at work, as it stood at one moment.

    Args:
        store: Migrated.
        to: An open file.
        now: Aware UTC.
        on_progress: Told what is being written, how many parts are done, of how many.

    Returns:
        What it holds.

    Raises:
        BackupUnusableError: When the database has no tables.
    """
    told: dict[str, TableTold] = {}
    with ZipFile(to, "w", ZIP_DEFLATED) as archive:
        with store.engine.connect() as connection:
            reading = connection.execution_options(**{READS_ONLY: True}, **_one_moment(connection))
            migration = MigrationContext.configure(reading).get_current_revision()
            if migration is None:
                raise BackupUnusableError("the database has no tables yet; run: tangye up")
            tables = metadata.sorted_tables
            for number, table in enumerate(tables, start=1):
                told[table.name] = _write_rows(archive, reading, table.name, kinds_of(table))
                on_progress("tables", number, len(tables))
        # After the rows: a picture that a row names is there, unless it was dropped since.
        pictures = _write_pictures(archive, store, on_progress)
        manifest = Manifest(made_at=now, migration=migration, tables=told, blobs=pictures)
        archive.writestr(MANIFEST, manifest.model_dump_json(indent=1))
    return manifest


def _write_pictures(archive: ZipFile, store: Store, on_progress: OnProgress) -> int:
    names, count = store.blobs.names(), 0
    for number, name in enumerate(names, start=1):
        # The worker drops what it refuses, and it goes on working.
        with suppress(FileNotFoundError):
            archive.writestr(ZipInfo(BLOBS + name), store.blobs.sealed(name), ZIP_STORED)
            count += 1
        on_progress("pictures", number, len(names))
    return count


def _one_moment(connection: Connection) -> dict[str, str]:
    # On SQLite a transaction that reads sees one moment anyway.
    return {} if connection.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}


def _write_rows(archive: ZipFile, connection: Connection, name: str, kinds: Mapping[str, Kind]) -> TableTold:
    table, digest, rows = plain_table(name, kinds), hashlib.sha256(), 0
    in_order = select(table).order_by(table.c.id)
    result = connection.execute(in_order, execution_options={"yield_per": ROWS_AT_ONCE})
    with archive.open(place_of(name), "w", force_zip64=True) as file:
        for row in result:
            values = [written(kind, value) for kind, value in zip(kinds.values(), row, strict=True)]
            line = json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
            file.write(line)
            digest.update(line)
            rows += 1
    return TableTold(columns=dict(kinds), rows=rows, sha256=digest.hexdigest())
