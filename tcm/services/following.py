"""Follow-up: the tongues of two visits of one patient, to be held against one another."""

from dataclasses import dataclass
from datetime import date, datetime

from tcm.records.clinical import Encounter
from tcm.records.errors import N_, NotFound
from tcm.records.people import Sex
from tcm.records.permissions import Action
from tcm.records.roles import Actor
from tcm.services.access import look, look_at_encounter
from tcm.store.followup_queries import TongueRow, newest_tongues
from tcm.store.work import Work

VISITS_AT_MOST = 100


@dataclass(frozen=True)
class SeenTongue:
    """The tongue of one visit.

    Args:
        visit_id: The visit.
        taken_at: When it was photographed, aware UTC.
        model: Version of the model that read it then.
        drawn: True for a drawn tongue.
        picture: Bytes of the clean picture.
    """

    visit_id: int
    taken_at: datetime
    model: str
    drawn: bool
    picture: bytes


@dataclass(frozen=True)
class EarlierVisit:
    """A visit that this one can be held against.

    Args:
        visit_id: The visit.
        opened_at: Aware UTC.
    """

    visit_id: int
    opened_at: datetime


@dataclass(frozen=True)
class FollowUp:
    """Two visits of one patient, as plain values that outlive the unit of work.

    Args:
        visit_id: The later visit.
        opened_at: When it was opened, aware UTC.
        patient_name: Whose.
        sex: The patient's.
        born_on: Date of birth.
        choices: The earlier visits with a tongue, newest first.
        before: The earlier tongue, None where that visit has none.
        after: The later one, None where none has been read yet.
    """

    visit_id: int
    opened_at: datetime
    patient_name: str
    sex: Sex
    born_on: date
    choices: tuple[EarlierVisit, ...]
    before: SeenTongue | None
    after: SeenTongue | None


def open_follow_up(work: Work, actor: Actor, visit_id: int, earlier_id: int | None = None) -> FollowUp:
    """The tongue of a visit and that of an earlier visit of the same patient.

    Args:
        work: The unit of work.
        actor: Who looks.
        visit_id: The later visit.
        earlier_id: The earlier visit; the newest one with a tongue where None.

    Returns:
        Both, in a number of statements that does not grow with the patient's visits.

    Raises:
        NotFound: When there is no such visit, or the other is no earlier one of this patient here.
        Forbidden: When a visit belongs to another house.
    """
    encounter = work.encounters.get(visit_id)
    look_at_encounter(work, actor, encounter, Action.PATIENT_READ)
    visits = {visit.id or 0: visit for visit in _earlier(work, encounter)}
    if earlier_id is not None and earlier_id not in visits:
        # Whoever asks for a visit that is not theirs to see is put on record, like everybody who looks.
        look_at_encounter(work, actor, work.encounters.get(earlier_id), Action.PATIENT_READ)
        raise NotFound(N_("没有可以对照的这次就诊。"))
    tongues = newest_tongues(work.session, (visit_id, *visits))
    choices = tuple(EarlierVisit(key, visit.opened_at) for key, visit in visits.items() if key in tongues)
    if earlier_id is None and choices:
        earlier_id = choices[0].visit_id
    patient = work.patients.get(encounter.patient_id)
    return FollowUp(
        visit_id=visit_id,
        opened_at=encounter.opened_at,
        patient_name=patient.name,
        sex=patient.sex,
        born_on=patient.born_on,
        choices=choices,
        before=_seen(work, actor, visits[earlier_id], tongues[earlier_id]) if earlier_id in tongues else None,
        after=_seen(work, actor, encounter, tongues[visit_id]) if visit_id in tongues else None,
    )


def _earlier(work: Work, encounter: Encounter) -> list[Encounter]:
    """The patient's visits at the same house before this one, newest first."""
    visits = work.encounters.of_patient(encounter.patient_id)
    before = [
        visit
        for visit in visits
        if visit.opened_at < encounter.opened_at and visit.institution_id == encounter.institution_id
    ]
    return before[:VISITS_AT_MOST]


def _seen(work: Work, actor: Actor, encounter: Encounter, row: TongueRow) -> SeenTongue:
    look(
        work,
        actor,
        Action.PHOTOGRAPH_READ,
        "photograph",
        row.photograph_id,
        institution_id=encounter.institution_id,
    )
    return SeenTongue(row.encounter_id, row.taken_at, row.model, row.drawn, work.blobs.get(row.blob_key))
