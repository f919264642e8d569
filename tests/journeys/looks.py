"""What is asked of every page: room, fingers, keyboard, stillness, and axe-core's rules."""

from dataclasses import dataclass
from pathlib import Path

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

from tests.journeys.walk import Shown
from tests.journeys.windows import DESK_PX, PHONE_PX

HEIGHT_PX = 900
TOUCH_PX = 44
# WCAG 2.2 A and AA, and what axe-core's makers advise beyond.
_RULES = {
    "type": "tag",
    "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
# What large type can change of the answers; names and colours stay as they are.
_RULES_OF_SIZE = ["target-size", "scrollable-region-focusable"]
# Telling colours apart takes three quarters of the time: on the phone only what was not read on the desk.
_CONTRAST, _READ = "color-contrast", {"include": [["body"]], "exclude": [["[data-read]"]]}
_BUT_CONTRAST = {"runOnly": _RULES, "rules": {_CONTRAST: {"enabled": False}}}
_AXE = """
([where, options]) => axe.run(where ?? document, { ...options, resultTypes: ["violations"] }).then(
  ({ violations }) => violations.map((one) =>
    [one.impact, one.id, one.nodes.map((node) => node.target.join(" "))]))
"""
_SIZE = "(large) => document.documentElement.classList.toggle('large', large)"
_FIRST_STOP = """
() => document.activeElement.className === "skip" || document.querySelector("[autofocus]") ? []
  : [`the first Tab goes to ${document.activeElement.outerHTML.slice(0, 60)}`]
"""


@dataclass(frozen=True)
class Finding:
    """Something on a page that keeps somebody out.

    Args:
        endpoint: Of the page.
        username: Who sees it.
        path: Its address.
        mode: Width in px, with "large" for large type.
        kind: axe-core's impact, or `room`, `touch` or `focus`.
        what: In words.
    """

    endpoint: str
    username: str
    path: str
    mode: str
    kind: str
    what: str

    def __str__(self) -> str:
        where = f"{self.endpoint} ({self.username or 'nobody'} {self.path}) at {self.mode}"
        return f"{where}: {self.kind}: {self.what}"


def script() -> str:
    """What is put into every page before its own scripts run."""
    return f"{AXE_SCRIPT}\n{Path(__file__).with_name('looks.js').read_text(encoding='utf-8')}"


def look(page: Page, shown: Shown) -> list[Finding]:
    """Look at one open page, wide and on a phone, in normal and in large type.

    Args:
        page: Loaded, with `script` in it.
        shown: Which it is.

    Returns:
        What was found.
    """
    found: list[Finding] = []

    def note(mode: str, kind: str, sentences: list[str]) -> None:
        found.extend(_finding(shown, mode, kind, each) for each in sentences)

    def ask_axe(mode: str, options: object, where: object = None) -> None:
        for impact, rule, targets in page.evaluate(_AXE, [where, options]):
            note(mode, impact, [f"{rule} on {len(targets)}: {', '.join(targets[:3])}"])

    page.keyboard.press("Tab")
    note(str(DESK_PX), "focus", page.evaluate(_FIRST_STOP))
    for width in (DESK_PX, PHONE_PX):
        page.set_viewport_size({"width": width, "height": HEIGHT_PX})
        page.evaluate("looks.unfold()")
        note(str(width), "focus", page.evaluate("looks.unmarked()"))
        page.evaluate("looks.unstick()")
        if width == DESK_PX:
            ask_axe(str(width), {"runOnly": _RULES})
            page.evaluate("looks.markRead()")
        else:
            note(str(width), "touch", page.evaluate("(least) => looks.tooSmall(least)", TOUCH_PX))
            ask_axe(str(width), _BUT_CONTRAST)
            ask_axe(str(width), {"runOnly": [_CONTRAST]}, _READ)
        for large in (False, True):
            page.evaluate(_SIZE, large)
            note(f"{width} large" if large else str(width), "room", page.evaluate("looks.noRoom()"))
        ask_axe(f"{width} large", {"runOnly": _RULES_OF_SIZE})
        page.evaluate(_SIZE, False)
    return found


def room(page: Page, shown: Shown) -> list[Finding]:
    """Ask only whether everything has room; for a page in another language.

    Args:
        page: Loaded, with `script` in it.
        shown: Which it is.

    Returns:
        What was found.
    """
    found: list[Finding] = []
    for width in (DESK_PX, PHONE_PX):
        page.set_viewport_size({"width": width, "height": HEIGHT_PX})
        page.evaluate("looks.unfold()")
        sentences = page.evaluate("looks.noRoom()")
        found += [_finding(shown, f"{width} English", "room", each) for each in sentences]
    return found


def _finding(shown: Shown, mode: str, kind: str, what: str) -> Finding:
    return Finding(shown.endpoint, shown.username, shown.path, mode, kind, what)
