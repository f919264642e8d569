"""The courier's pages: own routes of today, a stop, and the forms of a phone that keeps nothing."""

from datetime import date, timedelta

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from tcm.records.clock import county_day
from tcm.records.errors import N_, IllegalMove, NotFound
from tcm.records.lifecycle import REASONS, State
from tcm.records.road import HANDING_TERMS, HandingWay
from tcm.services import cashing, cooling, delivering, overseeing, returning
from tcm.services.handing_over import settings_of
from tcm.store.work import Work
from web.auth import current_actor
from web.desks.courier.acts import say_loaded, say_temperature
from web.desks.courier.blueprint import Failure, HandOver, LoadForm, Temperature, desk, kept_by_phone
from web.door import Form, RowId, parse
from web.house import current_house, work
from web.i18n import say
from web.papers import numbered_stops
from web.polling import tag_of
from web.scan import read_scan


class _AtStop(Form):
    """From which page it was sent."""

    stop_id: RowId
    version: int


class HandOverForm(HandOver, _AtStop):
    """A prescription that was handed over, told at once."""


class FailureForm(Failure, _AtStop):
    """A prescription that could not be handed over, told at once."""


@desk.get("")
def index() -> Response:
    """Own routes of today."""
    return _routes_page()


@desk.get("/stop/<int:stop_id>")
def stop(stop_id: int) -> Response:
    """One stop, as the code on the sheet leads to it."""
    with work() as open_work:
        page = delivering.open_stop(open_work, current_actor(), stop_id)
        number, today = _number_of(page), county_day(current_house().clock())
        shown = render_template(
            "courier/stop.html",
            page=page,
            number=number,
            onward=_next_stop(page),
            reasons=[(code, gettext(term)) for code, term in REASONS[State.FAILED].items()],
            tomorrow=today + timedelta(days=1),
            today=today,
            ways=_ways(open_work),
            way_terms=HANDING_TERMS,
            scanned=read_scan(request.args.get("bag", "")),
        )
        return kept_by_phone(shown, page.view.route.day, stop_tag(page.stop, number))


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
    flash(say_loaded(done), "warn" if done.has_left_behind else "good")
    return redirect(url_for("courier.index"), 303)


@desk.post("/delivered")
def delivered() -> Response:
    """A prescription was handed over; a second tap changes nothing."""
    form = parse(HandOverForm, request.form)
    with work() as open_work:
        prescription = delivering.deliver(
            open_work,
            current_actor(),
            form.prescription_id,
            form.version,
            bag_codes=form.bag_codes,
            proof=form.proof(),
            paid_fen=form.paid_fen,
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
            open_work,
            current_actor(),
            form.prescription_id,
            form.version,
            form.reason_code,
            next_on=form.next_on,
        )
        open_work.commit()
        flash(gettext("%(number)s 记为未送达，请带回中心。", number=prescription.number), "warn")
    return redirect(url_for("courier.stop", stop_id=form.stop_id), 303)


@desk.post("/temperature")
def temperature() -> Response:
    """What the thermometer of the box shows."""
    form = parse(Temperature, request.form)
    with work() as open_work:
        reading = cooling.take_temperature(
            open_work, current_actor(), form.route_id, form.trip, form.temp_c, note=form.note
        )
        open_work.commit()
        is_outside = reading.is_outside
    flash(say_temperature(is_outside=is_outside), "bad" if is_outside else "good")
    return redirect(url_for("courier.index"), 303)


def stop_tag(view: delivering.StopView, number: int) -> str:
    """A short name of what a stop's page shows, so that a phone asks again only for what changed.

    Args:
        view: The stop with what is handed over there.
        number: As the page, the paper and the map show it.

    Returns:
        A tag.
    """
    parcels = [(each.prescription.id, each.prescription.version, each.due_fen) for each in view.parcels]
    return tag_of((view.stop.id, number, view.stop.promised_from_at, parcels))


def _routes_page(sentence: str = "", code: str = "") -> Response:
    actor = current_actor()
    with work() as open_work:
        day = _day(open_work)
        views = delivering.my_routes(open_work, actor, day)
        shown = render_template(
            "courier/index.html",
            views=views,
            numbered=numbered_stops,
            stop_tag=stop_tag,
            day=day,
            is_today=day == county_day(current_house().clock()),
            readings=open_work.box_readings.of_routes([view.route.id or 0 for view in views]),
            coming_back=returning.coming_back(open_work, actor),
            purse=cashing.own_purse(open_work, actor),
            sentence=sentence,
            code=code,
        )
        return kept_by_phone(shown, day)


def _ways(open_work: Work) -> list[tuple[str, str]]:
    paper_enough = settings_of(open_work).paper_enough
    first = [HandingWay.PAPER] if paper_enough else []
    ways = [*first, HandingWay.SIGNATURE, HandingWay.CODE, HandingWay.CLINIC]
    return [(way.value, gettext(HANDING_TERMS[way])) for way in ways]


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
