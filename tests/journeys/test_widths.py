"""Main pages on a phone and on a desk: nothing sticks out, fingers find the buttons, English is English."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from babel.messages.pofile import read_po
from playwright.sync_api import Browser, Locator, Page, expect

from tests.journeys.hands import pack, plan_day, register, route_of, take_history, wait_for_plan
from tests.journeys.windows import DESK_PX, PHONE_PX, House, Windows

TOUCH_PX = 44
# Whatever can be pressed; a link inside a sentence or a table is text.
PRESSABLE = "button:visible, a.button:visible, nav a:visible, input[type=submit]:visible, select:visible"
# Phrases, people and the way back stay Chinese.
IN_ENGLISH = "nav a, a.button, button:not(.phrase, .me-toggle, [lang=zh-Hans])"
CATALOGUE = Path(__file__).resolve().parents[2] / "web/translations/en/LC_MESSAGES/messages.po"
# A role of ours, and a title somebody bears.
TITLE = "煎药员"
_HAN = re.compile(r"[\u4e00-\u9fff]")
# A button may name a village.
_LATIN = re.compile(r"[A-Za-z]")
_SMALL = """
(elements, least) => elements
  .map(e => [e.innerText.trim() || e.getAttribute("aria-label") || e.name, e.getBoundingClientRect()])
  .filter(([, box]) => box.height && box.height < least - 0.5)
  .map(([text, box]) => `${text} ${Math.round(box.height)}`)
"""
_TEXTS = """
() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const texts = [];
  // The seal is the house's sign, and read to nobody; a note on a herb is the doctor's, a term what it is.
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const apart = node.parentElement.closest("[aria-hidden], .herb-note, body [lang=zh-Hans]");
    if (!apart) texts.push(node.data.trim());
  }
  return texts;
}
"""

Desks = dict[str, list[str]]


@pytest.fixture(scope="module")
def desks(house: House, chromium: Browser, artefacts: Path) -> Iterator[Desks]:
    """Pages by the log-in that opens them; a plan is in force and one prescription is packed."""
    windows = Windows(house, chromium, artefacts)
    doctor, pharmacist = windows.log_in("doctor01"), windows.log_in("pharmacist01")
    register(doctor)
    take_history(doctor)
    pharmacist.get_by_role("button", name="领取下一张").click()
    pharmacist.wait_for_url(re.compile(r"/pharmacist/\d+$"))
    manager = windows.log_in("manager01")
    plan_day(manager, seconds=1)
    wait_for_plan(manager)
    difference = _answered(manager)
    floor = windows.log_in("floor01")
    slip = floor.locator("#step-dispense .slip-number").first
    card, number = _path(slip), "".join(slip.inner_text().split())
    pack(floor, number)
    bag = floor.locator(".bags code").first.inner_text()
    courier = route_of(manager, number)
    stops = windows.log_in(courier).locator("a.stop")
    yield {
        "": ["/login", f"/t/{bag}", "/no-such-page"],
        "doctor01": [
            "/doctor",
            "/doctor/patients/new",
            doctor.url.removeprefix(house.url),
            "/herbs",
            "/herbs/附子",
            "/formulas",
        ],
        "pharmacist01": [
            "/pharmacist",
            pharmacist.url.removeprefix(house.url),
            "/formulary",
            "/formulary/new",
        ],
        "manager01": [
            "/manager",
            difference,
            "/manager/what-if",
            "/manager/robustness",
            "/manager/equipment",
            "/rules",
            "/rules/shipped",
            "/rules/statistics",
        ],
        "floor01": ["/floor", card, "/floor/pots"],
        courier: ["/courier", _path(stops.first)],
        "admin01": ["/admin", "/admin/institutions", "/admin/audit", "/admin/ledger", "/account"],
    }
    windows.close()


def test_phone_and_desk_widths(windows: Windows, desks: Desks) -> None:
    found = []
    for width in (PHONE_PX, DESK_PX):
        for page, path in _each(windows, desks, width):
            windows.shoot(page, _name_of(path))
            right = page.evaluate("document.documentElement.scrollWidth")
            found += [f"{path} at {width} is {right} wide"] if right > width else []
            if width == PHONE_PX:
                small = page.locator(PRESSABLE).evaluate_all(_SMALL, TOUCH_PX)
                found += [f"{path}: {each}" for each in small]
    assert found == []
    assert windows.troubles == []


def test_the_english_pages_have_no_chinese_of_ours(windows: Windows, desks: Desks) -> None:
    with CATALOGUE.open("rb") as file:
        ours = {str(message.id) for message in read_po(file) if _HAN.search(str(message.id))} - {TITLE}
    found = []
    for page, path in _each(windows, desks, DESK_PX, english=True):
        windows.shoot(page, f"{_name_of(path)}-english")
        pressed = page.locator(IN_ENGLISH).evaluate_all("all => all.map(one => one.innerText.trim())")
        found += [f"{path}: {text}" for text in pressed if _HAN.search(text) and not _LATIN.search(text)]
        found += [f"{path}: {text}" for text in page.evaluate(_TEXTS) if text in ours]
    assert sorted(set(found)) == []
    assert windows.troubles == []


def _answered(manager: Page) -> str:
    """The page of a plan that answers fewer people at the ramp; the old plan is kept."""
    manager.locator("#events summary", has_text="人手变了").click()
    manager.get_by_role("button", name="按现在的人手重新计算").click()
    expect(manager.get_by_role("button", name="保留原计划")).to_be_visible()
    path = urlsplit(manager.url).path
    manager.get_by_role("button", name="保留原计划").click()
    return path


def _each(windows: Windows, desks: Desks, width: int, *, english: bool = False) -> Iterator[tuple[Page, str]]:
    for username, paths in desks.items():
        page = windows.log_in(username, width) if username else windows.open("/login", width)
        if english:
            page.get_by_role("button", name="English").click()
            page.locator("html[lang=en]").wait_for()
        for path in paths:
            page.goto(f"{windows.house.url}{path}")
            yield page, path
        if english:
            # The house remembers the language with the person.
            page.get_by_role("button", name="中文").click()
            page.locator("html[lang=zh-Hans]").wait_for()
        page.close()


def _path(link: Locator) -> str:
    return link.get_attribute("href") or ""


def _name_of(path: str) -> str:
    return re.sub(r"\d+|/t/.*", "", path).strip("/").replace("/", "-") or "trace"
