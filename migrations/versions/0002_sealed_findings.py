"""What review found is sealed: its sentences quote illnesses and medicine that are sealed elsewhere

Revision: 0002
After: 0001
"""

import json
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

from tcm.store.types import keys_of

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

PLACE = "reviews.findings"


def upgrade() -> None:
    """Seal what lies there in clear."""
    keys = keys_of(op.get_bind().dialect)
    _rewrite(
        sa.LargeBinary(),
        sa.JSON(),
        lambda found: keys.seal(json.dumps(found, ensure_ascii=False).encode(), PLACE),
    )


def downgrade() -> None:
    """Lay it open again."""
    keys = keys_of(op.get_bind().dialect)
    _rewrite(sa.JSON(), sa.LargeBinary(), lambda sealed: json.loads(keys.open(sealed, PLACE)))


def _rewrite(
    new: sa.types.TypeEngine[Any], old: sa.types.TypeEngine[Any], translate: Callable[[Any], Any]
) -> None:
    bind = op.get_bind()
    rows = sa.table("reviews", sa.column("id", sa.Integer()), sa.column("findings", old))
    kept = [(row.id, translate(row.findings)) for row in bind.execute(sa.select(rows))]
    with op.batch_alter_table("reviews", schema=None) as batch_op:
        batch_op.drop_column("findings")
        batch_op.add_column(sa.Column("findings", new, nullable=True))
    refilled = sa.table("reviews", sa.column("id", sa.Integer()), sa.column("findings", new))
    for key, value in kept:
        bind.execute(sa.update(refilled).where(refilled.c.id == key).values(findings=value))
    with op.batch_alter_table("reviews", schema=None) as batch_op:
        batch_op.alter_column("findings", existing_type=new, nullable=False)
