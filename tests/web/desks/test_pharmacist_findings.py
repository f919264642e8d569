"""The pharmacist's word on each finding: what is told of it, what is asked, and what an approval needs."""

import re

import pytest

from tcm.records.clinical import Prescription
from tcm.records.lifecycle import State
from tcm.services import reviewing
from tcm.services.prescribing import ItemDraft
from tcm.store.engine import Store
from tests.tcm.county import FOUR_GENTLEMEN, draft
from tests.web.desks.case_form import accepted, asked, decide
from tests.web.desks.hands import Browser, Web, shown, statements
from web.desks.shown import FindingShown, show_findings

# Dragon bone is no drug of the pharmacopoeia, and so much of it is above the reference dose: two warnings.
TWICE_WARNED = draft([*FOUR_GENTLEMEN, ItemDraft("龙骨", 40.0, "先煎")])


@pytest.fixture
def web(sqlite_store: Store) -> Web:
    """A county with its pages."""
    return Web(sqlite_store)


@pytest.fixture
def pharmacist(web: Web) -> Browser:
    """A qualified pharmacist's browser."""
    return web.browser(web.county.pharmacist)


def show(web: Web, prescription: Prescription, language: str) -> list[FindingShown]:
    """Its findings as a page in that language shows them."""
    county = web.county
    case = county.do(reviewing.open_case, county.pharmacist, county.knowledge, prescription.key())
    with web.app.test_request_context(headers={"Accept-Language": language}):
        return show_findings(case.findings, case.rules_version)


def test_a_finding_tells_its_rule_the_figures_the_clause_and_what_clears_it(
    web: Web, pharmacist: Browser
) -> None:
    signed = web.county.claimed(web.county.signed(TWICE_WARNED))
    [found] = [finding for finding in show(web, signed, "zh") if finding.title == "超参考量"]
    said = shown(pharmacist.get(f"/pharmacist/{signed.id}").text)
    assert (
        f"提醒 {found.message} 超参考量（出厂规则） · 数值 40 g/日 · 限量 30 g/日 "
        f"依据：{found.source} · 处理：药师核对" in said
    )
    assert "未收入药典（出厂规则） 依据：" in said


def test_findings_are_read_in_english_with_the_source_as_published(web: Web, pharmacist: Browser) -> None:
    signed = web.county.claimed(web.county.signed(TWICE_WARNED))
    chinese, english = show(web, signed, "zh"), show(web, signed, "en")
    assert {finding.title: finding.clears for finding in english} == {
        "Not in the pharmacopoeia": "look it up in the provincial standard",
        "Above the reference dose": "the pharmacist checks",
    }
    assert [finding.source for finding in english] == [finding.source for finding in chinese]
    pharmacist.post("/language", language="en", next="/pharmacist")
    said = shown(pharmacist.get(f"/pharmacist/{signed.id}").text)
    for finding in english:
        assert finding.message in said
        assert finding.title in said
        assert finding.clears in said


def test_no_choice_is_made_beforehand_and_none_is_offered_before_the_claim(
    web: Web, pharmacist: Browser
) -> None:
    signed = web.county.signed(TWICE_WARNED)
    assert asked(pharmacist.get(f"/pharmacist/{signed.id}").text) == []
    page = pharmacist.follow(pharmacist.post(f"/pharmacist/{signed.id}/claim"))
    assert len(asked(page)) == 2
    assert re.findall(r'type="radio"[^>]*checked', page) == []


def test_an_approval_without_a_word_on_a_finding_is_refused_and_keeps_what_was_typed(
    web: Web, pharmacist: Browser
) -> None:
    signed = web.county.claimed(web.county.signed(TWICE_WARNED))
    silent, overruled = asked(pharmacist.get(f"/pharmacist/{signed.id}").text)
    fields = {f"judge-{overruled}": "overruled", f"why-{overruled}": "本地惯用 量", "remark": "饭后服"}
    answer = decide(pharmacist, signed, "approve", **fields)
    assert answer.status_code == 422
    assert "还有 1 条审核提示没有表态，请逐条选“认可”或“不认可”。" in shown(answer.text)
    assert re.findall(r'id="lacks-(\w+)"', answer.text) == [silent]
    assert re.findall(r'name="judge-(\w+)" value="(\w+)" form="decide-form" checked', answer.text) == [
        (overruled, "overruled")
    ]
    assert "本地惯用 量</textarea>" in answer.text
    assert 'value="饭后服"' in answer.text
    assert web.county.now(signed).state is State.SIGNED


