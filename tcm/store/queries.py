"""Read-side queries: what list pages show, each in a fixed number of statements, none naming a patient."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, aliased

from tcm.records.clinical import Preparation
from tcm.records.clock import county_day
from tcm.records.lifecycle import OPEN_STATES, State
from tcm.records.people import Sex
from tcm.store import tables as t


@dataclass(frozen=True)
class QueueRow:
    """A prescription that waits for review.

    Args:
        prescription_id: Its row.
        number: What people call it by.
        institution_id: Where it was written.
        institution: Name of that house.
        doctor: Who signed.
        sex: Of the patient.
        born_on: Of the patient.
        syndrome: 证型.
        herbs_count: Number of herbs.
        doses_count: 剂数.
        urgent: To go first.
        paper_number: Of the sheet it was first written on, where it was entered later; else None.
        signed_at: Waiting since.
        claimed_by: Pharmacist who has it now, or None.
        claimed_by_id: Their row, or None.
        toxic: Whether a herb in it is poisonous.
        handed_by: Pharmacist who handed it on since it was signed, or None.
        handed_by_id: Their row, or None.
        handed_reason: Code of why, or None.
    """

    prescription_id: int
    number: str
    institution_id: int
    institution: str
    doctor: str
    sex: Sex
    born_on: date
    syndrome: str
    herbs_count: int
    doses_count: int
    urgent: bool
    paper_number: str | None
    signed_at: datetime
    claimed_by: str | None
    claimed_by_id: int | None
    toxic: bool
    handed_by: str | None
    handed_by_id: int | None
    handed_reason: str | None


@dataclass(frozen=True)
class BoardRow:
    """A prescription on the floor.

    Args:
        prescription_id: Its row.
        number: What people call it by.
        version: For the button that moves it.
        state: Where it stands.
        since: When it came there.
        institution: Where it was written.
        village: Where it goes.
        doses_count: 剂数.
        urgent: To go first.
        preparation: What is not decocted goes from the scales into the bag.
        paper_number: Of the sheet it was first written on, where it was entered later; else None.
    """

    prescription_id: int
    number: str
    version: int
    state: State
    since: datetime
    institution: str
    village: str
    doses_count: int
    urgent: bool
    preparation: Preparation
    paper_number: str | None


@dataclass(frozen=True)
class VisitRow:
    """A visit in the doctor's list of the day.

    Args:
        encounter_id: Its row.
        patient_id: Who came.
        opened_at: When.
        prescription_id: Its newest prescription, or None.
        number: That prescription's number, or None.
        state: Where that prescription stands, or None.
    """

    encounter_id: int
    patient_id: int
    opened_at: datetime
    prescription_id: int | None
    number: str | None
    state: State | None


@dataclass(frozen=True)
class AccessRow:
    """A line of the access log.

    Args:
        access_id: Its row; a later line has a greater one.
        at: When.
        actor: Who looked.
        action: What they wanted.
        subject_kind: At what.
        subject_id: Which, None for a list.
        allowed: Whether they were let in.
    """

    access_id: int
    at: datetime
    actor: str
    action: str
    subject_kind: str
    subject_id: int | None
    allowed: bool


@dataclass(frozen=True)
class AccessAsked:
    """Which lines of the access log are asked for; each part narrows it.

    Args:
        actor_id: Who looked, None for anybody.
        since: At this moment or later, None for ever.
        until: Before this moment, None for now.
        subject_kind: At what, such as `prescription`; empty for anything.
        subject_id: Which of that kind, None for any.
        refused: True for those only who were not let in.
        before_id: Lines before this one, None from the newest on.
    """

    actor_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    subject_kind: str = ""
    subject_id: int | None = None
    refused: bool = False
    before_id: int | None = None


EVERY_ACCESS = AccessAsked()


@dataclass(frozen=True)
class Standing:
    """A prescription named by its number only, and where it stands.

    Args:
        prescription_id: Its row.
        number: What people call it by.
        state: Where it stands.
    """

    prescription_id: int
    number: str
    state: State


def review_queue(
    session: Session, *, claims_since: datetime, claims_until: datetime, toxic_herbs: Collection[str]
) -> list[QueueRow]:
    """Signed prescriptions, the longest waiting first.

    Args:
        session: Of the work.
        claims_since: A claim older than this counts no more.
        claims_until: Nor does one that a clock made which ran ahead.
        toxic_herbs: Standard names of what counts as poisonous.

    Returns:
        The queue.
    """
    doctor, holder, hander = aliased(t.staff), aliased(t.staff), aliased(t.staff)
    p, events, handed = t.prescriptions, t.ledger_events, aliased(t.ledger_events)
    toxic = exists().where(t.items.c.prescription_id == p.c.id, t.items.c.herb.in_(sorted(toxic_herbs)))
    # A new signature begins anew: what was handed on before it stands no more.
    last_handed = (
        select(func.max(events.c.seq))
        .where(events.c.prescription_id == p.c.id, events.c.kind == "handed", events.c.at >= p.c.signed_at)
        .scalar_subquery()
    )
    claimed = p.c.claimed_at.between(claims_since, claims_until)
    herbs = select(func.count()).where(t.items.c.prescription_id == p.c.id).scalar_subquery()
    query = (
        select(
            p.c.id,
            p.c.number,
            t.institutions.c.id,
            t.institutions.c.name,
            doctor.c.name,
            t.patients.c.sex,
            t.patients.c.born_on,
            p.c.syndrome,
            herbs,
            p.c.doses_count,
            p.c.urgent,
            p.c.paper_number,
            p.c.signed_at,
            holder.c.name,
            holder.c.id,
            toxic,
            hander.c.name,
            hander.c.id,
            handed.c.payload,
        )
        .join(t.institutions, t.institutions.c.id == p.c.institution_id)
        .join(t.patients, t.patients.c.id == p.c.patient_id)
        .join(doctor, doctor.c.id == p.c.doctor_id)
        .outerjoin(holder, (holder.c.id == p.c.claimed_by_id) & claimed)
        .outerjoin(handed, (handed.c.prescription_id == p.c.id) & (handed.c.seq == last_handed))
        .outerjoin(hander, hander.c.id == handed.c.actor_id)
        .where(p.c.state == State.SIGNED)
        .order_by(p.c.signed_at, p.c.id)
    )
    return [
        QueueRow(*(*fields, payload["reason"] if payload else None))
        for *fields, payload in map(tuple, session.execute(query))
    ]


def floor_board(session: Session) -> list[BoardRow]:
    """Everything approved that is not yet at a door, urgent first, then by number.

    Args:
        session: Of the work.

    Returns:
        The board.
    """
    written, village = aliased(t.institutions), aliased(t.institutions)
    p = t.prescriptions
    query = (
        select(
            p.c.id,
            p.c.number,
            p.c.version,
            p.c.state,
            p.c.edited_at,
            written.c.name,
            village.c.name,
            p.c.doses_count,
            p.c.urgent,
            p.c.preparation,
            p.c.paper_number,
        )
        .join(written, written.c.id == p.c.institution_id)
        .join(village, village.c.id == p.c.village_id)
        .where(p.c.state.in_(list(OPEN_STATES)))
        .order_by(p.c.urgent.desc(), p.c.number)
    )
    return [BoardRow(*row) for row in map(tuple, session.execute(query))]


def visits_of_doctor(session: Session, doctor_id: int, since: datetime, limit: int) -> list[VisitRow]:
    """A doctor's visits with the newest prescription of each, newest first.

    Args:
        session: Of the work.
        doctor_id: Whose.
        since: Visits opened at or after this moment.
        limit: At most so many.

    Returns:
        The visits.
    """
    p, e = t.prescriptions, t.encounters
    # Under another name: the table itself is joined outside.
    any_of_visit = aliased(p)
    newest = (
        select(func.max(any_of_visit.c.id))
        .where(any_of_visit.c.encounter_id == e.c.id)
        .correlate(e)
        .scalar_subquery()
    )
    query = (
        select(e.c.id, e.c.patient_id, e.c.opened_at, p.c.id, p.c.number, p.c.state)
        .select_from(e)
        .outerjoin(p, p.c.id == newest)
        .where(e.c.doctor_id == doctor_id, e.c.opened_at >= since)
        .order_by(e.c.opened_at.desc(), e.c.id.desc())
        .limit(limit)
    )
    return [VisitRow(*row) for row in session.execute(query)]


def returned_to_doctor(session: Session, doctor_id: int) -> list[VisitRow]:
    """Prescriptions that came back to a doctor and wait for an answer, oldest first.

    Args:
        session: Of the work.
        doctor_id: Whose.

    Returns:
        Their visits.
    """
    p, e = t.prescriptions, t.encounters
    query = (
        select(e.c.id, e.c.patient_id, e.c.opened_at, p.c.id, p.c.number, p.c.state)
        .join(e, e.c.id == p.c.encounter_id)
        .where(p.c.doctor_id == doctor_id, p.c.state == State.RETURNED)
        .order_by(p.c.edited_at)
    )
    return [VisitRow(*row) for row in session.execute(query)]


def newest_accesses(session: Session, limit: int, asked: AccessAsked = EVERY_ACCESS) -> list[AccessRow]:
    """Lines of the access log, newest first.

    Args:
        session: Of the work.
        limit: At most so many.
        asked: Which.

    Returns:
        The lines.
    """
    log = t.access_log.c
    named = ("actor_id", "subject_id", "subject_kind")
    wanted = [log[name] == getattr(asked, name) for name in named if getattr(asked, name)]
    if asked.since is not None:
        wanted.append(log.at >= asked.since)
    if asked.until is not None:
        wanted.append(log.at < asked.until)
    if asked.refused:
        wanted.append(~log.allowed)
    if asked.before_id is not None:
        wanted.append(log.id < asked.before_id)
    query = (
        select(log.id, log.at, t.staff.c.name, log.action, log.subject_kind, log.subject_id, log.allowed)
        .join(t.staff, t.staff.c.id == log.actor_id)
        .where(*wanted)
        .order_by(log.id.desc())
        .limit(limit)
    )
    return [AccessRow(*row) for row in session.execute(query)]


def count_by_state(session: Session, since: datetime) -> dict[State, int]:
    """How many prescriptions stand where, of those something happened to since a moment.

    Args:
        session: Of the work.
        since: Aware UTC.

    Returns:
        Count by state; states without any are left out.
    """
    p = t.prescriptions
    # Each state by name: so the index on state and moment is searched, never read from end to end.
    moved = p.c.state.in_(list(State)), p.c.edited_at >= since
    query = select(p.c.state, func.count()).where(*moved).group_by(p.c.state)
    return {row[0]: row[1] for row in session.execute(query)}


def standings(session: Session, prescription_ids: Collection[int]) -> dict[int, Standing]:
    """Where several prescriptions stand.

    Args:
        session: Of the work.
        prescription_ids: Which.

    Returns:
        Standing by row; unknown rows are left out.
    """
    p = t.prescriptions
    query = select(p.c.id, p.c.number, p.c.state).where(p.c.id.in_(set(prescription_ids)))
    return {row[0]: Standing(row[0], row[1] or "", row[2]) for row in session.execute(query)}


def newest_day(session: Session) -> date | None:
    """The last county day that anything was signed on or planned for.

    Args:
        session: Of the work.

    Returns:
        County date, or None in a store where nothing happened yet.
    """
    planned = session.scalar(select(func.max(t.plans.c.day)))
    signed_at = session.scalar(select(func.max(t.prescriptions.c.signed_at)))
    days = [planned] if planned else []
    return max([*days, county_day(signed_at)] if signed_at else days, default=None)
