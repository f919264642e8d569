"""Notes in two windows, and notes that cannot be written: the later one is told, nothing typed is lost."""

import re
from typing import Any

import pytest

from tcm.records.clinical import Encounter
from tcm.records.lifecycle import State
from tcm.store.engine import Store
from tests.web.desks.hands import Browser, Web, shown
from tests.web.desks.rx_form import FOUR, filled, of_visit, send

LEFT = "四诊里有填写了还没有保存的内容"
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
    assert (slip.status_code, complaint_of(web, visit)) == (422, "头痛三天，加重")
    again = opened(doctor, visit)
    assert again["complaint"] == "头痛三天，加重"
    assert write(doctor, visit, again, creatinine_umol_l="90").status_code == 200
    assert FOUND not in shown(doctor.get(f"/doctor/visits/{visit.id}").text)


def test_a_slip_of_the_pen_takes_nothing_else_with_it_and_nothing_is_signed_until_it_is_mended(
    web: Web, doctor: Browser, visit: Encounter
) -> None:
    window = opened(doctor, visit)
    said = {
        "complaint": "停经两月",
        "pregnant": "1",
        "allergies": "党参",
        "allergies_seen": "",
        "western_drugs": "华法林",
    }
    slip = write(doctor, visit, window, **said, creatinine_umol_l="0.9")
    assert (slip.status_code, slip.headers["HX-Trigger"]) == (422, "tangye:evidence")
    with web.county.work() as work:
        kept = work.encounters.get(visit.id or 0)
        allergies = work.patients.get(visit.patient_id).allergies
    assert (kept.complaint, kept.pregnant, kept.western_drugs, kept.labs, allergies) == (
        "停经两月",
        True,
        ["华法林"],
        {},
        ["党参"],
    )
    form = filled(doctor, visit, *FOUR[1:])
    refused = send(doctor, visit, form, "sign")
    assert (refused.status_code, LEFT in shown(refused.text)) == (422, True)
    assert [one.state for one in of_visit(web, visit)] == [State.DRAFT]
    assert write(doctor, visit, window, **said, creatinine_umol_l="90").status_code == 200
    again = filled(doctor, visit, *FOUR[1:])
    assert LEFT not in shown(send(doctor, visit, again, "sign").text)
    assert [one.state for one in of_visit(web, visit)] == [State.SIGNED]


def test_a_field_that_is_refused_keeps_what_is_on_record(web: Web, doctor: Browser, visit: Encounter) -> None:
    window = opened(doctor, visit)
    known = {"allergies": "陈皮", "allergies_seen": "", "conditions": "高血压", "pulse_left_guan": "弦"}
    write(doctor, visit, window, **known, pregnant="1", creatinine_umol_l="90", history="旧")
    slips = {"allergies": "长" * 401, "other_conditions": "长" * 401, "pulse_left_guan": "长" * 41}
    told = write(doctor, visit, window, **slips, pregnant="?", creatinine_umol_l="0.9", conditions="哮喘")
    assert told.status_code == 422
    with web.county.work() as work:
        kept = work.encounters.get(visit.id or 0)
        allergies = work.patients.get(visit.patient_id).allergies
    assert (kept.labs, kept.pregnant, kept.history, allergies) == (
        {"creatinine_umol_l": 90.0},
        True,
        "",
        ["陈皮"],
    )
    assert (kept.conditions, kept.pulse_places) == (["哮喘", "高血压"], {"左关": ["弦"]})


def test_a_form_that_does_not_say_which_writing_it_knew_replaces_nothing(
    web: Web, doctor: Browser, visit: Encounter
) -> None:
    answer = write(doctor, visit, {}, complaint="头晕", notes_key="k", notes_version="?")
    assert (answer.status_code, complaint_of(web, visit)) == (422, "头痛")


def test_a_colleague_of_the_house_does_not_find_what_the_doctor_left(
    web: Web, doctor: Browser, visit: Encounter
) -> None:
    write(doctor, visit, opened(doctor, visit), complaint="未写完", creatinine_umol_l="0.9")
    colleague = web.browser(web.county.other_doctor)
    assert FOUND not in shown(colleague.get(f"/doctor/visits/{visit.id}").text)
