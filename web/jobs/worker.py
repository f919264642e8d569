"""The process that executes jobs: resumes what a crash left, then waits for more."""

import itertools
import os
import threading
from collections.abc import Callable

from dbos import DBOS, DBOSConfig

from tcm.store.engine import Store
from web.jobs.forecasting import Forecaster
from web.jobs.notifying import Notifier
from web.jobs.planning import Planner
from web.jobs.queue import (
    ANSWERING,
    APPLICATION,
    FORECAST_USE,
    FORECASTING,
    JOBS_VERSION,
    PLAN_DAY,
    PLANNING,
    READ_PHOTOGRAPH,
    READING,
    REPLAY_RULES,
    REPLAYING,
    STUDY_PLAN,
    STUDYING,
    Jobs,
    url_of,
)
from web.jobs.reading import PhotographReader
from web.jobs.replaying import Replayer
from web.jobs.rounds import Rounds
from web.jobs.studying import Studies
from web.observe import make_log
from web.reading import warm_up

_POLLING_S = 0.5
# A doctor waits for a reading.
_READING_POLLING_S = 0.2
# A page that somebody waits for goes before a search or a reading on the same machine.
_NICENESS = 5
# How often it is asked whether a new day's head or a new week's forecast is due, and old drafts are cleared.
_KEEP_HOUSE_EVERY_S = 600.0
# How soon patients are told.
_NOTIFY_EVERY_S = 10.0


def run_worker(
    store: Store, planner: Planner, notifier: Notifier, worker_id: str, until: threading.Event
) -> None:
    """Execute jobs until told to stop.

    Args:
        store: The open store; its job tables are prepared.
        planner: Plans days; studies, replays and readings take what they need from it.
        notifier: Tells patients.
        worker_id: Stable over restarts and unique among live workers: a job left by a killed worker is
            resumed by the next one of the same id.
        until: Set it to stop.
    """
    os.nice(_NICENESS)
    config: DBOSConfig = {
        "name": APPLICATION,
        "system_database_url": url_of(store.engine),
        "application_version": JOBS_VERSION,
        "executor_id": worker_id,
        "log_level": "WARNING",
        "run_migrations": False,
    }
    replayer = Replayer(store, planner.clock, planner.knowledge)
    _register(planner.run, Studies(planner).run, replayer.run, PhotographReader(store, planner.clock).run)
    _register_forecasts(Forecaster(store, planner.clock).run)
    warm_up()
    DBOS(config=config)
    DBOS.launch()
    # One of each at a time: a search uses every core it is given.
    for queue in (PLANNING, ANSWERING, STUDYING, REPLAYING, FORECASTING):
        DBOS.register_queue(queue, worker_concurrency=1, polling_interval_sec=_POLLING_S)
    # One photograph at a time: the networks take turns anyway, and a large picture fills much memory.
    DBOS.register_queue(READING, worker_concurrency=1, polling_interval_sec=_READING_POLLING_S)
    jobs = Jobs(store.engine)
    try:
        rounds = Rounds(store, planner.clock, jobs, notifier, make_log())
        turns = itertools.cycle(range(int(_KEEP_HOUSE_EVERY_S / _NOTIFY_EVERY_S)))
        while True:
            rounds.go(keeps_house=next(turns) == 0)
            if until.wait(_NOTIFY_EVERY_S):
                break
    finally:
        jobs.close()
        DBOS.destroy()


def _register(
    plan_day: Callable[[int], None],
    study_plan: Callable[[int], None],
    replay_rules: Callable[[int], None],
    read_photograph: Callable[[int], None],
) -> None:
    @DBOS.step(name="solve_and_adopt")
    def solve_and_adopt(plan_id: int) -> None:
        plan_day(plan_id)

    @DBOS.workflow(name=PLAN_DAY)
    def planning_workflow(plan_id: int) -> None:
        solve_and_adopt(plan_id)

    @DBOS.step(name="study_and_answer")
    def study_and_answer(study_id: int) -> None:
        study_plan(study_id)

    @DBOS.workflow(name=STUDY_PLAN)
    def studying_workflow(study_id: int) -> None:
        study_and_answer(study_id)

    @DBOS.step(name="check_and_count")
    def check_and_count(replay_id: int) -> None:
        replay_rules(replay_id)

    @DBOS.workflow(name=REPLAY_RULES)
    def replaying_workflow(replay_id: int) -> None:
        check_and_count(replay_id)

    @DBOS.step(name="read_and_keep")
    def read_and_keep(photograph_id: int) -> None:
        read_photograph(photograph_id)

    @DBOS.workflow(name=READ_PHOTOGRAPH)
    def reading_workflow(photograph_id: int) -> None:
        read_and_keep(photograph_id)


def _register_forecasts(forecast_use: Callable[[int], None]) -> None:
    @DBOS.step(name="learn_and_keep")
    def learn_and_keep(forecast_id: int) -> None:
        forecast_use(forecast_id)

    @DBOS.workflow(name=FORECAST_USE)
    def forecasting_workflow(forecast_id: int) -> None:
        learn_and_keep(forecast_id)
