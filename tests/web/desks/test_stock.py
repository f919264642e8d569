"""The shelf's pages, in the browsers of those who take in, inspect, count and set prices."""

import re
from datetime import date

import pytest

from tcm.records.roles import Role
from tcm.records.stock import Keeping, LotState
from tcm.services.prescribing import ItemDraft
from tcm.store.engine import Store
from tests.tcm.county import County, draft
from tests.tcm.stocked import insure, keep_stock, price, shelve
from tests.web.desks.hands import Web, hidden, shown, statements


@pytest.fixture
def web(store: Store) -> Web:
    return Web(store)


def line(**changes: str) -> dict[str, str]:
    fields = {
        "herb": "党参",
        "lot_number": "260901",
        "origin": "甘肃定西",
        "expires_on": "2028-06-30",
        "amount_kg": "2.5",
        "yuan_per_kg": "68.50",
        "bin_code": "a01",
    }
    return {**fields, **changes}


def _ready(web: Web) -> County:
    county = web.county
    keep_stock(county)
    shelve(county, "茯苓", 500)
    return county


def test_goods_are_taken_in_by_the_floor_inspected_by_a_pharmacist_and_then_on_the_shelf(web: Web) -> None:
    county = _ready(web)
    floor, pharmacist = web.browser(county.floor), web.browser(county.pharmacist)
    key = hidden(floor.get("/stock/goods").text, "/stock/goods")["request_key"]
    answer = floor.post("/stock/goods", request_key=key, supplier_id="1", **line())
    assert "已入库 1 个批次，等药师验收。" in shown(floor.follow(answer))
    # The same form sent again takes nothing in twice.
    floor.post("/stock/goods", request_key=key, supplier_id="1", **line())
    waiting = pharmacist.get("/stock/goods").text
    [lot_id] = re.findall(r'name="lot_id" value="(\d+)"', waiting)
    assert "可用 0 g" in shown(pharmacist.get("/stock/herb?name=党参").text)
    answer = pharmacist.post("/stock/inspect", lot_id=lot_id, passed="true", note="")
    assert "验收合格，可以调剂了。" in shown(pharmacist.follow(answer))
    page = shown(floor.get("/stock/herb?name=党参").text)
    assert "可用 2.5 kg" in page
    assert "甘肃定西" in page


def test_what_is_wrong_in_a_line_is_said_at_its_field_and_the_rest_stays(web: Web) -> None:
    county = _ready(web)
    floor = web.browser(county.floor)
    page = floor.post("/stock/goods", request_key="key-12345", supplier_id="1", **line(amount_kg="两公斤"))
    assert page.status_code == 422
    assert 'value="两公斤"' in page.text
    assert "请填数字。" in page.text
    assert 'value="甘肃定西"' in page.text


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"herb": "没有的药"}, "没有叫“没有的药”的药，请按包装上的名称再填一遍。"),
        ({"herb": "川乌"}, "“川乌”要写明炮制品，例如制川乌。"),
        ({"expires_on": "2026-11-20"}, "党参批号260901已经过期，不能入库。"),
        ({"bin_code": "Z99"}, "没有货位“Z99”。"),
    ],
)
def test_goods_that_cannot_be_taken_in_are_refused_in_a_sentence(
    web: Web, changes: dict[str, str], sentence: str
) -> None:
    county = _ready(web)
    page = web.browser(county.floor).post(
        "/stock/goods", request_key="key-12345", supplier_id="1", **line(**changes)
    )
    assert page.status_code == 422
    assert sentence in shown(page.text)


def test_where_the_herb_lies_is_offered_as_soon_as_it_is_typed(web: Web) -> None:
    floor = web.browser(_ready(web).floor)
    assert shown(floor.get("/stock/goods/bins?herb=白茯苓").text) == "库架"
    assert [floor.get(f"/stock/goods/bins?herb={name}").text.strip() for name in ("没有的药", "")] == ["", ""]
    answer = floor.post(
        "/stock/goods", request_key="key-12345", supplier_id="1", **line(herb="茯苓", bin_code="")
    )
    assert "已入库 1 个批次，等药师验收。" in shown(floor.follow(answer))


