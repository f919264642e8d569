"""The tables of other systems: their keys and calls, their codes of herbs, what they sent."""

from sqlalchemy import JSON, Column, Index, Integer, String, Table, UniqueConstraint

from tcm.records.systems import IncomingState
from tcm.store.tables import metadata, ref, row_id
from tcm.store.types import Sealed, Term, UTCDateTime

api_keys = Table(
    "api_keys",
    metadata,
    row_id(),
    ref("institution_id", "institutions", index=False),
    Column("name", String(60), nullable=False),
    Column("beginning", String(16), nullable=False),
    Column("secret_hash", String(64), nullable=False, unique=True),
    Column("rights", JSON, nullable=False),
    ref("made_by_id", "staff", index=False),
    Column("made_at", UTCDateTime, nullable=False),
    Column("expires_at", UTCDateTime, nullable=False),
    Column("revoked_at", UTCDateTime),
    ref("revoked_by_id", "staff", nullable=True, index=False),
)

# Append-only by trigger, as the access log of people is.
api_calls = Table(
    "api_calls",
    metadata,
    row_id(),
    ref("key_id", "api_keys", index=False),
    Column("at", UTCDateTime, nullable=False),
    Column("operation", String(40), nullable=False),
    Column("subject_id", Integer),
    Column("status", Integer, nullable=False),
    Index("ix_api_calls_key_id_at", "key_id", "at"),
)

herb_codes = Table(
    "herb_codes",
    metadata,
    row_id(),
    ref("institution_id", "institutions", index=False),
    Column("code", String(40), nullable=False),
    Column("herb", String(40), nullable=False),
    ref("set_by_id", "staff", index=False),
    Column("set_at", UTCDateTime, nullable=False),
    UniqueConstraint("institution_id", "code"),
)

incoming_prescriptions = Table(
    "incoming_prescriptions",
    metadata,
    row_id(),
    ref("institution_id", "institutions", index=False),
    ref("key_id", "api_keys", index=False),
    ref("encounter_id", "encounters"),
    ref("doctor_id", "staff", index=False),
    Column("number", String(64), nullable=False),
    Column("content", Sealed("incoming_prescriptions.content"), nullable=False),
    Column("state", Term(IncomingState), nullable=False),
    Column("received_at", UTCDateTime, nullable=False),
    Column("decided_at", UTCDateTime),
    Column("reason_code", String(24), nullable=False),
    ref("prescription_id", "prescriptions", nullable=True),
    UniqueConstraint("institution_id", "number"),
    Index("ix_incoming_prescriptions_doctor_id_state", "doctor_id", "state"),
)
