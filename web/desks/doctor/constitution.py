"""The constitution form (体质) of a visit: sixty questions, nine types, advice to take home."""

import re
from secrets import token_urlsafe

from flask import make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from pydantic import Field
from werkzeug.wrappers import Response

from tcm.diagnosis.constitution import LEAST, MOST
from tcm.records.clock import county_day
from tcm.records.errors import N_
from tcm.services.constitutions import fill_form, open_form
from web.auth import current_actor
from web.desks.doctor.blueprint import desk
from web.desks.doctor.forms import RequestKey
from web.desks.shown import age_text
from web.door import Form, Typed, parse, typed_in
from web.house import current_house, work

ANSWERS = {1: N_("没有"), 2: N_("很少"), 3: N_("有时"), 4: N_("经常"), 5: N_("总是")}
UNANSWERED = N_("还有 %(count)s 题没有作答，已标出；作答过的都还在。")
_ANSWER = re.compile(rf"[{LEAST}-{MOST}]")


class ConstitutionForm(Form):
    """The form's own key; the answers are fields q1, q2 ..., one for each question asked."""

    request_key: RequestKey = Field(min_length=8)


@desk.get("/visits/<int:visit_id>/constitution")
def constitution(visit_id: int) -> Response:
    """The newest filled form with its advice, and an empty one."""
    return _page(visit_id, Typed())


@desk.post("/visits/<int:visit_id>/constitution")
def fill_constitution(visit_id: int) -> Response:
    """Keep a filled form; what is not answered is marked and nothing is lost."""
    form, typed = parse(ConstitutionForm, request.form), Typed(typed_in(request.form))
    with work() as open_work:
        view = open_form(open_work, current_actor(), visit_id)
        asked = current_house().knowledge.constitution_form.asked_of(view.patient.sex.value)
        given = {each.number: typed.value(f"q{each.number}") for each in asked}
        missing = [number for number, answer in given.items() if not _ANSWER.fullmatch(answer)]
        if not missing:
            answers = {number: int(answer) for number, answer in given.items()}
            knowledge = current_house().knowledge
            fill_form(open_work, current_actor(), knowledge, visit_id, answers, form.request_key)
            open_work.commit()
    if missing:
        marked: dict[tuple[str, int | None], str] = {
            (f"q{n}", None): gettext(N_("请作答。")) for n in missing
        }
        return _page(visit_id, Typed(typed.values, marked), gettext(UNANSWERED, count=len(missing)), 422)
    return redirect(url_for("doctor.constitution", visit_id=visit_id), 303)


def _page(visit_id: int, typed: Typed, sentence: str = "", status: int = 200) -> Response:
    with work() as open_work:
        view = open_form(open_work, current_actor(), visit_id)
        today = county_day(open_work.now)
    form = current_house().knowledge.constitution_form
    page = render_template(
        "doctor/constitution.html",
        view=view,
        visit_id=visit_id,
        age=age_text(view.patient.born_on, today),
        questions=form.asked_of(view.patient.sex.value),
        types={each.name: each for each in form.constitutions},
        answers={number: gettext(term) for number, term in ANSWERS.items()},
        typed=typed,
        sentence=sentence,
        request_key=typed.value("request_key") or token_urlsafe(24),
    )
    return make_response(page, status)
