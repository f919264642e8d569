"""A visit as doctors of another house may see it: read-only, as it stands, and never without a permission."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tcm.records.charts import PulseRecording
from tcm.records.clinical import Encounter, Photograph, PhotographKind, Prescription
from tcm.records.errors import N_, Invalid, NotFound
from tcm.records.lifecycle import State
from tcm.records.people import Institution, Patient, Staff
from tcm.records.permissions import Action
from tcm.records.roles import Actor
from tcm.records.together import Outcome
from tcm.store.work import Work

# Of a patient's visits before the shared one, so many travel with it.
EARLIER_AT_MOST = 5
LEAST_WORDS, MOST_WORDS = 2, 1000
# After the answer its writer may look again, for a question that comes by telephone.
CASE_STAYS_OPEN = timedelta(days=30)


@dataclass(frozen=True)
class SharedCase:
    """One visit with what belongs to it.

    Args:
        patient: Who.
        encounter: The visit.
        house: Where.
        doctor: Who saw them.
        photographs: Pictures that have been read, newest first.
        corrections: By picture, what the doctor said of its signs.
        prescriptions: Of the visit, newest first; drafts and what was cancelled do not travel.
        recordings: Recorded pulses, newest first.
        earlier: Visits before it, newest first.
        earlier_prescriptions: Signed ones, by visit.
        outcomes: What came of the earlier visits and of this one, by visit.
    """

    patient: Patient
    encounter: Encounter
    house: Institution
    doctor: Staff
    photographs: list[Photograph]
    corrections: dict[int, dict[str, str]]
    prescriptions: list[Prescription]
    recordings: list[PulseRecording]
    earlier: list[Encounter]
    earlier_prescriptions: dict[int, list[Prescription]]
    outcomes: dict[int, Outcome]


def share_case(work: Work, encounter: Encounter) -> SharedCase:
    """Put a visit together; the caller has asked for the permission and put the look on record.

    Args:
        work: The unit of work.
        encounter: Which visit.

    Returns:
        The case, in a number of statements that does not grow with the patient's visits.
    """
    visit_id = encounter.id or 0
    visits = work.encounters.of_patient(encounter.patient_id)
    earlier = [one for one in visits if one.opened_at < encounter.opened_at][:EARLIER_AT_MOST]
    shown = [visit_id, *(one.id or 0 for one in earlier)]
    photographs = [
        photograph
        for kind in PhotographKind
        for photograph in work.photographs.read_of_encounter(visit_id, kind)[:1]
    ]
    written = work.prescriptions.of_encounters(shown)
    return SharedCase(
        patient=work.patients.get(encounter.patient_id),
        encounter=encounter,
        house=work.institutions.get(encounter.institution_id),
        doctor=work.staff.get(encounter.doctor_id),
        photographs=photographs,
        corrections=work.sign_corrections.of_photographs(one.id or 0 for one in photographs),
        prescriptions=[one for one in written.get(visit_id, []) if _travels(one)],
        recordings=work.pulse_recordings.of_encounter(visit_id),
        earlier=earlier,
        earlier_prescriptions={
            key: [one for one in prescriptions if _travels(one)] for key, prescriptions in written.items()
        },
        outcomes=work.outcomes.of_visits(shown),
    )


def shared_picture(
    work: Work, actor: Actor, action: Action, encounter_id: int, photograph_id: int, *, overlay: bool
) -> bytes:
    """A picture of a shared visit; the caller has asked for the permission, the look is put on record here.

    Args:
        work: The unit of work.
        actor: Who looks.
        action: By which permission.
        encounter_id: The visit that is shared.
        photograph_id: Which picture.
        overlay: True for the picture with the findings drawn in.

    Returns:
        Image bytes.

    Raises:
        NotFound: When the visit has no such picture.
    """
    photograph = work.photographs.get(photograph_id)
    key = photograph.overlay_key if overlay else photograph.blob_key
    is_of_visit = photograph.encounter_id == encounter_id
    work.audit(actor, action.value, "photograph", photograph_id, allowed=is_of_visit)
    if not is_of_visit or not key or photograph.refusal:
        raise NotFound(N_("没有这张照片。"))
    return work.blobs.get(key)


def stays_open(answered_at: datetime | None, now: datetime) -> bool:
    """Whether whoever answered may still look at the case.

    Args:
        answered_at: Aware UTC, None before there is an answer.
        now: Aware UTC.
    """
    return answered_at is None or now - answered_at <= CASE_STAYS_OPEN


def demand_words(text: str) -> str:
    """Words that say something and fit.

    Args:
        text: As typed.

    Returns:
        The same without blanks around it.

    Raises:
        Invalid: When they are too few or too many.
    """
    words = text.strip()
    if not LEAST_WORDS <= len(words) <= MOST_WORDS:
        raise Invalid(N_("请写至少 %(least)s 个字，最多 %(most)s 个字。"), least=LEAST_WORDS, most=MOST_WORDS)
    return words


def _travels(prescription: Prescription) -> bool:
    return prescription.signed_at is not None and prescription.state is not State.CANCELLED
