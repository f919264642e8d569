"""The pharmacist's desk: the queue, claims, the case, decisions, and two pharmacists at once."""

import json
import re

import pytest
from sqlalchemy import select

from tcm.records.clinical import PhotographKind
from tcm.records.lifecycle import REASONS, State
from tcm.services import prescribing
from tcm.services.prescribing import ItemDraft
from tcm.store.engine import Store
from tcm.store.tables import access_log
from tests.tcm.county import FOUR_GENTLEMEN, NAME, draft
from tests.web.desks.case_form import accepted, decide
from tests.web.desks.hands import Browser, Web, hidden, shown, statements
from vision import clean
from vision.tongue.drawn import draw
from web.reading import read_picture

OVERDOSED = draft([*FOUR_GENTLEMEN[:1], ItemDraft("白术", 20.0)])


@pytest.fixture
def web(sqlite_store: Store) -> Web:
    """A county with its pages."""
    return Web(sqlite_store)


@pytest.fixture
def pharmacist(web: Web) -> Browser:
    """A qualified pharmacist's browser."""
    return web.browser(web.county.pharmacist)


@pytest.fixture
def colleague(web: Web) -> Browser:
    """Another qualified pharmacist's browser."""
    return web.browser(web.county.colleague)


def numbers(page: str) -> list[str]:
    """The prescriptions of the queue in their order."""
    return re.findall(r'<span class="number">(\d{8}-\d+)</span>', page)


def test_the_queue_shows_urgent_ones_first_then_the_longest_waiting(web: Web) -> None:
    county = web.county
    first = county.signed()
    county.watch.pass_(minutes=70)
    second = county.signed()
    urgent = county.signed(draft(urgent=True))
    county.watch.pass_(minutes=5)
    page = web.browser(county.pharmacist).get("/pharmacist").text
    assert numbers(page) == [urgent.number, first.number, second.number]
    assert "3 张待审，3 张未领取，最久已等 1小时15分" in shown(page)
    assert NAME not in page


def test_an_unchanged_queue_is_answered_without_a_body(web: Web, pharmacist: Browser) -> None:
    county = web.county
    county.signed()
    page = pharmacist.get("/pharmacist/queue").text
    headers = re.search(r"id=\"queue\"[^>]*hx-headers='([^']+)'", page)
    assert headers is not None
    etag = json.loads(headers[1])["If-None-Match"]
    same = pharmacist.get("/pharmacist/queue", if_none_match=etag)
    assert (same.status_code, same.data) == (304, b"")
    county.watch.pass_(minutes=1)
    assert pharmacist.get("/pharmacist/queue", if_none_match=etag).status_code == 200


def test_a_new_signature_changes_the_queue(web: Web, pharmacist: Browser) -> None:
    assert "没有待审的处方" in shown(pharmacist.get("/pharmacist/queue").text)
    signed = web.county.signed()
    assert numbers(pharmacist.get("/pharmacist/queue").text) == [signed.number]


def test_the_queue_costs_as_many_statements_with_three_rows_as_with_one(
    web: Web, pharmacist: Browser
) -> None:
    county = web.county
    county.claimed(county.signed(), county.colleague)
    pharmacist.get("/pharmacist")
    one = statements(county, pharmacist, "/pharmacist")
    for _ in range(2):
        county.signed(visit=county.visited(county.registered(name="何田", id_number="")))
    assert statements(county, pharmacist, "/pharmacist") == one


def test_a_case_is_claimed_and_approved_under_a_name(web: Web, pharmacist: Browser) -> None:
    county = web.county
    signed = county.signed()
    page = pharmacist.follow(pharmacist.post(f"/pharmacist/{signed.id}/claim"))
    assert "通过并签名" in shown(page)
    answer = decide(pharmacist, signed, "approve", remark="无异议")
    assert f"{signed.number} 已通过。" in shown(pharmacist.follow(answer))
    approved = county.now(signed)
    assert (approved.state, approved.reviewed_by_id) == (State.APPROVED, county.pharmacist.staff_id)


