"""A patient's record at other houses: the consent, what it lets a doctor read, who has read."""

from datetime import timedelta
from secrets import token_urlsafe

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from tcm.records.clock import county_day
from tcm.records.errors import N_, Invalid
from tcm.records.together import CONSENT_BY_TERMS, CONSENT_HOW_TERMS
from tcm.services import consenting
from tcm.services.consenting import LONGEST, Given
from web.auth import current_actor
from web.desks.shown import age_text
from web.desks.together.blueprint import desk
from web.desks.together.forms import ConsentForm
from web.desks.together.shown import case_values, options, picture, terms
from web.door import Rejected, Typed, parse, typed_in
from web.house import work
from web.i18n import say

# What the form proposes: long enough for a course of treatment.
USUAL = timedelta(days=30)


@desk.get("/patients/<int:patient_id>/elsewhere")
def elsewhere(patient_id: int) -> Response:
    """What other houses have on a patient, as far as the patient agreed."""
    return _page(patient_id, None)


@desk.post("/patients/<int:patient_id>/consents")
def record_consent(patient_id: int) -> Response:
    """Record a consent."""
    try:
        form = parse(ConsentForm, request.form)
        given = Given(form.given_by, form.given_name, form.how, form.until, form.purpose)
        with work() as open_work:
            consenting.record(open_work, current_actor(), patient_id, given, form.request_key)
            open_work.commit()
    except Rejected as rejected:
        return _page(patient_id, rejected.typed, say(rejected), 422)
    except Invalid as refusal:
        return _page(patient_id, Typed(typed_in(request.form)), say(refusal), 422)
    flash(gettext(N_("授权已记录。")), "good")
    return redirect(url_for("together.elsewhere", patient_id=patient_id), 303)


@desk.post("/patients/<int:patient_id>/consents/<int:consent_id>/withdraw")
def withdraw_consent(patient_id: int, consent_id: int) -> Response:
    """Take a consent back."""
    with work() as open_work:
        consenting.withdraw(open_work, current_actor(), patient_id, consent_id)
        open_work.commit()
    flash(gettext(N_("授权已撤回。")), "good")
    return redirect(url_for("together.elsewhere", patient_id=patient_id), 303)


@desk.get("/patients/<int:patient_id>/elsewhere/<int:visit_id>")
def elsewhere_visit(patient_id: int, visit_id: int) -> Response:
    """One visit at another house."""
    with work() as open_work:
        case = consenting.open_case(open_work, current_actor(), patient_id, visit_id)
        values = case_values(
            open_work,
            case,
            lambda photograph_id, kind: url_for(
                "together.elsewhere_picture",
                patient_id=patient_id,
                visit_id=visit_id,
                photograph_id=photograph_id,
                kind=kind,
            ),
        )
        page = render_template("together/elsewhere_visit.html", patient_id=patient_id, **values, **terms())
    return make_response(page)


@desk.get(
    "/patients/<int:patient_id>/elsewhere/<int:visit_id>"
    "/photographs/<int:photograph_id>/<any(picture, overlay):kind>"
)
def elsewhere_picture(patient_id: int, visit_id: int, photograph_id: int, kind: str) -> Response:
    """A picture of a visit at another house."""
    with work() as open_work:
        data = consenting.open_picture(
            open_work, current_actor(), patient_id, visit_id, photograph_id, overlay=kind == "overlay"
        )
    return picture(data)


def _page(patient_id: int, typed: Typed | None, sentence: str = "", status: int = 200) -> Response:
    with work() as open_work:
        found = consenting.open_elsewhere(open_work, current_actor(), patient_id)
        today = county_day(open_work.now)
        page = render_template(
            "together/elsewhere.html",
            found=found,
            age=age_text(found.patient.born_on, today),
            typed=typed or Typed.of(request_key=token_urlsafe(24), until=(today + USUAL).isoformat()),
            sentence=sentence,
            today=today,
            last_day=today + LONGEST,
            by_options=options(CONSENT_BY_TERMS),
            how_options=options(CONSENT_HOW_TERMS),
            **terms(),
        )
    return make_response(page, status)
