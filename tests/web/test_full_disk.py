"""A disk that is full: one clear sentence, nothing half kept, and the same form goes when there is room."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from tcm.records.aftercare import NoticeState
from tcm.records.lifecycle import State
from tcm.store.blobs import Blobs
from tcm.store.engine import Store, open_engine
from tests.conftest import KEYS
from tests.small_disk import Disk, small_disk
from tests.tcm.centre import on_the_road, packed
from tests.tcm.county import County
from tests.web.desks.hands import Web, hidden, shown
from vision import clean
from vision.tongue.drawn import draw
from web.app import create_app
from web.house import EXTENSION
from web.jobs.notifying import FileOutbox, Notifier
from web.jobs.queue import prepare
from web.settings import Settings

SENTENCE = "服务器的磁盘满了，这一步没有保存。请马上告诉管理员；腾出空间后再提交一次。"
SIZE_MB = 24


@pytest.fixture
def disk() -> Iterator[Disk]:
    """A disk of SIZE_MB."""
    with small_disk(SIZE_MB) as mounted:
        yield mounted


@pytest.fixture
def web(disk: Disk, migrated_sqlite: Path) -> Iterator[Web]:
    """A county whose database and pictures lie on the small disk."""
    path = disk.folder / "tangye.sqlite"
    path.write_bytes(migrated_sqlite.read_bytes())
    store = Store(
        open_engine(f"sqlite:///{path}", KEYS), KEYS, Blobs(str(disk.folder / "blobs"), KEYS), disk.folder
    )
    prepare(store.engine)
    opened = Web(store)
    yield opened
    opened.app.extensions[EXTENSION].jobs.close()
    store.close()


def test_every_step_of_a_bag_is_refused_on_a_full_disk_and_taken_when_there_is_room(
    web: Web, disk: Disk
) -> None:
    county = web.county
    prescription = county.approved()
    floor = web.browser(county.floor)
    for target in (State.DISPENSED, State.SOAKING, State.DECOCTING, State.PACKED):
        pot = {"pot_code": "P01"} if target is State.DECOCTING else {}
        fields = {
            "prescription_id": prescription.key(),
            "version": county.now(prescription).version,
            "target": target.value,
            **pot,
        }
        _fill(web, disk)
        refused = floor.post("/floor/step", **fields)
        assert (refused.status_code, SENTENCE in shown(refused.text)) == (507, True)
        notice = floor.post("/floor/step", htmx=True, **fields)
        assert (notice.status_code, notice.headers["HX-Retarget"]) == (507, "#notices")
        # What is only looked at, and on no record, can still be.
        assert floor.get("/floor").status_code == 200
        assert floor.get("/health").status_code == 200
        disk.clear()
        assert county.now(prescription).state is not target
        assert floor.post("/floor/step", **fields).status_code == 303
        assert county.now(prescription).state is target
    with county.work() as work:
        assert len(work.bags.of_prescription(prescription.key())) == 1
        assert work.ledger.verify().broken is None


@pytest.mark.parametrize("fits", [False, True], ids=["nothing fits", "the picture fits, its row does not"])
def test_a_photograph_leaves_nothing_behind_on_a_full_disk(web: Web, disk: Disk, fits: bool) -> None:
    county = web.county
    visit = county.visited()
    doctor = web.browser(county.doctor)
    page = f"/doctor/visits/{visit.id}"
    fields = hidden(doctor.get(page).text, f"{page}/photographs")
    picture = clean(draw(3, body="red", coat="yellow", thickness="thick"))

    def upload() -> int:
        sent = {**fields, "photograph": (io.BytesIO(picture), "tongue.jpg")}
        return doctor.post(f"{page}/photographs", htmx=True, **sent).status_code

    _fill(web, disk, but_bytes=len(picture) + 4096 if fits else 0)
    assert [upload(), upload()] == [507, 507]
    assert county.store.blobs.names() == []
    disk.clear()
    assert upload() == 200
    assert len(county.store.blobs.names()) == 1


def test_a_log_that_cannot_be_written_breaks_no_page(sqlite_store: Store, disk: Disk) -> None:
    with (disk.folder / "tangye.log").open("w", buffering=1) as log:
        browser = create_app(sqlite_store, Settings(), log_to=log).test_client()
        disk.fill()
        assert [browser.get("/health").status_code for _ in range(3)] == [200] * 3
        disk.clear()
        browser.get("/health")
    assert len((disk.folder / "tangye.log").read_text().splitlines()) >= 1


def test_an_outbox_on_a_full_disk_takes_a_letter_later_once_and_whole(
    sqlite_store: Store, disk: Disk
) -> None:
    county = County(sqlite_store)
    on_the_road(county, packed(county))
    outbox = disk.folder / "outbox"
    notifier = Notifier(county.store, county.watch, FileOutbox(outbox), "https://centre.example")
    outbox.mkdir()
    disk.fill()
    assert notifier.run() == 0
    assert [path.name for path in outbox.glob("*.json")] == []
    with county.work() as work:
        [notice] = work.notices.all()
    assert notice.state is NoticeState.WAITING
    disk.clear()
    county.watch.pass_(minutes=10)
    assert [notifier.run(), notifier.run()] == [1, 0]
    assert [path.name for path in outbox.iterdir()] == [f"notice-{notice.id}.json"]


def _fill(web: Web, disk: Disk, *, but_bytes: int = 0) -> None:
    # The journal has room of its own from earlier writes; without it every commit needs the disk.
    with web.county.store.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    disk.fill(but_bytes=but_bytes)
