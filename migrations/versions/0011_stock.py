"""Suppliers, prices, lots, reservations, schemes of insurance

Revision: 0011
After: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_REFUSAL = "this table is append-only"
_TABLES = (
    "stock_settings",
    "schemes",
    "herb_listings",
    "shortages",
    "reservations",
    "stock_moves",
    "lots",
    "bins",
    "suppliers",
)


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.Integer(), nullable=False)


def _text(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=False)


def _number(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=nullable)


def _milligrams(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _key(table: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}"))


def _ref(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"))


def _unique(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name=op.f(f"uq_{table}_{'_'.join(columns)}"))


def _index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns))


def upgrade() -> None:
    """Make the tables; patients of before pay by themselves until somebody says otherwise."""
    op.add_column(
        "patients", sa.Column("scheme", sa.String(length=24), nullable=False, server_default="self")
    )
    _make_lots()
    _make_claims()
    _make_money()
    _forbid_changes()


def _make_lots() -> None:
    op.create_table(
        "suppliers",
        _id(),
        _text("name", 80),
        _text("licence", 60),
        _text("phone", 32),
        sa.Column("active", sa.Boolean(), nullable=False),
        _key("suppliers"),
        _unique("suppliers", "name"),
    )
    op.create_table(
        "bins", _id(), _text("code", 16), _text("herb", 40), _key("bins"), _unique("bins", "code")
    )
    op.create_table(
        "lots",
        _id(),
        _text("herb", 40),
        _number("supplier_id"),
        _text("lot_number", 40),
        _text("origin", 40),
        sa.Column("expires_on", sa.Date(), nullable=False),
        _number("bin_id"),
        _number("fen_per_kg"),
        _milligrams("received_mg"),
        _milligrams("on_hand_mg"),
        _milligrams("reserved_mg"),
        _text("state", 24),
        _number("received_by_id"),
        _moment("received_at"),
        _number("inspected_by_id", nullable=True),
        _moment("inspected_at", nullable=True),
        _text("note", 200),
        _text("request_key", 64),
        sa.CheckConstraint("on_hand_mg >= 0", name=op.f("ck_lots_on_hand_mg")),
        sa.CheckConstraint("reserved_mg >= 0", name=op.f("ck_lots_reserved_mg")),
        _ref("lots", "supplier_id", "suppliers"),
        _ref("lots", "bin_id", "bins"),
        _ref("lots", "received_by_id", "staff"),
        _ref("lots", "inspected_by_id", "staff"),
        _key("lots"),
        _unique("lots", "request_key"),
    )
    _index("lots", "herb", "state", "expires_on")
    there = sa.text("on_hand_mg > 0")
    op.create_index("ix_lots_on_hand", "lots", ["herb"], sqlite_where=there, postgresql_where=there)
    op.create_table(
        "stock_moves",
        _id(),
        _number("lot_id"),
        _text("kind", 24),
        _milligrams("delta_mg"),
        _moment("at"),
        _number("actor_id"),
        _number("prescription_id", nullable=True),
        _text("reason", 24),
        _ref("stock_moves", "lot_id", "lots"),
        _ref("stock_moves", "actor_id", "staff"),
        _ref("stock_moves", "prescription_id", "prescriptions"),
        _key("stock_moves"),
    )
    for column in ("lot_id", "at", "prescription_id"):
        _index("stock_moves", column)


def _make_claims() -> None:
    op.create_table(
        "reservations",
        _id(),
        _number("prescription_id"),
        _number("lot_id"),
        _text("herb", 40),
        _milligrams("amount_mg"),
        _moment("used_at", nullable=True),
        sa.CheckConstraint("amount_mg > 0", name=op.f("ck_reservations_amount_mg")),
        _ref("reservations", "prescription_id", "prescriptions"),
        _ref("reservations", "lot_id", "lots"),
        _key("reservations"),
    )
    op.create_table(
        "shortages",
        _id(),
        _number("prescription_id"),
        _text("herb", 40),
        _milligrams("missing_mg"),
        _moment("since"),
        _ref("shortages", "prescription_id", "prescriptions"),
        _key("shortages"),
        _unique("shortages", "prescription_id", "herb"),
    )
    for table, column in (
        ("reservations", "prescription_id"),
        ("reservations", "lot_id"),
        ("shortages", "prescription_id"),
        ("shortages", "herb"),
    ):
        _index(table, column)


def _make_money() -> None:
    op.create_table(
        "herb_listings",
        _id(),
        _text("herb", 40),
        _number("fen_per_kg", nullable=True),
        _milligrams("low_mg"),
        _number("set_by_id"),
        _moment("set_at"),
        _ref("herb_listings", "set_by_id", "staff"),
        _key("herb_listings"),
    )
    op.create_table(
        "schemes",
        _id(),
        _text("code", 24),
        _text("name", 60),
        _number("patient_percent"),
        sa.Column("active", sa.Boolean(), nullable=False),
        _text("source", 200),
        _number("set_by_id"),
        _moment("set_at"),
        _ref("schemes", "set_by_id", "staff"),
        _key("schemes"),
    )
    op.create_table(
        "stock_settings",
        _id(),
        _text("keeping", 24),
        _number("near_expiry_days"),
        _number("set_by_id"),
        _moment("set_at"),
        _ref("stock_settings", "set_by_id", "staff"),
        _key("stock_settings"),
    )
    _index("herb_listings", "herb")
    _index("schemes", "code")


def _forbid_changes() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER stock_moves_no_{verb.lower()} BEFORE {verb} ON stock_moves "
                f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
            )
        return
    op.execute(
        "CREATE TRIGGER stock_moves_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON stock_moves "
        "FOR EACH STATEMENT EXECUTE FUNCTION tangye_refuse()"
    )


def downgrade() -> None:
    """Drop them."""
    for table in _TABLES:
        op.drop_table(table)
    op.drop_column("patients", "scheme")
