"""A carrier on this machine: a real HTTP server that keeps what it took, and misbehaves as it is told."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

# Longer than the tests' clients wait, shorter than a test may last.
LATE_S = 5.0
Answer = tuple[int, Mapping[str, Any]]


@dataclass(frozen=True)
class Asked:
    """A request as it came.

    Args:
        path: Without its query.
        query: Of the address.
        headers: Names in lower case.
        body: JSON, empty for none.
    """

    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: dict[str, Any]


@dataclass
class Carrier:
    """What the server does and what it saw.

    Args:
        answer: Decides on a request; whatever it keeps, it keeps before anything goes wrong.
        troubles: What goes wrong with the next answers, one each: `late`, `cut`, `broken`, `garbage`, or a
            number for a status of its own.
    """

    answer: Callable[[Asked], Answer]
    troubles: list[str] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    url: str = ""
    _client_gave_up: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def open(self) -> Iterator["Carrier"]:
        """Serve until the end of the block."""
        carrier = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                parts = urlsplit(self.path)
                body = self.rfile.read(length)
                asked = Asked(
                    parts.path,
                    dict(parse_qsl(parts.query)),
                    {name.lower(): value for name, value in self.headers.items()},
                    json.loads(body) if body else {},
                )
                carrier.asked.append(asked)
                status, answer = carrier.answer(asked)
                raw = json.dumps(answer).encode()
                trouble = carrier.troubles.pop(0) if carrier.troubles else ""
                if trouble == "late":
                    carrier._client_gave_up.wait(LATE_S)
                if trouble in ("late", "cut"):
                    self.close_connection = True
                    return
                if trouble == "broken":
                    status = 502
                if trouble == "garbage":
                    raw = b"<html>hello</html>"
                if trouble.isdigit():
                    status, raw = int(trouble), b"{}"
                self.send_response(status)
                self.send_header("Content-Length", str(len(raw)))
                if status == 302:
                    self.send_header("Location", "http://127.0.0.1:9/elsewhere")
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield self
        finally:
            self._client_gave_up.set()
            server.shutdown()
            thread.join(10)
            server.server_close()
