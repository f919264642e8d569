"""The tables of what is weighed for a prescription, and who looked at it again."""

from sqlalchemy import JSON, BigInteger, Boolean, CheckConstraint, Column, Index, String, Table

from tcm.records.dispensing import Weighing
from tcm.store.tables import metadata, ref, request_key, row_id
from tcm.store.types import Term, UTCDateTime

dispensings = Table(
    "dispensings",
    metadata,
    row_id(),
    ref("prescription_id", "prescriptions"),
    ref("begun_by_id", "staff", index=False),
    Column("begun_at", UTCDateTime, nullable=False),
    Column("lacking", JSON, nullable=False),
    Column("ready_at", UTCDateTime),
    Column("photograph_key", String(64), nullable=False),
    ref("checked_by_id", "staff", nullable=True, index=False),
    Column("checked_at", UTCDateTime),
    Column("closed_at", UTCDateTime),
)

# A prescription is weighed out by one dispensing at a time; the few open ones are what desks look at.
Index(
    "uq_dispensings_open",
    dispensings.c.prescription_id,
    unique=True,
    sqlite_where=dispensings.c.closed_at.is_(None),
    postgresql_where=dispensings.c.closed_at.is_(None),
)

weighings = Table(
    "weighings",
    metadata,
    row_id(),
    ref("dispensing_id", "dispensings"),
    Column("herb", String(40), nullable=False),
    ref("lot_id", "lots", nullable=True),
    Column("target_mg", BigInteger, nullable=False),
    Column("net_mg", BigInteger, nullable=False),
    Column("scale", String(24), nullable=False),
    ref("weighed_by_id", "staff", index=False),
    Column("weighed_at", UTCDateTime, nullable=False),
    Column("voided_at", UTCDateTime),
    request_key(),
    CheckConstraint("net_mg > 0", name="ck_weighings_net_mg"),
)

dispensing_settings = Table(
    "dispensing_settings",
    metadata,
    row_id(),
    Column("weighing", Term(Weighing), nullable=False),
    Column("photograph", Boolean, nullable=False),
    ref("set_by_id", "staff", index=False),
    Column("set_at", UTCDateTime, nullable=False),
)
