"""`tangye ledger verify`: walks every chain and recomputes every head."""

import json

import click

from tcm.store.engine import open_store
from web.cli.doors import give_up, ready_store


@click.group()
def ledger() -> None:
    """The hash-chained ledger."""


@ledger.command()
def verify() -> None:
    """Exit 0 with counts when every chain and daily head holds; exit 1 naming the first break."""
    store = ready_store(open_store, migrate=False)
    with store.work(reads_only=True) as work:
        seen = work.ledger.verify()
    store.close()
    counts = {"prescriptions": seen.prescriptions, "events": seen.events, "heads": seen.heads}
    if seen.broken is None:
        click.echo(json.dumps({"ok": True, **counts}))
        return
    broken = seen.broken
    place = {"prescription_id": broken.prescription_id, "seq": broken.seq, "why": broken.why}
    click.echo(json.dumps({"ok": False, **counts, "broken": place}, ensure_ascii=False))
    give_up(f"broken at prescription {broken.prescription_id}, seq {broken.seq}: {broken.why}", code=1)
