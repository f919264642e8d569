"""Codes and rates of the monthly appraisal of prescriptions (处方点评)."""

from collections.abc import Mapping
from dataclasses import dataclass

from tcm.knowledge.tables import rows


@dataclass(frozen=True, slots=True)
class AppraisalCode:
    """One fault by its code in the regulation; `kind` is 不规范, 用药不适宜 or 超常.

    `not_for_herbs` says why a code cannot be given to a prescription of herbs, empty where it can.
    """

    code: str
    kind: str
    text: str
    not_for_herbs: str
    source: str
    edition: str


@dataclass(frozen=True, slots=True)
class AppraisalRate:
    """How many of a month's prescriptions are drawn: so many per mille, and no fewer than `least`."""

    scope: str
    per_mille: int
    least: int
    note: str
    source: str
    edition: str

    def size(self, prescriptions: int) -> int:
        """How many to draw of a month's prescriptions, all where there are fewer than the least."""
        return min(prescriptions, max(self.least, -(-prescriptions * self.per_mille // 1000)))


def read_appraisal_codes() -> tuple[AppraisalCode, ...]:
    """Read the 15 + 9 + 4 codes, in the order of the regulation."""
    return tuple(AppraisalCode(**row) for row in rows("appraisal_codes"))


def read_appraisal_rates() -> Mapping[str, AppraisalRate]:
    """Read the rates by scope: outpatient, inpatient, herbs."""
    return {
        row["scope"]: AppraisalRate(
            row["scope"], int(row["per_mille"]), int(row["least"]), row["note"], row["source"], row["edition"]
        )
        for row in rows("appraisal_rates")
    }
