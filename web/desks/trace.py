"""What the code on a bag tells whoever holds it: no log-in, no name; herbs and words to the doctor by PIN."""

from secrets import token_urlsafe

from flask import (
    Blueprint,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_babel import gettext
from pydantic import Field
from werkzeug.wrappers import Response

from tcm.records.aftercare import STARS_MOST
from tcm.records.errors import N_, Forbidden, NotFound, Refused
from tcm.records.lifecycle import State
from tcm.records.permissions import Action, may
from tcm.services import hearing, unlocking
from tcm.services.instructing import KEEP_DRY, advice_of
from tcm.services.linking import is_linked
from tcm.services.packing import parcels_per_dose
from tcm.services.tracing import public_trace
from tcm.store.work import Work
from web.auth import signed_in
from web.desks.doctor.forms import RequestKey
from web.desks.shown import sign_list
from web.door import Form, parse
from web.errors import status_of
from web.house import current_house, work
from web.i18n import say
from web.papers import use_before
from web.scan import read_scan
from web.security import limited, open_to_all

desk = Blueprint("trace", __name__)

# The centre's official account is kept here, where there is one.
WECHAT = "tangye_wechat"
_OPENED, _OPEN_S = "bag_opened", 15 * 60

# What passed between the doctor and the pharmacist is not for whoever finds a bag.
_SHOWN = frozenset(State) - {State.DRAFT, State.RETURNED, State.CANCELLED}


class PinForm(Form):
    """The last four digits of the patient's telephone."""

    pin: str = Field(min_length=1, max_length=8)


class WorseForm(Form):
    """What a patient says who feels worse."""

    signs: list[str] = Field(default_factory=list)
    words: str = Field("", max_length=hearing.MOST_CHARACTERS)
    request_key: RequestKey


class RatingForm(Form):
    """What a patient thinks of it."""

    stars: int = Field(ge=1, le=STARS_MOST)
    words: str = Field("", max_length=hearing.MOST_CHARACTERS)


@desk.get("/trace/<code>")
@open_to_all
@limited("trace_limit")
def page(code: str) -> Response:
    """The trace of a bag."""
    return _page(code)


@desk.get("/t/<code>")
@open_to_all
@limited("trace_limit")
def short(code: str) -> Response:
    """The same under the address that fits a small code."""
    return _page(code)


@desk.post("/t/<code>/open")
@open_to_all
@limited("pin_limit")
def unlock(code: str) -> Response:
    """Let the holder see more."""
    code = read_scan(code)
    try:
        pin = parse(PinForm, request.form).pin
        with work() as open_work:
            prescription_id = unlocking.unlock(open_work, code, pin)
    except NotFound:
        return _no_bag(code)
    except Refused as refusal:
        return _page(code, say(refusal), status_of(refusal))
    session[_OPENED] = [prescription_id, int(current_house().clock().timestamp())]
    return redirect(url_for("trace.short", code=code, _anchor="worse"), 303)


@desk.post("/t/<code>/worse")
@open_to_all
@limited("pin_limit")
def worse(code: str) -> Response:
    """Tell the doctor that the patient feels worse."""
    code = read_scan(code)
    try:
        form = parse(WorseForm, request.form)
        with work() as open_work:
            hearing.say_worse(
                open_work,
                current_house().knowledge,
                demand_opened(open_work, code),
                signs=form.signs,
                words=form.words,
                request_key=form.request_key,
            )
            open_work.commit()
    except Refused as refusal:
        return _page(code, say(refusal), status_of(refusal))
    flash(gettext("已告诉医师。急的话不要等，先打电话，或拨 120。"), "good")
    return redirect(url_for("trace.short", code=code, _anchor="worse"), 303)


@desk.post("/t/<code>/rating")
@open_to_all
@limited("pin_limit")
def rate(code: str) -> Response:
    """Rate."""
    code = read_scan(code)
    try:
        form = parse(RatingForm, request.form)
        with work() as open_work:
            hearing.rate(open_work, demand_opened(open_work, code), form.stars, form.words)
            open_work.commit()
    except Refused as refusal:
        return _page(code, say(refusal), status_of(refusal))
    flash(gettext("谢谢您的评价。"), "good")
    return redirect(url_for("trace.short", code=code), 303)


def _page(code: str, sentence: str = "", status: int = 200) -> Response:
    code = read_scan(code)
    try:
        with work(reads_only=True) as open_work:
            trace = public_trace(open_work, code)
            prescription = open_work.prescriptions.get(trace.bag.prescription_id)
            advice = advice_of(open_work, current_house().knowledge, prescription)
            held = unlocking.held_bag(open_work, code) if _opened() == prescription.id else None
            by_wechat = held is not None and is_linked(open_work, prescription.key())
    except NotFound:
        return _no_bag(code)
    # Outside the work: the page's frame asks the database who is logged in.
    shown = render_template(
        "trace/page.html",
        trace=trace,
        steps=[step for step in trace.steps if step.state in _SHOWN],
        use_before=use_before(trace.bag),
        parcels_per_dose=parcels_per_dose(trace.preparation),
        advice=advice,
        keep=KEEP_DRY.get(trace.preparation, ""),
        held=held,
        signs=hearing.SIGNS,
        sign_list=sign_list,
        by_wechat=by_wechat,
        wechat=current_app.extensions.get(WECHAT),
        sentence=sentence,
        request_key=token_urlsafe(24),
    )
    response = make_response(shown, status)
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Cache-Control"] = "no-store"
    return response


def _opened() -> int | None:
    """The prescription whose PIN was right in this browser a short while ago."""
    row, at = session.get(_OPENED, (None, 0))
    # One opened by a clock that ran ahead would stay open until then.
    return row if abs(current_house().clock().timestamp() - at) < _OPEN_S else None


def demand_opened(open_work: Work, code: str) -> int:
    """The prescription of a bag whose PIN was right in this browser a short while ago.

    Args:
        open_work: The unit of work.
        code: Of the bag.

    Returns:
        Row of the prescription.

    Raises:
        NotFound: When no bag has the code.
        Forbidden: When the PIN was not typed, or too long ago.
    """
    prescription_id = open_work.bags.by_code(code).prescription_id
    if _opened() != prescription_id:
        raise Forbidden(N_("时间久了，请重新输入电话后四位。"))
    return prescription_id


def _no_bag(code: str) -> Response:
    # A prescription's paper carries its number in a code like this one. It leads the floor to its card; to
    # others it tells nothing, for numbers can be guessed.
    person = signed_in()
    if person is not None and may(person.actor, Action.FLOOR_MOVE):
        return redirect(url_for("floor.scan", code=code))
    raise NotFound(N_("没有这个袋码。请扫药袋上的二维码，或核对袋上的字。"))
