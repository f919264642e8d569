"""Every page of the house, found by following its links from each person's desk; nothing is named."""

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from urllib.parse import unquote, urljoin, urlsplit

from flask import Flask
from playwright.sync_api import APIRequestContext, APIResponse
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, MapAdapter, RequestRedirect

from web.app import DESKS

# Of one kind of page, as one person sees it; those are then shown that look different.
LOOKED_INTO = 4
# What is sent rather than asked for.
_SENDING = {"formaction", "hx-post", "hx-put", "hx-patch", "hx-delete"}
# Programs ask these, not people; a paper is not a page.
_NOT_PAGES = ("/api/", ".pdf", ".svg")


@dataclass(frozen=True)
class Shown:
    """A page that is looked at.

    Args:
        username: Who looks; empty for somebody who is not logged in.
        endpoint: Which view answers.
        path: Its address, with the query.
    """

    username: str
    endpoint: str
    path: str


@dataclass(frozen=True)
class Link:
    """Where a page leads.

    Args:
        path: An address of this house, with the query.
        promises: Whether it says that something is there; a form asked without its words need not answer.
    """

    path: str
    promises: bool = False


@dataclass
class Walk:
    """What was found behind the links.

    Args:
        url: Where the house is reached.
        pages: What is to be looked at, in the order found.
        reached: Endpoints that answered, pages or parts of pages.
        refused: Links that lead to a refusal, in words.
    """

    url: str
    pages: list[Shown] = field(default_factory=list)
    reached: set[str] = field(default_factory=set)
    refused: list[str] = field(default_factory=list)
    _map: MapAdapter = field(init=False)
    _parts: set[str] = field(default_factory=set)
    _looks: dict[str, set[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._map = url_map().bind(urlsplit(self.url).netloc)

    def go(self, username: str, ask: APIRequestContext, starts: Sequence[str]) -> None:
        """Follow the links that one person sees.

        Args:
            username: Who walks.
            ask: Asks with their cookies.
            starts: Where they begin, and what only a printed code or a message leads to.
        """
        waiting, seen, visits = deque(Link(path) for path in starts), set(starts), Counter[str]()
        while waiting:
            link = waiting.popleft()
            endpoint = self._endpoint(link.path)
            if endpoint in self._parts or visits[endpoint] >= LOOKED_INTO:
                continue
            visits[endpoint] += 1
            answer = ask.get(f"{self.url}{link.path}")
            self.reached.add(endpoint)
            if link.promises and answer.status >= 400:
                self.refused.append(f"{username or 'nobody'} is led to {link.path}: {answer.status}")
                continue
            for each in self._read(username, answer):
                if self._endpoint(each.path) and each.path not in seen:
                    seen.add(each.path)
                    waiting.append(each)

    def unreached(self) -> list[str]:
        """Endpoints that people can ask for and that no link led to."""
        rules = [rule for rule in url_map().iter_rules() if "GET" in (rule.methods or ())]
        return sorted({rule.endpoint for rule in rules if not _is_no_page(rule.rule)} - self.reached)

    def _read(self, username: str, answer: APIResponse) -> Sequence["Link"]:
        path = _path_of(answer.url)
        endpoint = self._endpoint(path)
        self.reached.add(endpoint)
        body = answer.text() if "html" in answer.headers.get("content-type", "") else ""
        reader = _Reader(path)
        reader.feed(body)
        if body.lstrip().lower().startswith("<!doctype html"):
            looks = self._looks.setdefault(endpoint, set())
            if not reader.looks <= looks:
                self.pages.append(Shown(username, endpoint, path))
                looks |= reader.looks
        elif answer.ok:
            self._parts.add(endpoint)
        return reader.links

    def _endpoint(self, path: str) -> str:
        """Which view answers; empty where none does, or where it is no page."""
        try:
            endpoint, _arguments = self._map.match(unquote(urlsplit(path).path), method="GET")
        except (HTTPException, RequestRedirect):
            return ""
        rules = url_map().iter_rules(endpoint)
        return "" if any(_is_no_page(rule.rule) for rule in rules) else str(endpoint)


@cache
def url_map() -> Map:
    """Every address that a desk answers.

    Returns:
        The map of all desks.
    """
    app = Flask("web", static_folder=None)
    for desk in DESKS:
        app.register_blueprint(desk)
    return app.url_map


class _Reader(HTMLParser):
    """Links of a page, and what it is made of."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path
        self.links: list[Link] = []
        self.looks: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        kind = [tag, said.get("type", ""), said.get("role", ""), *sorted(said.get("class", "").split())]
        self.looks.add(" ".join(kind))
        sends = said.get("method", "get").lower() != "get"
        for name, value in said.items():
            if name in _SENDING or (name == "action" and sends):
                continue
            if value.startswith("/") or name in ("href", "action", "hx-get"):
                self._add(value, promises=tag == "a")

    def _add(self, value: str, *, promises: bool) -> None:
        target = urlsplit(urljoin(f"http://house{self.path}", value))
        if target.hostname == "house":
            path = target._replace(scheme="", netloc="", fragment="").geturl()
            self.links.append(Link(path, promises))


def _is_no_page(rule: str) -> bool:
    return any(rule.startswith(each) or rule.endswith(each) for each in _NOT_PAGES)


def _path_of(url: str) -> str:
    return urlsplit(url)._replace(scheme="", netloc="", fragment="").geturl()
