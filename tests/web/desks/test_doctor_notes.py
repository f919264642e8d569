"""Notes in two windows, and notes that cannot be written: the later one is told, nothing typed is lost."""

import re
from typing import Any

import pytest

from tcm.records.clinical import Encounter
from tcm.store.engine import Store
from tests.web.desks.hands import Browser, Web, shown

FOUND, STALE = "没有保存的四诊。", "四诊刚在别的窗口改过，这里填写的还没有代替它。"


@pytest.fixture
def web(sqlite_store: Store) -> Web:
    """A county with its pages."""
    return Web(sqlite_store)


@pytest.fixture
def visit(web: Web) -> Encounter:
    """A visit whose complaint is known."""
    return web.county.visited(complaint="头痛")


@pytest.fixture
def doctor(web: Web) -> Browser:
    """The doctor's browser."""
    return web.browser(web.county.doctor)


def opened(doctor: Browser, visit: Encounter) -> dict[str, str]:
    """What a window that is opened now knows of the notes."""
    page = doctor.get(f"/doctor/visits/{visit.id}").text
    found = re.findall(r'name="(notes_key|notes_version)" value="([^"]*)"', page)
    complaint = re.search(r'<textarea id="complaint"[^>]*>([^<]*)<', page)
    assert complaint is not None
    return dict(found) | {"complaint": complaint[1]}


def write(doctor: Browser, visit: Encounter, window: dict[str, str], **typed: Any) -> Any:
    return doctor.post(f"/doctor/visits/{visit.id}/notes", htmx=True, **{**window, **typed})


def complaint_of(web: Web, visit: Encounter) -> str:
    with web.county.work() as work:
        return work.encounters.get(visit.id or 0).complaint


def test_one_window_writes_as_often_as_it_likes(web: Web, doctor: Browser, visit: Encounter) -> None:
    window = opened(doctor, visit)
    # As if the answers had been lost on the way: the window still knows the writing it was opened on.
    statuses = [write(doctor, visit, window, complaint=text).status_code for text in ("一天", "两天", "三天")]
    assert (statuses, complaint_of(web, visit)) == ([200, 200, 200], "三天")


def test_the_later_of_two_windows_is_told_and_changes_nothing(
    web: Web, doctor: Browser, visit: Encounter
) -> None:
    first, second = opened(doctor, visit), opened(doctor, visit)
    write(doctor, visit, first, complaint="头痛三天")
    answer = write(doctor, visit, second, complaint="头晕")
    assert (answer.status_code, STALE in shown(answer.text)) == (409, True)
    assert complaint_of(web, visit) == "头痛三天"


def test_who_was_told_may_replace_what_the_other_window_wrote_and_then_that_one_is_told(
    web: Web, doctor: Browser, visit: Encounter
) -> None:
    first, second = opened(doctor, visit), opened(doctor, visit)
    write(doctor, visit, first, complaint="头痛三天")
    told = write(doctor, visit, second, complaint="头晕").text
    theirs = re.search(r'data-take-over="(\d+)"', told)
    assert theirs is not None
    assert write(doctor, visit, second, complaint="头晕", notes_version=theirs[1]).status_code == 200
    assert write(doctor, visit, first, complaint="头痛四天").status_code == 409
    assert complaint_of(web, visit) == "头晕"


def test_what_the_later_window_typed_stands_there_after_a_reload_and_still_replaces_nothing_unseen(
    web: Web, doctor: Browser, visit: Encounter
) -> None:
    first, second = opened(doctor, visit), opened(doctor, visit)
    write(doctor, visit, first, complaint="头痛三天")
    write(doctor, visit, second, complaint="头晕")
    page = doctor.get(f"/doctor/visits/{visit.id}").text
    again = opened(doctor, visit)
    assert (again["complaint"], FOUND in shown(page)) == ("头晕", True)
    assert write(doctor, visit, again).status_code == 409
    dropped = doctor.post(f"/doctor/visits/{visit.id}/notes/drop")
    assert dropped.status_code == 303
    assert opened(doctor, visit)["complaint"] == "头痛三天"


def test_a_slip_of_the_pen_is_found_again_after_a_reload_and_forgotten_once_mended(
    web: Web, doctor: Browser, visit: Encounter
) -> None:
    window = opened(doctor, visit)
    write(doctor, visit, window, complaint="头痛三天")
    slip = write(doctor, visit, window, complaint="头痛三天，加重", creatinine_umol_l="0.9")
    assert (slip.status_code, complaint_of(web, visit)) == (422, "头痛三天")
    again = opened(doctor, visit)
    assert again["complaint"] == "头痛三天，加重"
    assert write(doctor, visit, again, creatinine_umol_l="90").status_code == 200
    assert FOUND not in shown(doctor.get(f"/doctor/visits/{visit.id}").text)


def test_a_colleague_of_the_house_does_not_find_what_the_doctor_left(
    web: Web, doctor: Browser, visit: Encounter
) -> None:
    write(doctor, visit, opened(doctor, visit), complaint="未写完", creatinine_umol_l="0.9")
    colleague = web.browser(web.county.other_doctor)
    assert FOUND not in shown(colleague.get(f"/doctor/visits/{visit.id}").text)
