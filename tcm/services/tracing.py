"""What a bag can tell: to anyone who holds it without a name, to staff with every hand and minute."""

from dataclasses import dataclass
from datetime import date, datetime

from tcm.records.clinical import Bag, Preparation, Prescription
from tcm.records.ledger import Event
from tcm.records.lifecycle import State
from tcm.records.people import Institution
from tcm.records.permissions import Action
from tcm.records.roles import Actor
from tcm.services.access import look_at_prescription
from tcm.store.trace_queries import is_recalled
from tcm.store.work import Work


@dataclass(frozen=True)
class Step:
    """One step of a bag's way.

    Args:
        state: What it became.
        at: When.
    """

    state: State
    at: datetime


@dataclass(frozen=True)
class PublicTrace:
    """What anyone holding the bag may know; no name, no illness, no herbs.

    Args:
        code: Of the bag.
        number: Of the prescription.
        state: Where it stands.
        institution: Where it was written.
        village: Where it goes.
        centre: The house to call.
        bag: Pouches and millilitres.
        bags_count: Bags of this prescription.
        doses_count: 剂数.
        usage: How to take it.
        preparation: What is in the bag.
        voided: True where this bag was scrapped and must not be taken.
        steps: Its way so far, oldest first.
        entered_later: Whether it was first written on paper, during an outage.
        recalled: True where a lot in it is called back: it must not be taken.
        promised: While it is on the road, the window that was promised; None else.
    """

    code: str
    number: str
    state: State
    institution: Institution
    village: Institution
    centre: Institution
    bag: Bag
    bags_count: int
    doses_count: int
    usage: str
    preparation: Preparation
    voided: bool
    steps: list[Step]
    entered_later: bool
    recalled: bool
    promised: tuple[datetime, datetime] | None


@dataclass(frozen=True)
class StaffTrace:
    """What staff may know besides.

    Args:
        public: The same as anyone sees.
        prescription: With its herbs.
        events: The whole chain.
        staff_names: Name by row of everyone in the chain.
    """

    public: PublicTrace
    prescription: Prescription
    events: list[Event]
    staff_names: dict[int, str]


def public_trace(work: Work, code: str) -> PublicTrace:
    """What the QR code on a bag shows without log-in.

    Args:
        work: The unit of work.
        code: Of the bag.

    Returns:
        The trace.

    Raises:
        NotFound: When no bag has the code.
    """
    bag = work.bags.by_code(code)
    prescription = work.prescriptions.get(bag.prescription_id)
    events = work.ledger.events(prescription.key())
    moves = [Step(event.target, event.at) for event in events if event.kind == "move"]
    bags = work.bags.of_prescription(prescription.key())
    return PublicTrace(
        code=bag.code,
        number=prescription.number or "",
        state=prescription.state,
        institution=work.institutions.get(prescription.institution_id),
        village=work.institutions.get(prescription.village_id),
        centre=work.institutions.of_kind("centre")[0],
        bag=bag,
        bags_count=len(bags),
        doses_count=prescription.doses_count,
        usage=prescription.usage,
        preparation=prescription.preparation,
        voided=bag.voided_at is not None,
        steps=moves,
        entered_later=prescription.paper_number is not None,
        recalled=is_recalled(work.session, bag.id or 0),
        promised=_promised(work, prescription) if prescription.state is State.LOADED else None,
    )


def _promised(work: Work, prescription: Prescription) -> tuple[datetime, datetime] | None:
    route = work.routes.carrying([prescription.key()]).get(prescription.key())
    for stop in route.stops if route else ():
        if any(each.prescription_id == prescription.key() for each in stop.deliveries):
            return stop.promised_from_at, stop.promised_to_at
    return None


def staff_trace(work: Work, actor: Actor, code: str) -> StaffTrace:
    """Every step of a bag with the hands it went through.

    Args:
        work: The unit of work.
        actor: Who looks.
        code: Of the bag.

    Returns:
        The trace.

    Raises:
        NotFound: When no bag has the code.
        Forbidden: When the actor may not see it.
    """
    prescription = work.prescriptions.get(work.bags.by_code(code).prescription_id)
    look_at_prescription(work, actor, prescription, Action.TRACE_READ)
    events = work.ledger.events(prescription.key())
    names = {key: staff.name for key, staff in work.staff.by_ids(e.actor_id for e in events).items()}
    return StaffTrace(public_trace(work, code), prescription, events, names)


def keep_until(packed_on: date, days: int) -> date:
    """The last day a pouch should be taken.

    Args:
        packed_on: County date of packing.
        days: How long the centre lets it be kept in a cold place.

    Returns:
        County date.
    """
    return date.fromordinal(packed_on.toordinal() + days)
