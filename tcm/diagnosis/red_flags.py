"""Finds red flags in what a doctor wrote and chose; it reminds, and never decides."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tcm.knowledge.red_flags import Denials, RedFlag, read_denials

_CLAUSE = re.compile(r"[，。；：！？,.;:!?\s]")
# 无左侧胸痛 is a denial; further from the word that denies it may stand another matter, and that is raised.
_REACH = 3


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
    told = [(clause, _denied(clause, read_denials())) for clause in clauses]
    found = []
    for flag in flags:
        words = next((each for each in flag.phrases if any(_says(*clause, each) for clause in told)), None)
        if words is not None:
            found.append(RaisedFlag(flag, words))
    return tuple(found)


def _says(clause: str, denied: Sequence[tuple[int, int]], phrase: str) -> bool:
    """Whether the phrase stands anywhere in the clause without being denied there."""
    place = clause.find(phrase)
    while place >= 0:
        end = place + len(phrase)
        if not any(start <= place <= start + _REACH and end <= stop for start, stop in denied):
            return True
        place = clause.find(phrase, place + 1)
    return False


def _denied(clause: str, denials: Denials) -> list[tuple[int, int]]:
    """Where the clause denies: behind a word of denial that begins an entry, and in what is joined to it."""
    # Of the same length, so that places stay places.
    plain = denials.no_denial.sub(lambda word: "\0" * len(word[0]), clause)
    found = []
    denying = False
    for start, stop in _entries(plain, denials):
        opened = denials.opens.match(plain, start, stop)
        if opened is None and not denying:
            continue
        begin = opened.end() if opened else start
        # 没有突然昏迷: what follows the denial at once is denied, and ends nothing.
        at_once = denials.ends.match(plain, begin, stop) if opened else None
        turn = denials.ends.search(plain, at_once.end() if at_once else begin, stop)
        found.append((begin, turn.start() if turn else stop))
        denying = turn is None
    return found


def _entries(clause: str, denials: Denials) -> Iterator[tuple[int, int]]:
    """Start and end of each entry of a list."""
    start = 0
    for join in denials.joins.finditer(clause):
        yield start, join.start()
        start = join.end()
    yield start, len(clause)
