"""The floor's pages: board, scan, card, pots."""

import json
import re

import pytest

from tcm.records.lifecycle import State
from tcm.services.prescribing import ItemDraft
from tcm.store.engine import Store
from tests.tcm.centre import brought_to, packed
from tests.tcm.county import FOUR_GENTLEMEN, NAME, draft
from tests.web.desks.hands import Web, hidden, planned_day, shown


@pytest.fixture
def web(sqlite_store: Store) -> Web:
    """A county with its pages."""
    return Web(sqlite_store)


def test_a_prescription_goes_over_the_whole_floor_by_its_buttons(web: Web) -> None:
    county = web.county
    prescription = county.approved()
    planned_day(county)
    browser = web.browser(county.floor)
    for step in (State.DISPENSED, State.SOAKING, State.DECOCTING, State.PACKED):
        fields = hidden(browser.get("/floor").text, "/floor/step")
        assert fields["target"] == step.value
        answer = browser.post("/floor/step", **fields)
        assert answer.status_code == 303, answer.text
        assert county.now(prescription).state is step
    assert answer.headers["Location"] == f"/floor/p/{prescription.key()}"
    page = browser.follow(answer)
    assert f"/papers/bag-labels/{prescription.key()}.pdf" in page
    with county.work() as work:
        [bag] = work.bags.of_prescriptions([prescription.key()])[prescription.key()]
    assert bag.code in page


def test_the_board_gives_each_step_its_planned_pot_and_time(web: Web) -> None:
    county = web.county
    prescription = county.approved()
    plan = planned_day(county)
    [job] = plan.result["schedule"]["jobs"]  # type: ignore[index]
    page = web.browser(county.floor).get("/floor").text
    slip = page[page.index('class="slip') :]
    assert f'<span class="pot planned">{job["pot_id"]}</span>' in slip
    due = f"{job['soak_at_min'] // 60:02d}:{job['soak_at_min'] % 60:02d}"
    assert f'<span class="due number">{due}</span>' in slip
    assert str(prescription.number)[-5:] in shown(slip)


def test_a_step_that_is_behind_its_plan_is_marked(web: Web) -> None:
    county = web.county
    county.approved()
    planned_day(county)
    browser = web.browser(county.floor)
    assert "slip late" not in browser.get("/floor").text
    county.watch.pass_(minutes=29)
    assert "slip late" in browser.get("/floor").text


def test_the_board_names_no_patient_and_the_card_only_the_first_character(web: Web) -> None:
    county = web.county
    prescription = county.approved()
    browser = web.browser(county.floor)
    assert NAME not in browser.get("/floor").text
    card = browser.get(f"/floor/p/{prescription.key()}").text
    assert NAME not in card
    assert "欧**芳" in card


def test_htmx_gets_the_board_back_with_the_slip_moved(web: Web) -> None:
    county = web.county
    prescription = county.approved()
    browser = web.browser(county.floor)
    fields = hidden(browser.get("/floor").text, "/floor/step")
    answer = browser.post("/floor/step", htmx=True, **fields)
    assert answer.status_code == 200
    assert answer.text.startswith('<section id="board"')
    soak = answer.text[answer.text.index('id="step-soak"') : answer.text.index('id="step-decoct"')]
    assert f'id="slip-{prescription.key()}"' in soak


def test_the_board_answers_304_until_something_moves(web: Web) -> None:
    county = web.county
    prescription = county.approved()
    browser = web.browser(county.floor)
    first = browser.get("/floor/board")
    tag = first.headers["ETag"]
    asked_with = re.search(r"hx-headers='([^']+)'", first.text)
    assert asked_with is not None
    assert json.loads(asked_with[1]) == {"If-None-Match": tag}
    same = browser.get("/floor/board", if_none_match=tag)
    assert (same.status_code, same.data) == (304, b"")
    brought_to(county, prescription, State.DISPENSED)
    moved = browser.get("/floor/board", if_none_match=tag)
    assert moved.status_code == 200
    assert moved.headers["ETag"] != tag


def test_a_scan_leads_to_the_card_by_number_by_bag_and_by_the_address_on_the_bag(web: Web) -> None:
    county = web.county
    prescription = packed(county)
    with county.work() as work:
        [bag] = work.bags.of_prescriptions([prescription.key()])[prescription.key()]
    browser = web.browser(county.floor)
    for code in (
        prescription.number,
        bag.code,
        bag.code.lower(),
        f"http://localhost:8000/t/{bag.code}",
        "".join(chr(ord(letter) + 0xFEE0) for letter in bag.code),
    ):
        answer = browser.client.get("/floor/scan", query_string={"code": code}, base_url="https://localhost")
        assert (answer.status_code, answer.headers.get("Location")) == (302, f"/floor/p/{prescription.key()}")


