"""Browsers in the hands of a small county's people: the real application over the real services."""

import re
from datetime import date
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tcm.records.clinical import PhotographState
from tcm.records.plans import Plan
from tcm.records.roles import Actor
from tcm.services import planning
from tcm.services.signing_in import hash_password, make_hasher
from tcm.store.engine import Store
from tests.tcm.centre import enqueue_nothing
from tests.tcm.county import DAY, County, Watch
from web.app import create_app
from web.jobs.planning import Planner
from web.jobs.reading import PhotographReader
from web.settings import Settings

PASSWORD = "当归-danggui-15"
# Small enough that a log-in costs a millisecond; the same code with the same checks.
FAST = {"argon2_time_cost": 1, "argon2_memory_kib": 8, "argon2_parallelism": 1}


class Browser:
    """One person's browser.

    Args:
        client: Keeps cookies and speaks https.
    """

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        client.environ_base["HTTP_REFERER"] = "https://localhost/"

    def get(self, path: str, **headers: str) -> TestResponse:
        """Open a page.

        Args:
            path: Where.
            headers: Such as if_none_match.
        """
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.get(path, base_url="https://localhost", headers=named)

    def post(self, path: str, *, htmx: bool = False, **data: Any) -> TestResponse:
        """Submit a form with the token of one's own page.

        Args:
            path: Where.
            htmx: As htmx does it.
            data: The fields.
        """
        found = re.search(r'X-CSRFToken": "([^"]+)"', self.get("/account").text or "")
        found = found or re.search(r'X-CSRFToken": "([^"]+)"', self.get("/login").text)
        assert found is not None
        headers = {"X-CSRFToken": found[1]} | ({"HX-Request": "true"} if htmx else {})
        return self.client.post(path, base_url="https://localhost", data=data, headers=headers)

    def follow(self, response: TestResponse) -> str:
        """The text of the page that a response leads to."""
        assert response.status_code in (302, 303), response.text
        return self.get(response.headers["Location"]).text


class Web:
    """A county with its pages.

    Args:
        store: Empty.
        watch: The county's clock, where it must show another moment.
        settings: Changes of the settings.
    """

    def __init__(self, store: Store, watch: Watch | None = None, **settings: Any) -> None:
        self.county = County(store, watch or Watch())
        password_hash = hash_password(make_hasher(1, 8, 1), PASSWORD)
        with self.county.work() as work:
            for person in work.staff.all():
                person.password_hash = password_hash
            work.commit()
        self.app = create_app(store, Settings(**{**FAST, **settings}), self.county.watch)

    def anyone(self) -> Browser:
        """A browser of somebody who is not logged in."""
        return Browser(self.app.test_client())

    def browser(self, actor: Actor) -> Browser:
        """A browser in which a member of staff has logged in."""
        with self.county.work() as work:
            username = work.staff.get(actor.staff_id).username
        browser = self.anyone()
        answer = browser.post("/login", username=username, password=PASSWORD)
        assert answer.status_code == 303, answer.text
        return browser


def shown(page: str) -> str:
    """What a page says, without its tags and with single spaces.

    Args:
        page: HTML.

    Returns:
        Its text.
    """
    without = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", page, flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", without)).strip()


def hidden(page: str, action: str) -> dict[str, str]:
    """The hidden fields of a form on a page.

    Args:
        page: HTML.
        action: Where the form goes.

    Returns:
        Value by name, without the token.
    """
    form = next(each for each in re.findall(r"<form.*?</form>", page, re.S) if f'action="{action}"' in each)
    fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form)
    return {name: value for name, value in fields if name != "csrf_token"}


def planned_day(county: County, *, from_minute: int = 485, day: date = DAY) -> Plan:
    """A day's plan, made by the real planner and put in force.

    Args:
        county: With approved prescriptions.
        from_minute: Nothing is planned before this minute.
        day: County date, today by default.

    Returns:
        The plan as it stands afterwards.
    """
    asked = county.do(
        planning.ask_plan,
        county.manager,
        day,
        from_minute=from_minute,
        seconds=1.0,
        seed=1,
        request_key=county.new_key(),
        enqueue=enqueue_nothing,
    )
    Planner(county.store, county.watch, county.knowledge, repeatable=True).run(asked.id or 0)
    with county.work() as work:
        return work.plans.get(asked.id or 0)


def read_waiting(county: County) -> int:
    """What the worker does with the photographs that wait.

    Returns:
        How many there were.
    """
    with county.work() as work:
        waiting = [one.id or 0 for one in work.photographs.all() if one.state is PhotographState.WAITING]
    for photograph_id in waiting:
        PhotographReader(county.store, county.watch).run(photograph_id)
    return len(waiting)


def statements(county: County, browser: Browser, path: str) -> int:
    """How many statements a page costs."""
    with county.counted() as sent:
        assert browser.get(path).status_code == 200
    return len(sent)
