"""A small county with the API open, a key with every right, and a client that shows it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tcm.records.people import Institution
from tcm.records.systems import Right
from tcm.services.connecting import KeyDetails, make_key
from tcm.store.blobs import Blobs
from tcm.store.engine import Store, open_engine
from tests.conftest import KEYS
from tests.tcm.county import County
from web.app import create_app
from web.settings import Settings

FAST = {"argon2_time_cost": 1, "argon2_memory_kib": 8, "argon2_parallelism": 1}
PEPPER = KEYS.derive("api-key")


@dataclass
class System:
    """Another system with a key.

    Args:
        app: The application that it talks to.
        secret: Its key.
        key_id: Row of that key.
    """

    app: Flask
    secret: str
    key_id: int

    def ask(self, method: str, path: str, **request: Any) -> TestResponse:
        """A request below /api/v1 that shows the key.

        Args:
            method: Of HTTP.
            path: Such as `/herbs?q=hq`.
            request: As the test client takes it.

        Returns:
            The response.
        """
        headers = {"Authorization": f"Bearer {self.secret}", **request.pop("headers", {})}
        return self.app.test_client().open(f"/api/v1{path}", method=method, headers=headers, **request)


NewSystem = Callable[..., System]


@pytest.fixture
def county(sqlite_store: Store) -> County:
    """The county."""
    return County(sqlite_store)


@pytest.fixture(scope="module")
def county_to_ask(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[County]:
    """A county with a prescription on its way, for tests that leave it as they find it."""
    home = tmp_path_factory.mktemp("asked")
    path = home / "tangye.sqlite"
    path.write_bytes(migrated_sqlite.read_bytes())
    store = Store(open_engine(f"sqlite:///{path}", KEYS), KEYS, Blobs(str(home / "blobs"), KEYS), home)
    county = County(store)
    county.approved()
    yield county
    store.close()


@pytest.fixture(scope="module")
def app_to_ask(county_to_ask: County) -> Flask:
    """The application over that county."""
    return create_app(county_to_ask.store, Settings(**FAST), county_to_ask.watch)


@pytest.fixture
def app(county: County) -> Flask:
    """The application over the county."""
    return create_app(county.store, Settings(**FAST), county.watch)


@pytest.fixture
def connect(county: County, app: Flask) -> NewSystem:
    """Makes systems: `connect(hospital, Right.HERBS)`; every right where none is named."""

    def make(where: Institution | None = None, *rights: Right, days: int = 365) -> System:
        return connected(county, app, where, rights, days)

    return make


def connected(
    county: County,
    app: Flask,
    where: Institution | None = None,
    rights: tuple[Right, ...] = (),
    days: int = 365,
) -> System:
    """A system with a key of its own.

    Args:
        county: The county.
        app: The application over it.
        where: Whose records it sees; the doctor's hospital's where None.
        rights: What it may ask for; everything where none is named.
        days: How long its key is good.

    Returns:
        The system.
    """
    house = where or county.hospital
    details = KeyDetails(house.id or 0, f"HIS {county.new_key()}", rights or tuple(Right), days)
    key, secret = county.do(make_key, county.admin, details, PEPPER)
    return System(app, secret, key.id or 0)


@pytest.fixture
def system(connect: NewSystem) -> System:
    """The system of the doctor's hospital, with every right."""
    return connect()
