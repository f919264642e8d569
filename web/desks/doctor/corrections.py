"""A sign of the tongue as the doctor sees it: one tap beside what the reader said."""

from dataclasses import dataclass

from flask import make_response, redirect, render_template, request, url_for
from pydantic import Field
from werkzeug.wrappers import Response

from tcm.records.clinical import Photograph, PhotographKind
from tcm.services.charting import open_chart
from tcm.services.correcting import correct_sign
from web.auth import current_actor
from web.desks.doctor.blueprint import desk
from web.desks.doctor.photographs import EVIDENCE_CHANGED
from web.desks.doctor.pictures import pictures_of
from web.door import Form, parse
from web.errors import wants_fragment
from web.house import current_house, work


class CorrectionForm(Form):
    """One sign and what it is."""

    sign: str = Field(max_length=24)
    label: str = Field(max_length=24)


@dataclass(frozen=True)
class SignChoice:
    """A sign to correct.

    Args:
        sign: Its name.
        chosen: The label that counts: the doctor's, else the reader's where it was asserted, else empty.
        options: Label and term of each possible answer.
    """

    sign: str
    chosen: str
    options: tuple[tuple[str, str], ...]


@desk.post("/photographs/<int:photograph_id>/signs")
def correct(photograph_id: int) -> Response:
    """Keep what the doctor says of a sign; suggestions follow at once."""
    form = parse(CorrectionForm, request.form)
    with work() as open_work:
        knowledge = current_house().knowledge
        correct_sign(open_work, current_actor(), knowledge, photograph_id, form.sign, form.label)
        visit_id = open_work.photographs.get(photograph_id).encounter_id
        open_work.commit()
    if not wants_fragment():
        return redirect(url_for("doctor.visit", visit_id=visit_id, _anchor="tongue"), 303)
    with work() as open_work:
        chart = open_chart(open_work, current_actor(), visit_id)
        pictures = pictures_of(chart.photographs, PhotographKind.TONGUE, open_work.now)
    page = render_template(
        "doctor/pictures_shown.html",
        visit_id=visit_id,
        pictures=pictures,
        corrections=chart.corrections,
        # Nobody else's correction was taken.
        mine=True,
    )
    response = make_response(page)
    response.headers["HX-Trigger"] = EVIDENCE_CHANGED
    return response


@desk.app_template_filter("sign_choices")
def sign_choices(photograph: Photograph, corrected: dict[str, str]) -> list[SignChoice]:
    """Every sign of a tongue with its possible answers.

    Args:
        photograph: Read.
        corrected: What the doctor said, label by sign.

    Returns:
        In the order of the reading.
    """
    terms = current_house().knowledge.patterns.tongue_terms
    return [
        SignChoice(
            sign.name,
            corrected.get(sign.name, "" if sign.abstained else sign.label),
            tuple((label, term) for (name, label), term in terms.items() if name == sign.name),
        )
        for sign in photograph.signs
    ]


@desk.app_template_filter("corrected_terms")
def corrected_terms(corrected: dict[str, str]) -> dict[str, str]:
    """What a doctor said of signs, as terms.

    Args:
        corrected: Label by sign.

    Returns:
        Term by sign.
    """
    terms = current_house().knowledge.patterns.tongue_terms
    return {sign: terms[sign, label] for sign, label in corrected.items()}
