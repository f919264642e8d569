"""Notices that may have been taken, by which channel they were, and patients whom WeChat finds

Revision: 0030
After: 0029
"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, empty for notices of before, and the table of accounts."""
    op.add_column("notices", sa.Column("unsure_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("notices", sa.Column("channel", sa.String(length=12), nullable=False, server_default=""))
    op.create_table(
        "wechat_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("openid", sa.LargeBinary(), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_wechat_links_patient_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wechat_links")),
        sa.UniqueConstraint("patient_id", name=op.f("uq_wechat_links_patient_id")),
    )


def downgrade() -> None:
    """Drop both; patients are told by telephone again."""
    op.drop_table("wechat_links")
    op.drop_column("notices", "channel")
    op.drop_column("notices", "unsure_since")
