"""`tangye forecast`: how much of each herb the next weeks will need, and how well that was said before."""

import json

import click

from tcm.records.errors import Invalid
from tcm.services.forecasting import HORIZON_WEEKS, HORIZONS, foresee, use_on_record
from tcm.store.engine import open_store
from web.cli.doors import give_up, ready_store


@click.command()
@click.option(
    "--weeks",
    default=HORIZON_WEEKS,
    show_default=True,
    type=click.IntRange(HORIZONS.start, HORIZONS.stop - 1),
    help="Weeks forecast together.",
)
def forecast(weeks: int) -> None:
    """Grams of each herb for the next weeks, expected and in one case of ten, as one JSON document.

    `scores` says of each way of forecasting how much of what was used it missed (`wape`) when it stood at
    past weeks and knew nothing after them; `method` is the one that missed least. Nothing is stored.
    """
    store = ready_store(open_store, migrate=False)
    try:
        with store.work(reads_only=True) as work:
            use = use_on_record(work)
        answer = {"until": use.until.isoformat(), "horizon_weeks": weeks, **foresee(use, weeks)}
    except Invalid:
        give_up("less than 12 weeks of use are on record")
    finally:
        store.close()
    click.echo(json.dumps(answer, ensure_ascii=False))
