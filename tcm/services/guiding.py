"""What the floor must know to take the next step of one prescription: herbs, programme, bags."""

from dataclasses import dataclass

from tcm.knowledge import Knowledge
from tcm.knowledge.decoction import BoilProgramme
from tcm.records.clinical import Bag, Prescription
from tcm.records.lifecycle import State
from tcm.records.people import Institution, Patient
from tcm.records.permissions import Action
from tcm.records.roles import Actor
from tcm.services.access import look_at_prescription
from tcm.services.flooring import boil_programme, demand_approved, next_step
from tcm.services.instructing import packed_apart
from tcm.services.packing import pouches_of
from tcm.store.stock_queries import Pick, picks_of
from tcm.store.work import Work


@dataclass(frozen=True)
class Card:
    """One prescription as it lies beside the scales and the pots.

    Args:
        prescription: With its herbs.
        patient: For whom.
        institution: Where it was written.
        village: Where it goes.
        boil: How it is soaked and boiled, None where the centre does not decoct it.
        parcels: Pouches, sachets or packets it makes.
        apart: Of what is not decocted, the small packets with a note of their own.
        bags: Those packed and not scrapped.
        next_step: What the floor does with it next, None where it is out of its hands.
        pot_code: The pot it is in, empty where it is in none.
        picks: Where its herbs lie, in the order of the bins; empty where no stock is kept on record.
    """

    prescription: Prescription
    patient: Patient
    institution: Institution
    village: Institution
    boil: BoilProgramme | None
    parcels: int
    apart: tuple[tuple[str, tuple[str, ...]], ...]
    bags: list[Bag]
    next_step: State | None
    pot_code: str
    picks: list[Pick]


def open_card(work: Work, actor: Actor, knowledge: Knowledge, prescription_id: int) -> Card:
    """The card of one prescription.

    Args:
        work: The unit of work.
        actor: Floor staff.
        knowledge: The boil rules.
        prescription_id: Which.

    Returns:
        The card; the look is audited.

    Raises:
        NotFound: When there is none.
        IllegalMove: Before it is approved.
        Forbidden: For other roles.
    """
    prescription = work.prescriptions.get(prescription_id)
    look_at_prescription(work, actor, prescription, Action.FLOOR_MOVE)
    demand_approved(prescription)
    needs_pot = prescription.preparation.needs_pot
    pot = work.pots.get(prescription.pot_id) if prescription.pot_id is not None else None
    return Card(
        prescription=prescription,
        patient=work.patients.get(prescription.patient_id),
        institution=work.institutions.get(prescription.institution_id),
        village=work.institutions.get(prescription.village_id),
        boil=boil_programme(work, knowledge, prescription) if needs_pot else None,
        parcels=pouches_of(prescription),
        apart=() if needs_pot else packed_apart(prescription, knowledge),
        bags=work.bags.of_prescription(prescription_id),
        next_step=next_step(prescription.state, prescription.preparation),
        pot_code=pot.code if pot else "",
        picks=picks_of(work.session, prescription_id),
    )
