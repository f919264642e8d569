"""What scanners read and what codes say: the addresses behind printed codes, and a scan made plain again."""

import re
import unicodedata

from web.door import clean


def trace_url(public_url: str, code: str) -> str:
    """The address behind the code on a bag; short, so that the code has large modules.

    Args:
        public_url: Where the house is reached, without a slash at its end.
        code: Of the bag, or a prescription's number.

    Returns:
        A URL.
    """
    return f"{public_url}/t/{code}"


def pot_url(public_url: str, code: str) -> str:
    """The address behind the code on a pot or on its label: what lies there and its next step.

    Args:
        public_url: Where the house is reached, without a slash at its end.
        code: Of the pot, or a prescription's number.

    Returns:
        A URL.
    """
    return f"{public_url}/floor/at/{code}"


def stop_url(public_url: str, stop_id: int) -> str:
    """The address behind the code beside a stop of a route sheet.

    Args:
        public_url: Where the house is reached, without a slash at its end.
        stop_id: Row of the stop.

    Returns:
        A URL.
    """
    return f"{public_url}/courier/stop/{stop_id}"


def read_scan(text: str) -> str:
    """The code in what a scanner typed or a person did.

    A bag's code is the last part of an address; a scanner under a Chinese input method types full-width
    characters, and people type small letters.

    Args:
        text: As it came.

    Returns:
        A prescription's number, a bag's code or a pot's, in capitals; empty where there is none.
    """
    # PostgreSQL takes no NUL in a text.
    plain = unicodedata.normalize("NFKC", clean(text))
    _, is_address, address = plain.partition("://")
    if is_address:
        plain = re.split(r"[?#]", address)[0].partition("/")[2]
    return plain.rstrip("/").rpartition("/")[2].strip().upper()