def test_a_foreign_code_is_answered_beside_an_open_scan_box(web: Web) -> None:
    answer = web.browser(web.county.floor).get("/floor/scan?code=ABCDEFGHJKMN")
    assert answer.status_code == 404
    assert "ABCDEFGHJKMN 没有这个袋码，请核对后再扫一次。" in shown(answer.text)
    assert re.search(r"<input id=\"code\"[^>]*autofocus", answer.text)


def test_the_card_shows_how_it_is_boiled(web: Web) -> None:
    county = web.county
    lines = (*FOUR_GENTLEMEN, ItemDraft("石膏", 30.0, "先煎"), ItemDraft("薄荷", 6.0, "后下"))
    prescription = county.approved(draft(lines))
    text = shown(web.browser(county.floor).get(f"/floor/p/{prescription.key()}").text)
    assert "浸泡 30 分钟 加水 2750 毫升，高出药面 2–5 厘米 先煎 15 分钟 一煎 30 分钟" in text
    assert "后下 第 35 分钟 一煎结束前 10 分钟 二煎 20 分钟 加水 1350 毫升" in text
    assert "包装 14 小袋 × 200 毫升 共 2800 毫升" in text
    assert "先煎15分钟：石膏，再投群药" in text
    assert "石膏 先煎 30 g 共 210 g" in text


def test_the_card_chooses_the_planned_pot_and_bars_the_taken_one(web: Web) -> None:
    county = web.county
    prescription = county.approved()
    [job] = planned_day(county).result["schedule"]["jobs"]  # type: ignore[index]
    other = "P02" if job["pot_id"] == "P01" else "P01"
    brought_to(county, county.approved(), State.DECOCTING, pot=other)
    brought_to(county, prescription, State.SOAKING)
    page = web.browser(county.floor).get(f"/floor/p/{prescription.key()}").text
    assert f'<option value="{job["pot_id"]}" selected>' in page
    assert f'<option value="{other}" disabled>' in page


def test_the_card_offers_only_pots_that_may_cook_the_prescription(web: Web) -> None:
    county = web.county
    prescription = brought_to(county, county.approved(), State.SOAKING)
    browser = web.browser(county.floor)
    path = f"/floor/p/{prescription.key()}"
    assert re.findall(r'<option value="(\w\d\d)"', browser.get(path).text) == ["P01", "P02"]
    for code in ("P01", "P02"):
        browser.post(f"/floor/pots/{code}", active="false")
    page = browser.get(path).text
    assert re.findall(r'<option value="(\w\d\d)"', page) == []
    assert "没有能煎这张处方的锅" in shown(page)


@pytest.mark.parametrize(
    ("pot", "status", "sentence"),
    [
        ("T01", 422, "T01号锅不是这类药的专用锅。"),
        ("S01", 422, "S01号锅装不下这张处方。"),
        ("X99", 404, "没有这口锅。"),
        ("", 422, "请扫描或选择煎药锅。"),
    ],
)
def test_a_wrong_pot_is_refused_with_its_reason(web: Web, pot: str, status: int, sentence: str) -> None:
    county = web.county
    prescription = brought_to(county, county.approved(), State.SOAKING)
    answer = web.browser(county.floor).post(
        "/floor/step",
        prescription_id=prescription.key(),
        version=prescription.version,
        target="decocting",
        pot_code=pot,
    )
    assert (answer.status_code, sentence in shown(answer.text)) == (status, True)
    assert county.now(prescription).state is State.SOAKING


def test_a_taken_pot_is_refused_as_a_notice_for_htmx(web: Web) -> None:
    county = web.county
    cooking = brought_to(county, county.approved(), State.DECOCTING, pot="P01")
    prescription = brought_to(county, county.approved(), State.SOAKING)
    answer = web.browser(county.floor).post(
        "/floor/step",
        htmx=True,
        prescription_id=prescription.key(),
        version=prescription.version,
        target="decocting",
        pot_code="p01",
    )
    assert answer.status_code == 422
    assert answer.headers["HX-Retarget"] == "#notices"
    assert f"P01号锅正在煎{cooking.number}。" in shown(answer.text)


def test_a_step_out_of_order_is_refused(web: Web) -> None:
    county = web.county
    prescription = county.approved()
    answer = web.browser(county.floor).post(
        "/floor/step", prescription_id=prescription.key(), version=prescription.version, target="packed"
    )
    assert answer.status_code == 409
    assert "处方现在是“审核通过”，不能改为“已包装”。" in shown(answer.text)


def test_a_stale_board_is_told_so_and_nothing_moves_twice(web: Web) -> None:
    county = web.county
    prescription = county.approved()
    browser = web.browser(county.floor)
    fields = hidden(browser.get("/floor").text, "/floor/step")
    assert browser.post("/floor/step", **fields).status_code == 303
    again = browser.post("/floor/step", **fields)
    assert again.status_code == 409
    assert "刚刚有别人改动过" in shown(again.text)
    assert county.story(prescription).count("dispensed") == 1


