"""Signs in a complaint that ask for referral before, or instead of, a prescription."""

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
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


@dataclass(frozen=True, slots=True)
class Denials:
    """The words by which a sign is denied, each kind as one pattern, the longest word first.

    Attributes:
        opens: what a denied list begins with (无, 否认), behind a subject or a time (患者, 目前) or not.
        no_denial: words that hold 无 or 没有 and deny nothing that follows (无力, 无明显诱因).
        ends: words after which nothing is denied any longer (伴, 突发).
        joins: what stands between the entries of a list.
    """

    opens: re.Pattern[str]
    no_denial: re.Pattern[str]
    ends: re.Pattern[str]
    joins: re.Pattern[str]


@cache
def read_denials() -> Denials:
    """Read the words of denial once.

    Raises:
        KeyError: a kind has no words.
    """
    words: dict[str, list[str]] = defaultdict(list)
    for row in rows("denials"):
        words[row["kind"]].append(row["word"])
    any_of = {
        kind: "|".join(re.escape(word) for word in sorted(found, key=len, reverse=True))
        for kind, found in words.items()
    }
    return Denials(
        opens=re.compile(f"(?:{any_of['起首']})*(?:{any_of['否认']})"),
        no_denial=re.compile(any_of["非否认"]),
        ends=re.compile(any_of["止"]),
        joins=re.compile(any_of["并列"]),
    )