def test_an_approval_leads_straight_to_the_next_case(web: Web, pharmacist: Browser) -> None:
    county = web.county
    first, second = county.claimed(county.signed()), county.signed()
    answer = decide(pharmacist, first, "approve", **accepted(pharmacist, first))
    assert answer.location == f"/pharmacist/{second.id}"
    assert county.now(second).claimed_by_id == county.pharmacist.staff_id
    assert f"{first.number} 已通过。" in shown(pharmacist.follow(answer))
    words = accepted(pharmacist, second)
    assert decide(pharmacist, second, "approve", **words).location == "/pharmacist"


def test_what_the_doctor_changed_stands_before_everything_else(web: Web, pharmacist: Browser) -> None:
    county = web.county
    county.approved()
    signed = county.claimed(county.signed())
    decide(pharmacist, signed, "return", reason_code="dose", to_doctor="请减量")
    changed = draft([*FOUR_GENTLEMEN[:2], ItemDraft("茯苓", 9.0), ItemDraft("陈皮", 6.0)], doses_count=5)
    county.claimed(county.sign(county.saved(county.now(signed), changed)))
    said = shown(pharmacist.get(f"/pharmacist/{signed.id}").text)
    at = r"11月21日 \d\d:\d\d"
    told = "剂数改 7 → 5 改量 茯苓 12 g → 9 g 新加 陈皮 6 g 去掉 炙甘草 6 g"
    assert re.search(rf"医师改了什么 与 {at} 退回时相比；退回原因：剂量超限 {told} 与上一张处方相比", said)
    assert said.index("医师改了什么") < said.index("用法")
    assert re.search(
        rf"以前的处方（1 张） {at} · 詹桥镇卫生院 · 7 剂 脾胃气虚证 党参 12 g 、白术 9 g 、", said
    )


def test_a_case_without_earlier_prescriptions_shows_no_comparison(web: Web, pharmacist: Browser) -> None:
    signed = web.county.claimed(web.county.signed())
    assert 'class="recalled"' not in pharmacist.get(f"/pharmacist/{signed.id}").text


def test_every_reason_to_return_has_its_digit(web: Web, pharmacist: Browser) -> None:
    signed = web.county.claimed(web.county.signed())
    page = pharmacist.get(f"/pharmacist/{signed.id}").text
    told = re.findall(r'value="(\w+)"[^>]* data-digit="(\d)"><kbd>(\d)</kbd>', page)
    assert told == [(code, str(n), str(n)) for n, code in enumerate(REASONS[State.RETURNED], 1)]


def test_next_takes_the_first_that_nobody_has(web: Web, pharmacist: Browser) -> None:
    county = web.county
    taken, free = county.signed(), county.signed()
    county.claimed(taken, county.colleague)
    answer = pharmacist.post("/pharmacist/next")
    assert answer.location == f"/pharmacist/{free.id}"
    assert county.now(free).claimed_by_id == county.pharmacist.staff_id


def test_next_says_when_there_is_nothing_left(web: Web, pharmacist: Browser) -> None:
    county = web.county
    county.claimed(county.signed(), county.colleague)
    assert "没有可领取的处方了。" in shown(pharmacist.follow(pharmacist.post("/pharmacist/next")))


def test_the_case_shows_patient_visit_picture_signs_and_findings_side_by_side(
    web: Web, pharmacist: Browser
) -> None:
    county = web.county
    visit = county.visited(county.registered(allergies=("青霉素",)), inquiry=("口苦",), pulse=("脉弦数",))
    picture = clean(draw(3, body="red", coat="yellow", thickness="thick"))
    kept = county.photographed(visit, read_picture(picture, PhotographKind.TONGUE), clean=picture)
    county.uploaded(visit)
    signed = county.signed(
        draft([*FOUR_GENTLEMEN, ItemDraft("熟地黄", 9.0), ItemDraft("生地黄", 9.0)]), visit
    )
    county.claimed(signed)
    page = pharmacist.get(f"/pharmacist/{signed.id}").text
    text = shown(page)
    for told in (NAME, "过敏：青霉素", "口苦", "脉弦数", "红舌", "熟地黄", "脾胃气虚证"):
        assert told in text
    overlay = f"/pharmacist/photographs/{kept.id}/overlay"
    assert overlay in page
    answer = pharmacist.get(overlay)
    assert (answer.mimetype, answer.headers["Cache-Control"]) == ("image/jpeg", "private, no-store")


