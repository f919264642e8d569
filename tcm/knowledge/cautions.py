"""Facts that bear on the whole of a prescription: names that are mixed up, poisons that add up, syndromes."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from tcm.knowledge.tables import listed, rows

Nature = Literal["寒", "热", "虚寒", "虚热"]
_NATURES: dict[str, Nature] = {"寒": "寒", "热": "热", "虚寒": "虚寒", "虚热": "虚热"}


@dataclass(frozen=True, slots=True)
class LookAlike:
    """Two herbs whose names are mixed up in reading (形近), hearing (音近) or sense (名近)."""

    left: str
    right: str
    why: str
    note: str
    source: str
    edition: str


@dataclass(frozen=True, slots=True)
class ToxicMember:
    """A herb of a group whose poison adds up."""

    group: str
    herb: str
    toxin: str
    source: str
    edition: str


@dataclass(frozen=True, slots=True)
class LabThreshold:
    """A laboratory value beyond which an organ counts as failing; `sex` is empty where it holds for both."""

    test: str
    term: str
    unit: str
    sex: str
    direction: str
    value: float
    condition: str
    note: str
    source: str
    edition: str

    def is_beyond(self, value: float, sex: str | None) -> bool:
        """Whether a patient's value lies beyond it.

        Args:
            value: in the unit that the test's name carries.
            sex: `M`, `F` or None; where it is unknown the threshold of either sex counts.
        """
        if self.sex and sex and self.sex != sex:
            return False
        return value > self.value if self.direction == "above" else value < self.value


@dataclass(frozen=True, slots=True)
class SyndromeCaution:
    """A herb that does not suit a syndrome whose name holds one of `words`."""

    herb: str
    words: tuple[str, ...]
    severity: str
    note: str
    source: str
    edition: str


@dataclass(frozen=True, slots=True)
class SyndromeNature:
    """A word that fixes the nature of a syndrome, unless the name holds one of `exclude` too."""

    word: str
    nature: Nature
    exclude: tuple[str, ...]
    source: str
    edition: str


def read_look_alikes() -> Mapping[str, tuple[LookAlike, ...]]:
    """Names that are mixed up, by either of the two herbs."""
    grouped: dict[str, list[LookAlike]] = defaultdict(list)
    for row in rows("look_alikes"):
        pair = LookAlike(**row)
        grouped[pair.left].append(pair)
        grouped[pair.right].append(pair)
    return {herb: tuple(pairs) for herb, pairs in grouped.items()}


def read_toxic_members() -> Mapping[str, tuple[ToxicMember, ...]]:
    """Groups of poisons that a herb belongs to, by herb."""
    grouped: dict[str, list[ToxicMember]] = defaultdict(list)
    for row in rows("toxic_groups"):
        grouped[row["herb"]].append(ToxicMember(**row))
    return {herb: tuple(members) for herb, members in grouped.items()}


def read_lab_thresholds() -> Mapping[str, tuple[LabThreshold, ...]]:
    """Thresholds by test."""
    grouped: dict[str, list[LabThreshold]] = defaultdict(list)
    for row in rows("lab_thresholds"):
        grouped[row["test"]].append(
            LabThreshold(
                test=row["test"],
                term=row["term"],
                unit=row["unit"],
                sex=row["sex"],
                direction=row["direction"],
                value=float(row["value"]),
                condition=row["condition"],
                note=row["note"],
                source=row["source"],
                edition=row["edition"],
            )
        )
    return {test: tuple(thresholds) for test, thresholds in grouped.items()}


def read_syndrome_cautions() -> Mapping[str, tuple[SyndromeCaution, ...]]:
    """Cautions by herb."""
    grouped: dict[str, list[SyndromeCaution]] = defaultdict(list)
    for row in rows("syndrome_cautions"):
        grouped[row["herb"]].append(
            SyndromeCaution(
                herb=row["herb"],
                words=listed(row["words"]),
                severity=row["severity"],
                note=row["note"],
                source=row["source"],
                edition=row["edition"],
            )
        )
    return {herb: tuple(cautions) for herb, cautions in grouped.items()}


def read_syndrome_natures() -> tuple[SyndromeNature, ...]:
    """Words that fix the nature of a syndrome."""
    return tuple(
        SyndromeNature(
            row["word"], _NATURES[row["nature"]], listed(row["exclude"]), row["source"], row["edition"]
        )
        for row in rows("syndrome_natures")
    )
