"""Two languages: which one a page is in, and that the English one lacks nothing."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tcm.records.roles import Role
from web.i18n import COMPILED, compiled, extracted, missing, read_catalogue

LogIn = Callable[..., TestResponse]
Post = Callable[..., TestResponse]


def language_of(client: FlaskClient, page: str = "/login", accept: str = "") -> str:
    """The language a page says it is in."""
    text = client.get(page, headers={"Accept-Language": accept}).text
    found = re.search(r'<html lang="([^"]+)"', text)
    assert found is not None
    return found[1]


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        ("", "zh-Hans"),
        ("en-US,en;q=0.9", "en"),
        ("en;q=0.9,zh-CN;q=0.8", "zh-Hans"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-Hans"),
        ("de,en;q=0.8", "zh-Hans"),
    ],
)
def test_a_stranger_reads_chinese_unless_the_browser_only_knows_english(
    client: FlaskClient, accept: str, language: str
) -> None:
    assert language_of(client, accept=accept) == language


def test_the_switch_holds_for_the_session_and_for_the_person(
    client: FlaskClient, new_browser: Callable[[], FlaskClient], log_in: LogIn, post: Post, people: Any
) -> None:
    log_in(client, Role.DOCTOR)
    response = post(client, "/language", {"language": "en", "next": "/account?a=1"})
    assert (response.status_code, response.location) == (303, "/account?a=1")
    assert language_of(client, "/account") == "en"
    assert "My account" in client.get("/account").text
    with people.store.work() as work:
        assert work.staff.get(people.ids[Role.DOCTOR]).language == "en"
    elsewhere = new_browser()
    log_in(elsewhere, Role.DOCTOR)
    assert language_of(elsewhere, "/account", accept="zh-CN") == "en"


def test_what_is_chosen_before_log_in_holds_after_it(client: FlaskClient, log_in: LogIn, post: Post) -> None:
    post(client, "/language", {"language": "en"}, page="/login")
    log_in(client, Role.DOCTOR)
    assert language_of(client, "/account") == "en"


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"language": "tlh"}, 422),
        ({}, 422),
        ({"language": "en", "next": "https://evil.example/"}, 303),
    ],
)
def test_the_switch_takes_only_our_languages_and_leads_nowhere_else(
    client: FlaskClient, post: Post, form: dict[str, str], status: int
) -> None:
    response = post(client, "/language", form, page="/login")
    assert (response.status_code, response.location) == (status, "/" if status == 303 else None)


def test_large_type_is_kept_until_it_is_switched_back(client: FlaskClient, log_in: LogIn, post: Post) -> None:
    post(client, "/type-size", {"type_size": "large"}, page="/login")
    log_in(client, Role.DOCTOR)
    assert 'class="large"' in client.get("/account").text
    post(client, "/type-size", {"type_size": "normal"})
    assert 'class="large"' not in client.get("/account").text


def test_every_msgid_of_the_sources_has_an_english_text() -> None:
    assert missing(extracted()) == []


def test_the_catalogue_holds_no_msgid_that_no_source_has() -> None:
    known = {message.id for message in extracted()}
    assert [message.id for message in read_catalogue() if message.id not in known] == []


def test_the_compiled_catalogue_is_fresh() -> None:
    assert COMPILED.read_bytes() == compiled(read_catalogue())


def test_every_place_of_a_msgid_is_in_its_english_text() -> None:
    def places(text: str) -> list[str]:
        return sorted(re.findall(r"%\((\w+)\)", text))

    texts = {
        message.id: message.string
        for message in read_catalogue()
        if isinstance(message.string, str) and message.string
    }
    assert [msgid for msgid, text in texts.items() if msgid and places(msgid) != places(text)] == []


def test_no_english_text_still_holds_chinese_characters() -> None:
    han = re.compile(r"[\u4e00-\u9fff]")
    texts = [message.string for message in read_catalogue() if message.id]
    assert [text for text in texts if han.search(str(text))] == []
