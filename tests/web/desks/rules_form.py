"""The rules' form in a browser's hands: read from a page, changed, sent."""

import re
from html.parser import HTMLParser
from typing import Any

from tcm.records.governance import FindingDecision, RuleVersion
from tcm.services import reviewing
from tcm.services.prescribing import ItemDraft
from tcm.services.reviewing import FindingJudgement
from tests.tcm.county import FOUR_GENTLEMEN, KNOWLEDGE, draft
from tests.web.desks.hands import Browser, Web
from web.jobs.replaying import Replayer

# The drafts of these tests allow five herbs.
FIVE = draft([*FOUR_GENTLEMEN, ItemDraft("陈皮", 9.0)])
TALL = draft([*FOUR_GENTLEMEN, ItemDraft("陈皮", 9.0), ItemDraft("法半夏", 9.0)])


class _Fields(HTMLParser):
    """What a browser would send of one form, by its id."""

    def __init__(self, form_id: str) -> None:
        super().__init__()
        self.fields: dict[str, list[str]] = {}
        self._form_id, self._inside, self._select = form_id, False, ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = values.get("id") == self._form_id
        elif self._inside and tag == "select":
            self._select = values["name"]
        elif self._inside and tag == "option" and "selected" in values:
            self._add(self._select, values["value"])
        elif self._inside and tag == "input" and "name" in values and _is_sent(values):
            self._add(values["name"], values["value"])

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "form"

    def _add(self, name: str, value: str) -> None:
        if name != "csrf_token":
            self.fields.setdefault(name, []).append(value)


def _is_sent(values: dict[str, str]) -> bool:
    return values.get("type") != "checkbox" or "checked" in values


def rules_form(page: str) -> dict[str, Any]:
    """What the table of a draft would send as it stands.

    Args:
        page: HTML.

    Returns:
        Values by field.
    """
    reader = _Fields("rules-form")
    reader.feed(page)
    return reader.fields


def with_severity(form: dict[str, Any], rule: str, severity: str) -> dict[str, Any]:
    """The form with another severity chosen for a rule."""
    return _with(form, "rule", "severity", rule, severity)


def with_figure(form: dict[str, Any], figure: str, value: str) -> dict[str, Any]:
    """The form with another value typed for a figure, named rule.key."""
    return _with(form, "figure", "value", figure, value)


def switched_off(form: dict[str, Any], rule: str) -> dict[str, Any]:
    """The form with a rule's box no longer ticked."""
    return {**form, "enabled": [each for each in form["enabled"] if each != rule]}


def begun(browser: Browser) -> str:
    """Begin a draft by the button.

    Returns:
        The path of its page.
    """
    page = browser.get("/rules").text
    key = page.split('name="request_key" value="')[1].split('"')[0]
    answer = browser.post("/rules/drafts", request_key=key)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def kept(web: Web, path: str) -> RuleVersion:
    """The version of a page as it is stored."""
    with web.county.work() as work:
        return work.rule_versions.get(int(path.rsplit("/", 1)[1]))


def saved(browser: Browser, path: str, form: dict[str, Any]) -> str:
    """Save the table, and the page that follows."""
    return browser.follow(browser.post(path, **form))


def drafted(browser: Browser) -> str:
    """A draft with one rule stricter and one figure changed; the path of its page."""
    path = begun(browser)
    form = with_severity(rules_form(browser.get(path).text), "herb_count", "return")
    saved(browser, path, {**with_figure(form, "herb_count.most_herbs", "5"), "note": "药事会二十二日议定"})
    return path


def approved(browser: Browser, path: str) -> Any:
    """Press the button of the page of differences as it is shown now."""
    page = browser.get(f"{path}/changes").text
    return browser.post(f"{path}/approve", seen=seen_on(page))


def replayed(web: Web, browser: Browser, path: str, since: str = "2026-11-01") -> str:
    """Ask for a replay, let the job be done, and read the page."""
    asked = browser.post(f"{path}/replay", since=since, request_key=web.county.new_key() + "-replay")
    assert asked.status_code == 303, asked.text
    with web.county.work() as work:
        newest = max(each.id or 0 for each in work.rule_replays.all())
    Replayer(web.county.store, web.county.watch, KNOWLEDGE).run(newest)
    return browser.get(f"{path}/replay").text


def seen_on(page: str) -> str:
    """When the draft on a page of differences was last changed, as its form tells."""
    found = re.search(r'name="seen" value="([^"]+)"', page)
    assert found is not None, page
    return found[1]


def overrule(web: Web) -> None:
    """A second pharmacist overrules every finding of a tall prescription."""
    county = web.county
    signed = county.signed(TALL, county.visited(county.registered(name="何田", id_number="")))
    claimed = county.claimed(signed, county.colleague)
    with county.work() as work:
        case = reviewing.open_case(work, county.colleague, KNOWLEDGE, signed.key())
        word = FindingJudgement(FindingDecision.OVERRULED, "经方合方，药味虽多而法度不乱")
        words = {finding.key: word for finding in case.findings}
    county.do(reviewing.approve, county.colleague, KNOWLEDGE, signed.key(), claimed.version, decisions=words)


def _with(form: dict[str, Any], names: str, values: str, name: str, value: str) -> dict[str, Any]:
    place = form[names].index(name)
    column = list(form[values])
    column[place] = value
    return {**form, values: column}
