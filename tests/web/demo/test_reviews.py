"""The demo's pharmacists: everything in the queue is decided, every finding with a word of its own."""

import random

import pytest

from tcm.records.governance import FindingDecision, FindingRecord
from tcm.records.roles import Role
from tcm.services.prescribing import ItemDraft
from tcm.store.engine import Store
from tests.tcm.county import DAY, FOUR_GENTLEMEN, County, draft
from web.demo.clock import DayClock
from web.demo.reviews import REASONS, review_all
from web.demo.town import Town

PRESCRIPTIONS = 12


@pytest.fixture
def county(sqlite_store: Store) -> County:
    """Prescriptions in the queue, each with two warnings, all of one seed's day."""
    county = County(sqlite_store)
    for number in range(PRESCRIPTIONS):
        patient = county.registered(name=f"何{number}", id_number="")
        county.signed(draft([*FOUR_GENTLEMEN, ItemDraft("龙骨", 40.0, "先煎")]), county.visited(patient))
    return county


def judged(county: County, seed: int) -> list[FindingRecord]:
    """Let the pharmacists of a seed decide, and give what they said."""
    clock = DayClock(county.watch())
    town = Town(county.store, clock, county.knowledge, random.Random(seed), DAY, lambda *_: None)
    with county.work() as work:
        town.staff[Role.PHARMACIST] = [work.staff.get(county.pharmacist.staff_id)]
    assert review_all(town) == PRESCRIPTIONS
    with county.work() as work:
        return work.findings.all()


def test_most_findings_are_accepted_and_a_few_overruled_with_a_reason(county: County) -> None:
    said = judged(county, 3)
    overruled = [record for record in said if record.decision is FindingDecision.OVERRULED]
    assert {record.reason for record in said if record.decision is not FindingDecision.OVERRULED} == {""}
    assert {record.reason for record in overruled} <= set(REASONS)
    assert 0 < len(overruled) < len(said) / 4
