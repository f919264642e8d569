"""Requisitions (按需申领): a township asks, the centre sends, the township says what arrived."""

from collections.abc import Callable
from secrets import token_urlsafe

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from pydantic import Field
from werkzeug.wrappers import Response

from tcm.records.clock import county_day
from tcm.records.errors import Forbidden, Invalid, Refused
from tcm.records.orders import REQUISITION_STATE_TERMS, RequisitionState
from tcm.records.permissions import Action, may
from tcm.services import requisitioning
from tcm.store.stock_queries import shelf
from tcm.store.work import Work
from web.auth import current_actor, only
from web.desks.stock.blueprint import NoteForm, sentence_of, weight
from web.door import Form, RowId, Typed, parse, typed_in, typed_of
from web.errors import status_of
from web.house import current_house, work
from web.second import second_person

desk = Blueprint("requisitions", __name__, url_prefix="/requisitions")
desk.before_request(only(Action.REQUISITION_READ))

ROWS_SHOWN, ROWS_AT_MOST = 4, 60
MOST_G = 20_000_000
TONES = {
    RequisitionState.ASKED: "wait",
    RequisitionState.SENT: "work",
    RequisitionState.RECEIVED: "good",
    RequisitionState.REFUSED: "bad",
    RequisitionState.WITHDRAWN: "quiet",
}


class AskedRow(Form):
    """One herb that is asked for."""

    herb: str = Field(min_length=1, max_length=40)
    amount_g: float = Field(gt=0, le=MOST_G)


class RequisitionForm(Form):
    """What a township asks for."""

    request_key: str = Field(min_length=8, max_length=64)
    note: str = Field("", max_length=200)
    lines: list[AskedRow] = Field([], max_length=ROWS_AT_MOST)


class WeighedRow(Form):
    """How much of one line."""

    line_id: RowId
    weighed_g: float = Field(ge=0, le=MOST_G)


class WeighedForm(Form):
    """What is sent, or what arrived."""

    note: str = Field("", max_length=200)
    lines: list[WeighedRow] = Field([], max_length=ROWS_AT_MOST)

    @property
    def grams(self) -> dict[int, float]:
        """Grams by row of the line."""
        return {row.line_id: row.weighed_g for row in self.lines}


@desk.get("")
def index() -> Response:
    """The newest, and for a township the form for another."""
    return _list_page(Typed.of(request_key=token_urlsafe(24)))


@desk.post("")
def ask() -> Response:
    """Ask for herbs."""
    try:
        form = parse(RequisitionForm, request.form)
        with work() as open_work:
            made = requisitioning.ask(
                open_work,
                current_actor(),
                current_house().knowledge,
                [(row.herb, row.amount_g) for row in form.lines],
                form.request_key,
                note=form.note,
            )
            open_work.commit()
    except Forbidden:
        raise
    except Refused as refusal:
        return _list_page(typed_of(refusal, request.form), sentence_of(refusal), status_of(refusal))
    flash(gettext("申领单已送到中心。"), "good")
    return redirect(url_for("requisitions.one", requisition_id=made.id), 303)


@desk.get("/<int:requisition_id>")
def one(requisition_id: int) -> Response:
    """One of them, with what its reader may do."""
    return _page(requisition_id)


@desk.post("/<int:requisition_id>/send")
def send(requisition_id: int) -> Response:
    """The centre sends; what is on the locked book leaves by two hands."""
    try:
        second = second_person()
    except Invalid as refusal:
        return _page(requisition_id, Typed(typed_in(request.form)), sentence_of(refusal), 422)

    def act(open_work: Work) -> None:
        form = parse(WeighedForm, request.form)
        requisitioning.send(open_work, current_actor(), requisition_id, form.grams, form.note, second=second)

    return _do(act, requisition_id)


@desk.post("/<int:requisition_id>/refuse")
def refuse(requisition_id: int) -> Response:
    """The centre sends nothing."""

    def act(open_work: Work) -> None:
        note = parse(NoteForm, request.form).note
        requisitioning.refuse(open_work, current_actor(), requisition_id, note)

    return _do(act, requisition_id)


@desk.post("/<int:requisition_id>/withdraw")
def withdraw(requisition_id: int) -> Response:
    """The township does not want it any more."""
    return _do(
        lambda open_work: requisitioning.withdraw(open_work, current_actor(), requisition_id), requisition_id
    )


@desk.post("/<int:requisition_id>/receive")
def receive(requisition_id: int) -> Response:
    """The township says what arrived."""

    def act(open_work: Work) -> None:
        form = parse(WeighedForm, request.form)
        requisitioning.receive(open_work, current_actor(), requisition_id, form.grams, form.note)

    return _do(act, requisition_id)


def _do(act: Callable[[Work], object], requisition_id: int) -> Response:
    try:
        with work() as open_work:
            act(open_work)
            open_work.commit()
    except Forbidden:
        raise
    except Refused as refusal:
        return _page(requisition_id, Typed(typed_in(request.form)), sentence_of(refusal), status_of(refusal))
    return redirect(url_for("requisitions.one", requisition_id=requisition_id), 303)


def _page(requisition_id: int, typed: Typed | None = None, sentence: str = "", status: int = 200) -> Response:
    actor = current_actor()
    with work() as open_work:
        view = requisitioning.open_requisition(open_work, actor, requisition_id)
        herbs = {line.herb for line in view.requisition.lines}
        sends = may(actor, Action.REQUISITION_SEND)
        free = shelf(open_work.session, county_day(open_work.now), herbs) if sends else {}
        locked = [lot.herb for lot in open_work.lots.behind_locks(herbs)] if sends else []
    typed = typed or Typed()
    typed_g = dict(zip(typed.all("line_id"), typed.all("weighed_g"), strict=False))
    body = _render(
        "one.html", view=view, typed=typed, typed_g=typed_g, free=free, locked=locked, sentence=sentence
    )
    return make_response(body, status)


def _list_page(typed: Typed, sentence: str = "", status: int = 200) -> Response:
    with work() as open_work:
        body = _render(
            "index.html",
            views=requisitioning.list_requisitions(open_work, current_actor()),
            typed=typed,
            rows=max(ROWS_SHOWN, len(typed.all("herb")) + 1),
            sentence=sentence,
        )
    return make_response(body, status)


def _render(template: str, **values: object) -> str:
    shared = {"weight": weight, "terms": REQUISITION_STATE_TERMS, "tones": TONES}
    return render_template(f"requisitions/{template}", **shared, **values)