def test_a_delivery_note_without_a_line_is_refused(web: Web) -> None:
    county = _ready(web)
    page = web.browser(county.floor).post("/stock/goods", request_key="key-12345", supplier_id="1")
    assert (page.status_code, "请至少填一行。" in page.text) == (422, True)


def test_the_list_tells_what_wants_doing_and_is_searched_by_initials(web: Web) -> None:
    county = _ready(web)
    shelve(county, "党参", 50, expires_on=date(2026, 12, 1))
    shelve(county, "白术", 100, state=LotState.WAITING)
    price(county, "党参", 120_00, low_g=1000)
    manager = web.browser(county.manager)
    page = shown(manager.get("/stock").text)
    for told in ("待验收 1 批", "没有欠药", "要补货 1 味", "近效期 1 批", "没有价格 2 味"):
        assert told in page, told
    assert _herbs(manager.get("/stock?q=ds").text) == ["党参"]
    assert _herbs(manager.get("/stock?show=low").text) == ["党参"]
    assert _herbs(manager.get("/stock?show=unpriced").text) == ["白术", "茯苓"]
    assert _herbs(manager.get("/stock?show=nonsense").text) == ["白术", "党参", "茯苓"]


def test_fifty_herbs_a_page_and_the_filter_goes_along(web: Web) -> None:
    county = web.county
    for herb in list(county.knowledge.herbs)[:51]:
        price(county, herb, None)
    manager = web.browser(county.manager)
    first = manager.get("/stock?show=unpriced").text
    assert len(_herbs(first)) == 50
    assert "/stock?show=unpriced&amp;page=2" in first
    assert len(_herbs(manager.get("/stock?show=unpriced&page=2").text)) == 1
    assert len(_herbs(manager.get("/stock?show=unpriced&page=9").text)) == 1


@pytest.mark.parametrize("path", ["/stock", "/stock/goods", "/stock/herb?name=党参"])
def test_three_lots_cost_as_many_statements_as_one(web: Web, path: str) -> None:
    county = _ready(web)
    shelve(county, "党参", 50, state=LotState.WAITING)
    pharmacist = web.browser(county.pharmacist)
    one = statements(county, pharmacist, path)
    shelve(county, "党参", 50, state=LotState.WAITING)
    shelve(county, "党参", 50)
    assert statements(county, pharmacist, path) == one


def test_the_manager_sets_a_price_and_an_earlier_one_stays_on_record(web: Web) -> None:
    county = _ready(web)
    manager = web.browser(county.manager)
    for yuan in ("120", "125.5"):
        answer = manager.post("/stock/price", name="党参", yuan_per_kg=yuan, low_kg="5")
    assert "125.50 元/kg" in shown(manager.follow(answer))
    with county.work() as work:
        assert [row.fen_per_kg for row in work.herb_listings.all()] == [12_000, 12_550]
    refused = manager.post("/stock/price", name="党参", yuan_per_kg="-1", low_kg="5")
    assert (refused.status_code, "不能小于 0。" in refused.text) == (422, True)


def test_a_count_changes_the_books_with_its_reason_and_one_of_an_older_page_does_not(web: Web) -> None:
    county = _ready(web)
    manager = web.browser(county.manager)
    fields = hidden(manager.get("/stock/lots/1").text, "/stock/lots/1/count")
    page = shown(
        manager.follow(
            manager.post("/stock/lots/1/count", counted_g="498.5", reason="natural_loss", **fields)
        )
    )
    assert "盘点 -1.5 g 秦当归 自然损耗" in page
    again = manager.post("/stock/lots/1/count", counted_g="490", reason="natural_loss", **fields)
    assert (again.status_code, "刚刚有别人改动过" in again.text) == (409, True)
    silent = manager.post("/stock/lots/1/count", counted_g="490", seen_g="498.5", reason="")
    assert (silent.status_code, "请选择原因。" in silent.text) == (422, True)


