"""What would tell two likely patterns (证) apart: the next question to ask, look for or feel."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from tcm.diagnosis.suggest import Evidence, PatternSuggestion
from tcm.knowledge import Knowledge
from tcm.knowledge.patterns import PatternEvidence


@dataclass(frozen=True, slots=True)
class Pointer:
    """An answer and the pattern it would speak for, by how many points of weight more than for the other."""

    term: str
    pattern: str
    weight: int


@dataclass(frozen=True, slots=True)
class NextQuestion:
    """Something not known yet that separates the first pattern from a rival.

    `axis` is inquiry, pulse or tongue; `sign` the group of the inquiry or the sign of the tongue, empty for
    the pulse. `pointers` are the answers that decide, those that decide most first.
    """

    axis: str
    sign: str
    rival: str
    pointers: tuple[Pointer, ...]

    @property
    def separation(self) -> int:
        """How far the most telling answers lie apart, in points of weight."""
        most: dict[str, int] = {}
        for pointer in self.pointers:
            most[pointer.pattern] = max(pointer.weight, most.get(pointer.pattern, 0))
        return sum(most.values())


def tell_apart(
    suggestions: Sequence[PatternSuggestion], evidence: Evidence, knowledge: Knowledge, *, limit: int = 3
) -> tuple[NextQuestion, ...]:
    """The questions whose answers would separate the first suggestion from the next ones.

    Args:
        suggestions: of `suggest`, best first; the first three are held against one another.
        evidence: what is known; an answer that was given, a sign that was read and a pulse that was felt
            are not asked again.
        knowledge: the tables.
        limit: most questions to return.

    Returns:
        Questions, the most telling first; none with fewer than two suggestions.
    """
    found: dict[tuple[str, str], NextQuestion] = {}
    for rival in suggestions[1:3]:
        for question in _between(suggestions[0].name, rival.name, evidence, knowledge):
            key = (question.axis, question.sign)
            if key not in found or question.separation > found[key].separation:
                found[key] = question
    ordered = sorted(found.values(), key=lambda each: (-each.separation, each.axis, each.sign))
    return tuple(ordered[: max(limit, 0)])


def _between(first: str, rival: str, evidence: Evidence, knowledge: Knowledge) -> list[NextQuestion]:
    weights: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for sign_of_pattern, name in ((1, first), (-1, rival)):
        for row in knowledge.patterns.evidence[name]:
            if not _is_known(row, evidence):
                weights[row.axis, row.sign][_term(row, knowledge)] += sign_of_pattern * row.weight
    questions = []
    for (axis, sign), terms in weights.items():
        pointers = sorted(
            (
                Pointer(term, first if weight > 0 else rival, abs(weight))
                for term, weight in terms.items()
                if weight
            ),
            key=lambda pointer: (-pointer.weight, pointer.term),
        )
        if pointers:
            questions.append(NextQuestion(axis, sign, rival, tuple(pointers)))
    return questions


def _is_known(row: PatternEvidence, evidence: Evidence) -> bool:
    if row.axis == "tongue":
        return row.sign in evidence.tongue
    if row.axis == "pulse":
        return bool(evidence.pulse)
    return row.value in evidence.inquiry


def _term(row: PatternEvidence, knowledge: Knowledge) -> str:
    return knowledge.patterns.tongue_terms[row.sign, row.value] if row.axis == "tongue" else row.value
