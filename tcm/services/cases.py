"""Turns a stored prescription into what the review engine checks."""

from datetime import date

from tcm.records.clinical import Encounter, Item, Prescription
from tcm.records.clock import age_years
from tcm.records.people import Patient
from tcm.review import Case, Line, PatientFacts


def lines_of(items: list[Item]) -> tuple[Line, ...]:
    """The herbs as the engine reads them.

    Args:
        items: Of a prescription.

    Returns:
        Lines in the same order.
    """
    return tuple(Line(item.written_as, item.dose_g, item.decoction_note) for item in items)


def case_of(prescription: Prescription, patient: Patient, encounter: Encounter, on: date) -> Case:
    """The case that the review engine checks.

    Args:
        prescription: With its items.
        patient: For whom.
        encounter: The visit.
        on: The day the patient's age is taken.

    Returns:
        The case; its second signatures are those given by a doctor.
    """
    facts = PatientFacts(
        age_years=age_years(patient.born_on, on),
        sex=patient.sex.value,
        pregnant=encounter.pregnant,
        lactating=encounter.lactating,
        western_drugs=tuple(encounter.western_drugs),
        allergies=tuple(patient.allergies),
        conditions=tuple(encounter.conditions),
    )
    return Case(
        lines=lines_of(prescription.items),
        patient=facts,
        disease=prescription.disease,
        syndrome=prescription.syndrome,
        visit_type=prescription.visit_type.value,
        doses_count=prescription.doses_count,
        doses_per_day=prescription.doses_per_day,
        extended_supply_reason=prescription.extended_supply_reason or None,
        second_signatures=tuple(
            i.written_as for i in prescription.items if i.second_signed_by_id is not None
        ),
        usage=prescription.usage,
    )
