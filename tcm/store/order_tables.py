"""The tables of purchases from suppliers and of what townships ask the centre for."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Integer, String, Table, UniqueConstraint

from tcm.records.orders import PurchaseState, RequisitionState
from tcm.store.tables import metadata, ref, request_key, row_id
from tcm.store.types import Term, UTCDateTime

purchases = Table(
    "purchases",
    metadata,
    row_id(),
    ref("supplier_id", "suppliers", index=False),
    Column("state", Term(PurchaseState), nullable=False, index=True),
    Column("note", String(200), nullable=False),
    ref("made_by_id", "staff", index=False),
    Column("made_at", UTCDateTime, nullable=False),
    ref("decided_by_id", "staff", nullable=True, index=False),
    Column("decided_at", UTCDateTime),
    Column("ended_note", String(200), nullable=False),
    request_key(),
)

purchase_lines = Table(
    "purchase_lines",
    metadata,
    row_id(),
    ref("purchase_id", "purchases"),
    Column("herb", String(40), nullable=False),
    Column("wanted_mg", BigInteger, nullable=False),
    Column("fen_per_kg", Integer, nullable=False),
    CheckConstraint("wanted_mg > 0", name="ck_purchase_lines_wanted_mg"),
)

purchase_receipts = Table(
    "purchase_receipts",
    metadata,
    row_id(),
    ref("line_id", "purchase_lines"),
    ref("lot_id", "lots", index=False),
    # A lot comes against one line.
    UniqueConstraint("lot_id"),
)

requisitions = Table(
    "requisitions",
    metadata,
    row_id(),
    ref("institution_id", "institutions"),
    Column("state", Term(RequisitionState), nullable=False, index=True),
    Column("note", String(200), nullable=False),
    ref("asked_by_id", "staff", index=False),
    Column("asked_at", UTCDateTime, nullable=False),
    ref("answered_by_id", "staff", nullable=True, index=False),
    Column("answered_at", UTCDateTime),
    Column("answer", String(200), nullable=False),
    ref("received_by_id", "staff", nullable=True, index=False),
    Column("received_at", UTCDateTime),
    Column("difference", String(200), nullable=False),
    request_key(),
)

requisition_lines = Table(
    "requisition_lines",
    metadata,
    row_id(),
    ref("requisition_id", "requisitions"),
    Column("herb", String(40), nullable=False),
    Column("asked_mg", BigInteger, nullable=False),
    Column("sent_mg", BigInteger),
    Column("received_mg", BigInteger),
    CheckConstraint("asked_mg > 0", name="ck_requisition_lines_asked_mg"),
)

requisition_lots = Table(
    "requisition_lots",
    metadata,
    row_id(),
    ref("line_id", "requisition_lines"),
    ref("lot_id", "lots"),
    Column("amount_mg", BigInteger, nullable=False),
    CheckConstraint("amount_mg > 0", name="ck_requisition_lots_amount_mg"),
)
