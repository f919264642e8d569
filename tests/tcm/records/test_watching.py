"""What the curve of a boil tells: the same curve, the same deviations."""

import itertools
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcm.knowledge.decoction import BoilProgramme
from tcm.knowledge.machines import machine_limits
from tcm.records.boils import Step
from tcm.records.machines import DeviationKind, MachineReading
from tcm.records.watching import Found, corners, is_kept, watch

BEGAN = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
LIMITS = machine_limits()
BOIL = BoilProgramme(30, 50, 30, 20, 0, None, 200, 1400, 3000, 1500, 14, "none", ())
K = DeviationKind


def at(minute: float) -> datetime:
    return BEGAN + timedelta(minutes=minute)


def point(minute: float, temperature_c: float, **said: object) -> MachineReading:
    return MachineReading(
        run_id=1, sequence=int(60 * minute), at=at(minute), temperature_c=temperature_c, **said
    )


def curve(*corners_of: tuple[float, float], every_min: float = 0.5) -> list[MachineReading]:
    """Points on the lines between corners of (minute, degrees)."""
    points = []
    for (from_min, from_c), (to_min, to_c) in itertools.pairwise(corners_of):
        count = round((to_min - from_min) / every_min)
        for step in range(count):
            share = step / count
            points.append(point(from_min + share * (to_min - from_min), from_c + share * (to_c - from_c)))
    return [*points, point(*corners_of[-1])]


# Heated in 12 minutes, boiled for 30, drawn at 42; again hot at 50, boiled for 20, drawn at 70.
SOUND = curve((0, 25), (12, 99), (42, 99), (43, 60), (50, 99), (70, 99))
STEPS = {Step.LOADED: 0, Step.FIRST_BOIL: 12, Step.FIRST_DRAWN: 42, Step.SECOND_BOIL: 50, Step.DRAWN_OFF: 70}


def found(
    points: list[MachineReading],
    minutes: Mapping[Step, float],
    now_min: float,
    *,
    is_metered: bool = True,
    closed_min: float | None = None,
) -> list[tuple[str, float]]:
    """Kind and first minute of what is found."""
    closed_at = None if closed_min is None else at(closed_min)
    done = {step: at(minute) for step, minute in minutes.items()}
    seen = watch(BOIL, done, points, at(now_min), LIMITS, is_metered=is_metered, closed_at=closed_at)
    return [(each.kind.value, (each.began_at - BEGAN) / timedelta(minutes=1)) for each in seen]


def test_a_boil_as_it_should_be_shows_nothing() -> None:
    assert found(SOUND, STEPS, 90, closed_min=70) == []


@pytest.mark.parametrize("now_min", [1, 11, 30, 41, 44, 60, 69])
def test_nor_does_it_at_any_minute_on_the_way(now_min: float) -> None:
    done = {step: minute for step, minute in STEPS.items() if minute <= now_min}
    assert found([each for each in SOUND if each.at <= at(now_min)], done, now_min) == []


def test_a_pot_hotter_than_water_can_be_has_boiled_dry_which_is_one_thing_to_decide() -> None:
    points = curve((0, 25), (12, 99), (20, 99), (22, 109), (24, 115))
    assert found(points, {Step.LOADED: 0}, 24) == [("boiled_dry", 21.5)]


def test_a_machine_that_knows_its_level_says_sooner_that_it_is_dry() -> None:
    points = [point(minute / 2, 99, level_ml=900 - 50 * minute, heater_on=True) for minute in range(16)]
    assert found(points, {Step.LOADED: 0}, 8) == [("boiled_dry", 6.5)]
    off = [point(minute / 2, 99, level_ml=100, heater_on=False) for minute in range(16)]
    assert found(off, {Step.LOADED: 0}, 8) == []


def test_one_wild_number_is_no_deviation() -> None:
    points = sorted([*SOUND, point(20.2, 180)], key=lambda each: each.at)
    assert found(points, STEPS, 90, closed_min=70) == []


def test_the_error_of_the_probe_is_not_held_against_the_pot() -> None:
    points = curve((0, 25), (12, 102), (42, 102), (43, 60), (50, 102), (70, 102))
    assert found(points, STEPS, 90, closed_min=70) == []
    hot = curve((0, 25), (12, 102.1), (42, 102.1), (43, 60), (50, 99), (70, 99))
    assert found(hot, STEPS, 90, closed_min=70) == [("too_hot", 12)]


def test_what_boiled_too_short_shows_when_it_is_drawn_and_not_before() -> None:
    points = curve((0, 25), (12, 99), (30, 99))
    assert found(points, {Step.LOADED: 0, Step.FIRST_BOIL: 12}, 30) == []
    assert found(points, {Step.LOADED: 0, Step.FIRST_BOIL: 12, Step.FIRST_DRAWN: 30}, 30) == [
        ("under_time", 30)
    ]


