"""One call to another house's server, and whether it may have been heard when no answer comes back."""

import errno
import json
import socket
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping
from http.client import HTTPException, HTTPMessage
from typing import IO, Any
from urllib.parse import urlsplit

from tcm.records.errors import N_
from web.jobs.notifying import OutboxError

MOST_ANSWER_BYTES = 64 * 1024
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
# Before anything of the request was sent: whatever it asked for has not been done.
_NOT_HEARD = (ConnectionRefusedError, ssl.SSLCertVerificationError, socket.gaierror)
_NO_WAY_THERE = (errno.ENETUNREACH, errno.EHOSTUNREACH)
_SERVER_BROKE = 500


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Never follow to another server: it would be given the telephone number."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> None:
        """Refuse."""


_OPENER = urllib.request.build_opener(_NoRedirect)


def refuse_url(url: str) -> str:
    """Let an address pass that letters may be sent to.

    Args:
        url: As it was set.

    Returns:
        The same without a slash at its end.

    Raises:
        ValueError: When it is no address, holds a password, or is plain http to another machine.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("must be an address that begins with https://")
    if parts.username is not None or parts.password is not None:
        raise ValueError("must not hold a user name or password")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise ValueError("must begin with https://, for telephone numbers are sent there")
    return url.rstrip("/")


def ask(url: str, timeout_s: float, *, headers: Mapping[str, str], body: bytes) -> tuple[int, dict[str, Any]]:
    """POST and read the JSON that comes back.

    Args:
        url: With its query; it is never repeated in a failure.
        timeout_s: To connect, and for every part of the answer.
        headers: Of the request.
        body: Its bytes, may be empty.

    Returns:
        Status and JSON object; an empty object where the status is a refusal and the answer no JSON.

    Raises:
        OutboxError: When no answer can be made out; unsure, unless the server was never reached.
    """
    # What `refuse_url` let pass is http or https.
    request = urllib.request.Request(url, data=body, headers=dict(headers), method="POST")  # noqa: S310
    try:
        with _OPENER.open(request, timeout=timeout_s) as answer:
            return answer.status, _object(answer.read(MOST_ANSWER_BYTES))
    except urllib.error.HTTPError as error:
        with error:
            if error.code >= _SERVER_BROKE:
                raise OutboxError(N_("服务商出错，可能已发出"), str(error.code), unsure=True) from None
            try:
                return error.code, _object(error.read(MOST_ANSWER_BYTES))
            except (OSError, HTTPException, OutboxError):
                return error.code, {}
    except urllib.error.URLError as error:
        why = error.reason
        heard = not isinstance(why, _NOT_HEARD) and getattr(why, "errno", None) not in _NO_WAY_THERE
        raise OutboxError(N_("连不上服务商"), unsure=heard) from None
    except (OSError, HTTPException):
        raise OutboxError(N_("服务商没有回音，可能已发出"), unsure=True) from None


def _object(raw: bytes) -> dict[str, Any]:
    try:
        read = json.loads(raw)
    except (ValueError, RecursionError):
        read = None
    if not isinstance(read, dict):
        raise OutboxError(N_("服务商的回答读不懂，可能已发出"), unsure=True)
    return read
