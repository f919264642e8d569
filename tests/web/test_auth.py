"""Log-in pages and sessions: who gets in, how long it lasts, where it leads, what ends it."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tcm.records.roles import Actor, Role
from web.auth import desks_for, safe_path

LogIn = Callable[..., TestResponse]
Post = Callable[..., TestResponse]


def is_inside(client: FlaskClient) -> bool:
    """Whether a page that needs a log-in is shown."""
    return client.get("/account").status_code == 200


def test_a_log_in_opens_the_pages_and_names_the_person(client: FlaskClient, log_in: LogIn) -> None:
    assert not is_inside(client)
    log_in(client, Role.PHARMACIST)
    page = client.get("/account")
    assert page.status_code == 200
    assert page.text.count("李pharmacist") == 4
    assert "青石镇卫生院 · 药师" in page.text


def test_a_wrong_password_shows_the_form_again_with_the_name_but_not_the_password(
    client: FlaskClient, log_in: LogIn
) -> None:
    response = log_in(client, Role.DOCTOR, password="lost-and-wrong")
    assert response.status_code == 403
    assert "用户名或密码不对。" in response.text
    assert 'value="doctor1"' in response.text
    assert "lost-and-wrong" not in response.text
    assert not is_inside(client)


def test_an_empty_name_is_answered_beside_the_field(client: FlaskClient, post: Post) -> None:
    response = post(client, "/login", {"username": " ", "password": "x"}, page="/login")
    assert response.status_code == 422
    assert "请填写这一项。" in response.text


def test_who_is_logged_in_may_fail_to_log_in_as_somebody_else(
    client: FlaskClient, log_in: LogIn, post: Post
) -> None:
    # From a second window opened before: asking who is logged in must not wait for the work of the log-in.
    log_in(client, Role.MANAGER)
    response = post(client, "/login", {"username": "doctor1", "password": "lost-and-wrong"})
    assert response.status_code == 403
    assert "用户名或密码不对。" in response.text


def test_five_wrong_passwords_lock_the_name_out_of_the_web(client: FlaskClient, log_in: LogIn) -> None:
    for _ in range(5):
        log_in(client, Role.DOCTOR, password="wrong-wrong")
    response = log_in(client, Role.DOCTOR)
    assert response.status_code == 403
    assert "登录失败次数太多，请 15 分钟后再试。" in response.text
    assert not is_inside(client)


def test_the_lock_opens_again_after_its_time(client: FlaskClient, log_in: LogIn, watch: Any) -> None:
    for _ in range(5):
        log_in(client, Role.DOCTOR, password="wrong-wrong")
    watch.pass_(minutes=16)
    assert log_in(client, Role.DOCTOR).status_code == 303


@pytest.mark.parametrize(
    ("target", "leads_to"),
    [
        ("/account?tab=1", "/account?tab=1"),
        ("", "/doctor"),
        ("https://evil.example/", "/doctor"),
        ("//evil.example/", "/doctor"),
        ("/\\evil.example/", "/doctor"),
        ("/\t/evil.example/", "/doctor"),
        ("javascript:alert(1)", "/doctor"),
        ("account", "/doctor"),
    ],
)
def test_after_log_in_one_is_led_on_only_within_the_house(
    client: FlaskClient, log_in: LogIn, target: str, leads_to: str
) -> None:
    assert log_in(client, Role.DOCTOR, next_path=target).location == leads_to


@pytest.mark.parametrize("target", ["/", "/a/b?c=d#e", "/处方"])
def test_paths_of_this_house_are_safe(target: str) -> None:
    assert safe_path(target) == target


def test_who_is_logged_in_is_led_past_the_log_in_page(client: FlaskClient, log_in: LogIn) -> None:
    log_in(client, Role.FLOOR)
    assert client.get("/login").location == "/floor"
    assert client.get("/").location == "/floor"


def test_log_out_ends_the_session_and_empties_the_browsers_cache(
    client: FlaskClient, log_in: LogIn, post: Post
) -> None:
    log_in(client, Role.DOCTOR)
    response = post(client, "/logout", {})
    assert (response.status_code, response.location) == (303, "/login")
    assert response.headers["Clear-Site-Data"] == '"cache"'
    assert not is_inside(client)


def test_log_out_cannot_be_done_by_a_link(client: FlaskClient, log_in: LogIn) -> None:
    log_in(client, Role.DOCTOR)
    assert client.get("/logout").status_code == 405
    assert is_inside(client)


def test_log_in_begins_a_new_session(
    client: FlaskClient, log_in: LogIn, token_on: Callable[..., str]
) -> None:
    with client.session_transaction(base_url="https://localhost") as planted:
        planted["planted"] = "by somebody else"
        planted["language"] = "zh"
    token_on(client, "/login")
    with client.session_transaction(base_url="https://localhost") as before:
        secret_before = before["csrf_token"]
    log_in(client, Role.DOCTOR)
    token_on(client, "/account")
    with client.session_transaction(base_url="https://localhost") as after:
        assert after["csrf_token"] != secret_before
        assert "planted" not in after
        assert after["language"] == "zh"


def test_a_log_in_ends_after_thirty_minutes_without_use(
    client: FlaskClient, log_in: LogIn, watch: Any
) -> None:
    log_in(client, Role.DOCTOR)
    watch.pass_(minutes=29)
    assert is_inside(client)
    watch.pass_(minutes=30)
    response = client.get("/account")
    assert response.location == "/login?next=/account&expired=1"
    assert "已自动退出" in client.get(response.location).text


def test_use_keeps_a_log_in_alive_but_not_beyond_eight_hours(
    client: FlaskClient, log_in: LogIn, watch: Any
) -> None:
    log_in(client, Role.DOCTOR)
    for _ in range(8 * 3 - 1):
        watch.pass_(minutes=20)
        assert is_inside(client)
    watch.pass_(minutes=20)
    assert not is_inside(client)


def test_a_page_that_polls_by_itself_does_not_keep_a_log_in_alive(
    client: FlaskClient, log_in: LogIn, watch: Any
) -> None:
    log_in(client, Role.FLOOR)
    for _ in range(3):
        watch.pass_(minutes=10)
        last = client.get("/account", headers={"HX-Request": "true"})
    assert last.status_code == 401


def test_typing_keeps_a_log_in_alive(client: FlaskClient, log_in: LogIn, post: Post, watch: Any) -> None:
    log_in(client, Role.DOCTOR)
    watch.pass_(minutes=20)
    assert post(client, "/account/stay", {}).status_code == 204
    watch.pass_(minutes=20)
    assert is_inside(client)


def test_a_new_password_ends_the_log_ins_elsewhere_but_not_here(
    client: FlaskClient, new_browser: Callable[[], FlaskClient], log_in: LogIn, post: Post, password: str
) -> None:
    elsewhere = new_browser()
    log_in(client, Role.DOCTOR)
    log_in(elsewhere, Role.DOCTOR)
    new = "battery staple 9"
    form = {"password": password, "new_password": new, "new_password_again": new}
    response = post(client, "/account/password", form)
    assert (response.status_code, response.location) == (303, "/account")
    assert "密码已改" in client.get("/account").text
    assert is_inside(client)
    assert not is_inside(elsewhere)
    assert log_in(elsewhere, Role.DOCTOR, password=new).status_code == 303


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        (
            {"new_password": "battery staple", "new_password_again": "battery stable"},
            "两次输入的新密码不一样。",
        ),
        ({"new_password": "short", "new_password_again": "short"}, "密码需要 8 到 128 个字符。"),
        ({"new_password": "battery staple", "new_password_again": "battery staple"}, "现在的密码不对。"),
    ],
)
def test_a_password_is_not_changed_by_a_form_that_is_wrong(
    client: FlaskClient, log_in: LogIn, post: Post, form: dict[str, str], sentence: str
) -> None:
    log_in(client, Role.DOCTOR)
    response = post(client, "/account/password", {"password": "not it at all", **form})
    assert response.status_code == 422
    assert sentence in response.text


def test_who_is_deactivated_is_out_at_the_next_click(client: FlaskClient, log_in: LogIn, people: Any) -> None:
    log_in(client, Role.COURIER)
    with people.store.work() as work:
        work.staff.get(people.ids[Role.COURIER]).active = False
        work.commit()
    assert not is_inside(client)


def test_a_forged_session_opens_nothing(client: FlaskClient, people: Any) -> None:
    for forged in (str(people.ids[Role.ADMIN]), f"{people.ids[Role.ADMIN]}.0", "x.y", "999.0"):
        with client.session_transaction(base_url="https://localhost") as session:
            session.update({"_user_id": forged, "began": 2**31, "seen": 2**31})
        assert not is_inside(client)


def test_a_form_sent_after_the_log_in_has_ended_is_not_redirected_away(
    client: FlaskClient, log_in: LogIn, watch: Any
) -> None:
    log_in(client, Role.DOCTOR)
    watch.pass_(hours=1)
    response = client.post("/account/password", data={"password": "x"})
    assert response.status_code == 401
    assert "您填写的内容仍在" in response.text


def test_the_navigation_shows_what_the_permission_table_allows() -> None:
    shown = {role: [desk.path for desk in desks_for(Actor(1, role, 1))] for role in Role}
    assert shown == {
        Role.DOCTOR: ["/doctor", "/together", "/formulary", "/requisitions", "/rules", "/outage", "/herbs"],
        Role.PHARMACIST: [
            "/pharmacist",
            "/appraisal",
            "/formulary",
            "/machines",
            "/dispensing",
            "/quality",
            "/stock",
            "/tracing",
            "/rules",
            "/outage",
            "/herbs",
        ],
        Role.FLOOR: ["/floor", "/machines", "/quality", "/stock", "/tracing", "/road", "/outage", "/herbs"],
        Role.COURIER: ["/courier", "/outage", "/herbs"],
        Role.MANAGER: [
            "/appraisal",
            "/manager",
            "/floor",
            "/machines",
            "/quality",
            "/stock",
            "/tracing",
            "/road",
            "/rules",
            "/outage",
            "/herbs",
        ],
        Role.ADMIN: ["/admin", "/herbs"],
    }
