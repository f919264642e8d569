"""The desk of the rules: versions, the table and its form, differences, approval, permissions."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tcm.records.governance import Standing
from tcm.records.roles import Role
from tcm.store.engine import Store
from tests.tcm.county import KNOWLEDGE
from tests.web.desks.hands import Browser, Web, shown
from tests.web.desks.rules_form import (
    approved,
    begun,
    drafted,
    kept,
    replayed,
    rules_form,
    saved,
    seen_on,
    switched_off,
    with_figure,
    with_severity,
)
from web.desks.rules.words import GROUPS, SCORE, UNITS, unit_of
from web.house import EXTENSION
from web.jobs.queue import prepare

READERS = {Role.DOCTOR, Role.PHARMACIST, Role.MANAGER}


@pytest.fixture
def web(sqlite_store: Store) -> Iterator[Web]:
    """A county with its pages and a queue for jobs."""
    prepare(sqlite_store.engine)
    opened = Web(sqlite_store)
    yield opened
    opened.app.extensions[EXTENSION].jobs.close()


@pytest.fixture
def pharmacist(web: Web) -> Browser:
    """A qualified pharmacist's browser."""
    return web.browser(web.county.pharmacist)


@pytest.fixture
def colleague(web: Web) -> Browser:
    """Another qualified pharmacist's browser."""
    return web.browser(web.county.colleague)


def test_every_kind_of_rule_has_its_group_and_every_unit_its_word() -> None:
    kinds = [kind for group in GROUPS.values() for kind in group]
    assert sorted(kinds) == sorted({fact.kind for fact in KNOWLEDGE.rules.values()})
    figures = [each for rule in KNOWLEDGE.rule_parameters.values() for each in rule.values()]
    assert {unit_of(each) for each in figures} == {*UNITS, SCORE}


def test_without_a_version_the_shipped_rules_are_in_force(web: Web, pharmacist: Browser) -> None:
    page = shown(pharmacist.get("/rules").text)
    assert "还没有批准过自己的版本，按出厂规则审核。" in page
    table = pharmacist.get("/rules/shipped").text
    assert re.findall(r'<tr id="(\w+)" data-rule', table) != []
    assert sorted(re.findall(r'<tr id="(\w+)" data-rule', table)) == sorted(KNOWLEDGE.rules)
    assert "<form id" not in table


def test_a_draft_begins_as_what_is_in_force_and_is_begun_once(web: Web, pharmacist: Browser) -> None:
    first = pharmacist.post("/rules/drafts", request_key="key-of-a-form")
    again = pharmacist.post("/rules/drafts", request_key="key-of-a-form")
    assert first.headers["Location"] == again.headers["Location"]
    assert kept(web, first.headers["Location"]).settings == {}


def test_saving_an_untouched_table_keeps_no_setting(web: Web, pharmacist: Browser) -> None:
    path = begun(pharmacist)
    page = saved(pharmacist, path, rules_form(pharmacist.get(path).text))
    assert "已保存。" in shown(page)
    assert kept(web, path).settings == {}


def test_a_stricter_severity_and_a_figure_are_saved_at_once(web: Web, pharmacist: Browser) -> None:
    path = drafted(pharmacist)
    stored = kept(web, path)
    assert stored.settings == {
        "herb_count": {"enabled": None, "severity": "return", "parameters": {"most_herbs": 5.0}}
    }
    assert stored.note == "药事会二十二日议定"
    page = pharmacist.get(path).text
    assert re.findall(r'<tr id="(\w+)" data-rule class="differs', page) == ["herb_count"]
    assert "出厂：24" in page
    assert "出厂：提醒" in page


def test_a_rule_is_switched_off_and_another_on(web: Web, pharmacist: Browser) -> None:
    path = begun(pharmacist)
    form = switched_off(rules_form(pharmacist.get(path).text), "look_alike")
    saved(pharmacist, path, {**form, "enabled": [*form["enabled"], "insurance_excluded"]})
    settings = kept(web, path).settings
    assert {rule: each["enabled"] for rule, each in settings.items()} == {
        "insurance_excluded": True,
        "look_alike": False,
    }


