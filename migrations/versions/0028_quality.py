"""Looks at packed batches, retained samples, devices, reviews, health checks, records put away

Revision: 0028
After: 0027
"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_TABLES = (
    "record_archives",
    "health_checks",
    "quality_reviews",
    "upkeep_records",
    "devices",
    "quality_settings",
    "retained_samples",
    "quality_checks",
)


def _ref(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"))


def upgrade() -> None:
    """Make the tables; what was packed before was looked at on paper, if at all."""
    op.create_index(op.f("ix_bags_packed_at"), "bags", ["packed_at"])
    op.create_table(
        "quality_checks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("prescription_id", sa.Integer(), nullable=False),
        sa.Column("bag_id", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("packed_by_id", sa.Integer(), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verdict", sa.String(length=24), nullable=True),
        sa.Column("faults", sa.JSON(), nullable=False),
        sa.Column("measured_ml", sa.Integer(), nullable=True),
        sa.Column("remark", sa.LargeBinary(), nullable=False),
        sa.Column("checked_by_id", sa.Integer(), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("repacked_by_id", sa.Integer(), nullable=True),
        sa.Column("repacked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        _ref("quality_checks", "prescription_id", "prescriptions"),
        _ref("quality_checks", "bag_id", "bags"),
        _ref("quality_checks", "packed_by_id", "staff"),
        _ref("quality_checks", "checked_by_id", "staff"),
        _ref("quality_checks", "repacked_by_id", "staff"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quality_checks")),
        sa.UniqueConstraint("bag_id", "round", name=op.f("uq_quality_checks_bag_id_round")),
    )
    op.create_index(op.f("ix_quality_checks_drawn_at"), "quality_checks", ["drawn_at"])
    op.create_index(op.f("ix_quality_checks_prescription_id"), "quality_checks", ["prescription_id"])
    op.create_index(
        "uq_quality_checks_open",
        "quality_checks",
        ["prescription_id"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "retained_samples",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("prescription_id", sa.Integer(), nullable=False),
        sa.Column("bag_id", sa.Integer(), nullable=False),
        sa.Column("volume_ml", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(length=24), nullable=False),
        sa.Column("kept_by_id", sa.Integer(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("dispose_on", sa.Date(), nullable=False),
        sa.Column("disposal", sa.String(length=24), nullable=True),
        sa.Column("disposed_by_id", sa.Integer(), nullable=True),
        sa.Column("disposed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("volume_ml > 0", name=op.f("ck_retained_samples_volume_ml")),
        _ref("retained_samples", "prescription_id", "prescriptions"),
        _ref("retained_samples", "bag_id", "bags"),
        _ref("retained_samples", "kept_by_id", "staff"),
        _ref("retained_samples", "disposed_by_id", "staff"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retained_samples")),
        sa.UniqueConstraint("bag_id", name=op.f("uq_retained_samples_bag_id")),
    )
    op.create_index(op.f("ix_retained_samples_prescription_id"), "retained_samples", ["prescription_id"])
    op.create_index(
        "ix_retained_samples_standing",
        "retained_samples",
        ["dispose_on"],
        unique=False,
        sqlite_where=sa.text("disposed_at IS NULL"),
        postgresql_where=sa.text("disposed_at IS NULL"),
    )
    op.create_table(
        "quality_settings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("check_every", sa.Integer(), nullable=False),
        sa.Column("sample_ml", sa.Integer(), nullable=False),
        sa.Column("sample_days", sa.Integer(), nullable=False),
        sa.Column("sample_source", sa.String(length=200), nullable=False),
        sa.Column("health", sa.String(length=24), nullable=False),
        sa.Column("set_by_id", sa.Integer(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        _ref("quality_settings", "set_by_id", "staff"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quality_settings")),
    )
    op.create_table(
        "devices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("pot_id", sa.Integer(), nullable=True),
        sa.Column("check_every_days", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        _ref("devices", "pot_id", "pots"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_devices")),
        sa.UniqueConstraint("code", name=op.f("uq_devices_code")),
    )
    op.create_table(
        "upkeep_records",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("device_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("remark", sa.String(length=200), nullable=False),
        sa.Column("certificate", sa.String(length=60), nullable=False),
        sa.Column("next_due_on", sa.Date(), nullable=True),
        sa.Column("done_by_id", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("request_key", sa.String(length=64), nullable=False),
        _ref("upkeep_records", "device_id", "devices"),
        _ref("upkeep_records", "done_by_id", "staff"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upkeep_records")),
        sa.UniqueConstraint("request_key", name=op.f("uq_upkeep_records_request_key")),
    )
    op.create_index(op.f("ix_upkeep_records_device_id"), "upkeep_records", ["device_id"])
    op.create_table(
        "quality_reviews",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("quarter", sa.String(length=8), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("opinions", sa.LargeBinary(), nullable=False),
        sa.Column("findings", sa.LargeBinary(), nullable=False),
        sa.Column("measures", sa.LargeBinary(), nullable=False),
        sa.Column("held_by_id", sa.Integer(), nullable=False),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("request_key", sa.String(length=64), nullable=False),
        _ref("quality_reviews", "held_by_id", "staff"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quality_reviews")),
        sa.UniqueConstraint("request_key", name=op.f("uq_quality_reviews_request_key")),
    )
    op.create_index(op.f("ix_quality_reviews_quarter"), "quality_reviews", ["quarter"])
    op.create_table(
        "health_checks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("examined_on", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("outcome", sa.LargeBinary(), nullable=False),
        sa.Column("entered_by_id", sa.Integer(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("request_key", sa.String(length=64), nullable=False),
        _ref("health_checks", "staff_id", "staff"),
        _ref("health_checks", "entered_by_id", "staff"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_health_checks")),
        sa.UniqueConstraint("request_key", name=op.f("uq_health_checks_request_key")),
    )
    op.create_index(op.f("ix_health_checks_staff_id"), "health_checks", ["staff_id"])
    op.create_table(
        "record_archives",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("records_count", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("blob_key", sa.String(length=64), nullable=False),
        sa.Column("kept_by_id", sa.Integer(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        _ref("record_archives", "kept_by_id", "staff"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_archives")),
    )
    op.create_index(op.f("ix_record_archives_day"), "record_archives", ["day"])


def downgrade() -> None:
    """Drop them."""
    for table in _TABLES:
        op.drop_table(table)
    op.drop_index(op.f("ix_bags_packed_at"), "bags")
