"""The tables of the courier's day: proofs, tries in vain, temperatures, cash, and what phones sent."""

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Float,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    and_,
)

from tcm.records.road import ActKind, HandingWay
from tcm.store.tables import metadata, ref, request_key, row_id
from tcm.store.types import Sealed, Term, UTCDateTime


def _phone_time(*, nullable: bool = True) -> tuple[Column[object], Column[int]]:
    """When it was by the phone's clock, and how far that clock was off."""
    return (
        Column("phone_at", UTCDateTime, nullable=nullable),
        Column("phone_skew_s", Integer, nullable=nullable),
    )


def _seen() -> tuple[Column[int], Column[object]]:
    """Which manager has taken note of it."""
    return ref("seen_by_id", "staff", nullable=True, index=False), Column("seen_at", UTCDateTime)


handovers = Table(
    "handovers",
    metadata,
    row_id(),
    ref("prescription_id", "prescriptions", index=False),
    ref("courier_id", "staff", index=False),
    Column("way", Term(HandingWay), nullable=False),
    Column("received_by", Sealed("handovers.received_by"), nullable=False),
    Column("signature_key", String(64), nullable=False),
    *_phone_time(),
    Column("received_at", UTCDateTime, nullable=False, index=True),
    # Nothing is handed over twice.
    UniqueConstraint("prescription_id"),
)

pickup_codes = Table(
    "pickup_codes",
    metadata,
    row_id(),
    ref("prescription_id", "prescriptions", index=False),
    Column("code", Sealed("pickup_codes.code"), nullable=False),
    Column("made_at", UTCDateTime, nullable=False),
    UniqueConstraint("prescription_id"),
)

failed_pickups = Table(
    "failed_pickups",
    metadata,
    row_id(),
    ref("prescription_id", "prescriptions", index=False),
    Column("at", UTCDateTime, nullable=False),
    Index("ix_failed_pickups_prescription_id_at", "prescription_id", "at"),
)

delivery_attempts = Table(
    "delivery_attempts",
    metadata,
    row_id(),
    ref("prescription_id", "prescriptions"),
    ref("courier_id", "staff", index=False),
    Column("reason_code", String(24), nullable=False),
    Column("next_on", Date),
    *_phone_time(),
    Column("received_at", UTCDateTime, nullable=False),
    ref("released_by_id", "staff", nullable=True, index=False),
    Column("released_at", UTCDateTime),
)

bag_returns = Table(
    "bag_returns",
    metadata,
    row_id(),
    ref("attempt_id", "delivery_attempts", index=False),
    ref("prescription_id", "prescriptions"),
    Column("expected_bags", Integer, nullable=False),
    Column("counted_bags", Integer, nullable=False),
    Column("note", String(200), nullable=False),
    ref("received_by_id", "staff", index=False),
    Column("received_at", UTCDateTime, nullable=False),
    # The bags of one try come back once.
    UniqueConstraint("attempt_id"),
    CheckConstraint("counted_bags >= 0", name="ck_bag_returns_counted_bags"),
)

_differs = bag_returns.c.counted_bags != bag_returns.c.expected_bags
Index(
    "ix_bag_returns_differing",
    bag_returns.c.received_at,
    sqlite_where=_differs,
    postgresql_where=_differs,
)

box_readings = Table(
    "box_readings",
    metadata,
    row_id(),
    ref("route_id", "routes"),
    Column("trip", Integer, nullable=False),
    ref("courier_id", "staff", index=False),
    Column("box", String(16), nullable=False),
    Column("temp_c", Float, nullable=False),
    Column("is_outside", Boolean, nullable=False),
    Column("note", String(200), nullable=False),
    *_phone_time(),
    Column("received_at", UTCDateTime, nullable=False, index=True),
    *_seen(),
)

_unseen = and_(box_readings.c.is_outside, box_readings.c.seen_at.is_(None))
Index(
    "ix_box_readings_outside_unseen",
    box_readings.c.received_at,
    sqlite_where=_unseen,
    postgresql_where=_unseen,
)

cash_dues = Table(
    "cash_dues",
    metadata,
    row_id(),
    ref("prescription_id", "prescriptions", index=False),
    Column("due_fen", Integer, nullable=False),
    ref("set_by_id", "staff", index=False),
    Column("set_at", UTCDateTime, nullable=False),
    Column("settled_at", UTCDateTime),
    UniqueConstraint("prescription_id"),
    CheckConstraint("due_fen > 0", name="ck_cash_dues_due_fen"),
)

Index(
    "ix_cash_dues_unsettled",
    cash_dues.c.set_at,
    sqlite_where=cash_dues.c.settled_at.is_(None),
    postgresql_where=cash_dues.c.settled_at.is_(None),
)

cash_hand_ins = Table(
    "cash_hand_ins",
    metadata,
    row_id(),
    ref("courier_id", "staff"),
    Column("expected_fen", Integer, nullable=False),
    Column("counted_fen", Integer, nullable=False),
    Column("note", String(200), nullable=False),
    ref("received_by_id", "staff", index=False),
    Column("received_at", UTCDateTime, nullable=False),
    request_key(),
    CheckConstraint("counted_fen >= 0", name="ck_cash_hand_ins_counted_fen"),
)

cash_receipts = Table(
    "cash_receipts",
    metadata,
    row_id(),
    ref("prescription_id", "prescriptions", index=False),
    ref("courier_id", "staff", index=False),
    Column("due_fen", Integer, nullable=False),
    Column("paid_fen", Integer, nullable=False),
    Column("received_at", UTCDateTime, nullable=False),
    ref("hand_in_id", "cash_hand_ins", nullable=True),
    # One prescription is paid for once.
    UniqueConstraint("prescription_id"),
    CheckConstraint("paid_fen >= 0", name="ck_cash_receipts_paid_fen"),
)

courier_acts = Table(
    "courier_acts",
    metadata,
    row_id(),
    request_key(),
    ref("courier_id", "staff", index=False),
    Column("kind", Term(ActKind), nullable=False),
    Column("subject_id", Integer, nullable=False),
    Column("refusal", String(200), nullable=False),
    Column("refusal_values", JSON, nullable=False),
    *_phone_time(nullable=False),
    Column("received_at", UTCDateTime, nullable=False, index=True),
    *_seen(),
)

courier_settings = Table(
    "courier_settings",
    metadata,
    row_id(),
    Column("paper_enough", Boolean, nullable=False),
    Column("attempts_most", Integer, nullable=False),
    Column("box", String(16), nullable=False),
    ref("set_by_id", "staff", index=False),
    Column("set_at", UTCDateTime, nullable=False),
)