def test_what_the_law_demands_has_no_switch_and_no_milder_choice(web: Web, pharmacist: Browser) -> None:
    page = pharmacist.get(begun(pharmacist)).text
    boxes = set(re.findall(r'type="checkbox" name="enabled" value="(\w+)"', page))
    assert boxes == {rule for rule, fact in KNOWLEDGE.rules.items() if not fact.floor}
    row = page.split('<tr id="narcotic"')[1].split("</tr>")[0]
    assert ("法规强制" in row, "<select" in row) == (True, False)
    overdose = page.split('<tr id="overdose"')[1].split("</tr>")[0]
    assert re.findall(r'<option value="(\w+)"', overdose) == ["sign", "block"]


def test_a_forged_milder_severity_is_refused_at_its_field(web: Web, pharmacist: Browser) -> None:
    path = begun(pharmacist)
    form = with_severity(rules_form(pharmacist.get(path).text), "overdose", "warn")
    answer = pharmacist.post(path, **form)
    assert answer.status_code == 422
    row = answer.text.split('<tr id="overdose"')[1].split("</tr>")[0]
    assert "法规要求不低于“须再次签名”。" in row
    assert kept(web, path).settings == {}


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("99", "要在 5 到 60 之间。"),
        ("-3", "要在 5 到 60 之间。"),
        ("二十", "请填数字。"),
        ("1e309", "请填数字。"),
        ("nan", "请填数字。"),
        ("", "请填写这一项。"),
    ],
)
def test_a_wrong_figure_gets_its_sentence_and_nothing_typed_is_lost(
    web: Web, pharmacist: Browser, typed: str, sentence: str
) -> None:
    path = begun(pharmacist)
    form = with_severity(rules_form(pharmacist.get(path).text), "price_ceiling", "return")
    form = {**switched_off(form, "look_alike"), "note": ["议而未决"]}
    answer = pharmacist.post(path, **with_figure(form, "herb_count.most_herbs", typed))
    assert answer.status_code == 422
    row = answer.text.split('<tr id="herb_count"')[1].split("</tr>")[0]
    assert sentence in row
    assert "有 1 处需要修改，您填写的内容还在。" in answer.text
    again = rules_form(answer.text)
    assert again == with_figure(form, "herb_count.most_herbs", typed)
    assert kept(web, path).settings == {}


def test_all_that_is_wrong_is_told_at_once(web: Web, pharmacist: Browser) -> None:
    path = begun(pharmacist)
    form = with_figure(rules_form(pharmacist.get(path).text), "herb_count.most_herbs", "61")
    form = with_severity(with_figure(form, "child_dose.small_factor", "half"), "narcotic", "return")
    page = pharmacist.post(path, **form).text
    assert re.findall(r'class="says error"[^>]*>.*?</svg>([^<]+)</p>', page) == [
        "要在 5 到 60 之间。",
        "法规要求不低于“不能开具”。",
        "请填数字。",
    ]
    assert "有 3 处需要修改，您填写的内容还在。" in page


def test_full_width_figures_are_read(web: Web, pharmacist: Browser) -> None:
    path = begun(pharmacist)
    form = with_figure(rules_form(pharmacist.get(path).text), "child_dose.small_factor", "０．４")
    saved(pharmacist, path, form)
    assert kept(web, path).settings["child_dose"]["parameters"] == {"small_factor": 0.4}


def test_a_table_with_rows_missing_is_not_saved(web: Web, pharmacist: Browser) -> None:
    path = drafted(pharmacist)
    before = kept(web, path).settings
    form = rules_form(pharmacist.get(path).text)
    answer = pharmacist.post(path, **{**form, "rule": form["rule"][1:], "severity": form["severity"][1:]})
    assert (answer.status_code, "规则表与现在的不一致" in answer.text) == (422, True)
    assert kept(web, path).settings == before


@pytest.mark.parametrize("missing", ["rule", "severity", "figure", "value"])
def test_a_table_with_half_a_column_is_not_saved(web: Web, pharmacist: Browser, missing: str) -> None:
    path = drafted(pharmacist)
    before = kept(web, path).settings
    form = {**rules_form(pharmacist.get(path).text), "severity": ["mild"], "value": ["五"], missing: []}
    answer = pharmacist.post(path, **form)
    assert (answer.status_code, "规则表与现在的不一致" in answer.text) == (422, True)
    assert kept(web, path).settings == before


