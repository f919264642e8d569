"""The pages of the scales and of the second look, as a weigher, a pharmacist and a manager use them."""

import io
import re
import threading
from collections.abc import Iterator

import pytest
from werkzeug.test import TestResponse

from tcm.records.clinical import Prescription
from tcm.records.dispensing import Weighing
from tcm.records.lifecycle import State
from tcm.records.stock import Bin
from tcm.services import weighing
from tcm.store.engine import Store
from tests.tcm.stocked import keep_stock, shelve
from tests.web.desks.hands import Browser, Web, hidden, shown, statements
from vision import clean
from vision.tongue.drawn import draw
from web.scales.simulated import SimulatedScale

DRAWERS = {"A01": ("党参", 84), "A02": ("白术", 63), "A03": ("茯苓", 84), "A04": ("炙甘草", 42)}


@pytest.fixture
def web(sqlite_store: Store) -> Web:
    """A county with its pages, its drawers filled, weighing on record."""
    return filled(Web(sqlite_store))


def filled(web: Web, how: Weighing = Weighing.TYPED, *, photograph: bool = False) -> Web:
    county = web.county
    keep_stock(county)
    for number, (code, (herb, grams)) in enumerate(DRAWERS.items(), start=1):
        lot = shelve(county, herb, 3 * grams, lot_number=f"26090{number}")
        with county.work() as work:
            place = work.bins.by_code(code) or work.bins.add(Bin(code=code))
            place.herb = herb
            work.lots.get(lot).bin_id = place.id or 0
            work.commit()
    county.do(weighing.set_dispensing, county.manager, how, photograph=photograph)
    return web


def test_a_prescription_is_weighed_by_its_page_and_signed_by_the_other_persons(web: Web) -> None:
    prescription, floor = web.county.approved(), web.browser(web.county.floor)
    key = prescription.key()
    card = floor.get(f"/floor/p/{key}").text
    assert (f'href="/dispensing/{key}"' in card, "调剂完成" in card) == (True, False)
    assert "开始称量" in floor.get(f"/dispensing/{key}").text
    floor.post(f"/dispensing/{key}/begin")
    for code, (herb, grams) in DRAWERS.items():
        page = floor.get(f"/dispensing/{key}").text
        assert next_line(page).startswith(f"{code} {herb} {grams} g ")
        answer = weigh(floor, prescription, code, str(grams))
        assert answer.status_code == 303, shown(answer.text)
    assert "已称完，等药师复核签名。" in floor.get(f"/dispensing/{key}").text
    assert "待复核" in floor.get("/floor").text
    pharmacist = web.browser(web.county.pharmacist)
    assert f'href="/dispensing/{key}/check"' in pharmacist.get("/dispensing").text
    page = pharmacist.get(f"/dispensing/{key}/check").text
    assert "党参 84 g 84 g 12 g +0.0% A01 · 260901 周麦冬 手填" in shown(page)
    answer = pharmacist.post(f"/dispensing/{key}/sign", **hidden(page, f"/dispensing/{key}/sign"))
    assert f"{prescription.number} 已复核签名，可以下锅或装袋。" in pharmacist.follow(answer)
    assert web.county.now(prescription).state is State.DISPENSED


def test_a_wrong_herb_is_told_at_the_scan_and_a_wrong_weight_when_it_is_sent(web: Web) -> None:
    prescription, floor = begun(web)
    shelve(web.county, "桂枝", 50, lot_number="260777")
    part = floor.get(f"/dispensing/{prescription.key()}/line?code=260777").text
    assert shown(part) == "扫到的是桂枝，这张处方里没有这味药，请放回原处。"
    part = floor.get(f"/dispensing/{prescription.key()}/line?code=a02").text
    assert shown(part) == "A02 白术 63 g 59.85 g 到 66.15 g 每剂 9 g，均分 7 剂 · 批号 260902"
    answer = weigh(floor, prescription, "A02", "70")
    assert answer.status_code == 422
    assert "白术要称 63 g（59.85–66.15 g），秤上 70 g，误差超过百分之5。" in shown(answer.text)
    assert 'value="A02"' in answer.text
    for typed in ("", "seventy"):
        answer = weigh(floor, prescription, "A02", typed)
        assert (answer.status_code, "请填克数，例如 84.2。" in answer.text) == (422, True)


