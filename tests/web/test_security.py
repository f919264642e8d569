"""Headers, tokens, limits and refusals that hold for every page."""

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tcm.records.errors import Forbidden, IllegalMove, Invalid, NotFound, Stale
from tcm.records.lifecycle import STATE_TERMS, State
from tcm.records.roles import Role
from tcm.store.engine import Store
from web.app import create_app
from web.security import open_to_all
from web.settings import Settings

LogIn = Callable[..., TestResponse]
Post = Callable[..., TestResponse]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def troubled(app: Flask) -> FlaskClient:
    """A browser of an application with a page for each way things can go wrong."""

    @open_to_all
    def refuse(kind: str) -> str:
        raise {
            "forbidden": Forbidden("您没有这项权限。"),
            "not-found": NotFound("没有这张处方。"),
            "stale": Stale(),
            "illegal": IllegalMove(
                "您的岗位不能把处方改为“%(target)s”。", target=STATE_TERMS[State.DELIVERED]
            ),
            "invalid": Invalid("请选择原因。"),
            "broken": RuntimeError("patient 张三 13800000000"),
        }[kind]

    app.add_url_rule("/refuse/<kind>", "refuse", refuse, methods=["GET", "POST"])
    browser = app.test_client()
    browser.environ_base["HTTP_REFERER"] = "https://localhost/"
    return browser


def test_every_page_carries_the_protecting_headers(client: FlaskClient) -> None:
    headers = client.get("/login").headers
    names = (
        "Content-Security-Policy",
        "Strict-Transport-Security",
        "X-Frame-Options",
        "X-Content-Type-Options",
        "Referrer-Policy",
        "Permissions-Policy",
        "Cross-Origin-Opener-Policy",
        "Cache-Control",
    )
    assert {name: headers[name] for name in names} == {
        "Content-Security-Policy": (
            "default-src 'self'; img-src 'self' data: blob:; script-src 'self'; style-src 'self'; "
            "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
        ),
        "Strict-Transport-Security": "max-age=31556926; includeSubDomains",
        "X-Frame-Options": "DENY",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": (
            "camera=(self), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()"
        ),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cache-Control": "no-store",
    }


def test_pages_have_no_inline_scripts_styles_or_handlers(client: FlaskClient, log_in: LogIn) -> None:
    log_in(client, Role.MANAGER)
    for page in (client.get("/account").text, client.get("/nowhere").text):
        assert "<style" not in page
        assert " style=" not in page
        assert " onclick=" not in page
        assert page.count("<script") == page.count("<script src=") == 3


def test_the_session_cookie_is_for_this_host_https_and_http_only(client: FlaskClient, log_in: LogIn) -> None:
    cookie = log_in(client, Role.DOCTOR).headers["Set-Cookie"]
    name, _, rest = cookie.partition("=")
    assert name == "__Host-tangye"
    assert rest.split("; ")[1:] == ["Secure", "HttpOnly", "Path=/", "SameSite=Lax"]


def test_plain_http_is_sent_on_to_https_but_the_health_check_is_answered(client: FlaskClient) -> None:
    response = client.get("/login", base_url="http://localhost")
    assert (response.status_code, response.location) == (302, "https://localhost/login")
    assert client.get("/health", base_url="http://localhost").status_code == 200


def test_on_ones_own_machine_plain_http_works_when_asked_for(sqlite_store: Store, settings: Settings) -> None:
    insecure = settings.model_copy(update={"insecure_cookies": True})
    response = create_app(sqlite_store, insecure).test_client().get("/login", base_url="http://localhost")
    assert response.status_code == 200
    assert "Strict-Transport-Security" not in response.headers
    assert response.headers["Set-Cookie"].startswith("tangye=")
    assert "Secure" not in response.headers["Set-Cookie"]


