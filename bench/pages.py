"""How soon every page answers in a big county: `python -m bench.pages --home FOLDER [--postgres FOLDER]`.

On a store that `python -m bench.fifty_thousand` made, every address of the url map is asked for by a person
of every role that may see it, in this process and one at a time: with session, headers, database and template
of the real thing, without the wire. Told are wall and processor milliseconds to the last byte of the answer,
which is never before the first, and the statements sent to the database. A part that polls is asked anew, as
if something had changed each time. What nobody could open is named at the end.
"""

import argparse
import gc
import io
import os
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus
from pathlib import Path
from statistics import median
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event, func, select
from werkzeug.test import TestResponse

from bench.fifty_thousand import environment
from bench.history import moving_tables
from bench.page_addresses import Address, addresses
from bench.review import machine
from tcm.records.roles import Actor, Role
from tcm.store import tables as t
from tcm.store.engine import Store, open_store
from tcm.store.mapping import metadata
from web.app import create_app
from web.cli.doors import ready_store
from web.demo.start import demo_password
from web.settings import Settings

GOAL_MS = 200
HTTPS = "https://localhost"
NO_LIMITS = dict.fromkeys(("default_limit", "login_limit", "trace_limit"), "1000000 per minute")
# What is owed now: its rows go when the herb has come.
EMPTIED = {"shortages"}
# A table of an EXPLAIN QUERY PLAN, without the number of its alias.
SCANNED = re.compile(r"SCAN (\w+?)(?:_\d+)?(?: |$)")
PARTIAL = {
    str(index.name)
    for table in metadata.sorted_tables
    for index in table.indexes
    if index.dialect_options["sqlite"]["where"] is not None
}
# Once is enough to know.
TOO_LONG_MS = 2_000
NOBODY = Actor(0, Role.COURIER, 0)


@dataclass(frozen=True)
class Timing:
    """What one address took.

    Args:
        who: Role of who asked, or `anyone`.
        what: The address as the url map writes it.
        kibibytes: Length of the answer.
        statements: Sent to the database in one answer.
        read_through: Growing tables that these read from end to end.
        wall_ms: Of every answer but the first, sorted.
        core_ms: The same in processor time.
    """

    who: str
    what: str
    kibibytes: float
    statements: int
    read_through: tuple[str, ...]
    wall_ms: tuple[float, ...]
    core_ms: tuple[float, ...]

    @property
    def p95_ms(self) -> float:
        """The wall time that 95 of 100 answers keep."""
        return _p95(self.wall_ms)

    @property
    def core_p95_ms(self) -> float:
        """The processor time that 95 of 100 answers keep."""
        return _p95(self.core_ms)


def _p95(rising: tuple[float, ...]) -> float:
    return rising[min(len(rising) - 1, int(len(rising) * 0.95))]


class Watched:
    """What an engine sends.

    Args:
        engine: SQLite or PostgreSQL.
    """

    def __init__(self, engine: Engine) -> None:
        self.sent: list[tuple[str, Any]] = []
        self._engine = engine
        event.listen(engine, "before_cursor_execute", self._note)

    def _note(self, _conn: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        self.sent.append((statement, parameters))

    def read_through(self) -> tuple[str, ...]:
        """The growing tables that what was sent reads from end to end, as SQLite plans it.

        Returns:
            Their names; none on PostgreSQL, whose plans depend on what lies in the tables.
        """
        if self._engine.dialect.name != "sqlite":
            return ()
        growing = {table.name for table in moving_tables()} - EMPTIED | {"access_log", "patients"}
        asked = [(text, values) for text, values in self.sent if text.startswith("SELECT")]
        found: set[str] = set()
        with self._engine.connect() as connection:
            for text, values in asked:
                explained = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)
                steps = [str(row[3]) for row in explained]
                # The newest few, in the order of their rows, end where the limit is reached.
                if "LIMIT" in text and not any("TEMP B-TREE" in step for step in steps):
                    continue
                # A partial index holds only what is open.
                whole = (step for step in steps if step.rpartition("INDEX ")[2] not in PARTIAL)
                scanned = (SCANNED.match(step) for step in whole)
                found |= {match[1] for match in scanned if match} & growing
        return tuple(sorted(found))


class Person:
    """One browser, logged in unless it is anyone's.

    Args:
        client: Of the application.
    """

    def __init__(self, client: FlaskClient) -> None:
        self._client = client
        client.environ_base["HTTP_REFERER"] = f"{HTTPS}/"

    def get(self, path: str) -> TestResponse:
        """Ask for a page."""
        return self._client.get(path, base_url=HTTPS)

    def sender(self, path: str, page: str, fields: dict[str, str]) -> Callable[[], TestResponse]:
        """What sends a form that stands on a page."""
        token = re.search(r'X-CSRFToken": "([^"]+)"', self.get(page).text)
        assert token is not None, page
        headers = {"X-CSRFToken": token[1]}
        return lambda: self._client.post(path, base_url=HTTPS, data=fields, headers=headers)


def moment_of(store: Store) -> datetime:
    """The moment the county stands at: just after the last thing that happened in it."""
    with store.work() as work:
        newest = work.session.scalar(select(func.max(t.ledger_events.c.at)))
    assert newest is not None, "nothing happened in this store; run python -m bench.fifty_thousand"
    moment: datetime = newest
    return moment + timedelta(minutes=1)


