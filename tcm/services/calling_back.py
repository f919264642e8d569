"""Calling a lot back: it is blocked, every bag is found, nothing goes on, one act tells the patients."""

from collections.abc import Sequence
from dataclasses import dataclass

from tcm.records.aftercare import Notice, NoticeKind, NoticeState, Recall, RecallState
from tcm.records.clinical import Prescription
from tcm.records.errors import N_, IllegalMove, Invalid
from tcm.records.lifecycle import State
from tcm.records.permissions import Action, demand
from tcm.records.roles import Actor
from tcm.records.stock import Lot, LotState, Supplier
from tcm.services.access import demand_same_form, look
from tcm.services.moving import hold, note
from tcm.services.notifying import queue
from tcm.store.trace_queries import LotUse, SentAway, recalled_prescriptions, sent_of_lots, uses_of_lots
from tcm.store.work import Work

LISTED = 30
MOST_REASON = 200
# It has left the centre: the patient has it, or will be handed it.
OUT = frozenset({State.LOADED, State.DELIVERED, State.FAILED})
CALLED_BACK, LET_GO = "called_back", "let_go"


@dataclass(frozen=True)
class CalledBack:
    """One prescription with something of the lot in it.

    Args:
        use: Its number, state, village, township and grams.
        bags: Codes of its bags that are not scrapped; none while it is not packed.
        notice: What its patient was told, None so far.
    """

    use: LotUse
    bags: tuple[str, ...]
    notice: Notice | None

    @property
    def is_out(self) -> bool:
        """Whether it has left the centre, so that its patient is told."""
        return self.use.state in OUT and bool(self.bags)


@dataclass(frozen=True)
class LotPage:
    """A lot, where it went, and whether it is called back.

    Args:
        lot: Which.
        supplier: From whom.
        recall: The recall that stands, or the one that was asked for; None where there is none.
        out: Prescriptions that have left the centre.
        inside: Prescriptions that are still there: nothing goes on with them but scrapping.
        scrapped: Bags that were scrapped already.
        people: Names of those who drafted and decided, by row.
        sent: What went to townships by requisitions: they are called, newest first.
    """

    lot: Lot
    supplier: Supplier
    recall: Recall | None
    out: Sequence[CalledBack]
    inside: Sequence[CalledBack]
    scrapped: Sequence[LotUse]
    people: dict[int, str]
    sent: Sequence[SentAway]


@dataclass(frozen=True)
class ListedRecall:
    """A recall in a list.

    Args:
        recall: Which.
        lot: Of which lot.
    """

    recall: Recall
    lot: Lot


@dataclass(frozen=True)
class Unreached:
    """A notice that reached nobody.

    Args:
        notice: Which.
        prescription: For whose medicine.
        village: Where its clinic can be called.
        village_phone: Its line, or empty.
    """

    notice: Notice
    prescription: Prescription
    village: str
    village_phone: str


@dataclass(frozen=True)
class TraceDesk:
    """The first page of tracing and calling back.

    Args:
        recalls: The last recalls, newest first.
        unreached: Notices that reached nobody, newest first.
        notices: How many notices are in each state but sent.
    """

    recalls: list[ListedRecall]
    unreached: list[Unreached]
    notices: dict[NoticeState, int]


def open_desk(work: Work, actor: Actor) -> TraceDesk:
    """What is called back, and whom nobody reached.

    Args:
        work: The unit of work.
        actor: Floor staff, a pharmacist or a manager.

    Returns:
        The first page.

    Raises:
        Forbidden: For other roles.
    """
    demand(actor, Action.RECALL_READ)
    recalls = work.recalls.newest(LISTED)
    lots = work.lots.by_ids(each.lot_id for each in recalls)
    lost = work.notices.undelivered(LISTED)
    prescriptions = work.prescriptions.by_ids(each.prescription_id for each in lost)
    villages = work.institutions.by_ids(each.village_id for each in prescriptions.values())
    unreached = []
    for notice in lost:
        prescription = prescriptions[notice.prescription_id]
        village = villages[prescription.village_id]
        unreached.append(Unreached(notice, prescription, village.name, village.phone))
    listed = [ListedRecall(each, lots[each.lot_id]) for each in recalls]
    return TraceDesk(listed, unreached, work.notices.counts_unsent())


def open_lot(work: Work, actor: Actor, lot_id: int) -> LotPage:
    """Where a lot went.

    Args:
        work: The unit of work.
        actor: Floor staff, a pharmacist or a manager.
        lot_id: Which.

    Returns:
        Every prescription with something of it, those that are out first.

    Raises:
        NotFound: When there is no such lot.
        Forbidden: For other roles.
    """
    look(work, actor, Action.RECALL_READ, "lot", lot_id)
    return _page(work, work.lots.get(lot_id), work.recalls.standing_of([lot_id]).get(lot_id))


def open_recall(work: Work, actor: Actor, recall_id: int) -> LotPage:
    """One recall with every bag and what its patient was told.

    Args:
        work: The unit of work.
        actor: Floor staff, a pharmacist or a manager.
        recall_id: Which.

    Returns:
        The lot's page under this recall.

    Raises:
        NotFound: When there is none.
        Forbidden: For other roles.
    """
    look(work, actor, Action.RECALL_READ, "recall", recall_id)
    recall = work.recalls.get(recall_id)
    return _page(work, work.lots.get(recall.lot_id), recall)


