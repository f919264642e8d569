"""A courier's phone without a line for hours: two trips, every kind of act, sent once in order afterwards."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Thread

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from werkzeug.serving import make_server

from tcm.records.clinical import Prescription
from tcm.records.clock import county_day
from tcm.records.lifecycle import State
from tcm.records.road import ActKind, HandingWay
from tcm.services import cashing, flooring
from tcm.store.engine import Store
from tests.journeys.windows import PATIENCE_MS, PHONE_PX
from tests.tcm import centre
from tests.tcm.centre import packed, planned, route, stop
from tests.tcm.county import Watch
from tests.web.desks.hands import PASSWORD, Web

HOURS = 5


@dataclass
class Phone:
    """The courier's phone in front of a small county that is served from this process.

    Args:
        web: The county and its pages.
        page: What the phone shows.
        url: Where the house is reached.
    """

    web: Web
    page: Page
    url: str

    @property
    def context(self) -> BrowserContext:
        """The browser, which has a line or none."""
        return self.page.context

    def open(self, path: str) -> None:
        """Go to a page, from the house or from the phone."""
        self.page.goto(f"{self.url}{path}")

    def log_in(self, username: str = "sun") -> None:
        """Log in by the form."""
        self.open("/login")
        self.page.get_by_label("用户名").fill(username)
        self.page.get_by_label("密码").fill(PASSWORD)
        self.page.get_by_role("button", name="登录", exact=True).click()
        self.page.wait_for_url("**/courier")

    def kept(self) -> list[str]:
        """Names under which the phone keeps pages."""
        names: list[str] = self.page.evaluate("caches.keys()")
        return [name for name in names if name.startswith("route/")]

    def wait_until_kept(self) -> None:
        """Wait until the page says that the whole route lies on the phone."""
        expect(self.page.locator("#on-phone")).to_be_visible()

    def wait_for_kept(self, names: list[str]) -> None:
        """Wait until just these are kept."""
        end = time.monotonic() + PATIENCE_MS / 1000
        while self.kept() != names:
            assert time.monotonic() < end, self.kept()
            self.page.wait_for_timeout(50)


@pytest.fixture
def phone(sqlite_store: Store, chromium: Browser, monkeypatch: pytest.MonkeyPatch) -> Iterator[Phone]:
    """A phone at the log-in of a county whose day is today, as the phone's clock has it."""
    web = Web(sqlite_store, watch=Watch(datetime.now(UTC)), insecure_cookies=True)
    monkeypatch.setattr(centre, "DAY", county_day(web.county.watch()))
    server = make_server("127.0.0.1", 0, web.app, threaded=True)
    Thread(target=server.serve_forever, daemon=True).start()
    context = chromium.new_context(
        locale="zh-CN", viewport={"width": PHONE_PX, "height": 844}, is_mobile=True, has_touch=True
    )
    context.set_default_timeout(PATIENCE_MS)
    yield Phone(web, context.new_page(), f"http://127.0.0.1:{server.server_port}")
    context.close()
    server.shutdown()
    server.server_close()


def test_two_trips_without_a_line_arrive_once_in_order_and_at_their_own_hour(phone: Phone) -> None:
    county = phone.web.county
    first, second, third, late = (packed(county) for _ in range(4))
    county.do(cashing.set_due, county.manager, first.number or "", 1250)
    there = county.other_village.id
    [way] = planned(
        county,
        route(
            county,
            stop(county, [first, second]),
            stop(county, [third], village_id=there),
            stop(county, [late], trip=2, village_id=there),
        ),
    )
    stops = [each.id or 0 for each in way.stops]
    phone.log_in()
    phone.wait_until_kept()
    phone.context.set_offline(True)

    _load(phone, trip=1)
    _measure(phone, "18.4")
    _sign(phone, stops[0], first, paid="12.50")
    _fail(phone, stops[0], second)
    _leave_at_clinic(phone, stops[1], third)
    _load(phone, trip=2)
    _leave_at_clinic(phone, stops[2], late)
    phone.open("/courier")
    expect(phone.page.locator("[data-count]")).to_have_text("7")
    assert [county.now(each).state for each in (first, second, third, late)] == [State.PACKED] * 4

    # The log-in has ended meanwhile: the password is asked for in place, then all of it goes.
    county.watch.pass_(hours=HOURS)
    phone.context.set_offline(False)
    phone.page.locator("#again-password").fill(PASSWORD)
    phone.page.get_by_role("button", name="接着做").click()
    expect(phone.page.locator("#kept-acts")).to_be_hidden()

    states = [State.DELIVERED, State.FAILED, State.DELIVERED, State.DELIVERED]
    assert [county.now(each).state for each in (first, second, third, late)] == states
    with county.work() as work:
        acts = work.courier_acts.all()
        kinds = [ActKind.LOADED, ActKind.TEMPERATURE, ActKind.DELIVERED, ActKind.FAILED, ActKind.DELIVERED]
        assert [each.kind for each in acts] == [*kinds, ActKind.LOADED, ActKind.DELIVERED]
        assert [each.refusal for each in acts] == [""] * 7
        handover = work.handovers.of_prescription(first.key())
        assert handover is not None
        assert handover.way is HandingWay.SIGNATURE
        assert handover.phone_skew_s is not None
        assert abs(handover.phone_skew_s - HOURS * 3600) < 120
        assert work.blobs.get(handover.signature_key).startswith(b"\x89PNG")
        receipt = work.cash_receipts.of_prescription(first.key())
        assert receipt is not None
        assert receipt.paid_fen == 1250
        assert work.ledger.verify().broken is None
    assert county.story(first).count("delivered") == 1


