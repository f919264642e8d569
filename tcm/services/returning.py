"""Bags that come back to the centre: counted by another person, and the count agrees or somebody says why."""

from dataclasses import dataclass

from tcm.records.clinical import Prescription
from tcm.records.errors import N_, IllegalMove, Invalid
from tcm.records.lifecycle import State
from tcm.records.permissions import Action, demand
from tcm.records.road import BagReturn, DeliveryAttempt
from tcm.records.roles import Actor, Role
from tcm.services.moving import hold, note
from tcm.store.work import Work


@dataclass(frozen=True)
class Returning:
    """What a courier should bring back, or has brought.

    Args:
        prescription: Which; the page names no patient.
        attempt: The last try.
        bags: How many bags left with the courier.
        returned: What was counted, None before.
    """

    prescription: Prescription
    attempt: DeliveryAttempt
    bags: int
    returned: BagReturn | None


def coming_back(work: Work, actor: Actor) -> list[Returning]:
    """Everything that could not be handed over and has not gone out again.

    Args:
        work: The unit of work.
        actor: Floor staff, a manager, or a courier, who sees the own.

    Returns:
        By number.

    Raises:
        Forbidden: For other roles.
    """
    own = actor.role is Role.COURIER
    if own:
        demand(actor, Action.ROUTE_DELIVER, assigned_to_id=actor.staff_id)
    else:
        demand(actor, Action.ROAD_RECEIVE)
    failed = {each.key(): each for each in work.prescriptions.in_states([State.FAILED])}
    last = {key: tries[-1] for key, tries in work.delivery_attempts.of_prescriptions(failed).items()}
    if own:
        last = {key: each for key, each in last.items() if each.courier_id == actor.staff_id}
    bags = work.bags.of_prescriptions(list(last))
    returned = work.bag_returns.of_attempts([each.id or 0 for each in last.values()])
    found = [
        Returning(failed[key], attempt, len(bags.get(key, [])), returned.get(attempt.id or 0))
        for key, attempt in last.items()
    ]
    return sorted(found, key=lambda each: each.prescription.number or "")


def sign_in(
    work: Work, actor: Actor, prescription_id: int, counted_bags: int, note_text: str = ""
) -> BagReturn:
    """Count the bags of a prescription that came back.

    Args:
        work: The unit of work.
        actor: Floor staff or a manager: the second person.
        prescription_id: Which.
        counted_bags: How many came back.
        note_text: Why the count differs; may be empty where it does not.

    Returns:
        What was counted; counting the same again changes nothing.

    Raises:
        IllegalMove: When it is not a failed delivery.
        Invalid: When the count differs and nobody said why, or was another before.
        Forbidden: For other roles.
    """
    demand(actor, Action.ROAD_RECEIVE)
    prescription = hold(work, prescription_id)
    attempts = work.delivery_attempts.of_prescriptions([prescription_id]).get(prescription_id, [])
    if prescription.state is not State.FAILED or not attempts:
        raise IllegalMove(N_("这张处方不是未送达，没有要退回的袋子。"))
    attempt_id = attempts[-1].id or 0
    known = work.bag_returns.of_attempts([attempt_id]).get(attempt_id)
    if known is not None:
        if known.counted_bags != counted_bags:
            raise Invalid(N_("已经点过：%(bags)s 袋。数目不对请告诉主管。"), bags=known.counted_bags)
        return known
    expected = len(work.bags.of_prescription(prescription_id))
    if counted_bags != expected and not note_text:
        raise Invalid(N_("应有 %(bags)s 袋，点到的不一样，请写明原因。"), bags=expected)
    note(work, actor, prescription, "bags_back", {"bags": counted_bags, "expected": expected})
    return work.bag_returns.add(
        BagReturn(
            attempt_id=attempt_id,
            prescription_id=prescription_id,
            expected_bags=expected,
            counted_bags=counted_bags,
            note=note_text,
            received_by_id=actor.staff_id,
            received_at=work.now,
        )
    )
