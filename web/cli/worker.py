"""`tangye worker`: executes durable jobs, plannings and replays of the rules."""

import os
import signal
import threading

import click

from dispatch.roads import open_provider
from tcm.knowledge import load
from tcm.records.clock import utc_now
from tcm.store.engine import open_store
from web.cli.doors import notices_or_give_up, ready_store, settings_or_give_up
from web.jobs.notifying import OUTBOX, Notifier
from web.jobs.planning import Planner
from web.jobs.search import SearchApart
from web.jobs.worker import run_worker
from web.outboxes.choice import open_outbox

WORKER_ID_VARIABLE = "TANGYE_WORKER_ID"


@click.command()
@click.option("--threads", default=2, show_default=True, type=click.IntRange(1, 64), help="Solver threads.")
def worker(threads: int) -> None:
    """Execute planning jobs until interrupted; what a crash left unfinished is resumed first.

    TANGYE_WORKER_ID names this worker (default worker-1): keep it over restarts, and give every live worker
    its own. Each search runs in a process of its own, within TANGYE_PLAN_MEMORY_MB (default 2048) and
    TANGYE_PLAN_SECONDS_MAX (default 600).
    """
    settings, notices = settings_or_give_up(), notices_or_give_up()
    until = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: until.set())
    store = ready_store(open_store)
    search = SearchApart(settings.plan_memory_mb, settings.plan_seconds_max)
    provider = open_provider(settings.roads, folder=store.home / "travel", now=utc_now, warn=_warn)
    planner = Planner(store, utc_now, load(), threads=threads, search=search, provider=provider)
    click.echo("worker ready", err=True)
    outbox = open_outbox(notices, store.home / OUTBOX, utc_now)
    notifier = Notifier(store, utc_now, outbox, settings.public_url)
    run_worker(store, planner, notifier, os.environ.get(WORKER_ID_VARIABLE, "worker-1"), until)
    store.close()
    # A job under way is left as kill -9 leaves it, for the next start; its search ends with this process.
    os._exit(0)


def _warn(sentence: str) -> None:
    click.echo(f"tangye: {sentence}", err=True)
