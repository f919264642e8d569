"""A planning survives the death of its worker, ends when it is cancelled or too large, and is made once."""

import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from tcm.knowledge import load
from tcm.records.clock import county_day, utc_now
from tcm.records.day_events import DayEventKind
from tcm.records.plans import UNDER_WAY, Plan, PlanState
from tcm.records.roles import Role
from tcm.records.studies import Study, StudyKind
from tcm.services import planning, reporting, studying
from tcm.store.engine import Store, open_store
from tcm.store.migrate import upgrade
from web.demo import county
from web.demo.clock import DayClock
from web.demo.mornings import write_prescriptions
from web.demo.photographs import Photographs
from web.demo.reviews import review_all
from web.demo.town import Town
from web.jobs.queue import Jobs, prepare
from web.jobs.search import TooMuchMemory

PATIENTS = 16
SOLVER_S = 5.0
PATIENCE_S = 90


@pytest.fixture
def store(environ: dict[str, str]) -> Iterator[Store]:
    """A store with an approved morning, its job tables prepared."""
    opened = open_store(environ)
    upgrade(opened.engine)
    prepare(opened.engine)
    county.set_up(opened, "no log-in in this test", seed=1)
    rng = random.Random(1)
    town = Town(opened, DayClock(utc_now()), load(), rng, county_day(utc_now()), lambda *_: None)
    town.meet()
    write_prescriptions(town, Photographs(None, 1), PATIENTS, "morning")
    review_all(town)
    yield opened
    opened.close()


def test_a_killed_planning_is_finished_by_the_next_worker(
    store: Store, start_worker: Callable[[], subprocess.Popen[bytes]]
) -> None:
    plan_id = _ask(store)
    first = start_worker()
    _wait(store, plan_id, lambda plan: plan.state is PlanState.RUNNING and plan.progress_percent > 0)
    first.send_signal(signal.SIGKILL)
    first.wait(20)
    assert _plan(store, plan_id).state is PlanState.RUNNING
    start_worker()
    done = _wait(store, plan_id, lambda plan: plan.state is not PlanState.RUNNING)
    assert (done.state, done.failure, done.in_force, done.violations) == (PlanState.DONE, "", True, [])
    with store.work() as work:
        carried = [
            delivery.prescription_id
            for route in work.routes.of_plan(plan_id)
            for stop in route.stops
            for delivery in stop.deliveries
        ]
        planned = len(carried) + len(done.unserved)
        assert (planned, len(set(carried))) == (PATIENTS, len(carried))
        assert work.ledger.verify().broken is None


@pytest.mark.parametrize("environ", ["postgresql"], indirect=True)
def test_a_cancelled_planning_leaves_no_process_and_the_next_one_is_made(
    store: Store, start_worker: Callable[..., subprocess.Popen[bytes]]
) -> None:
    plan_id = _ask(store, seconds=60.0)
    worker = start_worker()
    _wait(store, plan_id, lambda plan: plan.progress_percent > 0)
    [searching] = _searches_of(worker.pid)
    with store.work() as work:
        planning.cancel_plan(work, work.staff.with_role(Role.MANAGER)[0].actor, plan_id)
        work.commit()
    cancelled_s = time.monotonic()
    while searching in _searches_of(worker.pid):
        assert time.monotonic() - cancelled_s < 2
        time.sleep(0.05)
    again = _ask(store, key="the manager's second form", seconds=2.0)
    done = _wait(store, again, lambda plan: plan.state not in UNDER_WAY)
    first = _plan(store, plan_id)
    assert (done.state, done.in_force) == (PlanState.DONE, True)
    assert (first.state, first.in_force, first.result) == (PlanState.CANCELLED, False, {})


@pytest.mark.parametrize("environ", ["sqlite"], indirect=True)
def test_a_worker_that_is_told_to_stop_leaves_at_once_and_its_planning_to_the_next(
    store: Store, start_worker: Callable[..., subprocess.Popen[bytes]]
) -> None:
    plan_id = _ask(store, seconds=60.0)
    worker = start_worker()
    _wait(store, plan_id, lambda plan: plan.progress_percent > 0)
    [searching] = _searches_of(worker.pid)
    worker.terminate()
    assert worker.wait(5) == 0
    _wait(store, plan_id, lambda _plan: not Path(f"/proc/{searching}").exists())
    assert _plan(store, plan_id).state is PlanState.RUNNING


@pytest.mark.parametrize("environ", ["sqlite"], indirect=True)
def test_a_search_that_may_hold_less_than_it_needs_ends_with_a_sentence(
    store: Store, start_worker: Callable[..., subprocess.Popen[bytes]]
) -> None:
    plan_id = _ask(store, seconds=60.0)
    start_worker(TANGYE_PLAN_MEMORY_MB="64")
    over = _wait(store, plan_id, lambda plan: plan.state not in UNDER_WAY)
    assert (over.state, over.failure) == (PlanState.FAILED, TooMuchMemory.msgid)


