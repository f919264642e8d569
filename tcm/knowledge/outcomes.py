"""Grades of what came of a treatment (疗效判定)."""

from dataclasses import dataclass

from tcm.knowledge.tables import number, rows


@dataclass(frozen=True, slots=True)
class OutcomeGrade:
    """One grade: its code, its standard term, what it means, and the fall of the syndrome's score it asks.

    `least_percent` is None for the last grade, which holds all that is below.
    """

    grade: str
    term: str
    meaning: str
    least_percent: float | None
    source: str
    edition: str


def read_outcome_grades() -> tuple[OutcomeGrade, ...]:
    """Read the grades, best first."""
    return tuple(
        OutcomeGrade(
            row["grade"],
            row["term"],
            row["meaning"],
            number(row["least_percent"]),
            row["source"],
            row["edition"],
        )
        for row in rows("outcomes")
    )
