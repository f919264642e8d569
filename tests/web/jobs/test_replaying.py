"""A replay survives the death of its worker, counts nothing twice, and waits behind no planning."""

import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import date

import pytest
from dbos import DBOSClient

from tcm.knowledge import load
from tcm.records.clinical import Item, Prescription
from tcm.records.governance import RuleReplay
from tcm.records.lifecycle import State
from tcm.records.people import Patient, Sex
from tcm.review import RuleSetting
from tcm.services import planning, replaying, ruling
from tcm.services.replaying import BATCH
from tcm.store.engine import open_store
from tcm.store.migrate import upgrade
from tests.tcm.county import DAY, USAGE, County
from web.jobs.queue import APPLICATION, PLANNING, REPLAYING, Jobs, prepare, url_of
from web.jobs.replaying import Replayer

# Enough that a worker is still at it when it is killed, and not a whole number of batches.
PRESCRIPTIONS = 12 * BATCH + 7
SMALL = (("党参", 12.0), ("白术", 9.0), ("茯苓", 12.0), ("炙甘草", 6.0))
LARGE = (*SMALL, ("陈皮", 9.0), ("山药", 15.0))
EVERY_THIRD = 3
PATIENCE_S = 60


@pytest.fixture
def county(environ: dict[str, str]) -> Iterator[County]:
    """A county whose job tables are prepared."""
    opened = open_store(environ)
    upgrade(opened.engine)
    prepare(opened.engine)
    yield County(opened)
    opened.close()


@pytest.fixture
def jobs(county: County) -> Iterator[Jobs]:
    """Enqueues jobs as the web does."""
    opened = Jobs(county.store.engine)
    yield opened
    opened.close()


def test_a_killed_replay_is_finished_by_the_next_worker_and_counts_nothing_twice(
    county: County, jobs: Jobs, start_worker: Callable[[], subprocess.Popen[bytes]]
) -> None:
    ids = _signed(county, PRESCRIPTIONS)
    replay_id = _ask(county, jobs)
    first = start_worker()
    _wait(county, replay_id, lambda replay: replay.checked_count > 0)
    first.send_signal(signal.SIGKILL)
    first.wait(20)
    left = _replay(county, replay_id)
    assert left.finished_at is None
    assert left.checked_count % BATCH == 0
    assert 0 < left.checked_count < left.total_count == PRESCRIPTIONS
    start_worker()
    done = _wait(county, replay_id, lambda replay: replay.finished_at is not None)
    large = ids[::EVERY_THIRD]
    changed = done.result.pop("changed")
    assert done.result == {
        "checked": PRESCRIPTIONS,
        "verdicts": {"none->none": PRESCRIPTIONS - len(large), "none->return": len(large)},
        "by_rule": {"herb_count": {"added": len(large), "removed": 0}},
    }
    assert isinstance(changed, list)
    assert [each["prescription_id"] for each in changed] == large[:500]
    assert (done.failure, done.checked_count, done.total_count) == ("", PRESCRIPTIONS, PRESCRIPTIONS)


def test_a_replay_has_a_queue_of_its_own_and_is_enqueued_only_with_its_row(
    county: County, jobs: Jobs
) -> None:
    with county.work() as work:
        planning.ask_plan(
            work,
            county.manager,
            DAY,
            from_minute=480,
            seconds=1.0,
            seed=1,
            request_key="the manager's form",
            enqueue=jobs.plan_day,
        )
        work.commit()
    replay_id = _ask(county, jobs)
    with county.work() as work:
        version = work.rule_replays.get(replay_id).rule_version_id
        replaying.ask_replay(work, county.manager, version, DAY, "undone", enqueue=jobs.replay_rules)
    client = DBOSClient(system_database_url=url_of(county.store.engine), application_name=APPLICATION)
    waiting = {job.workflow_id: (job.name, job.queue_name) for job in client.list_workflows()}
    client.destroy()
    assert waiting == {
        "plan_day-1": ("plan_day", PLANNING),
        f"replay_rules-{replay_id}": ("replay_rules", REPLAYING),
    }


def test_a_replay_runs_without_a_worker_too(county: County, jobs: Jobs) -> None:
    _signed(county, 4)
    replay_id = _ask(county, jobs)
    Replayer(county.store, county.watch, load()).run(replay_id)
    assert _replay(county, replay_id).result["verdicts"] == {"none->return": 2, "none->none": 2}


def _signed(county: County, count: int) -> list[int]:
    """Prescriptions as they lie in the store, without the long way over a desk; every third has six herbs."""
    visit = county.visited()
    with county.work() as work:
        patients = [
            Patient(
                institution_id=county.hospital.id or 0,
                village_id=county.village.id or 0,
                name=f"某{number}",
                sex=Sex.FEMALE,
                born_on=date(1980, 1, 1),
                created_at=work.now,
                request_key=f"patient {number}",
            )
            for number in range(count)
        ]
        work.session.add_all(patients)
        work.session.flush()
        prescriptions = [
            Prescription(
                number=f"20261121-{number:05}",
                encounter_id=visit.id or 0,
                patient_id=patient.id or 0,
                institution_id=county.hospital.id or 0,
                village_id=county.village.id or 0,
                doctor_id=county.doctor.staff_id,
                state=State.SIGNED,
                disease="泄泻",
                syndrome="脾胃气虚证",
                usage=USAGE,
                items=[
                    Item(position=position, herb=herb, written_as=herb, dose_g=grams)
                    for position, (herb, grams) in enumerate(SMALL if number % EVERY_THIRD else LARGE)
                ],
                edited_at=work.now,
                signed_at=work.now,
                rules_version="shipped",
                request_key=f"prescription {number}",
            )
            for number, patient in enumerate(patients)
        ]
        work.session.add_all(prescriptions)
        work.commit()
        return [each.key() for each in prescriptions]


def _ask(county: County, jobs: Jobs) -> int:
    strict = {"herb_count": RuleSetting(severity="return", parameters={"most_herbs": 5.0})}
    draft = county.do(ruling.begin, county.pharmacist, county.new_key())
    county.do(ruling.change, county.pharmacist, county.knowledge, draft.id or 0, strict, "")
    with county.work() as work:
        replay = replaying.ask_replay(
            work, county.pharmacist, draft.id or 0, DAY, county.new_key(), enqueue=jobs.replay_rules
        )
        work.commit()
    return replay.id or 0


def _replay(county: County, replay_id: int) -> RuleReplay:
    with county.work() as work:
        return work.rule_replays.get(replay_id)


def _wait(county: County, replay_id: int, until: Callable[[RuleReplay], bool]) -> RuleReplay:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        replay = _replay(county, replay_id)
        if until(replay):
            return replay
        time.sleep(0.05)
    raise AssertionError(f"the replay is still at {replay.checked_count} of {replay.total_count}")
