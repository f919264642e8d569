"""From a lot to every bag that it went into, in one statement; and to the townships it was sent to."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from itertools import starmap
from typing import Any

from sqlalchemy import Select, and_, exists, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from tcm.records.aftercare import RecallState
from tcm.records.lifecycle import State
from tcm.records.stock import StockKind
from tcm.store import aftercare_tables as f
from tcm.store import order_tables as q
from tcm.store import stock_tables as k
from tcm.store import tables as t


@dataclass(frozen=True)
class LotUse:
    """Grams of a lot that were dispensed for a prescription, and a bag that they are in.

    Args:
        lot_id: Which lot.
        prescription_id: For which prescription.
        number: Of that prescription.
        state: Where it stands.
        amount_mg: Milligrams of the lot in all its bags.
        dispensed_at: When they were weighed, aware UTC.
        bag_code: The bag, None while it is not packed.
        position: 1, 2 ... of the prescription's bags, None likewise.
        packed_at: When, aware UTC, None likewise.
        voided_at: When the bag was scrapped, else None.
        village: Where it goes.
        township: Of that village.
    """

    lot_id: int
    prescription_id: int
    number: str
    state: State
    amount_mg: int
    dispensed_at: datetime
    bag_code: str | None
    position: int | None
    packed_at: datetime | None
    voided_at: datetime | None
    village: str
    township: str


def uses_of_lots(session: Session, lot_ids: list[int]) -> list[LotUse]:
    """Every bag that some lots went into, and every prescription that is still to be packed.

    A batch that was scrapped before it was packed is in no bag and left out; a bag that was scrapped is told.

    Args:
        session: Of the work.
        lot_ids: Rows of the lots.

    Returns:
        One use for each bag, newest first.
    """
    taken, bags = k.stock_moves, t.bags
    in_bag = and_(
        bags.c.prescription_id == taken.c.prescription_id,
        bags.c.packed_at >= taken.c.at,
        ~_scrapped(bags.c.packed_at),
    )
    query = (
        select(
            taken.c.lot_id,
            taken.c.prescription_id,
            t.prescriptions.c.number,
            t.prescriptions.c.state,
            (-taken.c.delta_mg).label("amount_mg"),
            taken.c.at.label("dispensed_at"),
            bags.c.code.label("bag_code"),
            bags.c.position,
            bags.c.packed_at,
            bags.c.voided_at,
            t.institutions.c.name.label("village"),
            t.institutions.c.township,
        )
        .join(t.prescriptions, t.prescriptions.c.id == taken.c.prescription_id)
        .join(t.institutions, t.institutions.c.id == t.prescriptions.c.village_id)
        .outerjoin(bags, in_bag)
        .where(taken.c.lot_id.in_(lot_ids), taken.c.kind == StockKind.DISPENSED)
        .where(or_(bags.c.id.is_not(None), ~_scrapped()))
        .order_by(taken.c.at.desc(), t.prescriptions.c.id.desc(), bags.c.position)
    )
    # Columns stand in the order of the record's fields: by name it takes half as long again.
    return list(starmap(LotUse, session.execute(query)))


@dataclass(frozen=True)
class SentAway:
    """Grams of a lot that went to a township by a requisition.

    Args:
        lot_id: Which lot.
        requisition_id: By which requisition.
        house: Who asked for them.
        township: Of that house.
        phone: Its line, or empty.
        amount_mg: Milligrams of this lot.
        sent_at: Aware UTC.
        received_at: When the house signed for them, None before.
    """

    lot_id: int
    requisition_id: int
    house: str
    township: str
    phone: str
    amount_mg: int
    sent_at: datetime
    received_at: datetime | None


def sent_of_lots(session: Session, lot_ids: Collection[int]) -> list[SentAway]:
    """Where some lots went by requisitions; what becomes of them there is on the township's own record.

    Args:
        session: Of the work.
        lot_ids: Rows of the lots.

    Returns:
        One for each requisition and lot, newest first.
    """
    sent, asked, houses = q.requisition_lots, q.requisitions, t.institutions
    query = (
        select(
            sent.c.lot_id,
            asked.c.id,
            houses.c.name,
            houses.c.township,
            houses.c.phone,
            sent.c.amount_mg,
            asked.c.answered_at,
            asked.c.received_at,
        )
        .join(q.requisition_lines, q.requisition_lines.c.id == sent.c.line_id)
        .join(asked, asked.c.id == q.requisition_lines.c.requisition_id)
        .join(houses, houses.c.id == asked.c.institution_id)
        .where(sent.c.lot_id.in_(set(lot_ids)))
        .order_by(asked.c.id.desc(), sent.c.id)
    )
    return list(starmap(SentAway, session.execute(query)))


def recalled_prescriptions(session: Session, prescription_ids: Collection[int]) -> set[int]:
    """Prescriptions with a recalled lot in what was dispensed last for them.

    Args:
        session: Of the work.
        prescription_ids: Among these.

    Returns:
        Their rows; a batch that was scrapped since counts no more.
    """
    query = _recalled_shares(k.stock_moves.c.prescription_id)
    query = query.where(k.stock_moves.c.prescription_id.in_(set(prescription_ids)), ~_scrapped())
    return set(session.scalars(query))


def is_recalled(session: Session, bag_id: int) -> bool:
    """Whether something of a recalled lot is in a bag.

    Args:
        session: Of the work.
        bag_id: The bag's row.

    Returns:
        True where it must not be taken.
    """
    bags, taken = t.bags, k.stock_moves
    query = _recalled_shares(taken.c.id).join(bags, bags.c.prescription_id == taken.c.prescription_id)
    query = query.where(bags.c.id == bag_id, bags.c.packed_at >= taken.c.at, ~_scrapped(bags.c.packed_at))
    return session.scalars(query.limit(1)).one_or_none() is not None


def _recalled_shares(*columns: Any) -> Select[Any]:
    """What was dispensed of lots whose recall stands."""
    taken, recalls = k.stock_moves, f.recalls
    joined = select(*columns).join_from(taken, recalls, recalls.c.lot_id == taken.c.lot_id)
    return joined.where(taken.c.kind == StockKind.DISPENSED, recalls.c.state != RecallState.WITHDRAWN)


def _scrapped(before: ColumnElement[datetime] | None = None) -> ColumnElement[bool]:
    """Whether what was dispensed was scrapped since, and before a moment where one is given."""
    events, taken = t.ledger_events, k.stock_moves
    since = and_(
        events.c.prescription_id == taken.c.prescription_id,
        events.c.target == State.SCRAPPED,
        events.c.kind == "move",
        events.c.at > taken.c.at,
    )
    return exists().where(since if before is None else and_(since, events.c.at < before))
