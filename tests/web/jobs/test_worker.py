"""A planning survives the death of its worker: killed in the middle, the next one finishes the day."""

import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from tcm.knowledge import load
from tcm.records.clock import county_day, utc_now
from tcm.records.plans import Plan, PlanState
from tcm.records.roles import Role
from tcm.services import planning
from tcm.store.engine import Store, open_store
from tcm.store.migrate import upgrade
from web.demo import county
from web.demo.clock import DayClock
from web.demo.mornings import write_prescriptions
from web.demo.photographs import Photographs
from web.demo.reviews import review_all
from web.demo.town import Town
from web.jobs.queue import Jobs, prepare

PATIENTS = 24
SOLVER_S = 8.0
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


def _ask(store: Store) -> int:
    jobs = Jobs(store.engine)
    with store.work() as work:
        manager = work.staff.with_role(Role.MANAGER)[0].actor
        plan = planning.ask_plan(
            work,
            manager,
            county_day(utc_now()) + timedelta(days=1),
            from_minute=360,
            seconds=SOLVER_S,
            seed=1,
            request_key="the manager's form",
            enqueue=jobs.plan_day,
        )
        work.commit()
    jobs.close()
    return plan.id or 0


def _plan(store: Store, plan_id: int) -> Plan:
    with store.work() as work:
        return work.plans.get(plan_id)


def _wait(store: Store, plan_id: int, until: Callable[[Plan], bool]) -> Plan:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        plan = _plan(store, plan_id)
        if until(plan):
            return plan
        time.sleep(0.1)
    raise AssertionError(f"the plan is still {plan.state} at {plan.progress_percent} %")
