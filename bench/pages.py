"""How soon every page answers in a big county: `python -m bench.pages --home FOLDER [--postgres FOLDER]`.

On a store that `python -m bench.fifty_thousand` made, every address of the url map is asked for by a person
of every role that may see it, in this process and one at a time: with session, headers, database and template
of the real thing, without the wire. Told are wall and processor milliseconds to the last byte of the answer,
which is never before the first, and the statements sent to the database. A part that polls is asked anew, as
if something had changed each time. What nobody could open is named at the end.
"""

import argparse
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

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event, func, select
from werkzeug.test import TestResponse

from bench.fifty_thousand import environment
from bench.page_addresses import Address, addresses
from bench.review import machine
from tcm.records.roles import Actor, Role
from tcm.store import tables as t
from tcm.store.engine import Store, open_store
from web.app import create_app
from web.cli.doors import ready_store
from web.demo.start import demo_password
from web.settings import Settings

GOAL_MS = 200
HTTPS = "https://localhost"
NO_LIMITS = dict.fromkeys(("default_limit", "login_limit", "trace_limit"), "1000000 per minute")
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
        first_ms: Wall time of the first answer, with everything cold that can be.
        wall_ms: Of the answers after it, sorted.
        core_ms: The same in processor time.
    """

    who: str
    what: str
    kibibytes: float
    statements: int
    first_ms: float
    wall_ms: tuple[float, ...]
    core_ms: tuple[float, ...]

    @property
    def p95_ms(self) -> float:
        """The wall time that 95 of 100 answers keep."""
        return self.wall_ms[min(len(self.wall_ms) - 1, int(len(self.wall_ms) * 0.95))]


class Watched:
    """Counts the statements that an engine sends."""

    def __init__(self, engine: Engine) -> None:
        self.statements: list[str] = []
        event.listen(engine, "before_cursor_execute", self._note)

    def _note(self, _conn: object, _cursor: object, statement: str, *_: object) -> None:
        self.statements.append(statement)


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
        wall_ms, core_ms, statements, length = [], [], 0, 0
        for number in range(self.rounds + 1):
            self.watched.statements.clear()
            began_s, began_core_s = time.perf_counter(), time.process_time()
            response = ask()
            length = len(response.data)
            core_ms.append((time.process_time() - began_core_s) * 1000)
            wall_ms.append((time.perf_counter() - began_s) * 1000)
            statements = len(self.watched.statements)
            if response.status_code != HTTPStatus.OK:
                return None
            if number == 1 and wall_ms[1] > TOO_LONG_MS:
                break
        warm = (tuple(sorted(wall_ms[1:])), tuple(sorted(core_ms[1:])))
        return Timing(who, what, length / 1024, statements, wall_ms[0], *warm)


def table_of(timings: list[Timing]) -> Iterator[str]:
    """The timings as a Markdown table, those who ask in the order of the roles, the slowest first."""
    yield "| who | page | KiB | statements | first ms | median ms | p95 ms | core ms |"
    yield "|---|---|---|---|---|---|---|---|"
    order = ["anyone", *Role]
    for each in sorted(timings, key=lambda each: (order.index(each.who), -median(each.wall_ms))):
        figures = (each.first_ms, median(each.wall_ms), each.p95_ms, median(each.core_ms))
        told = " | ".join(f"{figure:.0f}" for figure in figures)
        yield f"| {each.who} | `{each.what}` | {each.kibibytes:.0f} | {each.statements} | {told} |"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--postgres", type=Path)
    parser.add_argument("--rounds", type=int, default=20)
    asked = parser.parse_args()
    environ = environment(asked.home, asked.postgres)
    # A store made before the newest migration is brought up to it.
    store = ready_store(lambda: open_store(environ))
    now = moment_of(store)
    app = create_app(store, Settings.model_validate(NO_LIMITS), lambda: now, io.StringIO())
    house = House(store, app, Watched(store.engine), asked.rounds)
    load_before = os.getloadavg()[0]
    timings, unopened = house.everything()
    load = f"load average {load_before:.1f} to {os.getloadavg()[0]:.1f}"
    print(f"{store.engine.dialect.name}, {machine()}, {load}")
    print(*table_of(timings), sep="\n")
    slow = [each for each in timings if each.p95_ms > GOAL_MS]
    print(f"{len(timings)} pages, {len(slow)} slower than {GOAL_MS} ms at p95")
    print("nobody could open:", *(unopened or ["none"]))
    store.close()


if __name__ == "__main__":
    main()
