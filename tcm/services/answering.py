"""What another system may know of its own house's prescriptions: where they stand, never whose they are."""

from collections.abc import Sequence
from dataclasses import dataclass

from tcm.records.clinical import Bag, Prescription, ReviewRecord
from tcm.records.errors import N_, NotFound
from tcm.records.lifecycle import State
from tcm.records.people import Institution, InstitutionKind
from tcm.records.systems import Caller, Right, demand_right
from tcm.services.appraising import month_of
from tcm.services.tracing import PublicTrace, Step, public_trace
from tcm.store.system_queries import Change, MonthCounts, changes_since, month_counts, prescription_id_of
from tcm.store.work import Work

CHANGES_AT_MOST = 200


@dataclass(frozen=True)
class PrescriptionShown:
    """Where a prescription stands, without a name.

    Args:
        prescription: The prescription.
        village: Where its medicine goes.
        returned: The decision by which it was sent back, while it stands so.
        steps: Its way so far, oldest first.
        bags: Its bags, none before it is packed.
        sent_as: What the other system calls it by, None where it was typed here.
    """

    prescription: Prescription
    village: Institution
    returned: ReviewRecord | None
    steps: list[Step]
    bags: list[Bag]
    sent_as: str | None


@dataclass(frozen=True)
class Changes:
    """What changed since a cursor.

    Args:
        rows: Oldest first.
        sent_as: What the other system calls them by, by our row; those typed here are left out.
        cursor: To ask on from.
        more: Whether there is more already.
    """

    rows: Sequence[Change]
    sent_as: dict[int, str]
    cursor: int
    more: bool


def prescription_shown(work: Work, caller: Caller, number: str) -> PrescriptionShown:
    """Where one prescription stands.

    Args:
        work: The unit of work.
        caller: The system that asks.
        number: What people call it by.

    Returns:
        Its state and its way.

    Raises:
        NotFound: When the caller's house wrote none under this number.
        Forbidden: Without the right.
    """
    demand_right(caller, Right.PRESCRIPTIONS)
    key = prescription_id_of(work.session, caller.institution_id, number)
    if key is None:
        raise NotFound(N_("没有这张处方。"))
    prescription = work.prescriptions.get(key)
    decisions = work.reviews.of_prescription(key) if prescription.state is State.RETURNED else []
    return PrescriptionShown(
        prescription=prescription,
        village=work.institutions.get(prescription.village_id),
        returned=decisions[0] if decisions else None,
        steps=[Step(event.target, event.at) for event in work.ledger.events(key) if event.kind == "move"],
        bags=work.bags.of_prescription(key),
        sent_as=work.incoming.of_prescriptions([key]).get(key),
    )


def changes(work: Work, caller: Caller, after: int, limit: int) -> Changes:
    """What moved among the caller's own prescriptions since it last asked.

    Args:
        work: The unit of work.
        caller: The system that asks.
        after: The cursor it was given last, 0 at first.
        limit: At most so many, of `CHANGES_AT_MOST`.

    Returns:
        The moves, and the cursor to ask on from.

    Raises:
        Forbidden: Without the right.
    """
    demand_right(caller, Right.PRESCRIPTIONS)
    wanted = min(limit, CHANGES_AT_MOST)
    found = changes_since(work.session, caller.institution_id, after, wanted + 1)
    rows = found[:wanted]
    return Changes(
        rows=rows,
        sent_as=work.incoming.of_prescriptions(row.prescription_id for row in rows),
        cursor=rows[-1].cursor if rows else after,
        more=len(found) > wanted,
    )


def bag_shown(work: Work, caller: Caller, code: str) -> PublicTrace:
    """What anyone who holds a bag may know, for the house that wrote its prescription.

    Args:
        work: The unit of work.
        caller: The system that asks.
        code: Of the bag.

    Returns:
        The trace, without a name or an herb.

    Raises:
        NotFound: When the caller's house has no such bag.
        Forbidden: Without the right.
    """
    demand_right(caller, Right.TRACE)
    trace = public_trace(work, code)
    if trace.institution.id != caller.institution_id:
        raise NotFound(N_("没有这个袋码，请核对后再扫一次。"))
    return trace


def indicators(work: Work, caller: Caller, month: str) -> MonthCounts:
    """A month in numbers: of the caller's house, or of the whole county for a system of the centre.

    Args:
        work: The unit of work.
        caller: The system that asks.
        month: Such as 2026-11.

    Returns:
        The counts.

    Raises:
        Invalid: When it is no month.
        Forbidden: Without the right.
    """
    demand_right(caller, Right.INDICATORS)
    since, until = month_of(month)
    house = work.institutions.get(caller.institution_id)
    own = None if house.kind is InstitutionKind.CENTRE else house.id
    return month_counts(work.session, since, until, own)
