"""Machines: readings and deviations

Revision: 0027
After: 0026
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def _ref(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"))


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.Integer(), nullable=False)


def _said() -> tuple[sa.Column[float], sa.Column[bool], sa.Column[bool], sa.Column[int]]:
    """What a machine says of its pot."""
    return (
        sa.Column("temperature_c", sa.Float(), nullable=False),
        sa.Column("lid_closed", sa.Boolean(), nullable=True),
        sa.Column("heater_on", sa.Boolean(), nullable=True),
        sa.Column("level_ml", sa.Integer(), nullable=True),
    )


def upgrade() -> None:
    """Make the tables; no machine has spoken yet."""
    op.create_table(
        "machines",
        _id(),
        sa.Column("boot", sa.String(length=32), nullable=False),
        sa.Column("previous_boot", sa.String(length=32), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("received_at", _MOMENT, nullable=False),
        sa.Column("is_clock_wrong", sa.Boolean(), nullable=False),
        *_said(),
        sa.Column("pot_id", sa.Integer(), nullable=False),
        sa.Column("kept_run_id", sa.Integer(), nullable=True),
        sa.Column("kept_at", _MOMENT, nullable=True),
        sa.Column("kept_c", sa.Float(), nullable=True),
        _ref("machines", "pot_id", "pots"),
        _ref("machines", "kept_run_id", "pot_runs"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_machines")),
        sa.UniqueConstraint("pot_id", name=op.f("uq_machines_pot_id")),
    )
    op.create_table(
        "machine_readings",
        _id(),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        *_said(),
        sa.Column("is_clock_wrong", sa.Boolean(), nullable=False),
        _ref("machine_readings", "run_id", "pot_runs"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_machine_readings")),
    )
    op.create_index("ix_machine_readings_run_id_at", "machine_readings", ["run_id", "at"])
    op.create_table(
        "machine_refusals",
        _id(),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("pot_code", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=24), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("last_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_machine_refusals")),
        sa.UniqueConstraint(
            "day", "pot_code", "reason", name=op.f("uq_machine_refusals_day_pot_code_reason")
        ),
    )
    op.create_table(
        "deviations",
        _id(),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("prescription_id", sa.Integer(), nullable=False),
        sa.Column("pot_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("stops", sa.Boolean(), nullable=False),
        sa.Column("began_at", _MOMENT, nullable=False),
        sa.Column("over_at", _MOMENT, nullable=True),
        sa.Column("found_at", _MOMENT, nullable=False),
        sa.Column("measured", sa.JSON(), nullable=False),
        sa.Column("verdict", sa.String(length=24), nullable=True),
        sa.Column("reason_code", sa.String(length=24), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", _MOMENT, nullable=True),
        _ref("deviations", "run_id", "pot_runs"),
        _ref("deviations", "prescription_id", "prescriptions"),
        _ref("deviations", "pot_id", "pots"),
        _ref("deviations", "decided_by_id", "staff"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deviations")),
        sa.UniqueConstraint("run_id", "kind", "began_at", name=op.f("uq_deviations_run_id_kind_began_at")),
    )
    op.create_index(op.f("ix_deviations_prescription_id"), "deviations", ["prescription_id"])
    op.create_index(op.f("ix_deviations_found_at"), "deviations", ["found_at"])
    op.create_index("ix_deviations_stops_verdict", "deviations", ["stops", "verdict"])


def downgrade() -> None:
    """Take them away; curves and decisions are lost, their ledger events stay."""
    for table in ("deviations", "machine_refusals", "machine_readings", "machines"):
        op.drop_table(table)
