"""The tables. Sealed columns hold what could name a patient; everything that happened is in the ledger."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    text,
)

from tcm.records.clinical import PhotographKind, PhotographState, Preparation, VisitType
from tcm.records.lifecycle import State
from tcm.records.people import InstitutionKind, Sex
from tcm.records.plans import PlanKind, PlanState
from tcm.records.roles import Role
from tcm.records.stock import SELF_PAID
from tcm.store.types import Sealed, SealedMap, SealedReading, SealedSigns, Term, UTCDateTime

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


def row_id() -> Column[int]:
    """The primary key."""
    return Column("id", Integer, primary_key=True)


def ref(name: str, target: str, *, nullable: bool = False, index: bool = True) -> Column[int]:
    """A reference to a row of another table."""
    return Column(name, ForeignKey(f"{target}.id"), nullable=nullable, index=index)


def request_key() -> Column[str]:
    """A form's own key: the second submit of one form finds what the first one made."""
    return Column("request_key", String(64), nullable=False, unique=True)


institutions = Table(
    "institutions",
    metadata,
    row_id(),
    Column("code", String(32), nullable=False, unique=True),
    Column("kind", Term(InstitutionKind), nullable=False),
    Column("name", String(80), nullable=False),
    Column("township", String(40), nullable=False),
    Column("lon", Float, nullable=False),
    Column("lat", Float, nullable=False),
    Column("coordinate_source", String(200), nullable=False),
    Column("phone", String(32), nullable=False),
    Column("has_road", Boolean, nullable=False),
    Column("vehicle_kinds", JSON, nullable=False),
    Column("door_windows", JSON, nullable=False),
)

