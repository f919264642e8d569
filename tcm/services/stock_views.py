"""What people see of the shelf: all of it, what wants doing, and one lot with what became of it."""

from dataclasses import dataclass
from datetime import date, timedelta

from tcm.records.clock import county_day
from tcm.records.permissions import Action, demand
from tcm.records.roles import Actor
from tcm.records.stock import Bin, Keeping, Lot, LotState, StockMove, Supplier
from tcm.store.stock_queries import Claim, OwedRow, ShelfRow, claims_on_lot, owed, shelf
from tcm.store.work import Work

NEAR_EXPIRY_DAYS = 90


@dataclass(frozen=True)
class LotView:
    """One lot with all that became of it.

    Args:
        lot: The lot.
        supplier: From whom.
        place: Where it lies.
        moves: Its changes, newest first.
        people: Names of those who made them, and of who took it in and inspected it, by row of staff.
        claims: Prescriptions it went to or is set aside for, newest first.
    """

    lot: Lot
    supplier: Supplier
    place: Bin
    moves: list[StockMove]
    people: dict[int, str]
    claims: list[Claim]


@dataclass(frozen=True)
class ShelfView:
    """The shelf at a moment.

    Args:
        day: County date.
        keeping: How the stock is kept; OFF where nobody has decided yet.
        near_expiry_days: A lot that expires within so many days is listed.
        rows: By herb, in the order of names.
        expiring: What is left of lots that expire soon or have, soonest first.
        waiting: Lots that wait for inspection, oldest first.
        owed: What approved prescriptions wait for, longest first.
    """

    day: date
    keeping: Keeping
    near_expiry_days: int
    rows: list[ShelfRow]
    expiring: list[Lot]
    waiting: list[Lot]
    owed: list[OwedRow]


def open_shelf(work: Work, actor: Actor) -> ShelfView:
    """Everything on the shelf, and what wants doing.

    Args:
        work: The unit of work.
        actor: Floor staff, a pharmacist or a manager.

    Returns:
        The shelf.

    Raises:
        Forbidden: For other roles.
    """
    demand(actor, Action.STOCK_READ)
    day, settings = county_day(work.now), work.stock_settings.current()
    near = settings.near_expiry_days if settings is not None else NEAR_EXPIRY_DAYS
    return ShelfView(
        day=day,
        keeping=settings.keeping if settings is not None else Keeping.OFF,
        near_expiry_days=near,
        rows=list(shelf(work.session, day).values()),
        expiring=work.lots.expiring(day + timedelta(days=near)),
        waiting=work.lots.in_state(LotState.WAITING),
        owed=owed(work.session),
    )


def lots_of_herb(work: Work, actor: Actor, herb: str) -> list[Lot]:
    """Every lot of a herb, empty ones too.

    Args:
        work: The unit of work.
        actor: Floor staff, a pharmacist or a manager.
        herb: Standard name.

    Returns:
        In the order in which they expire.

    Raises:
        Forbidden: For other roles.
    """
    demand(actor, Action.STOCK_READ)
    return work.lots.of_herb(herb)


def open_lot(work: Work, actor: Actor, lot_id: int) -> LotView:
    """One lot with all that became of it.

    Args:
        work: The unit of work.
        actor: Floor staff, a pharmacist or a manager.
        lot_id: Which.

    Returns:
        The lot.

    Raises:
        NotFound: When there is none.
        Forbidden: For other roles.
    """
    demand(actor, Action.STOCK_READ)
    lot = work.lots.get(lot_id)
    moves = work.stock_moves.of_lot(lot_id)
    hands = {lot.received_by_id, *(move.actor_id for move in moves)}
    hands |= {lot.inspected_by_id} if lot.inspected_by_id is not None else set()
    return LotView(
        lot=lot,
        supplier=work.suppliers.get(lot.supplier_id),
        place=work.bins.get(lot.bin_id),
        moves=moves,
        people={row: person.name for row, person in work.staff.by_ids(hands).items()},
        claims=claims_on_lot(work.session, lot_id),
    )
