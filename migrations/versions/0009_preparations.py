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
    """Drop the column."""
    op.drop_column("prescriptions", "preparation")
