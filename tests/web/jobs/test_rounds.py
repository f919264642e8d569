"""What the worker does between jobs goes on after a fault, and forgets jobs that ended long ago."""

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import TableClause, column, select, table, update

from tcm.store.engine import Store
from tests.tcm.county import County
from web.jobs.notifying import FileOutbox, Notifier
from web.jobs.queue import Jobs, prepare
from web.jobs.rounds import JOBS_KEPT_FOR, Rounds
from web.observe import make_log

PLANS = 3


@pytest.fixture
def jobs(store: Store) -> Iterator[Jobs]:
    """The queue of an empty house."""
    prepare(store.engine)
    opened = Jobs(store.engine)
    yield opened
    opened.close()


def test_jobs_that_ended_long_ago_are_forgotten_and_no_others(
    store: Store, jobs: Jobs, tmp_path: Path
) -> None:
    with store.work() as work:
        for plan_id in range(1, PLANS + 1):
            jobs.plan_day(work, plan_id)
        work.commit()
    county = County(store)
    county.watch.now = datetime.now(UTC) - timedelta(days=1)
    _rounds(county, jobs, tmp_path).go(keeps_house=True)
    # The first ended long ago, the second just now; the third waits.
    long_ago = datetime.now(UTC) - JOBS_KEPT_FOR - timedelta(days=2)
    _end(store, "plan_day-1", long_ago)
    _end(store, "plan_day-2", datetime.now(UTC))
    _rounds(county, jobs, tmp_path).go(keeps_house=True)
    assert _left(store) == ["plan_day-1", "plan_day-2", "plan_day-3"]
    # By then the house has worked by this clock for a day.
    county.signed()
    _rounds(county, jobs, tmp_path).go(keeps_house=True)
    county.watch.pass_(days=1)
    _rounds(county, jobs, tmp_path).go(keeps_house=True)
    assert _left(store) == ["plan_day-2", "plan_day-3"]


def test_a_database_that_is_away_is_a_line_in_the_log_and_the_next_round_goes(
    store: Store, jobs: Jobs, tmp_path: Path
) -> None:
    county, lines = County(store), io.StringIO()
    county.signed()
    rounds = _rounds(county, jobs, tmp_path, lines)
    with store.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE ledger_heads RENAME TO away")
    rounds.go(keeps_house=True)
    with store.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE away RENAME TO ledger_heads")
    rounds.go(keeps_house=True)
    [line] = [json.loads(each) for each in lines.getvalue().splitlines()]
    assert (line["event"], line["trouble"]) == ("round", None)
    with county.work() as work:
        assert work.ledger.verify().heads == 1


def _rounds(county: County, jobs: Jobs, folder: Path, lines: io.StringIO | None = None) -> Rounds:
    notifier = Notifier(county.store, county.watch, FileOutbox(folder / "out"), "https://centre.example")
    return Rounds(county.store, county.watch, jobs, notifier, make_log(lines or io.StringIO()))


def _end(store: Store, job: str, at: datetime) -> None:
    # As a worker writes it; DBOS takes its times from the database, which no test can move.
    ended = update(_of_dbos(store)).where(column("workflow_uuid") == job)
    with store.engine.begin() as connection:
        connection.execute(ended.values(status="SUCCESS", completed_at=int(at.timestamp() * 1000)))


def _left(store: Store) -> list[str]:
    jobs = _of_dbos(store).c.workflow_uuid
    with store.engine.connect() as connection:
        return list(connection.scalars(select(jobs).order_by(jobs)))


def _of_dbos(store: Store) -> TableClause:
    schema = "dbos" if store.engine.dialect.name == "postgresql" else None
    columns = map(column, ("workflow_uuid", "status", "completed_at"))
    return table("workflow_status", *columns, schema=schema)
