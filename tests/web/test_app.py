"""The shell as a whole: it starts, sends everybody to their desk, and says whether it is healthy."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tcm.records.roles import Role
from web.auth import DESK_OF_ROLE


def test_health_tells_that_database_and_migrations_are_in_order(client: FlaskClient) -> None:
    response = client.get("/health")
    assert response.status_code == 200
    assert response.json == {"status": "ok", "database": True, "migrations_current": True}


@pytest.mark.parametrize("role", list(Role))
def test_each_role_is_sent_to_its_own_desk(
    client: FlaskClient, log_in: Callable[..., TestResponse], role: Role
) -> None:
    response = log_in(client, role)
    assert (response.status_code, response.location) == (303, DESK_OF_ROLE[role])


def test_a_stranger_is_sent_to_the_log_in_page_and_from_there_onward(client: FlaskClient) -> None:
    response = client.get("/account?tab=1")
    assert response.status_code == 302
    assert response.location == "/login?next=/account?tab%3D1"
