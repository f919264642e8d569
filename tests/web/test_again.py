"""A page that is open goes on after its log-in ended: with its own person's password and no other session."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tcm.records.roles import Role
from tests.web.conftest import People

LogIn = Callable[..., TestResponse]
Post = Callable[..., TestResponse]


def token(client: FlaskClient, of: int | None = None) -> tuple[int, dict[str, Any]]:
    answer = client.get("/account/token", query_string={} if of is None else {"of": of})
    return answer.status_code, answer.get_json()


def go_on(client: FlaskClient, username: str, password: str) -> TestResponse:
    """As the page's dialog does it."""
    headers = {"X-CSRFToken": token(client)[1]["token"]}
    return client.post("/login/again", data={"username": username, "password": password}, headers=headers)


def test_a_page_takes_the_token_of_its_own_persons_session_only(
    client: FlaskClient, people: People, log_in: LogIn, new_browser: Callable[[], FlaskClient]
) -> None:
    doctor, pharmacist = people.ids[Role.DOCTOR], people.ids[Role.PHARMACIST]
    assert token(client, doctor) == (401, {"who": ""})
    log_in(client, Role.DOCTOR)
    status, body = token(client, doctor)
    assert (status, list(body)) == (200, ["token"])
    assert token(client, pharmacist) == (409, {"who": "李doctor"})


def test_the_right_password_goes_on_with_a_token_that_is_good(
    client: FlaskClient, people: People, log_in: LogIn, watch: Any, password: str
) -> None:
    log_in(client, Role.DOCTOR)
    watch.pass_(minutes=31)
    answer = go_on(client, people.username(Role.DOCTOR), password)
    assert answer.status_code == 200
    headers = {"X-CSRFToken": answer.get_json()["token"]}
    assert client.post("/account/stay", headers=headers).status_code == 204
    assert token(client, people.ids[Role.DOCTOR])[0] == 200


def test_a_wrong_password_is_answered_by_a_sentence_and_counts_as_any_other(
    client: FlaskClient, people: People
) -> None:
    told = [go_on(client, people.username(Role.DOCTOR), "wrong-wrong") for _ in range(6)]
    assert [answer.status_code for answer in told] == [403] * 6
    assert told[0].get_json() == {"sentence": "用户名或密码不对。"}
    assert told[5].get_json() == {"sentence": "登录失败次数太多，请 15 分钟后再试。"}


def test_what_was_typed_by_one_is_never_sent_in_another_persons_session(
    client: FlaskClient, people: People, log_in: LogIn, password: str
) -> None:
    log_in(client, Role.DOCTOR)
    doctors = token(client, people.ids[Role.DOCTOR])[1]["token"]
    go_on(client, people.username(Role.PHARMACIST), password)
    answer = client.post("/account/stay", headers={"X-CSRFToken": doctors, "HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Trigger"]) == (400, "tangye:token-stale")
    assert token(client, people.ids[Role.DOCTOR]) == (409, {"who": "李pharmacist"})


@pytest.mark.parametrize("username", ["", "nobody"])
def test_nobody_is_let_in_without_a_name_that_is_known(client: FlaskClient, username: str) -> None:
    answer = go_on(client, username, "wrong-wrong")
    assert (answer.status_code, list(answer.get_json())) == (422 if not username else 403, ["sentence"])


def test_a_part_that_is_asked_for_without_a_log_in_makes_the_page_ask_for_the_password(
    client: FlaskClient,
) -> None:
    answer = client.get("/doctor", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Trigger"]) == (401, "tangye:signed-out")
