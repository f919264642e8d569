"""The tables of checks of packed batches, retained samples, devices, reviews, health checks, kept records."""

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
)

from tcm.records.quality import Disposal, HealthRule, Verdict
from tcm.records.upkeep import DeviceKind, Upkeep
from tcm.store.tables import bags, metadata, ref, request_key, row_id
from tcm.store.types import Sealed, Term, UTCDateTime

# What was packed on a day, or since the last batch that was drawn.
Index("ix_bags_packed_at", bags.c.packed_at)

quality_checks = Table(
    "quality_checks",
    metadata,
    row_id(),
    ref("prescription_id", "prescriptions"),
    ref("bag_id", "bags", index=False),
    Column("round", Integer, nullable=False),
    ref("packed_by_id", "staff", index=False),
    Column("drawn_at", UTCDateTime, nullable=False, index=True),
    Column("verdict", Term(Verdict)),
    Column("faults", JSON, nullable=False),
    Column("measured_ml", Integer),
    Column("remark", Sealed("quality_checks.remark"), nullable=False),
    ref("checked_by_id", "staff", nullable=True, index=False),
    Column("checked_at", UTCDateTime, index=True),
    ref("repacked_by_id", "staff", nullable=True, index=False),
    Column("repacked_at", UTCDateTime),
    Column("closed_at", UTCDateTime),
    UniqueConstraint("bag_id", "round"),
)

# A batch waits for one look at a time; the few open ones are what desks look at.
Index(
    "uq_quality_checks_open",
    quality_checks.c.prescription_id,
    unique=True,
    sqlite_where=quality_checks.c.closed_at.is_(None),
    postgresql_where=quality_checks.c.closed_at.is_(None),
)

retained_samples = Table(
    "retained_samples",
    metadata,
    row_id(),
    ref("prescription_id", "prescriptions"),
    Column("bag_id", ForeignKey("bags.id"), nullable=False, unique=True),
    Column("volume_ml", Integer, nullable=False),
    Column("place", String(24), nullable=False),
    ref("kept_by_id", "staff", index=False),
    Column("kept_at", UTCDateTime, nullable=False),
    Column("dispose_on", Date, nullable=False),
    Column("disposal", Term(Disposal)),
    ref("disposed_by_id", "staff", nullable=True, index=False),
    Column("disposed_at", UTCDateTime, index=True),
    CheckConstraint("volume_ml > 0", name="ck_retained_samples_volume_ml"),
)

Index(
    "ix_retained_samples_standing",
    retained_samples.c.dispose_on,
    sqlite_where=retained_samples.c.disposed_at.is_(None),
    postgresql_where=retained_samples.c.disposed_at.is_(None),
)

quality_settings = Table(
    "quality_settings",
    metadata,
    row_id(),
    Column("check_every", Integer, nullable=False),
    Column("sample_ml", Integer, nullable=False),
    Column("sample_days", Integer, nullable=False),
    Column("sample_source", String(200), nullable=False),
    Column("health", Term(HealthRule), nullable=False),
    ref("set_by_id", "staff", index=False),
    Column("set_at", UTCDateTime, nullable=False),
)

devices = Table(
    "devices",
    metadata,
    row_id(),
    Column("code", String(24), nullable=False, unique=True),
    Column("kind", Term(DeviceKind), nullable=False),
    Column("name", String(80), nullable=False),
    ref("pot_id", "pots", nullable=True, index=False),
    Column("check_every_days", Integer, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("added_at", UTCDateTime, nullable=False),
)

upkeep_records = Table(
    "upkeep_records",
    metadata,
    row_id(),
    ref("device_id", "devices"),
    Column("kind", Term(Upkeep), nullable=False),
    Column("passed", Boolean, nullable=False),
    Column("remark", String(200), nullable=False),
    Column("certificate", String(60), nullable=False),
    Column("next_due_on", Date),
    ref("done_by_id", "staff", index=False),
    Column("done_at", UTCDateTime, nullable=False),
    request_key(),
)

quality_reviews = Table(
    "quality_reviews",
    metadata,
    row_id(),
    Column("quarter", String(8), nullable=False, index=True),
    Column("figures", JSON, nullable=False),
    Column("opinions", Sealed("quality_reviews.opinions"), nullable=False),
    Column("findings", Sealed("quality_reviews.findings"), nullable=False),
    Column("measures", Sealed("quality_reviews.measures"), nullable=False),
    ref("held_by_id", "staff", index=False),
    Column("held_at", UTCDateTime, nullable=False),
    request_key(),
)

health_checks = Table(
    "health_checks",
    metadata,
    row_id(),
    ref("staff_id", "staff"),
    Column("examined_on", Date, nullable=False),
    Column("valid_until", Date, nullable=False),
    Column("outcome", Sealed("health_checks.outcome"), nullable=False),
    ref("entered_by_id", "staff", index=False),
    Column("entered_at", UTCDateTime, nullable=False),
    request_key(),
)

record_archives = Table(
    "record_archives",
    metadata,
    row_id(),
    Column("day", Date, nullable=False, index=True),
    Column("records_count", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("blob_key", String(64), nullable=False),
    ref("kept_by_id", "staff", index=False),
    Column("kept_at", UTCDateTime, nullable=False),
)
