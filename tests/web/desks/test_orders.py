"""Pages of purchase orders and requisitions, in the browsers of those who ask, approve, take in and send."""

import re
from datetime import date

import pytest

from tcm.records.roles import Role
from tcm.services import purchasing, requisitioning
from tcm.services.purchasing import Wanted
from tcm.store.engine import Store
from tests.tcm.county import County
from tests.tcm.stocked import shelve
from tests.web.desks.hands import Web, hidden, shown, statements


@pytest.fixture
def web(store: Store) -> Web:
    return Web(store)


def _ordered(county: County) -> None:
    with county.work() as work:
        supplier = work.suppliers.all()[0].id or 0
    wanted = [Wanted("党参", 5000.0, 6850), Wanted("白术", 2000.0, 5000)]
    county.do(purchasing.draft, county.floor, county.knowledge, supplier, wanted, county.new_key())


def test_an_order_goes_from_the_floor_over_the_manager_to_the_goods_that_came(web: Web) -> None:
    county = web.county
    shelve(county, "茯苓", 500)
    floor, manager = web.browser(county.floor), web.browser(county.manager)
    key = hidden(floor.get("/stock/purchases").text, "/stock/purchases")["request_key"]
    order = {"request_key": key, "supplier_id": "1", "note": ""}
    fields = {"herb": ["党参", "白术"], "amount_kg": ["5", "2"], "yuan_per_kg": ["68.5", "50"]}
    page = floor.follow(floor.post("/stock/purchases", **order, **fields))
    assert "采购单 1 待批准" in shown(page)
    assert "批准采购" not in page
    assert floor.post("/stock/purchases/1/approve").status_code == 403
    assert "已批准，等到货" in shown(manager.follow(manager.post("/stock/purchases/1/approve")))
    form = floor.get("/stock/goods?purchase=1").text
    fields = hidden(form, "/stock/goods")
    assert re.findall(r'name="herb"[^>]*value="([^"]+)"', form) == ["党参", "白术"]
    came = {
        "herb": ["党参", "白术"],
        "lot_number": ["2611001", ""],
        "origin": ["甘肃", ""],
        "expires_on": ["2028-06-30", ""],
        "amount_kg": ["4.5", "2"],
        "yuan_per_kg": ["70", "50"],
        "bin_code": ["a01", ""],
    }
    page = shown(floor.follow(floor.post("/stock/goods", **fields, **came)))
    assert "少 500 g" in page
    assert "比议定价贵" in page
    assert "没到" in page
    silent = manager.post("/stock/purchases/1/close", note="")
    assert (silent.status_code, "请写明怎样处理再结清。" in shown(silent.text)) == (422, True)
    closed = shown(manager.follow(manager.post("/stock/purchases/1/close", note="余下退款")))
    assert "已结清" in closed
    assert "余下退款" in closed


def test_what_is_wrong_in_an_order_is_said_and_the_rest_stays(web: Web) -> None:
    county = web.county
    shelve(county, "茯苓", 500)
    fields = {"herb": "党参", "amount_kg": "五公斤", "yuan_per_kg": "68.5"}
    page = web.browser(county.floor).post(
        "/stock/purchases", request_key="key-12345", supplier_id="1", **fields
    )
    assert (page.status_code, 'value="五公斤"' in page.text, "请填数字。" in page.text) == (422, True, True)


def test_a_township_asks_the_centre_sends_and_the_difference_is_told(web: Web) -> None:
    county = web.county
    shelve(county, "党参", 400, expires_on=date(2027, 6, 30))
    doctor, floor = web.browser(county.doctor), web.browser(county.floor)
    key = hidden(doctor.get("/requisitions").text, "/requisitions")["request_key"]
    page = doctor.follow(doctor.post("/requisitions", request_key=key, herb="党参", amount_g="500"))
    assert "申领单 1 待发货" in shown(page)
    assert "詹桥镇卫生院" in shown(floor.get("/requisitions").text)
    sent = floor.get("/requisitions/1").text
    assert 'value="400"' in sent
    line = re.findall(r'name="line_id" value="(\d+)"', sent)
    silent = floor.post("/requisitions/1/send", line_id=line, weighed_g="400", note="")
    assert (silent.status_code, "少发的要写明原因。" in shown(silent.text)) == (422, True)
    floor.post("/requisitions/1/send", line_id=line, weighed_g="400", note="只有这些")
    page = shown(doctor.get("/requisitions/1").text)
    assert "只有这些" in page
    done = doctor.follow(
        doctor.post("/requisitions/1/receive", line_id=line, weighed_g="395", note="秤上少五克")
    )
    assert "差 -5 g" in shown(done)
    assert web.browser(county.foreign_doctor).get("/requisitions/1").status_code == 403


def test_more_orders_cost_no_more_statements(web: Web) -> None:
    county = web.county
    shelve(county, "茯苓", 500)
    manager, floor = web.browser(county.manager), web.browser(county.floor)
    counted = []
    for more in (1, 2):
        for _ in range(more):
            _ordered(county)
            county.do(
                requisitioning.ask, county.doctor, county.knowledge, [("党参", 500.0)], county.new_key()
            )
        counted.append(
            (statements(county, manager, "/stock/purchases"), statements(county, floor, "/requisitions"))
        )
    assert counted[0] == counted[1]


@pytest.mark.parametrize(
    ("path", "may"),
    [
        ("/stock/purchases", {Role.FLOOR, Role.PHARMACIST, Role.MANAGER}),
        ("/stock/purchases/1", {Role.FLOOR, Role.PHARMACIST, Role.MANAGER}),
        ("/requisitions", {Role.DOCTOR, Role.FLOOR, Role.MANAGER}),
    ],
)
def test_each_page_is_seen_by_those_who_work_with_it(web: Web, path: str, may: set[Role]) -> None:
    county = web.county
    shelve(county, "茯苓", 500)
    _ordered(county)
    seen = {role for role, actor in county.actors.items() if web.browser(actor).get(path).status_code == 200}
    assert seen == may