def test_the_decoction_is_drawn_off_and_its_pot_is_free(web: Web) -> None:
    county = web.county
    prescription = brought_to(county, county.approved(), State.DECOCTING, pot="P01")
    browser = web.browser(county.floor)
    fields = hidden(browser.get(f"/floor/p/{prescription.key()}").text, "/floor/draw-off")
    assert browser.post("/floor/draw-off", **fields).status_code == 303
    now = county.now(prescription)
    assert (now.state, now.pot_id) == (State.DECOCTING, None)
    assert "已出锅" in shown(browser.get("/floor").text)


def test_a_batch_is_scrapped_with_a_reason_and_begins_anew(web: Web) -> None:
    county = web.county
    prescription = packed(county)
    browser = web.browser(county.floor)
    fields = hidden(browser.get(f"/floor/p/{prescription.key()}").text, "/floor/scrap")
    missing = browser.post("/floor/scrap", **fields)
    assert (missing.status_code, "请选择原因。" in shown(missing.text)) == (422, True)
    page = browser.follow(browser.post("/floor/scrap", **fields, reason_code="spoilt"))
    assert county.now(prescription).state is State.SCRAPPED
    assert hidden(page, "/floor/step")["target"] == "dispensed"


def test_a_pot_goes_out_of_service_and_back(web: Web) -> None:
    county = web.county
    browser = web.browser(county.floor)
    page = browser.follow(browser.post("/floor/pots/P01", active="false"))
    assert "P01号锅已停用。" in shown(page)
    with county.work() as work:
        assert not work.pots.by_code("P01").active
    browser.post("/floor/pots/P01", active="true")
    with county.work() as work:
        assert work.pots.by_code("P01").active


def test_the_board_takes_the_same_number_of_statements_for_three_as_for_one(web: Web) -> None:
    county = web.county
    county.approved()
    brought_to(county, county.approved(), State.DECOCTING, pot="P01")
    browser = web.browser(county.floor)

    def statements() -> int:
        with county.counted() as sent:
            assert browser.get("/floor").status_code == 200
        return len(sent)

    one = statements()
    county.approved()
    brought_to(county, county.approved(), State.DECOCTING, pot="P02")
    brought_to(county, county.approved(), State.SOAKING)
    assert statements() == one


def test_a_manager_looks_at_the_board_and_the_pots_but_moves_nothing(web: Web) -> None:
    county = web.county
    prescription = brought_to(county, county.approved(), State.DECOCTING, pot="P01")
    browser = web.browser(county.manager)
    board, pots = browser.get("/floor").text, browser.get("/floor/pots").text
    assert str(prescription.number)[-5:] in shown(board)
    assert f"P01 在煎 60 升 · {prescription.number}" in shown(pots)
    for page, decided in ((board, []), (pots, ["/floor/at/keeping"])):
        assert re.findall(r'action="(/floor[^"]*)"', page) == decided
        assert re.findall(r'href="(/floor/p/[^"]*)"', page) == []
    assert browser.get(f"/floor/p/{prescription.key()}").status_code == 403
    assert browser.post("/floor/pots/P01", active="false").status_code == 403
    step = browser.post(
        "/floor/step", prescription_id=prescription.key(), version=prescription.version, target="packed"
    )
    assert step.status_code == 403
    assert county.now(prescription).state is State.DECOCTING


def test_nobody_else_opens_the_floor(web: Web) -> None:
    county = web.county
    for actor in (county.doctor, county.pharmacist, county.courier, county.admin):
        assert web.browser(actor).get("/floor").status_code == 403
    assert web.anyone().get("/floor").headers["Location"].startswith("/login")


def test_every_desk_in_the_navigation_opens(web: Web) -> None:
    for actor in (web.county.floor, web.county.courier, web.county.manager, web.county.admin):
        browser = web.browser(actor)
        page = browser.get("/account").text
        desks = re.findall(r'<a href="(/[a-z]+)"', page[page.index("desks") : page.index("</nav>")])
        assert desks != []
        assert [browser.get(desk).status_code for desk in desks] == [200] * len(desks)


@pytest.mark.parametrize(
    "path", ["/floor/p/{0.id}", "/papers/pot-labels/{0.id}.pdf", "/floor/scan?code={0.number}"]
)
def test_the_floor_sees_no_prescription_before_its_approval(web: Web, path: str) -> None:
    prescription = web.county.signed()
    answer = web.browser(web.county.floor).get(path.format(prescription))
    assert (answer.status_code, NAME in answer.text) == (409, False)
    assert "处方现在是“待审核”" in answer.text
    web.county.approve(prescription)
    opened = web.browser(web.county.floor).get(path.format(prescription))
    assert opened.status_code == (302 if "scan" in path else 200)
