"""What bears on how a prescription is prepared: herbs that do not suit it, words of usage, parcels."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from tcm.knowledge.tables import rows


@dataclass(frozen=True, slots=True)
class PreparationLimit:
    """A herb that a preparation does not suit; without `herb` any that is written in this `form` (鲜)."""

    preparation: str
    herb: str
    form: str
    severity: str
    note: str
    note_en: str
    source: str
    edition: str


@dataclass(frozen=True, slots=True)
class PreparationWord:
    """A word in the usage that contradicts a preparation (水煎 of granules)."""

    preparation: str
    word: str
    source: str
    edition: str


def read_preparation_limits() -> Mapping[str, tuple[PreparationLimit, ...]]:
    """Herbs that do not suit, by preparation."""
    grouped: dict[str, list[PreparationLimit]] = defaultdict(list)
    for row in rows("preparation_limits"):
        grouped[row["preparation"]].append(PreparationLimit(**row))
    return {preparation: tuple(limits) for preparation, limits in grouped.items()}


def read_preparation_words() -> tuple[PreparationWord, ...]:
    """Words of the usage that contradict a preparation."""
    return tuple(PreparationWord(**row) for row in rows("preparation_words"))


def read_preparation_rules() -> dict[str, int]:
    """Parcels and millilitres by key; the pouches of what is decocted are in `boil_rules`."""
    return {row["key"]: int(row["value"]) for row in rows("preparation_rules")}
