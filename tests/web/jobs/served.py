"""A house served by processes of its own that a test kills, and browsers that lose their answers then."""

import base64
import http.client
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.web.desks.hands import FAST, PASSWORD

PATIENCE_S = 60
LOST = -1


def house_environment(home: Path) -> dict[str, str]:
    """The environment of web and worker over a house of the tests' keys."""
    mine = {name: value for name, value in os.environ.items() if not name.startswith("TANGYE_")}
    mine |= {f"TANGYE_{name.upper()}": str(value) for name, value in FAST.items()}
    return mine | {
        "TANGYE_HOME": str(home),
        # What `tests.conftest.KEYS` is made of.
        "TANGYE_KEY": base64.b64encode(bytes(range(32))).decode(),
        "TANGYE_WORKER_ID": "worker-1",
        "TANGYE_INSECURE_COOKIES": "1",
        "TANGYE_DEFAULT_LIMIT": "10000 per minute",
    }


def wait(until: Callable[[], object], what: str) -> None:
    """Look until something is so, and give up with its name."""
    deadline = time.monotonic() + PATIENCE_S
    while not until():
        assert time.monotonic() < deadline, what
        time.sleep(0.002)


def children_of(pid: int) -> list[int]:
    """Processes that a process has started."""
    found = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for each in found for child in each.read_text().split()]


class Served:
    """Gunicorn with one process that answers, started anew by its master each time it is killed.

    Args:
        environ: Of the processes.
        log: Where their lines go.
    """

    def __init__(self, environ: Mapping[str, str], log: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        # The facts are loaded once, by the master; what is killed is the process that runs the services.
        command = [sys.executable, "-m", "gunicorn", "web.wsgi:app", "--preload", "--workers", "1"]
        command += ["--worker-class", "gthread", "--threads", "4", "--bind", f"127.0.0.1:{self.port}"]
        with log.open("ab") as lines:
            self._master = subprocess.Popen(command, env=dict(environ), stdout=lines, stderr=lines)
        wait(lambda: self._master.poll() is not None or self._answers(), log.read_text())
        assert self._master.poll() is None, log.read_text()

    @property
    def hands(self) -> int:
        """Threads of the process that answers; one more as soon as a request is in work."""
        status = Path(f"/proc/{self._pid}/status").read_text()
        return int(re.findall(r"Threads:\s+(\d+)", status)[0])

    def kill(self) -> None:
        """kill -9 of the process that answers; back when another one is there."""
        killed = self._pid
        os.kill(killed, signal.SIGKILL)
        wait(lambda: set(children_of(self._master.pid)) - {killed}, "another process")

    def close(self) -> None:
        """End it."""
        self._master.terminate()
        self._master.wait(30)

    def _answers(self) -> bool:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        try:
            line.request("GET", "/health")
            return line.getresponse().status == 200
        except (ConnectionError, http.client.HTTPException):
            return False
        finally:
            line.close()

    @property
    def _pid(self) -> int:
        wait(lambda: children_of(self._master.pid), "a process that answers")
        return children_of(self._master.pid)[-1]


@dataclass(frozen=True)
class Answer:
    """What came back.

    Args:
        status_code: `LOST` where the process died first.
        text: The page.
        headers: As sent.
    """

    status_code: int
    text: str
    headers: Mapping[str, str]


class Caller:
    """A browser over a real line.

    Args:
        port: Of the house.
        username: Who logs in.
    """

    def __init__(self, port: int, username: str) -> None:
        self._port, self._cookie = port, ""
        self._token = self._token_on("/login")
        answer = self.post("/login", username=username, password=PASSWORD)
        assert answer.status_code == 303, answer.text
        # It holds as long as the log-in; a page asked for between two kills would be one more request.
        self._token = self._token_on("/account")

    def get(self, path: str) -> Answer:
        """Open a page."""
        return self._send("GET", path)

    def post(self, path: str, *, htmx: bool = False, **data: Any) -> Answer:
        """Submit a form."""
        assert not htmx
        return self._send("POST", path, urlencode(data, doseq=True))

    def post_apart(self, path: str, data: Mapping[str, Any]) -> tuple[threading.Thread, list[Answer]]:
        """Submit a form and do not wait."""
        answers: list[Answer] = []
        thread = threading.Thread(target=lambda: answers.append(self.post(path, **data)))
        thread.start()
        return thread, answers

    def _token_on(self, path: str) -> str:
        found = re.search(r'X-CSRFToken": "([^"]+)"', self.get(path).text)
        assert found is not None
        return found[1]

    def _send(self, method: str, path: str, body: str | None = None) -> Answer:
        headers = {"Cookie": self._cookie, "Referer": f"http://127.0.0.1:{self._port}/"}
        if body is not None:
            headers |= {"X-CSRFToken": self._token, "Content-Type": "application/x-www-form-urlencoded"}
        line = http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE_S)
        try:
            line.request(method, path, body, headers)
            answer = line.getresponse()
            text = answer.read().decode()
        except (ConnectionError, http.client.HTTPException):
            return Answer(LOST, "", {})
        finally:
            line.close()
        cookies = answer.headers.get_all("Set-Cookie") or []
        if cookies:
            self._cookie = cookies[-1].split(";")[0]
        return Answer(answer.status, text, dict(answer.headers))


class Lock:
    """The database's one right to write, asked for from outside the house.

    Args:
        path: The SQLite file.
    """

    def __init__(self, path: Path) -> None:
        self._line = sqlite3.connect(path, isolation_level=None, timeout=0, check_same_thread=False)

    def take(self) -> bool:
        """Take it, unless somebody else holds it."""
        try:
            self._line.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
        return True

    def let_go(self) -> None:
        """Give it back, nothing changed."""
        self._line.execute("ROLLBACK")

    def is_taken(self) -> bool:
        """Whether somebody else writes just now."""
        if self.take():
            self.let_go()
            return False
        return True

    def ask(self, query: str, values: Sequence[object]) -> list[Any]:
        """What is committed."""
        return self._line.execute(query, values).fetchall()

    def close(self) -> None:
        """Close the line."""
        self._line.close()
