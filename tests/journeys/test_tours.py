"""A newcomer's first minutes: the offer, the tour from stop to stop, and never again unless asked for."""

import re

from playwright.sync_api import Page, expect

from tests.journeys.hands import register
from tests.journeys.windows import PHONE_PX, Windows
from web.guide import TOURS

STOPS = {tour.name: [stop.title for stop in tour.stops] for tour in TOURS}


def test_every_desk_is_shown_stop_by_stop(windows: Windows) -> None:
    doctor, pharmacist = windows.log_in("doctor07"), windows.log_in("pharmacist03")
    seen = {"doctor": _taken(doctor), "pharmacist": _taken(pharmacist)}
    register(doctor, "司马问路")
    seen["visit"] = _taken(doctor)
    pharmacist.get_by_role("button", name="领取下一张").click()
    pharmacist.wait_for_url(re.compile(r"/pharmacist/\d+$"))
    seen["case"] = _taken(pharmacist)
    pharmacist.get_by_role("button", name="放回队列").click()
    for role in ("manager", "floor", "admin"):
        seen[role] = _taken(windows.log_in(f"{role}01"))
    assert seen == {name: STOPS[name] for name in seen}
    assert (windows.troubles, windows.refusals) == ([], [])


def test_on_a_phone_a_tour_fits_and_is_offered_once(windows: Windows) -> None:
    courier = windows.log_in("courier08", PHONE_PX)
    windows.shoot(courier, "tour-offered")
    titles = _taken(courier)
    # The route is there only when the day is planned, and one's own page is folded away on a phone.
    assert [title for title in titles if title != "一趟路"] == ["扫袋码"]
    courier.reload()
    expect(courier.locator(".tour-offer")).to_have_count(0)
    courier.goto(f"{windows.house.url}/courier?tour=1")
    expect(courier.locator(".tour-popover")).to_be_visible()
    courier.keyboard.press("Escape")
    expect(courier.locator(".tour-popover")).to_have_count(0)
    assert (windows.troubles, windows.refusals) == ([], [])


def test_a_tour_can_be_declined_and_f1_opens_the_help_of_the_desk(windows: Windows) -> None:
    floor = windows.log_in("floor06")
    floor.get_by_role("button", name="不用了").click()
    expect(floor.locator(".tour-offer")).to_have_count(0)
    with floor.expect_popup() as opened:
        floor.keyboard.press("F1")
    expect(opened.value.get_by_role("heading", level=1)).to_have_text("帮助 · 煎药")
    windows.shoot(opened.value, "help-floor")
    assert (windows.troubles, windows.refusals) == ([], [])


def _taken(page: Page) -> list[str]:
    """Take the tour of the page to its end, as the help leads into it; the titles of its stops."""
    page.goto(f"{page.url.partition('?')[0]}?tour=1")
    title, onward = page.locator(".driver-popover-title"), page.locator(".driver-popover-next-btn")
    titles: list[str] = []
    while True:
        expect(title).not_to_have_text(titles[-1] if titles else "")
        titles.append(title.inner_text())
        is_last = onward.inner_text() == "知道了"
        onward.click()
        if is_last:
            break
    expect(page.locator(".tour-popover")).to_have_count(0)
    expect(page.locator(".tour-offer")).to_have_count(0)
    return titles