def test_who_opened_the_draft_before_a_colleague_saved_it_does_not_overwrite_it(
    web: Web, pharmacist: Browser, colleague: Browser
) -> None:
    path = begun(pharmacist)
    mine = rules_form(pharmacist.get(path).text)
    web.county.watch.pass_(seconds=5)
    theirs = with_figure(rules_form(colleague.get(path).text), "herb_count.most_herbs", "20")
    saved(colleague, path, theirs)
    answer = pharmacist.post(path, **with_figure(mine, "herb_count.most_herbs", "16"))
    assert (answer.status_code, "这份草稿刚被别人改动过" in answer.text) == (422, True)
    assert with_figure(mine, "herb_count.most_herbs", "16") == rules_form(answer.text)
    assert kept(web, path).settings["herb_count"]["parameters"] == {"most_herbs": 20.0}


def test_the_difference_shows_changed_rows_only_old_beside_new(web: Web, pharmacist: Browser) -> None:
    page = pharmacist.get(f"{drafted(pharmacist)}/changes").text
    assert re.findall(r'rowspan="\d+">[^<]*<code>(\w+)</code>', page) == ["herb_count"]
    assert re.findall(r'class="old">([^<]*)</td>', page) == ["提醒", "24 味"]
    news = [text.strip() for text in re.findall(r'class="new">.*?</span>([^<]*)</td>', page)]
    assert news == ["须修改", "5 味"]


def test_ones_own_draft_is_for_another_to_approve(web: Web, pharmacist: Browser) -> None:
    path = drafted(pharmacist)
    page = pharmacist.get(f"{path}/changes").text
    assert "这是您自己起草的版本，要由另一位药师或主管批准。" in shown(page)
    assert "/approve" not in page
    answer = pharmacist.post(f"{path}/approve", seen=kept(web, path).made_at.isoformat())
    assert (answer.status_code, "起草人不能批准自己起草的规则" in answer.text) == (403, True)
    assert kept(web, path).standing is Standing.DRAFT


@pytest.mark.parametrize("who", ["colleague", "manager"])
def test_a_colleague_or_the_manager_approves_and_the_next_check_uses_it(
    web: Web, pharmacist: Browser, who: str
) -> None:
    county = web.county
    path = drafted(pharmacist)
    approver = web.browser(getattr(county, who))
    question = re.search(r'data-confirm="([^"]*立即生效[^"]*)"', approver.get(f"{path}/changes").text)
    assert question is not None
    assert "改动 1 条：药味数。" in question[1]
    page = approver.follow(approved(approver, path))
    version = kept(web, path)
    assert f"规则 {version.version} 已生效。" in shown(page)
    assert (version.standing, version.approved_by_id) == (Standing.IN_FORCE, getattr(county, who).staff_id)
    signed = county.signed()
    assert signed.rules_version == version.version
    assert re.search(rf'id="in-force-head".*?{re.escape(version.version)}', page, re.S) is not None


def test_a_draft_changed_after_it_was_read_is_not_approved(
    web: Web, pharmacist: Browser, colleague: Browser
) -> None:
    path = drafted(pharmacist)
    seen = seen_on(colleague.get(f"{path}/changes").text)
    form = rules_form(pharmacist.get(path).text)
    web.county.watch.pass_(seconds=5)
    saved(pharmacist, path, with_figure(form, "herb_count.most_herbs", "6"))
    answer = colleague.post(f"{path}/approve", seen=seen)
    assert (answer.status_code, "这个草稿在您打开之后又改动过" in answer.text) == (422, True)
    assert kept(web, path).standing is Standing.DRAFT


def test_who_saves_anothers_draft_is_told_that_it_becomes_theirs(
    web: Web, pharmacist: Browser, colleague: Browser
) -> None:
    path = drafted(pharmacist)
    page = colleague.get(path).text
    assert "这是陈半夏起草的；您保存之后，起草人就是您，不能再由您批准。" in page
    assert "您保存之后" not in pharmacist.get(path).text
    saved(colleague, path, rules_form(page))
    assert "这是您自己起草的版本" in colleague.get(f"{path}/changes").text
    assert approved(pharmacist, path).status_code == 303


def test_a_pharmacist_without_the_qualification_is_told_why(web: Web, pharmacist: Browser) -> None:
    path = drafted(pharmacist)
    novice = web.browser(web.county.novice)
    answer = approved(novice, path)
    assert (answer.status_code, "三年以上调剂经历" in answer.text) == (403, True)


def test_a_later_version_retires_the_former(web: Web, pharmacist: Browser, colleague: Browser) -> None:
    first, second = drafted(pharmacist), drafted(pharmacist)
    approved(colleague, first)
    approved(colleague, second)
    assert [kept(web, path).standing for path in (first, second)] == [Standing.RETIRED, Standing.IN_FORCE]
    page = colleague.get(first).text
    assert "已停用" in shown(page)
    assert "<form id" not in page


