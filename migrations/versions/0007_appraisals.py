"""The monthly appraisal of prescriptions: samples, opinions, appeals

Revision: 0007
After: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "appraisals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("population", sa.Integer(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("drawn_by_id", sa.Integer(), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["drawn_by_id"], ["staff.id"], name=op.f("fk_appraisals_drawn_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appraisals")),
        sa.UniqueConstraint("month", name=op.f("uq_appraisals_month")),
    )
    op.create_table(
        "appraised_prescriptions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("appraisal_id", sa.Integer(), nullable=False),
        sa.Column("prescription_id", sa.Integer(), nullable=False),
        sa.Column("appeal", sa.LargeBinary(), nullable=False),
        sa.Column("appealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.Column("upheld", sa.Boolean(), nullable=True),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["appraisal_id"], ["appraisals.id"], name=op.f("fk_appraised_prescriptions_appraisal_id")
        ),
        sa.ForeignKeyConstraint(
            ["prescription_id"],
            ["prescriptions.id"],
            name=op.f("fk_appraised_prescriptions_prescription_id"),
        ),
        sa.ForeignKeyConstraint(
            ["answered_by_id"], ["staff.id"], name=op.f("fk_appraised_prescriptions_answered_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appraised_prescriptions")),
        sa.UniqueConstraint(
            "appraisal_id",
            "prescription_id",
            name=op.f("uq_appraised_prescriptions_appraisal_id_prescription_id"),
        ),
    )
    for column in ("appraisal_id", "prescription_id"):
        op.create_index(op.f(f"ix_appraised_prescriptions_{column}"), "appraised_prescriptions", [column])
    op.create_table(
        "opinions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("appraised_id", sa.Integer(), nullable=False),
        sa.Column("reviewer_id", sa.Integer(), nullable=False),
        sa.Column("codes", sa.JSON(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["appraised_id"], ["appraised_prescriptions.id"], name=op.f("fk_opinions_appraised_id")
        ),
        sa.ForeignKeyConstraint(["reviewer_id"], ["staff.id"], name=op.f("fk_opinions_reviewer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opinions")),
        sa.UniqueConstraint("appraised_id", "reviewer_id", name=op.f("uq_opinions_appraised_id_reviewer_id")),
    )
    op.create_index(op.f("ix_opinions_appraised_id"), "opinions", ["appraised_id"])


def downgrade() -> None:
    """Drop them."""
    for table in ("opinions", "appraised_prescriptions", "appraisals"):
        op.drop_table(table)
