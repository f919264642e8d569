"""Turns a stored prescription into what the review engine checks."""

from datetime import date, timedelta

from tcm.records.clinical import Encounter, Item, Prescription
from tcm.records.clock import age_years, county_day, day_start
from tcm.records.people import Patient
from tcm.records.permissions import Action
from tcm.records.roles import Actor
from tcm.review import Case, Line, PatientFacts, SecondSignature, Supply
from tcm.services.second_signatures import answered_of
from tcm.store.supply_queries import SupplyRow, supplies_of_patient
from tcm.store.work import Work

# No form takes more doses than last so long; what was signed earlier is used up.
LONGEST_SUPPLY_DAYS = 180


def lines_of(items: list[Item]) -> tuple[Line, ...]:
    """The herbs as the engine reads them.

    Args:
        items: Of a prescription.

    Returns:
        Lines in the same order.
    """
    return tuple(Line(item.written_as, item.dose_g, item.decoction_note) for item in items)


def case_of(
    prescription: Prescription,
    patient: Patient,
    encounter: Encounter,
    on: date,
    earlier: tuple[Supply, ...] = (),
) -> Case:
    """The case that the review engine checks.

    Args:
        prescription: With its items.
        patient: For whom.
        encounter: The visit.
        on: The county day of the check: of the patient's age, and of the rules in force.
        earlier: What the patient still has of other prescriptions.

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
        labs=dict(encounter.labs),
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
            item.written_as
            for item in prescription.items
            if item.second_signed_by_id is not None and item.second_signed_for is None
        ),
        signed_for=tuple(
            SecondSignature(item.written_as, answered_of(item.second_signed_for))
            for item in prescription.items
            if item.second_signed_by_id is not None and item.second_signed_for is not None
        ),
        usage=prescription.usage,
        earlier=earlier,
        written_on=on,
        preparation=prescription.preparation.value,
    )


def case_today(
    work: Work,
    actor: Actor,
    prescription: Prescription,
    patient: Patient,
    encounter: Encounter,
    *,
    on_record: bool,
) -> Case:
    """The case as it stands today, with what the patient still has of other prescriptions.

    Args:
        work: The unit of work.
        actor: For whom it is checked; may see the prescription.
        prescription: With its items; need not be stored.
        patient: For whom.
        encounter: The visit.
        on_record: As for `earlier_supplies`.

    Returns:
        The case.
    """
    earlier = earlier_supplies(work, actor, prescription, on_record=on_record)
    return case_of(prescription, patient, encounter, county_day(work.now), earlier)


def earlier_supplies(
    work: Work, actor: Actor, prescription: Prescription, *, on_record: bool
) -> tuple[Supply, ...]:
    """What the patient still has today of other signed prescriptions, of any house of the county.

    The same identity number makes the same patient. Of another house only its name, the day, the days left
    and the herbs go to the engine; each such look is audited as a look at a `supply`.

    Args:
        work: The unit of work.
        actor: Who looks.
        prescription: That is checked; need not be stored.
        on_record: True at an opening or a signature; False while one types, the opening being on record.

    Returns:
        Supplies of which a day or part of a day is left, oldest first.
    """
    today = county_day(work.now)
    since = day_start(today - timedelta(days=LONGEST_SUPPLY_DAYS))
    rows = supplies_of_patient(work.session, prescription.patient_id, since=since, but=prescription.id)
    lasting = (
        (row, days_left(row.doses_count, row.doses_per_day, county_day(row.signed_at), today)) for row in rows
    )
    left = [(row, days) for row, days in lasting if days > 0]
    for row, _ in left:
        if on_record and row.institution_id != prescription.institution_id:
            # The law asks for the check, whichever house wrote the other one; it asks for a trace as well.
            work.audit(actor, Action.PRESCRIPTION_READ.value, "supply", row.prescription_id, allowed=True)
    return tuple(_supply(row, days) for row, days in left)


def days_left(doses_count: int, doses_per_day: float, signed_on: date, on: date) -> float:
    """How long the medicine of a prescription still lasts.

    Args:
        doses_count: 剂数.
        doses_per_day: 剂 a day.
        signed_on: County day of the signature, from which it is counted.
        on: The county day that asks.

    Returns:
        Days, 0 or less once it is used up.
    """
    return doses_count / doses_per_day - (on - signed_on).days


def _supply(row: SupplyRow, days: float) -> Supply:
    return Supply(
        label=f"{county_day(row.signed_at):%Y-%m-%d} {row.institution}",
        days_left=days,
        lines=tuple(Line(herb.written_as, herb.dose_g, herb.decoction_note) for herb in row.herbs),
        doses_per_day=row.doses_per_day,
    )