def test_a_lot_is_locked_and_unlocked_by_a_pharmacist_with_a_reason(web: Web) -> None:
    county = _ready(web)
    pharmacist = web.browser(county.pharmacist)
    silent = pharmacist.post("/stock/lots/1/block", blocked="true", note=" ")
    assert (silent.status_code, "请写明原因。" in silent.text) == (422, True)
    locked = pharmacist.follow(pharmacist.post("/stock/lots/1/block", blocked="true", note="省局通知召回"))
    assert "已锁定" in shown(locked)
    assert "省局通知召回" in shown(locked)
    assert "可用 0 g" in shown(pharmacist.get("/stock/herb?name=茯苓").text)
    pharmacist.post("/stock/lots/1/block", blocked="false", note="复检合格")
    assert "可用 500 g" in shown(pharmacist.get("/stock/herb?name=茯苓").text)


def test_a_drawer_takes_only_its_own_herb(web: Web) -> None:
    county = _ready(web)
    web.browser(county.manager).post("/stock/settings/bins", code="b07", herb="当归")
    page = web.browser(county.floor).post("/stock/lots/1/bin", bin_code="b07")
    assert (page.status_code, "货位B07是当归的药斗，不能放茯苓。" in shown(page.text)) == (422, True)


def test_the_manager_sets_what_a_shortage_means_suppliers_and_schemes(web: Web) -> None:
    county = web.county
    manager = web.browser(county.manager)
    assert "现在不记库存" in shown(manager.get("/stock").text)
    manager.post("/stock/settings/keeping", keeping="back_order", near_expiry_days="120")
    manager.post("/stock/settings/suppliers", name="岳阳县药材公司", licence="湘AA7300001")
    scheme = {"code": "resident", "name": "居民医保", "source": "岳医保发〔2025〕1号", "active": "1"}
    manager.post("/stock/settings/schemes", patient_percent="40", **scheme)
    page = shown(manager.get("/stock/settings").text)
    assert "居民医保 个人负担百分之 40" in page
    assert "岳阳县药材公司 湘AA7300001" in page
    with county.work() as work:
        settings = work.stock_settings.current()
    assert settings is not None
    assert (settings.keeping, settings.near_expiry_days) == (Keeping.BACK_ORDER, 120)
    again = manager.post("/stock/settings/suppliers", name="岳阳县药材公司", licence="湘AA7300001")
    assert (again.status_code, "已经有叫“岳阳县药材公司”的供应商。" in again.text) == (422, True)


@pytest.mark.parametrize(
    ("path", "may"),
    [
        ("/stock", {Role.FLOOR, Role.PHARMACIST, Role.MANAGER}),
        ("/stock/goods", {Role.FLOOR, Role.PHARMACIST, Role.MANAGER}),
        ("/stock/settings", {Role.MANAGER}),
    ],
)
def test_only_those_who_work_with_the_shelf_see_it(web: Web, path: str, may: set[Role]) -> None:
    county = web.county
    seen = {role for role, actor in county.actors.items() if web.browser(actor).get(path).status_code == 200}
    assert seen == may


@pytest.mark.parametrize(
    ("path", "data", "may"),
    [
        ("/stock/goods", {"request_key": "key-12345", "supplier_id": "1", **line()}, {Role.FLOOR}),
        ("/stock/inspect", {"lot_id": "2", "passed": "true"}, {Role.PHARMACIST}),
        ("/stock/lots/1/count", {"counted_g": "1", "seen_g": "500", "reason": "found"}, {Role.MANAGER}),
        ("/stock/price", {"name": "党参", "yuan_per_kg": "1", "low_kg": "0"}, {Role.MANAGER}),
    ],
)
def test_each_act_is_of_one_role(web: Web, path: str, data: dict[str, str], may: set[Role]) -> None:
    county = _ready(web)
    shelve(county, "党参", 10, state=LotState.WAITING)
    others = [actor for role, actor in county.actors.items() if role not in may]
    assert {web.browser(actor).post(path, **data).status_code for actor in others} == {403}
    assert {
        web.browser(actor).post(path, **data).status_code
        for role, actor in county.actors.items()
        if role in may
    } == {303}


