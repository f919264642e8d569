"""The visit page: notes that keep themselves, photographs with their signs, and who may look."""

import io
from typing import Any

import pytest
from sqlalchemy import select

from tcm.records.clinical import Encounter
from tcm.records.people import Sex
from tcm.store.engine import Store
from tcm.store.tables import access_log
from tests.tcm.county import NAME
from tests.web.desks.hands import Browser, Web, hidden, shown
from vision import REFUSALS, clean
from vision.tongue.drawn import draw

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


@pytest.fixture(scope="module")
def tongue() -> bytes:
    """A drawn tongue as a phone would send it."""
    return clean(draw(3, body="red", coat="yellow", thickness="thick"))


def stored(web: Web, visit: Encounter) -> Encounter:
    with web.county.work() as work:
        return work.encounters.get(visit.id or 0)


def upload(browser: Browser, visit: Encounter, data: bytes, key: str, *, htmx: bool = True) -> Any:
    return browser.post(
        f"/doctor/visits/{visit.id}/photographs",
        htmx=htmx,
        request_key=key,
        photograph=(io.BytesIO(data), "tongue.jpg"),
    )


def photo_key(browser: Browser, visit: Encounter) -> str:
    page = browser.get(f"/doctor/visits/{visit.id}").text
    return hidden(page, f"/doctor/visits/{visit.id}/photographs")["request_key"]


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
    assert (answer.status_code, shown(answer.text)) == (422, "没有保存：最多 500 个字。")
    assert stored(web, visit).complaint == visit.complaint


def test_a_photograph_shows_its_signs_and_what_they_speak_for(web: Web, tongue: bytes) -> None:
    visit = web.county.visited(inquiry=("口苦", "胁肋胀痛"), pulse=("脉弦数",))
    doctor = web.browser(web.county.doctor)
    answer = upload(doctor, visit, tongue, photo_key(doctor, visit))
    assert (answer.status_code, answer.headers["HX-Trigger"]) == (200, "tangye:evidence")
    text = shown(answer.text)
    assert "红舌" in text
    assert "软件识别仅供参考，以医师望诊为准。" in text
    suggested = shown(doctor.get(f"/doctor/visits/{visit.id}/suggestions?adopt=1").text)
    assert suggested.index("肝胆湿热证") < suggested.index("龙胆泻肝汤")
    assert "脉弦数 +3.0" in suggested
    assert "采用证型" in suggested


def test_nothing_known_suggests_nothing(web: Web) -> None:
    visit = web.county.visited()
    page = web.browser(web.county.doctor).get(f"/doctor/visits/{visit.id}/suggestions").text
    assert shown(page) == "勾选问诊、脉象或拍摄舌象后，这里列出可参考的证型与方剂。"


def test_a_photograph_sent_twice_is_one(web: Web, tongue: bytes) -> None:
    visit = web.county.visited()
    doctor = web.browser(web.county.doctor)
    key = photo_key(doctor, visit)
    assert [upload(doctor, visit, tongue, key).status_code for _ in range(2)] == [200, 200]
    with web.county.work() as work:
        assert len(work.photographs.of_encounter(visit.id or 0)) == 1


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda data: data[: len(data) // 2], "unreadable"),
        (lambda _data: b"GIF89a no picture at all", "unreadable"),
        (lambda _data: b"", "unreadable"),
        (lambda _data: clean(draw(3)[:40, :40].repeat(10, 0).repeat(10, 1)), "no_tongue"),
    ],
)
def test_a_picture_that_cannot_be_used_says_how_to_take_a_better_one(
    web: Web, tongue: bytes, spoil: Any, code: str
) -> None:
    visit = web.county.visited()
    doctor = web.browser(web.county.doctor)
    answer = upload(doctor, visit, spoil(tongue), photo_key(doctor, visit))
    assert answer.status_code == 422
    assert REFUSALS[code].zh in shown(answer.text)
    with web.county.work() as work:
        assert work.photographs.of_encounter(visit.id or 0) == []


def test_a_refused_picture_leaves_the_rest_of_the_page(web: Web, tongue: bytes) -> None:
    visit = web.county.visited(complaint="胁胀口苦半月")
    doctor = web.browser(web.county.doctor)
    answer = upload(doctor, visit, tongue[:500], photo_key(doctor, visit), htmx=False)
    assert answer.status_code == 422
    text = shown(answer.text)
    assert NAME in text
    assert "胁胀口苦半月" in text
    assert REFUSALS["unreadable"].zh in text


def test_pictures_are_kept_by_no_cache_and_every_look_is_on_record(web: Web, tongue: bytes) -> None:
    visit = web.county.visited()
    doctor = web.browser(web.county.doctor)
    upload(doctor, visit, tongue, photo_key(doctor, visit))
    with web.county.work() as work:
        [photograph] = work.photographs.of_encounter(visit.id or 0)
    for kind in ("picture", "overlay"):
        answer = doctor.get(f"/doctor/photographs/{photograph.id}/{kind}")
        assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert answer.data[:3] == b"\xff\xd8\xff"
    assert accesses(web)[-2:] == [("photograph.read", "photograph", photograph.id, True)] * 2
    foreign = web.browser(web.county.foreign_doctor)
    assert foreign.get(f"/doctor/photographs/{photograph.id}/overlay").status_code == 403
    assert accesses(web)[-1] == ("photograph.read", "photograph", photograph.id, False)


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
