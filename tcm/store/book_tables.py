"""The tables of the double-locked book."""

from sqlalchemy import JSON, BigInteger, CheckConstraint, Column, Integer, String, Table, UniqueConstraint

from tcm.records.locked_book import BookKind
from tcm.store.tables import metadata, ref, row_id
from tcm.store.types import Term, UTCDateTime

# Append-only by trigger: a page a herb, chained by hash.
book_lines = Table(
    "book_lines",
    metadata,
    row_id(),
    Column("herb", String(40), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("kind", Term(BookKind), nullable=False),
    Column("at", UTCDateTime, nullable=False),
    ref("lot_id", "lots"),
    Column("delta_mg", BigInteger, nullable=False),
    Column("balance_mg", BigInteger, nullable=False),
    ref("first_id", "staff", index=False),
    ref("second_id", "staff", index=False),
    ref("prescription_id", "prescriptions", nullable=True),
    Column("reason", String(24), nullable=False),
    Column("note", String(200), nullable=False),
    Column("prev_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    UniqueConstraint("herb", "seq"),
    # The last word: never one person alone, never less than nothing.
    CheckConstraint("first_id <> second_id", name="ck_book_lines_two_people"),
    CheckConstraint("balance_mg >= 0", name="ck_book_lines_balance_mg"),
)

book_settings = Table(
    "book_settings",
    metadata,
    row_id(),
    Column("precious", JSON, nullable=False),
    ref("set_by_id", "staff", index=False),
    Column("set_at", UTCDateTime, nullable=False),
)

book_answers = Table(
    "book_answers",
    metadata,
    row_id(),
    ref("line_id", "book_lines", index=False),
    Column("words", String(200), nullable=False),
    ref("by_id", "staff", index=False),
    Column("at", UTCDateTime, nullable=False),
    UniqueConstraint("line_id"),
)
