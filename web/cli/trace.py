"""`tangye trace`: from a bag to every lot, hand and minute."""

import json

import click

from tcm.knowledge import load
from tcm.records.errors import NotFound
from tcm.records.ledger import Event
from tcm.services.proving import BagRecord, HerbInBag, record_of_bag
from tcm.store.engine import open_store
from web.cli.doors import give_up, ready_store
from web.scan import read_scan


@click.command()
@click.argument("bag")
def trace(bag: str) -> None:
    """What is in BAG, from which lots, and every step with its hand and minute, as one JSON document.

    BAG is the code on the bag or the address behind it. `grams` are a dose; a herb that was taken from two
    lots is listed twice, and `lot` is null where no stock was on record. Staff are rows; no patient is named.
    """
    store = ready_store(open_store, migrate=False)
    try:
        with store.work(reads_only=True) as work:
            answer = _answer(record_of_bag(work, load(), read_scan(bag)))
    except NotFound:
        give_up(f"no bag has the code {bag}")
    finally:
        store.close()
    click.echo(json.dumps(answer, ensure_ascii=False))


def _answer(record: BagRecord) -> dict[str, object]:
    prescription, bag = record.prescription, record.bag
    return {
        "bag": bag.code,
        "position": bag.position,
        "pouches": bag.pouches,
        "pouch_ml": bag.pouch_ml,
        "packed_at": bag.packed_at.isoformat(),
        "voided_at": None if bag.voided_at is None else bag.voided_at.isoformat(),
        "prescription": prescription.id,
        "number": prescription.number,
        "state": prescription.state,
        "preparation": prescription.preparation,
        "doses_count": prescription.doses_count,
        "village": record.village.name,
        "township": record.village.township,
        "herbs": [_herb(each) for each in record.herbs],
        "steps": [_step(event) for event in record.events],
        "pot": record.pot or None,
        "route": _route(record),
        "chain_holds": record.chain_holds,
        "chain_head": record.events[-1].hash if record.events else None,
    }


def _herb(part: HerbInBag) -> dict[str, object]:
    lot, supplier = part.lot, part.supplier
    return {
        "herb": part.herb,
        "grams": round(part.dose_g, 3),
        "lot": None if lot is None else lot.lot_number,
        "lot_id": None if lot is None else lot.id,
        "supplier": None if supplier is None else supplier.name,
        "origin": None if lot is None else lot.origin,
        "expires_on": None if lot is None else lot.expires_on.isoformat(),
    }


def _step(event: Event) -> dict[str, object]:
    return {
        "seq": event.seq,
        "kind": event.kind,
        "state": event.target,
        "at": event.at.isoformat(),
        "staff": event.actor_id,
        "role": event.actor_role,
    }


def _route(record: BagRecord) -> dict[str, object] | None:
    route = record.route
    if route is None:
        return None
    return {
        "id": route.id,
        "day": route.day.isoformat(),
        "vehicle": route.vehicle_id,
        "courier": route.courier_id,
        "trip": record.trip,
    }
