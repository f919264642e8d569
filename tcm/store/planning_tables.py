"""The tables of what happens to a planned day, of questions about plans, and of what plans have to keep."""

from sqlalchemy import JSON, Column, Date, Float, Integer, String, Table

from tcm.records.day_events import DayEventKind
from tcm.records.plans import PlanState
from tcm.records.studies import StudyKind
from tcm.store.tables import metadata, ref, request_key, row_id
from tcm.store.types import Term, UTCDateTime

day_events = Table(
    "day_events",
    metadata,
    row_id(),
    Column("day", Date, nullable=False, index=True),
    Column("kind", Term(DayEventKind), nullable=False),
    Column("subject", JSON, nullable=False),
    ref("reported_by_id", "staff", index=False),
    Column("reported_at", UTCDateTime, nullable=False),
    Column("note", String(200), nullable=False),
    ref("plan_id", "plans", nullable=True),
    Column("over_at", UTCDateTime),
    request_key(),
)

studies = Table(
    "studies",
    metadata,
    row_id(),
    Column("day", Date, nullable=False, index=True),
    Column("kind", Term(StudyKind), nullable=False),
    ref("plan_id", "plans"),
    Column("question", JSON, nullable=False),
    Column("state", Term(PlanState), nullable=False),
    Column("progress_percent", Integer, nullable=False),
    Column("answer", JSON, nullable=False),
    Column("failure", String(400), nullable=False),
    Column("seconds", Float, nullable=False),
    Column("seed", Integer, nullable=False),
    ref("asked_by_id", "staff", index=False),
    Column("asked_at", UTCDateTime, nullable=False),
    Column("cancelled_at", UTCDateTime),
    request_key(),
)

planning_settings = Table(
    "planning_settings",
    metadata,
    row_id(),
    Column("buffer_min", Integer, nullable=False),
    Column("promise_late_min", Integer, nullable=False),
    Column("longest_box_min", Integer),
    Column("fragile_box_min", Integer),
    ref("set_by_id", "staff", index=False),
    Column("set_at", UTCDateTime, nullable=False),
    ref("study_id", "studies", nullable=True, index=False),
)
