"""The line to a scale: TCP, as a serial server or a scale with a network port has it, or a serial port."""

import os
import select
import socket
import termios
import time
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from tcm.records.errors import N_, Invalid
from web.scales.sics import SEND_STABLE, milligrams_of

# Longer than a scale takes to come to rest, shorter than a person waits at it.
PATIENCE_S = 5.0
_LONGEST_LINE = 80
_BAUDS = {str(rate): getattr(termios, f"B{rate}") for rate in (1200, 2400, 4800, 9600, 19200, 38400)}
_DEFAULT_BAUD = "9600"


class ScaleSilent(Invalid):
    """A scale cannot be reached, or says nothing."""


@dataclass(frozen=True)
class ScaleAddress:
    """Where a scale is.

    Args:
        name: As it is painted on it.
        host: Of a TCP line, empty for a serial one.
        port: Of a TCP line, 0 for a serial one.
        device: Of a serial line, such as /dev/ttyUSB0, empty for a TCP one.
        baud: Of a serial line.
    """

    name: str
    host: str = ""
    port: int = 0
    device: str = ""
    baud: str = _DEFAULT_BAUD


def scales_in(text: str) -> dict[str, ScaleAddress]:
    """The scales that a setting names.

    Args:
        text: NAME=ADDRESS, with blanks between; an address is tcp://HOST:PORT or
            serial:///dev/ttyUSB0?baud=9600.

    Returns:
        By name, in that order.

    Raises:
        ValueError: Naming what is no scale.
    """
    found: dict[str, ScaleAddress] = {}
    for entry in text.split():
        name, _, address = entry.partition("=")
        if not name or len(name) > 24 or name in found:
            raise ValueError(f"{entry}: each scale needs a name of its own, such as S1=tcp://10.0.0.5:8001")
        found[name] = _address(name, address)
    return found


def read_stable(scale: ScaleAddress, patience_s: float = PATIENCE_S) -> int:
    """Ask a scale for its net weight at rest.

    Args:
        scale: Which.
        patience_s: How long it may take in all.

    Returns:
        Milligrams.

    Raises:
        ScaleSilent: When it cannot be reached or does not answer in time.
        ScaleRefused: When it answers and has no weight to give.
    """
    until = time.monotonic() + patience_s
    try:
        with _line(scale, patience_s) as descriptor:
            os.write(descriptor, SEND_STABLE)
            return milligrams_of(_read_line(descriptor, until))
    except (OSError, termios.error):
        raise ScaleSilent(N_("%(scale)s号秤没有回答，请检查连线，或看着秤手填。"), scale=scale.name) from None


def _address(name: str, address: str) -> ScaleAddress:
    parts = urlsplit(address)
    if parts.scheme == "tcp" and parts.hostname and parts.port:
        return ScaleAddress(name, host=parts.hostname, port=parts.port)
    baud = parse_qs(parts.query).get("baud", [_DEFAULT_BAUD])[0]
    if parts.scheme == "serial" and parts.path.startswith("/") and baud in _BAUDS:
        return ScaleAddress(name, device=parts.path, baud=baud)
    raise ValueError(f"{name}: {address or 'nothing'} is no address of a scale, such as tcp://10.0.0.5:8001")


@contextmanager
def _line(scale: ScaleAddress, patience_s: float) -> Iterator[int]:
    if scale.host:
        with socket.create_connection((scale.host, scale.port), timeout=patience_s) as connection:
            yield connection.fileno()
        return
    descriptor = os.open(scale.device, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    try:
        _set_raw(descriptor, _BAUDS[scale.baud])
        yield descriptor
    finally:
        os.close(descriptor)


def _set_raw(descriptor: int, rate: int) -> None:
    """Eight bits, no parity, one stop bit, no echo; what lay in the line from before is dropped."""
    tty.setraw(descriptor)
    attributes = termios.tcgetattr(descriptor)
    attributes[2] |= termios.CLOCAL | termios.CREAD
    attributes[4] = attributes[5] = rate
    termios.tcsetattr(descriptor, termios.TCSANOW, attributes)
    termios.tcflush(descriptor, termios.TCIFLUSH)


def _read_line(descriptor: int, until: float) -> str:
    said = bytearray()
    while not said.endswith(b"\n"):
        ready, _, _ = select.select([descriptor], [], [], max(until - time.monotonic(), 0))
        piece = os.read(descriptor, _LONGEST_LINE) if ready else b""
        if not piece or len(said) > _LONGEST_LINE:
            raise OSError("the scale says nothing that ends")
        said += piece
    return said.decode("ascii", "replace")
