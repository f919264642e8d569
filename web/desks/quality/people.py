"""Health checks: who is due, and what the manager writes down of them."""

from datetime import date
from secrets import token_urlsafe

from flask import request, url_for
from flask_babel import gettext
from pydantic import Field
from werkzeug.wrappers import Response

from tcm.records.clock import county_day
from tcm.services import health_checking
from tcm.store.work import Work
from web.auth import current_actor
from web.desks.doctor.forms import RequestKey
from web.desks.quality.blueprint import desk, do, page
from web.door import Form, RowId, parse
from web.house import work


class HealthForm(Form):
    """A health check, without any diagnosis."""

    staff_id: RowId
    examined_on: date
    fit: bool
    certificate: str = Field("", max_length=60)
    request_key: RequestKey


@desk.get("/people")
def people() -> Response:
    """Who is due."""
    return _people()


@desk.post("/people")
def enter_health() -> Response:
    """Write down that somebody was examined."""

    def act(open_work: Work) -> str:
        form = parse(HealthForm, request.form)
        health_checking.enter(
            open_work,
            current_actor(),
            form.staff_id,
            examined_on=form.examined_on,
            fit=form.fit,
            certificate=form.certificate,
            request_key=form.request_key,
        )
        return str(gettext("已登记。"))

    return do(act, url_for("quality.people"), _people)


def _people(sentence: str = "", status: int = 200) -> Response:
    with work() as open_work:
        rows = health_checking.due_list(open_work, current_actor())
        today = county_day(open_work.now)
        return page("people.html", sentence, status, rows=rows, today=today, request_key=token_urlsafe(24))
