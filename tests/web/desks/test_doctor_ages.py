"""Ages as a prescription states them."""

from datetime import date

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tcm.store.engine import Store
from tests.web.desks.hands import Web
from web.desks.shown import age_text

TODAY = date(2026, 11, 21)


@pytest.fixture
def app(sqlite_store: Store) -> Flask:
    """The application, for its language."""
    return Web(sqlite_store).app


@pytest.mark.parametrize(
    ("born_on", "said"),
    [
        (date(2026, 11, 21), "0天"),
        (date(2026, 11, 9), "12天"),
        (date(2026, 10, 22), "30天"),
        (date(2026, 10, 21), "1个月"),
        (date(2025, 11, 22), "11个月"),
        (date(2025, 11, 21), "1岁"),
        (date(2023, 9, 1), "3岁2个月"),
        (date(2020, 11, 21), "6岁"),
        (date(1966, 11, 22), "59岁"),
        (date(1904, 2, 29), "122岁"),
    ],
)
def test_an_age_is_exact_for_the_young_and_in_years_for_others(app: Flask, born_on: date, said: str) -> None:
    with app.test_request_context():
        assert age_text(born_on, TODAY) == said


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dates(date(1910, 1, 1), TODAY))
def test_the_years_are_those_the_review_counts(app: Flask, born_on: date) -> None:
    had_birthday = (TODAY.month, TODAY.day) >= (born_on.month, born_on.day)
    years = TODAY.year - born_on.year - (0 if had_birthday else 1)
    with app.test_request_context():
        said = age_text(born_on, TODAY)
    assert (int(said.split("岁")[0]) if "岁" in said else 0) == years
