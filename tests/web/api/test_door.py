"""Who is let in, how often, in which language, and what is put on record."""

from collections.abc import Callable

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tcm.records.systems import ApiCall, Right
from tcm.services.connecting import revoke_key
from tests.tcm.county import County
from tests.web.api.conftest import FAST, NewSystem, System, connected
from web.api.operations import OPERATIONS, Operation
from web.app import create_app
from web.settings import Settings

# Something that each place of a path accepts.
PLACES = {"number": "20261121-00001", "code": "abcdefgh"}
ASKINGS = [pytest.param(one, id=one.name) for one in OPERATIONS]


def path_of(one: Operation) -> str:
    """The address of an operation, with its places filled."""
    return one.path.format(**PLACES)


def calls(county: County, system: System) -> list[tuple[str, int | None, int]]:
    """What is on record of a system, oldest first."""
    with county.work() as work:
        newest_first: list[ApiCall] = work.api_keys.calls_of(system.key_id, 100)
    return [(call.operation, call.subject_id, call.status) for call in reversed(newest_first)]


def told(response: TestResponse) -> tuple[int, str, str]:
    """Status, media type and code of a refusal."""
    return response.status_code, response.content_type, response.json["code"]


@pytest.mark.parametrize("one", ASKINGS)
def test_nothing_is_answered_without_a_key(one: Operation, app_to_ask: Flask) -> None:
    response = app_to_ask.test_client().open(f"/api/v1{path_of(one)}", method=one.method)
    assert told(response) == (401, "application/problem+json", "unauthorized")
    assert response.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("one", ASKINGS)
def test_a_key_without_the_right_is_refused_and_that_is_on_record(
    one: Operation, county_to_ask: County, app_to_ask: Flask
) -> None:
    others = tuple(right for right in Right if right is not one.right)
    system = connected(county_to_ask, app_to_ask, rights=others)
    response = system.ask(one.method, path_of(one), json={})
    assert told(response) == (403, "application/problem+json", "forbidden")
    assert calls(county_to_ask, system) == [(one.name, None, 403)]


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer tgy_wrong",
        "Bearer \x80",
        "Basic dGd5OnRneQ==",
        "tgy_bare",
        "Bearer " + "x" * 4000,
    ],
)
def test_what_is_no_key_is_refused_with_a_sentence(header: str, app_to_ask: Flask) -> None:
    response = app_to_ask.test_client().get("/api/v1/herbs?q=hq", headers={"Authorization": header})
    assert told(response) == (401, "application/problem+json", "unauthorized")


def test_a_doctor_s_log_in_opens_nothing_here(county: County, app: Flask) -> None:
    browser = app.test_client()
    with browser.session_transaction(base_url="https://localhost") as session:
        session["_user_id"] = f"{county.doctor.staff_id}.anything"
    assert told(browser.get("/api/v1/changes"))[0] == 401


def test_a_withdrawn_key_opens_nothing_from_the_next_request_on(county: County, system: System) -> None:
    assert system.ask("GET", "/changes").status_code == 200
    county.do(revoke_key, county.admin, system.key_id)
    refused = system.ask("GET", "/changes")
    assert (refused.status_code, refused.json["detail"]) == (401, "这个接口密钥已停用。")
    assert calls(county, system) == [("list_changes", None, 200), ("list_changes", None, 401)]


def test_a_key_runs_out(county: County, connect: NewSystem) -> None:
    system = connect(None, days=30)
    county.watch.pass_(days=29)
    assert system.ask("GET", "/changes").status_code == 200
    county.watch.pass_(days=1)
    refused = system.ask("GET", "/changes")
    assert (refused.status_code, refused.json["detail"]) == (401, "这个接口密钥已过期。")
    assert calls(county, system) == [("list_changes", None, 200), ("list_changes", None, 401)]


def test_every_answer_and_refusal_is_on_record_with_the_prescription_it_was_about(
    county: County, system: System
) -> None:
    prescription = county.approved()
    system.ask("GET", f"/prescriptions/{prescription.number}")
    system.ask("GET", "/prescriptions/20000101-00001")
    system.ask("GET", "/herbs?q=")
    assert calls(county, system) == [
        ("get_prescription", prescription.id, 200),
        ("get_prescription", None, 404),
        ("find_herbs", None, 422),
    ]


