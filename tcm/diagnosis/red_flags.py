"""Finds red flags in what a doctor wrote and chose; it reminds, and never decides."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from tcm.knowledge.red_flags import RedFlag

# 无胸痛, 否认黑便, 没有呕血: what is denied in the same clause is no flag. A list after one 无 is denied as a
# whole (无胸痛、呼吸困难), up to the next comma or full stop.
_CLAUSE = re.compile(r"[，。；！？,.;!?\n]")
_DENIED = ("无", "否认", "没有", "未见", "不伴")


@dataclass(frozen=True, slots=True)
class RaisedFlag:
    """A flag and the words that raised it."""

    flag: RedFlag
    words: str


def raised(texts: Iterable[str], terms: Iterable[str], flags: Iterable[RedFlag]) -> tuple[RaisedFlag, ...]:
    """Red flags that the chart raises.

    Args:
        texts: complaint, history and notes as written.
        terms: chosen terms of the inquiry.
        flags: the table.

    Returns:
        Each flag once, in the table's order, with the first words that raised it.
    """
    clauses = [clause for text in texts for clause in _CLAUSE.split(text)] + list(terms)
    found = []
    for flag in flags:
        words = next(
            (phrase for phrase in flag.phrases if any(_says(each, phrase) for each in clauses)), None
        )
        if words is not None:
            found.append(RaisedFlag(flag, words))
    return tuple(found)


def _says(clause: str, phrase: str) -> bool:
    before, found, _ = clause.partition(phrase)
    return bool(found) and not any(word in before for word in _DENIED)
