"""`tangye ledger`: verify all of it, show and publish its daily heads, check published ones anywhere."""

import json
from datetime import datetime
from pathlib import Path

import click

from tcm.records.heads import (
    HeadUnusableError,
    PublishedHead,
    changed_since,
    gap_between,
    read_published,
)
from tcm.records.ledger import Break
from tcm.store.engine import open_store
from web.cli.doors import give_up, ready_store, told_in_one_line
from web.jobs.publishing import HEADS, publish_heads, published_in, seal_of

_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.group()
def ledger() -> None:
    """The hash-chained ledger."""


@ledger.command()
@click.option("--published", type=_FOLDER, help="Folder of published heads, TANGYE_HOME/heads unless told.")
def verify(published: Path | None) -> None:
    """Exit 0 with counts when every chain and head holds, published ones too; 1 naming the first break."""
    store = ready_store(open_store, migrate=False)
    folder = published or store.home / HEADS
    if published is not None and not published.is_dir():
        give_up(f"there is no folder {published}")
    texts = published_in(folder)
    with store.work(reads_only=True) as work:
        seen = work.ledger.verify()
        heads = work.ledger.heads()
    broken = seen.broken or changed_since(texts, heads, seal_of(store).key)
    store.close()
    counts = {
        "prescriptions": seen.prescriptions,
        "events": seen.events,
        "heads": seen.heads,
        "published": len(texts),
    }
    if broken is None:
        click.echo(json.dumps({"ok": True, **counts}))
        return
    place = {"prescription_id": broken.prescription_id, "seq": broken.seq, "why": broken.why}
    click.echo(json.dumps({"ok": False, **counts, "broken": place}, ensure_ascii=False))
    give_up(_where(broken), code=1)


@ledger.command()
def book() -> None:
    """Exit 0 with counts when every page of the locked book holds and agrees with the lots; else exit 1."""
    store = ready_store(open_store, migrate=False)
    with store.work(reads_only=True) as work:
        seen = work.book.verify()
    store.close()
    counts = {"pages": seen.pages, "lines": seen.lines}
    if seen.broken is None:
        click.echo(json.dumps({"ok": True, **counts}))
        return
    place = {"herb": seen.broken.herb, "seq": seen.broken.seq, "why": seen.broken.why}
    click.echo(json.dumps({"ok": False, **counts, "broken": place}, ensure_ascii=False))
    at = f"page {seen.broken.herb}" + ("" if seen.broken.seq is None else f", line {seen.broken.seq}")
    give_up(f"broken at {at}: {seen.broken.why}", code=1)


@ledger.command()
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="The last one sealed on that day.")
def head(day: datetime | None) -> None:
    """Print the newest daily head as it is published: signed text, to be kept elsewhere."""
    store = ready_store(open_store, migrate=False)
    with store.work(reads_only=True) as work:
        heads = work.ledger.heads()
    found = next((each for each in heads if day is None or each.day == day.date()), None)
    text = seal_of(store).publish(found) if found else ""
    store.close()
    if not text:
        give_up("no head was sealed then; the worker seals one a day", code=1)
    click.echo(text, nl=False)


@ledger.command()
@click.argument("folder", type=_FOLDER, required=False)
def publish(folder: Path | None) -> None:
    """Write every head that is not in FOLDER yet (TANGYE_HOME/heads): a stick, a synced folder, a mailbox."""
    store = ready_store(open_store, migrate=False)
    with told_in_one_line():
        written = publish_heads(store, folder or store.home / HEADS)
    store.close()
    click.echo(json.dumps({"written": written, "folder": str(folder or store.home / HEADS)}))


@ledger.command()
@click.argument("files", type=click.Path(dir_okay=False, path_type=Path), nargs=-1, required=True)
@click.option("--key", default="", help="Public key of the house, as its page of heads shows it.")
def check(files: tuple[Path, ...], key: str) -> None:
    """Check published heads without a database: their signatures, and that each follows the one before.

    Exit 0 with counts, 1 naming the first that does not hold. Without --key they are only checked against
    one another: ask the house for its key by another way.
    """
    heads = [_read(path) for path in files]
    if key and any(each.key != key for each in heads):
        give_up("not signed with that key", code=1)
    gap = gap_between(heads)
    if gap:
        give_up(gap, code=1)
    days = sorted(each.sealed.day.isoformat() for each in heads)
    told = {"ok": True, "heads": len(heads), "from": days[0], "to": days[-1], "key": heads[0].key}
    click.echo(json.dumps(told))


def _read(path: Path) -> PublishedHead:
    try:
        return read_published(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError):
        give_up(f"{path} cannot be read")
    except HeadUnusableError as error:
        give_up(f"{path}: {error}", code=1)


def _where(broken: Break) -> str:
    if broken.prescription_id is None:
        return f"broken: {broken.why}"
    return f"broken at prescription {broken.prescription_id}, seq {broken.seq}: {broken.why}"
