"""Drafts of notes, papers entered after an outage

Revision: 0012
After: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns in place and make the tables; notes of before are their first writing."""
    for column in (
        sa.Column("notes_version", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("notes_key", sa.String(length=64), nullable=False, server_default=""),
    ):
        op.add_column("encounters", column)
    op.add_column("prescriptions", sa.Column("paper_number", sa.String(length=48), nullable=True))
    op.create_index(op.f("uq_prescriptions_paper_number"), "prescriptions", ["paper_number"], unique=True)
    op.create_table(
        "paper_batches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("first_serial", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("printed_by_id", sa.Integer(), nullable=False),
        sa.Column("printed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("request_key", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institutions.id"], name=op.f("fk_paper_batches_institution_id")
        ),
        sa.ForeignKeyConstraint(["printed_by_id"], ["staff.id"], name=op.f("fk_paper_batches_printed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_batches")),
        sa.UniqueConstraint("request_key", name=op.f("uq_paper_batches_request_key")),
        sa.UniqueConstraint(
            "institution_id",
            "kind",
            "first_serial",
            name=op.f("uq_paper_batches_institution_id_kind_first_serial"),
        ),
    )
    op.create_table(
        "paper_signatures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("prescription_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=24), nullable=False),
        sa.Column("paper_number", sa.String(length=48), nullable=False),
        sa.Column("signed_by_id", sa.Integer(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=24), nullable=False),
        sa.Column("entered_by_id", sa.Integer(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["prescription_id"], ["prescriptions.id"], name=op.f("fk_paper_signatures_prescription_id")
        ),
        sa.ForeignKeyConstraint(
            ["signed_by_id"], ["staff.id"], name=op.f("fk_paper_signatures_signed_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["entered_by_id"], ["staff.id"], name=op.f("fk_paper_signatures_entered_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_signatures")),
        sa.UniqueConstraint("prescription_id", "step", name=op.f("uq_paper_signatures_prescription_id_step")),
    )
    for column in ("prescription_id", "paper_number", "signed_by_id"):
        op.create_index(op.f(f"ix_paper_signatures_{column}"), "paper_signatures", [column])


def downgrade() -> None:
    """Drop them."""
    for table in ("paper_signatures", "paper_batches"):
        op.drop_table(table)
    op.drop_index(op.f("uq_prescriptions_paper_number"), "prescriptions")
    op.drop_column("prescriptions", "paper_number")
    for column in ("notes_key", "notes_version"):
        op.drop_column("encounters", column)
