"""What is typed and never saved: kept at the server, found again, forgotten when saved or thrown away."""

from typing import Any

import pytest

from tcm.records.clinical import Encounter
from tcm.store.engine import Store
from tests.web.desks.hands import Browser, Web, shown
from tests.web.desks.rx_form import FOUR, filled, form_on, of_visit, send

FOUND, NOT_KEPT = "没有保存的内容。", "别处已保存，这里的改动没有暂存。"


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


def page(doctor: Browser, visit: Encounter, which: str = "") -> str:
    return str(doctor.get(f"/doctor/visits/{visit.id}{which}").text)


def adopt(doctor: Browser, visit: Encounter, form: dict[str, Any]) -> Any:
    return doctor.post(
        f"/doctor/visits/{visit.id}/prescription/adopt", htmx=True, **form, adopt_formula="四君子汤"
    )


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
    answer = keep(doctor, visit, typed)
    assert (answer.status_code, shown(answer.text)) == (200, NOT_KEPT)
    assert FOUND not in shown(page(doctor, visit))


def test_a_draft_that_is_thrown_away_leaves_what_is_stored(
    web: Web, doctor: Browser, visit: Encounter
) -> None:
    send(doctor, visit, filled(doctor, visit, *FOUR), "save")
    changed = form_on(page(doctor, visit))
    changed["herb"][0] = "黄芪"
    keep(doctor, visit, changed)
    assert form_on(page(doctor, visit))["herb"][0] == "黄芪"
    answer = doctor.post(f"/doctor/visits/{visit.id}/draft/drop", request_key=changed["request_key"])
    assert answer.status_code == 303
    assert form_on(page(doctor, visit))["herb"][0] == FOUR[0][0]


def test_what_was_adopted_is_kept_too(web: Web, doctor: Browser, visit: Encounter) -> None:
    adopt(doctor, visit, filled(doctor, visit))
    herbs = [item.herb for item in web.county.knowledge.formulas["四君子汤"].items]
    assert [herb for herb in form_on(page(doctor, visit))["herb"] if herb] == herbs


def test_adopting_in_a_window_that_is_behind_a_save_says_that_nothing_is_kept(
    web: Web, doctor: Browser, visit: Encounter
) -> None:
    behind = filled(doctor, visit, ("陈皮", "6", ""))
    send(doctor, visit, behind | {"usage": "空腹服"}, "save")
    answer = adopt(doctor, visit, behind)
    assert (answer.status_code, NOT_KEPT in answer.text) == (200, True)
    assert form_on(answer.text)["herb"][:3] == ["陈皮", "人参", "白术"]
    assert FOUND not in shown(page(doctor, visit))


def test_adopting_into_what_another_window_signed_is_refused_and_keeps_no_draft(
    web: Web, doctor: Browser, visit: Encounter
) -> None:
    behind = filled(doctor, visit, *FOUR)
    send(doctor, visit, behind, "save")
    behind = form_on(page(doctor, visit))
    send(doctor, visit, behind, "sign")
    answer = adopt(doctor, visit, behind)
    assert (answer.status_code, "处方已经签名，不能再改。" in answer.text) == (422, True)
    with web.county.work() as work:
        assert work.form_drafts.all() == []


def test_a_draft_of_an_older_version_is_not_found_again(web: Web, doctor: Browser, visit: Encounter) -> None:
    send(doctor, visit, filled(doctor, visit, *FOUR), "save")
    keep(doctor, visit, form_on(page(doctor, visit)) | {"usage": "空腹服"})
    assert FOUND in shown(page(doctor, visit))
    [prescription] = of_visit(web, visit)
    with web.county.work() as work:
        work.prescriptions.get(prescription.key()).urgent = True
        work.commit()
    assert FOUND not in shown(page(doctor, visit))


def test_saving_one_prescription_leaves_what_is_typed_into_another(
    web: Web, doctor: Browser, visit: Encounter
) -> None:
    send(doctor, visit, filled(doctor, visit, *FOUR), "save")
    first = form_on(page(doctor, visit))
    second = form_on(page(doctor, visit, "?new=1"))
    second["herb"][0] = "黄芪"
    keep(doctor, visit, second)
    keep(doctor, visit, first | {"usage": "空腹服"})
    assert send(doctor, visit, first | {"usage": "空腹服"}, "save").status_code == 200
    assert FOUND not in shown(page(doctor, visit))
    again = page(doctor, visit, "?new=1")
    assert (form_on(again)["herb"][0], FOUND in shown(again)) == ("黄芪", True)


def test_a_form_without_its_key_is_refused_with_a_sentence(
    web: Web, doctor: Browser, visit: Encounter
) -> None:
    answer = keep(doctor, visit, {"herb": "陈皮"})
    assert (answer.status_code, "notice" in answer.text) == (422, True)


def test_a_colleague_finds_nothing_of_it(web: Web, doctor: Browser, visit: Encounter) -> None:
    keep(doctor, visit, filled(doctor, visit, ("陈皮", "6", "")))
    stranger = web.browser(web.county.foreign_doctor)
    assert keep(stranger, visit, {"request_key": "theirs", "herb": "陈皮"}).status_code == 403


def test_more_than_any_prescription_is_refused_with_a_sentence(
    web: Web, doctor: Browser, visit: Encounter
) -> None:
    answer = keep(doctor, visit, {"request_key": "long", "usage": "煎" * 3_000, "herb": ["麻" * 3_000] * 8})
    assert (answer.status_code, "内容太长，没有暂存。" in answer.text) == (422, True)
