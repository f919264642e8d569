"""The rules of review as rows: what each is called, how strict it is, since when, and its figures."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from tcm.knowledge.tables import rows


@dataclass(frozen=True, slots=True)
class RuleFact:
    """One rule of review as it is shipped.

    `kind` is the kind of its findings (the review contract's words). `severity` and `enabled` are as shipped;
    `floor` is the mildest severity that an institution may set, empty where it may switch the rule off. In
    force from `effective_from` to `effective_to`, both inclusive, None while it has no end.
    """

    rule: str
    kind: str
    title: str
    title_en: str
    severity: str
    enabled: bool
    floor: str
    clears: str
    clears_en: str
    effective_from: date
    effective_to: date | None
    source: str
    edition: str

    def in_force(self, on: date) -> bool:
        """Whether the rule holds on a day."""
        return self.effective_from <= on and (self.effective_to is None or on <= self.effective_to)


@dataclass(frozen=True, slots=True)
class RuleParameter:
    """A figure that a rule compares with, and how far an institution may move it."""

    rule: str
    key: str
    value: float
    unit: str
    minimum: float
    maximum: float
    note: str
    note_en: str
    source: str
    edition: str


def read_rules() -> dict[str, RuleFact]:
    """Rules of review by id."""
    return {
        row["rule"]: RuleFact(
            rule=row["rule"],
            kind=row["kind"],
            title=row["title"],
            title_en=row["title_en"],
            severity=row["severity"],
            enabled=row["enabled"] == "1",
            floor=row["floor"],
            clears=row["clears"],
            clears_en=row["clears_en"],
            effective_from=date.fromisoformat(row["effective_from"]),
            effective_to=date.fromisoformat(row["effective_to"]) if row["effective_to"] else None,
            source=row["source"],
            edition=row["edition"],
        )
        for row in rows("rules")
    }


def read_rule_parameters() -> Mapping[str, Mapping[str, RuleParameter]]:
    """Parameters by rule, then by key, in the order of the table."""
    grouped: dict[str, dict[str, RuleParameter]] = defaultdict(dict)
    for row in rows("rule_parameters"):
        grouped[row["rule"]][row["key"]] = RuleParameter(
            rule=row["rule"],
            key=row["key"],
            value=float(row["value"]),
            unit=row["unit"],
            minimum=float(row["minimum"]),
            maximum=float(row["maximum"]),
            note=row["note"],
            note_en=row["note_en"],
            source=row["source"],
            edition=row["edition"],
        )
    return dict(grouped)
