"""What an inspector is shown of a bag: every lot, every hand by name, every minute, and what seals it."""

from dataclasses import dataclass

from tcm.knowledge import Knowledge
from tcm.records.ledger import Head
from tcm.records.outage import PaperSignature
from tcm.records.people import Institution
from tcm.records.permissions import Action
from tcm.records.roles import Actor
from tcm.services.access import look_at_prescription
from tcm.services.proving import BagRecord, record_of_bag
from tcm.store.trace_queries import is_recalled
from tcm.store.work import Work


@dataclass(frozen=True)
class Proof:
    """The record of a bag with names of hands and houses.

    Args:
        record: Lots, events, pot, route; the chain is walked anew.
        house: Where it was prescribed.
        people: Name of everyone in the chain, by row of staff.
        courier: Who carried it last, empty before.
        vehicle: In which vehicle, empty before.
        on_paper: What was signed on paper during an outage.
        head: The daily head that seals the chain's last event, None before one does.
        recalled: Whether a lot in it is called back.
    """

    record: BagRecord
    house: Institution
    people: dict[int, str]
    courier: str
    vehicle: str
    on_paper: list[PaperSignature]
    head: Head | None
    recalled: bool


def prove(work: Work, actor: Actor, knowledge: Knowledge, code: str) -> Proof:
    """The proof of a bag; the look at it is on record.

    Args:
        work: The unit of work.
        actor: Floor staff, a pharmacist, a manager, or a doctor of the house that prescribed.
        knowledge: Says what is dispensed for a name.
        code: Of the bag.

    Returns:
        The proof.

    Raises:
        NotFound: When no bag has the code.
        Forbidden: When the actor may not see it.
    """
    bag = work.bags.by_code(code)
    prescription = work.prescriptions.get(bag.prescription_id)
    look_at_prescription(work, actor, prescription, Action.TRACE_READ)
    record = record_of_bag(work, knowledge, code)
    on_paper = work.paper_signatures.of_prescription(prescription.key())
    route = record.route
    hands = {each.actor_id for each in record.events} | {each.signed_by_id for each in on_paper}
    people = work.staff.by_ids(hands | ({route.courier_id} if route else set()))
    return Proof(
        record=record,
        house=work.institutions.get(prescription.institution_id),
        people={row: person.name for row, person in people.items()},
        courier=people[route.courier_id].name if route else "",
        vehicle=work.vehicles.get(route.vehicle_id).name if route else "",
        on_paper=on_paper,
        head=work.ledger.head_over(prescription.key()),
        recalled=is_recalled(work.session, bag.id or 0),
    )
