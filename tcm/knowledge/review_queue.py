"""Targets of the pharmacists' queue: how long a prescription may wait, and who goes before others."""

from dataclasses import dataclass

from tcm.knowledge.tables import rows


@dataclass(frozen=True, slots=True)
class ReviewTargets:
    """Minutes from signature to decision, and the age below which a patient is a child."""

    urgent_min: int
    ordinary_min: int
    child_under_years: int


def read_review_targets() -> ReviewTargets:
    """Read the targets; each has its source in the table."""
    return ReviewTargets(**{row["key"]: int(row["value"]) for row in rows("review_queue")})
