"""Numbers as files write them."""

import math
import re
from collections.abc import Iterable

from dispatch.formats import FormatError
from dispatch.routing.instance import MOST, scaled

MOST_CLIENTS = 3000
# Python's float also reads 1_000 and full-width digits; a file that holds them is damaged.
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)


def decimal(token: str, line: int, field: str, *, most: float = MOST) -> float:
    """A finite number.

    Args:
        token: as written.
        line, field: where it stands.
        most: the largest, either side of 0.

    Raises:
        FormatError: it is none, or beyond `most`.
    """
    if not _NUMBER.fullmatch(token):
        raise FormatError(f"line {line}: {field}: a number is expected, got {token[:40]!r}")
    value = float(token)
    if not math.isfinite(value) or abs(value) > most:
        raise FormatError(f"line {line}: {field}: {token[:40]} is too large")
    return value


def amount(token: str, line: int, field: str, *, scale: int = 1, low: int = 0) -> int:
    """A figure in whole units.

    Args:
        token: as written.
        line, field: where it stands.
        scale: units of one; 1 demands a whole number, more rounds down.
        low: the least.

    Raises:
        FormatError: no number, below `low`, too large, or not whole.
    """
    value = decimal(token, line, field)
    if value < low:
        raise FormatError(f"line {line}: {field}: at least {low} is expected, got {token}")
    if scale == 1 and value != int(value):
        raise FormatError(f"line {line}: {field}: a whole number is expected, got {token}")
    if value * scale > MOST:
        raise FormatError(f"line {line}: {field}: {token[:40]} is too large")
    return scaled(value, scale)


def refuse_twice(numbers: Iterable[tuple[int, int]], field: str) -> None:
    """Refuse a number that stands on two lines.

    Args:
        numbers: (line, number).
        field: its name.

    Raises:
        FormatError: naming both lines.
    """
    seen: dict[int, int] = {}
    for line, number in numbers:
        if number in seen:
            raise FormatError(f"line {line}: {field}: {number} stands on line {seen[number]} already")
        seen[number] = line


def coordinate(token: str, line: int, field: str) -> float:
    """A coordinate, at most a million either side of 0.

    Raises:
        FormatError: it is none.
    """
    return decimal(token, line, field, most=10**6)
