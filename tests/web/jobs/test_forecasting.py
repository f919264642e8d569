"""A forecast is computed by the worker, and one is asked for in each week in which nobody does."""

import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from tcm.demand.series import week_of
from tcm.records.clock import county_day, utc_now
from tcm.records.demand import Forecast, ForecastState
from tcm.services.forecasting import bring_past_use
from tcm.store.engine import open_store
from tcm.store.migrate import upgrade
from tests.tcm.county import County, Watch
from web.jobs.queue import prepare

PATIENCE_S = 60


@pytest.fixture
def county(environ: dict[str, str]) -> Iterator[County]:
    """A county with half a year of use."""
    opened = open_store(environ)
    upgrade(opened.engine)
    prepare(opened.engine)
    made = County(opened, Watch(utc_now()))
    this_week = week_of(county_day(made.watch()))
    rows = [("党参", this_week - timedelta(weeks=back), 1000.0) for back in range(1, 27)]
    made.do(bring_past_use, made.manager, made.knowledge, rows)
    yield made
    opened.close()


def test_the_worker_foresees_the_week_by_itself(
    county: County, start_worker: Callable[[], subprocess.Popen[bytes]]
) -> None:
    start_worker()
    made = _wait(county)
    assert (made.state, made.asked_by_id, made.result["herbs"]) == (
        ForecastState.DONE,
        None,
        {"党参": [4000.0, 4000.0]},
    )


def _wait(county: County) -> Forecast:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        with county.work() as work:
            newest = work.forecasts.newest()
        if newest is not None and newest.state is not ForecastState.QUEUED:
            return newest
        time.sleep(0.1)
    raise AssertionError("the worker made no forecast")
