"""The demo centre's rules: nothing is switched off, one pharmacist drafted them and another approved."""

from datetime import timedelta

import pytest

from tcm.knowledge import load
from tcm.records.clock import utc_now
from tcm.records.people import InstitutionKind
from tcm.records.roles import Role
from tcm.services.ruling import overview, rules_for, rules_of
from tcm.store.engine import Store
from web.demo import county

KNOWLEDGE = load()


@pytest.fixture
def founded(store: Store) -> Store:
    """The county of seed 1."""
    county.set_up(store, "no log-in here", seed=1)
    return store


def test_no_rule_is_off_and_the_price_has_a_ceiling(founded: Store) -> None:
    with founded.work() as work:
        seen = overview(work, work.staff.with_role(Role.DOCTOR)[0].actor)
    assert seen.in_force is not None
    rows = {row.fact.rule: row for row in rules_of(seen.in_force, KNOWLEDGE)}
    assert [rule for rule, row in rows.items() if not row.enabled] == []
    assert rows["price_ceiling"].parameters["ceiling_fen"] == 2000.0


def test_two_pharmacists_answer_for_it_before_the_first_patient_comes(founded: Store) -> None:
    with founded.work() as work:
        [row] = overview(work, work.staff.with_role(Role.MANAGER)[0].actor).versions
        names = [person.name for person in work.staff.with_role(Role.PHARMACIST)]
    assert [row.made_by, row.approved_by] == names[:2]
    assert row.approved_at == row.made_at + timedelta(hours=1)
    assert row.approved_at < utc_now() - timedelta(hours=22)


def test_it_holds_in_every_house_of_the_county(founded: Store) -> None:
    with founded.work() as work:
        houses = work.institutions.of_kind(InstitutionKind.TOWNSHIP_HOSPITAL)[:3]
        versions = {rules_for(work, house.id or 0).version for house in houses}
        [in_force] = work.rule_versions.all()
    assert versions == {in_force.version}
