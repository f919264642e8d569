"""What the institution answers for: its versions of the rules, its own formulas, each finding's fate."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


class Standing(StrEnum):
    """Where a version stands: a draft, in force, or retired."""

    DRAFT = "draft"
    IN_FORCE = "in_force"
    RETIRED = "retired"


class FindingDecision(StrEnum):
    """What a pharmacist makes of one finding.

    UNDECIDED is a finding of a prescription that went back to the doctor without a word on this finding.
    """

    ACCEPTED = "accepted"
    OVERRULED = "overruled"
    UNDECIDED = "undecided"


@dataclass(eq=False, kw_only=True)
class RuleVersion:
    """An institution's version of the rules of review.

    Args:
        id: Row, None before it is stored.
        institution_id: Whose rules; those of the centre hold for every institution without its own.
        version: What people call it by, such as 2026-11-22.1; unique.
        standing: Draft, in force or retired.
        settings: Rule id to {"enabled", "severity", "parameters"}; only what differs from the shipped rules.
        note: Why it was made.
        made_by_id: Who drafted it.
        made_at: Aware UTC.
        approved_by_id: Who put it in force by name, another person than the drafter.
        approved_at: When; it is in force from then on.
        retired_at: When a later version took its place.
        request_key: Key of the form that began it.
    """

    id: int | None = None
    institution_id: int
    version: str
    standing: Standing = Standing.DRAFT
    settings: dict[str, dict[str, object]] = field(default_factory=dict)
    note: str = ""
    made_by_id: int
    made_at: datetime
    approved_by_id: int | None = None
    approved_at: datetime | None = None
    retired_at: datetime | None = None
    request_key: str


@dataclass(eq=False, kw_only=True)
class RuleReplay:
    """Past prescriptions held against a version of the rules, to see what would change.

    Args:
        id: Row, None before it is stored.
        rule_version_id: The version tried.
        asked_by_id: Who asked.
        asked_at: Aware UTC.
        since: Prescriptions signed on this county day or later.
        checked_count: How many are done.
        total_count: Of how many; 0 while they are being counted.
        result: What changed: ids and rule names only, nothing of a patient.
        finished_at: When, None while it runs.
        failure: Why it failed, in words for the log; empty otherwise.
        request_key: Key of the form that asked.
    """

    id: int | None = None
    rule_version_id: int
    asked_by_id: int
    asked_at: datetime
    since: date
    checked_count: int = 0
    total_count: int = 0
    result: dict[str, object] = field(default_factory=dict)
    finished_at: datetime | None = None
    failure: str = ""
    request_key: str


@dataclass(eq=False, kw_only=True)
class FindingRecord:
    """One finding that lay before a pharmacist, and what became of it.

    Args:
        id: Row, None before it is stored.
        review_id: The decision on the prescription it belongs to.
        prescription_id: Which prescription.
        pharmacist_id: Who decided.
        decided_at: Aware UTC.
        rules_version: Version of the rules that found it.
        rule: Rule id.
        kind: Kind of the finding.
        severity: As found.
        herbs: Standard names.
        signed: Whether the doctor's second signature answered it.
        decision: Accepted, overruled or undecided.
        reason: Why it was overruled, sealed.
    """

    id: int | None = None
    review_id: int
    prescription_id: int
    pharmacist_id: int
    decided_at: datetime
    rules_version: str
    rule: str
    kind: str
    severity: str
    herbs: list[str] = field(default_factory=list)
    signed: bool = False
    decision: FindingDecision
    reason: str = ""


@dataclass(eq=False, kw_only=True)
class AgreedFormula:
    """A formula the institution has agreed on (协定方), one version of it.

    Args:
        id: Row, None before it is stored.
        institution_id: Whose; those of the centre are offered to every doctor.
        name: As doctors look for it.
        version: 1, 2 ... of that name.
        standing: Draft, in force or retired.
        items: [{"herb", "dose_g", "decoction_note"}] in order; herb as written.
        syndromes: Names of GB/T 16751.2 it answers.
        decoction_class: 解表, 一般 or 滋补.
        usage: How to take it, may be empty.
        note: Where it comes from and what it is for.
        made_by_id: Who wrote it.
        made_at: Aware UTC.
        approved_by_id: Who put it in force by name, another person than the writer.
        approved_at: When.
        rules_version: Version of the rules it was checked with when approved.
        retired_at: When it was retired or a later version took its place.
        request_key: Key of the form that made it.
    """

    id: int | None = None
    institution_id: int
    name: str
    version: int
    standing: Standing = Standing.DRAFT
    items: list[dict[str, object]] = field(default_factory=list)
    syndromes: list[str] = field(default_factory=list)
    decoction_class: str = "一般"
    usage: str = ""
    note: str = ""
    made_by_id: int
    made_at: datetime
    approved_by_id: int | None = None
    approved_at: datetime | None = None
    rules_version: str = ""
    retired_at: datetime | None = None
    request_key: str
