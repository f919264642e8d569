"""The desk of agreed formulas: drafted, compared, approved by a second person, for the right roles."""

import re
from typing import Any

import pytest

from tcm.records.governance import AgreedFormula, Standing
from tcm.records.roles import Actor, Role
from tcm.review import Line
from tcm.services import formulary
from tcm.services.recipes import Recipe, fingerprint
from tcm.store.engine import Store
from tests.tcm.county import KNOWLEDGE
from tests.web.desks.hands import Browser, Web, hidden, shown, statements

NAME = "健脾化湿方"
LINES = (("党参", "12", ""), ("茯苓", "15", ""), ("砂仁", "6", "后下"))
RECIPE = Recipe(tuple(Line(herb, float(dose), note) for herb, dose, note in LINES), ("脾虚湿困证",))


@pytest.fixture
def web(sqlite_store: Store) -> Web:
    """A county with its pages."""
    return Web(sqlite_store)


@pytest.fixture
def writer(web: Web) -> Browser:
    """The browser of the pharmacist who drafts."""
    return web.browser(web.county.pharmacist)


@pytest.fixture
def second(web: Web) -> Browser:
    """The browser of the pharmacist who approves."""
    return web.browser(web.county.colleague)


def fields(*lines: tuple[str, str, str], **changes: Any) -> dict[str, Any]:
    form: dict[str, Any] = {
        "request_key": "form-of-a-test",
        "name": NAME,
        "syndrome": ["脾虚湿困证", "", "", ""],
        "decoction_class": "一般",
        "usage": "",
        "purpose": "由四君子汤化裁",
    }
    for place, column in enumerate(("herb", "dose_g", "note")):
        form[column] = [line[place] for line in (*(lines or LINES), ("", "", ""))]
    return {**form, **changes}


def stored(web: Web) -> list[AgreedFormula]:
    with web.county.work() as work:
        return work.agreed_formulas.all()


def drafted(web: Web, recipe: Recipe = RECIPE, name: str = NAME, by: Actor | None = None) -> AgreedFormula:
    county = web.county
    key = county.new_key()
    return county.do(formulary.draft, by or county.pharmacist, county.knowledge, name, recipe, key)


def approved(web: Web, recipe: Recipe = RECIPE, name: str = NAME) -> AgreedFormula:
    made, county = drafted(web, recipe, name), web.county
    seen = fingerprint(made)
    return county.do(formulary.approve, county.colleague, county.knowledge, made.id or 0, seen)


def approve(browser: Browser, formula: AgreedFormula, **changes: str) -> Any:
    path = f"/formulary/{formula.id}"
    seen = hidden(browser.get(path).text, f"{path}/approve")
    return browser.post(f"{path}/approve", **{**seen, **changes})


def test_one_drafts_another_approves_and_both_names_stand_on_the_list(
    web: Web, writer: Browser, second: Browser
) -> None:
    page = writer.follow(writer.post("/formulary/new", **fields()))
    assert "草稿已保存，等另一位药师批准。" in shown(page)
    assert "批准并生效" not in page
    [draft] = stored(web)
    assert (draft.name, draft.version, draft.syndromes) == (NAME, 1, ["脾虚湿困证"])
    assert [tuple(item.values()) for item in draft.items] == [
        ("党参", 12.0, ""),
        ("茯苓", 15.0, ""),
        ("砂仁", 6.0, "后下"),
    ]
    assert "健脾化湿方 第 1 版已生效。" in shown(second.follow(approve(second, draft)))
    assert [one.standing for one in stored(web)] == [Standing.IN_FORCE]
    listed = shown(writer.get("/formulary").text)
    assert f"{NAME} v1 临湘市共享中药房 在用 3 脾虚湿困证 陈半夏" in listed
    assert "唐远志" in listed


