"""A courier's day on a phone: two loaded for one village, one handed over, one not."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

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


def test_a_couriers_day_on_a_phone(windows: Windows, desk: Callable[[str], county.Desk]) -> None:
    doctor, pharmacist, floor = desk("doctor10"), desk("pharmacist01"), desk("floor04")
    numbers = [county.sign(doctor, county.register(doctor, name)) for name in PATIENTS]
    for number in numbers:
        county.approve(pharmacist, number)
    username, trip = _planned(windows, numbers)
    bags = [county.pack(floor, pharmacist, f"/floor/scan?code={number}") for number in numbers]
    courier = windows.log_in(username, PHONE_PX)
    put_tour_away(courier)
    windows.shoot(courier, "day-courier-route", guide="courier-route")
    load(courier, trip)
    _delivered(windows, courier, numbers[0], bags[0])
    _not_at_home(windows, courier, numbers[1], bags[1])
    assert (windows.troubles, windows.refusals) == ([], [])


def _planned(windows: Windows, numbers: list[str]) -> tuple[str, int]:
    """Who carries both, and on which trip: they go to the same village."""
    manager = windows.log_in("manager01")
    plan_day(manager, seconds=2)
    wait_for_plan(manager)
    [way] = {(route_of(manager, number), trip_of(manager, number)) for number in numbers}
    return way


def _delivered(windows: Windows, courier: Page, number: str, bag: str) -> None:
    scan(courier, bag)
    parcel = courier.locator(".parcel.scanned")
    assert (number_in(parcel), chips(parcel)) == (number, ["已装车"])
    windows.shoot(courier, "day-courier-stop", guide="courier-stop")
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
