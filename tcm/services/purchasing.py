"""Purchase orders (统一采购): drafted, approved by the manager, received against; differences are told."""

from collections.abc import Sequence
from dataclasses import dataclass

from tcm.knowledge import Knowledge
from tcm.records.errors import N_, IllegalMove, Invalid
from tcm.records.orders import Purchase, PurchaseLine, PurchaseReceipt, PurchaseState
from tcm.records.permissions import Action, demand
from tcm.records.roles import Actor
from tcm.records.stock import Lot, LotState, Supplier
from tcm.services.pricing import milligrams, shelf_name
from tcm.services.stocking import MOST_KG, Goods, receive
from tcm.store.order_queries import CameRow, came_for
from tcm.store.work import Work

LISTED_AT_MOST = 50
LINES_AT_MOST = 200


@dataclass(frozen=True)
class Wanted:
    """One herb as a form orders it.

    Args:
        herb: Any of its names.
        amount_g: How much.
        fen_per_kg: The price agreed upon.
    """

    herb: str
    amount_g: float
    fen_per_kg: int


@dataclass(frozen=True)
class LineView:
    """One line of an order and what came against it.

    Args:
        line: What was ordered.
        came: Lots, in the order they came.
    """

    line: PurchaseLine
    came: list[CameRow]

    @property
    def good_mg(self) -> int:
        """What came and was not refused by the inspection."""
        return sum(row.received_mg for row in self.came if row.state is not LotState.REFUSED)

    @property
    def refused_mg(self) -> int:
        """What the inspection refused."""
        return sum(row.received_mg for row in self.came if row.state is LotState.REFUSED)

    @property
    def missing_mg(self) -> int:
        """What is still to come; negative where too much came."""
        return self.line.wanted_mg - self.good_mg

    @property
    def is_dearer(self) -> bool:
        """Whether a lot cost more than was agreed."""
        return any(row.fen_per_kg > self.line.fen_per_kg for row in self.came)

    @property
    def differs(self) -> bool:
        """Whether what came is not what was ordered, in grams, in quality or in price."""
        return bool(self.missing_mg or self.refused_mg or self.is_dearer)


@dataclass(frozen=True)
class PurchaseView:
    """An order with all that became of it.

    Args:
        purchase: The order.
        supplier: Whom it was sent to.
        lines: In order.
        people: Names by row of staff.
    """

    purchase: Purchase
    supplier: Supplier
    lines: list[LineView]
    people: dict[int, str]

    @property
    def differs(self) -> bool:
        """Whether a line is not what was ordered."""
        return any(line.differs for line in self.lines)


def draft(
    work: Work,
    actor: Actor,
    knowledge: Knowledge,
    supplier_id: int,
    wanted: Sequence[Wanted],
    request_key: str,
    *,
    note: str = "",
) -> Purchase:
    """Write an order that waits for the manager.

    Args:
        work: The unit of work.
        actor: Floor staff or a manager.
        knowledge: Resolves herb names.
        supplier_id: Whom to order from.
        wanted: At least one line; a herb at most once.
        request_key: The form's own key.
        note: For the manager, or empty.

    Returns:
        The order; the same one for the same key.

    Raises:
        Invalid: When a herb is unknown or named twice, a figure out of reason, or the supplier not in use.
        NotFound: When there is no such supplier.
        Forbidden: For other roles.
    """
    demand(actor, Action.PURCHASE_DRAFT)
    earlier = work.purchases.of_request(request_key)
    if earlier is not None:
        return earlier
    if not work.suppliers.get(supplier_id).active:
        raise Invalid(N_("这家供应商已停用。"))
    if not 0 < len(wanted) <= LINES_AT_MOST:
        raise Invalid(N_("请至少填一行。"))
    lines = [_line(knowledge, each) for each in wanted]
    twice = [line.herb for line in lines if sum(other.herb == line.herb for other in lines) > 1]
    if twice:
        raise Invalid(N_("%(herb)s写了两行，请合成一行。"), herb=twice[0])
    return work.purchases.add(
        Purchase(
            supplier_id=supplier_id,
            note=note.strip(),
            made_by_id=actor.staff_id,
            made_at=work.now,
            request_key=request_key,
            lines=lines,
        )
    )


def approve(work: Work, actor: Actor, purchase_id: int) -> Purchase:
    """Let an order go to the supplier; from now on goods can come against it.

    Args:
        work: The unit of work.
        actor: A manager.
        purchase_id: Which.

    Returns:
        The order.

    Raises:
        IllegalMove: When it is no draft any more.
        NotFound: When there is none.
        Forbidden: For other roles.
    """
    return _decide(work, actor, purchase_id, PurchaseState.DRAFT, PurchaseState.APPROVED, "")


def cancel(work: Work, actor: Actor, purchase_id: int, reason: str) -> Purchase:
    """Give a draft up.

    Args:
        work: The unit of work.
        actor: A manager.
        purchase_id: Which.
        reason: Why.

    Returns:
        The order.

    Raises:
        Invalid: When no reason is given.
        IllegalMove: When it is no draft any more.
        NotFound: When there is none.
        Forbidden: For other roles.
    """
    if not reason.strip():
        raise Invalid(N_("请写明原因。"))
    return _decide(work, actor, purchase_id, PurchaseState.DRAFT, PurchaseState.CANCELLED, reason)


