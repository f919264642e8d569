"""`tangye worker`: executes durable jobs, plannings and replays of the rules."""

import os
import signal
import threading

import click

from tcm.knowledge import load
from tcm.records.clock import utc_now
from tcm.store.engine import open_store
from web.cli.doors import ready_store
from web.jobs.planning import Planner
from web.jobs.worker import run_worker

WORKER_ID_VARIABLE = "TANGYE_WORKER_ID"


@click.command()
@click.option("--threads", default=2, show_default=True, type=click.IntRange(1, 64), help="Solver threads.")
def worker(threads: int) -> None:
    """Execute planning jobs until interrupted; what a crash left unfinished is resumed first.

    TANGYE_WORKER_ID names this worker (default worker-1): keep it over restarts, and give every live worker
    its own.
    """
    until = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: until.set())
    store = ready_store(open_store)
    planner = Planner(store, utc_now, load(), threads=threads)
    click.echo("worker ready", err=True)
    run_worker(store, planner, os.environ.get(WORKER_ID_VARIABLE, "worker-1"), until)
    store.close()
