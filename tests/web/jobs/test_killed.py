"""kill -9 of web and worker at each step of a bag's life: nothing is lost, nothing is doubled.

Each step is killed three times: while it waits to write, while it writes, and as soon as what it wrote can be
seen, before its answer. Then the same form is sent again.
"""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tcm.records.aftercare import NoticeState
from tcm.records.clinical import Encounter, Prescription
from tcm.records.clock import utc_now
from tcm.records.lifecycle import State
from tcm.services.signing_in import hash_password, make_hasher
from tcm.store.blobs import Blobs
from tcm.store.engine import DATABASE_FILE, Store, open_engine
from tests.conftest import KEYS
from tests.tcm.centre import planned, route, stop
from tests.tcm.county import County
from tests.web.desks.hands import PASSWORD
from tests.web.desks.rx_form import FOUR, filled
from tests.web.jobs.served import LOST, Caller, Lock, Served, house_environment, wait
from web.jobs.queue import prepare

LIFE = [
    *("signed", "claimed", "approved", "dispensed", "soaking"),
    *("decocting", "drawn_off", "packed", "loaded", "delivered"),
]
LETTERS = 6


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The folder of the house."""
    return tmp_path


@pytest.fixture
def county(home: Path, migrated_sqlite: Path) -> Iterator[County]:
    """A county in the house's own database, by today's clock."""
    path = home / DATABASE_FILE
    path.write_bytes(migrated_sqlite.read_bytes())
    store = Store(open_engine(f"sqlite:///{path}", KEYS), KEYS, Blobs(str(home / "blobs"), KEYS), home)
    prepare(store.engine)
    opened = County(store)
    opened.watch.now = utc_now()
    with opened.work() as work:
        for person in work.staff.all():
            person.password_hash = hash_password(make_hasher(1, 8, 1), PASSWORD)
        work.commit()
    yield opened
    store.close()


@pytest.fixture
def served(county: County, home: Path) -> Iterator[Served]:
    """The house's pages."""
    opened = Served(house_environment(home), home / "web.log")
    yield opened
    opened.close()


@pytest.fixture
def lock(county: County, home: Path) -> Iterator[Lock]:
    """The right to write into the house's database."""
    opened = Lock(home / DATABASE_FILE)
    yield opened
    opened.close()


@dataclass
class Life:
    """One bag's life over real lines.

    Args:
        county: Whose.
        served: The process that is killed.
        lock: Of its database.
    """

    county: County
    served: Served
    lock: Lock

    def killed_thrice(self, caller: Caller, path: str, form: Mapping[str, Any], step: str, row: int) -> None:
        """Send a form again and again while its process is killed, until it is done once."""
        self._while_it_waits(caller, path, form, step, row)
        self._while_it_writes(caller, path, form)
        self._when_it_is_seen(caller, path, form, step, row)
        # The answer was lost: the person presses again. What is done already is done, or told to be stale.
        again = caller.post(path, **form)
        assert again.status_code in (200, 303, 409), again.text
        assert self.reached(row).count(step) == 1

    def reached(self, row: int) -> list[str]:
        """What the ledger says happened, as far as it is committed."""
        query = "SELECT kind, target FROM ledger_events WHERE prescription_id = ? ORDER BY seq"
        told = self.lock.ask(query, (row,))
        return [str(target) if kind == "move" else str(kind) for kind, target in told]

    def _while_it_waits(
        self, caller: Caller, path: str, form: Mapping[str, Any], step: str, row: int
    ) -> None:
        # A process that is new has no hands but its own until a request comes.
        self.served.kill()
        wait(self.lock.take, "the right to write")
        idle = self.served.hands
        thread, answers = caller.post_apart(path, form)
        wait(lambda: self.served.hands > idle, "the form in work")
        self.served.kill()
        self.lock.let_go()
        thread.join()
        assert [each.status_code for each in answers] == [LOST]
        assert step not in self.reached(row)

    def _while_it_writes(self, caller: Caller, path: str, form: Mapping[str, Any]) -> None:
        thread, _ = caller.post_apart(path, form)
        # One that is through before it is caught was not killed at all, which is fine as well.
        wait(lambda: self.lock.is_taken() or not thread.is_alive(), "the form being written")
        self.served.kill()
        thread.join()

    def _when_it_is_seen(
        self, caller: Caller, path: str, form: Mapping[str, Any], step: str, row: int
    ) -> None:
        thread, _ = caller.post_apart(path, form)
        wait(lambda: step in self.reached(row) or not thread.is_alive(), step)
        self.served.kill()
        thread.join()
        assert step in self.reached(row)


