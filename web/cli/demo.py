"""`tangye demo`: county days, headless."""

import json
import os
import sys
import time
from pathlib import Path

import click

from tcm.records.clock import county_day, day_start, utc_now
from tcm.store.engine import open_store
from web.cli.doors import give_up, ready_store, settings_or_give_up, tell_progress
from web.demo.county import is_set_up
from web.demo.run import Order, run_days
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
@click.option("--days", default=1, show_default=True, type=click.IntRange(1, 60), help="Days in a row.")
@click.option("--threads", default=2, show_default=True, type=click.IntRange(1, 64), help="Solver threads.")
def demo(
    out: Path, seed: int, prescriptions: int, photos: Path | None, faults: bool, days: int, threads: int
) -> None:
    """Run county days through the same services as the web and write their prints and summary.json.

    Without --photos the tongues are drawn and say so. Exits 1 when a prescription is lost or a plan fails
    its check. A second call adds further days; of the first call all days but the last lie in the past.
    """
    began = time.monotonic()
    settings = settings_or_give_up()
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        give_up(f"{out} cannot be written to: {error.strerror}")
    store = ready_store(open_store)
    order = Order(
        prescriptions=prescriptions,
        seed=seed,
        today=county_day(utc_now()),
        photos=photos,
        faults=faults,
        public_url=settings.public_url,
        out=out,
        threads=threads,
        days=days,
    )
    if not is_set_up(store):
        opens_at = min(utc_now(), day_start(order.first_visits_on))
        found_county(store, settings, demo_password(store.home, os.environ), seed, opens_at)
    try:
        ran = run_days(store, order, tell_progress)
    except FileNotFoundError as error:
        give_up(str(error))
    store.close()
    ran.whole.seconds = round(time.monotonic() - began, 1)
    text = json.dumps(ran.to_dict(), ensure_ascii=False, indent=2)
    (out / "summary.json").write_text(text + "\n", encoding="utf-8")
    click.echo(text)
    if ran.whole.lost or ran.whole.plans_failed:
        sys.exit(1)
