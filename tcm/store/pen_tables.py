"""The table of what a doctor keeps for their own pen."""

from sqlalchemy import JSON, Column, Index, Integer, String, Table, UniqueConstraint

from tcm.store.tables import metadata, ref, request_key, row_id
from tcm.store.types import UTCDateTime

own_formulas = Table(
    "own_formulas",
    metadata,
    row_id(),
    ref("owner_id", "staff"),
    Column("name", String(40), nullable=False),
    Column("version", Integer, nullable=False),
    Column("items", JSON, nullable=False),
    Column("syndrome", String(80), nullable=False),
    Column("decoction_class", String(8), nullable=False),
    Column("usage", String(200), nullable=False),
    Column("kept_at", UTCDateTime, nullable=False),
    Column("put_away_at", UTCDateTime),
    request_key(),
    UniqueConstraint("owner_id", "name", "version"),
)
# A name means one recipe at a time.
Index(
    "uq_own_formulas_offered",
    own_formulas.c.owner_id,
    own_formulas.c.name,
    unique=True,
    sqlite_where=own_formulas.c.put_away_at.is_(None),
    postgresql_where=own_formulas.c.put_away_at.is_(None),
)