def draft(work: Work, actor: Actor, lot_id: int, reason: str, request_key: str) -> Recall:
    """Call a lot back: it is blocked at once, and what has it in it stops where it is; nobody is told yet.

    Args:
        work: The unit of work.
        actor: A pharmacist or a manager.
        lot_id: Which.
        reason: Why, in words.
        request_key: The form's own key.

    Returns:
        The draft; the same one for the same key.

    Raises:
        NotFound: When there is no such lot.
        Invalid: Without a reason, for a lot that never passed, or one that is called back already.
        Forbidden: For other roles.
    """
    demand(actor, Action.RECALL_DRAFT)
    earlier = work.recalls.of_request(request_key)
    if earlier is not None:
        demand_same_form(made_there=earlier.lot_id == lot_id)
        return earlier
    reason = reason.strip()
    if not reason or len(reason) > MOST_REASON:
        raise Invalid(N_("请写明原因。"))
    lot = _hold(work, lot_id)
    if lot.state not in (LotState.PASSED, LotState.BLOCKED):
        raise Invalid(N_("这个批次没有验收通过，没有发出过，不用召回。"))
    if work.recalls.standing_of([lot_id]):
        raise Invalid(N_("这个批次已经在召回。"))
    lot.state, lot.note = LotState.BLOCKED, reason
    recall = work.recalls.add(
        Recall(
            lot_id=lot_id,
            reason=reason,
            began_by_id=actor.staff_id,
            began_at=work.now,
            request_key=request_key,
        )
    )
    _chain(work, actor, recall, CALLED_BACK)
    return recall


def send(work: Work, actor: Actor, recall_id: int) -> int:
    """Tell every patient whose medicine has left the centre, by one act; again for those it left for since.

    Args:
        work: The unit of work.
        actor: A manager.
        recall_id: Which.

    Returns:
        How many are newly told; each is told once, however often this is asked for.

    Raises:
        NotFound: When there is none.
        IllegalMove: When it was withdrawn.
        Forbidden: For other roles.
    """
    demand(actor, Action.RECALL_SEND)
    recall = _fresh(work, recall_id)
    if recall.state is RecallState.WITHDRAWN:
        raise IllegalMove(N_("这次召回已经撤回。"))
    page = _page(work, work.lots.get(recall.lot_id), recall)
    told = queue(work, [each.use.prescription_id for each in page.out], NoticeKind.RECALLED, str(recall_id))
    if recall.state is RecallState.DRAFT:
        recall.state, recall.decided_by_id, recall.decided_at = RecallState.SENT, actor.staff_id, work.now
    work.session.flush()
    return told


def withdraw(work: Work, actor: Actor, recall_id: int) -> Recall:
    """Take a draft back; the lot stays blocked until a pharmacist unlocks it.

    Args:
        work: The unit of work.
        actor: A manager.
        recall_id: Which.

    Returns:
        The recall.

    Raises:
        NotFound: When there is none.
        IllegalMove: When the patients were told already, or it was withdrawn.
        Forbidden: For other roles.
    """
    demand(actor, Action.RECALL_SEND)
    recall = _fresh(work, recall_id)
    if recall.state is not RecallState.DRAFT:
        raise IllegalMove(N_("已经通知了患者，不能撤回。"))
    recall.state, recall.decided_by_id, recall.decided_at = RecallState.WITHDRAWN, actor.staff_id, work.now
    _chain(work, actor, recall, LET_GO)
    work.session.flush()
    return recall


def demand_not_recalled(work: Work, prescription: Prescription) -> None:
    """Let nothing go on with a lot that is called back in it.

    Args:
        work: The unit of work.
        prescription: Held for this work.

    Raises:
        IllegalMove: When such a lot is in what was dispensed last.
    """
    if recalled_prescriptions(work.session, [prescription.key()]):
        raise IllegalMove(N_("这张处方里有召回的批次，请按“批次召回”报废，重新调剂。"))


def _hold(work: Work, lot_id: int) -> Lot:
    """Hold a lot and what was dispensed of it: prescriptions before lots, as everybody holds them."""
    for prescription_id in _users(work, lot_id):
        hold(work, prescription_id)
    herb = work.lots.get(lot_id).herb
    return next(each for each in work.lots.locked_of_herbs({herb}, [lot_id]) if each.id == lot_id)


def _fresh(work: Work, recall_id: int) -> Recall:
    _hold(work, work.recalls.get(recall_id).lot_id)
    return work.recalls.fresh(recall_id)


def _chain(work: Work, actor: Actor, recall: Recall, kind: str) -> None:
    """Write into every chain that something of the lot is in that it is called back, or no longer."""
    for prescription_id in _users(work, recall.lot_id):
        # What was dispensed between the two holds is not held: if it moves meanwhile this is refused.
        prescription = work.prescriptions.get(prescription_id)
        note(work, actor, prescription, kind, {"recall": recall.key(), "lot": recall.lot_id})


def _users(work: Work, lot_id: int) -> list[int]:
    return sorted({use.prescription_id for use in uses_of_lots(work.session, [lot_id])})


def _page(work: Work, lot: Lot, recall: Recall | None) -> LotPage:
    uses = uses_of_lots(work.session, [lot.id or 0])
    notices = work.notices.of_recall(recall.key()) if recall is not None else {}
    grouped: dict[int, list[LotUse]] = {}
    for use in uses:
        if use.voided_at is None:
            grouped.setdefault(use.prescription_id, []).append(use)
    found = [
        CalledBack(each[0], tuple(use.bag_code for use in each if use.bag_code), notices.get(row))
        for row, each in grouped.items()
    ]
    hands = {recall.began_by_id, recall.decided_by_id} - {None} if recall is not None else set()
    return LotPage(
        lot=lot,
        supplier=work.suppliers.get(lot.supplier_id),
        recall=recall,
        out=[each for each in found if each.is_out],
        inside=[each for each in found if not each.is_out],
        scrapped=[use for use in uses if use.voided_at is not None],
        people={row: one.name for row, one in work.staff.by_ids(row for row in hands if row).items()},
        sent=sent_of_lots(work.session, [lot.id or 0]),
    )
