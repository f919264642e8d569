"""Debian's mosquitto, machines that publish, and a listener that is killed: nothing is lost."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest
from pydantic import SecretStr

from tcm.records.boils import PotRun
from tcm.records.clock import county_day, utc_now
from tcm.records.lifecycle import State
from tcm.records.machines import Reading
from tcm.store.engine import Store, open_store
from tcm.store.migrate import upgrade
from tests.tcm.centre import brought_to, step
from tests.tcm.county import County
from tests.tcm.metered import curve_of, refused
from tests.web.cli.conftest import Tangye
from tests.web.cli.conftest import tangye as tangye
from web.machines.address import broker_at
from web.machines.broker import client_for
from web.machines.payload import message_of, topic_of

USER, PASSWORD = "pots", "huangqi-fangfeng-3"
PATIENCE_S = 30


@dataclass(frozen=True)
class Mosquitto:
    """A broker that asks for a password.

    Args:
        port: Where it listens.
    """

    port: int

    @property
    def url(self) -> str:
        """Its address."""
        return f"mqtt://127.0.0.1:{self.port}"


@pytest.fixture(scope="module")
def mosquitto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    """Debian's broker on a free port; where it is missing these tests are skipped, unless they must run."""
    path = shutil.which("mosquitto", path=f"{os.environ['PATH']}:/usr/sbin")
    if path is None:
        sentence = "the MQTT broker is missing: apt-get install mosquitto"
        if os.environ.get("TANGYE_REQUIRE_BROWSER") == "1":
            pytest.fail(sentence)
        pytest.skip(sentence)
    folder = tmp_path_factory.mktemp("mosquitto")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    passwords, settings = folder / "passwords", folder / "mosquitto.conf"
    passwords.touch(0o600)
    subprocess.run(["mosquitto_passwd", "-b", str(passwords), USER, PASSWORD], check=True)
    owner = f"user {os.environ.get('USER', 'root')}\n" if os.getuid() == 0 else ""
    settings.write_text(
        f"{owner}listener {port} 127.0.0.1\nallow_anonymous false\npassword_file {passwords}\n"
        "max_queued_messages 10000\n"
    )
    process = subprocess.Popen([path, "-c", str(settings)], stderr=subprocess.DEVNULL)
    broker = Mosquitto(port)
    _until(lambda: _answers(port))
    yield broker
    process.terminate()
    process.wait(10)


