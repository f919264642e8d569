"""The tables of what the institution answers for: versions of the rules, replays, findings, own formulas."""

from sqlalchemy import JSON, Boolean, Column, Date, Index, Integer, String, Table, UniqueConstraint

from tcm.records.governance import FindingDecision, Standing
from tcm.store.tables import metadata, ref, request_key, row_id
from tcm.store.types import Sealed, Term, UTCDateTime

rule_versions = Table(
    "rule_versions",
    metadata,
    row_id(),
    ref("institution_id", "institutions"),
    Column("version", String(40), nullable=False, unique=True),
    Column("standing", Term(Standing), nullable=False),
    Column("settings", JSON, nullable=False),
    Column("note", String(400), nullable=False),
    ref("made_by_id", "staff", index=False),
    Column("made_at", UTCDateTime, nullable=False),
    ref("approved_by_id", "staff", nullable=True, index=False),
    Column("approved_at", UTCDateTime),
    Column("retired_at", UTCDateTime),
    request_key(),
)
# Two versions of one institution can never both be in force.
Index(
    "uq_rule_versions_in_force",
    rule_versions.c.institution_id,
    unique=True,
    sqlite_where=rule_versions.c.standing == "in_force",
    postgresql_where=rule_versions.c.standing == "in_force",
)

rule_replays = Table(
    "rule_replays",
    metadata,
    row_id(),
    ref("rule_version_id", "rule_versions"),
    ref("asked_by_id", "staff", index=False),
    Column("asked_at", UTCDateTime, nullable=False),
    Column("since", Date, nullable=False),
    Column("checked_count", Integer, nullable=False),
    Column("total_count", Integer, nullable=False),
    Column("result", JSON, nullable=False),
    Column("finished_at", UTCDateTime),
    Column("failure", String(400), nullable=False),
    request_key(),
)

finding_records = Table(
    "finding_records",
    metadata,
    row_id(),
    ref("review_id", "reviews"),
    ref("prescription_id", "prescriptions"),
    ref("pharmacist_id", "staff", index=False),
    Column("decided_at", UTCDateTime, nullable=False),
    Column("rules_version", String(40), nullable=False),
    Column("rule", String(40), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("severity", String(8), nullable=False),
    Column("herbs", JSON, nullable=False),
    Column("signed", Boolean, nullable=False),
    Column("decision", Term(FindingDecision), nullable=False),
    Column("reason", Sealed("finding_records.reason"), nullable=False),
    Index("ix_finding_records_decided_at_rule", "decided_at", "rule"),
)

agreed_formulas = Table(
    "agreed_formulas",
    metadata,
    row_id(),
    ref("institution_id", "institutions"),
    Column("name", String(40), nullable=False),
    Column("version", Integer, nullable=False),
    Column("standing", Term(Standing), nullable=False),
    Column("items", JSON, nullable=False),
    Column("syndromes", JSON, nullable=False),
    Column("decoction_class", String(8), nullable=False),
    Column("usage", String(200), nullable=False),
    Column("note", String(400), nullable=False),
    ref("made_by_id", "staff", index=False),
    Column("made_at", UTCDateTime, nullable=False),
    ref("approved_by_id", "staff", nullable=True, index=False),
    Column("approved_at", UTCDateTime),
    Column("rules_version", String(40), nullable=False),
    Column("retired_at", UTCDateTime),
    request_key(),
    UniqueConstraint("institution_id", "name", "version"),
)
# Two versions of one agreed formula can never both be in force.
Index(
    "uq_agreed_formulas_in_force",
    agreed_formulas.c.institution_id,
    agreed_formulas.c.name,
    unique=True,
    sqlite_where=agreed_formulas.c.standing == "in_force",
    postgresql_where=agreed_formulas.c.standing == "in_force",
)