def test_a_form_without_a_token_changes_nothing(client: FlaskClient, log_in: LogIn) -> None:
    log_in(client, Role.DOCTOR)
    response = client.post("/language", data={"language": "en"})
    assert response.status_code == 400
    assert "没有提交成功" in response.text
    assert '<html lang="zh-Hans">' in client.get("/account").text


def test_a_token_of_another_session_is_refused(
    client: FlaskClient, new_browser: Callable[[], FlaskClient], token_on: Callable[..., str]
) -> None:
    stolen = token_on(new_browser())
    client.get("/login")
    response = client.post("/language", data={"language": "en", "csrf_token": stolen})
    assert response.status_code == 400


def test_a_stale_token_under_htmx_asks_the_page_to_fetch_a_new_one(
    client: FlaskClient, log_in: LogIn
) -> None:
    log_in(client, Role.DOCTOR)
    response = client.post("/account/stay", headers=HTMX | {"X-CSRFToken": "old"})
    assert (response.status_code, response.headers["HX-Trigger"]) == (400, "tangye:token-stale")
    token = client.get("/account/token").get_json()["token"]
    assert client.post("/account/stay", headers=HTMX | {"X-CSRFToken": token}).status_code == 204


def test_no_address_both_shows_and_acts(app: Flask) -> None:
    acting = {"POST", "PUT", "PATCH", "DELETE"}
    both = [rule.rule for rule in app.url_map.iter_rules() if rule.methods & acting and "GET" in rule.methods]
    assert both == []


def test_every_page_but_those_named_here_asks_for_a_log_in(app: Flask) -> None:
    open_endpoints = {
        endpoint
        for endpoint, view in app.view_functions.items()
        if getattr(view, "tangye_open_to_all", False)
    }
    shell = {name for name in open_endpoints if name.startswith("account.") or "." not in name}
    assert shell == {
        "health",
        "account.log_in_page",
        "account.submit_log_in",
        "account.log_in_again",
        "account.submit_log_out",
        "account.choose_page_language",
        "account.choose_type_size",
        "account.fresh_token",
    }


@pytest.mark.parametrize(
    ("kind", "status", "sentence"),
    [
        ("forbidden", 403, "您没有这项权限。"),
        ("not-found", 404, "没有这张处方。"),
        ("stale", 409, "刚刚有别人改动过"),
        ("illegal", 409, "您的岗位不能把处方改为“已送达”。"),
        ("invalid", 422, "请选择原因。"),
        ("broken", 500, "系统出错了，已经记录下来。"),
    ],
)
def test_a_refusal_is_one_sentence_as_a_page_and_as_a_notice(
    troubled: FlaskClient, kind: str, status: int, sentence: str
) -> None:
    page = troubled.get(f"/refuse/{kind}")
    assert page.status_code == status
    assert sentence in page.text
    assert page.headers["X-Request-ID"] in page.text
    notice = troubled.get(f"/refuse/{kind}", headers=HTMX)
    assert notice.status_code == status
    assert sentence in notice.text
    assert "<html" not in notice.text
    aimed = {name: value for name, value in notice.headers if name.startswith("HX-")}
    assert aimed == {
        "HX-Retarget": "#notices",
        "HX-Reswap": "innerHTML",
        "HX-Reselect": ".notice",
        "HX-Push-Url": "false",
    }


def test_terms_inside_a_refusal_are_translated_too(troubled: FlaskClient) -> None:
    page = troubled.get("/refuse/illegal", headers={"Accept-Language": "en-GB,en;q=0.8"})
    assert "Your role cannot make a prescription “Delivered”." in page.text


def test_a_failure_shows_no_traceback_and_logs_no_words_of_the_exception(
    troubled: FlaskClient, log: io.StringIO
) -> None:
    page = troubled.get("/refuse/broken?typed=words")
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    failed, request = lines
    assert "13800000000" not in page.text + log.getvalue()
    assert "words" not in log.getvalue()
    assert "Traceback" not in page.text
    assert (failed["event"], failed["error"]) == ("failed", "RuntimeError")
    assert failed["frames"][-1].endswith(":refuse")
    assert failed["request_id"] == request["request_id"] == page.headers["X-Request-ID"]
    assert (request["route"], request["status"], request["ids"]) == ("/refuse/<kind>", 500, {})


