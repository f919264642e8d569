"""Going on with paper (应急预案): blank forms printed in advance, and what was signed on them."""

from datetime import datetime
from secrets import token_urlsafe

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from pydantic import Field
from werkzeug.wrappers import Response

from tcm.records.errors import N_
from tcm.records.outage import (
    PAPER_TERMS,
    REASON_TERMS,
    STEPS,
    PaperBatch,
    PaperKind,
    PaperReason,
    PaperStep,
    paper_number,
)
from tcm.records.permissions import Action
from tcm.services import outages
from tcm.store.work import Work
from web.auth import current_actor, only
from web.desks.on_paper import from_county
from web.door import Form, Rejected, Typed, parse
from web.house import work
from web.i18n import language
from web.prints.blank import BlankForms, BlankKind, blank_forms_pdf

desk = Blueprint("outage", __name__, url_prefix="/outage")
desk.before_request(only(Action.OUTAGE_PAPER))

COUNT_OF_NEW = 20
PRINTED = N_("已编好 %(count)s 个号，请打印后放在科室里备用。")
ENTERED = N_("已补录。请照常在系统里再签一次。")
_BLANKS: dict[PaperKind, BlankKind] = {
    PaperKind.PRESCRIPTION: "prescription",
    PaperKind.REVIEW: "review",
    PaperKind.DECOCTION: "decoction",
    PaperKind.DELIVERY: "delivery",
}


class BatchForm(Form):
    """Blank forms that somebody wants to print."""

    request_key: str = Field(min_length=1, max_length=64)
    kind: PaperKind
    count: int = Field(ge=1, le=outages.SHEETS_AT_MOST)


class SignatureForm(Form):
    """A step that the person who enters it signed on paper."""

    number: str = Field(min_length=1, max_length=24)
    step: PaperStep
    paper: str = Field(min_length=1, max_length=48)
    signed_at: datetime
    reason: PaperReason


@desk.get("")
def index() -> Response:
    """What to do, what is printed, what was entered later."""
    with work() as open_work:
        return _page(open_work, Typed())


@desk.post("/batches")
def print_batch() -> Response:
    """Give numbers to blank forms."""
    with work() as open_work:
        try:
            form = parse(BatchForm, request.form)
        except Rejected as rejected:
            return _page(open_work, rejected.typed, status=422)
        batch = outages.print_papers(open_work, current_actor(), form.kind, form.count, form.request_key)
        open_work.commit()
        flash(gettext(PRINTED, count=batch.count), "good")
    return redirect(url_for("outage.index"), 303)


@desk.get("/batches/<int:batch_id>.pdf")
def batch_pdf(batch_id: int) -> Response:
    """The forms themselves."""
    with work() as open_work:
        batch, institution = outages.open_batch(open_work, current_actor(), batch_id)
        forms = BlankForms(
            kind=_BLANKS[batch.kind],
            institution=institution.name,
            numbers=numbers_of(batch, institution.code),
            printed_at=batch.printed_at,
        )
    response = make_response(blank_forms_pdf(forms, "en" if language() == "en" else "zh"))
    response.headers["Content-Type"] = "application/pdf"
    response.headers["Content-Disposition"] = f'inline; filename="{forms.kind}-{forms.numbers[0]}.pdf"'
    return response


@desk.post("/signatures")
def enter_signature() -> Response:
    """Note what the person signed on paper."""
    with work() as open_work:
        try:
            form = parse(SignatureForm, request.form)
        except Rejected as rejected:
            return _page(open_work, rejected.typed, status=422)
        outages.enter_signature(
            open_work,
            current_actor(),
            form.number,
            form.step,
            form.paper,
            from_county(form.signed_at),
            form.reason,
        )
        open_work.commit()
    flash(gettext(ENTERED), "good")
    return redirect(url_for("outage.index"), 303)


def numbers_of(batch: PaperBatch, institution_code: str) -> tuple[str, ...]:
    """The number on each sheet of a batch.

    Args:
        batch: Which.
        institution_code: Of the house that printed it.

    Returns:
        In order.
    """
    serials = range(batch.first_serial, batch.first_serial + batch.count)
    return tuple(paper_number(institution_code, batch.kind, serial) for serial in serials)


def _page(open_work: Work, typed: Typed, status: int = 200) -> Response:
    actor = current_actor()
    outage = outages.open_outage(open_work, actor)
    mine = [(step, rule) for step, rule in STEPS.items() if rule.role is actor.role]
    page = render_template(
        "outage/index.html",
        outage=outage,
        typed=typed,
        numbers={batch.id: numbers_of(batch, outage.institution.code) for batch in outage.batches},
        kinds=[(kind.value, gettext(term)) for kind, term in PAPER_TERMS.items()],
        kind_terms=PAPER_TERMS,
        reasons=[(reason.value, gettext(term)) for reason, term in REASON_TERMS.items()],
        reason_terms=REASON_TERMS,
        rules=STEPS,
        my_steps=[
            (step.value, gettext(rule.term)) for step, rule in mine if step is not PaperStep.PRESCRIBED
        ],
        count_of_new=COUNT_OF_NEW,
        most=outages.SHEETS_AT_MOST,
        request_key=token_urlsafe(24),
    )
    return make_response(page, status)