def test_opening_a_case_is_a_look_on_record(web: Web, pharmacist: Browser) -> None:
    signed = web.county.signed()
    pharmacist.get(f"/pharmacist/{signed.id}")
    log = access_log
    with web.county.work() as work:
        query = select(log.c.actor_id, log.c.subject_kind, log.c.subject_id, log.c.allowed)
        last = work.session.execute(query.order_by(log.c.id.desc()).limit(1)).one()
    assert tuple(last) == (web.county.pharmacist.staff_id, "prescription", signed.id, True)


def test_two_pharmacists_on_one_prescription_the_second_is_told_who_has_it(
    web: Web, pharmacist: Browser, colleague: Browser
) -> None:
    signed = web.county.signed()
    pharmacist.post(f"/pharmacist/{signed.id}/claim")
    answer = colleague.post(f"/pharmacist/{signed.id}/claim")
    assert answer.status_code == 409
    assert "陈半夏正在审核这张处方。" in shown(answer.text)
    assert "通过并签名" not in shown(answer.text)
    assert "陈半夏审核中" in shown(colleague.get("/pharmacist").text)
    refused = colleague.post(f"/pharmacist/{signed.id}/approve", version=str(web.county.now(signed).version))
    assert refused.status_code == 409
    assert web.county.now(signed).state is State.SIGNED


def test_a_claim_nobody_follows_falls_back_after_a_while(
    web: Web, pharmacist: Browser, colleague: Browser
) -> None:
    signed = web.county.signed()
    pharmacist.post(f"/pharmacist/{signed.id}/claim")
    web.county.watch.pass_(minutes=21)
    assert colleague.post(f"/pharmacist/{signed.id}/claim").status_code == 303
    answer = decide(colleague, signed, "approve")
    assert answer.status_code == 303
    late = pharmacist.post(f"/pharmacist/{signed.id}/approve", version="4")
    assert late.status_code == 409
    assert web.county.now(signed).reviewed_by_id == web.county.colleague.staff_id


def test_a_case_put_back_is_free_again(web: Web, pharmacist: Browser) -> None:
    signed = web.county.claimed(web.county.signed())
    assert decide(pharmacist, signed, "release").location == "/pharmacist"
    assert web.county.now(signed).claimed_by_id is None


def test_a_case_is_returned_with_reason_and_words(web: Web, pharmacist: Browser) -> None:
    county = web.county
    signed = county.claimed(county.signed())
    answer = decide(pharmacist, signed, "return", reason_code="dose", to_doctor="请减量", herbs=["白术"])
    assert f"{signed.number} 已退回医师。" in shown(pharmacist.follow(answer))
    with county.work() as work:
        [decision] = work.reviews.of_prescriptions([signed.key()])[signed.key()]
    assert (decision.reason_code, decision.note, decision.herbs) == ("dose", "请减量", ["白术"])


def test_a_second_signature_is_asked_for_the_ticked_herbs(web: Web, pharmacist: Browser) -> None:
    county = web.county
    signed = county.claimed(county.signed())
    refused = decide(pharmacist, signed, "return", reason_code="second_signature", to_doctor="请再看")
    assert refused.status_code == 422
    assert "请选出需要医师再次签名的药味。" in shown(refused.text)
    assert "请再看</textarea>" in refused.text
    assert re.findall(r'value="(\w+)"[^>]* checked><kbd>', refused.text) == ["second_signature"]
    answer = decide(pharmacist, signed, "return", reason_code="second_signature", herbs=["白术", "茯苓"])
    assert answer.status_code == 303
    assert county.now(signed).state is State.RETURNED


