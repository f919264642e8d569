"""Photographs at the doctor's desk: there at once, read by the worker, refused with a sentence, on record."""

import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import cv2
import numpy as np
import pytest
from sqlalchemy import select

from tcm.records.clinical import Encounter, Photograph, PhotographKind, PhotographState, Reading, Sign
from tcm.services.photographing import Outcome
from tcm.store.engine import Store
from tcm.store.tables import access_log
from tests.tcm.county import NAME, PALE_TONGUE
from tests.web.desks.hands import Browser, Web, hidden, read_waiting, shown, statements
from vision import REFUSALS, clean
from vision.face.drawn import draw as draw_face
from vision.face.reading import REFUSALS as FACE_REFUSALS
from vision.tongue.drawn import draw
from web.desks.doctor.pictures import LATE_AFTER, screen_colour
from web.house import EXTENSION
from web.jobs.queue import prepare

READING = "正在识别…"
LATE = "照片还在排队，识别好会自己出现。可以先开方。"
BLURRED = Outcome("tongue-1", Reading(400, 300), refusal="blurred")


@pytest.fixture
def web(sqlite_store: Store) -> Iterator[Web]:
    """A county with its pages and its job tables."""
    prepare(sqlite_store.engine)
    opened = Web(sqlite_store)
    yield opened
    opened.app.extensions[EXTENSION].jobs.close()


@pytest.fixture(scope="module")
def tongue() -> bytes:
    """A drawn tongue as a phone would send it."""
    return clean(draw(3, body="red", coat="yellow", thickness="thick"))


def upload(browser: Browser, visit: Encounter, data: bytes, *, htmx: bool = True, **form: str) -> Any:
    return browser.post(
        f"/doctor/visits/{visit.id}/photographs",
        htmx=htmx,
        photograph=(io.BytesIO(data), "tongue.jpg"),
        **{"request_key": photo_key(browser, visit), **form},
    )


def photo_key(browser: Browser, visit: Encounter) -> str:
    page = browser.get(f"/doctor/visits/{visit.id}").text
    return hidden(page, f"/doctor/visits/{visit.id}/photographs")["request_key"]


def ask(browser: Browser, visit: Encounter, kind: str = "tongue", **headers: str) -> Any:
    return browser.get(f"/doctor/visits/{visit.id}/photographs/{kind}", hx_request="true", **headers)


def photographs(web: Web, visit: Encounter) -> list[Photograph]:
    with web.county.work() as work:
        return work.photographs.of_encounter(visit.id or 0)


def accesses(web: Web) -> list[tuple[str, str, int | None, bool]]:
    log = access_log
    with web.county.work() as work:
        query = select(log.c.action, log.c.subject_kind, log.c.subject_id, log.c.allowed).order_by(log.c.id)
        return [tuple(row) for row in work.session.execute(query)]


def test_a_photograph_is_shown_at_once_and_read_while_the_page_asks(web: Web, tongue: bytes) -> None:
    visit = web.county.visited(inquiry=("口苦", "胁肋胀痛"), pulse=("脉弦数",))
    doctor = web.browser(web.county.doctor)
    answer = upload(doctor, visit, tongue)
    assert answer.status_code == 200
    [photograph] = photographs(web, visit)
    assert f'src="/doctor/photographs/{photograph.id}/picture"' in answer.text
    assert READING in shown(answer.text)
    assert doctor.get(f"/doctor/photographs/{photograph.id}/picture").data[:3] == b"\xff\xd8\xff"
    assert read_waiting(web.county) == 1
    part = ask(doctor, visit)
    assert (part.status_code, part.headers["HX-Trigger"]) == (200, "tangye:evidence")
    assert "红舌" in shown(part.text)
    assert "软件识别仅供参考，以医师望诊为准。" in shown(part.text)
    assert "hx-get" not in part.text
    suggested = shown(doctor.get(f"/doctor/visits/{visit.id}/suggestions?adopt=1").text)
    assert suggested.index("肝胆湿热证") < suggested.index("龙胆泻肝汤")


def test_while_nothing_changes_the_page_is_told_so_and_no_look_is_written(web: Web, tongue: bytes) -> None:
    visit = web.county.visited()
    doctor = web.browser(web.county.doctor)
    upload(doctor, visit, tongue)
    first = ask(doctor, visit)
    looks = accesses(web)
    again = ask(doctor, visit, if_none_match=first.headers["ETag"])
    assert (first.status_code, again.status_code, again.data) == (200, 304, b"")
    assert accesses(web) == looks
    page = doctor.get(f"/doctor/visits/{visit.id}").text
    assert first.headers["ETag"].strip('"') in page, "the page knows what it shows before it first asks"


