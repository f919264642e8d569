"""The tables of what passes between the centre and a patient: notices, messages, ratings, recalls."""

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, UniqueConstraint

from tcm.records.aftercare import NoticeKind, NoticeState, RecallState
from tcm.store.tables import metadata, ref, request_key, row_id
from tcm.store.types import Sealed, Term, UTCDateTime

notices = Table(
    "notices",
    metadata,
    row_id(),
    ref("prescription_id", "prescriptions", index=False),
    Column("kind", Term(NoticeKind), nullable=False),
    Column("about", String(16), nullable=False),
    Column("state", Term(NoticeState), nullable=False),
    Column("made_at", UTCDateTime, nullable=False),
    Column("due_at", UTCDateTime, nullable=False),
    Column("tries", Integer, nullable=False),
    # A try began then and nobody knows whether it was taken.
    Column("unsure_since", UTCDateTime),
    Column("sent_at", UTCDateTime),
    Column("channel", String(12), nullable=False, server_default=""),
    Column("failure", String(200), nullable=False),
    # Nobody is told the same thing twice.
    UniqueConstraint("prescription_id", "kind", "about"),
    Index("ix_notices_state_due_at", "state", "due_at"),
    Index("ix_notices_kind_about", "kind", "about"),
)

wechat_links = Table(
    "wechat_links",
    metadata,
    row_id(),
    ref("patient_id", "patients", index=False),
    Column("openid", Sealed("wechat_links.openid"), nullable=False),
    Column("linked_at", UTCDateTime, nullable=False),
    UniqueConstraint("patient_id"),
)

patient_messages = Table(
    "patient_messages",
    metadata,
    row_id(),
    ref("prescription_id", "prescriptions"),
    ref("institution_id", "institutions", index=False),
    ref("doctor_id", "staff", index=False),
    Column("sent_at", UTCDateTime, nullable=False, index=True),
    Column("signs", Sealed("patient_messages.signs"), nullable=False),
    Column("words", Sealed("patient_messages.words"), nullable=False),
    Column("flags", Sealed("patient_messages.flags"), nullable=False),
    Column("urgent", Boolean, nullable=False),
    ref("answered_by_id", "staff", nullable=True, index=False),
    Column("answered_at", UTCDateTime),
    Column("answer", Sealed("patient_messages.answer"), nullable=False),
    request_key(),
    Index("ix_patient_messages_institution_id_answered_at", "institution_id", "answered_at"),
)

ratings = Table(
    "ratings",
    metadata,
    row_id(),
    ref("prescription_id", "prescriptions", index=False),
    Column("stars", Integer, nullable=False),
    Column("words", Sealed("ratings.words"), nullable=False),
    Column("rated_at", UTCDateTime, nullable=False, index=True),
    UniqueConstraint("prescription_id"),
)

failed_pins = Table(
    "failed_pins",
    metadata,
    row_id(),
    ref("prescription_id", "prescriptions", index=False),
    Column("at", UTCDateTime, nullable=False),
    Index("ix_failed_pins_prescription_id_at", "prescription_id", "at"),
)

recalls = Table(
    "recalls",
    metadata,
    row_id(),
    ref("lot_id", "lots"),
    Column("reason", String(200), nullable=False),
    Column("state", Term(RecallState), nullable=False),
    ref("began_by_id", "staff", index=False),
    Column("began_at", UTCDateTime, nullable=False),
    ref("decided_by_id", "staff", nullable=True, index=False),
    Column("decided_at", UTCDateTime),
    request_key(),
)
