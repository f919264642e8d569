"""A small county, once on SQLite and once on PostgreSQL."""

import pytest

from tcm.store.engine import Store
from tests.tcm.county import County


@pytest.fixture
def county(store: Store) -> County:
    """Houses, staff of every role, equipment and one patient, stored."""
    return County(store)
