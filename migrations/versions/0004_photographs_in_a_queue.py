"""Photographs wait to be read: what they show, how far they are, why not, and what was measured

Revision: 0004
After: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns in place; every picture kept so far is a tongue that was read."""
    for column, length, before in (("kind", 24, "tongue"), ("state", 24, "read"), ("refusal", 40, "")):
        kind = sa.String(length=length)
        op.add_column(
            "photographs",
            sa.Column(column, kind, nullable=False, server_default=sa.text(f"'{before}'")),
        )
    op.add_column("photographs", sa.Column("reading", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    """Drop them, and the rows that would then look like tongues that were read."""
    photographs = sa.table("photographs", sa.column("kind"), sa.column("state"))
    op.execute(
        sa.delete(photographs).where((photographs.c.kind != "tongue") | (photographs.c.state != "read"))
    )
    for column in ("reading", "refusal", "state", "kind"):
        op.drop_column("photographs", column)
