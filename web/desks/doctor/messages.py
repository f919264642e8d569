"""Patients who feel worse, on the doctor's first page; and whether they see their herbs."""

from flask import flash, redirect, request, url_for
from flask_babel import gettext
from pydantic import Field
from werkzeug.wrappers import Response

from tcm.services import hearing
from tcm.services.unlocking import show_herbs
from web.auth import current_actor
from web.desks.doctor.blueprint import desk
from web.door import Form, parse
from web.house import work


class AnswerForm(Form):
    """What a patient is answered."""

    words: str = Field(min_length=1, max_length=hearing.MOST_CHARACTERS)


class ShownForm(Form):
    """Whether a patient sees the herbs."""

    shown: bool


@desk.post("/messages/<int:message_id>")
def answer_message(message_id: int) -> Response:
    """Answer a patient."""
    form = parse(AnswerForm, request.form)
    with work() as open_work:
        hearing.answer(open_work, current_actor(), message_id, form.words)
        open_work.commit()
    flash(gettext("已答复，患者扫药袋上的码能看到。"), "good")
    return redirect(url_for("doctor.index"), 303)


@desk.post("/prescriptions/<int:prescription_id>/herbs-shown")
def herbs_shown(prescription_id: int) -> Response:
    """Let a patient see the herbs behind the bag's code, or not."""
    form = parse(ShownForm, request.form)
    with work() as open_work:
        prescription = show_herbs(open_work, current_actor(), prescription_id, shown=form.shown)
        visit_id = prescription.encounter_id
        open_work.commit()
    flash(gettext("患者扫码能看到药味。") if form.shown else gettext("患者扫码看不到药味。"), "good")
    return redirect(url_for("doctor.visit", visit_id=visit_id, prescription=prescription_id), 303)
