"""Two years out of one day: a day that was lived by the services is copied again and again, day by day.

Every table that hangs on a visit, a prescription or a plan is found by its foreign keys, so a table added
later is copied too. Rows get numbers of their own, moments move by whole days, patients are drawn from those
registered at the house, what has to be unique is made so, and the ledger is chained anew with the project's
own hash. Sealed columns are copied sealed: they are bound to their column, not to their row.
"""

import random
from collections import defaultdict
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Date,
    Index,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    func,
    insert,
    select,
)

from tcm.records.clock import at_minute
from tcm.records.ledger import GENESIS, Event, day_head, event_hash
from tcm.store.mapping import metadata
from tcm.store.types import Sealed, UTCDateTime

Row = dict[str, Any]
ROOTS = ("encounters", "prescriptions", "plans")
# What the access log calls the rows of a table.
SUBJECTS = {
    "encounter": "encounters",
    "patient": "patients",
    "photograph": "photographs",
    "prescription": "prescriptions",
    "route": "routes",
}
# There is one shelf with one book of its locked herbs, and one machine a pot: as the one day left them.
OF_THE_HOUSE = frozenset({"book_lines", "machines"})
SEALED_AT_MIN = 20 * 60
_CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_CODE_LENGTH = 12


def moving_tables() -> list[Table]:
    """The tables a day leaves rows in, parents before children."""
    moving = set(ROOTS)
    for table in metadata.sorted_tables:
        targets = {key.column.table.name for key in table.foreign_keys}
        if table.name not in moving | OF_THE_HOUSE and targets & moving:
            moving.add(table.name)
    return [table for table in metadata.sorted_tables if table.name in moving]


def as_it_lies(table: Table) -> Table:
    """The same table with its sealed columns as the bytes that lie in them."""
    columns = [
        Column(column.name, LargeBinary if isinstance(column.type, Sealed) else column.type)
        for column in table.columns
    ]
    return Table(table.name, MetaData(), *columns)


class History:
    """Copies the one day that a store holds to other days.

    Args:
        connection: Of a store with one finished day in it; the caller commits.
        patients: Rows of patients by house, those who come most often first.
        rng: Chooses patients and makes codes.
    """

    def __init__(self, connection: Connection, patients: dict[int, list[int]], rng: random.Random) -> None:
        self._connection = connection
        self._patients = patients
        self._rng = rng
        self._tables = moving_tables()
        self._shapes = {
            table.name: as_it_lies(table) for table in (*self._tables, metadata.tables["access_log"])
        }
        self._day = {table.name: self._read(table.name) for table in self._tables}
        self._looks = [row for row in self._read("access_log") if row["subject_kind"] in SUBJECTS]
        self._next = {name: self._newest(name) + 1 for name in self._shapes}
        self._unique_texts = {table.name: _unique_texts(table) for table in self._tables}
        lived = self._day["encounters"]
        self._houses = {row["patient_id"]: row["institution_id"] for row in lived}
        head = connection.execute(select(metadata.tables["ledger_heads"])).mappings().one()
        self._head: str = head["head"]

    def copy_to(self, first: date, days: int) -> None:
        """Write the day once more, so many days after the first.

        Args:
            first: The county day that is there.
            days: How many days later.
        """
        later = timedelta(days=days)
        chosen = self._choose_patients()
        ids: dict[str, dict[int, int]] = {"patients": chosen}
        codes: dict[str, str] = {}
        for table in self._tables:
            ids[table.name] = dict(
                zip((row["id"] for row in self._day[table.name]), count(self._next[table.name]), strict=False)
            )
        for table in self._tables:
            rows = [self._copied(table, row, ids, codes, later, days) for row in self._day[table.name]]
            if table.name == "ledger_events":
                _chain(rows, ids, codes)
                self._seal(first + later, rows)
            self._write(table.name, rows)
        self._write("access_log", [_look(row, ids, later) for row in self._looks])

    def _read(self, name: str) -> list[Row]:
        shape = self._shapes[name]
        return [dict(row) for row in self._connection.execute(select(shape).order_by(shape.c.id)).mappings()]

    def _newest(self, name: str) -> int:
        return self._connection.scalar(select(func.max(self._shapes[name].c.id))) or 0

    def _write(self, name: str, rows: list[Row]) -> None:
        if not rows:
            return
        if self._connection.dialect.name == "postgresql":
            _copy_in(self._connection, self._shapes[name], rows)
        else:
            self._connection.execute(insert(self._shapes[name]), rows)
        self._next[name] += len(rows)

    def _choose_patients(self) -> dict[int, int]:
        # Few come every week, many once: the first of a house's list come most often.
        chosen = {}
        for patient_id, house in self._houses.items():
            pool = self._patients.get(house, [])
            chosen[patient_id] = pool[int(len(pool) * self._rng.random() ** 2)] if pool else patient_id
        return chosen

    def _copied(
        self,
        table: Table,
        row: Row,
        ids: dict[str, dict[int, int]],
        codes: dict[str, str],
        later: timedelta,
        days: int,
    ) -> Row:
        copy = dict(row)
        for column in table.columns:
            value = row[column.name]
            if value is None:
                continue
            if column.name == "id":
                copy["id"] = ids[table.name][value]
            elif column.foreign_keys:
                target = next(iter(column.foreign_keys)).column.table.name
                copy[column.name] = ids.get(target, {}).get(value, value)
            elif isinstance(column.type, UTCDateTime | Date):
                copy[column.name] = value + later
            elif column.name in self._unique_texts[table.name]:
                copy[column.name] = self._unique(table.name, column.name, value, later, days, codes)
        return copy

    def _unique(
        self, table: str, column: str, value: str, later: timedelta, days: int, codes: dict[str, str]
    ) -> str:
        if (table, column) == ("prescriptions", "number"):
            signed_on, _, number = value.partition("-")
            day = datetime.strptime(signed_on, "%Y%m%d").date() + later  # noqa: DTZ007 - a date
            return f"{day:%Y%m%d}-{number}"
        if (table, column) == ("bags", "code"):
            codes[value] = "".join(self._rng.choice(_CODE_LETTERS) for _ in range(_CODE_LENGTH))
            return codes[value]
        mark = f"~{days}"
        return value[: 64 - len(mark)] + mark

    def _seal(self, day: date, events: list[Row]) -> None:
        head = day_head(day, self._head, [row["hash"] for row in events])
        values = {
            "day": day,
            "last_event_id": events[-1]["id"],
            "events_count": len(events),
            "head": head,
            "prev_head": self._head,
            "sealed_at": at_minute(day, SEALED_AT_MIN),
        }
        self._connection.execute(insert(metadata.tables["ledger_heads"]).values(values))
        self._head = head


