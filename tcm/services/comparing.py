"""What another version of the rules changes: two lists of findings compared, and the changes counted."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tcm.review import Finding, Severity, verdict

MOST_CHANGED = 500


@dataclass(frozen=True)
class Change:
    """What another version of the rules makes of one prescription.

    Args:
        was: Verdict under the version it carries.
        would_be: Verdict under the version that is tried.
        added: Rules with a finding of herbs and severity that was not there before.
        removed: Rules with a finding of herbs and severity that would be gone.
    """

    was: Severity
    would_be: Severity
    added: tuple[str, ...]
    removed: tuple[str, ...]

    @property
    def is_any(self) -> bool:
        """Whether anything is otherwise; the verdicts differ only where findings do."""
        return bool(self.added or self.removed)


@dataclass
class Tally:
    """What a replay has found so far; holds ids, numbers and rule ids, nothing of a patient.

    Args:
        checked: Prescriptions checked.
        changed: The first of those that change.
        verdicts: Prescriptions by `was->would_be`.
        added: Prescriptions by rule that would newly find something.
        removed: Prescriptions by rule that would no longer.
    """

    checked: int = 0
    changed: list[dict[str, object]] = field(default_factory=list)
    verdicts: Counter[str] = field(default_factory=Counter)
    added: Counter[str] = field(default_factory=Counter)
    removed: Counter[str] = field(default_factory=Counter)

    def add(self, prescription_id: int, number: str, change: Change) -> None:
        """Count one prescription.

        Args:
            prescription_id: Its row.
            number: What people call it by.
            change: What the version that is tried makes of it.
        """
        self.checked += 1
        self.verdicts[f"{change.was}->{change.would_be}"] += 1
        self.added.update(change.added)
        self.removed.update(change.removed)
        if change.is_any and len(self.changed) < MOST_CHANGED:
            self.changed.append(line_of(prescription_id, number, change))

    def to_dict(self) -> dict[str, object]:
        """For the row of a replay."""
        rules = sorted(self.added.keys() | self.removed.keys())
        return {
            "checked": self.checked,
            "changed": list(self.changed),
            "verdicts": dict(self.verdicts),
            "by_rule": {rule: {"added": self.added[rule], "removed": self.removed[rule]} for rule in rules},
        }

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> "Tally":
        """The tally that `to_dict` wrote, to go on with; an empty mapping is an empty tally."""
        by_rule = told.get("by_rule", {})
        return cls(
            checked=told.get("checked", 0),
            changed=list(told.get("changed", [])),
            verdicts=Counter(told.get("verdicts", {})),
            added=Counter({rule: counts["added"] for rule, counts in by_rule.items() if counts["added"]}),
            removed=Counter(
                {rule: counts["removed"] for rule, counts in by_rule.items() if counts["removed"]}
            ),
        )


def compare(was: Iterable[Finding], would_be: Iterable[Finding]) -> Change:
    """What changes from some findings to others.

    Args:
        was: Findings under the version carried.
        would_be: Findings under the version tried.

    Returns:
        The change. A finding is the same where rule, severity, herbs and second signature are; a rule whose
        findings only change their severity or herbs is both added and removed.
    """
    before, after = tuple(was), tuple(would_be)
    old, new = {_identity(each) for each in before}, {_identity(each) for each in after}
    return Change(
        was=verdict(before),
        would_be=verdict(after),
        added=tuple(sorted({each[0] for each in new - old})),
        removed=tuple(sorted({each[0] for each in old - new})),
    )


def line_of(prescription_id: int, number: str, change: Change) -> dict[str, object]:
    """One changed prescription as JSON.

    Args:
        prescription_id: Its row.
        number: What people call it by.
        change: What the version that is tried makes of it.

    Returns:
        Ids, numbers and rule ids only.
    """
    return {
        "prescription_id": prescription_id,
        "number": number,
        "was": change.was,
        "would_be": change.would_be,
        "added": list(change.added),
        "removed": list(change.removed),
    }


def _identity(found: Finding) -> tuple[str, str, tuple[str, ...], bool]:
    return found.rule, found.severity, found.herbs, found.signed
