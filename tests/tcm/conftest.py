"""A small county, once on SQLite and once on PostgreSQL, built once and handed out whole to every test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text

from tcm.store.blobs import Blobs
from tcm.store.engine import Store, open_engine
from tests.conftest import KEYS
from tests.tcm.county import County

_DATABASE = "tangye_county"
# Puts every table back to what it was when the county was built, faster than a new database a test.
# In replica mode neither the append-only triggers nor the foreign keys are asked.
_SAVE = """
CREATE SCHEMA saved;
DO $$ DECLARE name text; BEGIN
  FOR name IN SELECT tablename FROM pg_tables
    WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
    EXECUTE format('CREATE TABLE saved.%1$I AS TABLE public.%1$I', name);
  END LOOP;
END $$;
CREATE FUNCTION saved.put_back() RETURNS void LANGUAGE plpgsql AS $$ DECLARE name text; BEGIN
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'saved' LOOP
    EXECUTE format('DELETE FROM public.%1$I', name);
    EXECUTE format('INSERT INTO public.%1$I SELECT * FROM saved.%1$I', name);
    EXECUTE format('SELECT setval(pg_get_serial_sequence(''public.%1$I'', ''id''),
      coalesce(max(id), 1), max(id) IS NOT NULL) FROM public.%1$I', name);
  END LOOP;
END $$;
"""


@pytest.fixture(scope="session")
def county_on_sqlite(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> County:
    """The county in an SQLite file to be copied."""
    home = tmp_path_factory.mktemp("county")
    path = home / "tangye.sqlite"
    path.write_bytes(migrated_sqlite.read_bytes())
    county = County(_store(open_engine(f"sqlite:///{path}", KEYS), home))
    county.store.close()
    return county


@pytest.fixture(scope="session")
def county_on_postgres(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[County]:
    """The county in a PostgreSQL database that is put back before each test."""
    administration = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    with administration.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {_DATABASE} TEMPLATE tangye_template"))
        connection.execute(text(f"ALTER DATABASE {_DATABASE} SET synchronous_commit = off"))
    engine = open_engine(postgres_url.replace("/postgres?", f"/{_DATABASE}?"), KEYS)
    county = County(_store(engine, tmp_path_factory.mktemp("county")))
    with engine.begin() as connection:
        connection.execute(text(_SAVE))
    yield county
    county.store.close()
    with administration.connect() as connection:
        connection.execute(text(f"DROP DATABASE {_DATABASE} WITH (FORCE)"))
    administration.dispose()


@pytest.fixture
def sqlite_county(county_on_sqlite: County, tmp_path: Path) -> Iterator[County]:
    """The county on SQLite."""
    path = tmp_path / "tangye.sqlite"
    path.write_bytes((county_on_sqlite.store.home / "tangye.sqlite").read_bytes())
    county = county_on_sqlite.at(_store(open_engine(f"sqlite:///{path}", KEYS), tmp_path))
    yield county
    county.store.close()


@pytest.fixture
def postgres_county(county_on_postgres: County, tmp_path: Path) -> County:
    """The county on PostgreSQL."""
    county = county_on_postgres.at(_store(county_on_postgres.store.engine, tmp_path))
    with county.store.engine.begin() as connection:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        connection.exec_driver_sql("SET LOCAL lock_timeout = '20s'")
        connection.exec_driver_sql("SELECT saved.put_back()")
    return county


@pytest.fixture(params=["sqlite", "postgresql"])
def county(request: pytest.FixtureRequest) -> County:
    """Houses, staff of every role, equipment and one patient, once on each database."""
    name = "sqlite_county" if request.param == "sqlite" else "postgres_county"
    opened: County = request.getfixturevalue(name)
    return opened


@pytest.fixture
def fragile_county(store: Store) -> County:
    """A county in a database of its own, for tests that take its triggers or tables apart."""
    return County(store)


def _store(engine: Engine, home: Path) -> Store:
    return Store(engine, KEYS, Blobs(str(home / "blobs"), KEYS), home)
