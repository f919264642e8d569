"""From a lot to its bags among 100,000: `python -m bench.tracing --home FOLDER [--postgres FOLDER]`.

A county's books are filled by bulk insert: one prescription a bag, six herbs, each from a lot that lasts some
while; the largest lot is in every twentieth bag. Printed for what inspectors and recalls ask, over forty lots
and bags drawn by a seed: most rows, median and 95th percentile in ms, median of processor time.
"""

import argparse
import os
import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select, text

from bench.fifty_thousand import environment
from tcm.knowledge import load
from tcm.records.clinical import Preparation, VisitType
from tcm.records.ledger import GENESIS, Event, event_hash
from tcm.records.lifecycle import State
from tcm.records.people import InstitutionKind, Sex
from tcm.records.roles import Role
from tcm.records.stock import LotState, StockKind
from tcm.services.proving import record_of_bag
from tcm.store import aftercare_tables, stock_tables, tables
from tcm.store.engine import Store, open_store
from tcm.store.trace_queries import is_recalled, recalled_prescriptions, uses_of_lots
from web.cli.doors import ready_store

BAGS, HERBS, LOTS_OF_HERB, ASKED = 100_000, 6, 80, 40
LARGE_SHARE = 20
BATCH = 2_000
BEGAN = datetime(2025, 1, 1, tzinfo=UTC)
STEP = timedelta(minutes=5)
_WAY = (
    (State.DRAFT, State.SIGNED),
    (State.SIGNED, State.APPROVED),
    (State.APPROVED, State.DISPENSED),
    (State.DISPENSED, State.SOAKING),
    (State.SOAKING, State.DECOCTING),
    (State.DECOCTING, State.PACKED),
)
_DISPENSED_AT, _PACKED_AT = 2, 5


