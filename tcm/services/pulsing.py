"""A recorded pulse at a visit: kept with what was told from it; the doctor feels and decides."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from tcm.diagnosis.pulse import PulseReading, Recording
from tcm.records.charts import PulseRecording
from tcm.records.clinical import Encounter
from tcm.records.people import Patient
from tcm.records.permissions import Action, allows
from tcm.records.roles import Actor
from tcm.services.access import demand_same_form, look_at_encounter
from tcm.store.work import Work

# Enough for the eye on any screen; the diagnosis is made from every sample before. Each bin keeps its lowest
# and its highest sample, so that every beat is drawn at its full height.
BINS_PER_S = 25
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


def demand_recording(work: Work, actor: Actor, encounter_id: int) -> None:
    """Refuse who may not record at a visit, before a file is read; only a refusal is audited here.

    Args:
        work: The unit of work.
        actor: Who sends a file.
        encounter_id: For which visit.

    Raises:
        NotFound: When there is no such visit.
        Forbidden: When it belongs to another house.
    """
    encounter = work.encounters.get(encounter_id)
    scope = {"institution_id": encounter.institution_id, "assigned_to_id": encounter.doctor_id}
    if not allows(actor, Action.PATIENT_WRITE, **scope):
        look_at_encounter(work, actor, encounter, Action.PATIENT_WRITE)


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
    chosen = recording.samples
    bins = round(recording.seconds * BINS_PER_S)
    if len(chosen) > 2 * bins:
        edges = np.linspace(0, len(chosen), bins + 1).astype(int)
        chosen = np.concatenate([_extremes(chosen[start:stop]) for start, stop in pairwise(edges)])
    low, high = np.percentile(chosen, (0.5, 99.5))
    scaled = np.clip((chosen - low) / max(high - low, 1e-12), 0.0, 1.0)
    return [int(each) for each in np.rint(scaled * FULL_SCALE)]


def _extremes(samples: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The lowest and the highest sample, in the order in which they come."""
    return samples[sorted((int(samples.argmin()), int(samples.argmax())))]
