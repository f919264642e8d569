"""The tables of an outage: paper forms printed in advance, and who signed on them."""

from sqlalchemy import Column, Integer, String, Table, UniqueConstraint

from tcm.records.outage import PaperKind, PaperReason, PaperStep
from tcm.store.tables import metadata, ref, request_key, row_id
from tcm.store.types import Term, UTCDateTime

paper_batches = Table(
    "paper_batches",
    metadata,
    row_id(),
    ref("institution_id", "institutions", index=False),
    Column("kind", Term(PaperKind), nullable=False),
    Column("first_serial", Integer, nullable=False),
    Column("count", Integer, nullable=False),
    ref("printed_by_id", "staff", index=False),
    Column("printed_at", UTCDateTime, nullable=False),
    request_key(),
    # Two people who print at once never share a number.
    UniqueConstraint("institution_id", "kind", "first_serial"),
)

paper_signatures = Table(
    "paper_signatures",
    metadata,
    row_id(),
    ref("prescription_id", "prescriptions"),
    Column("step", Term(PaperStep), nullable=False),
    Column("paper_number", String(48), nullable=False, index=True),
    ref("signed_by_id", "staff"),
    Column("signed_at", UTCDateTime, nullable=False),
    Column("reason", Term(PaperReason), nullable=False),
    ref("entered_by_id", "staff", index=False),
    Column("entered_at", UTCDateTime, nullable=False),
    # A step is signed on one paper.
    UniqueConstraint("prescription_id", "step"),
)
