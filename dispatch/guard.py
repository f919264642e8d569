"""Small checks shared by the problem types: each raises ValueError naming the field."""

import math
from collections.abc import Iterable

# Larger figures are typing errors, and keeping them out keeps every solver sum inside 64 bits.
MOST = 10**6


def whole(field: str, value: object, *, low: int = 0, high: int = MOST) -> None:
    """Refuse anything but an int in low..high (bool and float, NaN included, are refused)."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{field} must be a whole number, got {value!r}")
    if not low <= value <= high:
        raise ValueError(f"{field} must be between {low} and {high}, got {value}")


def maybe_whole(field: str, value: object, *, low: int = 0, high: int = MOST) -> None:
    """The same as whole, None allowed."""
    if value is not None:
        whole(field, value, low=low, high=high)


def number(field: str, value: object, *, low: float, high: float) -> None:
    """Refuse anything but a finite number in low..high."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{field} must be a finite number, got {value!r}")
    if not low <= value <= high:
        raise ValueError(f"{field} must be between {low:g} and {high:g}, got {value:g}")


def name(field: str, value: object) -> None:
    """Refuse anything but a non-empty str."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{field} must be a non-empty text, got {value!r}")


def one_of(field: str, value: object, allowed: Iterable[str]) -> None:
    """Refuse a value outside `allowed`."""
    if value not in (choices := tuple(allowed)):
        raise ValueError(f"{field} must be one of {', '.join(choices)}, got {value!r}")


def unique(field: str, ids: Iterable[str]) -> None:
    """Refuse a list in which an id occurs twice."""
    seen: set[str] = set()
    for each in ids:
        if each in seen:
            raise ValueError(f"{field} holds the id {each!r} twice")
        seen.add(each)
