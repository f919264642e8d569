"""Notices, messages and ratings of patients, recalls

Revision: 0018
After: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0015"
branch_labels = None
depends_on = None


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


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


def _ref(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=nullable)


def upgrade() -> None:
    """Make the tables."""
    _table(
        "notices",
        {"prescription_id": "prescriptions"},
        _ref("prescription_id"),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("about", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        _moment("made_at"),
        _moment("due_at"),
        sa.Column("tries", sa.Integer(), nullable=False),
        _moment("sent_at", nullable=True),
        sa.Column("failure", sa.String(length=200), nullable=False),
        sa.UniqueConstraint(
            "prescription_id", "kind", "about", name=op.f("uq_notices_prescription_id_kind_about")
        ),
    )
    op.create_index("ix_notices_state_due_at", "notices", ["state", "due_at"])
    op.create_index("ix_notices_kind_about", "notices", ["kind", "about"])
    _table(
        "patient_messages",
        {
            "prescription_id": "prescriptions",
            "institution_id": "institutions",
            "doctor_id": "staff",
            "answered_by_id": "staff",
        },
        _ref("prescription_id"),
        _ref("institution_id"),
        _ref("doctor_id"),
        _moment("sent_at"),
        *(sa.Column(name, sa.LargeBinary(), nullable=False) for name in ("signs", "words", "flags")),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        _ref("answered_by_id", nullable=True),
        _moment("answered_at", nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.Column("request_key", sa.String(length=64), nullable=False),
        sa.UniqueConstraint("request_key", name=op.f("uq_patient_messages_request_key")),
    )
    op.create_index(op.f("ix_patient_messages_prescription_id"), "patient_messages", ["prescription_id"])
    op.create_index(
        "ix_patient_messages_institution_id_answered_at",
        "patient_messages",
        ["institution_id", "answered_at"],
    )
    _table(
        "ratings",
        {"prescription_id": "prescriptions"},
        _ref("prescription_id"),
        sa.Column("stars", sa.Integer(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        _moment("rated_at"),
        sa.UniqueConstraint("prescription_id", name=op.f("uq_ratings_prescription_id")),
    )
    op.create_index(op.f("ix_ratings_rated_at"), "ratings", ["rated_at"])
    _table("failed_pins", {"prescription_id": "prescriptions"}, _ref("prescription_id"), _moment("at"))
    op.create_index("ix_failed_pins_prescription_id_at", "failed_pins", ["prescription_id", "at"])
    _table(
        "recalls",
        {"lot_id": "lots", "began_by_id": "staff", "decided_by_id": "staff"},
        _ref("lot_id"),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        _ref("began_by_id"),
        _moment("began_at"),
        _ref("decided_by_id", nullable=True),
        _moment("decided_at", nullable=True),
        sa.Column("request_key", sa.String(length=64), nullable=False),
        sa.UniqueConstraint("request_key", name=op.f("uq_recalls_request_key")),
    )
    op.create_index(op.f("ix_recalls_lot_id"), "recalls", ["lot_id"])


def downgrade() -> None:
    """Drop them."""
    for table in ("recalls", "failed_pins", "ratings", "patient_messages", "notices"):
        op.drop_table(table)
