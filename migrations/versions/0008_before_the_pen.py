"""Own templates and what else helps a doctor write

Revision: 0008
After: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "own_formulas",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("syndrome", sa.String(length=80), nullable=False),
        sa.Column("decoction_class", sa.String(length=8), nullable=False),
        sa.Column("usage", sa.String(length=200), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("put_away_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("request_key", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["staff.id"], name=op.f("fk_own_formulas_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_own_formulas")),
        sa.UniqueConstraint(
            "owner_id", "name", "version", name=op.f("uq_own_formulas_owner_id_name_version")
        ),
        sa.UniqueConstraint("request_key", name=op.f("uq_own_formulas_request_key")),
    )
    op.create_index(op.f("ix_own_formulas_owner_id"), "own_formulas", ["owner_id"])
    op.create_index(
        "uq_own_formulas_offered",
        "own_formulas",
        ["owner_id", "name"],
        unique=True,
        sqlite_where=sa.text("put_away_at IS NULL"),
        postgresql_where=sa.text("put_away_at IS NULL"),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("own_formulas")