def test_a_new_version_begins_from_the_one_in_force_and_shows_what_changed(
    web: Web, writer: Browser, second: Browser
) -> None:
    first = approved(web)
    page = writer.get(f"/formulary/new?basis={first.id}").text
    assert re.findall(r'name="herb" value="([^"]*)"', page)[:3] == ["党参", "茯苓", "砂仁"]
    changed = (("党参", "15", ""), ("茯苓", "15", ""), ("陈皮", "6", ""))
    writer.post("/formulary/new", **fields(*changed, usage="每日1剂，水煎服"))
    newer = stored(web)[1]
    page = second.get(f"/formulary/{newer.id}").text
    table = shown(page[page.index('id="changes"') :])
    assert "党参 12 g 15 g 砂仁 6 g 后下 去掉 陈皮 — 6 g 用法 — 每日1剂，水煎服" in table
    approve(second, newer)
    assert [one.standing for one in stored(web)] == [Standing.RETIRED, Standing.IN_FORCE]
    listed = shown(second.get("/formulary").text)
    assert f"{NAME} v2" in listed
    assert f"{NAME} v1" not in listed


def test_the_form_shows_everything_again_when_it_cannot_be_kept(web: Web, writer: Browser) -> None:
    answer = writer.post("/formulary/new", **fields(("党叁", "12", ""), ("茯苓", "许多", ""), name="健"))
    assert answer.status_code == 422
    assert re.findall(r'name="herb" value="([^"]*)"', answer.text)[:2] == ["党叁", "茯苓"]
    assert "请填数字。" in answer.text
    answer = writer.post("/formulary/new", **fields(("党叁", "12", "")))
    near = "、".join(KNOWLEDGE.names.resolve("党叁").candidates)
    assert f"没有“党叁”这味药，是不是 {near}？" in shown(answer.text)
    assert 'data-take-herb="党参"' in answer.text
    assert stored(web) == []


def test_the_rules_speak_while_one_types_and_hold_an_approval_back(
    web: Web, writer: Browser, second: Browser
) -> None:
    lines = (("党参", "12", ""), ("细辛", "6", ""), ("石膏", "20", ""))
    told = writer.post("/formulary/check", htmx=True, **fields(*lines)).text
    assert "超过上限3g" in told
    assert "建议脚注" in told
    assert "不能预先给" in shown(told)
    writer.post("/formulary/new", **fields(*lines))
    [draft] = stored(web)
    page = second.get(f"/formulary/{draft.id}").text
    assert "批准并生效" not in page
    assert "以上提示改好以前不能批准" in shown(page)
    forced = second.post(f"/formulary/{draft.id}/approve", seen=fingerprint(draft))
    assert forced.status_code == 422
    assert "条提示须先处理，不能批准" in shown(forced.text)
    assert stored(web)[0].standing is Standing.DRAFT


def test_a_draft_changed_behind_the_approvers_back_is_shown_again(
    web: Web, writer: Browser, second: Browser
) -> None:
    draft = drafted(web)
    assert writer.get(f"/formulary/{draft.id}/edit").status_code == 200
    writer.post(f"/formulary/{draft.id}/edit", **fields(("党参", "15", "")))
    answer = second.post(f"/formulary/{draft.id}/approve", seen=fingerprint(draft))
    assert answer.status_code == 422
    assert "改动过，请再看一遍" in shown(answer.text)
    assert "党参 15 g" in shown(answer.text)


def test_nobody_changes_anothers_draft_or_approves_their_own(
    web: Web, writer: Browser, second: Browser
) -> None:
    draft = drafted(web)
    assert second.get(f"/formulary/{draft.id}/edit").status_code == 404
    assert second.post(f"/formulary/{draft.id}/edit", **fields()).status_code == 403
    own = writer.post(f"/formulary/{draft.id}/approve", seen=fingerprint(draft))
    assert own.status_code == 403
    assert "另一位药师" in shown(own.text)


def test_a_formula_is_retired_and_stays_readable(web: Web, second: Browser) -> None:
    made = approved(web)
    page = second.follow(second.post(f"/formulary/{made.id}/retire"))
    assert "第 1 版已停用。" in shown(page)
    assert stored(web)[0].standing is Standing.RETIRED
    assert "党参" in shown(second.get(f"/formulary/{made.id}").text)


