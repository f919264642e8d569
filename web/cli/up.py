"""`tangye up`: makes everything ready, starts web and worker, and says where to look."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from tcm.store.engine import open_store
from web.cli.doors import give_up, notices_or_give_up, ready_store, settings_or_give_up, tell_progress
from web.demo.start import DemoLogins, start_demo

LOOPBACK = ("127.0.0.1", "localhost", "::1")
START_TIMEOUT_S = 60
STOP_TIMEOUT_S = 10
LOG_FILE = "tangye.log"
WEB_PROCESSES = 2
WEB_THREADS = 4
# Ends what it starts with this process, however that ends.
LEASH = Path(__file__).with_name("leash.py")
# A process that keeps ending so soon after its start is broken, and not killed.
SOON_S, SOON_TIMES = 20, 3


@click.command()
@click.option("--demo", is_flag=True, help="Load the demo county where nobody works here yet.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--seed", default=2026, show_default=True, help="Of the demo county.")
@click.option(
    "--week/--no-week", default=True, show_default=True, help="Whether a week of work lies behind the demo."
)
def up(demo: bool, host: str, port: int, seed: int, week: bool) -> None:
    """Create or migrate the database, start web and worker, print the address and what to open first.

    Data lies in ./instance, or where TANGYE_HOME points; TANGYE_DATABASE_URL selects PostgreSQL.
    """
    settings = settings_or_give_up()
    notices_or_give_up()
    _refuse_taken_port(host, port)
    store = ready_store(open_store)
    logins = start_demo(store, settings, seed, os.environ, tell_progress, week=week) if demo else None
    home = store.home
    store.close()
    environ = _environment(host, port)
    log = home / LOG_FILE
    children = [
        Child("the worker", _worker(), environ, log),
        Child("the web server", _web(host, port), environ, log, ends_soon_at_most=SOON_TIMES),
    ]
    listens = settings.broker is not None
    if listens or demo:
        children.append(Child("the machines' listener", _machines(simulated=not listens), environ, log))
    until = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: until.set())
    try:
        _wait_for_web(host, port, log, children, until)
        _greet(environ["TANGYE_PUBLIC_URL"], home, logins)
        _watch(children, until)
    finally:
        _stop(children)


class Child:
    """A process that is kept running.

    Args:
        name: As it is told of.
        command: What runs.
        environ: Its environment.
        log: Where its lines go.
        ends_soon_at_most: How often in a row it may end soon after its start; 0 for as often as it likes,
            which suits what waits for a database.
    """

    def __init__(
        self, name: str, command: list[str], environ: Mapping[str, str], log: Path, ends_soon_at_most: int = 0
    ) -> None:
        self.name, self._command, self._environ, self._log = name, command, environ, log
        self._ends_soon_at_most, self._ended_soon = ends_soon_at_most, 0
        self.start()

    def start(self) -> None:
        """Start it, for the first time or again."""
        self._began_s = time.monotonic()
        leashed = [sys.executable, "-IS", str(LEASH), str(os.getpid()), *self._command]
        # Lines name staff and prescriptions by their rows, and the folder may be open to others.
        with open(self._log, "ab", opener=lambda path, flags: os.open(path, flags, 0o600)) as lines:
            self.process = subprocess.Popen(leashed, env=self._environ, stdout=lines, stderr=lines)  # noqa: S603

    @property
    def has_ended(self) -> bool:
        """Whether it is gone."""
        return self.process.poll() is not None

    def start_again(self) -> None:
        """Start it after it has ended, killed perhaps; one that cannot stay ends the command."""
        is_soon = time.monotonic() - self._began_s < SOON_S
        self._ended_soon = self._ended_soon + 1 if is_soon else 0
        if 0 < self._ends_soon_at_most <= self._ended_soon:
            give_up(f"{self.name} keeps ending; the end of {self._log} says why", code=1)
        click.echo(f"tangye: {self.name} ended; starting it again", err=True)
        self.start()


def _refuse_taken_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            give_up(f"{host}:{port} cannot be used: {error.strerror}; choose another with --port")


def _environment(host: str, port: int) -> dict[str, str]:
    environ = dict(os.environ)
    shown = f"[{host}]" if ":" in host else host
    environ.setdefault("TANGYE_PUBLIC_URL", f"http://{shown}:{port}")
    if host in LOOPBACK and environ["TANGYE_PUBLIC_URL"].startswith("http://"):
        # On one's own machine there is no https for a Secure cookie to travel on.
        environ.setdefault("TANGYE_INSECURE_COOKIES", "1")
    return environ


def _worker() -> list[str]:
    return [sys.executable, "-m", "web.cli", "worker"]


def _machines(*, simulated: bool) -> list[str]:
    return [sys.executable, "-m", "web.cli", "machines", *(["--simulated"] if simulated else [])]


def _web(host: str, port: int) -> list[str]:
    bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    command = [sys.executable, "-m", "gunicorn", "web.wsgi:app", "--bind", bind, "--worker-class", "gthread"]
    command += ["--workers", str(WEB_PROCESSES), "--threads", str(WEB_THREADS), "--log-level", "warning"]
    return command


def _wait_for_web(host: str, port: int, log: Path, children: Sequence[Child], until: threading.Event) -> None:
    reach = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 - compared, not bound
    address = f"http://[{reach}]:{port}/health" if ":" in reach else f"http://{reach}:{port}/health"
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline and not until.is_set():
        if any(child.has_ended for child in children):
            give_up(f"a process ended at its start; the end of {log} says why", code=1)
        try:
            with urllib.request.urlopen(address, timeout=2):  # noqa: S310 - our own server
                return
        except urllib.error.HTTPError as error:
            give_up(f"the web answers {error.code} at {address}", code=1)
        except OSError:
            until.wait(0.2)
    if not until.is_set():
        give_up(f"{address} did not answer within {START_TIMEOUT_S} s; see {log}", code=1)


def _greet(url: str, home: Path, logins: DemoLogins | None) -> None:
    click.echo(f"Tangye 汤液 is open at {url}   (data in {home})")
    if logins is None:
        click.echo("Stop with Ctrl-C.")
        return
    click.echo("Demo log-ins, all with the password " + click.style(logins.password, bold=True))
    for role, username, look in logins.users:
        click.echo(f"  {username:<14} {role:<12} {look}")
    click.echo("Open first: log in as doctor01, photograph a tongue, sign; then pharmacist01, manager01.")
    click.echo("Places are Linxiang's; coordinates are approximate. People are invented. Stop with Ctrl-C.")


def _watch(children: Sequence[Child], until: threading.Event) -> None:
    while not until.wait(0.5):
        for child in children:
            if child.has_ended:
                child.start_again()
                until.wait(2)


def _stop(children: Sequence[Child]) -> None:
    for child in children:
        if not child.has_ended:
            child.process.terminate()
    for child in children:
        try:
            child.process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            child.process.kill()
