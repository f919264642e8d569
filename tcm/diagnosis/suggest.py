"""From the four examinations to patterns (证), each with its reasons. It suggests; a doctor decides."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tcm.knowledge import Knowledge
from tcm.knowledge.patterns import Pattern, PatternEvidence

# A pattern with this many of its heaviest rows present counts as fully supported.
FULL_SUPPORT_ROWS = 5


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was seen, asked and felt.

    `tongue` maps a sign to a label (`body` -> `pale`), labels as `tangye tongue` gives them; `confidence`
    (0 to 1) weighs a sign and is 1 where absent. `inquiry` and `pulse` hold terms; terms that no pattern
    knows are ignored.
    """

    tongue: Mapping[str, str] = field(default_factory=dict)
    confidence: Mapping[str, float] = field(default_factory=dict)
    inquiry: frozenset[str] = frozenset()
    pulse: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Reason:
    """One piece of evidence in words, with what it added to or took from the pattern."""

    axis: str
    term: str
    weight: float
    source: str


@dataclass(frozen=True, slots=True)
class PatternSuggestion:
    """A pattern that the evidence speaks for.

    `score` runs from 0 to 1: net weight over the weight of the pattern's five heaviest rows. It orders the
    suggestions; it is no probability. `formulas` are names, those that name this pattern first in front.
    """

    code: str
    name: str
    principle: str
    score: float
    reasons_for: tuple[Reason, ...]
    reasons_against: tuple[Reason, ...]
    formulas: tuple[str, ...]


def suggest(evidence: Evidence, knowledge: Knowledge, *, limit: int = 5) -> tuple[PatternSuggestion, ...]:
    """Patterns that the evidence speaks for, best first.

    Args:
        evidence: signs of the tongue, answers of the inquiry, the pulse.
        knowledge: the tables.
        limit: most suggestions to return.

    Returns:
        Suggestions with a score above 0; none where nothing speaks for any pattern. Nothing is prescribed:
        the doctor adopts, line by line.

    Raises:
        ValueError: a confidence lies outside 0 to 1.
    """
    if any(not 0.0 <= weight <= 1.0 for weight in evidence.confidence.values()):
        raise ValueError("a confidence lies between 0 and 1")
    weighed = [_weigh(pattern, evidence, knowledge) for pattern in knowledge.patterns.patterns]
    spoken_for = [suggestion for suggestion in weighed if suggestion.score > 0]
    # Where two patterns are fully supported, the one that explains more of the evidence comes first.
    spoken_for.sort(key=lambda suggestion: (-suggestion.score, -_net(suggestion), suggestion.code))
    return tuple(spoken_for[: max(limit, 0)])


def _weigh(pattern: Pattern, evidence: Evidence, knowledge: Knowledge) -> PatternSuggestion:
    rows = knowledge.patterns.evidence[pattern.name]
    reasons = [
        Reason(row.axis, _term(row, knowledge), row.weight * present, f"{row.edition} {row.source}")
        for row in rows
        if (present := _presence(row, evidence)) > 0
    ]
    full = sum(sorted((row.weight for row in rows if row.weight > 0), reverse=True)[:FULL_SUPPORT_ROWS])
    net = sum(reason.weight for reason in reasons)
    by_weight = sorted(reasons, key=lambda reason: (-abs(reason.weight), reason.term))
    return PatternSuggestion(
        code=pattern.code,
        name=pattern.name,
        principle=pattern.principle,
        score=round(min(max(net / full, 0.0), 1.0), 3),
        reasons_for=tuple(reason for reason in by_weight if reason.weight > 0),
        reasons_against=tuple(reason for reason in by_weight if reason.weight < 0),
        formulas=tuple(formula.name for formula in knowledge.formulas.answering(pattern.name)),
    )


def _net(suggestion: PatternSuggestion) -> float:
    return sum(reason.weight for reason in (*suggestion.reasons_for, *suggestion.reasons_against))


def _presence(row: PatternEvidence, evidence: Evidence) -> float:
    """How surely the evidence holds what the row names: 0 to 1."""
    if row.axis == "tongue":
        seen = evidence.tongue.get(row.sign) == row.value
        return evidence.confidence.get(row.sign, 1.0) if seen else 0.0
    return float(row.value in (evidence.pulse if row.axis == "pulse" else evidence.inquiry))


def _term(row: PatternEvidence, knowledge: Knowledge) -> str:
    if row.axis == "tongue":
        return knowledge.patterns.tongue_terms[row.sign, row.value]
    return row.value
