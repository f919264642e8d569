"""The follow-up page: two aligned tongues with what changed, its empty states, and who may look."""

import re
from functools import cache

import cv2
import numpy as np
import pytest
from sqlalchemy import select

from tcm.records.clinical import Encounter, PhotographKind
from tcm.services.photographing import Outcome
from tcm.store.engine import Store
from tcm.store.tables import access_log
from tests.tcm.county import NAME
from tests.web.desks.hands import Browser, Web, shown, statements
from vision import REFUSALS, clean, model_name
from vision.followup.align import FRAME_PX
from vision.followup.measures import MEASURES
from vision.tongue.drawn import draw
from web.desks.doctor.compared import COLUMNS, TERMS
from web.reading import read_picture

THEN = clean(draw(8, body="red", coat="white", thickness="thick"))
NOW = clean(draw(8, body="red", coat="yellow", thickness="thick"))


@pytest.fixture
def web(sqlite_store: Store) -> Web:
    """A county with its pages."""
    return Web(sqlite_store)


@cache
def outcome() -> Outcome:
    """What the worker made of a tongue: its own reading is kept, and the page reads again."""
    return read_picture(THEN, PhotographKind.TONGUE)


def seen(web: Web, picture: bytes | None, **notes: str) -> Encounter:
    """A visit a week later, with a tongue that was read or without one."""
    web.county.watch.pass_(days=7)
    visit = web.county.visited(**notes)
    if picture is not None:
        web.county.photographed(visit, outcome(), clean=picture)
    return visit


def page(browser: Browser, visit: Encounter, earlier: Encounter | None = None) -> str:
    chosen = f"&with={earlier.id}" if earlier else ""
    answer = browser.get(f"/doctor/visits/{visit.id}/followup?whole=1{chosen}")
    assert answer.status_code == 200
    return answer.text


def looks(web: Web) -> list[tuple[str, str, int | None, bool]]:
    log = access_log.c
    with web.county.work() as work:
        query = select(log.action, log.subject_kind, log.subject_id, log.allowed).order_by(log.id)
        return [tuple(row) for row in work.session.execute(query)]


def test_a_coat_that_turned_yellow_is_told_with_its_figures(web: Web) -> None:
    seen(web, THEN)
    visit = seen(web, NOW)
    html = page(web.browser(web.county.doctor), visit)
    text = shown(html)
    assert NAME in text
    assert f"{len(MEASURES)} 项里有" in text
    coat = next(row for row in html.split("<tr") if TERMS["coat_yellowness_above_body_lab"] in row)
    assert "较前增" in coat
    assert "stands-out" in coat
    assert model_name() in text
    assert "不能代替真人重拍" in text


def test_every_measure_has_its_place_on_the_page() -> None:
    zones = {measure.name for measure in MEASURES if measure.group == "zones"}
    shown_zones = {
        name.format(zone=zone) for name, _ in COLUMNS for zone in ("tip", "edges", "centre", "root")
    }
    assert shown_zones == zones
    assert set(TERMS) == {measure.name for measure in MEASURES} - zones


def test_the_same_picture_twice_stands_out_nowhere(web: Web) -> None:
    seen(web, THEN)
    visit = seen(web, THEN)
    html = page(web.browser(web.county.doctor), visit)
    assert "较前" not in html
    assert "stands-out" not in html
    assert f"{len(MEASURES)} 项里有 0 项超出重复误差" in shown(html)


def test_an_earlier_visit_is_chosen_and_those_without_a_tongue_say_so(web: Web) -> None:
    first, second, bare = seen(web, THEN), seen(web, NOW), seen(web, None)
    visit = seen(web, NOW)
    browser = web.browser(web.county.doctor)
    html = page(browser, visit)
    assert f'<option value="{second.id}" selected>' in html
    assert f'<option value="{first.id}">' in html
    marked = re.search(rf'<option value="{bare.id}">([^<]*)</option>', html)
    assert marked is not None
    assert marked[1].endswith("无舌象")
    assert "这一次就诊没有舌象照片" in page(browser, visit, bare)
    assert f'<option value="{first.id}" selected>' in page(browser, visit, first)


def test_what_is_missing_is_said(web: Web) -> None:
    first, bare = seen(web, THEN), seen(web, None)
    browser = web.browser(web.county.doctor)
    assert "以前的就诊没有舌象照片" in shown(page(browser, first))
    assert "本次就诊还没有识别好的舌象照片" in shown(page(browser, bare))


def test_a_picture_that_is_refused_today_is_not_compared(web: Web) -> None:
    blurred = clean(cv2.GaussianBlur(draw(8, body="red"), (0, 0), 6))
    seen(web, blurred)
    visit = seen(web, THEN)
    html = page(web.browser(web.county.doctor), visit)
    text = shown(html)
    assert REFUSALS["blurred"].zh in text
    assert "没有作任何比较" in text
    assert "<img" not in html


