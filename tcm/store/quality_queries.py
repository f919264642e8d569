"""Read-side queries of quality: what was packed, what is missing a sample, the figures of a quarter."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tcm.records.boils import PotRun
from tcm.records.clinical import Bag
from tcm.records.lifecycle import State
from tcm.records.quality import Verdict
from tcm.store import boil_tables as b
from tcm.store import quality_tables as q
from tcm.store import tables as t


@dataclass(frozen=True)
class Packing:
    """A batch that was packed.

    Args:
        prescription_id: Of which prescription.
        number: What people call it by.
        bag_id: Its first bag.
        pouch_ml: Millilitres of one pouch.
        packed_at: Aware UTC.
        packed_by_id: Who packed it.
        voided: Whether it was scrapped since.
        state: Where the prescription stands.
        sampled: Whether some of it was retained.
    """

    prescription_id: int
    number: str
    bag_id: int
    pouch_ml: int
    packed_at: datetime
    packed_by_id: int
    voided: bool
    state: State
    sampled: bool


def packings_after(session: Session, bag_id: int) -> int:
    """How many batches of decoction were packed since a bag.

    Args:
        session: The session.
        bag_id: Not counted itself; 0 for all.

    Returns:
        Their number.
    """
    bags = t.bags.c
    query = select(func.count()).where(bags.id > bag_id, bags.position == 1, bags.pouch_ml > 0)
    return session.scalar(query) or 0


def packings_between(session: Session, since: datetime, until: datetime) -> list[Packing]:
    """The batches of decoction packed in a stretch of time, in the order in which they were.

    Args:
        session: The session.
        since: From then on, aware UTC.
        until: Before then.

    Returns:
        The batches, scrapped ones too.
    """
    bags, prescriptions, samples = t.bags.c, t.prescriptions.c, q.retained_samples.c
    query = (
        select(
            bags.prescription_id,
            prescriptions.number,
            bags.id,
            bags.pouch_ml,
            bags.packed_at,
            bags.packed_by_id,
            bags.voided_at,
            prescriptions.state,
            samples.id,
        )
        .join(t.prescriptions, prescriptions.id == bags.prescription_id)
        .outerjoin(q.retained_samples, samples.bag_id == bags.id)
        .where(bags.packed_at >= since, bags.packed_at < until, bags.position == 1, bags.pouch_ml > 0)
        .order_by(bags.packed_at, bags.id)
    )
    return [
        Packing(
            row[0], row[1] or "", row[2], row[3], row[4], row[5], row[6] is not None, row[7], bool(row[8])
        )
        for row in session.execute(query)
    ]


def figures_between(session: Session, since: datetime, until: datetime) -> dict[str, int]:
    """What a stretch of time looked like, counted.

    Args:
        session: The session.
        since: From then on, aware UTC.
        until: Before then.

    Returns:
        Batches packed, scrapped after packing, looked at, and each verdict, by name.
    """
    bags, checks = t.bags.c, q.quality_checks.c
    packed = (bags.packed_at >= since, bags.packed_at < until, bags.position == 1, bags.pouch_ml > 0)
    looked = (checks.checked_at >= since, checks.checked_at < until)
    found = {
        "packed": session.scalar(select(func.count()).where(*packed)) or 0,
        "voided": session.scalar(select(func.count()).where(*packed, bags.voided_at.is_not(None))) or 0,
    }
    counted = session.execute(select(checks.verdict, func.count()).where(*looked).group_by(checks.verdict))
    verdicts = {verdict: count for verdict, count in counted if verdict is not None}
    found |= {verdict.value: verdicts.get(verdict, 0) for verdict in Verdict}
    found["checked"] = sum(verdicts.values())
    return found


def runs_of(session: Session, prescription_ids: Collection[int]) -> dict[int, list[PotRun]]:
    """Every boil of some prescriptions, oldest first.

    Args:
        session: The session.
        prescription_ids: Which.

    Returns:
        Boils by prescription; one that was in no pot is left out.
    """
    query = select(PotRun).where(b.pot_runs.c.prescription_id.in_(set(prescription_ids)))
    grouped: dict[int, list[PotRun]] = {}
    for each in session.scalars(query.order_by(b.pot_runs.c.id)):
        grouped.setdefault(each.prescription_id, []).append(each)
    return grouped


def bags_of_packings(session: Session, prescription_ids: Collection[int]) -> dict[int, list[Bag]]:
    """The bags of some prescriptions packing by packing, scrapped ones too.

    Args:
        session: The session.
        prescription_ids: Which.

    Returns:
        Bags in order by the first bag of their packing.
    """
    query = select(Bag).where(t.bags.c.prescription_id.in_(set(prescription_ids)))
    grouped: dict[int, list[Bag]] = {}
    for each in session.scalars(query.order_by(t.bags.c.prescription_id, t.bags.c.id)):
        if each.position == 1:
            packing = grouped.setdefault(each.id or 0, [])
        packing.append(each)
    return grouped
