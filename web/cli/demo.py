"""`tangye demo`: one county day, headless."""

import json
import os
import sys
import time
from pathlib import Path

import click

from tcm.records.clock import county_day, utc_now
from tcm.store.engine import open_store
from web.cli.doors import give_up, ready_store, settings_or_give_up, tell_progress
from web.demo.county import is_set_up
from web.demo.run import Order, run_day
from web.demo.start import demo_password, found_county

_FOLDER = click.Path(path_type=Path, file_okay=False)
_EXISTING = click.Path(path_type=Path, file_okay=False, exists=True)


@click.command()
@click.option(
    "--out", default="demo-out", show_default=True, type=_FOLDER, help="For prints and summary.json."
)
@click.option("--seed", default=2026, show_default=True)
@click.option("--prescriptions", default=170, show_default=True, type=click.IntRange(1, 1000))
@click.option("--photos", type=_EXISTING, help="Your photographs.")
@click.option("--faults", is_flag=True, help="Late orders, burnt batches, a broken pot, a failed delivery.")
@click.option("--threads", default=2, show_default=True, type=click.IntRange(1, 64), help="Solver threads.")
def demo(out: Path, seed: int, prescriptions: int, photos: Path | None, faults: bool, threads: int) -> None:
    """Run one county day through the same services as the web and write its prints and summary.json.

    Without --photos the tongues are drawn and say so. Exits 1 when a prescription is lost or a plan fails
    its check. A second call adds another day.
    """
    began = time.monotonic()
    settings = settings_or_give_up()
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        give_up(f"{out} cannot be written to: {error.strerror}")
    store = ready_store(open_store)
    if not is_set_up(store):
        found_county(store, settings, demo_password(store.home, os.environ), seed)
    order = Order(
        prescriptions=prescriptions,
        seed=seed,
        today=county_day(utc_now()),
        photos=photos,
        faults=faults,
        public_url=settings.public_url,
        out=out,
        threads=threads,
    )
    try:
        summary = run_day(store, order, tell_progress)
    except FileNotFoundError as error:
        give_up(str(error))
    store.close()
    summary.seconds = round(time.monotonic() - began, 1)
    text = json.dumps(summary.to_dict(), ensure_ascii=False, indent=2)
    (out / "summary.json").write_text(text + "\n", encoding="utf-8")
    click.echo(text)
    if summary.lost or summary.plans_failed:
        sys.exit(1)
