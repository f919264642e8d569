"""Patterns (证) and what speaks for or against each, as weighted rows."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from tcm.knowledge.tables import rows

Axis = Literal["tongue", "inquiry", "pulse"]


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern by its code and name in GB/T 16751.2-2021, with the principle of its treatment."""

    code: str
    name: str
    principle: str
    source: str
    edition: str


@dataclass(frozen=True, slots=True)
class PatternEvidence:
    """One row: on an axis, a value of a sign speaks for (weight > 0) or against (< 0) a pattern.

    For the tongue `sign` and `value` are a sign and a label (`body`, `pale`); for the inquiry `sign` is the
    group of the question and `value` the term; for the pulse `sign` is empty.
    """

    pattern: str
    axis: str
    sign: str
    value: str
    weight: int
    source: str
    edition: str


@dataclass(frozen=True, slots=True)
class Patterns:
    """All patterns with their evidence, and the Chinese terms of the tongue labels."""

    patterns: tuple[Pattern, ...]
    evidence: Mapping[str, tuple[PatternEvidence, ...]]
    tongue_terms: Mapping[tuple[str, str], str]

    def inquiry_groups(self) -> dict[str, tuple[str, ...]]:
        """The questions of the inquiry, each with its terms, in the order of the table."""
        groups: dict[str, dict[str, None]] = defaultdict(dict)
        for row in self._rows("inquiry"):
            groups[row.sign][row.value] = None
        return {group: tuple(terms) for group, terms in groups.items()}

    def pulse_terms(self) -> tuple[str, ...]:
        """The pulse terms that any pattern knows."""
        return tuple(dict.fromkeys(row.value for row in self._rows("pulse")))

    def _rows(self, axis: Axis) -> list[PatternEvidence]:
        return [row for found in self.evidence.values() for row in found if row.axis == axis]


def read_patterns() -> Patterns:
    """Read the pattern tables."""
    evidence: dict[str, list[PatternEvidence]] = defaultdict(list)
    for row in rows("pattern_evidence"):
        evidence[row["pattern"]].append(
            PatternEvidence(
                pattern=row["pattern"],
                axis=row["axis"],
                sign=row["sign"],
                value=row["value"],
                weight=int(row["weight"]),
                source=row["source"],
                edition=row["edition"],
            )
        )
    return Patterns(
        patterns=tuple(Pattern(**row) for row in rows("patterns")),
        evidence={pattern: tuple(found) for pattern, found in evidence.items()},
        tongue_terms={(row["sign"], row["label"]): row["term"] for row in rows("tongue_labels")},
    )
