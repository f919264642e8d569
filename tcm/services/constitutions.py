"""The constitution form (体质) at a visit: filled by doctor and patient together, kept with the patient."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from tcm.diagnosis.constitution import judge
from tcm.knowledge import Knowledge
from tcm.records.charts import ConstitutionRecord
from tcm.records.clinical import Encounter
from tcm.records.people import Patient
from tcm.records.permissions import Action
from tcm.records.roles import Actor
from tcm.services.access import demand_same_form, look_at_encounter
from tcm.store.work import Work


@dataclass(frozen=True)
class ConstitutionView:
    """The form's page.

    Args:
        patient: Who answers.
        encounter: At which visit.
        forms: The patient's filled forms, newest first.
    """

    patient: Patient
    encounter: Encounter
    forms: list[ConstitutionRecord]


def open_form(work: Work, actor: Actor, encounter_id: int) -> ConstitutionView:
    """The form at a visit, with those the patient has filled before.

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
    return ConstitutionView(patient, encounter, work.constitutions.of_patient(encounter.patient_id))


def fill_form(
    work: Work,
    actor: Actor,
    knowledge: Knowledge,
    encounter_id: int,
    answers: Mapping[int, int],
    request_key: str,
) -> ConstitutionRecord:
    """Keep a filled form with what it comes to.

    Args:
        work: The unit of work.
        actor: A doctor of the house.
        knowledge: The form.
        encounter_id: Which visit.
        answers: Number of each question asked of the patient to 1 .. 5.
        request_key: The form's own key; the same one finds what it made.

    Returns:
        The record.

    Raises:
        NotFound: When there is no such visit.
        Forbidden: When it belongs to another house.
        Invalid: When the key was used at another visit.
        ValueError: A question is missing or not asked of this sex, or an answer lies outside 1 to 5.
    """
    encounter = work.encounters.get(encounter_id)
    look_at_encounter(work, actor, encounter, Action.PATIENT_WRITE)
    earlier = work.constitutions.of_request(request_key)
    if earlier is not None:
        demand_same_form(made_there=earlier.encounter_id == encounter_id)
        return earlier
    patient = work.patients.get(encounter.patient_id)
    scores = judge(answers, patient.sex.value, knowledge.constitution_form)
    return work.constitutions.add(
        ConstitutionRecord(
            encounter_id=encounter_id,
            patient_id=encounter.patient_id,
            answers={str(number): answer for number, answer in answers.items()},
            scores=[asdict(score) for score in scores],
            judged_by_id=actor.staff_id,
            judged_at=work.now,
            request_key=request_key,
        )
    )
