"""The tables of boils: one prescription in one pot, step by step."""

from sqlalchemy import JSON, Boolean, CheckConstraint, Column, Index, Integer, String, Table

from tcm.records.boils import BoilKeeping, Outcome, Step
from tcm.store.tables import metadata, ref, row_id
from tcm.store.types import Sealed, Term, UTCDateTime

pot_runs = Table(
    "pot_runs",
    metadata,
    row_id(),
    ref("prescription_id", "prescriptions"),
    ref("pot_id", "pots"),
    Column("stepwise", Boolean, nullable=False),
    Column("programme", JSON, nullable=False),
    Column("soak_began_at", UTCDateTime),
    Column("opened_at", UTCDateTime, nullable=False, index=True),
    ref("opened_by_id", "staff", index=False),
    Column("closed_at", UTCDateTime),
    Column("outcome", Term(Outcome)),
    Column("freed_at", UTCDateTime),
)

# The database itself refuses a prescription in two pots, and a pot filled before it is free.
for _name, _column, _end in (
    ("uq_pot_runs_open", "prescription_id", pot_runs.c.closed_at),
    ("uq_pot_runs_held", "pot_id", pot_runs.c.freed_at),
):
    Index(
        _name,
        pot_runs.c[_column],
        unique=True,
        sqlite_where=_end.is_(None),
        postgresql_where=_end.is_(None),
    )

pot_steps = Table(
    "pot_steps",
    metadata,
    row_id(),
    ref("run_id", "pot_runs"),
    Column("step", Term(Step), nullable=False),
    Column("at", UTCDateTime, nullable=False),
    ref("by_id", "staff", index=False),
    Column("short_min", Integer, nullable=False),
    Column("reason", Sealed("pot_steps.reason"), nullable=False),
    Column("request_key", String(64), unique=True),
    Column("voided_at", UTCDateTime),
    ref("voided_by_id", "staff", nullable=True, index=False),
    CheckConstraint("short_min >= 0", name="ck_pot_steps_short_min"),
)

# Of two hands at one pot the first wins.
Index(
    "uq_pot_steps_taken",
    pot_steps.c.run_id,
    pot_steps.c.step,
    unique=True,
    sqlite_where=pot_steps.c.voided_at.is_(None),
    postgresql_where=pot_steps.c.voided_at.is_(None),
)

boil_settings = Table(
    "boil_settings",
    metadata,
    row_id(),
    Column("keeping", Term(BoilKeeping), nullable=False),
    ref("set_by_id", "staff", index=False),
    Column("set_at", UTCDateTime, nullable=False),
)