def fill(connection: Connection, rng: random.Random, bags: int) -> None:
    """Fill empty books.

    Args:
        connection: Of a migrated, empty store; the caller commits.
        rng: Chooses lots.
        bags: How many prescriptions, each of one bag.
    """
    _found(connection)
    herbs = sorted(load().herbs)[:HERBS]
    lots = [_lot(row, herbs[(row - 1) // LOTS_OF_HERB]) for row in range(1, HERBS * LOTS_OF_HERB + 1)]
    connection.execute(insert(stock_tables.lots), lots)
    for first in range(1, bags + 1, BATCH):
        numbers = range(first, min(first + BATCH, bags + 1))
        chosen = {number: _lots_of(number, rng) for number in numbers}
        _put(connection, tables.prescriptions, [_prescription(number) for number in numbers])
        items = [_item(number, place, herb) for number in numbers for place, herb in enumerate(herbs)]
        _put(connection, tables.items, items)
        _put(connection, tables.bags, [_bag(number) for number in numbers])
        _put(connection, stock_tables.stock_moves, [m for n in numbers for m in _moves(n, chosen[n])])
        _put(connection, tables.ledger_events, [vars(e) for n in numbers for e in _chain(n, chosen[n])])
    recall = {
        "lot_id": 1,
        "reason": "bench",
        "state": "draft",
        "began_by_id": 1,
        "began_at": BEGAN,
        "request_key": "bench",
    }
    connection.execute(insert(aftercare_tables.recalls), [recall])
    if connection.dialect.name == "postgresql":
        connection.execute(text("ANALYZE"))


def ask(store: Store, rng: random.Random, bags: int) -> Iterator[tuple[str, int, list[float], list[float]]]:
    """Ask each question for forty lots or bags.

    Args:
        store: Filled.
        rng: Chooses them.
        bags: How many bags there are.

    Yields:
        What was asked, how many rows the largest answer has, milliseconds of each, and the processor's.
    """
    knowledge = load()
    small = [rng.randrange(2, HERBS * LOTS_OF_HERB + 1) for _ in range(ASKED)]
    chosen = [rng.randrange(1, bags + 1) for _ in range(ASKED)]
    trips = [list(range(row, min(row + 40, bags + 1))) for row in chosen]
    with store.work(reads_only=True) as work:
        session = work.session
        yield "a lot to its bags", *_timed(lambda lot: len(uses_of_lots(session, [lot])), small)
        yield "the largest lot to its bags", *_timed(lambda lot: len(uses_of_lots(session, [lot])), [1] * 10)
        yield (
            "a bag to its lots, hands and chain",
            *_timed(lambda row: len(record_of_bag(work, knowledge, _code(row)).herbs), chosen),
        )
        yield "whether a bag is called back", *_timed(lambda row: int(is_recalled(session, row)), chosen)
        yield (
            "which of a trip's 40 are called back",
            *_timed(lambda rows: len(recalled_prescriptions(session, rows)), trips),
        )


def _timed(question: Callable[[Any], int], about: Sequence[Any]) -> tuple[int, list[float], list[float]]:
    question(about[0])
    most, milliseconds, core_milliseconds = 0, [], []
    for each in about:
        began, core_began = time.perf_counter(), time.process_time()
        most = max(most, question(each))
        milliseconds.append((time.perf_counter() - began) * 1000)
        core_milliseconds.append((time.process_time() - core_began) * 1000)
    return most, milliseconds, core_milliseconds


def _found(connection: Connection) -> None:
    house = {
        "township": "T",
        "lon": 113.4,
        "lat": 29.5,
        "coordinate_source": "bench",
        "phone": "",
        "has_road": True,
        "vehicle_kinds": [],
        "door_windows": [],
    }
    kinds = (InstitutionKind.CENTRE, InstitutionKind.TOWNSHIP_HOSPITAL, InstitutionKind.VILLAGE_CLINIC)
    houses = [house | {"code": f"B{n}", "kind": kind, "name": f"house {n}"} for n, kind in enumerate(kinds)]
    connection.execute(insert(tables.institutions), houses)
    person = {
        "institution_id": 1,
        "username": "bench",
        "password_hash": "",
        "name": "bench",
        "role": Role.FLOOR,
        "title": "",
        "dispensing_years": 0,
        "reviewer_trained": False,
        "active": True,
        "language": "zh",
        "tours_taken": [],
    }
    connection.execute(insert(tables.staff), [person])
    patient = {
        "institution_id": 2,
        "village_id": 3,
        "name": "bench",
        "phone": "",
        "address": "",
        "id_number": "",
        "allergies": [],
        "name_index": "",
        "phone_index": "",
        "id_number_index": "",
        "sex": Sex.FEMALE,
        "born_on": date(1960, 1, 1),
        "created_at": BEGAN,
        "request_key": "bench",
    }
    connection.execute(insert(tables.patients), [patient])
    visit = {
        "patient_id": 1,
        "institution_id": 2,
        "doctor_id": 1,
        "opened_at": BEGAN,
        "complaint": "",
        "history": "",
        "inquiry": [],
        "pulse": [],
        "conditions": [],
        "western_drugs": [],
        "pregnant": False,
        "lactating": False,
        "labs": {},
        "request_key": "bench",
    }
    connection.execute(insert(tables.encounters), [visit])
    connection.execute(
        insert(stock_tables.suppliers), [{"name": "S", "licence": "L", "phone": "", "active": True}]
    )
    connection.execute(insert(stock_tables.bins), [{"code": "A01", "herb": ""}])


def _lot(row: int, herb: str) -> dict[str, Any]:
    return {
        "herb": herb,
        "supplier_id": 1,
        "lot_number": f"26{row:04}",
        "origin": "O",
        "expires_on": date(2028, 1, 1),
        "bin_id": 1,
        "fen_per_kg": 1000,
        "received_mg": 10**9,
        "on_hand_mg": 10**6,
        "reserved_mg": 0,
        "state": LotState.PASSED,
        "received_by_id": 1,
        "received_at": BEGAN,
        "note": "",
        "request_key": f"lot-{row}",
    }


def _lots_of(number: int, rng: random.Random) -> list[int]:
    lots = [herb * LOTS_OF_HERB + rng.randrange(2, LOTS_OF_HERB + 1) for herb in range(HERBS)]
    return [1, *lots[1:]] if number % LARGE_SHARE == 0 else lots


def _at(number: int, step: int) -> datetime:
    return BEGAN + STEP * number + timedelta(minutes=step)


def _code(number: int) -> str:
    return f"B{number:011}"


def _prescription(number: int) -> dict[str, Any]:
    return {
        "id": number,
        "number": f"bench-{number:06}",
        "encounter_id": 1,
        "patient_id": 1,
        "institution_id": 2,
        "village_id": 3,
        "doctor_id": 1,
        "state": State.PACKED,
        "version": 7,
        "disease": "",
        "syndrome": "",
        "doses_count": 7,
        "doses_per_day": 1,
        "usage": "",
        "decoction_class": "",
        "visit_type": VisitType.OUTPATIENT,
        "extended_supply_reason": "",
        "urgent": False,
        "edited_at": _at(number, _PACKED_AT),
        "signed_at": _at(number, 0),
        "rules_version": "",
        "request_key": f"bench-{number}",
        "preparation": Preparation.DECOCTED,
    }


def _item(number: int, place: int, herb: str) -> dict[str, Any]:
    line = {"position": place, "herb": herb, "written_as": herb, "dose_g": 10.0}
    return line | {"prescription_id": number, "decoction_note": "", "origin": "typed"}


def _bag(number: int) -> dict[str, Any]:
    return {
        "prescription_id": number,
        "code": _code(number),
        "position": 1,
        "pouches": 14,
        "pouch_ml": 200,
        "packed_at": _at(number, _PACKED_AT),
        "packed_by_id": 1,
    }


def _moves(number: int, lots: Sequence[int]) -> Iterator[dict[str, Any]]:
    for lot in lots:
        yield {
            "lot_id": lot,
            "kind": StockKind.DISPENSED,
            "delta_mg": -70_000,
            "at": _at(number, _DISPENSED_AT),
            "actor_id": 1,
            "prescription_id": number,
            "reason": "",
        }


def _chain(number: int, lots: Sequence[int]) -> Iterator[Event]:
    tip = GENESIS
    for step, (source, target) in enumerate(_WAY):
        payload = {"lots_mg": {str(lot): 70_000 for lot in lots}} if target is State.DISPENSED else {}
        at, hand = _at(number, step), Role.FLOOR
        draft = Event(number, step + 1, "move", source, target, 1, hand, at, payload, tip)
        event = replace(draft, hash=event_hash(draft))
        tip = event.hash
        yield event


def _put(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    connection.execute(insert(table), rows)


def main() -> None:
    """Fill and ask."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--postgres", type=Path)
    parser.add_argument("--bags", type=int, default=BAGS)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    environ = environment(asked.home, asked.postgres)
    store = ready_store(lambda: open_store(environ))
    rng = random.Random(asked.seed)  # noqa: S311 - a draw for a benchmark
    with store.engine.begin() as connection:
        if not connection.scalar(select(func.count()).select_from(tables.bags)):
            fill(connection, rng, asked.bags)
    print(f"{store.engine.dialect.name}, {asked.bags} bags, load average {os.getloadavg()[0]:.1f}")
    for what, rows, milliseconds, core_milliseconds in ask(store, rng, asked.bags):
        core = statistics.median(core_milliseconds)
        p95 = statistics.quantiles(milliseconds, n=20)[-1]
        print(
            f"| {what} | {rows} | {statistics.median(milliseconds):.1f} | {p95:.1f} | {core:.1f} |",
            flush=True,
        )
    store.close()


if __name__ == "__main__":
    main()
