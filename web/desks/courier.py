"""The courier's phone: own routes of today, loading, handing over, and what could not be handed over."""

from datetime import date

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from pydantic import Field
from werkzeug.wrappers import Response

from tcm.records.clock import county_day
from tcm.records.errors import N_, IllegalMove, NotFound
from tcm.records.lifecycle import REASONS, State
from tcm.records.permissions import Action
from tcm.services import delivering, overseeing
from tcm.store.work import Work
from web.auth import current_actor, only
from web.door import Form, RowId, parse
from web.house import current_house, work
from web.i18n import say
from web.papers import numbered_stops
from web.scan import read_scan

desk = Blueprint("courier", __name__, url_prefix="/courier")
desk.before_request(only(Action.ROUTE_DELIVER))


class LoadForm(Form):
    """Which trip is loaded."""

    route_id: RowId
    trip: int = Field(ge=1)


class HandOverForm(Form):
    """Which prescription was handed over at which stop."""

    stop_id: RowId
    prescription_id: RowId
    version: int
    bag_codes: tuple[str, ...] = ()


class FailureForm(Form):
    """Which prescription could not be handed over, and why."""

    stop_id: RowId
    prescription_id: RowId
    version: int
    reason_code: str = ""


@desk.get("")
def index() -> str:
    """Own routes of today."""
    return _routes_page()


@desk.get("/stop/<int:stop_id>")
def stop(stop_id: int) -> str:
    """One stop, as the code on the sheet leads to it."""
    with work() as open_work:
        page = delivering.open_stop(open_work, current_actor(), stop_id)
        shown = render_template(
            "courier/stop.html",
            page=page,
            number=_number_of(page),
            onward=_next_stop(page),
            reasons=[(code, gettext(term)) for code, term in REASONS[State.FAILED].items()],
            scanned=read_scan(request.args.get("bag", "")),
        )
    return shown


@desk.get("/scan")
def scan() -> Response:
    """From a bag's code to the stop where it is handed over."""
    code = read_scan(request.args.get("code", ""))
    actor = current_actor()
    try:
        with work() as open_work:
            prescription = delivering.find_by_scan(open_work, actor, code)
            stop_id = _stop_of(delivering.my_routes(open_work, actor, _day(open_work)), prescription.key())
    except (NotFound, IllegalMove) as refusal:
        # The box stays open for the next scan.
        status = 404 if isinstance(refusal, NotFound) else 409
        return make_response(_routes_page(say(refusal), code), status)
    return redirect(url_for("courier.stop", stop_id=stop_id, bag=code))


@desk.post("/load")
def load() -> Response:
    """Put everything packed for a trip onto the vehicle."""
    form = parse(LoadForm, request.form)
    with work() as open_work:
        done = delivering.load_trip(open_work, current_actor(), form.route_id, form.trip)
        open_work.commit()
    flash(gettext("已装车 %(count)s 件。", count=len(done.loaded)), "good")
    if done.missing:
        numbers = "、".join(done.missing)
        flash(gettext("还没有包装好、留在中心的：%(numbers)s", numbers=numbers), "warn")
    if done.recalled:
        numbers = "、".join(done.recalled)
        flash(gettext("含召回批次、不能装车的：%(numbers)s。请交给煎药员。", numbers=numbers), "bad")
    if done.unchecked:
        numbers = "、".join(done.unchecked)
        flash(gettext("还没有质检放行、留在中心的：%(numbers)s。", numbers=numbers), "warn")
    if done.halted:
        numbers = "、".join(done.halted)
        flash(gettext("煎煮异常还没有人决定、不能装车的：%(numbers)s", numbers=numbers), "bad")
    return redirect(url_for("courier.index"), 303)


@desk.post("/delivered")
def delivered() -> Response:
    """A prescription was handed over; a second tap changes nothing."""
    form = parse(HandOverForm, request.form)
    with work() as open_work:
        prescription = delivering.deliver(
            open_work, current_actor(), form.prescription_id, form.version, bag_codes=form.bag_codes
        )
        open_work.commit()
        flash(gettext("%(number)s 已送达。", number=prescription.number), "good")
    return redirect(url_for("courier.stop", stop_id=form.stop_id), 303)


@desk.post("/failed")
def failed() -> Response:
    """A prescription could not be handed over."""
    form = parse(FailureForm, request.form)
    with work() as open_work:
        prescription = delivering.fail(
            open_work, current_actor(), form.prescription_id, form.version, form.reason_code
        )
        open_work.commit()
        flash(gettext("%(number)s 记为未送达，请带回中心。", number=prescription.number), "warn")
    return redirect(url_for("courier.stop", stop_id=form.stop_id), 303)


def _routes_page(sentence: str = "", code: str = "") -> str:
    with work() as open_work:
        day = _day(open_work)
        views = delivering.my_routes(open_work, current_actor(), day)
        return render_template(
            "courier/index.html",
            views=views,
            numbered=numbered_stops,
            day=day,
            is_today=day == county_day(current_house().clock()),
            sentence=sentence,
            code=code,
        )


def _stop_of(views: list[delivering.RouteView], prescription_id: int) -> int:
    for view in views:
        for each in view.stops:
            if any(parcel.prescription.id == prescription_id for parcel in each.parcels):
                return each.stop.id or 0
    raise NotFound(N_("这袋药不在您今天的路线上。"))


def _number_of(page: delivering.StopPage) -> int:
    here = page.stop.stop.id
    return next((number for number, each in numbered_stops(page.view) if each.stop.id == here), 0)


def _next_stop(page: delivering.StopPage) -> delivering.StopView | None:
    here = page.stop.stop
    later = (each for _, each in numbered_stops(page.view) if each.stop.position > here.position)
    return next((each for each in later if each.stop.trip == here.trip), None)


def _day(open_work: Work) -> date:
    return overseeing.day_at_work(open_work, current_actor(), county_day(current_house().clock()))
