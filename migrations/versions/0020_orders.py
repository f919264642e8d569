"""Purchases from suppliers, requisitions of townships

Revision: 0020
After: 0019
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def _table(name: str, refs: dict[str, str], *columns: sa.schema.SchemaItem) -> None:
    """A table with its row, its references by name of column, and what else it has."""
    op.create_table(
        name,
        sa.Column("id", sa.Integer(), nullable=False),
        *columns,
        *(
            sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{name}_{column}"))
            for column, target in refs.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
    )


def _row(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=nullable)


def _text(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=False)


def _milligrams(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _index(table: str, column: str) -> None:
    op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def upgrade() -> None:
    """Make the tables."""
    _make_purchases()
    _make_requisitions()


def _make_purchases() -> None:
    _table(
        "purchases",
        {"supplier_id": "suppliers", "made_by_id": "staff", "decided_by_id": "staff"},
        _row("supplier_id"),
        _text("state", 24),
        _text("note", 200),
        _row("made_by_id"),
        _moment("made_at"),
        _row("decided_by_id", nullable=True),
        _moment("decided_at", nullable=True),
        _text("ended_note", 200),
        _text("request_key", 64),
        sa.UniqueConstraint("request_key", name=op.f("uq_purchases_request_key")),
    )
    _table(
        "purchase_lines",
        {"purchase_id": "purchases"},
        _row("purchase_id"),
        _text("herb", 40),
        _milligrams("wanted_mg"),
        _row("fen_per_kg"),
        sa.CheckConstraint("wanted_mg > 0", name=op.f("ck_purchase_lines_wanted_mg")),
    )
    _table(
        "purchase_receipts",
        {"line_id": "purchase_lines", "lot_id": "lots"},
        _row("line_id"),
        _row("lot_id"),
        sa.UniqueConstraint("lot_id", name=op.f("uq_purchase_receipts_lot_id")),
    )
    _index("purchases", "state")
    _index("purchase_lines", "purchase_id")
    _index("purchase_receipts", "line_id")


def _make_requisitions() -> None:
    _table(
        "requisitions",
        {
            "institution_id": "institutions",
            "asked_by_id": "staff",
            "answered_by_id": "staff",
            "received_by_id": "staff",
        },
        _row("institution_id"),
        _text("state", 24),
        _text("note", 200),
        _row("asked_by_id"),
        _moment("asked_at"),
        _row("answered_by_id", nullable=True),
        _moment("answered_at", nullable=True),
        _text("answer", 200),
        _row("received_by_id", nullable=True),
        _moment("received_at", nullable=True),
        _text("difference", 200),
        _text("request_key", 64),
        sa.UniqueConstraint("request_key", name=op.f("uq_requisitions_request_key")),
    )
    _table(
        "requisition_lines",
        {"requisition_id": "requisitions"},
        _row("requisition_id"),
        _text("herb", 40),
        _milligrams("asked_mg"),
        _milligrams("sent_mg", nullable=True),
        _milligrams("received_mg", nullable=True),
        sa.CheckConstraint("asked_mg > 0", name=op.f("ck_requisition_lines_asked_mg")),
    )
    _table(
        "requisition_lots",
        {"line_id": "requisition_lines", "lot_id": "lots"},
        _row("line_id"),
        _row("lot_id"),
        _milligrams("amount_mg"),
        sa.CheckConstraint("amount_mg > 0", name=op.f("ck_requisition_lots_amount_mg")),
    )
    for column in ("institution_id", "state"):
        _index("requisitions", column)
    _index("requisition_lines", "requisition_id")
    for column in ("line_id", "lot_id"):
        _index("requisition_lots", column)


def downgrade() -> None:
    """Drop them."""
    for table in (
        "requisition_lots",
        "requisition_lines",
        "requisitions",
        "purchase_receipts",
        "purchase_lines",
        "purchases",
    ):
        op.drop_table(table)
