"""The book of locked herbs

Revision: 0025
After: 0024
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_REFUSAL = "this table is append-only"


def _ref(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"))


def upgrade() -> None:
    """Make the tables; no bin is locked and no lot on the book until the manager begins it."""
    op.add_column("bins", sa.Column("locked", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("lots", sa.Column("locked_as", sa.String(length=24), nullable=True))
    on_book = sa.text("locked_as IS NOT NULL")
    op.create_index("ix_lots_locked_as", "lots", ["herb"], sqlite_where=on_book, postgresql_where=on_book)
    op.create_table(
        "book_lines",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("herb", sa.String(length=40), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lot_id", sa.Integer(), nullable=False),
        sa.Column("delta_mg", sa.BigInteger(), nullable=False),
        sa.Column("balance_mg", sa.BigInteger(), nullable=False),
        sa.Column("first_id", sa.Integer(), nullable=False),
        sa.Column("second_id", sa.Integer(), nullable=False),
        sa.Column("prescription_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=24), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("prev_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint("first_id <> second_id", name=op.f("ck_book_lines_two_people")),
        sa.CheckConstraint("balance_mg >= 0", name=op.f("ck_book_lines_balance_mg")),
        _ref("book_lines", "lot_id", "lots"),
        _ref("book_lines", "first_id", "staff"),
        _ref("book_lines", "second_id", "staff"),
        _ref("book_lines", "prescription_id", "prescriptions"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_book_lines")),
        sa.UniqueConstraint("herb", "seq", name=op.f("uq_book_lines_herb_seq")),
    )
    for column in ("lot_id", "prescription_id"):
        op.create_index(op.f(f"ix_book_lines_{column}"), "book_lines", [column])
    op.create_table(
        "book_settings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("precious", sa.JSON(), nullable=False),
        sa.Column("set_by_id", sa.Integer(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        _ref("book_settings", "set_by_id", "staff"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_book_settings")),
    )
    op.create_table(
        "book_answers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(length=200), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        _ref("book_answers", "line_id", "book_lines"),
        _ref("book_answers", "by_id", "staff"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_book_answers")),
        sa.UniqueConstraint("line_id", name=op.f("uq_book_answers_line_id")),
    )
    _forbid_changes()


def _forbid_changes() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER book_lines_no_{verb.lower()} BEFORE {verb} ON book_lines "
                f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
            )
        return
    op.execute(
        "CREATE TRIGGER book_lines_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON book_lines "
        "FOR EACH STATEMENT EXECUTE FUNCTION tangye_refuse()"
    )


def downgrade() -> None:
    """Drop them, unless grams are signed for in the book.

    Raises:
        RuntimeError: When there are lines: the regulations ask that they are kept for years.
    """
    lines = op.get_bind().scalar(sa.text("SELECT count(*) FROM book_lines"))
    if lines:
        raise RuntimeError(f"{lines} lines of the locked book would be lost")
    for table in ("book_answers", "book_settings", "book_lines"):
        op.drop_table(table)
    op.drop_index("ix_lots_locked_as", "lots")
    op.drop_column("lots", "locked_as")
    op.drop_column("bins", "locked")
