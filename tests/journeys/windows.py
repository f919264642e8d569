"""Browser windows of the county's people: logged in by the form, watched for errors, photographed."""

import itertools
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Request,
    Response,
    expect,
)

from tests.journeys import guide_pictures

DESK_PX, PHONE_PX, TALL_PX = 1440, 390, 1900
# Two cores are shared with the server, the worker and its solvers.
PATIENCE_MS = 30_000
_STEPS = itertools.count(1)

expect.set_options(timeout=PATIENCE_MS)


@dataclass(frozen=True)
class House:
    """The running house.

    Args:
        url: Where it is reached.
        password: Of every demo user.
        tangye: The command.
        environ: Its environment.
    """

    url: str
    password: str
    tangye: str
    environ: dict[str, str]

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run another command beside it."""
        command = [self.tangye, *arguments]
        return subprocess.run(command, env=self.environ, capture_output=True, text=True, check=False)


@dataclass
class Windows:
    """Every window of one test.

    Args:
        house: Where they lead.
        chromium: The browser.
        artefacts: Where screenshots are kept.
        troubles: Script errors, breaches of the content policy, failed requests, answers of 500 and more.
        refusals: Status and path of the answers below 500 that say no.
    """

    house: House
    chromium: Browser
    artefacts: Path
    troubles: list[str] = field(default_factory=list)
    refusals: list[tuple[int, str]] = field(default_factory=list)
    _contexts: list[BrowserContext] = field(default_factory=list)

    def open(
        self,
        path: str = "/",
        width: int = DESK_PX,
        motion: Literal["no-preference", "reduce"] = "no-preference",
    ) -> Page:
        """A window of a person who is not logged in.

        Args:
            path: Where it leads, or a whole address.
            width: 390 for a phone, which is touched; else a desk.
            motion: `reduce` for a person who wants nothing to move.

        Returns:
            The page.
        """
        phone = width < 720
        context = self.chromium.new_context(
            locale="zh-CN",
            viewport={"width": width, "height": 844 if phone else 900},
            is_mobile=phone,
            has_touch=phone,
            reduced_motion=motion,
        )
        context.set_default_timeout(PATIENCE_MS)
        self._contexts.append(context)
        page = self._watched(context.new_page())
        page.goto(path if "://" in path else f"{self.house.url}{path}")
        return page

    def log_in(self, username: str, width: int = DESK_PX, desk: str = "") -> Page:
        """A window in which somebody logged in by the form.

        Args:
            username: Such as doctor01.
            width: As for `open`.
            desk: Whose desk they come to, where their name does not say it.

        Returns:
            Their desk.
        """
        page = self.open("/login", width)
        page.get_by_label("用户名").fill(username)
        page.get_by_label("密码").fill(self.house.password)
        page.get_by_role("button", name="登录", exact=True).click()
        page.wait_for_url(f"**/{desk or username.rstrip('0123456789')}")
        return page

    def second_tab(self, page: Page) -> Page:
        """The same address once more, in a second tab of the same person."""
        tab = self._watched(page.context.new_page())
        tab.goto(page.url)
        return tab

    def shoot(self, page: Page, name: str, *, guide: str = "", of: Locator | None = None) -> None:
        """Keep a picture of the whole page.

        Args:
            page: Which.
            name: What it shows.
            guide: Its name in docs/guide, where it stands there too: what a person sees without scrolling.
            of: Of the guide's picture, the part that is shown instead.
        """
        width = page.viewport_size["width"] if page.viewport_size else 0
        path = self.artefacts / f"{next(_STEPS):02}-{name}-{width}.png"
        # Hiding the caret or animations would add a style, which the content policy refuses, and says so.
        page.screenshot(path=path, full_page=True, caret="initial")
        if guide and guide_pictures.WANTED:
            guide_pictures.keep(_whole(page, of) if of else page.screenshot(caret="initial"), guide)

    def close(self) -> None:
        """Close them all."""
        for context in self._contexts:
            context.close()

    def _watched(self, page: Page) -> Page:
        page.on("console", self._note_console)
        page.on("pageerror", lambda error: self.troubles.append(f"script: {error}"))
        page.on("requestfailed", self._note_failure)
        page.on("response", self._note_answer)
        return page

    def _note_console(self, message: ConsoleMessage) -> None:
        # Chromium repeats every refusal here; those are noted by their status.
        if message.type in ("error", "warning") and not message.text.startswith("Failed to load resource"):
            self.troubles.append(f"console: {message.text}")

    def _note_failure(self, request: Request) -> None:
        # A page that is left behind takes its own polls with it.
        if request.failure != "net::ERR_ABORTED":
            self.troubles.append(f"request: {request.url} {request.failure}")

    def _note_answer(self, response: Response) -> None:
        path = urlsplit(response.url).path
        if response.status >= 500:
            self.troubles.append(f"answer: {response.status} {path}")
        elif response.status >= 400:
            self.refusals.append((response.status, path))


def _whole(page: Page, part: Locator) -> bytes:
    """A part of a page in a window so tall that nothing of it is scrolled away."""
    usual = page.viewport_size
    assert usual is not None
    page.set_viewport_size({"width": usual["width"], "height": TALL_PX})
    seen = part.screenshot(caret="initial")
    page.set_viewport_size(usual)
    return seen
