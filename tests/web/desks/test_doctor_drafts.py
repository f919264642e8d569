"""What is typed and never saved: kept at the server, found again, forgotten when saved or thrown away."""

from typing import Any

import pytest

from tcm.records.clinical import Encounter
from tcm.store.engine import Store
from tests.web.desks.hands import Browser, Web, shown
from tests.web.desks.rx_form import FOUR, filled, form_on, of_visit, send

FOUND = "没有保存的内容。"


@pytest.fixture
def web(sqlite_store: Store) -> Web:
    """A county with its pages."""
    return Web(sqlite_store)


@pytest.fixture
def visit(web: Web) -> Encounter:
    """A visit without a prescription."""
    return web.county.visited()


@pytest.fixture
def doctor(web: Web) -> Browser:
    """The doctor's browser."""
    return web.browser(web.county.doctor)


def keep(doctor: Browser, visit: Encounter, form: dict[str, Any]) -> Any:
    return doctor.post(f"/doctor/visits/{visit.id}/draft", htmx=True, **form)


def page(doctor: Browser, visit: Encounter) -> str:
    return str(doctor.get(f"/doctor/visits/{visit.id}").text)


def test_what_was_typed_stands_there_again_after_a_reload_with_a_word_that_it_was_found(
    web: Web, doctor: Browser, visit: Encounter
) -> None:
    typed = filled(doctor, visit, ("陈皮", "6", ""), ("白术", "", ""))
    answer = keep(doctor, visit, typed)
    assert (answer.status_code, "已暂存" in answer.text) == (200, True)
    again = page(doctor, visit)
    assert form_on(again)["herb"][:2] == ["陈皮", "白术"]
    assert FOUND in shown(again)
    assert of_visit(web, visit) == []


def test_a_draft_is_forgotten_once_it_is_saved(web: Web, doctor: Browser, visit: Encounter) -> None:
    typed = filled(doctor, visit, *FOUR)
    keep(doctor, visit, typed)
    assert send(doctor, visit, typed, "save").status_code == 200
    assert FOUND not in shown(page(doctor, visit))


def test_a_draft_that_arrives_after_its_form_was_saved_is_not_kept(
    web: Web, doctor: Browser, visit: Encounter
) -> None:
    typed = filled(doctor, visit, *FOUR)
    send(doctor, visit, typed, "save")
    assert keep(doctor, visit, typed).status_code == 204
    assert FOUND not in shown(page(doctor, visit))


def test_a_draft_that_is_thrown_away_leaves_what_is_stored(
    web: Web, doctor: Browser, visit: Encounter
) -> None:
    send(doctor, visit, filled(doctor, visit, *FOUR), "save")
    changed = form_on(page(doctor, visit))
    changed["herb"][0] = "黄芪"
    keep(doctor, visit, changed)
    assert form_on(page(doctor, visit))["herb"][0] == "黄芪"
    answer = doctor.post(f"/doctor/visits/{visit.id}/draft/drop")
    assert answer.status_code == 303
    assert form_on(page(doctor, visit))["herb"][0] == FOUR[0][0]


def test_what_was_adopted_is_kept_too(web: Web, doctor: Browser, visit: Encounter) -> None:
    doctor.post(
        f"/doctor/visits/{visit.id}/prescription/adopt",
        htmx=True,
        **filled(doctor, visit),
        adopt_formula="四君子汤",
    )
    herbs = [item.herb for item in web.county.knowledge.formulas["四君子汤"].items]
    assert [herb for herb in form_on(page(doctor, visit))["herb"] if herb] == herbs


def test_a_colleague_finds_nothing_of_it(web: Web, doctor: Browser, visit: Encounter) -> None:
    keep(doctor, visit, filled(doctor, visit, ("陈皮", "6", "")))
    stranger = web.browser(web.county.foreign_doctor)
    assert stranger.post(f"/doctor/visits/{visit.id}/draft", htmx=True, herb="陈皮").status_code == 403


def test_more_than_any_prescription_is_refused_with_a_sentence(
    web: Web, doctor: Browser, visit: Encounter
) -> None:
    answer = keep(doctor, visit, {"usage": "煎" * 3_000, "herb": ["麻" * 3_000] * 8})
    assert (answer.status_code, "内容太长，没有暂存。" in answer.text) == (422, True)
