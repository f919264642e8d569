"""The courier's day: proof of hand-over, tries in vain, cold box, cash, what a phone sent

Revision: 0029
After: 0028
"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.Integer(), nullable=False)


def _row(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=nullable)


def _at(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _phone(*, nullable: bool = True) -> tuple[sa.Column[object], sa.Column[int]]:
    return _at("phone_at", nullable=nullable), _row("phone_skew_s", nullable=nullable)


def _seen() -> tuple[sa.Column[int], sa.Column[object]]:
    return _row("seen_by_id", nullable=True), _at("seen_at", nullable=True)


def _ref(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"))


def _key(table: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}"))


def _once(table: str, column: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(column, name=op.f(f"uq_{table}_{column}"))


def _index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns))


def upgrade() -> None:
    """Make the tables; what was handed over before has no proof here."""
    _proofs()
    _tries()
    _cash()
    _phones()


def _proofs() -> None:
    op.create_table(
        "handovers",
        _id(),
        _row("prescription_id"),
        _row("courier_id"),
        sa.Column("way", sa.String(length=24), nullable=False),
        sa.Column("received_by", sa.LargeBinary(), nullable=False),
        sa.Column("signature_key", sa.String(length=64), nullable=False),
        *_phone(),
        _at("received_at"),
        _ref("handovers", "prescription_id", "prescriptions"),
        _ref("handovers", "courier_id", "staff"),
        _key("handovers"),
        _once("handovers", "prescription_id"),
    )
    _index("handovers", "received_at")
    op.create_table(
        "pickup_codes",
        _id(),
        _row("prescription_id"),
        sa.Column("code", sa.LargeBinary(), nullable=False),
        _at("made_at"),
        _ref("pickup_codes", "prescription_id", "prescriptions"),
        _key("pickup_codes"),
        _once("pickup_codes", "prescription_id"),
    )
    op.create_table(
        "failed_pickups",
        _id(),
        _row("prescription_id"),
        _at("at"),
        _ref("failed_pickups", "prescription_id", "prescriptions"),
        _key("failed_pickups"),
    )
    _index("failed_pickups", "prescription_id", "at")


def _tries() -> None:
    op.create_table(
        "delivery_attempts",
        _id(),
        _row("prescription_id"),
        _row("courier_id"),
        sa.Column("reason_code", sa.String(length=24), nullable=False),
        sa.Column("next_on", sa.Date(), nullable=True),
        *_phone(),
        _at("received_at"),
        _row("released_by_id", nullable=True),
        _at("released_at", nullable=True),
        _ref("delivery_attempts", "prescription_id", "prescriptions"),
        _ref("delivery_attempts", "courier_id", "staff"),
        _ref("delivery_attempts", "released_by_id", "staff"),
        _key("delivery_attempts"),
    )
    _index("delivery_attempts", "prescription_id")
    op.create_table(
        "bag_returns",
        _id(),
        _row("attempt_id"),
        _row("prescription_id"),
        _row("expected_bags"),
        _row("counted_bags"),
        sa.Column("note", sa.String(length=200), nullable=False),
        _row("received_by_id"),
        _at("received_at"),
        sa.CheckConstraint("counted_bags >= 0", name=op.f("ck_bag_returns_counted_bags")),
        _ref("bag_returns", "attempt_id", "delivery_attempts"),
        _ref("bag_returns", "prescription_id", "prescriptions"),
        _ref("bag_returns", "received_by_id", "staff"),
        _key("bag_returns"),
        _once("bag_returns", "attempt_id"),
    )
    _index("bag_returns", "prescription_id")
    op.create_table(
        "box_readings",
        _id(),
        _row("route_id"),
        _row("trip"),
        _row("courier_id"),
        sa.Column("box", sa.String(length=16), nullable=False),
        sa.Column("temp_c", sa.Float(), nullable=False),
        sa.Column("is_outside", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        *_phone(),
        _at("received_at"),
        *_seen(),
        _ref("box_readings", "route_id", "routes"),
        _ref("box_readings", "courier_id", "staff"),
        _ref("box_readings", "seen_by_id", "staff"),
        _key("box_readings"),
    )
    _index("box_readings", "route_id")
    _index("box_readings", "received_at")


def _cash() -> None:
    op.create_table(
        "cash_dues",
        _id(),
        _row("prescription_id"),
        _row("due_fen"),
        _row("set_by_id"),
        _at("set_at"),
        sa.CheckConstraint("due_fen > 0", name=op.f("ck_cash_dues_due_fen")),
        _ref("cash_dues", "prescription_id", "prescriptions"),
        _ref("cash_dues", "set_by_id", "staff"),
        _key("cash_dues"),
        _once("cash_dues", "prescription_id"),
    )
    op.create_table(
        "cash_hand_ins",
        _id(),
        _row("courier_id"),
        _row("expected_fen"),
        _row("counted_fen"),
        sa.Column("note", sa.String(length=200), nullable=False),
        _row("received_by_id"),
        _at("received_at"),
        sa.Column("request_key", sa.String(length=64), nullable=False),
        sa.CheckConstraint("counted_fen >= 0", name=op.f("ck_cash_hand_ins_counted_fen")),
        _ref("cash_hand_ins", "courier_id", "staff"),
        _ref("cash_hand_ins", "received_by_id", "staff"),
        _key("cash_hand_ins"),
        _once("cash_hand_ins", "request_key"),
    )
    _index("cash_hand_ins", "courier_id")
    op.create_table(
        "cash_receipts",
        _id(),
        _row("prescription_id"),
        _row("courier_id"),
        _row("due_fen"),
        _row("paid_fen"),
        _at("received_at"),
        _row("hand_in_id", nullable=True),
        sa.CheckConstraint("paid_fen >= 0", name=op.f("ck_cash_receipts_paid_fen")),
        _ref("cash_receipts", "prescription_id", "prescriptions"),
        _ref("cash_receipts", "courier_id", "staff"),
        _ref("cash_receipts", "hand_in_id", "cash_hand_ins"),
        _key("cash_receipts"),
        _once("cash_receipts", "prescription_id"),
    )
    _index("cash_receipts", "hand_in_id")


def _phones() -> None:
    op.create_table(
        "courier_acts",
        _id(),
        sa.Column("request_key", sa.String(length=64), nullable=False),
        _row("courier_id"),
        sa.Column("kind", sa.String(length=24), nullable=False),
        _row("subject_id"),
        sa.Column("refusal", sa.String(length=200), nullable=False),
        sa.Column("refusal_values", sa.JSON(), nullable=False),
        *_phone(nullable=False),
        _at("received_at"),
        *_seen(),
        _ref("courier_acts", "courier_id", "staff"),
        _ref("courier_acts", "seen_by_id", "staff"),
        _key("courier_acts"),
        _once("courier_acts", "request_key"),
    )
    _index("courier_acts", "received_at")
    op.create_table(
        "courier_settings",
        _id(),
        sa.Column("paper_enough", sa.Boolean(), nullable=False),
        _row("attempts_most"),
        sa.Column("box", sa.String(length=16), nullable=False),
        _row("set_by_id"),
        _at("set_at"),
        _ref("courier_settings", "set_by_id", "staff"),
        _key("courier_settings"),
    )


def downgrade() -> None:
    """Drop them."""
    for table in (
        "courier_settings",
        "courier_acts",
        "cash_receipts",
        "cash_hand_ins",
        "cash_dues",
        "box_readings",
        "bag_returns",
        "delivery_attempts",
        "failed_pickups",
        "pickup_codes",
        "handovers",
    ):
        op.drop_table(table)
