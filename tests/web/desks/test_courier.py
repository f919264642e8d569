"""The courier's pages: own routes, a stop, loading, handing over."""

import re

import pytest

from tcm.records.lifecycle import State
from tcm.store.engine import Store
from tests.tcm.centre import on_the_road, packed, planned, route, stop
from tests.tcm.county import NAME, PHONE
from tests.web.desks.hands import Web, hidden, shown


@pytest.fixture
def web(sqlite_store: Store) -> Web:
    """A county with its pages."""
    return Web(sqlite_store)


def test_a_courier_without_a_route_is_told_so(web: Web) -> None:
    text = shown(web.browser(web.county.courier).get("/courier").text)
    assert "今天还没有您的路线。主管排好计划后会出现在这里。" in text


def test_a_trip_is_loaded_and_what_is_not_packed_yet_is_named(web: Web) -> None:
    county = web.county
    ready, late = packed(county), county.approved()
    planned(county, route(county, stop(county, [ready, late])))
    browser = web.browser(county.courier)
    page = browser.get("/courier").text
    assert "第 1 趟 10:00 发车 · 11:30 回 装车（已装 0 / 2 件）" in shown(page)
    after = shown(browser.follow(browser.post("/courier/load", **hidden(page, "/courier/load"))))
    assert "已装车 1 件。" in after
    assert f"还没有包装好、留在中心的：{late.number}" in after
    assert county.now(ready).state is State.LOADED
    assert county.now(late).state is State.APPROVED


def test_a_stop_names_whom_it_is_for_and_where_it_lies(web: Web) -> None:
    county = web.county
    prescription = packed(county)
    way = on_the_road(county, prescription)
    with county.work() as work:
        [bag] = work.bags.of_prescriptions([prescription.key()])[prescription.key()]
    page = web.browser(county.courier).get(f"/courier/stop/{way.stops[0].id}").text
    text = shown(page)
    assert "1 白石村卫生室 10:20–11:20" in text
    assert f"{NAME} 已装车" in text
    assert f"{bag.code} 第 1 袋 · 14 小袋" in text
    assert 'href="geo:29.47000,113.45000"' in page
    assert f'href="tel:{PHONE}"' in page


def test_delivered_is_marked_and_a_second_tap_changes_nothing(web: Web) -> None:
    county = web.county
    prescription = packed(county)
    way = on_the_road(county, prescription)
    browser = web.browser(county.courier)
    fields = hidden(browser.get(f"/courier/stop/{way.stops[0].id}").text, "/courier/delivered")
    first = browser.post("/courier/delivered", **fields)
    second = browser.post("/courier/delivered", **fields)
    assert (first.status_code, second.status_code) == (303, 303)
    assert f"{prescription.number} 已送达。" in shown(browser.follow(second))
    assert county.story(prescription).count("delivered") == 1


def test_what_cannot_be_handed_over_needs_a_reason(web: Web) -> None:
    county = web.county
    prescription = packed(county)
    way = on_the_road(county, prescription)
    browser = web.browser(county.courier)
    fields = hidden(browser.get(f"/courier/stop/{way.stops[0].id}").text, "/courier/failed")
    missing = browser.post("/courier/failed", **fields)
    assert (missing.status_code, "请选择原因。" in shown(missing.text)) == (422, True)
    page = browser.follow(browser.post("/courier/failed", **fields, reason_code="not_home"))
    assert f"{prescription.number} 记为未送达，请带回中心。" in shown(page)
    assert county.now(prescription).state is State.FAILED
    reloaded = browser.get("/courier").text
    browser.post("/courier/load", **hidden(reloaded, "/courier/load"))
    assert county.now(prescription).state is State.LOADED


