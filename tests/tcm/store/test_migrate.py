"""The migrations make the tables that the code expects, on both databases."""

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from tcm.store.engine import Store
from tcm.store.migrate import is_current
from tcm.store.tables import metadata


def test_the_migrated_database_is_what_the_tables_say(store: Store) -> None:
    with store.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_a_migrated_database_is_current(store: Store) -> None:
    assert is_current(store.engine)