def test_a_scale_is_read_where_one_is_connected_and_only_it_where_the_setting_says(
    sqlite_store: Store, scale: SimulatedScale
) -> None:
    host, port = scale.server_address[:2]
    web = filled(Web(sqlite_store, scales=f"S1=tcp://{host!s}:{port}"), Weighing.SCALE)
    prescription, floor = begun(web)
    assert 'name="weight_g"' not in floor.get(f"/dispensing/{prescription.key()}").text
    answer = weigh(floor, prescription, "A01", "84")
    assert (answer.status_code, "中心只收电子秤的读数，不能手填。" in answer.text) == (422, True)
    scale.load_g = 84.3
    assert weigh(floor, prescription, "A01", "", scale="S1").status_code == 303
    scale.is_moving = True
    answer = weigh(floor, prescription, "A02", "", scale="S1")
    assert (answer.status_code, "秤没有稳定，请等读数不动再记。" in answer.text) == (422, True)
    answer = weigh(floor, prescription, "A02", "", scale="S9")
    assert (answer.status_code, "没有S9号秤。" in answer.text) == (422, True)
    with web.county.work() as work:
        assert [(each.net_mg, each.scale) for each in work.weighed.all()] == [(84_300, "S1")]


def test_what_is_missing_goes_to_the_pharmacist_and_by_name_to_the_doctor(web: Web) -> None:
    prescription, floor = begun(web)
    key = prescription.key()
    floor.post(f"/dispensing/{key}/lacking", herb="茯苓")
    assert "已报缺：茯苓，等药师处理。" in shown(floor.get(f"/floor/p/{key}").text)
    assert "已报缺" in floor.get("/floor").text
    pharmacist = web.browser(web.county.pharmacist)
    assert "缺 茯苓" in pharmacist.get("/dispensing").text
    page = pharmacist.get(f"/dispensing/{key}/check").text
    fields = hidden(page, f"/dispensing/{key}/return")
    answer = pharmacist.post(f"/dispensing/{key}/return", **fields, remark="请改用他药。")
    assert f"{prescription.number} 已退回医师。" in pharmacist.follow(answer)
    doctor = web.browser(web.county.doctor)
    page = doctor.get(f"/doctor/visits/{prescription.encounter_id}").text
    assert "缺药：茯苓。请改用他药。" in page


def test_what_is_found_wrong_comes_back_to_the_scales(web: Web) -> None:
    prescription, floor = begun(web)
    key = prescription.key()
    for code, (_, grams) in DRAWERS.items():
        weigh(floor, prescription, code, str(grams))
    pharmacist = web.browser(web.county.pharmacist)
    page = pharmacist.get(f"/dispensing/{key}/check").text
    fields = hidden(page, f"/dispensing/{key}/send-back")
    answer = pharmacist.post(f"/dispensing/{key}/send-back", **fields, herbs="", fault="weight")
    assert (answer.status_code, "请选出要重称的药味和原因。" in answer.text) == (422, True)
    answer = pharmacist.post(f"/dispensing/{key}/send-back", **fields, herbs=["白术"], fault="weight")
    assert f"{prescription.number} 已退回重称。" in pharmacist.follow(answer)
    assert next_line(floor.get(f"/dispensing/{key}").text).startswith("A02 白术 63 g")


