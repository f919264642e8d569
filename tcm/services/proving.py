"""What an inspector asks: from a bag to every lot, hand and minute; from a lot to every bag."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tcm.knowledge import Knowledge
from tcm.records.clinical import Bag, Prescription
from tcm.records.errors import N_, NotFound
from tcm.records.ledger import Event, first_break
from tcm.records.lifecycle import State
from tcm.records.people import Institution
from tcm.records.plans import Route
from tcm.records.stock import MG_PER_G, Lot, Supplier
from tcm.services.pricing import dispensed_as
from tcm.store.trace_queries import LotUse, SentAway, sent_of_lots, uses_of_lots
from tcm.store.work import Work


@dataclass(frozen=True)
class HerbInBag:
    """A herb of a prescription, as far as it came from one lot.

    Args:
        herb: Standard name.
        dose_g: Grams a dose that came from this lot.
        lot: Which, None where no stock was on record.
        supplier: From whom it was bought, None likewise.
    """

    herb: str
    dose_g: float
    lot: Lot | None
    supplier: Supplier | None


@dataclass(frozen=True)
class BagRecord:
    """Everything that is known of how a bag came about; no name of a patient.

    Args:
        bag: Which.
        prescription: What is in it.
        village: Where it goes.
        events: The prescription's chain, oldest first.
        chain_holds: Whether every hash of that chain is what it must be.
        herbs: Its herbs in order, one for each lot that a herb was taken from.
        pot: Code of the pot it was decocted in, empty where it was in none.
        route: The route it went with last, None before it was loaded.
        trip: Number of the trip on that route, None likewise.
    """

    bag: Bag
    prescription: Prescription
    village: Institution
    events: Sequence[Event]
    chain_holds: bool
    herbs: Sequence[HerbInBag]
    pot: str
    route: Route | None
    trip: int | None


@dataclass(frozen=True)
class LotRecord:
    """A lot and where it went.

    Args:
        lot: Which.
        supplier: From whom it was bought.
        uses: Its bags, newest first, and what is not packed yet.
        sent: What went to townships by requisitions, newest first.
    """

    lot: Lot
    supplier: Supplier
    uses: Sequence[LotUse]
    sent: Sequence[SentAway]


def record_of_bag(work: Work, knowledge: Knowledge, code: str) -> BagRecord:
    """From a bag to every lot, hand and minute.

    Args:
        work: The unit of work.
        knowledge: Says what is dispensed for a name.
        code: Of the bag.

    Returns:
        The record.

    Raises:
        NotFound: When no bag has the code.
    """
    bag = work.bags.by_code(code)
    prescription = work.prescriptions.get(bag.prescription_id)
    events = work.ledger.events(prescription.key())
    # Dispensed again after a batch was scrapped: a bag comes from what was dispensed last before it.
    before = [each for each in events if each.kind == "move" and each.at <= bag.packed_at]
    loaded = [each for each in events if each.kind == "move" and each.target is State.LOADED]
    lots = _last(before, State.DISPENSED).get("lots_mg", {})
    route_id = loaded[-1].payload.get("route") if loaded else None
    return BagRecord(
        bag=bag,
        prescription=prescription,
        village=work.institutions.get(prescription.village_id),
        events=events,
        chain_holds=first_break(events) is None,
        herbs=_herbs(work, knowledge, prescription, lots if isinstance(lots, Mapping) else {}),
        pot=str(_last(before, State.DECOCTING).get("pot", "")),
        route=work.routes.get(route_id) if isinstance(route_id, int) else None,
        trip=_whole(loaded[-1].payload.get("trip")) if loaded else None,
    )


def records_of_lot(work: Work, lot_number: str, herb: str | None = None) -> list[LotRecord]:
    """From a lot to every bag, and to every township that has some of it.

    Args:
        work: The unit of work.
        lot_number: 批号 as on the package; several suppliers may have used the same.
        herb: Standard name; lots of that number of any herb where None.

    Returns:
        A record for each lot of that number, by row.

    Raises:
        NotFound: When there is no such lot.
    """
    lots = [lot for lot in work.lots.of_number(lot_number) if herb in (None, lot.herb)]
    if not lots:
        raise NotFound(N_("没有批号 %(lot)s。"), lot=lot_number)
    suppliers = work.suppliers.by_ids(lot.supplier_id for lot in lots)
    rows = [lot.id or 0 for lot in lots]
    uses, sent = uses_of_lots(work.session, rows), sent_of_lots(work.session, rows)
    return [
        LotRecord(
            lot,
            suppliers[lot.supplier_id],
            [use for use in uses if use.lot_id == lot.id],
            [each for each in sent if each.lot_id == lot.id],
        )
        for lot in lots
    ]


def _last(events: Sequence[Event], target: State) -> Mapping[str, object]:
    found = [each.payload for each in events if each.kind == "move" and each.target is target]
    return found[-1] if found else {}


def _herbs(
    work: Work, knowledge: Knowledge, prescription: Prescription, lots_mg: Mapping[str, object]
) -> list[HerbInBag]:
    doses_g: dict[str, float] = {}
    for item in prescription.items:
        herb = dispensed_as(knowledge, item.written_as)
        doses_g[herb] = doses_g.get(herb, 0.0) + item.dose_g
    amounts_mg = {int(row): _whole(amount_mg) or 0 for row, amount_mg in lots_mg.items()}
    lots = work.lots.by_ids(amounts_mg)
    suppliers = work.suppliers.by_ids(lot.supplier_id for lot in lots.values())
    herbs = []
    for herb, dose_g in doses_g.items():
        rows = [row for row in amounts_mg if lots[row].herb == herb]
        for row in rows:
            share_g = amounts_mg[row] / MG_PER_G / prescription.doses_count
            herbs.append(HerbInBag(herb, share_g, lots[row], suppliers[lots[row].supplier_id]))
        if not rows:
            herbs.append(HerbInBag(herb, dose_g, None, None))
    return herbs


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) else None
