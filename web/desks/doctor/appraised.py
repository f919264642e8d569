"""What the monthly appraisal found in the doctor's own prescriptions, and their appeal."""

from flask import make_response, redirect, render_template, request, url_for
from pydantic import Field
from werkzeug.wrappers import Response

from tcm.services import appraising
from web.auth import current_actor
from web.desks.doctor.blueprint import desk
from web.door import Form, parse
from web.house import current_house, work


class AppealForm(Form):
    """Why a code should not stand."""

    words: str = Field(min_length=1, max_length=500)


@desk.get("/appraisals")
def appraisals() -> Response:
    """Every concluded appraisal of one's own prescriptions, newest first."""
    with work() as open_work:
        results = appraising.results_of(open_work, current_actor())
    terms = {code.code: code for code in current_house().knowledge.appraisal_codes}
    return make_response(render_template("doctor/appraisals.html", results=results, terms=terms))


@desk.post("/appraisals/<int:appraised_id>/appeal")
def appeal(appraised_id: int) -> Response:
    """Appeal against a code, once."""
    form = parse(AppealForm, request.form)
    with work() as open_work:
        appraising.appeal(open_work, current_actor(), appraised_id, form.words)
        open_work.commit()
    return redirect(url_for("doctor.appraisals"), 303)