def test_a_discarded_draft_cannot_be_saved_and_keeps_what_was_typed(web: Web, pharmacist: Browser) -> None:
    path = begun(pharmacist)
    form = with_figure(rules_form(pharmacist.get(path).text), "herb_count.most_herbs", "12")
    assert "已丢弃。" in shown(pharmacist.follow(pharmacist.post(f"{path}/discard")))
    answer = pharmacist.post(path, **form)
    assert (answer.status_code, "这个版本已经不是草稿，不能再改动。" in answer.text) == (422, True)
    assert rules_form(answer.text) == form


def test_every_page_is_for_those_who_may_read_it(web: Web, pharmacist: Browser) -> None:
    path = drafted(pharmacist)
    replayed(web, pharmacist, path)
    everyone = [path, "/rules", "/rules/shipped", f"{path}/changes"]
    deciders = [f"{path}/replay", "/rules/statistics"]
    found = {}
    for role, actor in web.county.actors.items():
        browser = web.browser(actor)
        found[role] = {page: browser.get(page).status_code for page in [*everyone, *deciders]}
        assert ("/rules" in browser.get("/account").text) == (role in READERS)
    for role, answers in found.items():
        read = 200 if role in READERS else 403
        decide = 200 if role in READERS - {Role.DOCTOR} else 403
        assert answers == {**dict.fromkeys(everyone, read), **dict.fromkeys(deciders, decide)}


def test_every_action_is_for_those_who_may_do_it_and_none_is_done_by_get(
    web: Web, pharmacist: Browser
) -> None:
    path = drafted(pharmacist)
    form = rules_form(pharmacist.get(path).text)
    seen = form["seen"][0]
    posts: dict[str, tuple[dict[str, Any], set[Role]]] = {
        "/rules/drafts": ({"request_key": "key-of-a-role"}, {Role.PHARMACIST}),
        path: (form, {Role.PHARMACIST}),
        f"{path}/replay": (
            {"since": "2026-11-01", "request_key": "key-of-a-replay"},
            {Role.PHARMACIST, Role.MANAGER},
        ),
        f"{path}/approve": ({"seen": seen}, {Role.PHARMACIST, Role.MANAGER}),
        f"{path}/discard": ({}, {Role.PHARMACIST}),
    }
    strangers = {role: web.browser(actor) for role, actor in web.county.actors.items()}
    for address, (fields, allowed) in posts.items():
        for role, browser in strangers.items():
            if role not in allowed:
                assert browser.post(address, **fields).status_code == 403, (address, role)
    assert kept(web, path).standing is Standing.DRAFT
    for address in ("/rules/drafts", f"{path}/approve", f"{path}/discard"):
        assert pharmacist.get(address).status_code == 405
    assert pharmacist.client.post(path, base_url="https://localhost", data=form).status_code == 400
    assert web.anyone().get(path).headers["Location"].startswith("/login")


def test_what_a_role_may_not_do_is_not_offered(web: Web, pharmacist: Browser) -> None:
    path = drafted(pharmacist)
    doctor, manager = web.browser(web.county.doctor), web.browser(web.county.manager)
    for browser in (doctor, manager):
        assert "起草新版本" not in browser.get("/rules").text
        assert "<form id" not in browser.get(path).text
        assert "/discard" not in browser.get(f"{path}/changes").text
    assert "/approve" not in doctor.get(f"{path}/changes").text
    assert "/replay" not in doctor.get(path).text
    assert "/approve" in manager.get(f"{path}/changes").text


def test_an_unknown_version_or_replay_is_no_page(web: Web, pharmacist: Browser) -> None:
    path = begun(pharmacist)
    addresses = ["/rules/99", "/rules/99/changes", "/rules/99/replay", f"{path}/replay?run=7"]
    addresses += ["/rules/replays/7/progress"]
    assert [pharmacist.get(address).status_code for address in addresses] == [404] * 5


def test_english_pages_tell_titles_and_units_in_english(web: Web, pharmacist: Browser) -> None:
    path = drafted(pharmacist)
    pharmacist.post("/language", language="en", next="/rules")
    page = shown(pharmacist.get(path).text)
    assert ("Number of herbs" in page, "most herbs of one prescription" in page) == (True, True)