def test_a_return_without_a_reason_keeps_what_was_typed(web: Web, pharmacist: Browser) -> None:
    signed = web.county.claimed(web.county.signed())
    answer = decide(pharmacist, signed, "return", to_doctor="说不清", herbs=["茯苓"])
    assert answer.status_code == 422
    assert "请选择原因。" in shown(answer.text)
    assert "说不清</textarea>" in answer.text
    assert re.search(r'name="herbs" value="茯苓" form="decide-form" checked', answer.text)
    assert web.county.now(signed).state is State.SIGNED


def test_a_decision_sent_twice_is_made_once(web: Web, pharmacist: Browser) -> None:
    signed = web.county.claimed(web.county.signed())
    page = pharmacist.get(f"/pharmacist/{signed.id}").text
    path = f"/pharmacist/{signed.id}/approve"
    answers = [pharmacist.post(path, **hidden(page, path)) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    with web.county.work() as work:
        assert len(work.reviews.of_prescriptions([signed.key()])[signed.key()]) == 1


def test_a_page_from_before_the_doctor_changed_it_decides_nothing(web: Web, pharmacist: Browser) -> None:
    county = web.county
    signed = county.claimed(county.signed())
    stale = pharmacist.post(f"/pharmacist/{signed.id}/approve", version=str(signed.version - 1))
    assert stale.status_code == 409
    assert "刚刚有别人改动过" in shown(stale.text)
    assert county.now(signed).state is State.SIGNED


@pytest.mark.parametrize("who", ["novice", "untrained"])
def test_who_lacks_the_reviewers_qualification_is_told_so(web: Web, who: str) -> None:
    signed = web.county.signed()
    browser = web.browser(getattr(web.county, who))
    browser.post(f"/pharmacist/{signed.id}/claim")
    answer = decide(browser, signed, "approve")
    assert answer.status_code == 403
    assert "审核处方须为药师以上职称、三年以上调剂经历并经培训考核合格。" in shown(answer.text)
    assert web.county.now(signed).state is State.SIGNED


def test_a_second_signed_overdose_is_shown_as_answered_and_can_be_approved(
    web: Web, pharmacist: Browser
) -> None:
    county = web.county
    drafted = county.drafted(OVERDOSED)
    again = county.do(
        prescribing.second_sign, county.doctor, county.knowledge, drafted.key(), drafted.version, ("白术",)
    )
    signed = county.claimed(county.sign(again))
    text = shown(pharmacist.get(f"/pharmacist/{signed.id}").text)
    assert "已再次签名 白术每日20g，超过上限12g。" in text
    assert "再次签名 11月21日" in text
    words = accepted(pharmacist, signed)
    assert decide(pharmacist, signed, "approve", **words).status_code == 303


def test_earlier_decisions_stand_beside_the_case(web: Web, pharmacist: Browser) -> None:
    county = web.county
    signed = county.claimed(county.signed())
    decide(pharmacist, signed, "return", reason_code="other", to_doctor="写明疗程")
    county.sign(county.now(signed))
    text = shown(pharmacist.get(f"/pharmacist/{signed.id}").text)
    assert "以往审核 退回 其他 写明疗程 陈半夏" in text


@pytest.mark.parametrize("role", ["doctor", "floor", "courier", "manager", "admin"])
def test_only_pharmacists_have_this_desk(web: Web, role: str) -> None:
    signed = web.county.signed()
    browser = web.browser(getattr(web.county, role))
    for path in ("/pharmacist", "/pharmacist/queue", f"/pharmacist/{signed.id}"):
        assert browser.get(path).status_code == 403


def test_the_keys_are_told_on_the_page(web: Web, pharmacist: Browser) -> None:
    signed = web.county.claimed(web.county.signed())
    page = pharmacist.get(f"/pharmacist/{signed.id}").text
    assert "K 其余全部认可，A 到“通过”，R 到“退回”，数字选退回原因，S 到“再签”" in shown(page)
    assert "（上下键选药味），C 记通话，H 转交，N 领取下一张" in shown(page)
    for mark in ("data-approve", "data-return", "data-next"):
        assert mark in page
