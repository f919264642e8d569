"""Requisitions (按需申领): a township asks, the centre sends what is free, the township says what arrived."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tcm.knowledge import Knowledge
from tcm.records.errors import N_, IllegalMove, Invalid
from tcm.records.orders import Requisition, RequisitionLine, RequisitionLot, RequisitionState
from tcm.records.people import Institution
from tcm.records.permissions import Action, demand, may
from tcm.records.roles import Actor
from tcm.services.access import demand_same_form
from tcm.services.pricing import milligrams, shelf_name
from tcm.services.reserving import take_free
from tcm.services.stocking import MOST_KG
from tcm.store.work import Work

LISTED_AT_MOST = 50
LINES_AT_MOST = 100


@dataclass(frozen=True)
class RequisitionView:
    """One requisition with the names on it.

    Args:
        requisition: Which.
        house: Who asks.
        people: Names by row of staff.
    """

    requisition: Requisition
    house: Institution
    people: dict[int, str]


def ask(
    work: Work,
    actor: Actor,
    knowledge: Knowledge,
    wanted: Sequence[tuple[str, float]],
    request_key: str,
    *,
    note: str = "",
) -> Requisition:
    """Ask the centre for herbs.

    Args:
        work: The unit of work.
        actor: A doctor, for their house.
        knowledge: Resolves herb names.
        wanted: Of each herb, any of its names and grams; a herb at most once.
        request_key: The form's own key.
        note: What it is for, or empty.

    Returns:
        The requisition; the same one for the same key.

    Raises:
        Invalid: When nothing is asked for, a herb is unknown or named twice, or an amount out of reason.
        Forbidden: For other roles.
    """
    demand(actor, Action.REQUISITION_ASK, institution_id=actor.institution_id)
    earlier = work.requisitions.of_request(request_key)
    if earlier is not None:
        demand_same_form(made_there=earlier.institution_id == actor.institution_id)
        return earlier
    if not 0 < len(wanted) <= LINES_AT_MOST:
        raise Invalid(N_("请至少填一行。"))
    lines = [_line(knowledge, herb, amount_g) for herb, amount_g in wanted]
    twice = [line.herb for line in lines if sum(other.herb == line.herb for other in lines) > 1]
    if twice:
        raise Invalid(N_("%(herb)s写了两行，请合成一行。"), herb=twice[0])
    return work.requisitions.add(
        Requisition(
            institution_id=actor.institution_id,
            note=note.strip(),
            asked_by_id=actor.staff_id,
            asked_at=work.now,
            request_key=request_key,
            lines=lines,
        )
    )


def withdraw(work: Work, actor: Actor, requisition_id: int) -> Requisition:
    """The township does not want it any more.

    Args:
        work: The unit of work.
        actor: A doctor of the house that asked.
        requisition_id: Which.

    Returns:
        The requisition.

    Raises:
        IllegalMove: When the centre has answered already.
        NotFound: When there is none.
        Forbidden: For others.
    """
    requisition = _held(work, actor, Action.REQUISITION_ASK, requisition_id, RequisitionState.ASKED)
    requisition.state = RequisitionState.WITHDRAWN
    return requisition


def refuse(work: Work, actor: Actor, requisition_id: int, reason: str) -> Requisition:
    """The centre sends nothing.

    Args:
        work: The unit of work.
        actor: Floor staff or a manager.
        requisition_id: Which.
        reason: Why.

    Returns:
        The requisition.

    Raises:
        Invalid: When no reason is given.
        IllegalMove: When it does not wait any more.
        NotFound: When there is none.
        Forbidden: For other roles.
    """
    requisition = _held(work, actor, Action.REQUISITION_SEND, requisition_id, RequisitionState.ASKED)
    if not reason.strip():
        raise Invalid(N_("请写明原因。"))
    return _answer(work, actor, requisition, RequisitionState.REFUSED, reason)


def send(
    work: Work,
    actor: Actor,
    requisition_id: int,
    sent_g: Mapping[int, float],
    answer: str = "",
    *,
    second: Actor | None = None,
) -> Requisition:
    """Send what can be sent; it leaves the shelf, first what expires first, and nothing that is promised.

    Args:
        work: The unit of work.
        actor: Floor staff or a manager.
        requisition_id: Which.
        sent_g: Grams by row of the line; lines that are left out get nothing.
        answer: Said to the township; needed where less is sent than was asked for.
        second: Who stands by and signs, for what is on the locked book.

    Returns:
        The requisition.

    Raises:
        Lacking: When the shelf has not that much that is free.
        Invalid: When nothing or more than asked is sent, or less without a word; when something on the
            locked book would leave by one person's hand.
        IllegalMove: When it does not wait any more.
        NotFound: When there is none.
        Forbidden: For other roles.
    """
    requisition = _held(work, actor, Action.REQUISITION_SEND, requisition_id, RequisitionState.ASKED)
    lines = {line.id or 0: line for line in requisition.lines}
    sent_mg = {row: milligrams(sent_g.get(row, 0)) for row in lines}
    if any(not 0 <= mg <= lines[row].asked_mg for row, mg in sent_mg.items()):
        raise Invalid(N_("发的不能比申领的多。"))
    if not any(sent_mg.values()):
        raise Invalid(N_("一味也不发的话，请选“不予发货”并写明原因。"))
    if not answer.strip() and any(mg < lines[row].asked_mg for row, mg in sent_mg.items()):
        raise Invalid(N_("少发的要写明原因。"))
    rows = {lines[row].herb: row for row in lines}
    taken = take_free(work, actor, {lines[row].herb: mg for row, mg in sent_mg.items() if mg}, second)
    work.session.add_all(
        RequisitionLot(line_id=rows[lot.herb], lot_id=lot.id or 0, amount_mg=mg) for lot, mg in taken
    )
    for row, mg in sent_mg.items():
        lines[row].sent_mg = mg
    return _answer(work, actor, requisition, RequisitionState.SENT, answer)


def receive(
    work: Work, actor: Actor, requisition_id: int, received_g: Mapping[int, float], difference: str = ""
) -> Requisition:
    """Say what arrived; what differs from what was sent stays on record with its reason.

    Args:
        work: The unit of work.
        actor: A doctor of the house that asked.
        requisition_id: Which.
        received_g: Grams by row of the line; every line that was sent.
        difference: What happened; needed where an amount differs.

    Returns:
        The requisition.

    Raises:
        Invalid: When an amount is missing or out of reason, or a difference has no word.
        IllegalMove: When it is not on its way.
        NotFound: When there is none.
        Forbidden: For others.
    """
    requisition = _held(work, actor, Action.REQUISITION_ASK, requisition_id, RequisitionState.SENT)
    lines = [line for line in requisition.lines if line.sent_mg]
    if any(line.id not in received_g for line in lines):
        raise Invalid(N_("每味药都要填实收数量。"))
    for line in lines:
        received_mg = milligrams(received_g[line.id or 0])
        if not 0 <= received_mg <= milligrams(MOST_KG * 1000):
            raise Invalid(N_("%(herb)s的数量填得不对。"), herb=line.herb)
        line.received_mg = received_mg
    if not difference.strip() and any(line.received_mg != line.sent_mg for line in lines):
        raise Invalid(N_("实收和发出的不一样，请写明情况。"))
    requisition.state, requisition.difference = RequisitionState.RECEIVED, difference.strip()
    requisition.received_by_id, requisition.received_at = actor.staff_id, work.now
    work.session.flush()
    return requisition


def open_requisition(work: Work, actor: Actor, requisition_id: int) -> RequisitionView:
    """One requisition.

    Args:
        work: The unit of work.
        actor: A doctor of the house that asked, floor staff or a manager.
        requisition_id: Which.

    Returns:
        The requisition.

    Raises:
        NotFound: When there is none.
        Forbidden: For others.
    """
    requisition = work.requisitions.get(requisition_id)
    demand(actor, Action.REQUISITION_READ, institution_id=requisition.institution_id)
    return _views(work, [requisition])[0]


def list_requisitions(work: Work, actor: Actor) -> list[RequisitionView]:
    """The newest requisitions: a doctor's house's own, or all of them at the centre.

    Args:
        work: The unit of work.
        actor: A doctor, floor staff or a manager.

    Returns:
        At most LISTED_AT_MOST, those that wait for the centre first.

    Raises:
        Forbidden: For other roles.
    """
    demand(actor, Action.REQUISITION_READ, institution_id=actor.institution_id)
    own = None if may(actor, Action.REQUISITION_SEND) else actor.institution_id
    return _views(work, work.requisitions.newest(LISTED_AT_MOST, own))


def _line(knowledge: Knowledge, herb: str, amount_g: float) -> RequisitionLine:
    name, asked_mg = shelf_name(knowledge, herb), milligrams(amount_g)
    if not 0 < asked_mg <= milligrams(MOST_KG * 1000):
        raise Invalid(N_("%(herb)s的数量填得不对。"), herb=name)
    return RequisitionLine(herb=name, asked_mg=asked_mg)


def _held(
    work: Work, actor: Actor, action: Action, requisition_id: int, state: RequisitionState
) -> Requisition:
    requisition = work.requisitions.locked(requisition_id)
    demand(actor, action, institution_id=requisition.institution_id)
    if requisition.state is not state:
        raise IllegalMove(N_("这张申领单刚刚有别人处理过，请刷新后再看。"))
    return requisition


def _answer(
    work: Work, actor: Actor, requisition: Requisition, state: RequisitionState, answer: str
) -> Requisition:
    requisition.state, requisition.answer = state, answer.strip()
    requisition.answered_by_id, requisition.answered_at = actor.staff_id, work.now
    work.session.flush()
    return requisition


def _views(work: Work, requisitions: Sequence[Requisition]) -> list[RequisitionView]:
    houses = work.institutions.by_ids(each.institution_id for each in requisitions)
    hands = {
        row
        for each in requisitions
        for row in (each.asked_by_id, each.answered_by_id, each.received_by_id)
        if row is not None
    }
    people = {row: person.name for row, person in work.staff.by_ids(hands).items()}
    return [RequisitionView(each, houses[each.institution_id], people) for each in requisitions]
