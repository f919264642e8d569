"""The doctor's chart: registering patients, opening visits, keeping what was seen and heard."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from tcm.records.clinical import (
    Encounter,
    Photograph,
    PhotographKind,
    PhotographState,
    Prescription,
    ReviewRecord,
)
from tcm.records.clock import county_day, day_start
from tcm.records.errors import N_, NotFound, Stale
from tcm.records.people import InstitutionKind, Patient, Sex
from tcm.records.permissions import Action, demand
from tcm.records.roles import Actor
from tcm.records.stock import SELF_PAID
from tcm.services.access import demand_same_form, look, look_at_encounter, look_at_patient
from tcm.services.insuring import demand_scheme
from tcm.store.queries import VisitRow, returned_to_doctor, visits_of_doctor
from tcm.store.work import Work

FOUND_AT_MOST = 20
VISITS_AT_MOST = 200
# An older laboratory value says too little of today.
LABS_COUNT_FOR = timedelta(days=180)


@dataclass(frozen=True)
class PatientDetails:
    """What the registration form asks.

    Args:
        name: Full name.
        sex: As on the prescription.
        born_on: Date of birth.
        village_id: Village clinic that hands over the medicine.
        phone: Or empty.
        address: Or empty.
        id_number: Or empty.
        allergies: Herbs and drugs to avoid.
        scheme: Code of the scheme of insurance, `self` where the patient pays all of it.
    """

    name: str
    sex: Sex
    born_on: date
    village_id: int
    phone: str = ""
    address: str = ""
    id_number: str = ""
    allergies: tuple[str, ...] = ()
    scheme: str = SELF_PAID


@dataclass(frozen=True)
class VisitNotes:
    """What a doctor writes down of a visit.

    Args:
        complaint: The patient's words.
        history: What went before.
        inquiry: Ticked terms of the ten questions.
        pulse: Ticked terms of the pulse.
        pulse_places: Pulses by side and position, as in `Encounter.pulse_places`.
        conditions: Illnesses that bear on the review.
        western_drugs: Other medicine taken now.
        pregnant: As asked.
        lactating: As asked.
        labs: Laboratory values by test, as in `Encounter.labs`.
        allergies: The patient's, as told at this visit; None leaves those on record.
    """

    complaint: str = ""
    history: str = ""
    inquiry: tuple[str, ...] = ()
    pulse: tuple[str, ...] = ()
    pulse_places: dict[str, list[str]] = field(default_factory=dict)
    conditions: tuple[str, ...] = ()
    western_drugs: tuple[str, ...] = ()
    pregnant: bool = False
    lactating: bool = False
    labs: dict[str, float] = field(default_factory=dict)
    allergies: tuple[str, ...] | None = None


@dataclass(frozen=True)
class NotesForm:
    """The form that writes the notes, and what it knew of them.

    Args:
        key: Its own; a writing whose answer was lost on the way is known by it.
        version: The writing it shows.
    """

    key: str
    version: int


@dataclass(frozen=True)
class LabValue:
    """A laboratory value of an earlier visit.

    Args:
        value: In the unit that the test's name carries.
        at: When that visit was opened, aware UTC.
    """

    value: float
    at: datetime


@dataclass(frozen=True)
class Chart:
    """All that lies before a doctor at one visit.

    Args:
        patient: Who.
        encounter: This visit.
        photographs: Its pictures of every kind and state, newest first.
        prescriptions: Its prescriptions, newest first.
        earlier: The patient's other visits, newest first.
        seen_before: Whether an earlier visit has a tongue that was read, to hold this one against.
        returns: Decisions of pharmacists, by prescription, newest first.
        last_labs: By test, the newest value of the visits before this one that is not too old to go by.
        corrections: By picture, what the doctor said of its signs.
        calls: What pharmacists agreed with the doctor by telephone, by prescription, newest first.
    """

    patient: Patient
    encounter: Encounter
    photographs: list[Photograph]
    prescriptions: list[Prescription]
    earlier: list[Encounter]
    seen_before: bool = False
    returns: dict[int, list[ReviewRecord]] = field(default_factory=dict)
    last_labs: dict[str, LabValue] = field(default_factory=dict)
    corrections: dict[int, dict[str, str]] = field(default_factory=dict)
    calls: dict[int, list[ReviewRecord]] = field(default_factory=dict)

    def newest_read(self, kind: PhotographKind) -> Photograph | None:
        """The newest picture of a kind that has been read.

        Args:
            kind: What it shows.

        Returns:
            The photograph, or None.
        """
        read = (one for one in self.photographs if (one.kind, one.state) == (kind, PhotographState.READ))
        return next(read, None)


@dataclass(frozen=True)
class Day:
    """What lies before a doctor in the morning and through the day.

    Args:
        visits: Today's, newest first.
        returned: Prescriptions a pharmacist sent back, oldest first; of any day.
        patients: Everybody named in these rows, by row.
        returns: The newest decision on each returned prescription.
    """

    visits: list[VisitRow]
    returned: list[VisitRow]
    patients: dict[int, Patient]
    returns: dict[int, ReviewRecord]


def open_day(work: Work, actor: Actor) -> Day:
    """The actor's visits of today, and what came back to them.

    Args:
        work: The unit of work.
        actor: A doctor.

    Returns:
        The day, in a number of statements that does not grow with it.

    Raises:
        Forbidden: For roles that may not read patients.
    """
    look(work, actor, Action.PATIENT_READ, "patient", None, institution_id=actor.institution_id)
    since = day_start(county_day(work.now))
    visits = visits_of_doctor(work.session, actor.staff_id, since, VISITS_AT_MOST)
    returned = returned_to_doctor(work.session, actor.staff_id)
    patients = work.patients.by_ids(row.patient_id for row in (*visits, *returned))
    for patient in patients.values():
        look_at_patient(work, actor, patient)
    decisions = work.reviews.of_prescriptions(row.prescription_id for row in returned if row.prescription_id)
    newest = {prescription_id: records[0] for prescription_id, records in decisions.items()}
    return Day(visits, returned, patients, newest)


def register_patient(work: Work, actor: Actor, details: PatientDetails, request_key: str) -> Patient:
    """Register a patient at the doctor's own house; the same form sent twice makes one patient.

    Args:
        work: The unit of work.
        actor: A doctor.
        details: What the form says.
        request_key: The form's own key.

    Returns:
        The patient.

    Raises:
        Forbidden: For other roles.
        NotFound: When the village clinic does not exist.
        Invalid: When the scheme cannot be chosen.
    """
    demand(actor, Action.PATIENT_WRITE, institution_id=actor.institution_id)
    earlier = work.patients.of_request(request_key)
    if earlier is not None:
        look_at_patient(work, actor, earlier, Action.PATIENT_WRITE)
        return earlier
    if work.institutions.get(details.village_id).kind is not InstitutionKind.VILLAGE_CLINIC:
        raise NotFound(N_("没有这个村卫生室。"))
    demand_scheme(work, details.scheme)
    fields = {**vars(details), "allergies": list(details.allergies)}
    patient = Patient(
        institution_id=actor.institution_id, created_at=work.now, request_key=request_key, **fields
    )
    return work.patients.add(patient)


def find_patients(work: Work, actor: Actor, text: str) -> list[Patient]:
    """Patients of the actor's house whose whole name, phone or ID number is the text.

    Args:
        work: The unit of work.
        actor: A doctor.
        text: As typed.

    Returns:
        At most twenty, newest first.

    Raises:
        Forbidden: For roles that may not read patients.
    """
    look(work, actor, Action.PATIENT_READ, "patient", None, institution_id=actor.institution_id)
    found = work.patients.matching(text, actor.institution_id, FOUND_AT_MOST)
    for patient in found:
        look_at_patient(work, actor, patient)
    return found


def open_encounter(work: Work, actor: Actor, patient_id: int, request_key: str) -> Encounter:
    """Begin a visit.

    Args:
        work: The unit of work.
        actor: The doctor who sees the patient.
        patient_id: Who came.
        request_key: The form's own key.

    Returns:
        The visit; the same one for the same key.

    Raises:
        NotFound: When there is no such patient.
        Forbidden: When the patient belongs to another house.
        Invalid: When the key opened another patient's visit.
    """
    patient = work.patients.get(patient_id)
    look_at_patient(work, actor, patient, Action.PATIENT_WRITE)
    earlier = work.encounters.of_request(request_key)
    if earlier is not None:
        demand_same_form(made_there=earlier.patient_id == patient_id)
        return earlier
    return work.encounters.add(
        Encounter(
            patient_id=patient_id,
            institution_id=actor.institution_id,
            doctor_id=actor.staff_id,
            opened_at=work.now,
            request_key=request_key,
        )
    )


def write_notes(
    work: Work, actor: Actor, encounter_id: int, notes: VisitNotes, form: NotesForm | None = None
) -> Encounter:
    """Keep what the doctor wrote down of a visit; allergies stay with the patient.

    Args:
        work: The unit of work.
        actor: A doctor of the house.
        encounter_id: Which visit.
        notes: What is written now; replaces what was.
        form: Where they were typed; None where no window was open for long.

    Returns:
        The visit.

    Raises:
        NotFound: When there is no such visit.
        Forbidden: When it belongs to another house.
        Stale: When another form has written them since this one was opened.
    """
    encounter = work.encounters.locked(encounter_id)
    look_at_encounter(work, actor, encounter, Action.PATIENT_WRITE)
    told = {name: list(value) if isinstance(value, tuple) else value for name, value in vars(notes).items()}
    told.pop("allergies")
    # The same words sent again change nothing and contradict nobody.
    if any(getattr(encounter, name) != value for name, value in told.items()):
        if form and encounter.notes_version != form.version and encounter.notes_key != form.key:
            raise Stale
        encounter.notes_version += 1
        encounter.notes_key = form.key if form else ""
        for name, value in told.items():
            setattr(encounter, name, value)
    patient = work.patients.get(encounter.patient_id)
    if notes.allergies is not None and list(notes.allergies) != patient.allergies:
        look_at_patient(work, actor, patient, Action.PATIENT_WRITE)
        patient.allergies = list(notes.allergies)
    return encounter


def open_chart(work: Work, actor: Actor, encounter_id: int) -> Chart:
    """Everything about one visit.

    Args:
        work: The unit of work.
        actor: Who looks.
        encounter_id: Which visit.

    Returns:
        The chart.

    Raises:
        NotFound: When there is no such visit.
        Forbidden: When it belongs to another house.
    """
    encounter = work.encounters.get(encounter_id)
    look_at_encounter(work, actor, encounter, Action.PATIENT_READ)
    prescriptions = work.prescriptions.of_encounter(encounter_id)
    visits = work.encounters.of_patient(encounter.patient_id)
    others = [visit for visit in visits if visit.id != encounter_id]
    before = [visit.id or 0 for visit in others if visit.opened_at < encounter.opened_at]
    photographs = work.photographs.of_encounter(encounter_id)
    return Chart(
        patient=work.patients.get(encounter.patient_id),
        encounter=encounter,
        photographs=photographs,
        prescriptions=prescriptions,
        earlier=others,
        seen_before=bool(before) and work.photographs.any_read(before, PhotographKind.TONGUE),
        returns=work.reviews.of_prescriptions([p.key() for p in prescriptions]),
        last_labs=_last_labs(others, encounter.opened_at),
        corrections=work.sign_corrections.of_photographs(one.id or 0 for one in photographs),
        calls=work.reviews.calls_of([p.key() for p in prescriptions]),
    )


def _last_labs(newest_first: Sequence[Encounter], before: datetime) -> dict[str, LabValue]:
    last: dict[str, LabValue] = {}
    for visit in newest_first:
        if before - LABS_COUNT_FOR <= visit.opened_at <= before:
            for test, value in visit.labs.items():
                last.setdefault(test, LabValue(value, visit.opened_at))
    return last