def test_where_no_worker_runs_the_page_says_so_and_asks_less_often(web: Web, tongue: bytes) -> None:
    visit = web.county.visited()
    doctor = web.browser(web.county.doctor)
    upload(doctor, visit, tongue)
    early = ask(doctor, visit)
    web.county.watch.pass_(seconds=(LATE_AFTER + timedelta(seconds=1)).total_seconds())
    late = ask(doctor, visit, if_none_match=early.headers["ETag"])
    assert (READING in shown(early.text), LATE in shown(early.text)) == (True, False)
    assert (READING in shown(late.text), LATE in shown(late.text)) == (False, True)
    assert ('hx-trigger="every 500ms"' in early.text, 'hx-trigger="every 2000ms"' in late.text) == (
        True,
        True,
    )
    assert 'id="rx-form"' in doctor.get(f"/doctor/visits/{visit.id}").text


def test_a_photograph_sent_twice_is_one_and_one_job(web: Web, tongue: bytes) -> None:
    visit = web.county.visited()
    doctor = web.browser(web.county.doctor)
    key = photo_key(doctor, visit)
    answers = [upload(doctor, visit, tongue, request_key=key).status_code for _ in range(2)]
    assert (answers, len(photographs(web, visit))) == ([200, 200], 1)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data[: len(data) // 2],
        lambda _data: b"GIF89a no picture at all",
        lambda _data: b"",
    ],
)
def test_a_file_that_is_no_picture_is_refused_at_the_door(web: Web, tongue: bytes, spoil: Any) -> None:
    visit = web.county.visited()
    doctor = web.browser(web.county.doctor)
    answer = upload(doctor, visit, spoil(tongue))
    assert answer.status_code == 422
    assert REFUSALS["unreadable"].zh in shown(answer.text)
    assert photographs(web, visit) == []


def test_a_picture_without_a_tongue_is_refused_by_the_reader_and_can_be_put_away(web: Web) -> None:
    visit = web.county.visited()
    doctor = web.browser(web.county.doctor)
    upload(doctor, visit, clean(draw(3)[:40, :40].repeat(10, 0).repeat(10, 1)))
    read_waiting(web.county)
    part = ask(doctor, visit)
    assert "HX-Trigger" not in part.headers
    assert REFUSALS["no_tongue"].zh in shown(part.text)
    assert "重拍 收起" in shown(part.text)
    [refused] = photographs(web, visit)
    assert (refused.state, refused.refusal, refused.blob_key) == (PhotographState.REFUSED, "no_tongue", "")
    assert doctor.get(f"/doctor/photographs/{refused.id}/picture").status_code == 404
    put_away = doctor.post(f"/doctor/photographs/{refused.id}/dismiss", htmx=True)
    assert put_away.status_code == 200
    assert REFUSALS["no_tongue"].zh not in shown(put_away.text)
    assert REFUSALS["no_tongue"].zh not in shown(doctor.get(f"/doctor/visits/{visit.id}").text)


def test_what_was_read_before_stays_evidence_beside_a_refusal(web: Web) -> None:
    county = web.county
    visit = county.visited()
    county.photographed(visit)
    county.photographed(visit, BLURRED)
    page = shown(web.browser(county.doctor).get(f"/doctor/visits/{visit.id}").text)
    assert (REFUSALS["blurred"].zh in page, "淡白舌" in page) == (True, True)


def test_a_refused_file_leaves_the_rest_of_the_page(web: Web, tongue: bytes) -> None:
    visit = web.county.visited(complaint="胁胀口苦半月")
    doctor = web.browser(web.county.doctor)
    answer = upload(doctor, visit, tongue[:500], htmx=False)
    assert answer.status_code == 422
    text = shown(answer.text)
    assert (NAME in text, "胁胀口苦半月" in text, REFUSALS["unreadable"].zh in text) == (True, True, True)


def test_a_page_that_is_not_whole_sends_no_photograph(web: Web, tongue: bytes) -> None:
    visit = web.county.visited()
    doctor = web.browser(web.county.doctor)
    for form in ({"request_key": ""}, {"kind": "hand"}):
        answer = upload(doctor, visit, tongue, **form)
        assert "这一页不完整，请刷新后再选照片。" in shown(answer.text)
    assert photographs(web, visit) == []


def test_a_face_is_read_beside_the_tongue_and_never_asked_for(web: Web) -> None:
    visit = web.county.visited()
    doctor = web.browser(web.county.doctor)
    assert "可不拍" in shown(doctor.get(f"/doctor/visits/{visit.id}").text)
    upload(doctor, visit, clean(draw_face(1)), kind="face")
    read_waiting(web.county)
    [face] = photographs(web, visit)
    assert (face.kind, face.state) == (PhotographKind.FACE, PhotographState.READ)
    assert [sign.name for sign in face.signs] == ["complexion", "lustre"]
    part = ask(doctor, visit, "face")
    assert (part.status_code, face.signs[0].term in shown(part.text)) == (200, True)
    assert "还没有照片。" in shown(ask(doctor, visit, "tongue").text)


