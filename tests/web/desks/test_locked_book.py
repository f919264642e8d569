"""The double-locked book's pages, in the browsers of those who keep, check, count and answer."""

import re

import pytest

from tcm.records.dispensing import Weighing
from tcm.records.stock import Bin
from tcm.services import book_views, weighing
from tcm.store.engine import Store
from tests.tcm.stocked import keep_stock, shelve
from tests.web.desks.hands import PASSWORD, Web, shown

SAFFRON = "西红花"
SECOND = {"second_username": "chen", "second_password": PASSWORD}


@pytest.fixture
def web(store: Store) -> Web:
    web = Web(store)
    county = web.county
    keep_stock(county)
    county.do(weighing.set_dispensing, county.manager, Weighing.TYPED, photograph=False)
    with county.work() as work:
        place = work.bins.add(Bin(code="D01", herb=SAFFRON))
        work.commit()
    shelve(county, SAFFRON, 50, bin_id=place.id)
    return web


def begun(web: Web) -> None:
    answer = web.browser(web.county.manager).post(
        "/stock/book", precious=SAFFRON, locked_bins="D01", **SECOND
    )
    assert answer.status_code == 303


def count(web: Web, **changes: str) -> tuple[int, str]:
    floor = web.browser(web.county.floor)
    fields = {"herb": SAFFRON, "lot_id": "1", "counted_g": "50", "seen_g": "50", **SECOND, **changes}
    answer = floor.post("/stock/book/count", **fields)
    page = floor.follow(answer) if answer.status_code == 303 else answer.text
    return answer.status_code, shown(page)


def balances(web: Web) -> list[int]:
    with web.county.work() as work:
        return [line.balance_mg for line in book_views.open_page(work, web.county.manager, SAFFRON).lines]


def test_the_manager_begins_the_book_and_a_pharmacist_signs_beside_them(web: Web) -> None:
    manager = web.browser(web.county.manager)
    assert "还没有建账。" in shown(manager.get("/stock/book").text)
    begun(web)
    page = shown(manager.get("/stock/book").text)
    for told in ("西红花", "贵细药", "50 g", "本月都盘点过了", "没有未答复的差异"):
        assert told in page, told
    # Whoever is logged in stays so.
    assert "秦当归" in shown(manager.get("/account").text)


def test_a_count_that_two_people_did_not_sign_is_refused_in_a_sentence(web: Web) -> None:
    begun(web)
    for changes, sentence in (
        ({"second_password": "猜一猜吧"}, "用户名或密码不对。"),
        ({"second_username": ""}, "请第二个人填用户名和密码签名。"),
        ({"second_username": "zhou"}, "两个签名须是两个人。"),
        ({"second_username": "li"}, "您没有这项权限。"),
        ({"counted_g": "49"}, "点数和账上不一样，请选择原因。"),
        ({"seen_g": "49"}, "刚刚有别人改动过，请刷新后再看一遍。"),
    ):
        status, page = count(web, **changes)
        assert (status // 100, sentence in page, balances(web)) == (4, True, [50_000]), changes


def test_a_password_typed_wrong_loses_nothing_else_that_was_typed(web: Web) -> None:
    begun(web)
    wrong = SECOND | {"second_password": "猜一猜吧"}
    floor = web.browser(web.county.floor)
    fields = {"herb": SAFFRON, "lot_id": "1", "seen_g": "50"}
    counted = floor.post("/stock/book/count", **fields, counted_g="48.7", reason="weighing", **wrong).text
    assert 'name="counted_g" value="48.7"' in counted
    assert 'value="weighing" selected' in counted
    moved = fields | {"seen_g": "49"}
    assert "48.7" not in floor.post("/stock/book/count", **moved, counted_g="48.7", **SECOND).text
    removed = floor.post(
        "/stock/book/remove", **fields, amount_g="4.3", reason="damaged", note="县卫健局监督", **wrong
    ).text
    for kept in ('value="4.3"', 'value="damaged" selected', 'value="县卫健局监督"'):
        assert kept in removed, kept
    manager = web.browser(web.county.manager)
    kept = manager.post("/stock/book", precious=SAFFRON, others="番红", locked_bins="D01、D02", **wrong).text
    assert 'value="番红"' in kept
    assert "D01、D02</textarea>" in kept


def test_a_password_that_is_guessed_five_times_locks_the_name_as_at_the_door(web: Web) -> None:
    begun(web)
    for _ in range(5):
        count(web, second_password="wrong")
    assert "登录失败次数太多，请 15 分钟后再试。" in count(web)[1]


def test_a_difference_is_answered_by_the_manager_and_stands_on_the_page(web: Web) -> None:
    begun(web)
    assert "已按点数改账，差异等主管答复。" in count(web, counted_g="49.5", reason="unexplained")[1]
    floor = web.browser(web.county.floor)
    assert "/stock/book/answers/" not in floor.get("/stock/book").text
    manager = web.browser(web.county.manager)
    assert "盘点差异 1 条等主管答复" in shown(manager.get("/stock/book").text)
    [path] = re.findall(r'action="(/stock/book/answers/\d+)"', manager.get("/stock/book").text)
    manager.follow(manager.post(path, words="称盘有残留，已清。"))
    assert "秦当归：称盘有残留，已清。" in shown(manager.get(f"/stock/book/page?herb={SAFFRON}").text)
    assert floor.post(path, words="我来答").status_code == 403


def test_something_is_destroyed_with_its_witness_and_the_page_is_printed(web: Web) -> None:
    begun(web)
    pharmacist = web.browser(web.county.colleague)
    fields = {"herb": SAFFRON, "lot_id": "1", "amount_g": "4", "seen_g": "50", "reason": "damaged"}
    refused = pharmacist.post("/stock/book/remove", **fields, note="", **SECOND)
    assert "请选择原因，并写明监督人、批件号或收据号。" in shown(refused.text)
    pharmacist.post("/stock/book/remove", **fields, note="县卫健局监督", **SECOND)
    assert balances(web) == [50_000, 46_000]
    assert "县卫健局监督" in shown(pharmacist.get(f"/stock/book/page?herb={SAFFRON}").text)
    paper = pharmacist.get(f"/stock/book/page.pdf?herb={SAFFRON}")
    assert (paper.status_code, paper.mimetype, paper.data[:5]) == (200, "application/pdf", b"%PDF-")


def test_doctors_and_couriers_see_no_book(web: Web) -> None:
    begun(web)
    for actor in (web.county.doctor, web.county.courier, web.county.admin):
        browser = web.browser(actor)
        seen = [browser.get(path).status_code for path in ("/stock/book", f"/stock/book/page?herb={SAFFRON}")]
        assert seen == [403, 403]
