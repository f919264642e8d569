"""A patient's record across houses: read by their consent, which is recorded, ends and can be withdrawn.

The same person is found by the same identity number and the same name; who has none on record is not found.
Every look is put on record under its own name, and the patient can be told of each.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from tcm.records.clinical import Encounter
from tcm.records.clock import county_day
from tcm.records.errors import N_, Invalid, NotFound
from tcm.records.people import Institution, Patient, Staff
from tcm.records.permissions import Action
from tcm.records.roles import Actor
from tcm.records.together import ConsentBy, ConsentHow, Outcome, RecordConsent
from tcm.services.access import demand_same_form, look, look_at_patient
from tcm.services.sharing import SharedCase, share_case, shared_picture
from tcm.store.together_queries import RecordRead, record_reads
from tcm.store.work import Work

# A longer consent would be forgotten by the one who gave it.
LONGEST = timedelta(days=365)
VISITS_AT_MOST = 100
READS_AT_MOST = 50


@dataclass(frozen=True)
class Given:
    """What the consent form says.

    Args:
        given_by: Who agreed.
        given_name: Name of the guardian or agent; empty where it is the patient.
        how: In which way.
        until: Last county day it holds.
        purpose: What for.
    """

    given_by: ConsentBy
    given_name: str
    how: ConsentHow
    until: date
    purpose: str = ""


@dataclass(frozen=True)
class VisitElsewhere:
    """A visit at another house.

    Args:
        visit: Which.
        house: Where.
        doctor: Who saw them.
        diagnosis: Of its newest signed prescription, empty without one.
        outcome: What came of it, None where nobody said.
    """

    visit: Encounter
    house: Institution
    doctor: Staff
    diagnosis: str
    outcome: Outcome | None


@dataclass(frozen=True)
class ConsentShown:
    """A consent with its people.

    Args:
        consent: Which.
        house: Which house may read.
        recorded_by: The doctor who was told.
        holds: Whether it lets somebody read today.
    """

    consent: RecordConsent
    house: Institution
    recorded_by: Staff
    holds: bool


@dataclass(frozen=True)
class Elsewhere:
    """What other houses have on a patient.

    Args:
        patient: As the actor's house knows them.
        may_be_found: Whether an identity number is on record, by which other houses know them.
        standing: The consent by which the actor's house reads, None where none holds.
        consents: Their consents, newest first; those to other houses where one holds here.
        visits: At other houses, newest first; none without a consent that holds.
        namesakes: Records elsewhere under the same number and another name, which are not shown.
        reads: Who read this person's record across houses, newest first.
    """

    patient: Patient
    may_be_found: bool
    standing: RecordConsent | None
    consents: list[ConsentShown]
    visits: list[VisitElsewhere]
    namesakes: int
    reads: list[RecordRead]


def record(work: Work, actor: Actor, patient_id: int, given: Given, request_key: str) -> RecordConsent:
    """Record that a patient lets the actor's house read what other houses have.

    Args:
        work: The unit of work.
        actor: A doctor of the patient's house.
        patient_id: Whose record.
        given: What the form says.
        request_key: The form's own key.

    Returns:
        The consent; the same one for the same key.

    Raises:
        NotFound: When there is no such patient.
        Forbidden: When the patient belongs to another house.
        Invalid: When one holds already, it would end before it begins or last too long, or nobody is named
            who agreed for them.
    """
    # Held, so that of two windows that record at once the second one sees what the first recorded.
    patient = work.patients.locked(patient_id)
    look_at_patient(work, actor, patient, Action.RECORD_CONSENT)
    earlier = work.record_consents.of_request(request_key)
    if earlier is not None:
        demand_same_form(made_there=earlier.patient_id == patient_id)
        return earlier
    today = county_day(work.now)
    if _standing(work.record_consents.of_patients([patient_id]), patient_id, today) is not None:
        # Two that hold would go on after one is withdrawn.
        raise Invalid(N_("这位患者的授权仍然有效；要改期限，请先撤回再记录。"))
    if not today <= given.until <= today + LONGEST:
        raise Invalid(N_("授权截止日期要在今天到一年以内。"))
    name = "" if given.given_by is ConsentBy.PATIENT else given.given_name.strip()
    if given.given_by is not ConsentBy.PATIENT and not name:
        raise Invalid(N_("请填写监护人或代理人的姓名。"))
    return work.record_consents.add(
        RecordConsent(
            patient_id=patient_id,
            institution_id=actor.institution_id,
            given_by=given.given_by,
            given_name=name,
            how=given.how,
            purpose=given.purpose.strip(),
            recorded_by_id=actor.staff_id,
            given_at=work.now,
            until=given.until,
            request_key=request_key,
        )
    )


def withdraw(work: Work, actor: Actor, patient_id: int, consent_id: int) -> RecordConsent:
    """Take a consent back, wherever it was given; from then on that house reads nothing.

    Args:
        work: The unit of work.
        actor: A doctor of a house that knows the patient.
        patient_id: The patient as that house knows them.
        consent_id: Which consent of this person.

    Returns:
        The consent; withdrawn before, it stays as it was.

    Raises:
        NotFound: When this person gave no such consent.
        Forbidden: When the patient belongs to another house.
    """
    patient = work.patients.get(patient_id)
    look_at_patient(work, actor, patient, Action.RECORD_CONSENT)
    consent = work.record_consents.get(consent_id)
    if consent.patient_id not in {one.id for one in _rows_of_person(work, patient)}:
        raise NotFound(N_("没有这份授权。"))
    work.patients.locked(consent.patient_id)
    if consent.withdrawn_at is not None:
        return consent
    for one in work.record_consents.of_patients([consent.patient_id]):
        if one.institution_id == consent.institution_id and one.withdrawn_at is None:
            one.withdrawn_at, one.withdrawn_by_id = work.now, actor.staff_id
    return consent


def open_elsewhere(work: Work, actor: Actor, patient_id: int) -> Elsewhere:
    """What other houses have on a patient, as far as they agreed that it is read.

    Args:
        work: The unit of work.
        actor: A doctor of the patient's house.
        patient_id: Whose record.

    Returns:
        The record, in a number of statements that does not grow with houses or visits.

    Raises:
        NotFound: When there is no such patient.
        Forbidden: When the patient belongs to another house.
    """
    patient = work.patients.get(patient_id)
    look_at_patient(work, actor, patient)
    same = work.record_consents.same_person(patient)
    namesakes = [one for one in same if one.name != patient.name]
    rows = [one for one in same if one.name == patient.name]
    today = county_day(work.now)
    standing = _standing(work.record_consents.of_patients([patient_id]), patient_id, today)
    if standing is not None:
        for one in rows:
            look(work, actor, Action.RECORD_READ, "patient", one.id, institution_id=standing.institution_id)
    # Without a consent not even that another house knows them is told.
    known = [patient_id, *(one.id or 0 for one in rows if standing)]
    return Elsewhere(
        patient=patient,
        may_be_found=bool(patient.id_number.strip()),
        standing=standing,
        consents=_with_houses(work, work.record_consents.of_patients(known), today),
        visits=_visits(work, rows) if standing else [],
        namesakes=len(namesakes) if standing else 0,
        reads=record_reads(work.session, known, READS_AT_MOST),
    )


def open_case(work: Work, actor: Actor, patient_id: int, encounter_id: int) -> SharedCase:
    """One visit at another house.

    Args:
        work: The unit of work.
        actor: A doctor of the patient's house.
        patient_id: The patient as that house knows them.
        encounter_id: The visit elsewhere.

    Raises:
        NotFound: When it is no visit of this person at another house.
        Forbidden: When the patient belongs to another house, or no consent holds.
    """
    return share_case(work, _demand_readable(work, actor, patient_id, encounter_id))


def open_picture(
    work: Work, actor: Actor, patient_id: int, encounter_id: int, photograph_id: int, *, overlay: bool
) -> bytes:
    """A picture of a visit at another house.

    Args:
        work: The unit of work.
        actor: A doctor of the patient's house.
        patient_id: The patient as that house knows them.
        encounter_id: The visit elsewhere.
        photograph_id: Which picture.
        overlay: True for the picture with the findings drawn in.

    Returns:
        Image bytes.

    Raises:
        NotFound: When that visit has no such picture.
        Forbidden: As for the visit.
    """
    _demand_readable(work, actor, patient_id, encounter_id)
    return shared_picture(work, actor, Action.RECORD_READ, encounter_id, photograph_id, overlay=overlay)


def _demand_readable(work: Work, actor: Actor, patient_id: int, encounter_id: int) -> Encounter:
    patient = work.patients.get(patient_id)
    look_at_patient(work, actor, patient)
    encounter = work.encounters.get(encounter_id)
    rows = {one.id for one in _rows_of_person(work, patient)}
    given = work.record_consents.of_patients([patient_id])
    standing = _standing(given, patient_id, county_day(work.now))
    is_theirs = encounter.patient_id in rows
    # Without a consent that holds the record is nobody's: the look is refused and put on record.
    house_id = standing.institution_id if standing is not None and is_theirs else None
    look(work, actor, Action.RECORD_READ, "encounter", encounter_id, institution_id=house_id)
    look(work, actor, Action.RECORD_READ, "patient", encounter.patient_id, institution_id=house_id)
    return encounter


def _rows_of_person(work: Work, patient: Patient) -> list[Patient]:
    same = work.record_consents.same_person(patient)
    return [patient, *(one for one in same if one.name == patient.name)]


def _standing(given: list[RecordConsent], patient_id: int, today: date) -> RecordConsent | None:
    own = (one for one in given if one.patient_id == patient_id and one.holds(today))
    return next(own, None)


def _with_houses(work: Work, given: list[RecordConsent], today: date) -> list[ConsentShown]:
    houses = work.institutions.by_ids(one.institution_id for one in given)
    people = work.staff.by_ids(one.recorded_by_id for one in given)
    return [
        ConsentShown(one, houses[one.institution_id], people[one.recorded_by_id], one.holds(today))
        for one in given
    ]


def _visits(work: Work, rows: list[Patient]) -> list[VisitElsewhere]:
    visits = work.encounters.of_patients(one.id or 0 for one in rows)[:VISITS_AT_MOST]
    keys = [one.id or 0 for one in visits]
    houses = work.institutions.by_ids(one.institution_id for one in visits)
    people = work.staff.by_ids(one.doctor_id for one in visits)
    written = work.prescriptions.of_encounters(keys)
    outcomes = work.outcomes.of_visits(keys)
    return [
        VisitElsewhere(
            visit,
            houses[visit.institution_id],
            people[visit.doctor_id],
            next(
                (
                    "·".join(filter(None, (one.disease, one.syndrome)))
                    for one in written.get(visit.id or 0, [])
                    if one.signed_at
                ),
                "",
            ),
            outcomes.get(visit.id or 0),
        )
        for visit in visits
    ]
