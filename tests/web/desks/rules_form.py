"""The rules' form in a browser's hands: read from a page, changed, sent."""

from html.parser import HTMLParser
from typing import Any

from tcm.records.governance import RuleVersion
from tests.web.desks.hands import Browser, Web


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


def _with(form: dict[str, Any], names: str, values: str, name: str, value: str) -> dict[str, Any]:
    place = form[names].index(name)
    column = list(form[values])
    column[place] = value
    return {**form, values: column}