def _look(row: Row, ids: dict[str, dict[int, int]], later: timedelta) -> Row:
    subject = ids[SUBJECTS[row["subject_kind"]]].get(row["subject_id"], row["subject_id"])
    # Whoever looks at a page meanwhile adds rows of their own: these take the next numbers there are.
    return {name: value for name, value in row.items() if name != "id"} | {
        "at": row["at"] + later,
        "subject_id": subject,
    }


def _copy_in(connection: Connection, table: Table, rows: list[Row]) -> None:
    """What INSERT does, five times as fast."""
    dialect = connection.dialect
    filled = [column for column in table.columns if column.name in rows[0]]
    bound = [(c.name, c.type.dialect_impl(dialect).bind_processor(dialect)) for c in filled]
    names = ", ".join(f'"{name}"' for name, _ in bound)
    cursor = connection.connection.cursor()
    with cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row([bind(row[name]) if bind else row[name] for name, bind in bound])


def _unique_texts(table: Table) -> set[str]:
    alone = {column.name for column in table.columns if column.unique}
    for each in (*table.constraints, *table.indexes):
        if isinstance(each, UniqueConstraint) or (isinstance(each, Index) and each.unique):
            alone |= {column.name for column in each.columns if len(each.columns) == 1}
    return {name for name in alone if isinstance(table.c[name].type, String)}


def _chain(rows: list[Row], ids: dict[str, dict[int, int]], codes: dict[str, str]) -> None:
    tips: dict[int, str] = defaultdict(lambda: GENESIS)
    for row in rows:
        fields = {name: value for name, value in row.items() if name not in ("id", "hash")}
        fields["payload"] = _payload(row["payload"], ids, codes)
        fields["prev_hash"] = tips[row["prescription_id"]]
        draft = Event(**fields)
        event = replace(draft, hash=event_hash(draft))
        row.update(vars(event))
        tips[row["prescription_id"]] = event.hash


def _payload(payload: Row, ids: dict[str, dict[int, int]], codes: dict[str, str]) -> Row:
    named = {"plan": ids["plans"], "route": ids["routes"]}
    moved = payload | {key: named[key].get(payload[key], payload[key]) for key in named if key in payload}
    if "bags" in moved:
        moved["bags"] = [codes.get(code, code) for code in moved["bags"]]
    return moved