def test_a_key_is_limited_by_itself_and_told_when_to_come_back(county: County, connect: NewSystem) -> None:
    first, second = connect(), connect()
    tight = create_app(county.store, Settings(**FAST, api_limit="2 per minute"), county.watch)
    first.app = second.app = tight
    answers = [first.ask("GET", "/changes") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].headers["Retry-After"] == "60"
    assert [status for _, _, status in calls(county, first)] == [200, 200, 429]
    assert second.ask("GET", "/changes").status_code == 200


def test_whoever_guesses_keys_is_stopped_and_holders_of_keys_are_not(
    county: County, connect: NewSystem
) -> None:
    system = connect()
    system.app = create_app(county.store, Settings(**FAST, api_stranger_limit="2 per minute"), county.watch)
    stranger = system.app.test_client()
    guesses = [stranger.get("/api/v1/herbs?q=hq").status_code for _ in range(4)]
    assert (guesses, system.ask("GET", "/herbs?q=hq").status_code) == ([401, 401, 429, 429], 200)


def test_a_withdrawn_key_that_goes_on_asking_is_on_record_to_the_end(
    county: County, connect: NewSystem
) -> None:
    system = connect()
    system.app = create_app(county.store, Settings(**FAST, api_stranger_limit="2 per minute"), county.watch)
    county.do(revoke_key, county.admin, system.key_id)
    assert [system.ask("GET", "/herbs?q=hq").status_code for _ in range(3)] == [401, 401, 429]
    assert [status for _, _, status in calls(county, system)] == [401, 401, 429]


def test_a_sentence_comes_in_the_language_that_is_asked_for(app: Flask) -> None:
    def detail(language: str) -> str:
        said = app.test_client().get("/api/v1/nowhere", headers={"Accept-Language": language}).json["detail"]
        assert isinstance(said, str)
        return said

    assert detail("zh-CN") == "没有这个地址。"
    assert detail("") == "没有这个地址。"


@pytest.mark.parametrize(
    ("ask", "status"),
    [
        (lambda system: system.ask("GET", "/nowhere"), 404),
        (lambda system: system.ask("DELETE", "/herbs"), 405),
        (lambda system: system.ask("POST", "/reviews", data="{", content_type="application/json"), 400),
        (lambda system: system.ask("POST", "/reviews", data=b"\xff", content_type="application/json"), 400),
        (lambda system: system.ask("POST", "/reviews", data="NaN", content_type="application/json"), 400),
        (
            lambda system: system.ask("POST", "/reviews", data="[" * 99_999, content_type="application/json"),
            400,
        ),
        (lambda system: system.ask("POST", "/reviews", data="{}"), 415),
        (lambda system: system.ask("POST", "/reviews", json={"x": "x" * 300_000}), 413),
        (lambda system: system.ask("POST", "/reviews", json={"id": 1, "items": []}), 422),
        (lambda system: system.ask("POST", "/reviews", json=[]), 422),
    ],
)
def test_every_refusal_has_one_shape(
    ask: Callable[[System], TestResponse], status: int, system: System
) -> None:
    response = ask(system)
    assert (response.status_code, response.content_type) == (status, "application/problem+json")
    assert set(response.json) == {"status", "code", "title", "detail", "request_id", "errors"}
    assert response.json["request_id"] == response.headers["X-Request-ID"]


def test_the_methods_that_an_address_knows_are_named(system: System) -> None:
    assert set(system.ask("DELETE", "/herbs").headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


def test_what_breaks_inside_is_told_without_a_word_of_it(county: County, system: System) -> None:
    with county.store.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE ledger_events RENAME TO elsewhere")
    response = system.ask("GET", "/changes")
    assert told(response) == (500, "application/problem+json", "internal_server_error")
    assert "ledger_events" not in response.text
    assert calls(county, system) == [("list_changes", None, 500)]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_document_and_page_need_no_key(language: str, app: Flask) -> None:
    client = app.test_client()
    document = client.get("/api/v1/openapi.json", headers={"Accept-Language": language}).json
    asked = {(method.upper(), path) for path, told in document["paths"].items() for method in told}
    assert (document["openapi"], asked) == ("3.1.0", {(o.method, f"/api/v1{o.path}") for o in OPERATIONS})
    page = client.get("/api/v1/docs", headers={"Accept-Language": language})
    assert page.status_code == 200
    assert [one.name for one in OPERATIONS if f'id="{one.name}"' not in page.text] == []
