"""Herbs set aside for approved prescriptions: first what expires first, never more than there is.

Whoever changes what a prescription has a claim on holds its row first and the lots of its herbs after, in
order of row, so that of two orders for the last grams exactly one gets them and nobody waits in a circle.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from tcm.knowledge import Knowledge
from tcm.records.clinical import Preparation, Prescription
from tcm.records.clock import county_day
from tcm.records.errors import N_, Invalid
from tcm.records.lifecycle import State
from tcm.records.roles import Actor
from tcm.records.stock import MG_PER_G, Keeping, Lot, Reservation, Shortage, StockKind
from tcm.services.booking import Change, change
from tcm.services.moving import moment
from tcm.services.pricing import dispensed_as, milligrams
from tcm.store.stock_queries import shelf
from tcm.store.work import Work


class Lacking(Invalid):
    """The shelf cannot fill a prescription.

    Args:
        msgid: As for Refused, with a place for `herbs`.
        missing_mg: What lacks, by herb.
    """

    def __init__(self, msgid: str, missing_mg: Mapping[str, int]) -> None:
        told = "、".join(f"{herb} {mg / MG_PER_G:g} g" for herb, mg in missing_mg.items())
        super().__init__(msgid, herbs=told)
        self.missing_mg = dict(missing_mg)


@dataclass(frozen=True)
class _Shares:
    """How needs are filled from lots: what is taken of each lot, and what is missing of each herb."""

    taken: tuple[tuple[Lot, int], ...]
    missing_mg: dict[str, int]


def keeping_of(work: Work) -> Keeping:
    """What the stock on record means now.

    Args:
        work: The unit of work.

    Returns:
        OFF before the manager has decided anything.
    """
    settings = work.stock_settings.current()
    return Keeping.OFF if settings is None else settings.keeping


def needs_of(knowledge: Knowledge, prescription: Prescription) -> dict[str, int]:
    """What a prescription takes from the shelf of herbs.

    Args:
        knowledge: Says what is dispensed for a name.
        prescription: Which.

    Returns:
        Milligrams for all doses by herb, in order of the lines; nothing for granules, which come from a
        shelf of their own that is not on record.
    """
    if prescription.preparation is Preparation.GRANULES:
        return {}
    needs: dict[str, int] = {}
    for item in prescription.items:
        herb = dispensed_as(knowledge, item.written_as)
        needs[herb] = needs.get(herb, 0) + milligrams(item.dose_g) * prescription.doses_count
    return needs


def reserve(work: Work, knowledge: Knowledge, prescription: Prescription) -> dict[str, int]:
    """Set aside what a prescription needs; called as it is approved.

    Args:
        work: The unit of work.
        knowledge: Says what is dispensed for a name.
        prescription: Held for this work.

    Returns:
        Milligrams by herb that are owed, which only BACK_ORDER allows.

    Raises:
        Lacking: When the shelf cannot fill it and the centre refuses what it cannot fill.
    """
    keeping = keeping_of(work)
    if keeping is Keeping.OFF:
        return {}
    needs = needs_of(knowledge, prescription)
    shares = _shares(work.lots.locked_of_herbs(needs), needs, county_day(work.now))
    if shares.missing_mg and keeping is Keeping.REFUSE:
        raise Lacking(
            N_("库存不够，不能通过：缺 %(herbs)s。请退回医师调整，或到货后再审。"), shares.missing_mg
        )
    _set_aside(work, prescription.key(), shares.taken)
    _owe(work, prescription.key(), shares.missing_mg)
    return shares.missing_mg


def lacking_now(work: Work, knowledge: Knowledge, prescription: Prescription) -> dict[str, int]:
    """What the shelf lacks at this moment for a prescription that waits; nothing is set aside.

    Args:
        work: The unit of work.
        knowledge: Says what is dispensed for a name.
        prescription: Which.

    Returns:
        Milligrams by herb; empty where it can be filled, or no stock is kept on record.
    """
    if keeping_of(work) is Keeping.OFF:
        return {}
    needs = needs_of(knowledge, prescription)
    free = shelf(work.session, county_day(work.now), needs)
    missing = {herb: mg - (free[herb].free_mg if herb in free else 0) for herb, mg in needs.items()}
    return {herb: mg for herb, mg in missing.items() if mg > 0}


def release(work: Work, prescription: Prescription) -> None:
    """Let go of everything a cancelled prescription had a claim on; others that wait for it get it.

    Whoever weighs it stops.

    Args:
        work: The unit of work.
        prescription: Held for this work.
    """
    work.shortages.clear(prescription.key())
    weighed = work.dispensings.open_of(prescription.key())
    if weighed is not None:
        weighed.closed_at = work.now
    held = _held(work, prescription.key())
    if not held:
        return
    herbs = {each.herb for each in held}
    lots = _by_row(work.lots.locked_of_herbs(herbs, [each.lot_id for each in held]))
    for each in held:
        lots[each.lot_id].reserved_mg -= each.amount_mg
        work.reservations.remove(each)
    work.session.flush()
    fill_owed(work, herbs)


def settle(work: Work, knowledge: Knowledge, prescription: Prescription) -> dict[str, int]:
    """Give a prescription claims that can be dispensed today.

    A claim on a lot that was blocked, expired or counted down since is filled from other lots.

    Args:
        work: The unit of work.
        knowledge: Says what is dispensed for a name.
        prescription: Held for this work.

    Returns:
        Milligrams by herb that no lot can give; empty where the shelf can fill it.
    """
    held = _held(work, prescription.key())
    needs = {} if keeping_of(work) is Keeping.OFF else needs_of(knowledge, prescription)
    if not needs and not held:
        return {}
    day = county_day(work.now)
    lots = work.lots.locked_of_herbs({*needs, *(each.herb for each in held)}, [each.lot_id for each in held])
    by_row = _by_row(lots)
    # Without a record of stock what was set aside before is taken as it is.
    wanted = set(needs) or {each.herb for each in held}
    void = [
        each for each in held if each.herb not in wanted or not claim_stands(each, by_row[each.lot_id], day)
    ]
    for each in held:
        if each not in void:
            needs[each.herb] = max(needs.get(each.herb, 0) - each.amount_mg, 0)
    for each in void:
        by_row[each.lot_id].reserved_mg -= each.amount_mg
        work.reservations.remove(each)
    # What is left of the same lot may be set aside again: the old claim is gone first.
    work.session.flush()
    shares = _shares(lots, needs, day)
    _set_aside(work, prescription.key(), shares.taken)
    for owed in work.shortages.of_prescription(prescription.key()):
        # What was found is owed no more, else it would be set aside twice when goods come.
        owed.missing_mg = shares.missing_mg.get(owed.herb, 0)
        if not owed.missing_mg:
            work.shortages.remove(owed)
    work.session.flush()
    return shares.missing_mg


def take(
    work: Work,
    actor: Actor,
    knowledge: Knowledge,
    prescription: Prescription,
    *,
    weighers: Mapping[int, int] | None = None,
    second: Actor | None = None,
) -> list[tuple[int, int]]:
    """Take a prescription's herbs off the shelf; called as it is dispensed.

    Args:
        work: The unit of work.
        actor: Who weighs.
        knowledge: Says what is dispensed for a name.
        prescription: Held for this work.
        weighers: Who weighed of a lot, staff row by row of the lot, where it was not the actor.
        second: Who checked it; needed for what is on the locked book.

    Returns:
        Row and milligrams of each lot taken from; nothing where no stock is kept on record.

    Raises:
        Lacking: When the shelf cannot fill it.
        Invalid: When something of it is on the locked book and nobody checked it.
        Forbidden: When who checked it may not sign there.
    """
    missing_mg = settle(work, knowledge, prescription)
    if missing_mg:
        raise Lacking(N_("库存不够，不能调剂：缺 %(herbs)s。请联系审方药师或等到货。"), missing_mg)
    held = _held(work, prescription.key())
    lots, hands = work.lots.by_ids(each.lot_id for each in held), weighers or {}
    why = Change(StockKind.DISPENSED, moment(work, prescription), prescription.key())
    for each in held:
        lot = lots[each.lot_id]
        lot.reserved_mg -= each.amount_mg
        each.used_at = why.at
        change(work, lot, -each.amount_mg, why, hands.get(each.lot_id, actor.staff_id), second)
    work.session.flush()
    return [(each.lot_id, each.amount_mg) for each in held]


def is_behind_locks(work: Work, prescription: Prescription) -> bool:
    """Whether something that is set aside for a prescription is on the locked book.

    Args:
        work: The unit of work.
        prescription: Which.
    """
    held = _held(work, prescription.key())
    return any(lot.locked_as for lot in work.lots.by_ids(each.lot_id for each in held).values())


def claim_stands(claim: Reservation, lot: Lot, day: date) -> bool:
    """Whether what is set aside can be dispensed.

    Args:
        claim: What is set aside.
        lot: Of which lot.
        day: County date.

    Returns:
        False where the lot was blocked, has expired or was counted down since.
    """
    return lot.may_be_dispensed(day) and lot.on_hand_mg >= claim.amount_mg


def claim_again(
    work: Work, actor: Actor, prescription: Prescription, *, put_back: bool, second: Actor | None = None
) -> None:
    """A batch is scrapped and will be dispensed again: its herbs are set aside once more, or owed.

    Args:
        work: The unit of work.
        actor: Who scraps it.
        prescription: Held for this work.
        put_back: Whether its herbs were neither mixed nor wetted and lie in their bins again; else they
            are lost with it.
        second: Who stands by; needed where something on the locked book is put back.

    Raises:
        Invalid: When something on the locked book would be put back by one person.
        Forbidden: When the second person may not sign there.
    """
    batch = _last_taken(work, prescription.key())
    if not batch:
        return
    needs: dict[str, int] = {}
    for each in batch:
        needs[each.herb] = needs.get(each.herb, 0) + each.amount_mg
    lots = work.lots.locked_of_herbs(needs, [each.lot_id for each in batch])
    by_row = _by_row(lots)
    for each in batch if put_back else ():
        why = Change(StockKind.PUT_BACK, moment(work, prescription), prescription.key())
        change(work, by_row[each.lot_id], each.amount_mg, why, actor.staff_id, second)
        # It never was in a bag: whoever follows the lot is not led to the patient.
        work.reservations.remove(each)
    if keeping_of(work) is Keeping.OFF:
        return
    shares = _shares(lots, needs, county_day(work.now))
    _set_aside(work, prescription.key(), shares.taken)
    _owe(work, prescription.key(), shares.missing_mg)


def take_free(
    work: Work, actor: Actor, needs: Mapping[str, int], second: Actor | None = None
) -> list[tuple[Lot, int]]:
    """Take grams off the shelf that nobody has a claim on, to be sent elsewhere.

    Args:
        work: The unit of work.
        actor: Who sends them.
        needs: Milligrams by herb.
        second: Who stands by; needed for what is on the locked book.

    Returns:
        Lots and milligrams, first what expires first.

    Raises:
        Lacking: When there is not that much.
        Invalid: When something on the locked book would leave by one person's hand.
        Forbidden: When the second person may not sign there.
    """
    shares = _shares(work.lots.locked_of_herbs(needs), needs, county_day(work.now))
    if shares.missing_mg:
        raise Lacking(N_("没有预留给处方的不够发：缺 %(herbs)s。"), shares.missing_mg)
    for lot, mg in shares.taken:
        change(work, lot, -mg, Change(StockKind.SENT, work.now), actor.staff_id, second)
    work.session.flush()
    return list(shares.taken)


def fill_owed(work: Work, herbs: Collection[str]) -> None:
    """Give what has come or become free to prescriptions that wait for it, the longest waiting first.

    One that somebody else is changing at this moment is passed over; it is filled when it is dispensed.

    Args:
        work: The unit of work, which holds the lots of these herbs.
        herbs: Standard names.
    """
    owed = work.shortages.to_fill(herbs, (State.APPROVED, State.SCRAPPED))
    if not owed:
        return
    lots = work.lots.locked_of_herbs(herbs)
    day = county_day(work.now)
    for each in owed:
        shares = _shares(lots, {each.herb: each.missing_mg}, day)
        _set_aside(work, each.prescription_id, shares.taken)
        each.missing_mg = shares.missing_mg.get(each.herb, 0)
        if not each.missing_mg:
            work.shortages.remove(each)
    work.session.flush()


def _shares(lots: Sequence[Lot], needs: Mapping[str, int], day: date) -> _Shares:
    """Fill needs from the free grams of lots, in the order given."""
    taken: list[tuple[Lot, int]] = []
    missing_mg = {herb: mg for herb, mg in needs.items() if mg > 0}
    for lot in lots:
        if lot.herb not in missing_mg or not lot.may_be_dispensed(day):
            continue
        share_mg = min(lot.free_mg, missing_mg[lot.herb])
        if share_mg:
            taken.append((lot, share_mg))
            missing_mg[lot.herb] -= share_mg
    return _Shares(tuple(taken), {herb: mg for herb, mg in missing_mg.items() if mg})


def _held(work: Work, prescription_id: int) -> list[Reservation]:
    return [each for each in work.reservations.of_prescription(prescription_id) if each.used_at is None]


def _last_taken(work: Work, prescription_id: int) -> list[Reservation]:
    """The claims that what was dispensed last was taken by: none where that was on no record of stock.

    The ledger names its lots. A batch that was lost earlier stays lost, though its claims are on record too.
    """
    events = work.ledger.events(prescription_id)
    # A note that was written since, as of a new plan, has the state's name on it too.
    moves = [each for each in events if each.kind == "move" and each.target is State.DISPENSED]
    lots_mg = moves[-1].payload.get("lots_mg") if moves else None
    if not isinstance(lots_mg, Mapping):
        return []
    claims = work.reservations.of_prescription(prescription_id)
    newest = {each.lot_id: each for each in claims if each.used_at is not None}
    return [newest[int(row)] for row in lots_mg]


def _by_row(lots: Sequence[Lot]) -> dict[int, Lot]:
    return {lot.id or 0: lot for lot in lots}


def _set_aside(work: Work, prescription_id: int, taken: Sequence[tuple[Lot, int]]) -> None:
    """Add to what the prescription holds of each lot: one claim a lot, else each would pass for all of it."""
    held = {each.lot_id: each for each in _held(work, prescription_id)} if taken else {}
    for lot, amount_mg in taken:
        lot.reserved_mg += amount_mg
        earlier = held.get(lot.id or 0)
        if earlier is not None:
            earlier.amount_mg += amount_mg
            continue
        work.session.add(
            Reservation(
                prescription_id=prescription_id, lot_id=lot.id or 0, herb=lot.herb, amount_mg=amount_mg
            )
        )
    work.session.flush()


def _owe(work: Work, prescription_id: int, missing_mg: Mapping[str, int]) -> None:
    for herb, mg in missing_mg.items():
        work.shortages.add(
            Shortage(prescription_id=prescription_id, herb=herb, missing_mg=mg, since=work.now)
        )
