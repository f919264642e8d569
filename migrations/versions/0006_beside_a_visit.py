"""Beside a visit: unfinished forms, corrected signs, forms of the constitution, recorded pulses

Revision: 0006
After: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column in place and make the tables."""
    op.add_column("encounters", sa.Column("pulse_places", sa.LargeBinary(), nullable=True))
    op.create_table(
        "form_drafts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("encounter_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("form_key", sa.String(length=64), nullable=False),
        sa.Column("values", sa.LargeBinary(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["encounter_id"], ["encounters.id"], name=op.f("fk_form_drafts_encounter_id")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_form_drafts_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_drafts")),
        sa.UniqueConstraint(
            "encounter_id",
            "staff_id",
            "form_key",
            name=op.f("uq_form_drafts_encounter_id_staff_id_form_key"),
        ),
    )
    op.create_index(op.f("ix_form_drafts_encounter_id"), "form_drafts", ["encounter_id"])
    op.create_table(
        "sign_corrections",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("photograph_id", sa.Integer(), nullable=False),
        sa.Column("sign", sa.String(length=24), nullable=False),
        sa.Column("label", sa.LargeBinary(), nullable=False),
        sa.Column("was", sa.LargeBinary(), nullable=False),
        sa.Column("model", sa.String(length=40), nullable=False),
        sa.Column("corrected_by_id", sa.Integer(), nullable=False),
        sa.Column("corrected_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["photograph_id"], ["photographs.id"], name=op.f("fk_sign_corrections_photograph_id")
        ),
        sa.ForeignKeyConstraint(
            ["corrected_by_id"], ["staff.id"], name=op.f("fk_sign_corrections_corrected_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_corrections")),
        sa.UniqueConstraint("photograph_id", "sign", name=op.f("uq_sign_corrections_photograph_id_sign")),
    )
    op.create_index(op.f("ix_sign_corrections_photograph_id"), "sign_corrections", ["photograph_id"])
    op.create_table(
        "constitution_forms",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("encounter_id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("answers", sa.LargeBinary(), nullable=False),
        sa.Column("scores", sa.LargeBinary(), nullable=False),
        sa.Column("judged_by_id", sa.Integer(), nullable=False),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("request_key", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["encounter_id"], ["encounters.id"], name=op.f("fk_constitution_forms_encounter_id")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patients.id"], name=op.f("fk_constitution_forms_patient_id")
        ),
        sa.ForeignKeyConstraint(
            ["judged_by_id"], ["staff.id"], name=op.f("fk_constitution_forms_judged_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_constitution_forms")),
        sa.UniqueConstraint("request_key", name=op.f("uq_constitution_forms_request_key")),
    )
    for column in ("encounter_id", "patient_id"):
        op.create_index(op.f(f"ix_constitution_forms_{column}"), "constitution_forms", [column])

    op.create_table(
        "pulse_recordings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("encounter_id", sa.Integer(), nullable=False),
        sa.Column("samples", sa.LargeBinary(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("rate_bpm", sa.LargeBinary(), nullable=True),
        sa.Column("variation", sa.LargeBinary(), nullable=True),
        sa.Column("rhythm", sa.LargeBinary(), nullable=False),
        sa.Column("quality", sa.Float(), nullable=False),
        sa.Column("beats_s", sa.LargeBinary(), nullable=False),
        sa.Column("pauses", sa.LargeBinary(), nullable=False),
        sa.Column("candidates", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("request_key", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["encounter_id"], ["encounters.id"], name=op.f("fk_pulse_recordings_encounter_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["staff.id"], name=op.f("fk_pulse_recordings_recorded_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pulse_recordings")),
        sa.UniqueConstraint("request_key", name=op.f("uq_pulse_recordings_request_key")),
    )
    op.create_index(op.f("ix_pulse_recordings_encounter_id"), "pulse_recordings", ["encounter_id"])


def downgrade() -> None:
    """Drop them."""
    for table in ("pulse_recordings", "constitution_forms", "sign_corrections", "form_drafts"):
        op.drop_table(table)
    op.drop_column("encounters", "pulse_places")
