"""Where a boil stands: only the programme's steps, in their order, each not before its minute."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tcm.knowledge import load
from tcm.knowledge.decoction import BoilProgramme
from tcm.records.boil_standing import Alarm, Limits, limits_from, standing
from tcm.records.boils import (
    PotRun,
    Step,
    due_of,
    next_steps,
    programme_row,
    short_min,
    steps_of,
)

BEGAN = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
LIMITS = Limits(soon_min=2, over_min=5, heat_up_min=40, clean_min=15)
FULL = BoilProgramme(
    soak_min=30,
    cook_min=65,
    first_boil_min=30,
    second_boil_min=20,
    pre_boil_min=15,
    add_at_min=35,
    volume_ml=400,
    total_ml=2800,
    first_water_ml=3000,
    second_water_ml=1500,
    bags=14,
    taint="none",
    notes=("先煎15分钟：龙骨，再投群药",),
)
PLAIN = replace(FULL, pre_boil_min=0, add_at_min=None, cook_min=50, notes=())


def at(minute: float) -> datetime:
    return BEGAN + timedelta(minutes=minute)


def done(**minutes: float) -> dict[Step, datetime]:
    return {Step(name): at(minute) for name, minute in minutes.items()}


def test_what_the_programme_has_not_is_no_step() -> None:
    assert steps_of(FULL) == tuple(Step)
    plain = (
        Step.LOADED,
        Step.FIRST_BOIL,
        Step.FIRST_DRAWN,
        Step.SECOND_BOIL,
        Step.DRAWN_OFF,
        Step.PACKED,
        Step.CLEANED,
    )
    assert steps_of(PLAIN) == plain
    once = replace(PLAIN, second_boil_min=0)
    assert steps_of(once)[1:3] == (Step.FIRST_BOIL, Step.DRAWN_OFF)
    assert due_of(once, done(first_boil=0), Step.DRAWN_OFF, stepwise=True) == (at(30), 30)
    assert steps_of(FULL, stepwise=False) == (Step.LOADED, Step.DRAWN_OFF, Step.PACKED)


def test_each_step_waits_for_the_minutes_of_the_programme() -> None:
    taken = done(loaded=0)
    # Step, the minute at which it is taken, the minute at which it was due.
    for step, minute, due in (
        (Step.FIRST_BOIL, 10, None),
        (Step.REST_ADDED, 26, 25),
        (Step.LATE_ADDED, 48, 46),
        (Step.FIRST_DRAWN, 58, 58),
        (Step.SECOND_BOIL, 63, None),
        (Step.DRAWN_OFF, 83, 83),
    ):
        assert next_steps(FULL, taken, stepwise=True) == (step,)
        waited = due_of(FULL, taken, step, stepwise=True)
        assert (None if waited is None else waited[0]) == (None if due is None else at(due))
        taken[step] = at(minute)
    assert next_steps(FULL, taken, stepwise=True) == (Step.CLEANED, Step.PACKED)
    assert next_steps(FULL, taken | done(cleaned=90), stepwise=True) == (Step.PACKED,)
    assert next_steps(FULL, taken | done(packed=90), stepwise=True) == (Step.CLEANED,)
    assert next_steps(FULL, taken | done(packed=90, cleaned=91), stepwise=True) == ()


@pytest.mark.parametrize(
    ("taken", "minute", "left_min", "alarm"),
    [
        (done(loaded=0), 40, None, None),
        (done(loaded=0), 41, None, Alarm.OVER),
        (done(loaded=0, first_boil=5), 17.5, 3, None),
        (done(loaded=0, first_boil=5), 18.5, 2, Alarm.SOON),
        (done(loaded=0, first_boil=5), 20, 0, Alarm.DUE),
        (done(loaded=0, first_boil=5), 25.5, -5, Alarm.OVER),
        (done(loaded=0, first_boil=5), 4, 16, Alarm.CLOCK),
        (done(loaded=0, first_boil=5, rest_added=20), 39.9, 1, Alarm.SOON),
        (done(loaded=0, first_boil=5, rest_added=20), 40, 0, Alarm.LATE_HERBS),
        (done(loaded=0, first_boil=5, rest_added=20), 70, -30, Alarm.LATE_HERBS),
        (done(loaded=0, first_boil=5, rest_added=20, late_added=40, first_drawn=50), 80, None, None),
    ],
)
def test_a_pot_asks_for_a_hand_when_it_is_time(
    taken: dict[Step, datetime], minute: float, left_min: int | None, alarm: Alarm | None
) -> None:
    now = standing(FULL, taken, at(minute), LIMITS)
    assert (now.left_min, now.alarm) == (left_min, alarm)


def test_an_empty_pot_asks_to_be_cleaned_though_it_was_packed_meanwhile() -> None:
    taken = done(loaded=0, first_boil=5, first_drawn=35, second_boil=40, drawn_off=60, packed=74)
    assert standing(PLAIN, taken, at(75), LIMITS).alarm is None
    late = standing(PLAIN, taken, at(75.1), LIMITS)
    assert (late.alarm, late.since, late.next) == (Alarm.CLEAN, at(60), (Step.CLEANED,))


def test_of_a_scrapped_batch_nothing_is_left_but_to_clean_the_pot() -> None:
    now = standing(FULL, done(loaded=0, first_boil=5), at(25), LIMITS, scrapped_at=at(10))
    assert (now.next, now.since, now.alarm) == ((Step.CLEANED,), at(10), None)
    assert standing(FULL, done(loaded=0), at(26), LIMITS, scrapped_at=at(10)).alarm is Alarm.CLEAN


def test_where_the_steps_stand_on_paper_the_minutes_are_a_guess_that_never_alarms() -> None:
    now = standing(FULL, done(loaded=0), at(20), LIMITS, stepwise=False)
    assert (now.next, now.left_min, now.wait_min, now.done_share) == ((Step.DRAWN_OFF,), 45, 65, 1 - 45 / 65)
    assert standing(FULL, done(loaded=0), at(300), LIMITS, stepwise=False).alarm is Alarm.DUE


def test_a_minute_that_has_begun_is_a_minute_too_early() -> None:
    assert [short_min(at(10), at(minute)) for minute in (8, 8.5, 9.99, 10, 11)] == [2, 2, 1, 0, 0]
    assert short_min(None, at(0)) == 0


def test_a_run_gives_back_the_programme_it_began_with() -> None:
    run = PotRun(
        prescription_id=1,
        pot_id=1,
        stepwise=True,
        programme=programme_row(FULL),
        opened_at=BEGAN,
        opened_by_id=1,
    )
    assert run.boil == FULL


def test_the_limits_are_rows() -> None:
    assert limits_from(load().boil_rules) == LIMITS