def close(work: Work, actor: Actor, purchase_id: int, note: str = "") -> Purchase:
    """Nothing more is to come against an order.

    Args:
        work: The unit of work.
        actor: A manager.
        purchase_id: Which.
        note: What was settled with the supplier; needed where what came is not what was ordered.

    Returns:
        The order.

    Raises:
        Invalid: When it differs and nothing is said of it.
        IllegalMove: When it is not approved, or closed already.
        NotFound: When there is none.
        Forbidden: For other roles.
    """
    demand(actor, Action.PURCHASE_APPROVE)
    if not note.strip() and _view(work, work.purchases.get(purchase_id)).differs:
        raise Invalid(N_("到货和订的不一样，请写明怎样处理再结清。"))
    return _decide(work, actor, purchase_id, PurchaseState.APPROVED, PurchaseState.CLOSED, note)


def receive_against(
    work: Work,
    actor: Actor,
    knowledge: Knowledge,
    purchase_id: int,
    goods: Sequence[Goods],
    request_key: str,
) -> list[Lot]:
    """Take goods in that were ordered; what differs from the order is told by `open_purchase`.

    Args:
        work: The unit of work.
        actor: Floor staff.
        knowledge: Resolves herb names.
        purchase_id: The order.
        goods: Lines of the delivery note, at least one.
        request_key: The form's own key, at most 56 characters.

    Returns:
        The new lots; the same ones for the same key.

    Raises:
        Invalid: As `stocking.receive`, and when something was not ordered.
        IllegalMove: When the order is not approved, or closed.
        NotFound: When there is no such order.
        Forbidden: For other roles.
    """
    demand(actor, Action.STOCK_RECEIVE)
    purchase = work.purchases.locked(purchase_id)
    lines = {line.herb: line.id or 0 for line in purchase.lines}
    known = {row.lot_id for row in came_for(work.session, lines.values())}
    lots = receive(work, actor, knowledge, purchase.supplier_id, goods, request_key)
    new = [lot for lot in lots if lot.id not in known]
    if not new:
        return lots
    if purchase.state is not PurchaseState.APPROVED:
        raise IllegalMove(N_("这张采购单没有批准或已经结清，不能按它入库。"))
    strange = [lot.herb for lot in new if lot.herb not in lines]
    if strange:
        raise Invalid(N_("采购单上没有%(herb)s，请另外入库。"), herb=strange[0])
    work.session.add_all(PurchaseReceipt(line_id=lines[lot.herb], lot_id=lot.id or 0) for lot in new)
    work.session.flush()
    return lots


def open_purchase(work: Work, actor: Actor, purchase_id: int) -> PurchaseView:
    """One order with what came against it.

    Args:
        work: The unit of work.
        actor: Floor staff, a pharmacist or a manager.
        purchase_id: Which.

    Returns:
        The order.

    Raises:
        NotFound: When there is none.
        Forbidden: For other roles.
    """
    demand(actor, Action.STOCK_READ)
    return _view(work, work.purchases.get(purchase_id))


def list_purchases(work: Work, actor: Actor) -> list[PurchaseView]:
    """The newest orders, in a fixed number of statements.

    Args:
        work: The unit of work.
        actor: Floor staff, a pharmacist or a manager.

    Returns:
        At most LISTED_AT_MOST, newest first.

    Raises:
        Forbidden: For other roles.
    """
    demand(actor, Action.STOCK_READ)
    return _views(work, work.purchases.newest(LISTED_AT_MOST))


def _line(knowledge: Knowledge, wanted: Wanted) -> PurchaseLine:
    herb = shelf_name(knowledge, wanted.herb)
    wanted_mg = milligrams(wanted.amount_g)
    if not 0 < wanted_mg <= milligrams(MOST_KG * 1000) or wanted.fen_per_kg < 0:
        raise Invalid(N_("%(herb)s的数量或价格填得不对。"), herb=herb)
    return PurchaseLine(herb=herb, wanted_mg=wanted_mg, fen_per_kg=wanted.fen_per_kg)


def _decide(
    work: Work, actor: Actor, purchase_id: int, source: PurchaseState, target: PurchaseState, note: str
) -> Purchase:
    demand(actor, Action.PURCHASE_APPROVE)
    purchase = work.purchases.locked(purchase_id)
    if purchase.state is not source:
        raise IllegalMove(N_("这张采购单刚刚有别人处理过，请刷新后再看。"))
    purchase.state, purchase.ended_note = target, note.strip()
    purchase.decided_by_id, purchase.decided_at = actor.staff_id, work.now
    work.session.flush()
    return purchase


def _view(work: Work, purchase: Purchase) -> PurchaseView:
    return _views(work, [purchase])[0]


def _views(work: Work, purchases: Sequence[Purchase]) -> list[PurchaseView]:
    suppliers = work.suppliers.by_ids(each.supplier_id for each in purchases)
    hands = {each.made_by_id for each in purchases}
    hands |= {each.decided_by_id for each in purchases if each.decided_by_id is not None}
    people = {row: person.name for row, person in work.staff.by_ids(hands).items()}
    came: dict[int, list[CameRow]] = {}
    for row in came_for(work.session, [line.id or 0 for each in purchases for line in each.lines]):
        came.setdefault(row.line_id, []).append(row)
    return [
        PurchaseView(
            each,
            suppliers[each.supplier_id],
            [LineView(line, came.get(line.id or 0, [])) for line in each.lines],
            people,
        )
        for each in purchases
    ]
