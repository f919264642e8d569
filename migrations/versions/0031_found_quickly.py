"""Indexes for what desks look for among much; dues of cash know when they were settled

Revision: 0031
After: 0030
"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

_SETTLE = """
    UPDATE cash_dues SET settled_at = (
        SELECT received_at FROM cash_receipts WHERE cash_receipts.prescription_id = cash_dues.prescription_id
    )
"""
_WHOLE = (
    ("patient_messages", "sent_at"),
    ("quality_checks", "checked_at"),
    ("retained_samples", "disposed_at"),
)
_PARTIAL = (
    ("ix_bag_returns_differing", "bag_returns", "received_at", "counted_bags != expected_bags"),
    ("ix_box_readings_outside_unseen", "box_readings", "received_at", "{is_outside} AND seen_at IS NULL"),
    ("ix_cash_dues_unsettled", "cash_dues", "set_at", "settled_at IS NULL"),
)


def upgrade() -> None:
    """Add the column, filled from the receipts, and the indexes."""
    op.add_column("cash_dues", sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(_SETTLE)
    for table, column in _WHOLE:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])
    is_outside = "is_outside = 1" if op.get_bind().dialect.name == "sqlite" else "is_outside"
    for name, table, column, where in _PARTIAL:
        rows = sa.text(where.format(is_outside=is_outside))
        op.create_index(name, table, [column], sqlite_where=rows, postgresql_where=rows)


def downgrade() -> None:
    """Drop them."""
    for name, table, _, _ in reversed(_PARTIAL):
        op.drop_index(name, table)
    for table, column in reversed(_WHOLE):
        op.drop_index(op.f(f"ix_{table}_{column}"), table)
    op.drop_column("cash_dues", "settled_at")
