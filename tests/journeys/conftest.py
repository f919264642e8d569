"""The real thing: `tangye up --demo` in processes of its own, and Debian's Chromium in front of it."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.journeys import county
from tests.journeys.windows import House, Windows

PATIENCE_S = 180
PASSWORD = "dangshen-baizhu-9"
ARTEFACTS = Path(__file__).resolve().parents[2] / "artefacts" / "journeys"
# Nothing is fetched from outside, and nothing of the machine's graphics is needed.
CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this room drives a browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Where Debian's Chromium lies; where it is missing the journeys are skipped, unless they must run."""
    path = shutil.which("chromium")
    if path is None:
        sentence = "Chromium is missing: apt-get install chromium fonts-noto-cjk"
        if os.environ.get("TANGYE_REQUIRE_BROWSER") == "1":
            pytest.fail(sentence)
        pytest.skip(sentence)
    return path


@pytest.fixture(scope="session")
def house(chromium_path: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A demo county at work, started as a user starts it; all journeys of a test run go to the same one."""
    home = tmp_path_factory.mktemp("journeys")
    environ = {name: value for name, value in os.environ.items() if not name.startswith("TANGYE_")}
    environ |= {"TANGYE_HOME": str(home / "instance"), "TANGYE_DEMO_PASSWORD": PASSWORD}
    # A whole county sits at one address here, and reads a page in the time of a blink.
    environ |= {f"TANGYE_{name}_LIMIT": "6000 per minute" for name in ("DEFAULT", "LOGIN", "TRACE", "PIN")}
    tangye = str(Path(sys.executable).with_name("tangye"))
    port = _free_port()
    log = home / "up.log"
    with log.open("wb") as lines:
        command = [tangye, "up", "--demo", "--no-week", "--port", str(port)]
        process = subprocess.Popen(command, env=environ, stdout=lines, stderr=lines)
    try:
        _wait_for_greeting(process, log)
        yield House(f"http://127.0.0.1:{port}", PASSWORD, tangye, environ)
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture(scope="module")
def chromium(chromium_path: str) -> Iterator[Browser]:
    """One browser for a module; closed with it, for its event loop is in the way of other rooms' tests."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=CHROMIUM_OPTIONS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def artefacts() -> Path:
    """Where screenshots are kept; those of an earlier run are cleared."""
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    for old in ARTEFACTS.glob("*.png"):
        old.unlink()
    return ARTEFACTS


@pytest.fixture
def windows(house: House, chromium: Browser, artefacts: Path) -> Iterator[Windows]:
    """Opens browser windows, and notes everything that goes wrong in any of them."""
    opened = Windows(house, chromium, artefacts)
    yield opened
    opened.close()


@pytest.fixture
def desk(house: House, chromium: Browser) -> Iterator[Callable[[str], county.Desk]]:
    """Logs in people of whom only what they leave to others matters: they work by forms, without a window."""
    contexts = []

    def sit_down(username: str) -> county.Desk:
        contexts.append(chromium.new_context(locale="zh-CN"))
        return county.log_in(house, contexts[-1].request, username)

    yield sit_down
    for context in contexts:
        context.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for_greeting(process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        said = log.read_text(encoding="utf-8")
        if "is open at" in said:
            return
        assert process.poll() is None, said
        time.sleep(0.2)
    raise AssertionError(f"no greeting within {PATIENCE_S} s: {said}")
