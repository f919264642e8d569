"""Of one lot a prescription holds one claim

Revision: 0024
After: 0023
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_MERGE = (
    """
    UPDATE reservations SET amount_mg = (
        SELECT sum(other.amount_mg) FROM reservations AS other
        WHERE other.prescription_id = reservations.prescription_id
          AND other.lot_id = reservations.lot_id AND other.used_at IS NULL
    )
    WHERE used_at IS NULL
    """,
    """
    DELETE FROM reservations WHERE used_at IS NULL AND id NOT IN (
        SELECT min(id) FROM reservations WHERE used_at IS NULL GROUP BY prescription_id, lot_id
    )
    """,
)


def upgrade() -> None:
    """Add up what was set aside of one lot in two parts, and let the database refuse a second part."""
    for statement in _MERGE:
        op.execute(statement)
    op.create_index(
        "uq_reservations_held",
        "reservations",
        ["prescription_id", "lot_id"],
        unique=True,
        sqlite_where=sa.text("used_at IS NULL"),
        postgresql_where=sa.text("used_at IS NULL"),
    )


def downgrade() -> None:
    """Sums stay sums."""
    op.drop_index("uq_reservations_held", table_name="reservations")
