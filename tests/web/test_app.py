"""The shell as a whole: settings, desks, health, and how values are written on pages."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from markupsafe import Markup
from werkzeug.test import TestResponse

from tcm.records.lifecycle import State
from tcm.records.people import Sex
from tcm.records.roles import Role
from tcm.store.engine import Store
from tcm.store.keys import KeyRing
from web import filters
from web.app import create_app
from web.auth import DESK_OF_ROLE, DESKS_SHOWN
from web.settings import Settings, SettingsUnusableError

LogIn = Callable[..., TestResponse]


def test_health_tells_that_database_and_migrations_are_in_order(client: FlaskClient) -> None:
    response = client.get("/health")
    assert response.status_code == 200
    assert response.json == {"status": "ok", "database": True, "migrations_current": True}


def test_health_tells_that_a_migration_is_missing(client: FlaskClient, sqlite_store: Store) -> None:
    with sqlite_store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0000'")
    response = client.get("/health")
    assert response.status_code == 503
    assert response.json == {"status": "unready", "database": True, "migrations_current": False}


def test_health_tells_that_the_database_cannot_be_reached(client: FlaskClient, sqlite_store: Store) -> None:
    sqlite_store.close()
    path = sqlite_store.home / "tangye.sqlite"
    path.unlink()
    path.mkdir()
    response = client.get("/health")
    assert response.status_code == 503
    assert response.json == {"status": "unready", "database": False, "migrations_current": False}


def test_a_broken_database_is_answered_by_a_page(
    client: FlaskClient, log_in: LogIn, sqlite_store: Store
) -> None:
    log_in(client, Role.DOCTOR)
    with sqlite_store.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE staff RENAME TO lost")
    response = client.get("/account")
    assert response.status_code == 500
    assert "系统出错了，已经记录下来。" in response.text


@pytest.mark.parametrize("role", list(Role))
def test_each_role_is_sent_to_its_own_desk(client: FlaskClient, log_in: LogIn, role: Role) -> None:
    response = log_in(client, role)
    assert (response.status_code, response.location) == (303, DESK_OF_ROLE[role])


def test_every_role_has_a_desk_that_the_navigation_can_show() -> None:
    assert sorted(DESK_OF_ROLE) == sorted(Role)
    shown = {desk.path for desk in DESKS_SHOWN}
    assert [path for path in DESK_OF_ROLE.values() if path not in shown] == []


def test_a_stranger_is_sent_to_the_log_in_page_and_from_there_onward(client: FlaskClient) -> None:
    response = client.get("/account?tab=1")
    assert response.status_code == 302
    assert response.location == "/login?next=/account?tab%3D1"


def test_cookies_of_another_house_are_worth_nothing(
    client: FlaskClient, log_in: LogIn, sqlite_store: Store, settings: Settings
) -> None:
    log_in(client, Role.DOCTOR)
    cookie = client.get_cookie("__Host-tangye")
    assert cookie is not None
    other_keys = Store(sqlite_store.engine, KeyRing(bytes(32)), sqlite_store.blobs, sqlite_store.home)
    other = create_app(other_keys, settings).test_client()
    other.set_cookie("__Host-tangye", cookie.value)
    assert other.get("/account").status_code == 302


def test_static_files_are_kept_by_browsers_and_named_by_their_content(client: FlaskClient) -> None:
    page = client.get("/login").text
    (address,) = [part for part in page.split('"') if part.startswith("/static/css/tangye.css")]
    assert len(address.partition("?v=")[2]) == 10
    with client.get(address) as response:
        assert response.headers["Cache-Control"] == "public, max-age=31536000"


def test_settings_are_read_from_the_environment_and_empty_ones_are_not_set() -> None:
    environ = {
        "TANGYE_PUBLIC_URL": "https://tangye.example/",
        "TANGYE_INSECURE_COOKIES": "1",
        "TANGYE_IDLE_MINUTES": "45",
        "TANGYE_SESSION_HOURS": "",
        "TANGYE_HOME": "/elsewhere",
    }
    assert Settings.from_environment(environ) == Settings(
        public_url="https://tangye.example", insecure_cookies=True, idle_minutes=45
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [("TANGYE_IDLE_MINUTES", "soon"), ("TANGYE_PUBLIC_URL", "tangye.example"), ("TANGYE_UPLOAD_MB", "0")],
)
def test_a_setting_that_cannot_be_used_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsUnusableError, match=f"^{name}: "):
        Settings.from_environment({name: value})


@pytest.mark.parametrize(
    ("dose_g", "written"),
    [(12.0, "12 g"), (1.5, "1.5 g"), (0.125, "0.125 g"), (100.0, "100 g"), (0.0, "0 g")],
)
def test_doses_are_written_without_trailing_zeros(dose_g: float, written: str) -> None:
    assert filters.grams(dose_g) == written


@pytest.mark.parametrize(
    ("name", "written"),
    [("", "*"), ("张", "*"), ("张三", "张*"), ("张小三", "张*三"), ("欧阳小明", "欧**明")],
)
def test_names_are_masked_for_other_eyes(name: str, written: str) -> None:
    assert filters.masked(name) == written


@pytest.mark.parametrize(
    ("amount_fen", "written"),
    [(0, "¥0.00"), (5, "¥0.05"), (1234, "¥12.34"), (-1234, "-¥12.34"), (123456700, "¥1,234,567.00")],
)
def test_money_is_written_in_yuan(amount_fen: int, written: str) -> None:
    assert filters.fen(amount_fen) == written


def test_minutes_and_shares_are_written_short() -> None:
    assert [filters.day_minute(minute) for minute in (0, 485, 1500)] == ["00:00", "08:05", "25:00"]
    assert [filters.percent(share) for share in (0.0, 0.934, 1.0)] == ["0%", "93%", "100%"]


def test_lines_are_kept_and_everything_else_is_escaped() -> None:
    assert filters.multiline("a<b\nc") == Markup("a&lt;b<br>c")


@pytest.mark.parametrize(
    ("accept", "written"),
    [
        ("zh", ["11月21日 09:00", "09:00", "2026年11月21日", "2026年11月21日", "已装车", "女", "药师"]),
        ("en", ["21 Nov 09:00", "09:00", "21 Nov 2026", "21 Nov 2026", "Loaded", "Female", "Pharmacist"]),
    ],
)
def test_moments_and_terms_are_written_in_the_readers_language(
    app: Flask, accept: str, written: list[str]
) -> None:
    at = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
    with app.test_request_context("/login", headers={"Accept-Language": accept}):
        assert written == [
            filters.county_time(at),
            filters.clock_time(at),
            filters.county_date(at),
            filters.county_date(date(2026, 11, 21)),
            filters.state_term(State.LOADED),
            filters.sex_term(Sex.FEMALE),
            filters.role_term(Role.PHARMACIST),
        ]
        assert [filters.county_time(None), filters.clock_time(None), filters.county_date(None)] == [
            "",
            "",
            "",
        ]


def test_every_state_has_a_tone_and_an_icon_of_the_sheet(client: FlaskClient) -> None:
    with client.get("/static/img/icons.svg") as icons, client.get("/static/css/tangye.css") as css:
        sheet, styles = icons.text, css.text
    assert sorted(filters.STATE_TONES) == sorted(filters.STATE_ICONS) == sorted(State)
    assert [state for state in State if f'id="{filters.state_icon(state)}"' not in sheet] == []
    assert [state for state in State if f".chip.{filters.state_tone(state)}" not in styles] == []
