"""`tangye backup` and `tangye restore`: the whole house in one file."""

import json
import os
from contextlib import closing
from pathlib import Path

import click

from tcm.records.clock import utc_now
from tcm.store.backup import BackupUnusableError, Manifest, back_up
from tcm.store.backup import restore as restore_into
from tcm.store.engine import open_store
from web.cli.doors import give_up, ready_store, tell_progress, told_in_one_line
from web.jobs.queue import prepare


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Write every row and every sealed picture into FILE while the house is at work.

    The key is not in it: keep a copy of it somewhere else. FILE gets mode 600 and is there only when it is
    whole. Jobs that wait for the worker are not in it.
    """
    store = ready_store(open_store, migrate=False)
    part = file.with_name(f"{file.name}.part")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as to:
            manifest = back_up(store, to, utc_now(), tell_progress)
            to.flush()
            os.fsync(to.fileno())
        part.replace(file)
    except BackupUnusableError as error:
        give_up(str(error))
    except OSError as error:
        give_up(f"{file} cannot be written: {error.strerror}")
    finally:
        part.unlink(missing_ok=True)
        store.close()
    _say(manifest)


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore(file: Path) -> None:
    """Fill an empty house from FILE, on SQLite or PostgreSQL; all of it or nothing.

    Put the key of the backup into the instance folder, or into TANGYE_KEY, first. Afterwards every chain of
    the ledger is verified.
    """
    with told_in_one_line(), closing(open_store()) as store:
        try:
            manifest = restore_into(store, file, tell_progress)
        except BackupUnusableError as error:
            give_up(str(error))
        prepare(store.engine)
        with store.work() as work:
            seen = work.ledger.verify()
    if seen.broken is not None:
        where = f"prescription {seen.broken.prescription_id}, seq {seen.broken.seq}"
        give_up(f"restored, but the ledger is broken at {where}: {seen.broken.why}", code=1)
    _say(manifest)


def _say(manifest: Manifest) -> None:
    rows = {name: told.rows for name, told in manifest.tables.items()}
    answer = {
        "made_at": manifest.made_at.isoformat(),
        "migration": manifest.migration,
        "prescriptions": rows["prescriptions"],
        "events": rows["ledger_events"],
        "rows": sum(rows.values()),
        "pictures": manifest.blobs,
    }
    click.echo(json.dumps(answer))
