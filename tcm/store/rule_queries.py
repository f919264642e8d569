"""Read-side queries of the rules: versions, replays, what became of findings, signed prescriptions."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from tcm.records.clinical import Prescription
from tcm.records.clock import day_start
from tcm.records.governance import FindingDecision, Standing
from tcm.records.lifecycle import State
from tcm.store import governance_tables as g
from tcm.store import tables as t

# What stands there now is not, or not yet again, what the doctor signed.
_UNSIGNED = (State.DRAFT, State.RETURNED)
_EARLIEST = date(1970, 1, 1)


@dataclass(frozen=True)
class VersionRow:
    """A version of the rules in a list.

    Args:
        version_id: Its row.
        version: What people call it by.
        institution_id: Whose rules.
        institution: Name of that house.
        standing: Draft, in force or retired.
        settings: Rule id to what differs from the shipped rule.
        note: Why it was made.
        made_by_id: Who drafted it.
        made_by: Their name.
        made_at: When it was last changed as a draft, aware UTC.
        approved_by: Name of who put it in force, None before.
        approved_at: When.
        retired_at: When a later version took its place, or it was given up.
    """

    version_id: int
    version: str
    institution_id: int
    institution: str
    standing: Standing
    settings: Mapping[str, Mapping[str, Any]]
    note: str
    made_by_id: int
    made_by: str
    made_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    retired_at: datetime | None


@dataclass(frozen=True)
class ReplayRow:
    """A replay in a list, without what it found.

    Args:
        replay_id: Its row.
        asked_by: Name of who asked.
        asked_at: Aware UTC.
        since: Prescriptions signed on this county day or later.
        checked_count: How many are done.
        total_count: Of how many.
        finished_at: When, None while it runs.
        failure: Why it failed, empty otherwise.
    """

    replay_id: int
    asked_by: str
    asked_at: datetime
    since: date
    checked_count: int
    total_count: int
    finished_at: datetime | None
    failure: str


@dataclass(frozen=True)
class DecisionCount:
    """How often one pharmacist decided one way on one rule's findings.

    Args:
        rule: Rule id.
        decision: Accepted, overruled or undecided.
        pharmacist: Their name.
        count: Findings.
    """

    rule: str
    decision: FindingDecision
    pharmacist: str
    count: int


def versions_newest_first(session: Session) -> list[VersionRow]:
    """Every version of every institution's rules.

    Args:
        session: Of the work.

    Returns:
        The versions, newest first.
    """
    maker, approver = aliased(t.staff), aliased(t.staff)
    v = g.rule_versions
    query = (
        select(
            v.c.id,
            v.c.version,
            v.c.institution_id,
            t.institutions.c.name,
            v.c.standing,
            v.c.settings,
            v.c.note,
            v.c.made_by_id,
            maker.c.name,
            v.c.made_at,
            approver.c.name,
            v.c.approved_at,
            v.c.retired_at,
        )
        .join(t.institutions, t.institutions.c.id == v.c.institution_id)
        .join(maker, maker.c.id == v.c.made_by_id)
        .outerjoin(approver, approver.c.id == v.c.approved_by_id)
        .order_by(v.c.id.desc())
    )
    return [VersionRow(*tuple(row)) for row in session.execute(query)]


def names_beginning(session: Session, prefix: str) -> list[str]:
    """Names of versions that begin so, of every institution.

    Args:
        session: Of the work.
        prefix: Such as `2026-11-22.`; no wildcard of LIKE is in it.

    Returns:
        The names.
    """
    name = g.rule_versions.c.version
    return list(session.scalars(select(name).where(name.like(f"{prefix}%"))))


def replays_of_version(session: Session, rule_version_id: int) -> list[ReplayRow]:
    """The replays of one version.

    Args:
        session: Of the work.
        rule_version_id: Which version.

    Returns:
        The replays, newest first.
    """
    r = g.rule_replays
    query = (
        select(
            r.c.id,
            t.staff.c.name,
            r.c.asked_at,
            r.c.since,
            r.c.checked_count,
            r.c.total_count,
            r.c.finished_at,
            r.c.failure,
        )
        .join(t.staff, t.staff.c.id == r.c.asked_by_id)
        .where(r.c.rule_version_id == rule_version_id)
        .order_by(r.c.id.desc())
    )
    return [ReplayRow(*row) for row in session.execute(query)]


def decision_counts(session: Session, since: datetime, until: datetime) -> list[DecisionCount]:
    """What became of the findings of each rule, by pharmacist.

    Args:
        session: Of the work.
        since: Decided at this moment or later.
        until: And before this one.

    Returns:
        Counts by rule, then by decision, the most frequent pharmacist first.
    """
    f = g.finding_records
    count = func.count()
    query = (
        select(f.c.rule, f.c.decision, t.staff.c.name, count)
        .join(t.staff, t.staff.c.id == f.c.pharmacist_id)
        .where(f.c.decided_at >= since, f.c.decided_at < until)
        .group_by(f.c.rule, f.c.decision, t.staff.c.id, t.staff.c.name)
        .order_by(f.c.rule, f.c.decision, count.desc(), t.staff.c.id)
    )
    return [DecisionCount(*row) for row in session.execute(query)]


def start_of(day: date) -> datetime:
    """The moment from which the records of a county day count.

    Args:
        day: A county date, however early.

    Returns:
        Aware UTC.
    """
    # The first days of the calendar have no moment in UTC, and nothing was signed on them.
    return day_start(max(day, _EARLIEST))


def count_signed(session: Session, since: date) -> int:
    """How many prescriptions `signed_since` gives in all.

    Args:
        session: Of the work.
        since: Signed on this county day or later.

    Returns:
        Their number.
    """
    query = select(func.count()).select_from(t.prescriptions).where(*_signed(since))
    return session.scalar(query) or 0


def signed_since(session: Session, since: date, *, after_id: int, limit: int) -> list[Prescription]:
    """Signed prescriptions with their items, by row, a piece at a time.

    Args:
        session: Of the work.
        since: Signed on this county day or later.
        after_id: Rows above this one.
        limit: At most so many.

    Returns:
        The prescriptions; one that went back to its doctor is left out until it is signed again.
    """
    query = select(Prescription).where(*_signed(since), t.prescriptions.c.id > after_id)
    return list(session.scalars(query.order_by(t.prescriptions.c.id).limit(limit)))


def supplied_to(
    session: Session, patient_ids: Collection[int], since: datetime
) -> dict[int, list[Prescription]]:
    """What several patients were prescribed in any house of the county.

    Args:
        session: Of the work.
        patient_ids: Whose; the same identity number makes the same patient.
        since: Signed at this moment or later.

    Returns:
        By patient, oldest first, without those that were cancelled; a patient without any is left out.
    """
    patients_by_row = _patients_by_row(session, patient_ids)
    p = t.prescriptions.c
    query = select(Prescription).where(
        p.patient_id.in_(patients_by_row), p.signed_at >= since, p.state.not_in((*_UNSIGNED, State.CANCELLED))
    )
    supplied: dict[int, list[Prescription]] = {}
    for prescription in session.scalars(query.order_by(p.signed_at, p.id)):
        for patient_id in patients_by_row[prescription.patient_id]:
            supplied.setdefault(patient_id, []).append(prescription)
    return supplied


def _signed(since: date) -> tuple[Any, ...]:
    p = t.prescriptions.c
    return p.signed_at >= start_of(since), p.state.not_in(_UNSIGNED)


def _patients_by_row(session: Session, patient_ids: Collection[int]) -> dict[int, list[int]]:
    """For every row of these patients, their own one included, those of them whose row it is."""
    own, same = aliased(t.patients), aliased(t.patients)
    query = (
        select(same.c.id, own.c.id)
        .join(own, own.c.id_number_index == same.c.id_number_index)
        .where(own.c.id.in_(set(patient_ids)), own.c.id_number_index != "", own.c.id != same.c.id)
    )
    by_row = {patient_id: [patient_id] for patient_id in patient_ids}
    for row, patient_id in session.execute(query):
        by_row.setdefault(row, []).append(patient_id)
    return by_row
