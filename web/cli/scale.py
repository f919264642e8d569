"""`tangye scale`: ask a scale once, or be a simulated one."""

import sys
import threading

import click

from tcm.records.errors import Refused
from tcm.records.stock import MG_PER_G
from web.cli.doors import give_up
from web.scales import read_stable, scales_in
from web.scales.simulated import SimulatedScale


@click.group()
def scale() -> None:
    """Read a scale of the dispensary, or be a simulated one (docs/scales.md)."""


@scale.command()
@click.argument("address")
def read(address: str) -> None:
    """The net weight in grams on the scale at ADDRESS: tcp://HOST:PORT or serial:///dev/ttyUSB0?baud=9600."""
    try:
        [asked] = scales_in(f"scale={address}").values()
        click.echo(f"{read_stable(asked) / MG_PER_G:g}")
    except (ValueError, Refused) as refusal:
        give_up(str(refusal))


@scale.command()
@click.option("--port", default=7001, show_default=True, type=click.IntRange(1, 65535))
@click.option("--host", default="127.0.0.1", show_default=True)
def simulate(host: str, port: int) -> None:
    """Be a scale. Each line that is typed puts so many grams on it; nothing ends it."""
    try:
        server = SimulatedScale(host, port)
    except OSError as error:
        give_up(f"cannot listen at {host}:{port}: {error.strerror}")
    with server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        click.echo(f"a scale at tcp://{host}:{port}; type grams and Enter, or end the input to stop")
        for line in sys.stdin:
            try:
                server.load_g = float(line)
            except ValueError:
                click.echo("type a number of grams", err=True)
        server.shutdown()
