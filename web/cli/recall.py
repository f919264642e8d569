"""`tangye recall`: from a lot to every bag, so that each can be called back."""

import json

import click

from tcm.knowledge import load
from tcm.records.errors import NotFound
from tcm.records.stock import MG_PER_G
from tcm.services.pricing import dispensed_as
from tcm.services.proving import LotRecord, records_of_lot
from tcm.store.engine import open_store
from tcm.store.trace_queries import LotUse, SentAway
from web.cli.doors import give_up, ready_store


@click.command()
@click.argument("lot")
@click.option("--herb", metavar="NAME", help="Only that herb's lots of the number, by any of its names.")
def recall(lot: str, herb: str | None) -> None:
    """Every bag that holds something of LOT, newest first, as one JSON document.

    LOT is the number on the package (批号); where several suppliers or herbs have used it, `lots` names each,
    and --herb keeps to one of them.
    `not_packed` lists what was dispensed from it and is not in a bag yet, `sent` what went to townships by
    requisitions, newest first. No patient is named.
    """
    name = None if herb is None else _shelf_name(herb)
    store = ready_store(open_store, migrate=False)
    try:
        with store.work(reads_only=True) as work:
            records = records_of_lot(work, lot, name)
    except NotFound:
        give_up(f"there is no lot {lot}" if name is None else f"there is no lot {lot} of {name}")
    finally:
        store.close()
    uses = sorted((use for record in records for use in record.uses), key=lambda use: use.dispensed_at)
    newest = uses[::-1]
    answer = {
        "lot": lot,
        "lots": [_lot(record) for record in records],
        "bags": [_bag(use) for use in newest if use.bag_code is not None],
        "not_packed": [_unpacked(use) for use in newest if use.bag_code is None],
        "sent": [_sent(each) for record in records for each in record.sent],
    }
    click.echo(json.dumps(answer, ensure_ascii=False))


def _shelf_name(herb: str) -> str:
    knowledge = load()
    if knowledge.herb(herb) is None:
        give_up(f"there is no herb {herb}")
    return dispensed_as(knowledge, herb)


def _lot(record: LotRecord) -> dict[str, object]:
    lot = record.lot
    return {
        "lot_id": lot.id,
        "herb": lot.herb,
        "supplier": record.supplier.name,
        "origin": lot.origin,
        "expires_on": lot.expires_on.isoformat(),
        "state": lot.state,
        "on_hand_g": lot.on_hand_mg / MG_PER_G,
        "bags": sum(use.bag_code is not None for use in record.uses),
    }


def _bag(use: LotUse) -> dict[str, object]:
    return {
        "bag": use.bag_code,
        **_unpacked(use),
        "packed_at": None if use.packed_at is None else use.packed_at.isoformat(),
        "voided": use.voided_at is not None,
    }


def _sent(each: SentAway) -> dict[str, object]:
    return {
        "requisition": each.requisition_id,
        "house": each.house,
        "township": each.township,
        "phone": each.phone,
        "lot_id": each.lot_id,
        "grams": each.amount_mg / MG_PER_G,
        "sent_at": each.sent_at.isoformat(),
        "received_at": None if each.received_at is None else each.received_at.isoformat(),
    }


def _unpacked(use: LotUse) -> dict[str, object]:
    return {
        "prescription": use.prescription_id,
        "number": use.number,
        "state": use.state,
        "village": use.village,
        "township": use.township,
        "lot_id": use.lot_id,
        "grams": use.amount_mg / MG_PER_G,
        "dispensed_at": use.dispensed_at.isoformat(),
    }
