"""`tangye up`: ready in one call, the same house at the second, one line where it cannot open."""

import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tcm.store import tables
from tcm.store.engine import open_store
from tests.web.cli.conftest import Tangye

PATIENCE_S = 120

Start = Callable[..., tuple[subprocess.Popen[str], str]]


@pytest.fixture
def port() -> int:
    """A port that is free."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def start(tangye: Tangye, port: int, tmp_path: Path) -> Iterator[Start]:
    """Starts `tangye up` and waits for its greeting; ends what is left of it."""
    running: list[subprocess.Popen[str]] = []

    def up(*arguments: str) -> tuple[subprocess.Popen[str], str]:
        log = tmp_path / f"up{len(running)}.log"
        with log.open("w") as lines:
            command = [tangye.path, "up", "--port", str(port), *arguments]
            running.append(
                subprocess.Popen(command, env=tangye.environ, stdout=lines, stderr=lines, text=True)
            )
        deadline = time.monotonic() + PATIENCE_S
        while "Stop with Ctrl-C" not in log.read_text():
            assert running[-1].poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        return running[-1], log.read_text()

    yield up
    for process in running:
        if process.poll() is None:
            process.terminate()
            process.wait(30)


def test_a_second_call_finds_the_house_as_it_was(tangye: Tangye, port: int, start: Start) -> None:
    first, greeting = start("--demo", "--no-week")
    assert f"Tangye 汤液 is open at http://127.0.0.1:{port}   (data in {tangye.home})" in greeting
    assert "Demo log-ins, all with the password dangshen-baizhu-9" in greeting
    assert [
        f"{role}01" in greeting for role in ("doctor", "pharmacist", "manager", "floor", "courier", "admin")
    ] == [True] * 6
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=20) as answer:
        assert answer.status == 200
    before = _rows(tangye)
    assert _end(first) == 0
    second, greeting = start("--demo")
    assert "Demo log-ins, all with the password dangshen-baizhu-9" in greeting
    assert greeting.startswith("Tangye 汤液 is open at")
    after = _rows(tangye)
    assert _end(second) == 0
    assert after == before
    assert (before["prescriptions"], before["institutions"]) == (24, 185)
    private = ("tangye.key", "demo-password", "tangye.log", "tangye.sqlite")
    assert {(tangye.home / name).stat().st_mode & 0o777 for name in private} == {0o600}


def test_without_demo_the_house_is_empty_and_names_no_log_in(tangye: Tangye, start: Start) -> None:
    process, greeting = start()
    assert greeting.splitlines()[1:] == ["Stop with Ctrl-C."]
    assert _rows(tangye)["staff"] == 0
    assert _end(process) == 0


def test_what_is_killed_is_started_again_and_nothing_outlives_a_killed_house(
    tangye: Tangye, port: int, start: Start
) -> None:
    house, _ = start()
    for name in (b"gunicorn", b"web.cli"):
        [killed] = _children_of(house.pid, name)
        os.kill(killed, signal.SIGKILL)
        _wait(lambda: _children_of(house.pid, name) not in ([], [killed]) and _answers(port))  # noqa: B023
    everything = [child for pid in _children_of(house.pid) for child in (pid, *_children_of(pid))]
    house.kill()
    house.wait(30)
    _wait(lambda: not any(_lives(pid) for pid in everything))
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))
    # The worker, the web's master and two that answer.
    assert len(everything) >= 4


def test_a_taken_port_is_one_line_and_nothing_is_made(tangye: Tangye) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        answer = tangye.run("up", "--port", str(port))
    assert (answer.returncode, answer.stdout) == (2, "")
    assert answer.stderr == (
        f"tangye: 127.0.0.1:{port} cannot be used: Address already in use; choose another with --port\n"
    )
    assert not tangye.home.exists()


def _children_of(pid: int, name: bytes = b"") -> list[int]:
    found = Path(f"/proc/{pid}/task").glob("*/children")
    children = [int(child) for each in found for child in each.read_text().split()]
    return [child for child in children if name in Path(f"/proc/{child}/cmdline").read_bytes()]


def _lives(pid: int) -> bool:
    try:
        # What has ended and nobody has asked about is a zombie.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=20) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _wait(until: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not until():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def _end(process: subprocess.Popen[str]) -> int:
    process.send_signal(signal.SIGINT)
    return process.wait(30)


def _rows(tangye: Tangye) -> dict[str, int]:
    store = open_store(tangye.environ)
    with store.engine.connect() as connection:
        counts = {
            table.name: connection.scalar(select(func.count()).select_from(table))
            for table in (tables.institutions, tables.staff, tables.prescriptions, tables.ledger_events)
        }
    store.close()
    return {table: int(count or 0) for table, count in counts.items()}
