"""The tables beside a visit: unfinished forms, corrected signs, forms of the constitution."""

from sqlalchemy import Column, Float, String, Table, UniqueConstraint

from tcm.store.tables import metadata, ref, request_key, row_id
from tcm.store.types import Sealed, UTCDateTime

form_drafts = Table(
    "form_drafts",
    metadata,
    row_id(),
    ref("encounter_id", "encounters"),
    ref("staff_id", "staff", index=False),
    Column("form_key", String(64), nullable=False),
    Column("values", Sealed("form_drafts.values"), nullable=False),
    Column("kept_at", UTCDateTime, nullable=False),
    UniqueConstraint("encounter_id", "staff_id", "form_key"),
)

sign_corrections = Table(
    "sign_corrections",
    metadata,
    row_id(),
    ref("photograph_id", "photographs"),
    Column("sign", String(24), nullable=False),
    Column("label", Sealed("sign_corrections.label"), nullable=False),
    Column("was", Sealed("sign_corrections.was"), nullable=False),
    Column("model", String(40), nullable=False),
    ref("corrected_by_id", "staff", index=False),
    Column("corrected_at", UTCDateTime, nullable=False),
    UniqueConstraint("photograph_id", "sign"),
)

constitution_forms = Table(
    "constitution_forms",
    metadata,
    row_id(),
    ref("encounter_id", "encounters"),
    ref("patient_id", "patients"),
    Column("answers", Sealed("constitution_forms.answers"), nullable=False),
    Column("scores", Sealed("constitution_forms.scores"), nullable=False),
    ref("judged_by_id", "staff", index=False),
    Column("judged_at", UTCDateTime, nullable=False),
    request_key(),
)

pulse_recordings = Table(
    "pulse_recordings",
    metadata,
    row_id(),
    ref("encounter_id", "encounters"),
    Column("samples", Sealed("pulse_recordings.samples"), nullable=False),
    Column("seconds", Float, nullable=False),
    Column("rate_bpm", Sealed("pulse_recordings.rate_bpm")),
    Column("variation", Sealed("pulse_recordings.variation")),
    Column("rhythm", Sealed("pulse_recordings.rhythm"), nullable=False),
    Column("quality", Float, nullable=False),
    Column("beats_s", Sealed("pulse_recordings.beats_s"), nullable=False),
    Column("pauses", Sealed("pulse_recordings.pauses"), nullable=False),
    Column("candidates", Sealed("pulse_recordings.candidates"), nullable=False),
    ref("recorded_by_id", "staff", index=False),
    Column("kept_at", UTCDateTime, nullable=False),
    request_key(),
)