def test_web_killed_at_each_step_loses_nothing_and_doubles_nothing(
    county: County, served: Served, lock: Lock
) -> None:
    life = Life(county, served, lock)
    people = {"li": county.doctor, "chen": county.pharmacist, "zhou": county.floor, "sun": county.courier}
    callers = {username: Caller(served.port, username) for username in people}
    prescription = _signed(life, callers["li"], county.visited())
    row = prescription.key()
    case = f"/pharmacist/{row}"
    life.killed_thrice(callers["chen"], f"{case}/claim", {}, "claimed", row)
    life.killed_thrice(callers["chen"], f"{case}/approve", _version(county, row), "approved", row)
    way = planned(county, route(county, stop(county, [prescription])))[0]
    for target in (State.DISPENSED, State.SOAKING, State.DECOCTING):
        form = {**_version(county, row), "prescription_id": row, "target": target.value, "pot_code": "P01"}
        life.killed_thrice(callers["zhou"], "/floor/step", form, target.value, row)
    form = {**_version(county, row), "prescription_id": row}
    life.killed_thrice(callers["zhou"], "/floor/draw-off", form, "drawn_off", row)
    form = {**_version(county, row), "prescription_id": row, "target": "packed"}
    life.killed_thrice(callers["zhou"], "/floor/step", form, "packed", row)
    life.killed_thrice(callers["sun"], "/courier/load", {"route_id": way.id, "trip": 1}, "loaded", row)
    form = {**_version(county, row), "prescription_id": row, "stop_id": way.stops[0].id}
    life.killed_thrice(callers["sun"], "/courier/delivered", form, "delivered", row)
    assert [step for step in life.reached(row) if step in LIFE] == LIFE
    with county.work() as work:
        assert [(bag.position, bag.voided_at) for bag in work.bags.of_prescription(row)] == [(1, None)]
        assert Counter(each.kind.value for each in work.notices.all()) == {"left": 1, "arrived": 1}
        assert (len(work.prescriptions.all()), work.prescriptions.get(row).pot_id) == (1, None)
        assert work.ledger.verify().broken is None
    assert lock.ask("PRAGMA integrity_check", ()) == [("ok",)]


def _signed(life: Life, doctor: Caller, visit: Encounter) -> Prescription:
    """What a doctor has typed is signed; the form's own key finds what its earlier tries have kept."""
    path = f"/doctor/visits/{visit.id}/prescription"
    form = {**filled(doctor, visit, *FOUR), "action": "sign"}  # type: ignore[arg-type]
    life._while_it_waits(doctor, path, form, "signed", 1)
    life._while_it_writes(doctor, path, form)
    life._when_it_is_seen(doctor, path, form, "signed", 1)
    assert doctor.post(path, **form).status_code in (200, 303, 409)
    with life.county.work() as work:
        [prescription] = work.prescriptions.all()
    assert life.reached(prescription.key()).count("signed") == 1
    return prescription


def _version(county: County, row: int) -> dict[str, int]:
    with county.work() as work:
        return {"version": work.prescriptions.get(row).version}


def _waiting(lock: Lock) -> int:
    # Read beside the worker: a work would take the right to write from it, again and again.
    [(count,)] = lock.ask("SELECT count(*) FROM notices WHERE state = ?", (NoticeState.WAITING.value,))
    return int(count)


def _worker(home: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "web.cli", "worker"]
    with (home / "worker.log").open("ab") as lines:
        return subprocess.Popen(command, env=house_environment(home), stdout=lines, stderr=lines)
