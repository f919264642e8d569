"""The tables of the centre's herbs and prices. Milligrams may pass two tonnes: they take 64 bits."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    false,
)

from tcm.records.locked_book import LockedKind
from tcm.records.stock import Keeping, LotState, StockKind
from tcm.store.tables import metadata, ref, request_key, row_id
from tcm.store.types import Term, UTCDateTime

suppliers = Table(
    "suppliers",
    metadata,
    row_id(),
    Column("name", String(80), nullable=False, unique=True),
    Column("licence", String(60), nullable=False),
    Column("phone", String(32), nullable=False),
    Column("active", Boolean, nullable=False),
)

bins = Table(
    "bins",
    metadata,
    row_id(),
    Column("code", String(16), nullable=False, unique=True),
    Column("herb", String(40), nullable=False),
    Column("locked", Boolean, nullable=False, server_default=false()),
)

lots = Table(
    "lots",
    metadata,
    row_id(),
    Column("herb", String(40), nullable=False),
    ref("supplier_id", "suppliers", index=False),
    Column("lot_number", String(40), nullable=False),
    Column("origin", String(40), nullable=False),
    Column("expires_on", Date, nullable=False),
    ref("bin_id", "bins", index=False),
    Column("fen_per_kg", Integer, nullable=False),
    Column("received_mg", BigInteger, nullable=False),
    Column("on_hand_mg", BigInteger, nullable=False),
    Column("reserved_mg", BigInteger, nullable=False),
    Column("state", Term(LotState), nullable=False),
    ref("received_by_id", "staff", index=False),
    Column("received_at", UTCDateTime, nullable=False),
    ref("inspected_by_id", "staff", nullable=True, index=False),
    Column("inspected_at", UTCDateTime),
    Column("note", String(200), nullable=False),
    Column("locked_as", Term(LockedKind)),
    request_key(),
    Index("ix_lots_herb_state_expires_on", "herb", "state", "expires_on"),
    # The last word: nothing is sold that is not there.
    CheckConstraint("on_hand_mg >= 0", name="ck_lots_on_hand_mg"),
    CheckConstraint("reserved_mg >= 0", name="ck_lots_reserved_mg"),
)

# Years of empty lots stay for the trace; whoever looks at the shelf reads what is there.
Index(
    "ix_lots_on_hand",
    lots.c.herb,
    sqlite_where=lots.c.on_hand_mg > 0,
    postgresql_where=lots.c.on_hand_mg > 0,
)

# The few that lie behind two locks.
Index(
    "ix_lots_locked_as",
    lots.c.herb,
    sqlite_where=lots.c.locked_as.is_not(None),
    postgresql_where=lots.c.locked_as.is_not(None),
)

# Append-only by trigger: what came to a lot and what went.
stock_moves = Table(
    "stock_moves",
    metadata,
    row_id(),
    ref("lot_id", "lots"),
    Column("kind", Term(StockKind), nullable=False),
    Column("delta_mg", BigInteger, nullable=False),
    Column("at", UTCDateTime, nullable=False, index=True),
    ref("actor_id", "staff", index=False),
    ref("prescription_id", "prescriptions", nullable=True),
    Column("reason", String(24), nullable=False),
)

reservations = Table(
    "reservations",
    metadata,
    row_id(),
    ref("prescription_id", "prescriptions"),
    ref("lot_id", "lots"),
    Column("herb", String(40), nullable=False),
    Column("amount_mg", BigInteger, nullable=False),
    Column("used_at", UTCDateTime),
    CheckConstraint("amount_mg > 0", name="ck_reservations_amount_mg"),
)

# Of one lot a prescription holds one part: whoever weighs it, and the trace, know a lot by its row.
Index(
    "uq_reservations_held",
    reservations.c.prescription_id,
    reservations.c.lot_id,
    unique=True,
    sqlite_where=reservations.c.used_at.is_(None),
    postgresql_where=reservations.c.used_at.is_(None),
)

shortages = Table(
    "shortages",
    metadata,
    row_id(),
    ref("prescription_id", "prescriptions"),
    Column("herb", String(40), nullable=False, index=True),
    Column("missing_mg", BigInteger, nullable=False),
    Column("since", UTCDateTime, nullable=False),
    UniqueConstraint("prescription_id", "herb"),
)

herb_listings = Table(
    "herb_listings",
    metadata,
    row_id(),
    Column("herb", String(40), nullable=False, index=True),
    Column("fen_per_kg", Integer),
    Column("low_mg", BigInteger, nullable=False),
    ref("set_by_id", "staff", index=False),
    Column("set_at", UTCDateTime, nullable=False),
)

schemes = Table(
    "schemes",
    metadata,
    row_id(),
    Column("code", String(24), nullable=False, index=True),
    Column("name", String(60), nullable=False),
    Column("patient_percent", Integer, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("source", String(200), nullable=False),
    ref("set_by_id", "staff", index=False),
    Column("set_at", UTCDateTime, nullable=False),
)

stock_settings = Table(
    "stock_settings",
    metadata,
    row_id(),
    Column("keeping", Term(Keeping), nullable=False),
    Column("near_expiry_days", Integer, nullable=False),
    ref("set_by_id", "staff", index=False),
    Column("set_at", UTCDateTime, nullable=False),
)