def test_the_log_names_who_asked_by_number_only(
    client: FlaskClient, log_in: LogIn, people: Any, log: io.StringIO
) -> None:
    log_in(client, Role.DOCTOR)
    client.get("/account?secret=typed")
    line = json.loads(log.getvalue().splitlines()[-1])
    assert (line["method"], line["route"], line["status"]) == ("GET", "/account", 200)
    assert line["staff_id"] == people.ids[Role.DOCTOR]
    assert "typed" not in log.getvalue()
    assert "doctor1" not in log.getvalue()


def test_a_request_id_from_outside_is_taken_only_from_a_trusted_proxy(
    client: FlaskClient, sqlite_store: Store, settings: Settings
) -> None:
    given = {"X-Request-ID": "abc-12345678", "X-Forwarded-Proto": "https"}
    assert client.get("/health", headers=given).headers["X-Request-ID"] != "abc-12345678"
    proxied = create_app(sqlite_store, settings.model_copy(update={"trusted_proxies": 1})).test_client()
    assert proxied.get("/health", headers=given).headers["X-Request-ID"] == "abc-12345678"
    assert proxied.get("/health", headers={"X-Request-ID": "a b\tc"}).headers["X-Request-ID"] != "a b\tc"


def test_an_upload_that_is_too_large_is_answered_by_a_sentence(
    client: FlaskClient, log_in: LogIn, post: Post
) -> None:
    log_in(client, Role.DOCTOR)
    head = b'--x\r\nContent-Disposition: form-data; name="photo"; filename="tongue.jpg"\r\n\r\n'
    body = head + bytes(26 * 1024 * 1024) + b"\r\n--x--\r\n"
    response = post(client, "/account/stay", body, content_type="multipart/form-data; boundary=x")
    assert response.status_code == 413
    assert "最多 25 MB。请压缩照片后再上传。" in response.text


def test_unknown_addresses_and_wrong_methods_are_answered_by_pages(client: FlaskClient) -> None:
    assert "没有这个页面" in client.get("/nowhere").text
    wrong = client.get("/logout")
    assert wrong.status_code == 405
    assert "这个地址不能直接打开" in wrong.text


def test_log_in_attempts_of_one_address_are_limited(
    sqlite_store: Store, settings: Settings, post: Post, people: Any
) -> None:
    limited = create_app(sqlite_store, settings.model_copy(update={"login_limit": "3 per minute"}))
    client = limited.test_client()
    client.environ_base["HTTP_REFERER"] = "https://localhost/"
    form = {"username": "nobody", "password": "wrong-wrong"}
    statuses = [post(client, "/login", form, page="/login").status_code for _ in range(4)]
    assert statuses == [403, 403, 403, 429]


def test_people_behind_one_address_are_counted_one_by_one(
    sqlite_store: Store, settings: Settings, log_in: LogIn
) -> None:
    limited = create_app(sqlite_store, settings.model_copy(update={"default_limit": "5 per minute"}))
    doctor, floor = limited.test_client(), limited.test_client()
    for client, role in ((doctor, Role.DOCTOR), (floor, Role.FLOOR)):
        client.environ_base["HTTP_REFERER"] = "https://localhost/"
        log_in(client, role)
    statuses = [doctor.get("/account").status_code for _ in range(6)]
    assert statuses == [200, 200, 200, 200, 200, 429]
    assert floor.get("/account").status_code == 200


def test_health_is_never_limited(sqlite_store: Store, settings: Settings) -> None:
    limited = create_app(sqlite_store, settings.model_copy(update={"default_limit": "1 per minute"}))
    assert {limited.test_client().get("/health").status_code for _ in range(5)} == {200}
