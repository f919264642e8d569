"""What the checkers report."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing wrong: its kind, the id it is about, a sentence."""

    kind: str
    what: str
    detail: str


def check_complete(
    kind: str, wanted: Iterable[str], done: Sequence[str], left_out: Sequence[str]
) -> list[Violation]:
    """Every wanted id is done or left out exactly once, and nothing else is."""
    known = set(wanted)
    counts = Counter([*done, *left_out])
    found = [
        Violation(f"{kind}_unknown", each, f"{kind} {each} is not in the problem")
        for each in counts
        if each not in known
    ]
    found += [
        Violation(f"{kind}_twice", each, f"{kind} {each} occurs {count} times")
        for each, count in counts.items()
        if count > 1
    ]
    found += [
        Violation(f"{kind}_missing", each, f"{kind} {each} is neither planned nor named as left out")
        for each in sorted(known - set(counts))
    ]
    return found