def test_a_boil_that_no_reading_speaks_of_is_told_by_hands_alone() -> None:
    drawn_at_once = {Step.LOADED: 0, Step.DRAWN_OFF: 1}
    assert found([], drawn_at_once, 2, closed_min=1) == []
    assert found([point(0.5, 60)], drawn_at_once, 2, closed_min=1) == [("under_time", 1)]


def test_a_second_boil_has_its_own_minutes() -> None:
    points = curve((0, 25), (12, 99), (42, 99), (43, 60), (50, 99), (60, 99))
    assert found(points, {**STEPS, Step.DRAWN_OFF: 60}, 61, closed_min=60) == [("under_time", 60)]


def test_where_only_loading_and_drawing_are_kept_both_boils_count_together() -> None:
    into_and_out = {Step.LOADED: 0, Step.DRAWN_OFF: 70}
    assert found(SOUND, into_and_out, 90, closed_min=70) == []
    short = curve((0, 25), (12, 99), (42, 99), (43, 60), (50, 99), (65, 80), (70, 80))
    assert found(short, into_and_out, 90, closed_min=70) == [("under_time", 70)]


def test_what_never_boils_is_told_after_an_hour() -> None:
    points = curve((0, 25), (30, 85), (61, 85))
    assert found([each for each in points if each.at <= at(59)], {Step.LOADED: 0}, 59) == []
    assert found(points, {Step.LOADED: 0}, 61) == [("never_boiled", 60)]


def test_a_machine_that_is_switched_off_afterwards_takes_nothing_back() -> None:
    points = curve((0, 25), (30, 85), (61, 85))
    assert found(points, {Step.LOADED: 0}, 75) == [("never_boiled", 60), ("silence", 61)]


def test_minutes_of_silence_are_nobodys_proof() -> None:
    with_gap = [each for each in SOUND if not at(20) < each.at < at(38)]
    assert found(with_gap, STEPS, 90, closed_min=70) == [("silence", 20)]


def test_silence_lasts_until_the_machine_speaks_again() -> None:
    done = {Step.LOADED: BEGAN}
    points = curve((0, 25), (10, 80))
    [lasting] = watch(BOIL, done, points, at(16), LIMITS, is_metered=True)
    assert lasting == Found(K.SILENCE, at(10), None, {"silent_min": 6.0, "limit_min": 5.0})
    [over] = watch(BOIL, done, [*points, point(17, 90)], at(17), LIMITS, is_metered=True)
    assert over == Found(K.SILENCE, at(10), at(17), {"silent_min": 7.0, "limit_min": 5.0})


def test_a_pot_without_a_machine_is_not_asked_to_speak() -> None:
    assert found([], STEPS, 90, is_metered=False, closed_min=70) == []
    assert found([], {Step.LOADED: 0}, 6) == [("silence", 0)]


def test_a_clock_that_is_wrong_for_a_while_is_told_once() -> None:
    points = [point(minute, 60, is_clock_wrong=3 <= minute < 6) for minute in range(10)]
    [told] = watch(BOIL, {Step.LOADED: BEGAN}, points, at(9), LIMITS, is_metered=True)
    assert told == Found(K.CLOCK, at(3), at(6))


@pytest.mark.parametrize(
    ("after_s", "temperature_c", "kept"), [(10, 99.5, False), (30, 99.0, True), (5, 100.0, True)]
)
def test_a_curve_keeps_what_changes_and_one_point_every_half_minute(
    after_s: int, temperature_c: float, kept: bool
) -> None:
    assert is_kept((BEGAN, 99.0), BEGAN + timedelta(seconds=after_s), temperature_c, LIMITS) is kept
    assert is_kept(None, BEGAN, temperature_c, LIMITS)


@given(st.lists(st.floats(10, 120), min_size=1, max_size=60))
def test_corners_stay_near_every_point(degrees: list[float]) -> None:
    points = [point(minute, temperature_c) for minute, temperature_c in enumerate(degrees)]
    kept = sorted(corners(points, 1.0))
    assert kept[0] == 0
    assert kept[-1] == len(points) - 1
    for left, right in itertools.pairwise(kept):
        for place in range(left, right):
            share = (place - left) / (right - left)
            line_c = degrees[left] + share * (degrees[right] - degrees[left])
            assert abs(degrees[place] - line_c) <= 1.0 + 1e-9


def test_a_sound_boil_has_few_corners() -> None:
    assert len(corners(SOUND, 1.0)) == 6