@pytest.mark.parametrize("environ", ["sqlite"], indirect=True)
def test_an_event_and_a_question_have_queues_of_their_own_and_are_answered(
    store: Store, start_worker: Callable[..., subprocess.Popen[bytes]]
) -> None:
    today = county_day(utc_now())
    plan_id = _ask(store, seconds=1.0)
    start_worker()
    _wait(store, plan_id, lambda plan: plan.state not in UNDER_WAY)
    # A day that takes its time is no reason to wait.
    slow = _ask(store, key="the day after", seconds=60.0, day=today + timedelta(days=2))
    _wait(store, slow, lambda plan: plan.state is PlanState.RUNNING)
    jobs = Jobs(store.engine)
    with store.work() as work:
        manager = work.staff.with_role(Role.MANAGER)[0].actor
        event = reporting.report(
            work,
            manager,
            today + timedelta(days=1),
            DayEventKind.POT_DOWN,
            {"pot": work.pots.all()[-1].code},
            note="",
            seed=1,
            request_key="the event's form",
            enqueue=jobs.answer_events,
        )
        study = studying.ask_study(
            work,
            manager,
            today + timedelta(days=1),
            StudyKind.ROBUSTNESS,
            {"draws": 100, "target": 0.95},
            seconds=1.0,
            seed=1,
            request_key="the question's form",
            enqueue=jobs.study_plan,
        )
        work.commit()
    jobs.close()
    answer = _wait(store, event.plan_id or 0, lambda plan: plan.state not in UNDER_WAY)
    assert (answer.state, answer.difference["before"]) == (PlanState.PROPOSED, plan_id)
    deadline_s = time.monotonic() + PATIENCE_S
    while (state := _study(store, study.id or 0).state) in UNDER_WAY:
        assert time.monotonic() < deadline_s
        time.sleep(0.1)
    assert (state, set(_study(store, study.id or 0).answer)) == (PlanState.DONE, {"robustness", "choice"})


@pytest.mark.parametrize("environ", ["postgresql"], indirect=True)
def test_two_workers_share_the_queue_and_make_each_plan_once(
    store: Store, start_worker: Callable[..., subprocess.Popen[bytes]]
) -> None:
    today = county_day(utc_now())
    days = [today + timedelta(days=ahead) for ahead in range(1, 5)]
    plan_ids = [_ask(store, key=f"plan of {day}", seconds=3.0, day=day) for day in days]
    for worker_id in ("worker-1", "worker-2"):
        start_worker(TANGYE_WORKER_ID=worker_id)
    for plan_id in plan_ids:
        done = _wait(store, plan_id, lambda plan: plan.state not in UNDER_WAY)
        assert (done.state, done.in_force, done.violations) == (PlanState.DONE, True, [])
    # The plan is committed by the step; that the step is over is written after it.
    deadline = time.monotonic() + PATIENCE_S
    while _finished_jobs(store) < len(plan_ids):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    with store.engine.connect() as connection:
        jobs = connection.execute(
            text("SELECT workflow_uuid, executor_id, recovery_attempts FROM dbos.workflow_status ORDER BY 1")
        ).all()
        steps = connection.execute(
            text("SELECT workflow_uuid, count(*) FROM dbos.operation_outputs GROUP BY 1 ORDER BY 1")
        ).all()
    assert [name for name, _, _ in jobs] == [f"plan_day-{plan_id}" for plan_id in plan_ids]
    assert {worker_id for _, worker_id, _ in jobs} == {"worker-1", "worker-2"}
    assert [count for _, count in steps] == [1] * len(plan_ids)


def _finished_jobs(store: Store) -> int:
    with store.engine.connect() as connection:
        finished = text("SELECT count(*) FROM dbos.workflow_status WHERE status = 'SUCCESS'")
        return int(connection.scalar(finished) or 0)


def _searches_of(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task").glob("*/children")
    children = [Path(f"/proc/{child}") for each in found for child in each.read_text().split()]
    return [int(child.name) for child in children if b"spawn_main" in (child / "cmdline").read_bytes()]


def _ask(
    store: Store, *, key: str = "the manager's form", seconds: float = SOLVER_S, day: date | None = None
) -> int:
    jobs = Jobs(store.engine)
    with store.work() as work:
        manager = work.staff.with_role(Role.MANAGER)[0].actor
        plan = planning.ask_plan(
            work,
            manager,
            day or county_day(utc_now()) + timedelta(days=1),
            from_minute=360,
            seconds=seconds,
            seed=1,
            request_key=key,
            enqueue=jobs.plan_day,
        )
        work.commit()
    jobs.close()
    return plan.id or 0


def _plan(store: Store, plan_id: int) -> Plan:
    with store.work() as work:
        return work.plans.get(plan_id)


def _study(store: Store, study_id: int) -> Study:
    with store.work() as work:
        return work.studies.get(study_id)


def _wait(store: Store, plan_id: int, until: Callable[[Plan], bool]) -> Plan:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        plan = _plan(store, plan_id)
        if until(plan):
            return plan
        time.sleep(0.1)
    raise AssertionError(f"the plan is still {plan.state} at {plan.progress_percent} %")
