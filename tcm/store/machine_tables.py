"""The tables of decoction machines: what they said last, curves, what was not taken, deviations."""

from sqlalchemy import JSON, Boolean, Column, Date, Float, Index, Integer, String, Table, UniqueConstraint

from tcm.records.machines import DeviationKind, RefusedBecause, Verdict
from tcm.store.tables import metadata, ref, row_id
from tcm.store.types import Term, UTCDateTime

machines = Table(
    "machines",
    metadata,
    row_id(),
    Column("boot", String(32), nullable=False),
    Column("previous_boot", String(32)),
    Column("sequence", Integer, nullable=False),
    Column("at", UTCDateTime, nullable=False),
    Column("received_at", UTCDateTime, nullable=False),
    Column("is_clock_wrong", Boolean, nullable=False),
    Column("temperature_c", Float, nullable=False),
    Column("lid_closed", Boolean),
    Column("heater_on", Boolean),
    Column("level_ml", Integer),
    ref("pot_id", "pots", index=False),
    ref("kept_run_id", "pot_runs", nullable=True, index=False),
    Column("kept_at", UTCDateTime),
    Column("kept_c", Float),
    UniqueConstraint("pot_id"),
)

machine_readings = Table(
    "machine_readings",
    metadata,
    row_id(),
    ref("run_id", "pot_runs", index=False),
    Column("sequence", Integer, nullable=False),
    Column("at", UTCDateTime, nullable=False),
    Column("temperature_c", Float, nullable=False),
    Column("lid_closed", Boolean),
    Column("heater_on", Boolean),
    Column("level_ml", Integer),
    Column("is_clock_wrong", Boolean, nullable=False),
    Index("ix_machine_readings_run_id_at", "run_id", "at"),
)

machine_refusals = Table(
    "machine_refusals",
    metadata,
    row_id(),
    Column("day", Date, nullable=False),
    # Not a reference: what a stranger sends names no pot of ours.
    Column("pot_code", String(16), nullable=False),
    Column("reason", Term(RefusedBecause), nullable=False),
    Column("count", Integer, nullable=False),
    Column("last_at", UTCDateTime, nullable=False),
    UniqueConstraint("day", "pot_code", "reason"),
)

deviations = Table(
    "deviations",
    metadata,
    row_id(),
    ref("run_id", "pot_runs", index=False),
    ref("prescription_id", "prescriptions"),
    ref("pot_id", "pots", index=False),
    Column("kind", Term(DeviationKind), nullable=False),
    Column("stops", Boolean, nullable=False),
    Column("began_at", UTCDateTime, nullable=False),
    Column("over_at", UTCDateTime),
    Column("found_at", UTCDateTime, nullable=False, index=True),
    Column("measured", JSON, nullable=False),
    Column("verdict", Term(Verdict)),
    Column("reason_code", String(24), nullable=False),
    Column("note", String(200), nullable=False),
    ref("decided_by_id", "staff", nullable=True, index=False),
    Column("decided_at", UTCDateTime),
    # Two processes that watch the same curve find it once.
    UniqueConstraint("run_id", "kind", "began_at"),
    # Floor pages ask again and again for the few that wait for a decision.
    Index("ix_deviations_stops_verdict", "stops", "verdict"),
)
