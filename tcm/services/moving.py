"""The only code that changes a prescription's state: a row of MOVES and an event in the ledger."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from tcm.records.clinical import Prescription
from tcm.records.errors import Stale
from tcm.records.ledger import Event
from tcm.records.lifecycle import State, find_move
from tcm.records.roles import Actor
from tcm.store.work import Work


def hold(work: Work, prescription_id: int, version: int | None = None) -> Prescription:
    """The prescription as it is now, held for this work alone.

    Args:
        work: The unit of work.
        prescription_id: Its row.
        version: What the asking page knew; None where any will do, as for a scan.

    Returns:
        The prescription.

    Raises:
        NotFound: When there is none.
        Stale: When the page knew an older one.
    """
    prescription = work.prescriptions.locked(prescription_id)
    if version is not None and prescription.version != version:
        raise Stale
    return prescription


def moment(work: Work, prescription: Prescription) -> datetime:
    """Now; or just after the prescription's last step, where the clock was put back since.

    What becomes of a batch is told from the order of times: recalls ask what was dispensed before a bag was
    packed, and not scrapped in between.

    Args:
        work: The unit of work.
        prescription: From `hold`.

    Returns:
        Aware UTC, never before `edited_at`.
    """
    if work.now >= prescription.edited_at:
        return work.now
    return prescription.edited_at + timedelta(microseconds=1)


def move(
    work: Work,
    actor: Actor,
    prescription: Prescription,
    target: State,
    *,
    reason_code: str | None = None,
    payload: Mapping[str, object] | None = None,
) -> Event:
    """Move a held prescription to another state and write the event.

    Args:
        work: The unit of work.
        actor: Who moves it.
        prescription: From `hold`.
        target: Where to.
        reason_code: Why, where the move needs a reason.
        payload: What else the event must keep: codes and ids only.

    Returns:
        The event.

    Raises:
        IllegalMove: When the table has no such move for this role, or not for how this one is prepared.
        Invalid: When a needed reason is missing.
    """
    needs_pot = prescription.preparation.needs_pot
    find_move(prescription.state, target, actor.role, reason_code, needs_pot=needs_pot)
    source, prescription.state = prescription.state, target
    prescription.edited_at = at = moment(work, prescription)
    reason = {"reason": reason_code} if reason_code else {}
    return work.ledger.append(
        prescription.key(),
        "move",
        actor,
        at,
        source=source,
        target=target,
        payload={**(payload or {}), **reason},
    )


def note(
    work: Work, actor: Actor, prescription: Prescription, kind: str, payload: Mapping[str, object]
) -> Event:
    """Write an event that leaves the state as it is.

    Args:
        work: The unit of work.
        actor: Who did it.
        prescription: To which.
        kind: What was done, such as `claimed` or `adopted`.
        payload: Codes and ids only.

    Returns:
        The event.
    """
    return work.ledger.append(
        prescription.key(),
        kind,
        actor,
        moment(work, prescription),
        source=prescription.state,
        target=prescription.state,
        payload=payload,
    )
