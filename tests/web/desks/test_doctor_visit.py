"""The visit page: notes that keep themselves, and who may look."""

from typing import Any

import pytest
from sqlalchemy import select

from tcm.records.clinical import Encounter
from tcm.records.people import Sex
from tcm.store.engine import Store
from tcm.store.tables import access_log
from tests.tcm.county import NAME
from tests.web.desks.hands import Web, hidden, shown

NOTES: dict[str, Any] = {
    "complaint": "胁胀口苦半月",
    "history": "既往体健",
    "inquiry": ["口苦", "胁肋胀痛"],
    "other_inquiry": "晨起手胀、口黏，梦多",
    "pulse": ["脉弦数"],
    "conditions": ["肝功能不全"],
    "other_western_drugs": "二甲双胍",
    "pregnant": "1",
}


@pytest.fixture
def web(sqlite_store: Store) -> Web:
    """A county with its pages."""
    return Web(sqlite_store)


def stored(web: Web, visit: Encounter) -> Encounter:
    with web.county.work() as work:
        return work.encounters.get(visit.id or 0)


def accesses(web: Web) -> list[tuple[str, str, int | None, bool]]:
    log = access_log
    with web.county.work() as work:
        query = select(log.c.action, log.c.subject_kind, log.c.subject_id, log.c.allowed).order_by(log.c.id)
        return [tuple(row) for row in work.session.execute(query)]


def test_the_notes_are_kept_as_ticked_and_typed(web: Web) -> None:
    visit = web.county.visited(complaint="")
    doctor = web.browser(web.county.doctor)
    answer = doctor.post(f"/doctor/visits/{visit.id}/notes", htmx=True, **NOTES)
    assert (answer.status_code, answer.headers["HX-Trigger"]) == (200, "tangye:evidence")
    assert "已自动保存" in answer.text
    kept = stored(web, visit)
    assert (kept.complaint, kept.history, kept.pregnant, kept.lactating) == (
        "胁胀口苦半月",
        "既往体健",
        True,
        False,
    )
    assert kept.inquiry == ["口苦", "胁肋胀痛", "晨起手胀", "口黏", "梦多"]
    assert (kept.pulse, kept.conditions, kept.western_drugs) == (["脉弦数"], ["肝功能不全"], ["二甲双胍"])


def test_the_page_shows_the_notes_again_ticked_where_there_is_a_chip(web: Web) -> None:
    visit = web.county.visited()
    doctor = web.browser(web.county.doctor)
    doctor.post(f"/doctor/visits/{visit.id}/notes", **NOTES)
    page = doctor.get(f"/doctor/visits/{visit.id}").text
    for phrase in ("口苦", "胁肋胀痛", "口黏"):
        assert f'name="inquiry" value="{phrase}" checked' in page
    assert 'name="other_inquiry" value="晨起手胀、梦多"' in page
    assert 'name="conditions" value="肝功能不全" checked' in page
    assert 'name="pregnant" value="1" checked' in page


def test_a_man_is_not_asked_about_pregnancy(web: Web) -> None:
    visit = web.county.visited(web.county.registered(name="何田", sex=Sex.MALE, id_number=""))
    page = web.browser(web.county.doctor).get(f"/doctor/visits/{visit.id}").text
    assert 'name="pregnant"' not in page


def test_notes_that_are_too_long_are_not_kept_and_say_so(web: Web) -> None:
    visit = web.county.visited()
    doctor = web.browser(web.county.doctor)
    answer = doctor.post(f"/doctor/visits/{visit.id}/notes", htmx=True, complaint="痛" * 501)
    assert answer.status_code == 422
    assert shown(answer.text).endswith("这里没有保存，其余已保存：最多 500 个字。")
    assert stored(web, visit).complaint == visit.complaint


def test_nothing_known_suggests_nothing(web: Web) -> None:
    visit = web.county.visited()
    page = web.browser(web.county.doctor).get(f"/doctor/visits/{visit.id}/suggestions").text
    assert shown(page) == "勾选问诊、脉象或拍摄舌象后，这里列出可参考的证型与方剂。"


def test_another_hospitals_visit_is_refused_and_the_refusal_is_on_record(web: Web) -> None:
    visit = web.county.visited()
    foreign = web.browser(web.county.foreign_doctor)
    assert foreign.get(f"/doctor/visits/{visit.id}").status_code == 403
    assert accesses(web)[-1] == ("patient.read", "encounter", visit.id, False)
    answer = foreign.post(f"/doctor/visits/{visit.id}/notes", htmx=True, complaint="改掉")
    assert answer.status_code == 403
    assert stored(web, visit).complaint == visit.complaint


def test_a_colleague_of_the_house_reads_the_visit_but_prescribes_nothing(web: Web) -> None:
    visit = web.county.visited()
    page = web.browser(web.county.other_doctor).get(f"/doctor/visits/{visit.id}").text
    assert "处方由接诊医师开具" in shown(page)
    assert 'id="rx-form"' not in page
    assert "采用证型" not in page


def test_opening_a_visit_twice_from_one_button_opens_one(web: Web) -> None:
    doctor = web.browser(web.county.doctor)
    form = hidden(doctor.post("/doctor/patients/search", text=NAME).text, "/doctor/visits")
    locations = {doctor.post("/doctor/visits", **form).location for _ in range(2)}
    assert len(locations) == 1


def test_earlier_visits_are_a_click_away(web: Web) -> None:
    earlier = web.county.visited(complaint="旧年咳嗽")
    visit = web.county.visited()
    page = web.browser(web.county.doctor).get(f"/doctor/visits/{visit.id}").text
    assert f'href="/doctor/visits/{earlier.id}"' in page
    assert "旧年咳嗽" in page