def test_a_picture_without_a_face_says_so(web: Web, tongue: bytes) -> None:
    visit = web.county.visited()
    doctor = web.browser(web.county.doctor)
    upload(doctor, visit, tongue, kind="face")
    read_waiting(web.county)
    assert FACE_REFUSALS["no_face"].zh in shown(ask(doctor, visit, "face").text)


def test_a_complexion_that_is_asserted_counts_as_ticked_and_a_doubtful_one_does_not(web: Web) -> None:
    county = web.county
    doctor = web.browser(county.doctor)
    suggested = []
    for abstained in (False, True):
        visit = county.visited()
        sallow = Sign("complexion", "sallow", "面色萎黄", 0.8, abstained)
        county.photographed(visit, Outcome("face-1", Reading(400, 400), (sallow,), b"o"), PhotographKind.FACE)
        page = shown(doctor.get(f"/doctor/visits/{visit.id}/suggestions").text)
        suggested.append(("脾气虚证" in page, "面色萎黄" in page))
    assert suggested == [(True, True), (False, False)]


def test_rare_signs_are_questions_to_the_doctor_and_only_where_unusual(web: Web) -> None:
    county = web.county
    visit = county.visited()
    rare = (
        Sign("peeled", "1", "剥苔", 0.6, True),
        Sign("stasis", "0", "无瘀点", 0.9, True),
        Sign("moisture", "wet", "水滑苔", 0.5, True),
    )
    county.photographed(visit, Outcome("t", Reading(4, 3), (*PALE_TONGUE.signs, *rare), b"o"))
    page = shown(web.browser(county.doctor).get(f"/doctor/visits/{visit.id}").text)
    assert ("请医生看：剥苔" in page, "请医生看：水滑苔" in page, "瘀" in page.split("辨证参考")[0]) == (
        True,
        True,
        False,
    )


def test_the_colours_of_the_zones_and_the_light_are_told(web: Web) -> None:
    county = web.county
    visit = county.visited()
    measured = Reading(
        400,
        300,
        zones={"root": (50.0, 20.0, 10.0), "tip": (55.4, 31.0, 14.6)},
        light={"source": "card"},
    )
    county.photographed(visit, Outcome("t", measured, PALE_TONGUE.signs, b"o"))
    page = web.browser(county.doctor).get(f"/doctor/visits/{visit.id}").text
    assert '<li title="舌尖 L* 55 a* 31 b* 15">' in page
    assert f'fill="{screen_colour(55.4, 31.0, 14.6)}"' in page
    text = shown(page)
    assert text.index("舌尖 L* 55") < text.index("舌根 L* 50")
    assert "按色卡校正" in text


@pytest.mark.parametrize(
    ("lab", "colour"),
    [
        ((0.0, 0.0, 0.0), "#000000"),
        ((100.0, 0.0, 0.0), "#ffffff"),
        ((53.24, 80.09, 67.2), "#ff0000"),
        ((32.3, 79.19, -107.86), "#0000ff"),
        ((53.59, 0.0, 0.0), "#808080"),
    ],
)
def test_a_colour_on_the_screen_is_the_one_measured(lab: tuple[float, float, float], colour: str) -> None:
    parts = [int(screen_colour(*lab)[at : at + 2], 16) - int(colour[at : at + 2], 16) for at in (1, 3, 5)]
    assert max(abs(part) for part in parts) <= 1


def test_pictures_are_kept_by_no_cache_and_every_look_is_on_record(web: Web) -> None:
    photograph = web.county.photographed(web.county.visited())
    doctor = web.browser(web.county.doctor)
    for kind, data in (("picture", b"a clean picture"), ("overlay", b"a drawn overlay")):
        answer = doctor.get(f"/doctor/photographs/{photograph.id}/{kind}")
        assert (answer.status_code, answer.mimetype, answer.data) == (200, "image/jpeg", data)
        assert answer.headers["Cache-Control"] == "private, no-store"
    assert accesses(web)[-2:] == [("photograph.read", "photograph", photograph.id, True)] * 2
    foreign = web.browser(web.county.foreign_doctor)
    assert foreign.get(f"/doctor/photographs/{photograph.id}/overlay").status_code == 403
    assert accesses(web)[-1] == ("photograph.read", "photograph", photograph.id, False)


