"""What is written about a request: one JSON line with ids, never names, typed values or query strings."""

import re
import secrets
import sys
import time
import traceback
from contextlib import suppress
from typing import TextIO, cast

import structlog
from flask import Flask, Response, g, jsonify, request
from sqlalchemy.exc import SQLAlchemyError
from structlog.typing import FilteringBoundLogger

from tcm.store.migrate import is_current
from web.house import current_house
from web.security import open_to_all, unlimited

REQUEST_ID_HEADER = "X-Request-ID"
_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")


def make_log(stream: TextIO | None = None) -> FilteringBoundLogger:
    """A logger that writes one JSON object a line.

    Args:
        stream: Where to, standard error unless told.

    Returns:
        The logger; it shares nothing with other loggers of the process.
    """
    log: FilteringBoundLogger = structlog.wrap_logger(
        # It prints to anything that can write and flush.
        structlog.PrintLogger(cast("TextIO", _Lines(stream or sys.stderr))),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger("info"),
    )
    return log


class _Lines:
    """Lines that are lost where they cannot be written: a page is worth more than its line in the log."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        with suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._stream.flush()


def where_it_broke(error: BaseException) -> dict[str, object]:
    """An exception as it may be logged: its kind and the lines it passed, not its words or values.

    Args:
        error: What was raised.

    Returns:
        `error` and `frames`, innermost last.
    """
    frames = traceback.extract_tb(error.__traceback__)
    return {
        "error": type(error).__qualname__,
        "frames": [f"{frame.filename}:{frame.lineno}:{frame.name}" for frame in frames[-12:]],
    }


def install(app: Flask) -> None:
    """Number every request, log its end, and answer `/health`.

    Args:
        app: The application.
    """
    app.before_request(_begin)
    app.after_request(_end)
    app.add_url_rule("/health", "health", health)


@open_to_all
@unlimited
def health() -> tuple[Response, int]:
    """Whether the database can be reached and stands at the newest migration; 503 where not."""
    try:
        current = is_current(current_house().store.engine)
        reachable = True
    except SQLAlchemyError as error:
        current_house().log.error("health", **where_it_broke(error))
        current = reachable = False
    status = "ok" if current else "unready"
    return jsonify(status=status, database=reachable, migrations_current=current), 200 if current else 503


def _begin() -> None:
    given = request.headers.get(REQUEST_ID_HEADER, "")
    trusted = current_house().settings.trusted_proxies and _REQUEST_ID.fullmatch(given)
    g.request_id = given if trusted else secrets.token_hex(8)
    g.began = time.monotonic()


def _end(response: Response) -> Response:
    request_id = g.setdefault("request_id", secrets.token_hex(8))
    response.headers[REQUEST_ID_HEADER] = request_id
    if request.endpoint != "static":
        person = g.get("_login_user")
        current_house().log.info(
            "request",
            request_id=request_id,
            method=request.method,
            route=request.url_rule.rule if request.url_rule else None,
            # Only numbers: a bag's code opens its trace page.
            ids={key: value for key, value in (request.view_args or {}).items() if isinstance(value, int)},
            status=response.status_code,
            ms=round(1000 * (time.monotonic() - g.get("began", time.monotonic()))),
            staff_id=getattr(getattr(person, "actor", None), "staff_id", None),
            key_id=g.get("api_key_id"),
        )
    return response
