"""A running web application over an empty store, staff of every role, and log-ins through the real form."""

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tcm.records.people import Institution, InstitutionKind, Staff
from tcm.records.roles import Role
from tcm.services.signing_in import hash_password, make_hasher
from tcm.store.engine import Store
from web.app import create_app
from web.settings import Settings

PASSWORD = "当归-danggui-15"
# Small enough that a log-in costs a millisecond; the same code with the same checks.
FAST = {"argon2_time_cost": 1, "argon2_memory_kib": 8, "argon2_parallelism": 1}


@dataclass
class Watch:
    """A clock that stands until it is moved.

    Args:
        now: Aware UTC.
    """

    now: datetime = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        """The time it shows."""
        return self.now

    def pass_(self, **how_long: float) -> None:
        """Let time pass, given as for timedelta."""
        self.now += timedelta(**how_long)


@dataclass
class People:
    """One member of staff for each role, all with `PASSWORD`, at one township hospital.

    Args:
        store: Where they are kept.
        ids: Row of each role's person.
    """

    store: Store
    ids: dict[Role, int]

    def username(self, role: Role) -> str:
        """The log-in name of a role's person."""
        return f"{role.value}1"


@pytest.fixture
def watch() -> Watch:
    """The clock of the application."""
    return Watch()


@pytest.fixture
def settings() -> Settings:
    """Settings as in production, with a cheap password hash."""
    return Settings(**FAST)


@pytest.fixture
def people(sqlite_store: Store, watch: Watch) -> People:
    """A person of every role."""
    password_hash = hash_password(make_hasher(1, 8, 1), PASSWORD)
    with sqlite_store.work(watch) as work:
        hospital = work.institutions.add(
            Institution(
                code="T01",
                kind=InstitutionKind.TOWNSHIP_HOSPITAL,
                name="青石镇卫生院",
                township="青石镇",
                lon=105.0,
                lat=31.0,
                coordinate_source="drawn",
            )
        )
        ids = {}
        for role in Role:
            person = work.staff.add(
                Staff(
                    institution_id=hospital.id or 0,
                    username=f"{role.value}1",
                    password_hash=password_hash,
                    name=f"李{role.value}",
                    role=role,
                )
            )
            ids[role] = person.actor.staff_id
        work.commit()
    return People(sqlite_store, ids)


@pytest.fixture
def log() -> io.StringIO:
    """What the application logs, one JSON object a line."""
    return io.StringIO()


@pytest.fixture
def app(sqlite_store: Store, settings: Settings, watch: Watch, log: io.StringIO) -> Flask:
    """The application."""
    return create_app(sqlite_store, settings, watch, log)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser that keeps cookies and speaks https."""
    return _browser(app)


@pytest.fixture
def new_browser(app: Flask) -> Callable[[], FlaskClient]:
    """Makes further browsers for the same application."""
    return lambda: _browser(app)


@pytest.fixture
def token_on() -> Callable[..., str]:
    """The CSRF token that a page carries: `token_on(client, "/account")`."""
    return _token_on


@pytest.fixture
def post() -> Callable[..., TestResponse]:
    """Submit a form with the token of the page it stands on: `post(client, path, data, page=...)`."""
    return _post


@pytest.fixture
def log_in(people: People) -> Callable[..., TestResponse]:
    """Log a person in: `log_in(client, Role.DOCTOR)` gives the log-in's response."""

    def submit(
        client: FlaskClient, role: Role, password: str = PASSWORD, next_path: str = ""
    ) -> TestResponse:
        form = {"username": people.username(role), "password": password, "next": next_path}
        return _post(client, "/login", form, page="/login")

    return submit


def _browser(app: Flask) -> FlaskClient:
    client = app.test_client()
    client.environ_base["HTTP_REFERER"] = "https://localhost/"
    return client


def _token_on(client: FlaskClient, page: str = "/login") -> str:
    found = re.search(r'X-CSRFToken": "([^"]+)"', client.get(page).text)
    assert found is not None, f"{page} carries no token"
    return found[1]


def _post(
    client: FlaskClient,
    path: str,
    data: dict[str, object] | bytes,
    *,
    page: str = "/account",
    htmx: bool = False,
    **more: object,
) -> TestResponse:
    headers = {"X-CSRFToken": _token_on(client, page)} | ({"HX-Request": "true"} if htmx else {})
    return client.post(path, data=data, headers=headers, **more)


@pytest.fixture
def password() -> str:
    """What everybody in `people` logs in with."""
    return PASSWORD
