"""The tables of past use and of forecasts."""

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    Integer,
    String,
    Table,
    UniqueConstraint,
)

from tcm.records.demand import ForecastState
from tcm.store.tables import metadata, ref, request_key, row_id
from tcm.store.types import Term, UTCDateTime

past_uses = Table(
    "past_uses",
    metadata,
    row_id(),
    Column("herb", String(40), nullable=False),
    Column("week", Date, nullable=False),
    Column("used_mg", BigInteger, nullable=False),
    UniqueConstraint("week", "herb"),
    CheckConstraint("used_mg >= 0", name="ck_past_uses_used_mg"),
)

forecasts = Table(
    "forecasts",
    metadata,
    row_id(),
    Column("until", Date, nullable=False),
    Column("horizon_weeks", Integer, nullable=False),
    Column("state", Term(ForecastState), nullable=False),
    Column("result", JSON, nullable=False),
    Column("failure", String(200), nullable=False),
    ref("asked_by_id", "staff", nullable=True, index=False),
    Column("asked_at", UTCDateTime, nullable=False),
    request_key(),
)