@pytest.mark.parametrize("role", list(Role))
def test_pages_are_open_to_doctors_and_pharmacists_alone(web: Web, role: Role) -> None:
    draft = drafted(web, by=web.county.colleague)
    browser = web.browser(web.county.actors[role])
    seen = {"seen": fingerprint(draft)}
    answers = {
        "list": browser.get("/formulary").status_code,
        "page": browser.get(f"/formulary/{draft.id}").status_code,
        "form": browser.get("/formulary/new").status_code,
        "herbs": browser.get("/formulary/herbs?herb=ds").status_code,
        "syndromes": browser.get("/formulary/syndromes?syndrome=pxsk").status_code,
        "check": browser.post("/formulary/check", htmx=True, **fields()).status_code,
        "draft": browser.post("/formulary/new", **fields(name="新方")).status_code,
        "approve": browser.post(f"/formulary/{draft.id}/approve", **seen).status_code,
        "retire": browser.post(f"/formulary/{draft.id}/retire").status_code,
    }
    opened = dict.fromkeys(answers, 200) | {"draft": 303}
    expected = {
        Role.DOCTOR: opened | {"approve": 403, "retire": 403},
        Role.PHARMACIST: opened | {"approve": 303, "retire": 303},
    }
    assert answers == expected.get(role, dict.fromkeys(answers, 403))
    assert ("协定方" in shown(browser.get("/account").text)) == (role in expected)


def test_herbs_and_syndromes_are_found_by_their_initials(writer: Browser) -> None:
    assert 'data-value="党参"' in writer.get("/formulary/herbs?herb=ds").text
    assert 'data-value="脾虚湿困证"' in writer.get("/formulary/syndromes?syndrome=pxsk").text


def test_more_rows_than_any_form_has_are_not_reviewed(writer: Browser) -> None:
    for path in ("/formulary/check", "/formulary/new"):
        answer = writer.post(path, **fields(*[("党参", "9", "")] * 300))
        assert (answer.status_code, "最多 200 行。" in answer.text) == (422, True)


def test_what_is_not_there_is_not_found_and_nothing_typed_breaks_a_page(web: Web, writer: Browser) -> None:
    assert writer.get("/formulary/999").status_code == 404
    said = {
        basis: writer.get(f"/formulary/new?basis={basis}").status_code for basis in ("999", "9" * 25, "二")
    }
    assert said == {"999": 404, "9" * 25: 422, "二": 422}
    assert writer.post("/formulary/999/approve", seen="x").status_code == 404
    awful = writer.post(
        "/formulary/check", htmx=True, **fields(("<b>​", "1e308", "x" * 50), ("党参", "nan", ""))
    )
    assert awful.status_code == 200
    assert "<b>" not in awful.text
    many = [("党参", "1", "")] * 60
    assert writer.post("/formulary/new", **fields(*many)).status_code == 422
    assert stored(web) == []


def test_the_list_costs_as_much_with_three_formulas_as_with_one(web: Web, writer: Browser) -> None:
    approved(web)
    with_one = statements(web.county, writer, "/formulary")
    for name in ("止咳方", "通络方"):
        drafted(web, name=name, by=web.county.doctor)
    approved(web, name="安神方")
    assert statements(web.county, writer, "/formulary") == with_one


def test_one_formula_costs_as_much_with_three_versions_as_with_two(web: Web, writer: Browser) -> None:
    approved(web)
    newer = drafted(web)
    with_two = statements(web.county, writer, f"/formulary/{newer.id}")
    drafted(web)
    assert statements(web.county, writer, f"/formulary/{newer.id}") == with_two


def test_a_hospital_begins_its_own_formula_from_the_centres_under_another_name(web: Web) -> None:
    made, doctor = approved(web), web.browser(web.county.doctor)
    assert "以此起草本院的方" in shown(doctor.get(f"/formulary/{made.id}").text)
    page = doctor.get(f"/formulary/new?basis={made.id}").text
    assert 'name="name" type="text" value=""' in page
    assert 'value="党参"' in page
    answer = doctor.post("/formulary/new", **fields())
    assert answer.status_code == 422
    assert "已是临湘市共享中药房的协定方" in shown(answer.text)
