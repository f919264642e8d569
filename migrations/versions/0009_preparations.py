"""Decocted, granules, or cooked at home

Revision: 0009
After: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; what was written before is decocted."""
    op.add_column(
        "prescriptions",
        sa.Column("preparation", sa.String(length=24), nullable=False, server_default="decocted"),
    )


def downgrade() -> None:
    """Drop the column, unless something would become decocted by it that never was.

    Raises:
        RuntimeError: While a prescription is prepared in another way; nothing is changed then.
    """
    others = op.get_bind().scalar(
        sa.text("SELECT count(*) FROM prescriptions WHERE preparation <> 'decocted'")
    )
    if others:
        raise RuntimeError(f"{others} prescriptions are granules or cooked at home: 0008 cannot say that")
    op.drop_column("prescriptions", "preparation")
