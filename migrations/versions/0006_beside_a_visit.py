"""Beside a visit: forms that are not finished, signs that a doctor corrected, forms of the constitution

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
    """Make the three tables."""
    op.create_table(
        "form_drafts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("encounter_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("values", sa.LargeBinary(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["encounter_id"], ["encounters.id"], name=op.f("fk_form_drafts_encounter_id")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_form_drafts_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_drafts")),
        sa.UniqueConstraint("encounter_id", "staff_id", name=op.f("uq_form_drafts_encounter_id_staff_id")),
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


def downgrade() -> None:
    """Drop them."""
    for table in ("constitution_forms", "sign_corrections", "form_drafts"):
        op.drop_table(table)
