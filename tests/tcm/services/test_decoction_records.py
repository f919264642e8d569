"""The record of a decoction tells steps, minutes and hands as they were, of each batch its own."""

from collections.abc import Sequence
from datetime import datetime

import pytest

from tcm.records.boils import BoilKeeping, Step
from tcm.records.clinical import Prescription
from tcm.records.clock import COUNTY_ZONE
from tcm.records.errors import Forbidden, NotFound
from tcm.records.lifecycle import State
from tcm.services import boiling, decoction_records, flooring, stepping
from tcm.services.decoction_records import DecoctionRecord
from tcm.services.prescribing import ItemDraft
from tests.tcm.centre import brought_to, packed, step
from tests.tcm.county import DAY, FOUR_GENTLEMEN, County, draft

HERBS = (*FOUR_GENTLEMEN, ItemDraft("薄荷", 6.0, "后下"))
AFTER_MIN = {Step.FIRST_BOIL: 8, Step.LATE_ADDED: 20, Step.FIRST_DRAWN: 10, Step.SECOND_BOIL: 6}


def boiled(county: County, prescription: Prescription, *, second_min: int = 20) -> None:
    """From the scales through every step at the pot into the bags."""
    step(county, prescription, State.DISPENSED)
    step(county, prescription, State.SOAKING)
    county.watch.pass_(minutes=31)
    step(county, prescription, State.DECOCTING, "P01")
    with county.work() as work:
        run = work.pot_runs.open_of(prescription.key())
        assert run is not None
    for taken, minutes in AFTER_MIN.items():
        county.watch.pass_(minutes=minutes)
        take(county, run.key(), taken)
    county.watch.pass_(minutes=second_min)
    take(county, run.key(), Step.DRAWN_OFF, "" if second_min >= 20 else "药汁将干")
    county.watch.pass_(minutes=3)
    step(county, prescription, State.PACKED)
    take(county, run.key(), Step.CLEANED)


def take(county: County, run_id: int, taken: Step, reason: str = "") -> None:
    knowledge, key = county.knowledge, county.new_key()
    county.do(stepping.take, county.floor, knowledge, run_id, taken, request_key=key, reason=reason)


def of_today(county: County) -> list[DecoctionRecord]:
    return county.do(decoction_records.records_of_day, county.manager, county.knowledge, DAY)


def lines(record: DecoctionRecord) -> list[tuple[str, str, str, int | None, str]]:
    return [
        (each.step, clock(each.begun_at), clock(each.ended_at), each.volume_ml, each.who)
        for each in record.lines
    ]


def clock(at: datetime | None) -> str:
    return f"{at.astimezone(COUNTY_ZONE):%H:%M}" if at else ""


def test_every_step_at_the_pot_stands_in_the_record_with_its_minutes_and_hand(county: County) -> None:
    county.do(boiling.set_keeping, county.manager, BoilKeeping.STEPS)
    prescription = county.approved(draft(HERBS))
    boiled(county, prescription, second_min=18)
    [record] = of_today(county)
    who = "周麦冬"
    assert lines(record) == [
        ("dispense", "", "08:00", None, who),
        ("soak", "08:00", "08:31", record.boil.first_water_ml, who),
        ("heat", "08:31", "08:39", None, who),
        ("first_boil", "08:39", "09:09", None, who),
        ("add_later", "08:59", "", None, who),
        ("second_boil", "09:15", "09:33", record.boil.second_water_ml, who),
        ("pack", "", "09:36", record.boil.total_ml, who),
        ("clean", "", "09:36", None, who),
    ]
    early = [(each.step, each.short_min, each.reason) for each in record.steps if each.short_min]
    assert (record.pot, record.special, early) == (
        "P01",
        ("薄荷（后下）",),
        [(Step.DRAWN_OFF, 2, "药汁将干")],
    )
    assert (record.is_stepwise, record.is_scrapped, record.pouches) == (True, False, 14)


def test_a_batch_made_again_has_a_record_of_its_own_beside_that_of_the_scrapped_one(
    sqlite_county: County,
) -> None:
    prescription = packed(sqlite_county)
    version = sqlite_county.now(prescription).version
    sqlite_county.do(flooring.scrap, sqlite_county.floor, prescription.key(), version, "spilled")
    sqlite_county.watch.pass_(hours=1)
    brought_to(sqlite_county, prescription, State.PACKED, "P02")
    first, second = of_today(sqlite_county)
    assert [(each.is_scrapped, each.pot, each.is_stepwise) for each in (first, second)] == [
        (True, "P01", False),
        (False, "P02", False),
    ]
    assert steps_in(first) == steps_in(second) == ["dispense", "soak", "pot", "pack"]
    assert [began(each) for each in (first, second)] == ["08:00", "09:00"]


def test_no_record_is_found_under_a_bag_that_is_none_and_no_courier_reads_one(sqlite_county: County) -> None:
    packed(sqlite_county)
    with pytest.raises(NotFound):
        sqlite_county.do(decoction_records.record_of, sqlite_county.floor, sqlite_county.knowledge, 4711)
    with pytest.raises(Forbidden):
        sqlite_county.do(decoction_records.record_of, sqlite_county.courier, sqlite_county.knowledge, 1)


def test_a_days_records_cost_as_many_statements_for_three_as_for_one(county: County) -> None:
    costs = []
    for more in (1, 2):
        for _ in range(more):
            packed(county)
        with county.work() as work, county.counted() as sent:
            decoction_records.records_of_day(work, county.manager, county.knowledge, DAY)
        costs.append(len([each for each in sent if "INTO access_log" not in each]))
    assert costs[0] == costs[1]


def steps_in(record: DecoctionRecord) -> Sequence[str]:
    return [each.step for each in record.lines]


def began(record: DecoctionRecord) -> str:
    return next(clock(each.begun_at) for each in record.lines if each.step == "soak")