def test_a_tongue_held_otherwise_is_shown_and_not_compared(web: Web) -> None:
    picture = draw(8, body="red", coat="white", thickness="thick", caption=False)
    sheared = cv2.warpAffine(
        picture, np.array([[0.75, 0.3, 0], [0, 1, 0]]), (400, 400), borderMode=cv2.BORDER_REFLECT_101
    )
    seen(web, THEN)
    visit = seen(web, clean(sheared))
    html = page(web.browser(web.county.doctor), visit)
    assert "两次伸舌的样子相差太大" in shown(html)
    assert html.count("<img") == 4
    assert 'class="changes"' not in html


def test_a_reading_by_another_model_is_told_and_read_again(web: Web) -> None:
    seen(web, THEN)
    visit = seen(web, None)
    web.county.photographed(visit, clean=THEN)
    text = shown(page(web.browser(web.county.doctor), visit))
    assert "就诊当时用的是别的版本" in text
    assert "tongue-1" in text


def test_the_pictures_are_in_one_frame_and_no_cache_keeps_them(web: Web) -> None:
    first, visit = seen(web, THEN), seen(web, NOW)
    browser = web.browser(web.county.doctor)
    for which in ("before", "after"):
        answer = browser.get(f"/doctor/visits/{visit.id}/followup/{first.id}/{which}")
        assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
        assert answer.headers["Cache-Control"] == "private, no-store"
        picture = cv2.imdecode(np.frombuffer(answer.data, np.uint8), cv2.IMREAD_COLOR)
        assert picture.shape == (FRAME_PX, FRAME_PX, 3)
    assert [look[:2] for look in looks(web)[-3:]] == [
        ("patient.read", "encounter"),
        ("photograph.read", "photograph"),
        ("photograph.read", "photograph"),
    ]


def test_another_house_sees_neither_page_nor_picture_and_both_looks_are_on_record(web: Web) -> None:
    first, visit = seen(web, THEN), seen(web, NOW)
    foreign = web.browser(web.county.foreign_doctor)
    before = len(looks(web))
    for path in ("followup", f"followup?with={first.id}", f"followup/{first.id}/after"):
        assert foreign.get(f"/doctor/visits/{visit.id}/{path}").status_code == 403
    assert looks(web)[before:] == [("patient.read", "encounter", visit.id, False)] * 3


@pytest.mark.parametrize("other", ["0", "-1", "x", "99999999999999999999", "999"])
def test_an_address_that_names_no_visit_is_no_page(web: Web, other: str) -> None:
    seen(web, THEN)
    visit = seen(web, NOW)
    answer = web.browser(web.county.doctor).get(f"/doctor/visits/{visit.id}/followup?with={other}")
    assert answer.status_code == 404


def test_a_picture_where_there_is_no_tongue_is_not_found(web: Web) -> None:
    first, bare = seen(web, THEN), seen(web, None)
    browser = web.browser(web.county.doctor)
    assert browser.get(f"/doctor/visits/{bare.id}/followup/{first.id}/after").status_code == 404


def test_the_page_comes_before_the_tongues_are_read_and_the_part_says_the_same(web: Web) -> None:
    first, visit = seen(web, THEN), seen(web, NOW)
    browser = web.browser(web.county.doctor)
    light = browser.get(f"/doctor/visits/{visit.id}/followup").text
    assert f'hx-get="/doctor/visits/{visit.id}/followup/{first.id}"' in light
    assert "项里有" not in shown(light)
    part = browser.get(f"/doctor/visits/{visit.id}/followup/{first.id}")
    assert part.status_code == 200
    assert shown(part.text) in shown(page(browser, visit))


def test_more_visits_cost_no_more_statements(web: Web) -> None:
    seen(web, THEN)
    visit = seen(web, NOW)
    few = statements(web.county, web.browser(web.county.doctor), f"/doctor/visits/{visit.id}/followup")
    for _ in range(4):
        visit = seen(web, NOW)
    many = statements(web.county, web.browser(web.county.doctor), f"/doctor/visits/{visit.id}/followup")
    assert many == few


def test_the_visit_page_leads_here(web: Web) -> None:
    seen(web, THEN)
    visit = seen(web, NOW)
    assert (
        f'href="/doctor/visits/{visit.id}/followup"'
        in web.browser(web.county.doctor).get(f"/doctor/visits/{visit.id}").text
    )


def test_the_way_here_is_open_while_the_photograph_is_still_being_read(web: Web) -> None:
    seen(web, THEN)
    visit = seen(web, None)
    link = f'href="/doctor/visits/{visit.id}/followup"'
    beside_the_photograph = "与上次对比"
    browser = web.browser(web.county.doctor)
    opened = browser.get(f"/doctor/visits/{visit.id}").text
    assert (link in opened, beside_the_photograph in opened) == (True, False)
    web.county.uploaded(visit)
    # The page that polls exchanges the picture alone, so the link has to stand there before it is read.
    assert beside_the_photograph in browser.get(f"/doctor/visits/{visit.id}").text
