"""`tangye forecast`: one JSON document, or one line where too little is known."""

import json
from datetime import date, timedelta

from tcm.demand.series import week_of
from tcm.records.clock import county_day, utc_now
from tcm.services.forecasting import bring_past_use
from tcm.store.engine import open_store
from tcm.store.migrate import upgrade
from tests.tcm.county import County, Watch
from tests.web.cli.conftest import Tangye


def _county(tangye: Tangye, weeks: int) -> date:
    store = open_store(tangye.environ)
    upgrade(store.engine)
    county = County(store, Watch(utc_now()))
    this_week = week_of(county_day(county.watch()))
    rows = [("潞党参", this_week - timedelta(weeks=back), 1000.0) for back in range(1, weeks + 1)]
    county.do(bring_past_use, county.manager, county.knowledge, rows)
    store.close()
    return this_week


def test_steady_use_is_foreseen_with_how_good_each_way_was(tangye: Tangye) -> None:
    until = _county(tangye, 20)
    answer = tangye.run("forecast", "--weeks", "2")
    assert (answer.returncode, answer.stderr) == (0, "")
    told = json.loads(answer.stdout)
    assert (told["until"], told["weeks"], told["horizon_weeks"]) == (until.isoformat(), 20, 2)
    assert told["herbs"] == {"党参": [2000.0, 2000.0]}
    assert list(told["scores"]) == ["last_week", "seasonal_naive", "recent_mean", "learned"]


def test_too_short_a_past_is_one_line(tangye: Tangye) -> None:
    _county(tangye, 3)
    answer = tangye.run("forecast")
    assert (answer.returncode, answer.stdout) == (2, "")
    assert answer.stderr == "tangye: less than 12 weeks of use are on record\n"
