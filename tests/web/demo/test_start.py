"""The demo opens at any hour of any day."""

from datetime import UTC, datetime

from tcm.store.engine import Store
from tests.web.desks.hands import FAST
from web.demo.start import start_demo
from web.settings import Settings

# Ten past midnight of a Monday in the county: what lies behind the desks was done in the week before.
A_WEEK_BEGINS = datetime(2026, 11, 22, 16, 10, tzinfo=UTC)


def test_the_demo_opens_in_the_first_hour_of_a_week(sqlite_store: Store) -> None:
    told: list[int] = []
    logins = start_demo(
        sqlite_store,
        Settings(**FAST),
        1,
        {},
        lambda _stage, done, of: told.append(of - done),
        week=False,
        clock=lambda: A_WEEK_BEGINS,
    )
    assert (len(logins.users), told[-1]) == (6, 0)
