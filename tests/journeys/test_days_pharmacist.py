"""A pharmacist's day by keys: two approved, one returned, one to be signed again, a call, one handed on."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.journeys import county
from tests.journeys.hands import FOUR_GENTLEMEN, claim, number_in, put_tour_away
from tests.journeys.windows import Windows

# Too much dragon bone, without a note how to decoct it: findings to be judged.
WARNED = (*FOUR_GENTLEMEN, ("longg", "龙骨", "40"))
CASE = re.compile(r"/pharmacist/\d+$")
QUEUE = re.compile(r"/pharmacist$")
AT_LEAST = 6
_FIGURES = re.compile(r"审核 (\d+) 张，退回 (\d+) 张")


def test_a_pharmacists_day(windows: Windows, desk: Callable[[str], county.Desk]) -> None:
    doctor = desk("doctor09")
    warned = county.sign(doctor, county.register(doctor, "端木晨起"), WARNED)
    for _ in range(AT_LEAST - 1):
        county.sign(doctor, county.register(doctor, "端木候审"))
    pharmacist = windows.log_in("pharmacist02")
    put_tour_away(pharmacist)
    reviewed, returned = _figures(pharmacist)
    windows.shoot(pharmacist, "day-pharmacist-queue", guide="pharmacist-queue")
    claim(pharmacist, warned)
    put_tour_away(pharmacist)
    _approve(pharmacist, windows, warned)
    _approve(pharmacist, windows)
    _send_back(pharmacist, windows)
    _ask_second_signature(pharmacist)
    _call_and_hand_on(pharmacist, windows)
    assert _figures(pharmacist) == (reviewed + 4, returned + 2)
    assert (windows.troubles, windows.refusals) == ([], [])


def _figures(pharmacist: Page) -> tuple[int, int]:
    found = _FIGURES.search(pharmacist.locator(".own").inner_text())
    assert found is not None
    return int(found[1]), int(found[2])


def _told(pharmacist: Page, number: str, what: str) -> None:
    expect(pharmacist.locator("#notices")).to_contain_text(f"{number} {what}")


def _take_next(pharmacist: Page) -> str:
    """The next case by one key."""
    expect(pharmacist).to_have_url(QUEUE)
    pharmacist.keyboard.press("n")
    expect(pharmacist).to_have_url(CASE)
    return number_in(pharmacist.locator("h1"))


def _approve(pharmacist: Page, windows: Windows, warned: str = "") -> None:
    """Accept what was found, and sign; the page goes to the next case by itself."""
    number = number_in(pharmacist.locator("h1"))
    pharmacist.keyboard.press("k")
    if warned:
        assert number == warned
        expect(pharmacist.locator("[data-judgement] [value=accepted]:checked")).to_have_count(3)
        windows.shoot(pharmacist, "day-pharmacist-case", guide="pharmacist-case")
    pharmacist.keyboard.press("a")
    expect(pharmacist.locator("[data-approve]")).to_be_focused()
    pharmacist.keyboard.press("Enter")
    _told(pharmacist, number, "已通过。")
    expect(pharmacist).to_have_url(CASE)


def _send_back(pharmacist: Page, windows: Windows) -> None:
    """The case at hand goes back with a coded reason and a word to the doctor."""
    number = number_in(pharmacist.locator("h1"))
    pharmacist.get_by_label("给医师的话").fill("证型与主诉不符，请核对。")
    pharmacist.locator("h1").click()
    pharmacist.keyboard.press("r")
    pharmacist.keyboard.press("6")
    expect(pharmacist.locator("[name=reason_code]:checked")).to_have_value("diagnosis")
    windows.shoot(
        pharmacist, "day-pharmacist-return", guide="pharmacist-return", of=pharmacist.locator(".decide")
    )
    pharmacist.keyboard.press("Enter")
    _told(pharmacist, number, "已退回医师。")


def _ask_second_signature(pharmacist: Page) -> None:
    number = _take_next(pharmacist)
    pharmacist.keyboard.press("s")
    expect(pharmacist.locator("[data-second-signature]:focus")).to_have_count(1)
    pharmacist.keyboard.press("Enter")
    _told(pharmacist, number, "已退回医师。")


def _call_and_hand_on(pharmacist: Page, windows: Windows) -> None:
    """What was agreed on the telephone is kept; then a senior decides."""
    number = _take_next(pharmacist)
    pharmacist.keyboard.press("c")
    pharmacist.keyboard.type("电话商定：先服三剂再复诊")
    pharmacist.keyboard.press("Tab")
    pharmacist.keyboard.press("Enter")
    expect(pharmacist.locator("section:has(#calls-head)")).to_contain_text("先服三剂再复诊")
    windows.shoot(pharmacist, "day-pharmacist-call")
    pharmacist.keyboard.press("h")
    expect(pharmacist.get_by_label("转交理由")).to_be_focused()
    pharmacist.get_by_label("转交理由").select_option(index=1)
    pharmacist.keyboard.press("Tab")
    pharmacist.keyboard.press("Enter")
    expect(pharmacist).to_have_url(QUEUE)
    row = pharmacist.locator(".queue li", has_text=number)
    expect(row).to_contain_text("转交")
    expect(row.get_by_role("button", name="领取")).to_have_count(0)