def test_a_scanned_bag_leads_to_its_patient_and_is_checked_at_delivery(web: Web) -> None:
    county = web.county
    prescription, other = packed(county), packed(county)
    way = on_the_road(county, prescription, other)
    with county.work() as work:
        bags = work.bags.of_prescriptions([prescription.key(), other.key()])
    code, foreign = bags[prescription.key()][0].code, bags[other.key()][0].code
    browser = web.browser(county.courier)
    answer = browser.get(f"/courier/scan?code=https://localhost/t/{code}")
    assert answer.headers["Location"] == f"/courier/stop/{way.stops[0].id}?bag={code}"
    page = browser.follow(answer)
    assert f"袋码 {code} 就是这位患者的" in shown(page)
    fields = hidden(page, "/courier/delivered")
    assert fields["bag_codes"] == code
    wrong = browser.post("/courier/delivered", **(fields | {"bag_codes": foreign}))
    assert (wrong.status_code, "扫到的袋子不是这张处方的，请核对。" in shown(wrong.text)) == (422, True)
    assert browser.post("/courier/delivered", **fields).status_code == 303


def test_foreign_codes_and_bags_not_on_the_van_are_told_beside_the_scan_box(web: Web) -> None:
    county = web.county
    prescription = packed(county)
    planned(county, route(county, stop(county, [prescription])))
    with county.work() as work:
        [bag] = work.bags.of_prescriptions([prescription.key()])[prescription.key()]
    browser = web.browser(county.courier)
    foreign = browser.get("/courier/scan?code=ABCDEFGHJKMN")
    assert (foreign.status_code, "没有这个袋码" in shown(foreign.text)) == (404, True)
    unloaded = browser.get(f"/courier/scan?code={bag.code}")
    assert (unloaded.status_code, "这张处方不在车上。" in shown(unloaded.text)) == (409, True)
    assert unloaded.text.count('action="/courier/scan"') == 1


def test_another_couriers_route_is_shut_and_the_try_is_on_record(web: Web) -> None:
    county = web.county
    prescription = packed(county)
    way = on_the_road(county, prescription)
    stranger = web.browser(county.other_courier)
    assert stranger.get(f"/courier/stop/{way.stops[0].id}").status_code == 403
    me = county.other_courier.staff_id
    assert county.looks()[-1] == (me, "route.read", "route", way.id, False)
    assert stranger.get(f"/papers/route/{way.id}.pdf").status_code == 403
    tried = stranger.post("/courier/load", route_id=way.id, trip=1)
    assert tried.status_code == 403
    version = county.now(prescription).version
    taken = stranger.post(
        "/courier/delivered", stop_id=way.stops[0].id, prescription_id=prescription.key(), version=version
    )
    assert taken.status_code == 403
    assert county.looks()[-1] == (me, "route.deliver", "prescription", prescription.key(), False)
    assert county.now(prescription).state is State.LOADED


def test_a_stop_of_a_replaced_plan_says_so_and_still_takes_the_signature(web: Web) -> None:
    county = web.county
    prescription = packed(county)
    way = on_the_road(county, prescription)
    planned(county)
    browser = web.browser(county.courier)
    page = browser.get(f"/courier/stop/{way.stops[0].id}").text
    assert "这一站属于旧的计划" in shown(page)
    assert browser.post("/courier/delivered", **hidden(page, "/courier/delivered")).status_code == 303
    assert county.now(prescription).state is State.DELIVERED


def test_the_route_takes_the_same_number_of_statements_for_three_stops_as_for_one(web: Web) -> None:
    county = web.county
    browser = web.browser(county.courier)

    def statements() -> int:
        with county.counted() as sent:
            assert browser.get("/courier").status_code == 200
        return len(sent)

    planned(county, route(county, stop(county, [packed(county)])))
    one = statements()
    planned(county, route(county, *(stop(county, [packed(county)]) for _ in range(3))))
    assert statements() == one


def test_phones_get_the_sheet_and_targets_of_their_own(web: Web) -> None:
    county = web.county
    [way] = planned(county, route(county, stop(county, [packed(county)])))
    page = web.browser(county.courier).get("/courier").text
    assert f'href="/papers/route/{way.id}.pdf"' in page
    assert re.findall(r'href="/courier/stop/(\d+)"', page) == [str(way.stops[0].id)]