@dataclass(frozen=True)
class House:
    """A store with its pages.

    Args:
        store: Open.
        app: Over it, with a clock that stands at the store's moment.
        watched: Counts statements.
        rounds: Answers measured for each address.
    """

    store: Store
    app: Flask
    watched: Watched
    rounds: int

    def everything(self) -> tuple[list[Timing], list[str]]:
        """Measure every address for every role.

        Returns:
            The timings, and the patterns that nobody could open.
        """
        timings: list[Timing] = []
        opened: dict[str, bool] = {}
        for role in (None, *Role):
            person, actor = Person(self.app.test_client()), NOBODY
            if role is not None:
                actor = self._log_in(person, role)
            for address in self._addresses(actor, open_to_all=role is None):
                timing = self._first_that_answers(person, role.value if role else "anyone", address)
                opened[address.pattern] = opened.get(address.pattern, False) or timing is not None
                timings += [timing] if timing else []
            timings += self._forms(person, actor)
        return timings, [pattern for pattern, was_opened in opened.items() if not was_opened]

    def _log_in(self, person: Person, role: Role) -> Actor:
        with self.store.work() as work:
            somebody = work.staff.with_role(role)[0]
        password = demo_password(self.store.home, os.environ)
        response = person.sender("/login", "/login", {"username": somebody.username, "password": password})()
        assert response.status_code in (200, 302, 303), response.text
        return somebody.actor

    def _addresses(self, actor: Actor, *, open_to_all: bool) -> list[Address]:
        with self.store.work() as work, self.app.test_request_context():
            return list(addresses(self.app, work.session, actor, open_to_all=open_to_all))

    def _first_that_answers(self, person: Person, who: str, address: Address) -> Timing | None:
        for path in address.paths:
            timing = self._measured(who, address.pattern, partial(person.get, path))
            if timing is not None:
                return timing
        return None

    def _forms(self, person: Person, actor: Actor) -> list[Timing]:
        """What is asked for with a form and changes nothing."""
        asked = []
        if actor.role is Role.DOCTOR and actor is not NOBODY:
            asked = [("/doctor/patients/search", "/doctor", {"text": self._often_there(actor)})]
        if actor.role is Role.ADMIN:
            asked = [("/admin/ledger", "/admin/ledger", {})]
        return [
            timing
            for path, page, fields in asked
            if (timing := self._measured(actor.role.value, f"POST {path}", person.sender(path, page, fields)))
        ]

    def _often_there(self, actor: Actor) -> str:
        with self.store.work() as work:
            visit = work.session.scalar(
                select(func.max(t.encounters.c.id)).where(t.encounters.c.doctor_id == actor.staff_id)
            )
            return work.patients.get(work.encounters.get(visit or 0).patient_id).name

    def _measured(self, who: str, what: str, ask: Callable[[], TestResponse]) -> Timing | None:
        wall_ms, core_ms, length = [], [], 0
        for number in range(self.rounds + 1):
            self.watched.sent.clear()
            began_s, began_core_s = time.perf_counter(), time.process_time()
            response = ask()
            length = len(response.data)
            core_ms.append((time.process_time() - began_core_s) * 1000)
            wall_ms.append((time.perf_counter() - began_s) * 1000)
            if response.status_code != HTTPStatus.OK:
                return None
            if number == 1 and wall_ms[1] > TOO_LONG_MS:
                break
        statements = len(self.watched.sent)
        warm = (tuple(sorted(wall_ms[1:])), tuple(sorted(core_ms[1:])))
        return Timing(who, what, length / 1024, statements, self.watched.read_through(), *warm)


def open_house(store: Store, settings: Settings, rounds: int) -> House:
    """The pages over a store, at the moment it stands at."""
    now = moment_of(store)
    app = create_app(store, settings, lambda: now, io.StringIO())
    return House(store, app, Watched(store.engine), rounds)


def table_of(timings: list[Timing], slowest: int) -> Iterator[str]:
    """The slowest pages of each role as a Markdown table."""
    yield "| who | page | KiB | statements | median ms | p95 ms | core ms | core p95 ms |"
    yield "|---|---|---|---|---|---|---|---|"
    for who in ("anyone", *Role):
        theirs = [each for each in timings if each.who == who]
        for each in sorted(theirs, key=lambda each: -median(each.core_ms))[:slowest]:
            figures = (median(each.wall_ms), each.p95_ms, median(each.core_ms), each.core_p95_ms)
            told = " | ".join(f"{figure:.0f}" for figure in figures)
            yield f"| {each.who} | `{each.what}` | {each.kibibytes:.0f} | {each.statements} | {told} |"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--postgres", type=Path)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--slowest", type=int, default=1000, help="Of each role, to show.")
    asked = parser.parse_args()
    environ = environment(asked.home, asked.postgres)
    # A store made before the newest migration is brought up to it.
    store = ready_store(lambda: open_store(environ))
    house = open_house(store, Settings.model_validate(NO_LIMITS), asked.rounds)
    # As `web.wsgi` does.
    gc.collect()
    gc.freeze()
    load_before = os.getloadavg()[0]
    timings, unopened = house.everything()
    load = f"load average {load_before:.1f} to {os.getloadavg()[0]:.1f}"
    print(f"{store.engine.dialect.name}, {machine()}, {load}")
    print(*table_of(timings, asked.slowest), sep="\n")
    slow = [each for each in timings if each.p95_ms > GOAL_MS]
    busy = [each for each in timings if each.core_p95_ms > GOAL_MS]
    told = f"{len(slow)} slower than {GOAL_MS} ms at p95, {len(busy)} with as much processor time"
    print(f"{len(timings)} pages: {told}")
    through = [
        f"{each.who} {each.what}: {', '.join(each.read_through)}" for each in timings if each.read_through
    ]
    print("a growing table read from end to end:", *(through or ["none"]), sep="\n  ")
    print("nobody could open:", *(unopened or ["none"]))
    store.close()


if __name__ == "__main__":
    main()
