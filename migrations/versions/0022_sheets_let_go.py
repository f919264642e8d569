"""A sheet of paper whose prescription was cancelled may be entered again

Revision: 0022
After: 0021
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

INDEX, TABLE = "uq_prescriptions_paper_number", "prescriptions"


def upgrade() -> None:
    """One sheet holds one prescription that stands."""
    op.drop_index(op.f(INDEX), TABLE)
    op.create_index(
        op.f(INDEX),
        TABLE,
        ["paper_number"],
        unique=True,
        sqlite_where=sa.text("state <> 'cancelled'"),
        postgresql_where=sa.text("state <> 'cancelled'"),
    )


def downgrade() -> None:
    """One sheet holds one prescription, whatever became of it.

    Raises:
        RuntimeError: While a sheet was entered again; nothing is changed then.
    """
    again = op.get_bind().scalar(
        sa.text(
            "SELECT count(*) - count(DISTINCT paper_number) FROM prescriptions WHERE paper_number IS NOT NULL"
        )
    )
    if again:
        raise RuntimeError(
            f"{again} sheets were entered again after a cancelled entry: 0021 cannot keep both"
        )
    op.drop_index(op.f(INDEX), TABLE)
    op.create_index(op.f(INDEX), TABLE, ["paper_number"], unique=True)
