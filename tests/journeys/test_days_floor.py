"""The floor's day: two cooked, one of them scrapped and cooked again, one of granules, one cooked at home."""

from playwright.sync_api import Locator, Page, expect

from tests.journeys.hands import pack, put_tour_away, scan
from tests.journeys.windows import PHONE_PX, Windows

NOT_COOKED = ("配方颗粒", "自煎")


def test_a_day_of_the_floor(windows: Windows) -> None:
    floor = windows.log_in("floor03")
    put_tour_away(floor)
    windows.shoot(floor, "day-floor-board")
    waiting = floor.locator("#step-dispense .slip")
    cooked = waiting.filter(has_not_text=NOT_COOKED[0]).filter(has_not_text=NOT_COOKED[1])
    first, second = _number(cooked.nth(0)), _number(cooked.nth(1))
    granules, at_home = (_number(waiting.filter(has_text=word).first) for word in NOT_COOKED)
    scan(floor, first)
    expect(floor.locator("h1")).to_have_text(first)
    windows.shoot(floor, "day-floor-card", guide="floor-card")
    _shoot_scales(windows, floor)
    pack(windows, floor, first)
    _burnt(windows, floor, second)
    pack(windows, floor, second)
    for number in (granules, at_home):
        pack(windows, floor, number, "已包装")
    windows.shoot(floor, "day-floor-packed-at-home", guide="floor-packed")
    floor.get_by_role("link", name="看板").click()
    for number in (first, second, granules, at_home):
        expect(_slip(floor, number, "load")).to_have_count(1)
    windows.shoot(windows.log_in("floor03", PHONE_PX), "day-floor-phone")
    assert (windows.troubles, windows.refusals) == ([], [])


def _number(slip: Locator) -> str:
    """The day stands above the number of the day."""
    return "".join(slip.locator(".slip-number").inner_text().split())


def _slip(floor: Page, number: str, step: str) -> Locator:
    return floor.locator(f"#step-{step} .slip", has_text=number[-5:])


def _shoot_scales(windows: Windows, floor: Page) -> None:
    floor.locator(".next a.button.main").click()
    floor.get_by_role("button", name="开始称量").click()
    expect(floor.locator("[data-weigh]")).to_be_visible()
    windows.shoot(floor, "day-floor-weigh", guide="floor-weigh")
    floor.get_by_role("link", name="处方卡片").click()


def _burnt(windows: Windows, floor: Page, number: str) -> None:
    """It is scrapped in its pot, with the reason, and waits to be dispensed once more."""
    pack(windows, floor, number, "浸泡中", "煎煮中")
    floor.once("dialog", lambda dialog: dialog.accept())
    floor.locator("summary", has_text="报废重做").click()
    floor.locator("#reason_code").select_option("burnt")
    fold = floor.locator("details", has_text="报废重做")
    windows.shoot(floor, "day-floor-scrap", guide="floor-scrap", of=fold)
    floor.get_by_role("button", name="报废", exact=True).click()
    expect(floor.locator("#notices")).to_contain_text("已报废，请从调剂重新开始。")
    expect(floor.locator(".card-head .chip").last).to_have_text("已报废")
