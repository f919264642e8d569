"""Signs in a complaint that ask for referral before, or instead of, a prescription."""

from dataclasses import dataclass
from typing import Literal

from tcm.knowledge.tables import listed, rows

Urgency = Literal["急", "慎"]
_URGENCIES: dict[str, Urgency] = {"急": "急", "慎": "慎"}


@dataclass(frozen=True, slots=True)
class RedFlag:
    """What a flag is called, the phrases that raise it, what to do, and whether it cannot wait (急)."""

    flag: str
    phrases: tuple[str, ...]
    advice: str
    urgency: Urgency
    source: str
    edition: str


def read_red_flags() -> tuple[RedFlag, ...]:
    """Read the table; the urgent ones come first.

    Raises:
        ValueError: an urgency that is neither 急 nor 慎.
    """
    flags = []
    for row in rows("red_flags"):
        if row["urgency"] not in _URGENCIES:
            raise ValueError(f"red_flags: {row['flag']}: urgency {row['urgency']!r}")
        urgency, phrases = _URGENCIES[row["urgency"]], listed(row["phrases"])
        flags.append(RedFlag(row["flag"], phrases, row["advice"], urgency, row["source"], row["edition"]))
    return tuple(sorted(flags, key=lambda flag: flag.urgency != "急"))
