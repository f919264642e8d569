"""A database is not written to with a key other than its own."""

from dataclasses import replace

import pytest
from sqlalchemy import LargeBinary, func, select, type_coerce, update

from tcm.store import tables
from tcm.store.engine import Store
from tcm.store.key_check import refuse_another_key
from tcm.store.keys import KeyRing, KeyUnusableError
from tests.tcm.county import County

OTHER = KeyRing(bytes(32))


def test_a_key_that_opens_no_patient_is_refused(county: County) -> None:
    county.registered()
    refuse_another_key(county.store)
    with pytest.raises(KeyUnusableError, match="sealed with another key"):
        refuse_another_key(replace(county.store, keys=OTHER))


def test_any_key_will_do_while_there_is_no_patient(store: Store) -> None:
    refuse_another_key(replace(store, keys=OTHER))


def test_one_altered_patient_is_not_taken_for_another_key(county: County) -> None:
    county.registered()
    patients = tables.patients
    first = select(func.min(patients.c.id)).scalar_subquery()
    altered = type_coerce(b"\x01altered", LargeBinary)
    with county.store.engine.begin() as connection:
        connection.execute(update(patients).where(patients.c.id == first).values(name=altered))
        assert connection.scalar(select(func.count()).select_from(patients)) == 2
    refuse_another_key(county.store)
