"""The same person treated at the county's other hospital."""

from typing import Any

from tcm.records.clinical import Prescription
from tcm.services import charting, prescribing
from tcm.services.charting import PatientDetails
from tcm.services.prescribing import PrescriptionDraft
from tests.tcm.county import ID_NUMBER, County, draft


def signed_elsewhere(county: County, form: PrescriptionDraft | None = None, **person: Any) -> Prescription:
    """A prescription signed at the other hospital, for the county's patient as they are registered there.

    Args:
        county: Where.
        form: What it says; 四君子汤 where None.
        person: Fields of the registration that differ.

    Returns:
        The prescription.
    """
    doctor, own = county.foreign_doctor, county.patient
    fields = {"name": own.name, "id_number": ID_NUMBER, "village_id": county.other_village.id, **person}
    details = PatientDetails(sex=own.sex, born_on=own.born_on, **fields)
    patient = county.do(charting.register_patient, doctor, details, county.new_key())
    visit = county.do(charting.open_encounter, doctor, patient.id or 0, county.new_key())
    begun = county.do(prescribing.begin, doctor, visit.id or 0, county.new_key())
    saved = county.do(prescribing.save, doctor, county.knowledge, begun.key(), begun.version, form or draft())
    return county.do(prescribing.sign, doctor, county.knowledge, saved.key(), saved.version)
