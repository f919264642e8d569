"""What must hold of a house after a rush, each fault as a sentence."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import ColumnElement, Connection, Select, func, select

from tcm.knowledge import Knowledge
from tcm.records.aftercare import NoticeKind
from tcm.records.clinical import Prescription
from tcm.records.ledger import Event
from tcm.records.lifecycle import State
from tcm.services.packing import bags_of
from tcm.services.reserving import needs_of
from tcm.store.engine import Store
from tcm.store.stock_tables import lots, reservations, stock_moves
from tcm.store.work import Work

DELIVERED = (
    State.SIGNED,
    State.APPROVED,
    State.DISPENSED,
    State.SOAKING,
    State.DECOCTING,
    State.PACKED,
    State.LOADED,
    State.DELIVERED,
)
# What the shelf could not fill went back to its doctor.
RETURNED = (State.SIGNED, State.RETURNED)


def faults(store: Store, knowledge: Knowledge, orders: Sequence[int]) -> list[str]:
    """Look through everything.

    Args:
        store: After the rush.
        knowledge: Says what is dispensed for a name.
        orders: Rows of all prescriptions of it.

    Returns:
        What does not hold; empty where all is well.
    """
    with store.work() as work:
        found = [*_of_shelf(work.session.connection()), *_of_pots(work, orders)]
        chains, prescriptions = work.ledger.chains(orders), work.prescriptions.by_ids(orders)
        for row in orders:
            found += _of_order(work, knowledge, prescriptions[row], chains[row])
        found += _of_codes(work, orders)
        broken = work.ledger.verify().broken
    return found + ([f"the ledger: {broken}"] if broken else [])


def _of_shelf(connection: Connection) -> Iterator[str]:
    moved = dict(map(tuple, connection.execute(_sums(stock_moves.c.lot_id, stock_moves.c.delta_mg))))
    claims = _sums(reservations.c.lot_id, reservations.c.amount_mg)
    held = dict(map(tuple, connection.execute(claims.where(reservations.c.used_at.is_(None)))))
    for lot in connection.execute(select(lots)):
        if min(lot.on_hand_mg, lot.reserved_mg, lot.on_hand_mg - lot.reserved_mg) < 0:
            yield f"lot {lot.id} holds {lot.on_hand_mg} mg, {lot.reserved_mg} of them set aside"
        if lot.on_hand_mg != moved.get(lot.id, 0):
            yield f"lot {lot.id} holds {lot.on_hand_mg} mg and its changes add up to {moved.get(lot.id, 0)}"
        if lot.reserved_mg != held.get(lot.id, 0):
            yield f"lot {lot.id}: {lot.reserved_mg} mg set aside, claims of {held.get(lot.id, 0)}"


def _of_order(
    work: Work, knowledge: Knowledge, prescription: Prescription, chain: Sequence[Event]
) -> Iterator[str]:
    row = prescription.key()
    reached = tuple(event.target for event in chain if event.kind == "move")
    if reached not in (DELIVERED, RETURNED):
        yield f"prescription {row} went {' '.join(reached)}"
        return
    if reached == RETURNED:
        return
    dispensed = next(event for event in chain if event.kind == "move" and event.target is State.DISPENSED)
    lots_mg = dispensed.payload.get("lots_mg")
    taken = sum(lots_mg.values()) if isinstance(lots_mg, Mapping) else 0
    if taken != sum(needs_of(knowledge, prescription).values()):
        yield f"prescription {row} was dispensed with {taken} mg"
    bags = [bag for bag in work.bags.of_prescription(row) if bag.voided_at is None]
    if [bag.position for bag in bags] != list(range(1, bags_of(prescription) + 1)):
        yield f"prescription {row} has bags {[bag.position for bag in bags]}"
    if sum(bag.pouches for bag in bags) != 2 * prescription.doses_count:
        yield f"prescription {row} has {sum(bag.pouches for bag in bags)} pouches"


def _of_pots(work: Work, orders: Sequence[int]) -> Iterator[str]:
    """In the order in which the database took them, a pot is filled and emptied by turns."""
    boiling: dict[object, int] = {}
    events = [event for chain in work.ledger.chains(orders).values() for event in chain]
    for event in sorted(events, key=lambda each: each.at):
        pot = event.payload.get("pot")
        if event.kind == "drawn_off" and boiling.pop(pot, None) != event.prescription_id:
            yield f"pot {pot} was emptied of {event.prescription_id}, which was not in it"
        elif event.kind == "move" and event.target is State.DECOCTING:
            if pot in boiling:
                yield f"pot {pot} was filled with {event.prescription_id} over {boiling[pot]}"
            boiling[pot] = event.prescription_id
    if boiling:
        yield f"still in pots: {boiling}"


def _of_codes(work: Work, orders: Sequence[int]) -> Iterator[str]:
    codes = Counter(bag.code for bags in work.bags.of_prescriptions(orders).values() for bag in bags)
    for code, count in codes.items():
        if count > 1:
            yield f"bag {code} is there {count} times"
    told = Counter((notice.prescription_id, notice.kind) for notice in work.notices.all())
    now = work.prescriptions.by_ids(orders)
    delivered = {row for row, each in now.items() if each.state is State.DELIVERED}
    for kind in (NoticeKind.LEFT, NoticeKind.ARRIVED):
        if {row for row, of in told if of is kind} != delivered:
            yield f"{kind.value}: not everybody was told, or somebody for nothing"
    if told and max(told.values()) > 1:
        yield "somebody was told twice"


def _sums(key: ColumnElement[int], amount: ColumnElement[int]) -> Select[tuple[int, int]]:
    return select(key, func.sum(amount)).group_by(key)
