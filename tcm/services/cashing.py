"""Cash at the door: what is to be collected, what was, and the count at the centre by another person."""

from collections.abc import Sequence
from dataclasses import dataclass

from tcm.records.clinical import Prescription
from tcm.records.errors import N_, IllegalMove, Invalid, NotFound
from tcm.records.lifecycle import OPEN_STATES
from tcm.records.permissions import Action, demand
from tcm.records.road import CashDue, CashHandIn, CashReceipt
from tcm.records.roles import Actor
from tcm.services.access import demand_same_form
from tcm.services.moving import hold, note
from tcm.store.work import Work


@dataclass(frozen=True)
class Purse:
    """What a courier has in hand.

    Args:
        courier_id: Whose.
        receipts: That have not come to the centre, in order.
    """

    courier_id: int
    receipts: Sequence[CashReceipt]

    @property
    def paid_fen(self) -> int:
        """Their sum."""
        return sum(each.paid_fen for each in self.receipts)


def set_due(work: Work, actor: Actor, number: str, due_fen: int) -> CashDue | None:
    """Say what is to be collected at the door for a prescription.

    Args:
        work: The unit of work.
        actor: A manager.
        number: Of the prescription.
        due_fen: Fen; 0 for nothing any more.

    Returns:
        What is to be collected, None for nothing.

    Raises:
        NotFound: When no prescription has the number.
        IllegalMove: When it was handed over, or is not approved.
        Forbidden: For other roles.
    """
    demand(actor, Action.ROAD_DECIDE)
    found = work.prescriptions.by_number(number)
    if found is None:
        raise NotFound(N_("没有这个处方编号。"))
    prescription = hold(work, found.key())
    if prescription.state not in OPEN_STATES:
        raise IllegalMove(N_("这张处方不在配送中，不能改代收金额。"))
    due = work.cash_dues.of_prescription(prescription.key())
    if due is not None and due.due_fen == due_fen:
        return due
    note(work, actor, prescription, "cash_due", {"due_fen": due_fen})
    if due is not None:
        work.session.delete(due)
        work.session.flush()
    if not due_fen:
        return None
    return work.cash_dues.add(
        CashDue(
            prescription_id=prescription.key(), due_fen=due_fen, set_by_id=actor.staff_id, set_at=work.now
        )
    )


def collect(work: Work, actor: Actor, prescription: Prescription, paid_fen: int | None) -> CashReceipt | None:
    """Keep what was paid for a held prescription that is handed over.

    Args:
        work: The unit of work.
        actor: The courier.
        prescription: From `hold`.
        paid_fen: Fen, None where nobody said.

    Returns:
        The receipt, None where nothing was to be collected.

    Raises:
        Invalid: When something is to be collected and nobody said what was, or the other way round.
    """
    due = work.cash_dues.of_prescription(prescription.key())
    if due is None:
        if paid_fen:
            raise Invalid(N_("这件没有代收，不要收钱；已收的请当面退还。"))
        return None
    if paid_fen is None:
        raise Invalid(N_("这件要代收，请填实收金额；一分没收填 0。"))
    due.settled_at = work.now
    return work.cash_receipts.add(
        CashReceipt(
            prescription_id=prescription.key(),
            courier_id=actor.staff_id,
            due_fen=due.due_fen,
            paid_fen=paid_fen,
            received_at=work.now,
        )
    )


def purses(work: Work, actor: Actor) -> list[Purse]:
    """What every courier has in hand.

    Args:
        work: The unit of work.
        actor: Floor staff or a manager.

    Returns:
        By courier; those who have nothing are left out.

    Raises:
        Forbidden: For other roles.
    """
    demand(actor, Action.ROAD_RECEIVE)
    by_courier: dict[int, list[CashReceipt]] = {}
    for receipt in work.cash_receipts.with_couriers():
        by_courier.setdefault(receipt.courier_id, []).append(receipt)
    return [Purse(courier_id, by_courier[courier_id]) for courier_id in sorted(by_courier)]


def own_purse(work: Work, actor: Actor) -> Purse:
    """What the courier has in hand.

    Args:
        work: The unit of work.
        actor: A courier.

    Returns:
        The purse, empty where everything was handed in.
    """
    demand(actor, Action.ROUTE_DELIVER, assigned_to_id=actor.staff_id)
    kept = [each for each in work.cash_receipts.with_couriers() if each.courier_id == actor.staff_id]
    return Purse(actor.staff_id, kept)


def hand_in(
    work: Work, actor: Actor, courier_id: int, counted_fen: int, note_text: str, request_key: str
) -> CashHandIn:
    """Count a courier's cash.

    Args:
        work: The unit of work.
        actor: Floor staff or a manager: the second person.
        courier_id: Whose cash.
        counted_fen: Fen.
        note_text: Why it differs from the receipts; may be empty where it does not.
        request_key: Key of the form.

    Returns:
        The hand-in; the same form sent again finds it.

    Raises:
        Invalid: When it differs and nobody said why; when the courier has nothing to hand in.
        Forbidden: For other roles.
    """
    demand(actor, Action.ROAD_RECEIVE)
    made = work.cash_hand_ins.of_request(request_key)
    if made is not None:
        demand_same_form(made_there=made.courier_id == courier_id)
        return made
    receipts = work.cash_receipts.with_couriers(courier_id)
    if not receipts:
        raise Invalid(N_("这位配送员没有要交的款。"))
    expected_fen = sum(each.paid_fen for each in receipts)
    if counted_fen != expected_fen and not note_text:
        raise Invalid(N_("点数和收据不一样，请写明原因。"))
    made = work.cash_hand_ins.add(
        CashHandIn(
            courier_id=courier_id,
            expected_fen=expected_fen,
            counted_fen=counted_fen,
            note=note_text,
            received_by_id=actor.staff_id,
            received_at=work.now,
            request_key=request_key,
        )
    )
    for receipt in receipts:
        receipt.hand_in_id = made.id
    work.session.flush()
    return made
