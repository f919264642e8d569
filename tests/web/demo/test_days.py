"""Days in a row: what goes wrong is shared out, and each step of a boil has its minute."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tcm.knowledge.decoction import BoilProgramme
from tcm.records.boils import PotRun, Step, programme_row
from web.demo.faults import trouble_of_days
from web.demo.pots import CLEANED_AFTER_MIN, HEAT_AGAIN_MIN, ahead, timetable
from web.demo.week import first_day
from web.planning import LOAD_MIN

BOILS_AT = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
BOIL = BoilProgramme(
    soak_min=30,
    cook_min=60,
    first_boil_min=25,
    second_boil_min=20,
    pre_boil_min=15,
    add_at_min=35,
    volume_ml=400,
    total_ml=2800,
    first_water_ml=3000,
    second_water_ml=1500,
    bags=14,
    taint="none",
    notes=(),
)


@pytest.mark.parametrize("days", [1, 7, 13])
def test_what_goes_wrong_in_a_row_of_days_is_what_goes_wrong_in_one_of_their_size(days: int) -> None:
    trouble = trouble_of_days([10] * days)
    sums = [sum(getattr(each, name) for each in trouble) for name in ("late", "burnt", "pot_down", "absent")]
    assert sums == [max(1, round(days / 2)), 1, 1, 1]


@pytest.mark.parametrize(("today", "days"), [(date(2026, 11, 23), 7), (date(2026, 11, 22), 13)])
def test_work_lies_behind_the_demo_since_last_weeks_monday(today: date, days: int) -> None:
    assert (first_day(today).weekday(), (today - first_day(today)).days) == (0, days)


def test_each_step_of_a_boil_has_its_minute_and_the_second_water_boils_soon() -> None:
    minutes = {
        step: (at - BOILS_AT) // timedelta(minutes=1) for step, at in timetable(BOIL, BOILS_AT, stepwise=True)
    }
    assert minutes == {
        Step.FIRST_BOIL: 0,
        Step.REST_ADDED: 15,
        Step.LATE_ADDED: 35,
        Step.FIRST_DRAWN: 40,
        Step.SECOND_BOIL: 40 + HEAT_AGAIN_MIN,
        Step.DRAWN_OFF: 60 + HEAT_AGAIN_MIN,
        Step.CLEANED: 60 + HEAT_AGAIN_MIN + CLEANED_AFTER_MIN,
    }
    kept = [(step, at - BOILS_AT) for step, at in timetable(BOIL, BOILS_AT, stepwise=False)]
    assert kept == [(Step.DRAWN_OFF, timedelta(minutes=60))]


def test_of_a_boil_that_began_what_is_left_is_due_and_of_a_scrapped_one_the_cleaning() -> None:
    run = PotRun(
        prescription_id=1,
        pot_id=1,
        stepwise=True,
        programme=programme_row(BOIL),
        opened_at=BOILS_AT,
        opened_by_id=1,
    )
    [first, *_] = ahead(run, {Step.LOADED: BOILS_AT})
    assert first == (Step.FIRST_BOIL, BOILS_AT + timedelta(minutes=LOAD_MIN))
    late = BOILS_AT + timedelta(minutes=9)
    [rest, *_] = ahead(run, {Step.LOADED: BOILS_AT, Step.FIRST_BOIL: late})
    assert rest == (Step.REST_ADDED, late + timedelta(minutes=BOIL.pre_boil_min))
    run.closed_at = late
    assert list(ahead(run, {Step.LOADED: BOILS_AT})) == [
        (Step.CLEANED, late + timedelta(minutes=CLEANED_AFTER_MIN))
    ]
