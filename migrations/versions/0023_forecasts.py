"""Past use of herbs, forecasts

Revision: 0023
After: 0022
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "past_uses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("herb", sa.String(length=40), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("used_mg", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("used_mg >= 0", name=op.f("ck_past_uses_used_mg")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_past_uses")),
        sa.UniqueConstraint("week", "herb", name=op.f("uq_past_uses_week_herb")),
    )
    op.create_table(
        "forecasts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("horizon_weeks", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.Column("failure", sa.String(length=200), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("request_key", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["asked_by_id"], ["staff.id"], name=op.f("fk_forecasts_asked_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forecasts")),
        sa.UniqueConstraint("request_key", name=op.f("uq_forecasts_request_key")),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("forecasts")
    op.drop_table("past_uses")