def test_a_patients_scheme_is_chosen_at_registration_and_changed_at_the_visit(web: Web) -> None:
    county = web.county
    insure(county, "resident", 40)
    doctor = web.browser(county.doctor)
    assert "居民医保" in shown(doctor.get("/doctor/patients/new").text)
    visit = county.visited(county.registered(scheme="resident", id_number=""))
    page = doctor.get(f"/doctor/visits/{visit.id}")
    assert re.search(r"<summary>居民医保</summary>", page.text)
    changed = doctor.follow(doctor.post(f"/doctor/visits/{visit.id}/scheme", scheme="self"))
    assert "参保类型已改，价格按新的比例算。" in shown(changed)
    with county.work() as work:
        assert work.patients.get(visit.patient_id).scheme == "self"
    refused = doctor.post(f"/doctor/visits/{visit.id}/scheme", scheme="nobody")
    assert (refused.status_code, "没有这种参保类型，或已停用。" in refused.text) == (422, True)
    foreign = web.browser(county.foreign_doctor)
    assert foreign.post(f"/doctor/visits/{visit.id}/scheme", scheme="resident").status_code == 403


def test_the_pharmacist_is_told_what_lacks_before_and_cannot_approve(web: Web) -> None:
    county = _ready(web)
    for herb, grams in (("党参", 84), ("白术", 60), ("炙甘草", 42)):
        shelve(county, herb, grams)
    signed = county.claimed(county.signed())
    pharmacist = web.browser(county.pharmacist)
    path = f"/pharmacist/{signed.key()}"
    told = "库存不够 白术差 3 g。缺药不能通过，请退回医师调整，或等到货。"
    assert told in shown(pharmacist.get(path).text)
    page = pharmacist.post(f"{path}/approve", version=str(signed.version), remark="")
    assert (page.status_code, "库存不够，不能通过：缺 白术 3 g。" in shown(page.text)) == (422, True)
    keep_stock(county, Keeping.BACK_ORDER)
    assert "白术差 3 g。可以通过，到货后再调剂。" in shown(pharmacist.get(path).text)
    pharmacist.post(f"{path}/approve", version=str(signed.version), remark="")
    assert "欠药 1 项" in shown(pharmacist.get("/stock").text)
    owed = shown(pharmacist.get("/stock?show=owed").text)
    assert f"{signed.number} 白术 3 g" in owed


def test_the_floor_is_told_bin_and_lot_and_can_put_a_dry_batch_back(web: Web) -> None:
    county = _ready(web)
    lot = shelve(county, "党参", 84, lot_number="260815")
    prescription = county.approved(draft([ItemDraft("党参", 12.0)]))
    floor = web.browser(county.floor)
    card = f"/floor/p/{prescription.key()}"
    assert "去哪里取 A01 党参 批号 260815 84 g" in shown(floor.get(card).text)
    fields = hidden(floor.get(card).text, "/floor/step")
    floor.post("/floor/step", **fields)
    page = floor.get(card).text
    assert "党参 批号 260815 84 g 已取" in shown(page)
    scrap = hidden(page, "/floor/scrap")
    floor.post("/floor/scrap", reason_code="other", put_back="1", **scrap)
    with county.work() as work:
        kept = work.lots.get(lot)
    assert (kept.on_hand_mg, kept.reserved_mg) == (84_000, 84_000)


def _herbs(page: str) -> list[str]:
    return re.findall(r'<a class="herb-link" href="[^"]*">([^<]+)</a>', page)
