"""Consultation: the doctor's question, the expert's page, and what becomes of both."""

from secrets import token_urlsafe

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from tcm.records.clock import county_day
from tcm.records.errors import N_, Invalid
from tcm.records.permissions import Action
from tcm.records.together import CONSENT_BY_TERMS, CONSENT_HOW_TERMS, Answer
from tcm.services import conferring
from tcm.services.access import look_at_encounter
from tcm.services.conferring import Question
from tcm.services.inboxes import listed_consultation
from web.auth import current_actor
from web.desks.shown import age_text
from web.desks.together.blueprint import desk
from web.desks.together.forms import AnswerForm, ConsultForm, WordsForm, read_lines
from web.desks.together.shown import case_values, options, picture, terms
from web.door import Rejected, Typed, parse, typed_in
from web.house import current_house, work
from web.i18n import say


@desk.get("/visits/<int:visit_id>/consult")
def consult(visit_id: int) -> Response:
    """The form of a question about a visit."""
    return _question_page(visit_id, Typed.of(request_key=token_urlsafe(24)))


@desk.post("/visits/<int:visit_id>/consult")
def ask(visit_id: int) -> Response:
    """Ask."""
    try:
        form = parse(ConsultForm, request.form)
        question = Question(form.expert_id, form.words, form.consent_by, form.consent_how, form.urgent)
        with work() as open_work:
            conferring.ask(open_work, current_actor(), visit_id, question, form.request_key)
            open_work.commit()
    except Rejected as rejected:
        return _question_page(visit_id, rejected.typed, say(rejected), 422)
    except Invalid as refusal:
        return _question_page(visit_id, Typed(typed_in(request.form)), say(refusal), 422)
    flash(gettext(N_("已请专家会诊，答复会出现在这次就诊里。")), "good")
    return redirect(url_for("doctor.visit", visit_id=visit_id, _anchor="together"), 303)


@desk.get("/consultations/<int:consultation_id>")
def consultation(consultation_id: int) -> Response:
    """The case as the expert sees it, with the form of the answer."""
    return _expert_page(consultation_id, Typed())


@desk.post("/consultations/<int:consultation_id>/answer")
def answer(consultation_id: int) -> Response:
    """Answer."""
    try:
        form = parse(AnswerForm, request.form)
        given = Answer(form.words, form.disease, form.syndrome, read_lines(form.herbs), form.usage)
        with work() as open_work:
            knowledge = current_house().knowledge
            conferring.answer(open_work, current_actor(), knowledge, consultation_id, given)
            open_work.commit()
    except Rejected as rejected:
        return _expert_page(consultation_id, rejected.typed, say(rejected), 422)
    except Invalid as refusal:
        return _expert_page(consultation_id, Typed(typed_in(request.form)), say(refusal), 422)
    flash(gettext(N_("会诊意见已送达。")), "good")
    return redirect(url_for("together.index"), 303)


@desk.post("/consultations/<int:consultation_id>/decline")
def decline(consultation_id: int) -> Response:
    """Say that one cannot answer, and why."""
    form = parse(WordsForm, request.form)
    with work() as open_work:
        conferring.decline(open_work, current_actor(), consultation_id, form.words)
        open_work.commit()
    flash(gettext(N_("已告知对方不能会诊。")), "good")
    return redirect(url_for("together.index"), 303)


@desk.post("/consultations/<int:consultation_id>/<any(withdraw, acknowledge):act>")
def close(consultation_id: int, act: str) -> Response:
    """Take a question back, or say that its end has been seen."""
    use_case = conferring.withdraw if act == "withdraw" else conferring.acknowledge
    with work() as open_work:
        changed = use_case(open_work, current_actor(), consultation_id)
        visit_id = changed.encounter_id
        open_work.commit()
    return redirect(url_for("doctor.visit", visit_id=visit_id, _anchor="together"), 303)


@desk.get("/consultations/<int:consultation_id>/photographs/<int:photograph_id>/<any(picture, overlay):kind>")
def consultation_picture(consultation_id: int, photograph_id: int, kind: str) -> Response:
    """A picture of the case."""
    with work() as open_work:
        data = conferring.open_picture(
            open_work, current_actor(), consultation_id, photograph_id, overlay=kind == "overlay"
        )
    return picture(data)


def _question_page(visit_id: int, typed: Typed, sentence: str = "", status: int = 200) -> Response:
    with work() as open_work:
        visit = open_work.encounters.get(visit_id)
        look_at_encounter(open_work, current_actor(), visit, Action.CONSULT_ASK)
        patient = open_work.patients.get(visit.patient_id)
        experts = [
            (
                one.person.id,
                f"{one.person.name} {one.person.title} · {one.person.expert_in} · {one.house.name}",
            )
            for one in conferring.list_experts(open_work, current_actor())
        ]
        page = render_template(
            "together/consult.html",
            visit=visit,
            patient=patient,
            age=age_text(patient.born_on, county_day(open_work.now)),
            typed=typed,
            sentence=sentence,
            experts=experts,
            by_options=options(CONSENT_BY_TERMS),
            how_options=options(CONSENT_HOW_TERMS),
        )
    return make_response(page, status)


def _expert_page(consultation_id: int, typed: Typed, sentence: str = "", status: int = 200) -> Response:
    with work() as open_work:
        opened, case = conferring.open_case(open_work, current_actor(), consultation_id)
        listed = listed_consultation(open_work, opened)
        values = case_values(
            open_work,
            case,
            lambda photograph_id, kind: url_for(
                "together.consultation_picture",
                consultation_id=consultation_id,
                photograph_id=photograph_id,
                kind=kind,
            ),
        )
        page = render_template(
            "together/consultation.html", listed=listed, typed=typed, sentence=sentence, **values, **terms()
        )
        is_first_look = opened.read_at is None
    if is_first_look:
        # A page that is asked for changes nothing; this one mark is a work of its own.
        house = current_house()
        with house.store.work(house.clock) as marking:
            conferring.note_first_look(marking, current_actor(), consultation_id)
            marking.commit()
    return make_response(page, status)
