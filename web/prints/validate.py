"""The checks every printed field passes before it reaches a template.

A paper that went wrong is found at a village door, so a field is refused here, with its name in the
sentence, rather than printed empty, cut or ambiguous.
"""

import unicodedata
from datetime import datetime, timedelta
from decimal import Decimal

# Most characters of a code or phone, a person or village, an institution, a line, a note.
CODE = 24
PERSON = 30
NAME = 40
LINE = 120
NOTE = 400
FEN_LIMIT = 100_000_000

# Controls, lone surrogates and private-use code points have no agreed picture; bidirectional
# overrides can make a printed number read backwards.
_REFUSED_CATEGORIES = frozenset({"Cc", "Cs", "Co"})
_REFUSED_CHARACTERS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029")

# 106 bytes is what a version 6 symbol holds at error correction M; at 18 mm its modules are still
# 0.44 mm, three dots of a 203 dpi label printer.
QR_MAX_BYTES = 106


def text(value: str, field: str, *, limit: int, optional: bool = False) -> None:
    """Refuse a text that cannot be printed as one line of plain characters.

    Args:
        value: the text as given.
        field: its name, for the sentence.
        limit: most characters allowed.
        optional: whether the empty string is allowed.

    Raises:
        ValueError: when it is no string, is empty though required, is too long, or holds control,
            private-use or direction-changing characters.
    """
    if not isinstance(value, str):
        raise ValueError(f"{field} must be text, not {type(value).__name__}")
    if not value.strip() and (value or not optional):
        raise ValueError(f"{field} must not be blank")
    if len(value) > limit:
        raise ValueError(f"{field} has {len(value)} characters, more than the {limit} that fit")
    for character in value:
        if unicodedata.category(character) in _REFUSED_CATEGORIES or character in _REFUSED_CHARACTERS:
            raise ValueError(f"{field} holds U+{ord(character):04X}, which cannot be printed")


def whole(value: int, field: str, *, least: int, most: int) -> None:
    """Refuse a whole number outside `least`..`most`.

    Raises:
        ValueError: when it is no int (bool counts as none) or lies outside.
    """
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{field} must be a whole number, not {value!r}")
    if not least <= value <= most:
        raise ValueError(f"{field} is {value}, outside {least} to {most}")


def grams(value: Decimal | float, field: str) -> None:
    """Refuse a dose that is not a positive number of grams of at most 1000.

    Raises:
        ValueError: when it is no number, is not finite, or lies outside.
    """
    if isinstance(value, bool) or not isinstance(value, (Decimal, float, int)):
        raise ValueError(f"{field} must be a number of grams, not {value!r}")
    if not (Decimal(str(value)).is_finite() and 0 < value <= 1000):
        raise ValueError(f"{field} is {value}, not between 0 and 1000 g")


def instant(value: datetime, field: str) -> None:
    """Refuse a time that is not an aware UTC datetime.

    Raises:
        ValueError: when it is no datetime, is naive, or stands in another zone.
    """
    if not isinstance(value, datetime) or value.utcoffset() != timedelta(0):
        raise ValueError(f"{field} must be an aware UTC time, not {value!r}")


def qr_content(value: str, field: str) -> None:
    """Refuse what would not fit a QR code that stays readable at 18 mm.

    Raises:
        ValueError: when it is blank, holds characters that cannot be printed, or is too long.
    """
    text(value, field, limit=QR_MAX_BYTES)
    size_bytes = len(value.encode())
    if size_bytes > QR_MAX_BYTES:
        raise ValueError(f"{field} has {size_bytes} bytes, more than the {QR_MAX_BYTES} of a readable code")
