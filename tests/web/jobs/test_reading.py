"""A reading survives the death of its worker, waits behind no planning, and is soon there."""

import signal
import subprocess
import time
from collections.abc import Callable, Iterator

import pytest
from dbos import DBOSClient

from tcm.records.clinical import Photograph, PhotographKind, PhotographState
from tcm.services import photographing
from tcm.services.photographing import FAILED, Upload
from tcm.store.engine import open_store
from tcm.store.migrate import upgrade
from tests.tcm.county import County
from vision import clean
from vision.tongue.drawn import draw
from web.jobs.queue import APPLICATION, READING, Jobs, prepare, url_of
from web.jobs.reading import PhotographReader

# Enough that a worker is still at it when it is killed.
PHOTOGRAPHS = 12
PATIENCE_S = 120
TONGUE = clean(draw(3, body="red", coat="yellow", thickness="thick"))


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


def test_photographs_that_a_killed_worker_left_are_read_by_the_next_each_once(
    county: County, jobs: Jobs, start_worker: Callable[[], subprocess.Popen[bytes]]
) -> None:
    ids = [_send(county, jobs) for _ in range(PHOTOGRAPHS)]
    first = start_worker()
    _wait(county, lambda states: PhotographState.READ in states)
    first.send_signal(signal.SIGKILL)
    first.wait(20)
    left = _states(county)
    assert (PhotographState.READ in left, PhotographState.WAITING in left) == (True, True)
    start_worker()
    _wait(county, lambda states: PhotographState.WAITING not in states)
    with county.work() as work:
        read = [work.photographs.get(photograph_id) for photograph_id in ids]
    assert {(each.state, each.refusal, len(each.signs) > 0) for each in read} == {
        (PhotographState.READ, "", True)
    }
    assert len({each.overlay_key for each in read}) == PHOTOGRAPHS
    assert {each.reading.width_px for each in read if each.reading} == {400}


def test_a_reading_has_a_queue_of_its_own_and_is_enqueued_only_with_its_row(
    county: County, jobs: Jobs
) -> None:
    photograph_id = _send(county, jobs)
    with county.work() as work:
        photographing.keep_upload(
            work,
            county.doctor,
            _newest_visit(county),
            Upload(TONGUE),
            "undone",
            enqueue=jobs.read_photograph,
        )
    client = DBOSClient(system_database_url=url_of(county.store.engine), application_name=APPLICATION)
    waiting = {job.workflow_id: (job.name, job.queue_name) for job in client.list_workflows()}
    client.destroy()
    assert waiting == {f"read_photograph-{photograph_id}": ("read_photograph", READING)}


def test_a_reading_runs_without_a_worker_too_and_again_without_harm(county: County, jobs: Jobs) -> None:
    photograph_id = _send(county, jobs)
    reader = PhotographReader(county.store, county.watch)
    reader.run(photograph_id)
    before = _photograph(county, photograph_id)
    reader.run(photograph_id)
    assert _photograph(county, photograph_id).overlay_key == before.overlay_key
    assert before.state is PhotographState.READ


def test_a_photograph_whose_pixels_are_gone_is_refused_and_the_mistake_is_raised(
    county: County, jobs: Jobs
) -> None:
    photograph_id = _send(county, jobs)
    county.store.blobs.remove(_photograph(county, photograph_id).blob_key)
    with pytest.raises(FileNotFoundError):
        PhotographReader(county.store, county.watch).run(photograph_id)
    left = _photograph(county, photograph_id)
    assert (left.state, left.refusal) == (PhotographState.REFUSED, FAILED)


def test_a_refusal_that_a_crash_kept_from_dropping_its_pixels_drops_them_the_next_time(
    county: County, jobs: Jobs
) -> None:
    photograph_id = _send(county, jobs, PhotographKind.FACE)
    with county.work() as work:
        photographing.fail_reading(work, photograph_id)
        work.commit()
    key = _photograph(county, photograph_id).blob_key
    PhotographReader(county.store, county.watch).run(photograph_id)
    assert _photograph(county, photograph_id).blob_key == ""
    with pytest.raises(FileNotFoundError):
        county.store.blobs.get(key)


def _newest_visit(county: County) -> int:

    with county.work() as work:
        newest = work.encounters.all()[-1]
    return newest.id or 0


def _send(county: County, jobs: Jobs, kind: PhotographKind = PhotographKind.TONGUE) -> int:
    visit = county.visited()
    with county.work() as work:
        photograph = photographing.keep_upload(
            work,
            county.doctor,
            visit.id or 0,
            Upload(TONGUE, kind),
            county.new_key(),
            enqueue=jobs.read_photograph,
        )
        work.commit()
    return photograph.id or 0


def _photograph(county: County, photograph_id: int) -> Photograph:
    with county.work() as work:
        return work.photographs.get(photograph_id)


def _states(county: County) -> list[PhotographState]:
    with county.work() as work:
        return [each.state for each in work.photographs.all()]


def _wait(county: County, until: Callable[[list[PhotographState]], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if until(_states(county)):
            return
        time.sleep(0.02)
    raise AssertionError(f"the photographs are still {_states(county)}")
