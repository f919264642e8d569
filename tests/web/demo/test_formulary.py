"""The demo county's agreed formulas, and what its first doctor keeps."""

import pytest

from tcm.knowledge import load
from tcm.records.governance import Standing
from tcm.records.roles import Role
from tcm.services import formulary, own_formulas
from tcm.store.engine import Store
from web.demo import county
from web.demo.formulary import OWN_RECIPES, RECIPES


@pytest.fixture
def founded(sqlite_store: Store) -> Store:
    """The county of seed 1."""
    county.set_up(sqlite_store, "no log-in here", seed=1)
    return sqlite_store


def test_every_doctor_is_offered_three_formulas_that_two_pharmacists_agreed_on(founded: Store) -> None:
    with founded.work() as work:
        doctors = [person.actor for person in work.staff.with_role(Role.DOCTOR)]
        offered = formulary.offered(work, doctors[-1])
        found = [formulary.open_formula(work, doctors[0], load(), one.id or 0) for one in offered]
    assert sorted(one.name for one in offered) == sorted(RECIPES)
    assert [(one.version, one.standing) for one in offered] == [(1, Standing.IN_FORCE)] * 3
    assert all(one.made_by_id != one.approved_by_id for one in offered)
    assert [one.findings for one in found] == [()] * 3


def test_the_first_doctor_keeps_two_formulas_of_their_own_and_no_other_does(founded: Store) -> None:
    with founded.work() as work:
        kept = [len(own_formulas.mine(work, person.actor)) for person in work.staff.with_role(Role.DOCTOR)]
    assert kept == [len(OWN_RECIPES), *[0] * (len(kept) - 1)]