def test_a_finding_overruled_without_a_reason_is_refused_and_keeps_the_choice(
    web: Web, pharmacist: Browser
) -> None:
    signed = web.county.claimed(web.county.signed(TWICE_WARNED))
    words = accepted(pharmacist, signed)
    vague = next(iter(words)).removeprefix("judge-")
    for what, more in (("approve", {}), ("return", {"reason_code": "dose", "to_doctor": "请减量"})):
        fields = {**words, f"judge-{vague}": "overruled", f"why-{vague}": "否", **more}
        answer = decide(pharmacist, signed, what, **fields)
        assert answer.status_code == 422
        assert "选“不认可”要写明理由，至少 2 个字，最多 200 个字。" in shown(answer.text)
        assert re.findall(r'id="lacks-(\w+)"', answer.text) == [vague]
        assert "否</textarea>" in answer.text
    assert "请减量</textarea>" in answer.text
    assert web.county.now(signed).state is State.SIGNED


def test_a_word_that_is_not_offered_is_none(web: Web, pharmacist: Browser) -> None:
    signed = web.county.claimed(web.county.signed(TWICE_WARNED))
    words = dict.fromkeys(accepted(pharmacist, signed), "undecided")
    assert decide(pharmacist, signed, "approve", **words).status_code == 422
    assert web.county.now(signed).state is State.SIGNED


def test_a_remark_that_is_too_long_shows_the_case_again_with_the_words(web: Web, pharmacist: Browser) -> None:
    signed = web.county.claimed(web.county.signed(TWICE_WARNED))
    words = accepted(pharmacist, signed)
    answer = decide(pharmacist, signed, "approve", **words, remark="长" * 501)
    assert answer.status_code == 422
    assert len(re.findall(r'value="accepted" form="decide-form" checked', answer.text)) == 2


def test_the_words_of_an_approval_stand_beside_the_case_afterwards(web: Web, pharmacist: Browser) -> None:
    county = web.county
    signed = county.claimed(county.signed(TWICE_WARNED))
    _first, second = asked(pharmacist.get(f"/pharmacist/{signed.id}").text)
    returned = {f"judge-{second}": "overruled", f"why-{second}": "本地惯用量"}
    decide(pharmacist, signed, "return", reason_code="other", to_doctor="写明疗程", **returned)
    county.claimed(county.sign(county.now(signed)))
    decide(pharmacist, signed, "approve", **accepted(pharmacist, signed), remark="无异议")
    said = shown(pharmacist.get(f"/pharmacist/{signed.id}").text)
    earlier = said[said.index("以往审核") :]
    assert re.sub(r" · 11月21日 \d\d:\d\d", "", earlier).startswith(
        "以往审核 通过 无异议 陈半夏 未收入药典 龙骨 认可 超参考量 龙骨 认可 "
        "退回 其他 写明疗程 陈半夏 未收入药典 龙骨 未表态 超参考量 龙骨 不认可 本地惯用量 "
    )


def test_the_version_of_the_rules_is_told_and_a_change_since_the_signature_too(
    web: Web, pharmacist: Browser
) -> None:
    county = web.county
    signed = county.claimed(county.signed())
    changed = "医师签名以后规则换了版本，以下提示按现在的规则给出。"
    said = shown(pharmacist.get(f"/pharmacist/{signed.id}").text)
    assert "签名时的规则：出厂规则 · 现在核对的规则：出厂规则" in said
    assert changed not in said
    county.rules_in_force("2026-11-21.1", {})
    said = shown(pharmacist.get(f"/pharmacist/{signed.id}").text)
    assert "签名时的规则：出厂规则 · 现在核对的规则：2026-11-21.1" in said
    assert changed in said


def test_laboratory_values_stand_on_the_case_with_name_and_unit(web: Web, pharmacist: Browser) -> None:
    county = web.county
    visit = county.visited()
    signed = county.claimed(county.signed(visit=visit))
    assert "化验 —" in shown(pharmacist.get(f"/pharmacist/{signed.id}").text)
    with county.work() as work:
        work.encounters.get(visit.id or 0).labs = {"alt_u_l": 35.0, "creatinine_umol_l": 66.5}
        work.commit()
    said = shown(pharmacist.get(f"/pharmacist/{signed.id}").text)
    assert "化验 肌酐 66.5 µmol/L、丙氨酸转氨酶 ALT 35 U/L" in said


def test_a_case_costs_as_many_statements_with_words_on_three_decisions_as_on_one(
    web: Web, pharmacist: Browser
) -> None:
    county = web.county
    signed = county.signed(TWICE_WARNED)

    def sent_back() -> None:
        county.claimed(signed)
        decide(pharmacist, signed, "return", reason_code="other", **accepted(pharmacist, signed))
        county.sign(county.now(signed))

    sent_back()
    one = statements(county, pharmacist, f"/pharmacist/{signed.id}")
    for _ in range(2):
        sent_back()
    assert statements(county, pharmacist, f"/pharmacist/{signed.id}") == one