staff = Table(
    "staff",
    metadata,
    row_id(),
    ref("institution_id", "institutions"),
    Column("username", String(40), nullable=False, unique=True),
    Column("password_hash", String(200), nullable=False),
    Column("name", String(40), nullable=False),
    Column("role", Term(Role), nullable=False),
    Column("title", String(40), nullable=False),
    Column("dispensing_years", Integer, nullable=False),
    Column("reviewer_trained", Boolean, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("language", String(2), nullable=False),
    # What they answer other doctors' questions about; empty for those who are not asked.
    Column("expert_in", String(80), nullable=False, server_default=""),
    Column("tours_taken", JSON, nullable=False),
)

pots = Table(
    "pots",
    metadata,
    row_id(),
    Column("code", String(16), nullable=False, unique=True),
    Column("max_ml", Integer, nullable=False),
    Column("duty", String(8), nullable=False),
    Column("active", Boolean, nullable=False),
)

crews = Table(
    "crews",
    metadata,
    row_id(),
    Column("packers", Integer, nullable=False),
    Column("loaders", Integer, nullable=False),
    Column("adders", Integer, nullable=False),
)

vehicles = Table(
    "vehicles",
    metadata,
    row_id(),
    Column("name", String(40), nullable=False, unique=True),
    ref("courier_id", "staff", index=False),
    Column("capacity_bags", Integer, nullable=False),
    Column("shift_start_min", Integer, nullable=False),
    Column("shift_end_min", Integer, nullable=False),
    Column("km_cost_fen", Integer, nullable=False),
    Column("fixed_cost_fen", Integer, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("kind", String(12), nullable=False),
    Column("capacity_ml", Integer),
    Column("breaks", JSON, nullable=False),
    Column("max_trips", Integer, nullable=False),
    Column("speed_factor", Float, nullable=False),
)

# One row for each failed log-in; enough of them in a while lock the name out.
failed_logins = Table(
    "failed_logins",
    metadata,
    row_id(),
    Column("username", String(40), nullable=False),
    Column("at", UTCDateTime, nullable=False),
    Index("ix_failed_logins_username_at", "username", "at"),
)

patients = Table(
    "patients",
    metadata,
    row_id(),
    ref("institution_id", "institutions"),
    ref("village_id", "institutions"),
    Column("name", Sealed("patients.name"), nullable=False),
    Column("phone", Sealed("patients.phone"), nullable=False),
    Column("address", Sealed("patients.address"), nullable=False),
    Column("id_number", Sealed("patients.id_number"), nullable=False),
    Column("allergies", Sealed("patients.allergies"), nullable=False),
    Column("name_index", String(64), nullable=False, index=True),
    Column("phone_index", String(64), nullable=False, index=True),
    Column("id_number_index", String(64), nullable=False, index=True),
    Column("sex", Term(Sex), nullable=False),
    Column("born_on", Date, nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
    request_key(),
    # The code of a scheme of insurance.
    Column("scheme", String(24), nullable=False, server_default=SELF_PAID),
)

encounters = Table(
    "encounters",
    metadata,
    row_id(),
    ref("patient_id", "patients"),
    ref("institution_id", "institutions"),
    ref("doctor_id", "staff", index=False),
    Column("opened_at", UTCDateTime, nullable=False, index=True),
    Column("complaint", Sealed("encounters.complaint"), nullable=False),
    Column("history", Sealed("encounters.history"), nullable=False),
    Column("inquiry", Sealed("encounters.inquiry"), nullable=False),
    Column("pulse", Sealed("encounters.pulse"), nullable=False),
    Column("pulse_places", SealedMap("encounters.pulse_places")),
    Column("conditions", Sealed("encounters.conditions"), nullable=False),
    Column("western_drugs", Sealed("encounters.western_drugs"), nullable=False),
    Column("pregnant", Boolean, nullable=False),
    Column("lactating", Boolean, nullable=False),
    Column("labs", Sealed("encounters.labs"), nullable=False),
    request_key(),
    # Which writing of the notes this is, and the form that wrote it: another window is told.
    Column("notes_version", Integer, nullable=False, server_default="1"),
    Column("notes_key", String(64), nullable=False, server_default=""),
    Index("ix_encounters_doctor_id_opened_at", "doctor_id", "opened_at"),
)

photographs = Table(
    "photographs",
    metadata,
    row_id(),
    ref("encounter_id", "encounters"),
    Column("taken_at", UTCDateTime, nullable=False),
    Column("blob_key", String(64), nullable=False),
    Column("overlay_key", String(64), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("drawn", Boolean, nullable=False),
    Column("model", String(80), nullable=False),
    Column("signs", SealedSigns("photographs.signs"), nullable=False),
    request_key(),
    Column("kind", Term(PhotographKind), nullable=False),
    Column("state", Term(PhotographState), nullable=False),
    Column("refusal", String(40), nullable=False),
    Column("reading", SealedReading("photographs.reading")),
)

prescriptions = Table(
    "prescriptions",
    metadata,
    row_id(),
    Column("number", String(24), unique=True),
    ref("encounter_id", "encounters"),
    ref("patient_id", "patients"),
    ref("institution_id", "institutions"),
    ref("village_id", "institutions"),
    ref("doctor_id", "staff", index=False),
    Column("state", Term(State), nullable=False),
    Column("version", Integer, nullable=False),
    Column("disease", String(80), nullable=False),
    Column("syndrome", String(80), nullable=False),
    Column("doses_count", Integer, nullable=False),
    Column("doses_per_day", Integer, nullable=False),
    Column("usage", String(200), nullable=False),
    Column("decoction_class", String(8), nullable=False),
    Column("visit_type", Term(VisitType), nullable=False),
    Column("extended_supply_reason", Sealed("prescriptions.extended_supply_reason"), nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("edited_at", UTCDateTime, nullable=False),
    Column("signed_at", UTCDateTime),
    # The version of the rules it was signed under.
    Column("rules_version", String(40), nullable=False),
    ref("claimed_by_id", "staff", nullable=True),
    Column("claimed_at", UTCDateTime),
    ref("reviewed_by_id", "staff", nullable=True, index=False),
    Column("reviewed_at", UTCDateTime),
    # The pot it is in; the database itself refuses two prescriptions in one pot.
    Column("pot_id", ForeignKey("pots.id"), unique=True),
    request_key(),
    Column("preparation", Term(Preparation), nullable=False, server_default=Preparation.DECOCTED.value),
    # Of the sheet it was first written on, during an outage; one sheet holds one prescription that stands.
    Column("paper_number", String(48)),
    Index("ix_prescriptions_doctor_id_state", "doctor_id", "state"),
    Index("ix_prescriptions_state_signed_at", "state", "signed_at"),
    Index("ix_prescriptions_state_edited_at", "state", "edited_at"),
    # A month of the county, whatever became of it since.
    Index("ix_prescriptions_signed_at_state", "signed_at", "state"),
    Index(
        "uq_prescriptions_paper_number",
        "paper_number",
        unique=True,
        sqlite_where=text("state <> 'cancelled'"),
        postgresql_where=text("state <> 'cancelled'"),
    ),
)

items = Table(
    "items",
    metadata,
    row_id(),
    ref("prescription_id", "prescriptions"),
    Column("position", Integer, nullable=False),
    Column("herb", String(40), nullable=False),
    Column("written_as", String(40), nullable=False),
    Column("dose_g", Float, nullable=False),
    Column("decoction_note", String(16), nullable=False),
    Column("origin", String(40), nullable=False),
    ref("second_signed_by_id", "staff", nullable=True, index=False),
    Column("second_signed_at", UTCDateTime),
    # The findings that the second signature answered; their sentences quote what is sealed elsewhere.
    Column("second_signed_for", Sealed("items.second_signed_for")),
)

reviews = Table(
    "reviews",
    metadata,
    row_id(),
    ref("prescription_id", "prescriptions"),
    ref("pharmacist_id", "staff"),
    Column("decided_at", UTCDateTime, nullable=False, index=True),
    Column("decision", String(16), nullable=False),
    Column("reason_code", String(24), nullable=False),
    Column("note", Sealed("reviews.note"), nullable=False),
    Column("herbs", JSON, nullable=False),
    Column("verdict", String(8), nullable=False),
    Column("rules_version", String(40), nullable=False),
    # Its sentences quote what is sealed elsewhere.
    Column("findings", Sealed("reviews.findings"), nullable=False),
)

bags = Table(
    "bags",
    metadata,
    row_id(),
    ref("prescription_id", "prescriptions"),
    Column("code", String(24), nullable=False, unique=True),
    Column("position", Integer, nullable=False),
    Column("pouches", Integer, nullable=False),
    Column("pouch_ml", Integer, nullable=False),
    Column("packed_at", UTCDateTime, nullable=False),
    ref("packed_by_id", "staff", index=False),
    Column("voided_at", UTCDateTime),
)

plans = Table(
    "plans",
    metadata,
    row_id(),
    Column("day", Date, nullable=False, index=True),
    Column("state", Term(PlanState), nullable=False),
    ref("asked_by_id", "staff", index=False),
    Column("asked_at", UTCDateTime, nullable=False),
    Column("from_minute", Integer, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("seed", Integer, nullable=False),
    Column("progress_percent", Integer, nullable=False),
    Column("stage", String(80), nullable=False),
    Column("problem", JSON, nullable=False),
    Column("result", JSON, nullable=False),
    Column("unserved", JSON, nullable=False),
    Column("violations", JSON, nullable=False),
    Column("failure", String(400), nullable=False),
    Column("in_force", Boolean, nullable=False),
    request_key(),
    Column("kind", Term(PlanKind), nullable=False),
    Column("cancelled_at", UTCDateTime),
    Column("difference", JSON, nullable=False),
    Column("told", JSON, nullable=False),
    Column("roads", JSON, nullable=False),
)
# Two plans of one day can never both be in force.
Index(
    "uq_plans_in_force_day",
    plans.c.day,
    unique=True,
    sqlite_where=plans.c.in_force,
    postgresql_where=plans.c.in_force,
)

routes = Table(
    "routes",
    metadata,
    row_id(),
    ref("plan_id", "plans"),
    Column("day", Date, nullable=False, index=True),
    ref("vehicle_id", "vehicles", index=False),
    ref("courier_id", "staff"),
)

route_stops = Table(
    "route_stops",
    metadata,
    row_id(),
    ref("route_id", "routes"),
    Column("trip", Integer, nullable=False),
    Column("position", Integer, nullable=False),
    ref("village_id", "institutions", index=False),
    Column("depart_at", UTCDateTime, nullable=False),
    Column("arrive_at", UTCDateTime, nullable=False),
    Column("return_at", UTCDateTime, nullable=False),
    Column("trip_metres", Integer, nullable=False),
    Column("promised_from_at", UTCDateTime, nullable=False),
    Column("promised_to_at", UTCDateTime, nullable=False),
)

deliveries = Table(
    "deliveries",
    metadata,
    row_id(),
    ref("route_stop_id", "route_stops"),
    ref("prescription_id", "prescriptions"),
)

# Append-only by trigger (migrations): what happened, chained by hash.
ledger_events = Table(
    "ledger_events",
    metadata,
    row_id(),
    ref("prescription_id", "prescriptions", index=False),
    Column("seq", Integer, nullable=False),
    Column("kind", String(24), nullable=False),
    Column("source", Term(State), nullable=False),
    Column("target", Term(State), nullable=False),
    ref("actor_id", "staff", index=False),
    Column("actor_role", Term(Role), nullable=False),
    Column("at", UTCDateTime, nullable=False, index=True),
    Column("payload", JSON, nullable=False),
    Column("prev_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    UniqueConstraint("prescription_id", "seq"),
    Index("ix_ledger_events_actor_id_at", "actor_id", "at"),
)

# Append-only by trigger: one head for each sealed run of events.
ledger_heads = Table(
    "ledger_heads",
    metadata,
    row_id(),
    Column("day", Date, nullable=False),
    # The head covers all events up to and including this row since the head before.
    Column("last_event_id", Integer, nullable=False, unique=True),
    Column("events_count", Integer, nullable=False),
    Column("head", String(64), nullable=False),
    Column("prev_head", String(64), nullable=False),
    Column("sealed_at", UTCDateTime, nullable=False),
)

# Append-only by trigger: who looked at what, refused looks included.
access_log = Table(
    "access_log",
    metadata,
    row_id(),
    Column("at", UTCDateTime, nullable=False, index=True),
    ref("actor_id", "staff", nullable=True, index=False),
    Column("action", String(32), nullable=False),
    Column("subject_kind", String(24), nullable=False),
    Column("subject_id", Integer),
    Column("allowed", Boolean, nullable=False),
    # Each way an inspector asks, newest first.
    Index("ix_access_log_actor_id_id", "actor_id", "id"),
    Index("ix_access_log_subject_kind_subject_id_id", "subject_kind", "subject_id", "id"),
    Index("ix_access_log_allowed_id", "allowed", "id"),
)

APPEND_ONLY = (ledger_events, ledger_heads, access_log)