def test_another_hospital_neither_sends_nor_asks_nor_puts_away(web: Web, tongue: bytes) -> None:
    visit = web.county.visited()
    refused = web.county.photographed(visit, BLURRED)
    foreign = web.browser(web.county.foreign_doctor)
    sent = foreign.post(
        f"/doctor/visits/{visit.id}/photographs",
        request_key="k",
        photograph=(io.BytesIO(tongue), "tongue.jpg"),
    )
    put_away = foreign.post(f"/doctor/photographs/{refused.id}/dismiss")
    assert [sent.status_code, ask(foreign, visit).status_code, put_away.status_code] == [403, 403, 403]
    assert [each.state for each in photographs(web, visit)] == [PhotographState.REFUSED]


def test_the_visit_costs_as_many_statements_with_five_photographs_as_with_one(web: Web) -> None:
    county = web.county
    doctor = web.browser(county.doctor)
    earlier, visit = county.visited(), county.visited()
    county.photographed(earlier)
    county.photographed(visit)
    path = f"/doctor/visits/{visit.id}"
    doctor.get(path)
    one = statements(county, doctor, path)
    for kind in (PhotographKind.TONGUE, PhotographKind.FACE) * 2:
        county.photographed(visit, kind=kind)
    assert statements(county, doctor, path) == one


def test_the_colour_card_is_a_paper_that_tells_of_nobody(web: Web) -> None:
    doctor = web.browser(web.county.doctor)
    page = doctor.get(f"/doctor/visits/{web.county.visited().id}").text
    assert 'href="/doctor/colour-card.pdf"' in page
    answer = doctor.get("/doctor/colour-card.pdf")
    assert (answer.status_code, answer.mimetype, answer.data[:5]) == (200, "application/pdf", b"%PDF-")


def test_a_visit_is_held_against_an_earlier_one_photographed_or_not(web: Web) -> None:
    county = web.county
    earlier, visit = county.visited(), county.visited()
    doctor = web.browser(county.doctor)
    offered = []
    for photographed in (visit, earlier):
        county.photographed(photographed)
        page = doctor.get(f"/doctor/visits/{visit.id}").text
        offered.append(f'href="/doctor/visits/{visit.id}/followup"' in page)
    assert offered == [True, True]


def test_large_pictures_are_kept_at_a_size_that_readers_need(web: Web) -> None:
    visit = web.county.visited()
    doctor = web.browser(web.county.doctor)
    large = cv2.resize(draw(3, body="red", coat="yellow"), (3000, 3000), interpolation=cv2.INTER_CUBIC)
    upload(doctor, visit, clean(large.astype(np.uint8)))
    read_waiting(web.county)
    [photograph] = photographs(web, visit)
    measured = photograph.reading
    assert measured is not None
    assert (photograph.state, measured.width_px, measured.height_px) == (PhotographState.READ, 1500, 1500)
    assert (set(measured.zones), measured.light["source"]) == ({"tip", "edges", "centre", "root"}, "estimate")
    assert "lightness" in measured.quality
    assert "cracks" in measured.marks


def test_a_sign_that_the_doctor_sees_otherwise_stands_first_and_counts_in_the_suggestions(
    web: Web,
) -> None:
    doctor, visit = web.browser(web.county.doctor), web.county.visited()
    photograph = web.county.photographed(visit, PALE_TONGUE)
    answer = doctor.post(f"/doctor/photographs/{photograph.id}/signs", htmx=True, sign="body", label="red")
    assert (answer.status_code, answer.headers["HX-Trigger"]) == (200, "tangye:evidence")
    assert "舌红 医师所见 软件：淡白舌" in shown(answer.text)
    suggested = shown(doctor.get(f"/doctor/visits/{visit.id}/suggestions").text)
    assert "舌红 +" in suggested
    assert "舌淡白 +" not in suggested


def test_only_the_doctor_of_the_visit_is_offered_to_see_a_sign_otherwise(web: Web) -> None:
    visit = web.county.visited()
    web.county.photographed(visit, PALE_TONGUE)
    offered = []
    for actor in (web.county.doctor, web.county.other_doctor):
        browser = web.browser(actor)
        texts = (browser.get(f"/doctor/visits/{visit.id}").text, ask(browser, visit).text)
        assert all("淡白舌" in shown(text) for text in texts)
        offered.append(["我看到的不一样" in shown(text) for text in texts])
    assert offered == [[True, True], [False, False]]


def test_a_sign_that_does_not_exist_is_refused_with_a_sentence(web: Web) -> None:
    doctor, visit = web.browser(web.county.doctor), web.county.visited()
    photograph = web.county.photographed(visit, PALE_TONGUE)
    answer = doctor.post(f"/doctor/photographs/{photograph.id}/signs", htmx=True, sign="body", label="gold")
    assert (answer.status_code, "没有这个舌象选项。" in answer.text) == (422, True)