def test_what_the_house_refuses_is_told_and_kept_until_somebody_has_seen_it(phone: Phone) -> None:
    county = phone.web.county
    prescription = packed(county)
    [way] = planned(county, route(county, stop(county, [prescription])))
    phone.log_in()
    phone.wait_until_kept()
    phone.context.set_offline(True)
    _load(phone, trip=1)
    _leave_at_clinic(phone, way.stops[0].id or 0, prescription)
    version = county.now(prescription).version
    county.do(flooring.scrap, county.floor, prescription.key(), version, "spilled")
    phone.context.set_offline(False)
    phone.open("/courier")
    line = phone.page.locator(".refused li")
    expect(line).to_have_count(1)
    expect(line).to_contain_text(f"{prescription.number} 这张处方不在车上。")
    phone.page.reload()
    expect(line).to_have_count(1)
    line.get_by_role("button", name="知道了").click()
    expect(line).to_have_count(0)
    assert county.now(prescription).state is State.SCRAPPED


def test_the_route_leaves_the_phone_with_its_courier(phone: Phone) -> None:
    county = phone.web.county
    [way] = planned(county, route(county, stop(county, [packed(county)])))
    phone.log_in()
    phone.wait_until_kept()
    assert phone.kept() == [f"route/{county.courier.staff_id}/{centre.DAY.isoformat()}"]
    phone.page.locator(".me-toggle").click()
    phone.page.get_by_role("button", name="退出").click()
    phone.page.wait_for_url("**/login")
    phone.wait_for_kept([])
    phone.log_in("ma")
    phone.wait_until_kept()
    assert phone.kept() == [f"route/{county.other_courier.staff_id}/{centre.DAY.isoformat()}"]
    phone.context.set_offline(True)
    phone.open(f"/courier/stop/{way.stops[0].id}")
    expect(phone.page.get_by_text("这一页也没有存在手机上")).to_be_visible()


def _load(phone: Phone, trip: int) -> None:
    phone.open("/courier")
    form = phone.page.locator(f"form[data-act=loaded][data-trip$='/{trip}']")
    form.get_by_role("button").click()
    expect(form.locator(".kept")).to_have_text("已记装车，待发")


def _measure(phone: Phone, temp_c: str) -> None:
    box = phone.page.locator(".box").first
    box.locator("summary").click()
    box.get_by_label("温度计读数").fill(temp_c)
    box.get_by_role("button", name="记下箱温").click()
    expect(box.locator(".kept")).to_have_count(1)


def _parcel(phone: Phone, stop_id: int, prescription: Prescription) -> Callable[[str], None]:
    phone.open(f"/courier/stop/{stop_id}")
    parcel = phone.page.locator(f"#p{prescription.id}")
    expect(parcel.locator("[data-hand-over]")).to_be_visible()

    def is_kept(words: str) -> None:
        expect(parcel.locator("[data-hand-over]")).to_be_hidden()
        expect(parcel.locator(".kept")).to_have_text(words)

    return is_kept


def _sign(phone: Phone, stop_id: int, prescription: Prescription, paid: str) -> None:
    is_kept = _parcel(phone, stop_id, prescription)
    parcel = phone.page.locator(f"#p{prescription.id}")
    parcel.locator(".pick", has_text="屏上签名").click()
    parcel.get_by_label("实收（元）").fill(paid)
    parcel.get_by_role("button", name="已送达").click()
    expect(phone.page.locator("#notices")).to_have_text("还没有签名，请在框里签名。")
    canvas = parcel.locator(".sign-here")
    box = canvas.bounding_box()
    assert box is not None
    mouse = phone.page.mouse
    mouse.move(box["x"] + 20, box["y"] + 20)
    mouse.down()
    mouse.move(box["x"] + 120, box["y"] + 60, steps=5)
    mouse.move(box["x"] + 40, box["y"] + 80, steps=5)
    mouse.up()
    parcel.get_by_role("button", name="已送达").click()
    is_kept("已记送达，待发")


def _fail(phone: Phone, stop_id: int, prescription: Prescription) -> None:
    is_kept = _parcel(phone, stop_id, prescription)
    parcel = phone.page.locator(f"#p{prescription.id}")
    parcel.locator("summary", has_text="送不到？").click()
    parcel.get_by_label("原因").select_option("not_home")
    parcel.get_by_role("button", name="记为未送达").click()
    is_kept("已记未送达，待发")


def _leave_at_clinic(phone: Phone, stop_id: int, prescription: Prescription) -> None:
    is_kept = _parcel(phone, stop_id, prescription)
    parcel = phone.page.locator(f"#p{prescription.id}")
    parcel.locator(".pick", has_text="村卫生室代收").click()
    parcel.get_by_label("谁收的").fill("村医李")
    parcel.get_by_role("button", name="已送达").click()
    is_kept("已记送达，待发")
