"""A courier's day on a phone: two for one village, one signed and paid for, one brought back and counted."""

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.journeys import county
from tests.journeys.hands import (
    chips,
    load,
    number_in,
    plan_day,
    put_tour_away,
    route_of,
    scan,
    trip_of,
    wait_for_plan,
)
from tests.journeys.windows import PHONE_PX, Windows

PATIENTS = ("欧阳路远", "欧阳路近")
DUE_YUAN = "12.50"


def test_a_couriers_day_on_a_phone(windows: Windows, desk: Callable[[str], county.Desk]) -> None:
    doctor, pharmacist, floor = desk("doctor10"), desk("pharmacist01"), desk("floor04")
    numbers = [county.sign(doctor, county.register(doctor, name)) for name in PATIENTS]
    for number in numbers:
        county.approve(pharmacist, number)
    username, trip = _planned(windows, numbers)
    bags = [county.pack(floor, pharmacist, f"/floor/scan?code={number}") for number in numbers]
    desk("manager01").send("/road", "/road/due", number=numbers[0], due_yuan=DUE_YUAN)
    courier = windows.log_in(username, PHONE_PX)
    put_tour_away(courier)
    expect(courier.locator("#on-phone")).to_be_visible()
    windows.shoot(courier, "day-courier-route", guide="courier-route")
    load(courier, trip)
    _measured(courier)
    _delivered(windows, courier, numbers[0], bags[0])
    _not_at_home(windows, courier, numbers[1], bags[1])
    _came_back(windows, numbers[1])
    _seen_by_the_manager(windows, numbers[0])
    assert (windows.troubles, windows.refusals) == ([], [])


def _planned(windows: Windows, numbers: list[str]) -> tuple[str, int]:
    """Who carries both, and on which trip: they go to the same village."""
    manager = windows.log_in("manager01")
    plan_day(manager, seconds=2)
    wait_for_plan(manager)
    [way] = {(route_of(manager, number), trip_of(manager, number)) for number in numbers}
    return way


def _measured(courier: Page) -> None:
    """The thermometer of the cool box."""
    box = courier.locator(".box").first
    box.locator("summary").click()
    box.get_by_label("温度计读数").fill("18.4")
    box.get_by_role("button", name="记下箱温").click()
    expect(courier.locator(".box summary .number").first).to_have_text("18.4 ℃")


def _sign(courier: Page, canvas: Locator) -> None:
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    mouse = courier.mouse
    for strokes in (((0.2, 0.3), (0.5, 0.25)), ((0.35, 0.15), (0.3, 0.8)), ((0.55, 0.7), (0.8, 0.3))):
        for nth, (right, down) in enumerate(strokes):
            mouse.move(box["x"] + right * box["width"], box["y"] + down * box["height"], steps=6)
            (mouse.up if nth else mouse.down)()


def _delivered(windows: Windows, courier: Page, number: str, bag: str) -> None:
    scan(courier, bag)
    parcel = courier.locator(".parcel.scanned")
    assert (number_in(parcel), chips(parcel)) == (number, ["已装车"])
    windows.shoot(courier, "day-courier-stop", guide="courier-stop")
    parcel.locator(".pick", has_text="屏上签名").click()
    _sign(courier, parcel.locator("canvas.sign-here"))
    expect(parcel.get_by_label("实收（元）")).to_have_value(DUE_YUAN)
    windows.shoot(courier, "day-courier-signed", guide="courier-sign", of=parcel)
    parcel.get_by_role("button", name="已送达").click()
    expect(courier.locator("#notices")).to_have_text(f"{number} 已送达。")


def _not_at_home(windows: Windows, courier: Page, number: str, bag: str) -> None:
    courier.get_by_role("link", name="今天的路线").click()
    scan(courier, bag)
    parcel = courier.locator(".parcel.scanned")
    parcel.locator("summary", has_text="送不到？").click()
    parcel.get_by_label("原因").select_option("not_home")
    windows.shoot(courier, "day-courier-failed", guide="courier-failed", of=parcel)
    parcel.get_by_role("button", name="记为未送达").click()
    expect(courier.locator(".parcel", has_text=number).locator(".chip").first).to_have_text("未送达")


def _came_back(windows: Windows, number: str) -> None:
    """The centre counts the bag that was brought back, and the cash."""
    floor = windows.log_in("floor04")
    put_tour_away(floor)
    floor.get_by_role("link", name="回程", exact=True).click()
    row = floor.locator("#bags form", has_text=number)
    row.get_by_label("点到的袋数").fill("1")
    row.get_by_role("button", name="点收", exact=True).click()
    expect(row.locator(".chip")).to_have_text("已点收 1 袋")
    floor.locator("#cash").get_by_label("点到的金额（元）").fill(DUE_YUAN)
    floor.get_by_role("button", name="点清收下").click()
    expect(floor.locator("#cash")).to_contain_text("没有配送员手上有代收款。")


def _seen_by_the_manager(windows: Windows, number: str) -> None:
    """How it was signed for, with the signature itself."""
    manager = windows.log_in("manager01")
    put_tour_away(manager)
    manager.get_by_role("link", name="回程", exact=True).click()
    row = manager.locator("#today tbody tr", has_text=number)
    expect(row.locator("td").nth(2)).to_have_text("屏上签名")
    windows.shoot(manager, "day-manager-road", guide="manager-road")
    href = row.get_by_role("link", name="看签名").get_attribute("href")
    picture = manager.request.get(f"{windows.house.url}{href}")
    assert (picture.status, picture.headers["content-type"]) == (200, "image/png")
