"""Every page of every role, found by its links: room, fingers, keyboard, axe-core; English is English."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from playwright.sync_api import Browser, Page

from tcm.records.roles import Role
from tests.journeys import county, looks
from tests.journeys.walk import Shown, Walk
from tests.journeys.windows import DESK_PX, House, Windows

NOBODY = ""
# Who sees what the first of their role does not.
BESIDES = ("pharmacist02", "expert01")
COURIERS = [f"courier{number:02}" for number in range(1, 9)]
# Parts of a page that are there only while somebody or the worker is at work, and pictures.
PASSING = {
    # No photograph is wanted of what is weighed, nothing is recalled; a bag is asked for by its code.
    "dispensing.photograph",
    "tracing.bag",
    "tracing.recall",
    "doctor.pictures_part",
    "doctor.together_part",
    "manager.progress",
    # What is handed over there is signed for on paper; a courier's day has one on the screen.
    "road.signature",
    # Every boil there goes as it should; a morning at the centre has one that did not.
    "machines.deviation",
    # The demo's centre has no account at WeChat.
    "told.ask",
    "told.back",
    "manager.study_progress",
    "rules.progress",
    "together.consultation_picture",
    "together.elsewhere_picture",
}
TABLE = "hands-and-eyes.json"
# Phrases, people and the way back stay Chinese.
IN_ENGLISH = "nav a, a.button, button:not(.phrase, .me-toggle, [lang=zh-Hans])"
CATALOGUE = Path(__file__).resolve().parents[2] / "web/translations/en/LC_MESSAGES/messages.po"
# A role of ours, and a title somebody bears.
TITLE = "煎药员"
_HAN = re.compile(r"[\u4e00-\u9fff]")
# A button may name a village.
_LATIN = re.compile(r"[A-Za-z]")


class Round:
    """The county at work, a window for each of its people, and what their links lead to."""

    def __init__(self, windows: Windows, folder: Path) -> None:
        self.windows = windows
        self.tabs: dict[str, Page] = {}
        self.desks: dict[str, county.Desk] = {}
        for username in [*(f"{role.value}01" for role in Role), *BESIDES]:
            self._sit_down(username)
        ways = county.fill(windows.house, self.desks, folder)
        self._add_courier_with_stops()
        self.tabs[NOBODY] = self._window()
        self.walk = Walk(windows.house.url)
        # The plainest desks come last: what they share with others has been seen there.
        for username, tab in self.tabs.items():
            self.walk.go(username, tab.context.request, ["/", *ways.get(username, [])])

    def open(self, shown: Shown) -> Page:
        """The page, in the window of whoever looks at it."""
        tab = self.tabs[shown.username]
        tab.set_viewport_size({"width": DESK_PX, "height": looks.HEIGHT_PX})
        tab.goto(f"{self.windows.house.url}{shown.path}")
        return tab

    def speak(self, username: str, language: str) -> None:
        """Press the button of the other language."""
        ask = self.tabs[username].context.request
        desk = self.desks.get(username, county.Desk(self.windows.house.url, ask))
        desk.send("/account" if username else "/login", "/language", language=language)

    def _sit_down(self, username: str) -> None:
        self.tabs[username] = tab = self._window()
        self.desks[username] = county.log_in(self.windows.house, tab.context.request, username)

    def _window(self) -> Page:
        page = self.windows.open("/login", motion="reduce")
        page.context.add_init_script(looks.script())
        return page

    def _add_courier_with_stops(self) -> None:
        for username in COURIERS:
            if username not in self.desks:
                self._sit_down(username)
            if "/courier/stop/" in self.desks[username].open("/courier"):
                return
        raise AssertionError("no courier has a stop")


@pytest.fixture(scope="module")
def round_(
    house: House, chromium: Browser, artefacts: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Round]:
    """Everybody at their desk, a plan in force, one prescription packed, one returned, one appraised."""
    windows = Windows(house, chromium, artefacts)
    yield Round(windows, tmp_path_factory.mktemp("round"))
    windows.close()


def test_every_page_is_reached_by_the_links_of_others_and_no_link_is_refused(round_: Round) -> None:
    unreached = [each for each in round_.walk.unreached() if each not in PASSING]
    assert unreached + round_.walk.refused == [], _lines(unreached + round_.walk.refused)


def test_every_page_has_room_and_is_read_pressed_and_walked_by_keyboard(
    round_: Round, artefacts: Path
) -> None:
    found: list[looks.Finding] = []
    for shown in round_.walk.pages:
        page = round_.open(shown)
        here = looks.look(page, shown)
        if here:
            round_.windows.shoot(page, shown.endpoint)
        found += here
    table = {"pages": [asdict(each) for each in round_.walk.pages], "found": [asdict(each) for each in found]}
    (artefacts / TABLE).write_text(json.dumps(table, ensure_ascii=False, indent=1), encoding="utf-8")
    assert found == [], _lines(found)
    assert round_.windows.troubles == []


def test_the_english_pages_have_room_and_no_chinese_of_ours(round_: Round) -> None:
    with CATALOGUE.open("rb") as file:
        ours = {str(message.id) for message in read_po(file) if _HAN.search(str(message.id))} - {TITLE}
    found: list[object] = []
    for username in {shown.username: None for shown in round_.walk.pages}:
        round_.speak(username, "en")
        for shown in (each for each in round_.walk.pages if each.username == username):
            page = round_.open(shown)
            assert page.locator("html").get_attribute("lang") == "en"
            pressed = page.locator(IN_ENGLISH).evaluate_all("all => all.map(one => one.innerText.trim())")
            chinese = [text for text in pressed if _HAN.search(text) and not _LATIN.search(text)]
            chinese += [text for text in page.evaluate("looks.words()") if text in ours]
            found += [f"{shown.path}: {text}" for text in chinese]
            found += looks.room(page, shown)
        # The house remembers the language with the person.
        round_.speak(username, "zh")
    assert found == [], _lines(found)
    assert round_.windows.troubles == []


def _lines(found: Sequence[object]) -> str:
    return "\n".join(dict.fromkeys(str(each) for each in found))
