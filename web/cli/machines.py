"""`tangye machines`: listens to decoction machines; `tangye machine simulate`: be one."""

import signal
import threading
from collections.abc import Callable
from datetime import timedelta

import click
from sqlalchemy.exc import SQLAlchemyError

from tcm.records.clock import utc_now
from tcm.records.errors import Stale
from tcm.store.engine import Store, open_store
from web.cli.doors import give_up, ready_store, settings_or_give_up
from web.machines.address import Broker
from web.machines.broker import client_for
from web.machines.listener import Listener
from web.machines.payload import topic_of
from web.machines.playing import play_open_runs
from web.machines.simulated import Fault, SimulatedMachine, corners_of_boils

_PLAY_EVERY_S = 10
_CONNECT_WITHIN_S = 10


@click.command()
@click.option("--simulated", is_flag=True, help="Without a broker: play a machine on every pot that boils.")
def machines(simulated: bool) -> None:
    """Take readings of decoction machines from the MQTT broker until interrupted (docs/machines.md).

    TANGYE_MQTT_URL names the broker, such as mqtts://broker.county:8883. What comes while this process is
    down the broker keeps for it. --simulated is for showing the house: every boil under way gets the curve it
    should have, and no machine is asked.
    """
    settings = settings_or_give_up()
    broker = settings.broker
    if broker is None and not simulated:
        give_up("no broker is named; set TANGYE_MQTT_URL, or give --simulated")
    until = _until_interrupted()
    store = ready_store(open_store)
    try:
        if simulated:
            _tell("playing machines: every curve from now on is invented")
            _play(store, until)
        elif broker is not None:
            Listener(store, utc_now, broker, _tell).run(until)
    finally:
        store.close()


@click.group()
def machine() -> None:
    """Be a simulated decoction machine (docs/machines.md)."""


@machine.command()
@click.option(
    "--pot", "pots", multiple=True, required=True, help="Code of a pot; may be given several times."
)
@click.option("--fault", type=click.Choice([each.value for each in Fault]), default="none", show_default=True)
@click.option("--fault-after", default=5.0, show_default=True, help="Minutes from the start.")
@click.option("--heat-up", default=8.0, show_default=True, help="Minutes from filling to boiling.")
@click.option("--boil", "boils", multiple=True, type=float, default=(30.0, 20.0), show_default=True)
@click.option("--every", default=5.0, show_default=True, type=click.FloatRange(0.05, 600), help="Seconds.")
@click.option("--count", default=0, help="Stop after so many messages a pot; 0 goes on.")
def simulate(
    pots: tuple[str, ...],
    fault: str,
    fault_after: float,
    heat_up: float,
    boils: tuple[float, ...],
    every: float,
    count: int,
) -> None:
    """Publish what machines on these pots would say, from filling them now to drawing them off."""
    broker = settings_or_give_up().broker
    if broker is None:
        give_up("no broker is named; set TANGYE_MQTT_URL")
    began_at = utc_now()
    played = [
        SimulatedMachine(
            pot_code=pot,
            corners=corners_of_boils(began_at, boils, heat_up),
            fault=Fault(fault),
            fault_at=began_at + timedelta(minutes=fault_after),
            boot=f"{began_at:%Y%m%dT%H%M%S}",
        )
        for pot in pots
    ]
    _publish(broker, played, every, count, _until_interrupted())


def _publish(
    broker: Broker, played: list[SimulatedMachine], every_s: float, count: int, until: threading.Event
) -> None:
    client = client_for(broker, "", keeps_session=False)
    connected = threading.Event()
    client.on_connect = lambda *_: connected.set()
    client.loop_start()
    if not connected.wait(_CONNECT_WITHIN_S):
        client.loop_stop()
        give_up(f"{broker.shown} cannot be reached", code=1)
    number = 0
    while not until.is_set() and (not count or number < count):
        number += 1
        for each in played:
            for payload in each.messages(number, utc_now()):
                sent = client.publish(topic_of(broker.prefix, each.pot_code), payload, qos=1)
                sent.wait_for_publish(_CONNECT_WITHIN_S)
        until.wait(every_s)
    client.disconnect()
    client.loop_stop()


def _play(store: Store, until: threading.Event) -> None:
    while not until.is_set():
        try:
            with store.work(utc_now) as work:
                play_open_runs(work)
                work.commit()
        except (Stale, SQLAlchemyError) as error:
            _tell(f"the curves wait for the database ({type(error).__name__})")
        until.wait(_PLAY_EVERY_S)


def _until_interrupted() -> threading.Event:
    until = threading.Event()
    stop: Callable[..., None] = lambda *_: until.set()  # noqa: E731
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    return until


def _tell(sentence: str) -> None:
    click.echo(f"tangye machines: {sentence}", err=True)
