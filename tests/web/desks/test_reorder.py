"""The page that says what should be bought, and past use brought in by a file."""

from datetime import date, timedelta
from io import BytesIO

import pytest

from tcm.records.roles import Role
from tcm.services.forecasting import ask_forecast
from tcm.store.engine import Store
from tests.tcm.centre import enqueue_nothing
from tests.tcm.stocked import price, shelve
from tests.web.desks.hands import Web, hidden, shown, statements
from web.jobs.forecasting import Forecaster

THIS_WEEK = date(2026, 11, 16)


@pytest.fixture
def web(store: Store) -> Web:
    return Web(store)


def _file(weeks: int, grams: str = "1000") -> tuple[BytesIO, str]:
    rows = [f"潞党参,{THIS_WEEK - timedelta(weeks=back)},{grams}" for back in range(1, weeks + 1)]
    return BytesIO("\n".join(["药名,日期,克", *rows]).encode("utf-8-sig")), "use.csv"


def _foreseen(web: Web) -> None:
    county = web.county
    forecast = county.do(ask_forecast, county.manager, county.new_key(), enqueue=enqueue_nothing)
    Forecaster(county.store, county.watch).run(forecast.id or 0)


def test_from_a_file_of_past_use_to_orders_that_a_person_adopts(web: Web) -> None:
    county = web.county
    shelve(county, "党参", 2500)
    manager = web.browser(county.manager)
    page = shown(manager.follow(manager.post("/stock/reorder/past", file=_file(30))))
    assert "已带入 30 行用量。" in page
    _foreseen(web)
    text = manager.get("/stock/reorder").text
    assert "以后 4 周的预测" in shown(text)
    assert "岳阳县药材公司 60.00 元/kg" in shown(text)
    key = hidden(text, "/stock/reorder")["request_key"]
    lines = {"herb": "党参", "amount_kg": "1.5", "request_key": key}
    silent = manager.post("/stock/reorder", **lines)
    assert (silent.status_code, "请先勾选要订的药。" in silent.text) == (422, True)
    page = shown(manager.follow(manager.post("/stock/reorder", take="党参", **lines)))
    assert "已写成 1 张采购单，等主管批准。" in page


def test_a_past_too_short_is_said_on_the_page(web: Web) -> None:
    county = web.county
    manager = web.browser(county.manager)
    manager.post("/stock/reorder/past", file=_file(3))
    _foreseen(web)
    assert "用量记录不到12周，还不能预测。" in shown(manager.get("/stock/reorder").text)


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe\x00", "药名,日期,克\n党参,昨天,5".encode(), "药名,日期,克\n党参,2026-11-02".encode()],
)
def test_a_file_that_cannot_be_read_is_refused_in_a_sentence(web: Web, content: bytes) -> None:
    manager = web.browser(web.county.manager)
    answer = manager.post("/stock/reorder/past", file=(BytesIO(content), "use.csv"))
    sentences = ("请选择一个CSV文件", "这个文件读不懂")
    assert (answer.status_code, [each in answer.text for each in sentences].count(True)) == (422, 1)


def test_more_herbs_cost_no_more_statements(web: Web) -> None:
    county = web.county
    counted = []
    manager = web.browser(county.manager)
    for herbs in (("党参",), ("茯苓", "白术")):
        for herb in herbs:
            shelve(county, herb, 100)
            price(county, herb, 8000, low_g=1000)
        counted.append(statements(county, manager, "/stock/reorder"))
    assert counted[0] == counted[1]


def test_only_those_who_order_see_it(web: Web) -> None:
    county = web.county
    seen = {
        role
        for role, actor in county.actors.items()
        if web.browser(actor).get("/stock/reorder").status_code == 200
    }
    assert seen == {Role.FLOOR, Role.MANAGER}
