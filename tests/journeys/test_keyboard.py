"""Without a mouse: past the menus at once, to everything and out again, and no single key unasked."""

import re

from playwright.sync_api import Page, expect

from tests.journeys.windows import PHONE_PX, Windows

MOST_STOPS = 400
# Every stop has a number of its own; the browser's own frame is none.
_NUMBER_STOPS = """
() => {
  window.stops = [];
  document.addEventListener("focusin", ({ target }) => window.stops.push(target), true);
}
"""
_IN_ORDER = """
() => {
  const inGroups = window.stops.filter((one) => one.type !== "radio");
  return inGroups.every((one, at) => at === 0
    || inGroups[at - 1].compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING);
}
"""
_BACK_AT_SKIP = "() => window.stops.length > 1 && window.stops.at(-1).className === 'skip'"


def test_the_first_stop_leads_past_the_menus(windows: Windows) -> None:
    doctor = windows.log_in("doctor01")
    doctor.keyboard.press("Tab")
    skip = doctor.get_by_role("link", name="跳到正文")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    doctor.keyboard.press("Enter")
    expect(doctor.locator("main")).to_be_focused()
    doctor.keyboard.press("Tab")
    assert doctor.evaluate("document.querySelector('main').contains(document.activeElement)")
    assert windows.troubles == []


def test_tab_goes_through_the_visit_and_the_case_in_order_and_out_again(windows: Windows) -> None:
    doctor = windows.log_in("doctor01")
    doctor.locator(".visit-row a").first.click()
    doctor.wait_for_url(re.compile(r"/doctor/visits/\d+"))
    pharmacist = windows.log_in("pharmacist01")
    pharmacist.get_by_role("button", name="领取下一张").click()
    pharmacist.wait_for_url(re.compile(r"/pharmacist/\d+$"))
    assert [_walks_out(page) for page in (doctor, pharmacist)] == [True, True]
    assert windows.troubles == []


def test_the_menu_of_a_phone_opens_and_closes_by_keyboard(windows: Windows) -> None:
    manager = windows.log_in("manager01", PHONE_PX)
    toggle = manager.locator(".me-toggle")
    toggle.focus()
    manager.keyboard.press("Enter")
    expect(toggle).to_have_attribute("aria-expanded", "true")
    manager.keyboard.press("Tab")
    expect(manager.locator(".who")).to_be_focused()
    manager.keyboard.press("Escape")
    expect(toggle).to_be_focused()
    expect(toggle).to_have_attribute("aria-expanded", "false")
    expect(manager.locator(".who")).to_be_hidden()
    assert windows.troubles == []


def test_single_keys_can_be_switched_off_for_good(windows: Windows) -> None:
    pharmacist = windows.log_in("pharmacist02")
    _switch_single_keys(pharmacist, on=False)
    pharmacist.get_by_role("link", name="药典").click()
    search = pharmacist.locator("[data-book-search]")
    search.evaluate("(element) => element.blur()")
    pharmacist.keyboard.press("/")
    expect(search).not_to_be_focused()
    _switch_single_keys(pharmacist, on=True)
    pharmacist.get_by_role("link", name="药典").click()
    search.evaluate("(element) => element.blur()")
    pharmacist.keyboard.press("/")
    expect(search).to_be_focused()
    assert windows.troubles == []


def _switch_single_keys(page: Page, *, on: bool) -> None:
    page.goto(re.sub(r"^(https?://[^/]+).*", r"\1/account", page.url))
    switch = page.get_by_label("单键快捷键")
    expect(switch).to_be_checked(checked=not on)
    switch.press("Space")
    expect(switch).to_be_checked(checked=on)


def _walks_out(page: Page) -> bool:
    """Press Tab until it is back at the first stop; each stop comes after the one before."""
    page.evaluate(_NUMBER_STOPS)
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        if page.evaluate(_BACK_AT_SKIP):
            return bool(page.evaluate("() => window.stops.pop() && true") and page.evaluate(_IN_ORDER))
    return False
