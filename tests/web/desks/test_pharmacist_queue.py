"""The queue page: filters, targets, chips, and the pharmacist's own thirty days."""

import re

import pytest

from tcm.services import consulting
from tcm.services.prescribing import ItemDraft
from tcm.store.engine import Store
from tests.tcm.county import FOUR_GENTLEMEN, draft
from tests.web.desks.hands import Browser, Web, shown, statements

TOXIC = draft([*FOUR_GENTLEMEN, ItemDraft("附子", 6.0, "先煎")])


@pytest.fixture
def web(sqlite_store: Store) -> Web:
    """A county with its pages."""
    return Web(sqlite_store)


@pytest.fixture
def pharmacist(web: Web) -> Browser:
    """A qualified pharmacist's browser."""
    return web.browser(web.county.pharmacist)


def numbers(page: str) -> list[str]:
    """The prescriptions of the queue in their order."""
    return re.findall(r'<span class="number">(\d{8}-\d+)</span>', page)


def test_each_filter_shows_its_part_and_its_count(web: Web, pharmacist: Browser) -> None:
    county = web.county
    plain, toxic, urgent = county.signed(), county.signed(TOXIC), county.signed(draft(urgent=True))
    mine = county.claimed(county.signed())
    handed = county.claimed(county.signed())
    county.do(consulting.hand_over, county.pharmacist, handed.key(), "other")
    expected = {
        "all": [urgent, toxic, plain, mine, handed],
        "urgent": [urgent],
        "children": [],
        "toxic": [toxic],
        "handed": [handed],
        "mine": [mine],
        "no such filter": [urgent, toxic, plain, mine, handed],
    }
    for name, found in expected.items():
        for path in ("/pharmacist", "/pharmacist/queue"):
            page = pharmacist.get(f"{path}?show={name}").text
            assert numbers(page) == [each.number for each in found]
    assert "全部 5 加急 1 儿童 0 毒性药 1 转交 1 我领取的 1" in shown(page)
    assert "这个筛选下没有待审的处方。" in shown(pharmacist.get("/pharmacist?show=children").text)
    assert 'hx-get="/pharmacist/queue?show=urgent"' in pharmacist.get("/pharmacist?show=urgent").text


def test_an_institution_is_chosen_and_stays_chosen_while_the_queue_refreshes(
    web: Web, pharmacist: Browser
) -> None:
    county = web.county
    here, there = county.signed(), county.signed()
    with county.work() as work:
        work.prescriptions.get(there.key()).institution_id = county.centre.id or 0
        work.commit()
    page = pharmacist.get(f"/pharmacist?institution={county.centre.id}").text
    assert numbers(page) == [there.number]
    assert f'hx-get="/pharmacist/queue?show=all&amp;institution={county.centre.id}"' in page
    assert f'<option value="{county.centre.id}" selected>' in page
    assert numbers(pharmacist.get("/pharmacist?institution=").text) == [here.number, there.number]
    assert pharmacist.get("/pharmacist?institution=x").status_code == 422


def test_the_time_left_to_the_target_is_told_and_that_it_is_over(web: Web) -> None:
    county = web.county
    county.signed()
    county.watch.pass_(minutes=61)
    county.signed(draft(urgent=True))
    county.watch.pass_(minutes=5)
    said = shown(web.browser(county.pharmacist).get("/pharmacist").text)
    assert "1 张超过目标" in said
    assert "5分钟 目标 120 分钟，还剩 1小时54分" in said
    assert "1小时06分 超过目标 60 分钟" in said


def test_what_one_handed_on_is_seen_and_not_offered(web: Web, pharmacist: Browser) -> None:
    county = web.county
    handed = county.claimed(county.signed())
    county.do(consulting.hand_over, county.pharmacist, handed.key(), "special_patient")
    own = pharmacist.get("/pharmacist").text
    assert "陈半夏转交：儿童、孕产妇或脏器功能不全" in shown(own)
    assert f"/pharmacist/{handed.id}/claim" not in own
    assert pharmacist.post("/pharmacist/next").location == "/pharmacist"
    colleague = web.browser(county.colleague)
    assert f"/pharmacist/{handed.id}/claim" in colleague.get("/pharmacist").text
    assert colleague.post("/pharmacist/next").location == f"/pharmacist/{handed.id}"


def test_ones_own_thirty_days_stand_in_one_line(web: Web, pharmacist: Browser) -> None:
    county = web.county
    assert "我近 30 天：审核 0 张，退回 0 张 " in shown(pharmacist.get("/pharmacist").text)
    signed = county.signed()
    county.watch.pass_(minutes=25)
    county.approve(signed)
    said = shown(pharmacist.get("/pharmacist").text)
    assert "我近 30 天：审核 1 张，退回 0 张，签名到决定的中位时间 25 分钟" in said


def test_the_page_costs_as_many_statements_with_three_rows_and_decisions_as_with_one(
    web: Web, pharmacist: Browser
) -> None:
    county = web.county
    taken = []
    for _ in range(3):
        county.approved()
        handed = county.claimed(county.signed(TOXIC))
        county.do(consulting.hand_over, county.pharmacist, handed.key(), "other")
        pharmacist.get("/pharmacist")
        taken.append(statements(county, pharmacist, "/pharmacist"))
    assert taken == [taken[0]] * 3
