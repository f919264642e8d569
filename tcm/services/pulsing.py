"""A recorded pulse at a visit: kept with what was told from it; the doctor feels and decides."""

from dataclasses import dataclass

import numpy as np

from tcm.diagnosis.pulse import PulseReading, Recording
from tcm.records.charts import PulseRecording
from tcm.records.clinical import Encounter
from tcm.records.people import Patient
from tcm.records.permissions import Action
from tcm.records.roles import Actor
from tcm.services.access import demand_same_form, look_at_encounter
from tcm.store.work import Work

# Enough for the eye on any screen; the diagnosis is made from every sample before.
SHOWN_SAMPLES = 4000
FULL_SCALE = 1000


@dataclass(frozen=True)
class PulseView:
    """The page of a visit's recordings.

    Args:
        patient: Whose.
        encounter: At which visit.
        recordings: Newest first.
    """

    patient: Patient
    encounter: Encounter
    recordings: list[PulseRecording]


def open_recordings(work: Work, actor: Actor, encounter_id: int) -> PulseView:
    """The recordings of a visit.

    Args:
        work: The unit of work.
        actor: A doctor of the house.
        encounter_id: Which visit.

    Returns:
        The view.

    Raises:
        NotFound: When there is no such visit.
        Forbidden: When it belongs to another house.
    """
    encounter = work.encounters.get(encounter_id)
    look_at_encounter(work, actor, encounter, Action.PATIENT_READ)
    patient = work.patients.get(encounter.patient_id)
    return PulseView(patient, encounter, work.pulse_recordings.of_encounter(encounter_id))


def keep_recording(
    work: Work, actor: Actor, encounter_id: int, recording: Recording, told: PulseReading, request_key: str
) -> PulseRecording:
    """Keep a recording with what was told from it.

    Args:
        work: The unit of work.
        actor: A doctor of the house.
        encounter_id: Which visit.
        recording: As it was read from a file.
        told: What `read_pulse` said of it.
        request_key: The form's own key; the same one finds what it made.

    Returns:
        The record.

    Raises:
        NotFound: When there is no such visit.
        Forbidden: When it belongs to another house.
        Invalid: When the key was used at another visit.
    """
    encounter = work.encounters.get(encounter_id)
    look_at_encounter(work, actor, encounter, Action.PATIENT_WRITE)
    earlier = work.pulse_recordings.of_request(request_key)
    if earlier is not None:
        demand_same_form(made_there=earlier.encounter_id == encounter_id)
        return earlier
    return work.pulse_recordings.add(
        PulseRecording(
            encounter_id=encounter_id,
            samples=_thinned(recording),
            seconds=recording.seconds,
            rate_bpm=told.rate_bpm,
            variation=told.variation,
            rhythm=told.rhythm,
            quality=told.quality,
            beats_s=[round(float(at), 3) for at in told.beats_s],
            pauses=list(told.pauses_at),
            candidates=[candidate.name for candidate in told.candidates],
            recorded_by_id=actor.staff_id,
            kept_at=work.now,
            request_key=request_key,
        )
    )


def _thinned(recording: Recording) -> list[int]:
    places = np.linspace(0, len(recording.samples) - 1, min(SHOWN_SAMPLES, len(recording.samples)))
    chosen = recording.samples[places.astype(int)]
    low, high = np.percentile(chosen, (0.5, 99.5))
    scaled = np.clip((chosen - low) / max(high - low, 1e-12), 0.0, 1.0)
    return [int(each) for each in np.rint(scaled * FULL_SCALE)]