def test_where_the_setting_asks_a_picture_goes_with_it(sqlite_store: Store) -> None:
    web = filled(Web(sqlite_store), photograph=True)
    prescription, floor = begun(web)
    key = prescription.key()
    for code, (_, grams) in DRAWERS.items():
        weigh(floor, prescription, code, str(grams))
    pharmacist = web.browser(web.county.pharmacist)
    assert pharmacist.get(f"/dispensing/{key}/photograph.jpg").status_code == 404
    assert send(floor, key, b"no picture").status_code == 422
    assert send(floor, key, clean(draw(7, body="red", coat="yellow"))).status_code == 303
    assert f'src="/dispensing/{key}/photograph.jpg"' in pharmacist.get(f"/dispensing/{key}/check").text
    picture = pharmacist.get(f"/dispensing/{key}/photograph.jpg")
    assert (picture.status_code, picture.data[:2]) == (200, b"\xff\xd8")


def test_the_manager_chooses_and_the_floor_goes_by_it(web: Web) -> None:
    manager = web.browser(web.county.manager)
    page = manager.get("/stock/settings").text
    assert re.findall(r'name="weighing" value="(\w+)" checked', page) == ["typed"]
    assert manager.post("/dispensing/settings", weighing="off").status_code == 303
    prescription, floor = web.county.approved(), web.browser(web.county.floor)
    assert "调剂完成" in floor.get(f"/floor/p/{prescription.key()}").text
    assert manager.post("/dispensing/settings", weighing="guess").status_code == 422


def test_each_page_is_for_those_whose_work_it_is(web: Web) -> None:
    prescription, floor = begun(web)
    key = prescription.key()
    browsers = {
        "floor": floor,
        "pharmacist": web.browser(web.county.pharmacist),
        "manager": web.browser(web.county.manager),
        "doctor": web.browser(web.county.doctor),
    }
    pages = ("", f"/{key}", f"/{key}/check")
    seen = {
        who: [each.get(f"/dispensing{page}").status_code for page in pages] for who, each in browsers.items()
    }
    assert seen == {
        "floor": [403, 200, 403],
        "pharmacist": [200, 403, 200],
        "manager": [403, 403, 403],
        "doctor": [403, 403, 403],
    }


def test_the_list_and_the_board_ask_as_much_for_three_as_for_one(web: Web) -> None:
    county, counts = web.county, []
    floor, pharmacist = web.browser(county.floor), web.browser(county.pharmacist)
    begun(web)
    weighed = 0
    for wanted in (1, 3):
        while weighed < wanted:
            prescription, _ = begun(web) if weighed else (newest(web), None)
            floor.post(f"/dispensing/{prescription.key()}/lacking", herb="茯苓")
            weighed += 1
        counts.append((statements(county, pharmacist, "/dispensing"), statements(county, floor, "/floor")))
    assert counts[0] == counts[1]


@pytest.fixture
def scale() -> Iterator[SimulatedScale]:
    """A simulated scale that is listening."""
    with SimulatedScale() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join(5)


def begun(web: Web) -> tuple[Prescription, Browser]:
    """A prescription on the scales, and the browser of who weighs it."""
    prescription, floor = web.county.approved(), web.browser(web.county.floor)
    assert floor.post(f"/dispensing/{prescription.key()}/begin").status_code == 303
    return prescription, floor


def newest(web: Web) -> Prescription:
    """The prescription begun last."""
    with web.county.work() as work:
        return work.prescriptions.get(max(work.dispensings.all_open()))


def weigh(
    floor: Browser, prescription: Prescription, code: str, weight_g: str, scale: str = ""
) -> TestResponse:
    """One herb by the form on the page."""
    path = f"/dispensing/{prescription.key()}/weigh"
    fields = hidden(floor.get(f"/dispensing/{prescription.key()}").text, path)
    return floor.post(path, **fields, code=code, weight_g=weight_g, scale=scale)


def next_line(page: str) -> str:
    """What the page says of the herb that is next."""
    return shown(page[page.index('id="to-weigh"') :].partition(">")[2])


def send(floor: Browser, key: int, data: bytes) -> TestResponse:
    """A picture by the form."""
    path = f"/dispensing/{key}/photograph"
    return floor.post(path, photograph=(io.BytesIO(data), "herbs.jpg"))
