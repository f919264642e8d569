"""What is weighed for a prescription, line by line, and who looked at it again

Revision: 0019
After: 0018
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def _ref(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"))


def upgrade() -> None:
    """Make the tables; what was dispensed before was not weighed here."""
    op.create_table(
        "dispensings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("prescription_id", sa.Integer(), nullable=False),
        sa.Column("begun_by_id", sa.Integer(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lacking", sa.JSON(), nullable=False),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("photograph_key", sa.String(length=64), nullable=False),
        sa.Column("checked_by_id", sa.Integer(), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        _ref("dispensings", "prescription_id", "prescriptions"),
        _ref("dispensings", "begun_by_id", "staff"),
        _ref("dispensings", "checked_by_id", "staff"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispensings")),
    )
    op.create_index(op.f("ix_dispensings_prescription_id"), "dispensings", ["prescription_id"])
    op.create_index(
        "uq_dispensings_open",
        "dispensings",
        ["prescription_id"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "weighings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dispensing_id", sa.Integer(), nullable=False),
        sa.Column("herb", sa.String(length=40), nullable=False),
        sa.Column("lot_id", sa.Integer(), nullable=True),
        sa.Column("target_mg", sa.BigInteger(), nullable=False),
        sa.Column("net_mg", sa.BigInteger(), nullable=False),
        sa.Column("scale", sa.String(length=24), nullable=False),
        sa.Column("weighed_by_id", sa.Integer(), nullable=False),
        sa.Column("weighed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("request_key", sa.String(length=64), nullable=False),
        sa.CheckConstraint("net_mg > 0", name=op.f("ck_weighings_net_mg")),
        _ref("weighings", "dispensing_id", "dispensings"),
        _ref("weighings", "lot_id", "lots"),
        _ref("weighings", "weighed_by_id", "staff"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_weighings")),
        sa.UniqueConstraint("request_key", name=op.f("uq_weighings_request_key")),
    )
    for column in ("dispensing_id", "lot_id"):
        op.create_index(op.f(f"ix_weighings_{column}"), "weighings", [column])
    op.create_table(
        "dispensing_settings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("weighing", sa.String(length=24), nullable=False),
        sa.Column("photograph", sa.Boolean(), nullable=False),
        sa.Column("set_by_id", sa.Integer(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        _ref("dispensing_settings", "set_by_id", "staff"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispensing_settings")),
    )


def downgrade() -> None:
    """Drop them."""
    for table in ("dispensing_settings", "weighings", "dispensings"):
        op.drop_table(table)
