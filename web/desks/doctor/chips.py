"""The phrases a doctor can tick instead of typing, by field and group."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tcm.knowledge import Knowledge

PULSE_AXIS = "脉象"


@dataclass(frozen=True)
class Chips:
    """Phrases of one field.

    Args:
        groups: Phrases by group, in order.
    """

    groups: Mapping[str, tuple[str, ...]]

    @property
    def all(self) -> frozenset[str]:
        """Every phrase that has a chip."""
        return frozenset(phrase for phrases in self.groups.values() for phrase in phrases)

    def others(self, phrases: Sequence[str]) -> list[str]:
        """What was written down without a chip."""
        chips = self.all
        return [phrase for phrase in phrases if phrase not in chips]


@cache
def read_phrases() -> dict[str, Chips]:
    """The quick phrases of free texts.

    Returns:
        Phrases by field of the form.
    """
    found: dict[str, dict[str, list[str]]] = {}
    with (Path(__file__).parent / "phrases.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["field"], {}).setdefault(row["group"], []).append(row["phrase"])
    return {field: _chips(groups) for field, groups in found.items()}


def note_chips(knowledge: Knowledge) -> dict[str, Chips]:
    """The chips of the visit's notes: what diagnosis and review have rules about.

    Args:
        knowledge: The clinical facts.

    Returns:
        Chips of `inquiry`, `pulse`, `conditions` and `western_drugs`.
    """
    pulses: dict[str, list[str]] = {}
    for term in knowledge.inspection_terms:
        if term.axis == PULSE_AXIS:
            pulses.setdefault(term.group, []).append(term.term)
    listed = {pulse for terms in pulses.values() for pulse in terms}
    # A pulse that only diagnosis knows is one of two qualities, as the last group of the standard terms.
    list(pulses.values())[-1].extend(p for p in knowledge.patterns.pulse_terms() if p not in listed)
    conditions = dict.fromkeys(
        name
        for facts in knowledge.contraindications.values()
        for fact in facts
        for name in fact.condition.split("、")
    )
    drugs = dict.fromkeys(interaction.drug for interaction in knowledge.drug_interactions)
    return {
        "inquiry": _chips(knowledge.patterns.inquiry_groups()),
        "pulse": _chips(pulses),
        "conditions": Chips({"": tuple(conditions)}),
        "western_drugs": Chips({"": tuple(drugs)}),
    }


def _chips(groups: Mapping[str, Sequence[str]]) -> Chips:
    return Chips({group: tuple(phrases) for group, phrases in groups.items()})