@dataclass
class Publisher:
    """Machines that publish what they are told, each message acknowledged by the broker.

    Args:
        client: Connected.
    """

    client: mqtt.Client

    def says(self, *readings: Reading) -> None:
        """Readings of machines."""
        for reading in readings:
            self.sends(topic_of("tangye", reading.pot_code), message_of(reading))

    def sends(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Any bytes."""
        sent = self.client.publish(topic, payload, qos=1, retain=retain)
        sent.wait_for_publish(PATIENCE_S)
        assert sent.is_published()


@pytest.fixture
def machines(mosquitto: Mosquitto) -> Iterator[Publisher]:
    """The machines' side of the broker."""
    broker = broker_at(
        mosquitto.url, user=USER, password=SecretStr(PASSWORD), ca_file="", prefix="tangye", client_id=""
    )
    client = client_for(broker, "", keeps_session=False)
    client.loop_start()
    _until(client.is_connected)
    yield Publisher(client)
    client.disconnect()
    client.loop_stop()


@pytest.fixture
def store(tangye: Tangye) -> Iterator[Store]:
    """The store in the command's home."""
    opened = open_store(tangye.environ)
    upgrade(opened.engine)
    yield opened
    opened.close()


@pytest.fixture
def boil(store: Store) -> tuple[County, PotRun]:
    """A pot that boils, by the real clock."""
    county = County(store)
    prescription = brought_to(county, county.approved(), State.SOAKING)
    # A work by this clock is a second later than the one before.
    county.watch.now = utc_now() - timedelta(minutes=1)
    step(county, prescription, State.DECOCTING, "P01")
    with county.work() as work:
        run = work.pot_runs.open_of(prescription.key())
    assert run is not None
    return county, run


Start = Callable[[], subprocess.Popen[str]]


@pytest.fixture
def start(tangye: Tangye, mosquitto: Mosquitto, tmp_path: Path) -> Iterator[Start]:
    """Starts `tangye machines` and waits until it listens; ends what is left of it."""
    running: list[subprocess.Popen[str]] = []
    environ = {
        **tangye.environ,
        "TANGYE_MQTT_URL": mosquitto.url,
        "TANGYE_MQTT_USER": USER,
        "TANGYE_MQTT_PASSWORD": PASSWORD,
        "TANGYE_MQTT_CLIENT_ID": f"test-{tmp_path.name}"[:60],
    }

    def begin() -> subprocess.Popen[str]:
        log = tmp_path / f"machines{len(running)}.log"
        with log.open("w") as lines:
            command = [tangye.path, "machines"]
            running.append(subprocess.Popen(command, env=environ, stderr=lines, text=True))
        _until(lambda: "listening at" in log.read_text())
        assert PASSWORD not in log.read_text()
        return running[-1]

    yield begin
    for process in running:
        if process.poll() is None:
            process.kill()
            process.wait(10)


def readings(first: int, last: int) -> list[Reading]:
    """Of which each one is a point of the curve: it goes up and down by three degrees."""
    return [
        Reading(
            pot_code="P01",
            boot="a",
            sequence=number,
            at=datetime.now(UTC),
            temperature_c=98.0 + 3.0 * (number % 2),
        )
        for number in range(first, last + 1)
    ]


def test_a_listener_that_is_killed_loses_nothing_and_takes_nothing_twice(
    boil: tuple[County, PotRun], machines: Publisher, start: Start
) -> None:
    county, run = boil
    first = start()
    machines.says(*readings(1, 150))
    _until(lambda: len(curve_of(county, run.key())) > 0)
    first.send_signal(signal.SIGKILL)
    first.wait(10)
    machines.says(*readings(151, 300))
    second = start()
    _until(lambda: len(curve_of(county, run.key())) == 300)
    assert [each.sequence for each in curve_of(county, run.key())] == list(range(1, 301))
    second.terminate()
    assert second.wait(10) == 0


def test_what_is_no_reading_is_counted_and_the_next_one_taken(
    boil: tuple[County, PotRun], machines: Publisher, start: Start
) -> None:
    county, run = boil
    machines.sends(topic_of("tangye", "P01"), message_of(readings(1, 1)[0]), retain=True)
    start()
    [sound] = readings(2, 2)
    machines.sends(topic_of("tangye", "P01"), b"hot!")
    machines.sends(topic_of("tangye", "P99"), message_of(sound))
    machines.says(sound, sound)
    _until(lambda: len(refused(county, county_day(utc_now()))) == 4)
    counted = refused(county, county_day(utc_now()))
    # The broker forgets what it kept for newcomers: other tests listen there too.
    machines.sends(topic_of("tangye", "P01"), b"", retain=True)
    assert [each.sequence for each in curve_of(county, run.key())] == [2]
    assert counted == [
        ("", "foreign", 1),
        ("P01", "garbage", 1),
        ("P01", "repeated", 1),
        ("P01", "retained", 1),
    ]


def test_a_simulated_machine_speaks_to_the_broker(
    boil: tuple[County, PotRun], tangye: Tangye, mosquitto: Mosquitto, start: Start
) -> None:
    county, run = boil
    start()
    asked = tangye.run(
        *("machine", "simulate", "--pot", "P01", "--count", "20", "--every", "0.05"),
        *("--fault", "dry", "--fault-after", "-10"),
        TANGYE_MQTT_URL=mosquitto.url,
        TANGYE_MQTT_USER=USER,
        TANGYE_MQTT_PASSWORD=PASSWORD,
    )
    assert (asked.returncode, asked.stderr) == (0, "")
    _until(lambda: len(curve_of(county, run.key())) > 0)
    assert curve_of(county, run.key())[0].temperature_c > 100


def test_a_broker_that_is_not_there_is_told_in_one_line(tangye: Tangye) -> None:
    asked = tangye.run("machines")
    assert (asked.returncode, asked.stderr) == (
        2,
        "tangye: no broker is named; set TANGYE_MQTT_URL, or give --simulated\n",
    )


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.05)
