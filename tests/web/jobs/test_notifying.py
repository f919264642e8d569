"""Notices reach the outbox once and only once, whatever fails between."""

import json
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from tcm.records.aftercare import Notice, NoticeKind, NoticeState
from tcm.records.clinical import Prescription
from tcm.services import delivering, notifying
from tcm.services.notifying import Letter
from tcm.store.engine import Store
from tests.tcm.centre import on_the_road, packed
from tests.tcm.county import FOUR_GENTLEMEN, NAME, PHONE, County
from web.jobs.notifying import FileOutbox, Notifier, OutboxError

URL = "https://centre.example"


@dataclass
class Broken:
    """An outbox that takes nothing so many times."""

    times: int
    taken: list[str] = field(default_factory=list)

    def take(self, letter: Letter) -> str:
        """Refuse, or take."""
        if self.times:
            self.times -= 1
            raise OutboxError("the gateway does not answer")
        self.taken.append(letter.key)
        return "test"


@pytest.fixture
def county(store: Store) -> County:
    """A county whose notices nobody has sent."""
    return County(store)


def files(folder: Path) -> dict[str, dict[str, str]]:
    return {path.name: json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))}


def notices(county: County) -> list[Notice]:
    with county.work() as work:
        return work.notices.all()


def delivered(county: County) -> Prescription:
    prescription = packed(county)
    on_the_road(county, prescription)
    return county.do(delivering.deliver, county.courier, prescription.key(), None)


def test_leaving_and_arriving_are_told_once_without_a_name_or_a_herb(county: County, tmp_path: Path) -> None:
    prescription = delivered(county)
    notifier = Notifier(county.store, county.watch, FileOutbox(tmp_path / "out"), URL)
    assert [notifier.run(), notifier.run()] == [2, 0]
    written = files(tmp_path / "out")
    assert [each["phone"] for each in written.values()] == [PHONE, PHONE]
    left, arrived = (each["text"] for each in written.values())
    with county.work() as work:
        code = work.bags.of_prescription(prescription.key())[0].code
    assert left.startswith(
        "【临湘市共享中药房】您的中药已从药房出发，预计 11月21日 10:20 到 11:20 送到白石村卫生室。"
    )
    assert f"{URL}/t/{code}" in arrived
    assert [
        word for word in (NAME, *(item.written_as for item in FOUR_GENTLEMEN)) if word in left + arrived
    ] == []
    assert {each.stat().st_mode & 0o777 for each in (tmp_path / "out").glob("*.json")} == {0o600}


def test_telling_the_same_thing_again_makes_no_second_notice(county: County) -> None:
    prescription = delivered(county)
    with county.work() as work:
        assert notifying.queue(work, [prescription.key()], NoticeKind.ARRIVED) == 0
    assert [each.kind for each in notices(county)] == [NoticeKind.LEFT, NoticeKind.ARRIVED]


def test_a_crash_between_sending_and_noting_sends_nothing_twice(county: County, tmp_path: Path) -> None:
    delivered(county)
    outbox = FileOutbox(tmp_path / "out")
    with county.work() as work:
        letters = notifying.claim(work, URL)
        work.commit()
    for letter in letters:
        outbox.take(letter)
    before = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "out").iterdir()}
    notifier = Notifier(county.store, county.watch, outbox, URL)
    assert notifier.run() == 0
    county.watch.pass_(minutes=3)
    assert notifier.run() == 2
    assert {path.name: path.stat().st_mtime_ns for path in (tmp_path / "out").iterdir()} == before
    assert {each.state for each in notices(county)} == {NoticeState.SENT}


def test_what_was_moved_to_sent_is_not_written_again(tmp_path: Path) -> None:
    outbox, letter = FileOutbox(tmp_path / "out"), Letter(1, "notice-1", PHONE, "您的中药已送到。")
    outbox.take(letter)
    (tmp_path / "out" / "sent").mkdir()
    (tmp_path / "out" / "notice-1.json").rename(tmp_path / "out" / "sent" / "notice-1.json")
    outbox.take(letter)
    assert files(tmp_path / "out") == {}


def test_what_fails_is_tried_again_later_and_given_up_in_the_end(county: County) -> None:
    packed_one = packed(county)
    on_the_road(county, packed_one)
    outbox = Broken(times=1)
    notifier = Notifier(county.store, county.watch, outbox, URL)
    assert (notifier.run(), notifier.run()) == (0, 0)
    [notice] = notices(county)
    assert (notice.state, notice.tries, notice.failure) == (
        NoticeState.WAITING,
        1,
        "the gateway does not answer",
    )
    county.watch.pass_(minutes=3)
    assert (notifier.run(), outbox.taken) == (1, [f"notice-{notice.id}"])


@dataclass
class Slow:
    """An outbox that takes a letter while more than half of the hold goes by.

    Args:
        county: Whose clock moves.
    """

    county: County
    taken: list[str] = field(default_factory=list)

    def take(self, letter: Letter) -> str:
        """Take it, slowly."""
        self.county.watch.pass_(seconds=61)
        self.taken.append(letter.key)
        return "test"


def test_behind_a_slow_letter_the_others_are_given_back_before_another_worker_may_begin_them(
    county: County,
) -> None:
    delivered(county)
    outbox = Slow(county)
    assert Notifier(county.store, county.watch, outbox, URL).run() == 2
    assert outbox.taken == ["notice-1", "notice-2"]
    assert [(each.state, each.tries, each.unsure_since) for each in notices(county)] == [
        (NoticeState.SENT, 1, None)
    ] * 2


def test_it_is_given_up_after_eight_tries_and_listed(county: County) -> None:
    on_the_road(county, packed(county))
    notifier = Notifier(county.store, county.watch, Broken(times=99), URL)
    for _ in range(9):
        assert notifier.run() == 0
        county.watch.now += timedelta(hours=5)
    assert [(each.state, each.tries) for each in notices(county)] == [(NoticeState.FAILED, 8)]


def test_a_patient_without_a_telephone_is_listed_for_a_call(county: County, tmp_path: Path) -> None:
    prescription = packed(county)
    on_the_road(county, prescription)
    with county.work() as work:
        work.patients.get(prescription.patient_id).phone = ""
        work.commit()
    assert Notifier(county.store, county.watch, FileOutbox(tmp_path / "out"), URL).run() == 0
    with county.work() as work:
        assert [each.prescription_id for each in work.notices.undelivered(9)] == [prescription.id]


def test_a_folder_that_cannot_be_written_is_told_in_one_sentence(tmp_path: Path) -> None:
    blocked = tmp_path / "outbox"
    blocked.write_text("a file in its place")
    with pytest.raises(OutboxError, match="发件夹写不进去"):
        FileOutbox(blocked).take(Letter(1, "notice-1", PHONE, "您的中药已送到。"))
