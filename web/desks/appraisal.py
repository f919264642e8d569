"""The monthly appraisal (处方点评): draw a sample, say what one finds, answer appeals, print the report."""

from secrets import randbelow

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from pydantic import Field
from werkzeug.wrappers import Response

from tcm.records.appraisals import AppraisedPrescription, Standing
from tcm.records.clinical import Prescription
from tcm.records.clock import county_day
from tcm.records.errors import N_, Refused
from tcm.records.permissions import Action, may
from tcm.services import appraising, reviewing
from tcm.store.work import Work
from web.auth import current_actor, only
from web.desks.shown import age_text, show_findings, show_labs
from web.door import Form, Rejected, Typed, parse, typed_in
from web.errors import status_of
from web.house import current_house, work
from web.i18n import say

desk = Blueprint("appraisal", __name__, url_prefix="/appraisal")
desk.before_request(only(Action.APPRAISAL_READ))

STANDING_TERMS = {
    Standing.WAITING: N_("待点评"),
    Standing.DISPUTED: N_("意见不一，待第三人"),
    Standing.CONCLUDED: N_("已点评"),
}
LARGEST_SEED = 2**31


class DrawForm(Form):
    """Which month."""

    month: str = Field(pattern="^[0-9]{4}-(0[1-9]|1[0-2])$")


class OpinionForm(Form):
    """What is found; no code says that the prescription is reasonable."""

    verdict: str = Field(pattern="^(reasonable|faulty)$")
    codes: list[str] = Field([], max_length=28)
    note: str = Field("", max_length=500)


class AnswerForm(Form):
    """The answer to an appeal."""

    upheld: bool
    words: str = Field(min_length=1, max_length=500)


@desk.get("")
def index() -> str:
    """Every sample, and a form to draw the next."""
    return _index(Typed())


@desk.post("/draw")
def draw() -> Response:
    """Draw the sample of a month."""
    try:
        form = parse(DrawForm, request.form)
    except Rejected as rejected:
        return make_response(_index(rejected.typed, say(rejected)), 422)
    try:
        with work() as open_work:
            sample = appraising.draw(
                open_work, current_actor(), current_house().knowledge, form.month, randbelow(LARGEST_SEED)
            )
            open_work.commit()
            sample_id = sample.id
    except Refused as refusal:
        page = _index(Typed.of(month=form.month), say(refusal))
        return make_response(page, status_of(refusal))
    return redirect(url_for("appraisal.sample", appraisal_id=sample_id), 303)


@desk.get("/<int:appraisal_id>")
def sample(appraisal_id: int) -> str:
    """A month: indicators, codes, prescriptions; printed, it is the report."""
    with work() as open_work:
        view = appraising.open_appraisal(open_work, current_actor(), appraisal_id)
        doctors = open_work.staff.by_ids(one.doctor_id for one in view.prescriptions.values())
        houses = open_work.institutions.by_ids(one.institution_id for one in view.prescriptions.values())
        names = open_work.staff.by_ids(
            [view.appraisal.drawn_by_id, *(o.reviewer_id for row in view.rows for o in row.opinions)]
        )
    knowledge = current_house().knowledge
    return render_template(
        "appraisal/sample.html",
        view=view,
        doctors=doctors,
        houses=houses,
        names=names,
        codes={code.code: code for code in knowledge.appraisal_codes},
        rate=knowledge.appraisal_rates[appraising.SCOPE],
        standing_terms=STANDING_TERMS,
        may_speak=may(current_actor(), Action.APPRAISAL_GIVE),
    )


@desk.post("/<int:appraisal_id>/next")
def next_one(appraisal_id: int) -> Response:
    """On to the first prescription that still wants one's word."""
    with work() as open_work:
        row = appraising.next_to_appraise(open_work, current_actor(), appraisal_id)
    if row is None:
        flash(gettext(N_("这次点评没有等您的处方了。")), "info")
        return redirect(url_for("appraisal.sample", appraisal_id=appraisal_id), 303)
    return redirect(url_for("appraisal.one", appraised_id=row.id), 303)


@desk.get("/prescriptions/<int:appraised_id>")
def one(appraised_id: int) -> Response:
    """One prescription with the codes to choose from."""
    return _one(appraised_id, Typed())


@desk.post("/prescriptions/<int:appraised_id>")
def speak(appraised_id: int) -> Response:
    """Give one's opinion, and go on to the next."""
    form, typed = parse(OpinionForm, request.form), Typed(typed_in(request.form))
    if (form.verdict == "faulty") != bool(form.codes):
        return _one(appraised_id, typed, gettext(N_("不合理的请选代码，合理的不要选。")), 422)
    try:
        with work() as open_work:
            knowledge = current_house().knowledge
            row = appraising.give_opinion(
                open_work, current_actor(), knowledge, appraised_id, form.codes, form.note
            )
            appraisal_id = row.appraisal_id
            open_work.commit()
    except Refused as refusal:
        return _one(appraised_id, typed, say(refusal), status_of(refusal))
    return next_one(appraisal_id)


@desk.post("/prescriptions/<int:appraised_id>/answer")
def answer(appraised_id: int) -> Response:
    """Answer the doctor's appeal."""
    form = parse(AnswerForm, request.form)
    try:
        with work() as open_work:
            appraising.answer_appeal(
                open_work, current_actor(), appraised_id, upheld=form.upheld, words=form.words
            )
            open_work.commit()
    except Refused as refusal:
        return _one(appraised_id, Typed(typed_in(request.form)), say(refusal), status_of(refusal))
    return redirect(url_for("appraisal.one", appraised_id=appraised_id), 303)


def _index(typed: Typed, sentence: str = "") -> str:
    with work() as open_work:
        samples = appraising.list_appraisals(open_work, current_actor())
        month = appraising.last_month(open_work.now)
    shown = typed if typed.values else Typed.of(month=month)
    return render_template(
        "appraisal/index.html", samples=samples, typed=shown, sentence=sentence, drawn=month
    )


def _one(appraised_id: int, typed: Typed, sentence: str = "", status: int = 200) -> Response:
    actor, knowledge = current_actor(), current_house().knowledge
    with work() as open_work:
        row, prescription = appraising.open_appraised(open_work, actor, appraised_id)
        case = reviewing.open_case(open_work, actor, knowledge, prescription.key())
        values = _names(open_work, row, prescription)
    spoken = any(opinion.reviewer_id == actor.staff_id for opinion in row.opinions)
    page = render_template(
        "appraisal/one.html",
        row=row,
        case=case,
        prescription=prescription,
        age=age_text(case.patient.born_on, county_day(case.encounter.opened_at)),
        findings=show_findings(case.findings),
        labs=show_labs(case.encounter.labs),
        codes=knowledge.appraisal_codes,
        terms={code.code: code.text for code in knowledge.appraisal_codes},
        # Whoever has not spoken yet must not be led by who has.
        opinions=row.opinions if spoken or row.standing is Standing.CONCLUDED else [],
        may_speak=not spoken and row.standing is not Standing.CONCLUDED,
        may_answer=row.appealed_at is not None and row.answered_at is None and not spoken,
        standing_terms=STANDING_TERMS,
        typed=typed,
        sentence=sentence,
        **values,
    )
    return make_response(page, status)


def _names(open_work: Work, row: AppraisedPrescription, prescription: Prescription) -> dict[str, object]:
    people = [prescription.doctor_id, *(opinion.reviewer_id for opinion in row.opinions)]
    people += [row.answered_by_id] if row.answered_by_id else []
    return {
        "names": open_work.staff.by_ids(people),
        "house": open_work.institutions.get(prescription.institution_id),
    }
