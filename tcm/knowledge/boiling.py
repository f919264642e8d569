"""The rows behind a boil programme: water that herbs take up, volumes of children, classes of decoction."""

from collections.abc import Mapping
from dataclasses import dataclass

from tcm.knowledge.tables import listed, rows


@dataclass(frozen=True, slots=True)
class ChildVolume:
    """What a child below an age is given: millilitres of one 剂."""

    below_years: int
    volume_ml: int


@dataclass(frozen=True, slots=True)
class ClassRule:
    """When a prescription is boiled as a class; the first rule that fits holds.

    `syndrome_words` are parts of a syndrome's name, none fits any; the herbs of `categories` must weigh at
    least `share_pct` of what is boiled.
    """

    decoction_class: str
    syndrome_words: tuple[str, ...]
    categories: frozenset[str]
    share_pct: int
    reason: str
    source: str
    edition: str


def read_absorption() -> Mapping[str, float]:
    """Millilitres that a gram of dry herb keeps, by class of absorption; the empty class is of the others."""
    return {row["absorption"]: float(row["ml_per_g"]) for row in rows("absorption")}


def read_seeds_and_fruits() -> frozenset[str]:
    """Herbs that are seeds or fruits, which soak longer."""
    return frozenset(row["herb"] for row in rows("seeds_and_fruits"))


def read_child_volumes() -> tuple[ChildVolume, ...]:
    """Volumes of children, the youngest first; who is older than all is given an adult's."""
    bands = [ChildVolume(int(row["below_years"]), int(row["volume_ml"])) for row in rows("child_volumes")]
    return tuple(sorted(bands, key=lambda band: band.below_years))


def read_class_rules() -> tuple[ClassRule, ...]:
    """When a prescription is 解表, 滋补 or 一般, in the order they are asked."""
    return tuple(
        ClassRule(
            decoction_class=row["decoction_class"],
            syndrome_words=listed(row["syndrome_words"]),
            categories=frozenset(listed(row["categories"])),
            share_pct=int(row["share_pct"]),
            reason=row["reason"],
            source=row["source"],
            edition=row["edition"],
        )
        for row in rows("decoction_classes")
    )
