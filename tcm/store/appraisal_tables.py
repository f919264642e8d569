"""The tables of the monthly appraisal of prescriptions."""

from sqlalchemy import JSON, Boolean, Column, Integer, String, Table, UniqueConstraint

from tcm.store.tables import metadata, ref, row_id
from tcm.store.types import Sealed, UTCDateTime

appraisals = Table(
    "appraisals",
    metadata,
    row_id(),
    Column("month", String(7), nullable=False, unique=True),
    Column("population", Integer, nullable=False),
    Column("seed", Integer, nullable=False),
    ref("drawn_by_id", "staff", index=False),
    Column("drawn_at", UTCDateTime, nullable=False),
)

appraised_prescriptions = Table(
    "appraised_prescriptions",
    metadata,
    row_id(),
    ref("appraisal_id", "appraisals"),
    ref("prescription_id", "prescriptions"),
    Column("appeal", Sealed("appraised_prescriptions.appeal"), nullable=False),
    Column("appealed_at", UTCDateTime),
    Column("answer", Sealed("appraised_prescriptions.answer"), nullable=False),
    Column("upheld", Boolean),
    ref("answered_by_id", "staff", nullable=True, index=False),
    Column("answered_at", UTCDateTime),
    UniqueConstraint("appraisal_id", "prescription_id"),
)

opinions = Table(
    "opinions",
    metadata,
    row_id(),
    ref("appraised_id", "appraised_prescriptions"),
    ref("reviewer_id", "staff", index=False),
    Column("codes", JSON, nullable=False),
    Column("note", Sealed("opinions.note"), nullable=False),
    Column("given_at", UTCDateTime, nullable=False),
    # A person has one opinion of a prescription, whatever two windows send.
    UniqueConstraint("appraised_id", "reviewer_id"),
)
