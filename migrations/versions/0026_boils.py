"""Boils: one prescription in one pot, its steps

Revision: 0026
After: 0025
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def _ref(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"))


def _unique_while_empty(name: str, table: str, columns: list[str], end: str) -> None:
    where = sa.text(f"{end} IS NULL")
    op.create_index(name, table, columns, unique=True, sqlite_where=where, postgresql_where=where)


def upgrade() -> None:
    """Make the tables; what is in a pot at this moment ends as it began, without a run."""
    op.create_table(
        "pot_runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("prescription_id", sa.Integer(), nullable=False),
        sa.Column("pot_id", sa.Integer(), nullable=False),
        sa.Column("stepwise", sa.Boolean(), nullable=False),
        sa.Column("programme", sa.JSON(), nullable=False),
        sa.Column("soak_began_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by_id", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=24), nullable=True),
        sa.Column("freed_at", sa.DateTime(timezone=True), nullable=True),
        _ref("pot_runs", "prescription_id", "prescriptions"),
        _ref("pot_runs", "pot_id", "pots"),
        _ref("pot_runs", "opened_by_id", "staff"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pot_runs")),
    )
    for column in ("prescription_id", "pot_id", "opened_at"):
        op.create_index(op.f(f"ix_pot_runs_{column}"), "pot_runs", [column])
    _unique_while_empty("uq_pot_runs_open", "pot_runs", ["prescription_id"], "closed_at")
    _unique_while_empty("uq_pot_runs_held", "pot_runs", ["pot_id"], "freed_at")
    op.create_table(
        "pot_steps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=24), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("short_min", sa.Integer(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("request_key", sa.String(length=64), nullable=True),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("voided_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("short_min >= 0", name=op.f("ck_pot_steps_short_min")),
        _ref("pot_steps", "run_id", "pot_runs"),
        _ref("pot_steps", "by_id", "staff"),
        _ref("pot_steps", "voided_by_id", "staff"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pot_steps")),
        sa.UniqueConstraint("request_key", name=op.f("uq_pot_steps_request_key")),
    )
    op.create_index(op.f("ix_pot_steps_run_id"), "pot_steps", ["run_id"])
    _unique_while_empty("uq_pot_steps_taken", "pot_steps", ["run_id", "step"], "voided_at")
    op.create_table(
        "boil_settings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("keeping", sa.String(length=24), nullable=False),
        sa.Column("set_by_id", sa.Integer(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        _ref("boil_settings", "set_by_id", "staff"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_boil_settings")),
    )


def downgrade() -> None:
    """Drop them."""
    for table in ("boil_settings", "pot_steps", "pot_runs"):
        op.drop_table(table)
