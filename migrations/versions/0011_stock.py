"""Suppliers, prices, lots, reservations, schemes of insurance

Revision: 0011
After: 0010
"""

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the tables."""


def downgrade() -> None:
    """Change them back."""
