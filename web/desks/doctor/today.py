"""The doctor's first page: today's visits, what came back, and the search for a patient."""

from secrets import token_urlsafe

from flask import make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from tcm.records.clock import county_day
from tcm.records.lifecycle import REASONS, State
from tcm.records.people import Patient
from tcm.services.charting import find_patients, open_day, open_encounter
from tcm.services.coming_back import due_back
from tcm.services.hearing import waiting_messages
from tcm.services.inboxes import count_news
from tcm.services.receiving import waiting_for
from tcm.store.work import Work
from web.auth import current_actor
from web.desks.doctor.blueprint import desk
from web.desks.doctor.forms import OpenVisitForm, SearchForm
from web.desks.doctor.together import news_asks
from web.desks.shown import age_text, sign_list
from web.door import Rejected, Typed, parse
from web.house import work


@desk.get("")
def index() -> Response:
    """The day."""
    with work() as open_work:
        return _page(open_work, Typed())


@desk.post("/patients/search")
def search() -> Response:
    """Find a patient; posted, so that no name stands in an address or a log."""
    with work(reads_only=True) as open_work:
        try:
            form = parse(SearchForm, request.form)
        except Rejected as rejected:
            return _page(open_work, rejected.typed, status=422)
        found = find_patients(open_work, current_actor(), form.text)
        return _page(open_work, Typed.of(text=form.text), found=found)


@desk.post("/visits")
def open_visit() -> Response:
    """Begin a visit of a patient who is registered."""
    form = parse(OpenVisitForm, request.form)
    with work() as open_work:
        encounter = open_encounter(open_work, current_actor(), form.patient_id, form.request_key)
        open_work.commit()
        return redirect(url_for("doctor.visit", visit_id=encounter.id), 303)


def _page(
    open_work: Work, typed: Typed, *, found: list[Patient] | None = None, status: int = 200
) -> Response:
    day = open_day(open_work, current_actor())
    news = count_news(open_work, current_actor())
    villages = open_work.institutions.by_ids(patient.village_id for patient in found or ())
    today = county_day(open_work.now)
    page = render_template(
        "doctor/index.html",
        typed=typed,
        day=day,
        news=news,
        news_asks=news_asks(news),
        today=today,
        found=found,
        villages=villages,
        reasons=REASONS[State.RETURNED],
        ages={
            patient.id: age_text(patient.born_on, today)
            for patient in (*day.patients.values(), *(found or ()))
        },
        request_keys={patient.id: token_urlsafe(24) for patient in found or ()},
        sent_waiting=waiting_for(open_work, current_actor()),
        messages=waiting_messages(open_work, current_actor()),
        due_back=due_back(open_work, current_actor()),
        sign_list=sign_list,
    )
    return make_response(page, status)
