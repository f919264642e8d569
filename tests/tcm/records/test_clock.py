"""County time on paper, aware UTC inside."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcm.records.clock import age_years, at_minute, county_day, day_start, minute_of, utc_now

# Summer time ended in the county in 1991; before it a day could have 23 or 25 hours.
DAYS = st.dates(date(1992, 1, 1), date(2099, 12, 31))
TODAY = date(2026, 11, 21)


def test_now_is_aware_and_in_utc() -> None:
    assert utc_now().utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (datetime(2026, 11, 20, 15, 59, 59, 999_999, UTC), date(2026, 11, 20)),
        (datetime(2026, 11, 20, 16, 0, tzinfo=UTC), date(2026, 11, 21)),
        (datetime(2026, 11, 21, 15, 59, 59, tzinfo=UTC), date(2026, 11, 21)),
        (datetime(2026, 12, 31, 16, 0, tzinfo=UTC), date(2027, 1, 1)),
    ],
)
def test_a_county_day_begins_at_four_in_the_afternoon_utc(at: datetime, day: date) -> None:
    assert county_day(at) == day


def test_midnight_in_the_county_is_written_in_utc() -> None:
    assert day_start(TODAY) == datetime(2026, 11, 20, 16, 0, tzinfo=UTC)
    assert day_start(TODAY).utcoffset() == timedelta(0)


@given(DAYS)
def test_a_day_starts_on_itself_and_the_moment_before_is_yesterday(day: date) -> None:
    assert county_day(day_start(day)) == day
    assert county_day(day_start(day) - timedelta(microseconds=1)) == day - timedelta(days=1)


@given(DAYS, st.integers(-3000, 3000))
def test_minutes_to_moments_and_back(day: date, minute: int) -> None:
    assert minute_of(day, at_minute(day, minute)) == minute


@given(DAYS, st.integers(-3000, 3000), st.integers(0, 59_999_999))
def test_a_begun_minute_is_rounded_down_before_midnight_too(day: date, minute: int, micros: int) -> None:
    assert minute_of(day, at_minute(day, minute) + timedelta(microseconds=micros)) == minute


@pytest.mark.parametrize(
    ("born", "on", "years"),
    [
        (date(1966, 11, 21), TODAY, 60),
        (date(1966, 11, 22), TODAY, 59),
        (date(2026, 11, 21), TODAY, 0),
        (date(2026, 11, 22), TODAY, 0),
        (date(2024, 2, 29), date(2026, 2, 28), 1),
        (date(2024, 2, 29), date(2026, 3, 1), 2),
        (date(2012, 11, 21), TODAY, 14),
    ],
)
def test_age_is_completed_years(born: date, on: date, years: int) -> None:
    assert age_years(born, on) == years
