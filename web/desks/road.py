"""The road as the centre sees it: bags and cash that come back, and what the manager has to look at."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from secrets import token_urlsafe
from typing import Annotated

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from pydantic import Field
from werkzeug.wrappers import Response

from tcm.records.clock import county_day
from tcm.records.errors import N_, Refused
from tcm.records.lifecycle import REASONS, State
from tcm.records.permissions import Action
from tcm.records.road import ACT_TERMS, HANDING_TERMS
from tcm.services import acting, cashing, cooling, handing_over, retrying, returning, road_day
from tcm.services.retrying import Wait
from web.auth import current_actor, only
from web.door import Form, RowId, parse
from web.errors import status_of
from web.house import current_house, work
from web.i18n import say
from web.scan import read_scan

desk = Blueprint("road", __name__, url_prefix="/road")
desk.before_request(only(Action.ROAD_RECEIVE))

WAIT_TERMS = {
    Wait.LATER: N_("约好日期"),
    Wait.TOO_OFTEN: N_("次数已满，等主管决定"),
    Wait.NO_SECOND_TRY: N_("再送无用，等主管决定"),
}
_MOST_ATTEMPTS = 10
Yuan = Annotated[Decimal, Field(ge=0, le=1_000_000, decimal_places=2)]


class BagsForm(Form):
    """How many bags of a prescription came back."""

    prescription_id: RowId
    counted_bags: int = Field(ge=0, le=999)
    note: str = Field("", max_length=200)


class CashForm(Form):
    """What was counted of a courier's cash."""

    courier_id: RowId
    counted_yuan: Yuan
    note: str = Field("", max_length=200)
    request_key: str = Field(min_length=8, max_length=64)


class DueForm(Form):
    """What is to be collected for a prescription."""

    number: str = Field(min_length=1, max_length=40)
    due_yuan: Yuan


class AgainForm(Form):
    """When a failed delivery goes out once more."""

    prescription_id: RowId
    next_on: date


class SeenForm(Form):
    """Which row was seen."""

    row: RowId


class SettingsForm(Form):
    """How the centre delivers."""

    paper_enough: bool = False
    attempts_most: int = Field(ge=1, le=_MOST_ATTEMPTS)
    box: str


@desk.get("")
def index() -> str:
    """What comes back, and for the manager what has to be looked at."""
    return _page()


@desk.get("/signature/<int:prescription_id>")
def signature(prescription_id: int) -> Response:
    """The picture of a signature."""
    with work() as open_work:
        picture = handing_over.open_signature(open_work, current_actor(), prescription_id)
    return make_response(picture, {"Content-Type": "image/png"})


@desk.post("/bags")
def bags() -> Response:
    """Count bags that came back."""

    def act() -> str:
        form = parse(BagsForm, request.form)
        with work() as open_work:
            made = returning.sign_in(
                open_work, current_actor(), form.prescription_id, form.counted_bags, form.note
            )
            open_work.commit()
            return str(gettext("已点收 %(bags)s 袋。", bags=made.counted_bags))

    return _done(act)


@desk.post("/cash")
def cash() -> Response:
    """Count a courier's cash."""

    def act() -> str:
        form = parse(CashForm, request.form)
        with work() as open_work:
            cashing.hand_in(
                open_work,
                current_actor(),
                form.courier_id,
                int(form.counted_yuan * 100),
                form.note,
                form.request_key,
            )
            open_work.commit()
        return str(gettext("交款已记下。"))

    return _done(act)


@desk.post("/due")
def due() -> Response:
    """Say what is to be collected for a prescription."""

    def act() -> str:
        form = parse(DueForm, request.form)
        number = read_scan(form.number)
        with work() as open_work:
            cashing.set_due(open_work, current_actor(), number, int(form.due_yuan * 100))
            open_work.commit()
        return str(gettext("%(number)s 的代收金额已记下。", number=number))

    return _done(act)


@desk.post("/again")
def again() -> Response:
    """Let a failed delivery go out once more."""

    def act() -> str:
        form = parse(AgainForm, request.form)
        with work() as open_work:
            sent = retrying.send_again(open_work, current_actor(), form.prescription_id, form.next_on)
            open_work.commit()
            return str(gettext("%(number)s 会排进 %(day)s 的计划。", number=sent.number, day=form.next_on))

    return _done(act)


@desk.post("/seen/act")
def seen_act() -> Response:
    """Take note of what a phone sent in vain."""

    def act() -> str:
        form = parse(SeenForm, request.form)
        with work() as open_work:
            acting.note_seen(open_work, current_actor(), form.row)
            open_work.commit()
        return str(gettext("已记为看过。"))

    return _done(act)


@desk.post("/seen/box")
def seen_box() -> Response:
    """Take note of a box outside its limits."""

    def act() -> str:
        form = parse(SeenForm, request.form)
        with work() as open_work:
            cooling.note_seen(open_work, current_actor(), form.row)
            open_work.commit()
        return str(gettext("已记为看过。"))

    return _done(act)


@desk.post("/settings")
def settings() -> Response:
    """Decide how the centre delivers."""

    def act() -> str:
        form = parse(SettingsForm, request.form)
        with work() as open_work:
            road_day.decide(
                open_work,
                current_actor(),
                paper_enough=form.paper_enough,
                attempts_most=form.attempts_most,
                box=form.box,
            )
            open_work.commit()
        return str(gettext("配送设置已保存。"))

    return _done(act)


def _done(act: Callable[[], str]) -> Response:
    """Do it and come back to the page; a refusal stands above it, with what was there before."""
    try:
        sentence = act()
    except Refused as refusal:
        return make_response(_page(say(refusal)), status_of(refusal))
    flash(sentence, "good")
    return redirect(url_for("road.index"), 303)


def _page(sentence: str = "") -> str:
    today = county_day(current_house().clock())
    with work(reads_only=True) as open_work:
        view = road_day.road_view(open_work, current_actor(), today)
        return render_template(
            "road/index.html",
            view=view,
            today=today,
            sentence=sentence,
            reasons=REASONS[State.FAILED],
            waits=WAIT_TERMS,
            acts=ACT_TERMS,
            ways=HANDING_TERMS,
            boxes=cooling.LIMITS,
            most_attempts=_MOST_ATTEMPTS,
            request_keys={each.courier_id: token_urlsafe(24) for each in view.purses},
            refusal=lambda act: say(Refused(act.refusal, **act.refusal_values)),
        )
