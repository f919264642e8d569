"""What a phone sends later than it was done: taken in order, answered once, never done twice.

The phone makes a key for each thing; what came of it is kept under that key in the transaction that did it.
Sent again, it gets the same answer. A refusal is kept as well: the courier is told, and the manager sees it.
"""

from tcm.records.errors import N_, Invalid, Refused
from tcm.records.permissions import Action, demand
from tcm.records.road import ActKind, CourierAct, PhoneTime
from tcm.records.roles import Actor
from tcm.store.work import Work


def answered(work: Work, actor: Actor, request_key: str) -> CourierAct | None:
    """What came of something when it was sent before.

    Args:
        work: The unit of work.
        actor: The courier.
        request_key: Made by the phone.

    Returns:
        The answer, None where it is new.

    Raises:
        Invalid: When another courier's phone used the key.
        Forbidden: For other roles.
    """
    demand(actor, Action.ROUTE_DELIVER, assigned_to_id=actor.staff_id)
    known = work.courier_acts.of_request(request_key)
    if known is not None and known.courier_id != actor.staff_id:
        raise Invalid(N_("这条记录是另一位配送员的。"))
    return known


def keep_answer(
    work: Work,
    actor: Actor,
    request_key: str,
    kind: ActKind,
    subject_id: int,
    phone: PhoneTime,
    refusal: Refused | None = None,
) -> CourierAct:
    """Keep what came of something a phone sent, in the transaction that did it.

    Args:
        work: The unit of work.
        actor: The courier.
        request_key: Made by the phone.
        kind: What it was.
        subject_id: Prescription, or route.
        phone: When, by the phone's clock.
        refusal: Why it was not done, None where it was.

    Returns:
        The answer.
    """
    return work.courier_acts.add(
        CourierAct(
            request_key=request_key,
            courier_id=actor.staff_id,
            kind=kind,
            subject_id=subject_id,
            refusal=refusal.msgid if refusal else "",
            refusal_values={key: str(value) for key, value in refusal.values.items()} if refusal else {},
            phone_at=phone.at,
            phone_skew_s=phone.skew_s,
            received_at=work.now,
        )
    )


def note_seen(work: Work, actor: Actor, act_id: int) -> CourierAct:
    """The manager takes note that something a phone sent was refused.

    Args:
        work: The unit of work.
        actor: A manager.
        act_id: Which.

    Returns:
        The answer.

    Raises:
        NotFound: When there is none.
        Forbidden: For other roles.
    """
    demand(actor, Action.ROAD_DECIDE)
    act = work.courier_acts.get(act_id)
    if act.seen_at is None:
        act.seen_by_id, act.seen_at = actor.staff_id, work.now
        work.session.flush()
    return act
