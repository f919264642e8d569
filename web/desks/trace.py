"""What the code on a bag tells anyone who holds it: no log-in, no name, no herbs."""

from flask import Blueprint, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response

from tcm.records.errors import N_, NotFound
from tcm.records.lifecycle import State
from tcm.records.permissions import Action, may
from tcm.services.instructing import KEEP_DRY, advice_of
from tcm.services.packing import parcels_per_dose
from tcm.services.tracing import public_trace
from web.auth import signed_in
from web.house import current_house, work
from web.papers import use_before
from web.scan import read_scan
from web.security import limited, open_to_all

desk = Blueprint("trace", __name__)

# What passed between the doctor and the pharmacist is not for whoever finds a bag.
_SHOWN = frozenset(State) - {State.DRAFT, State.RETURNED, State.CANCELLED}


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


def _page(code: str) -> Response:
    code = read_scan(code)
    try:
        with work() as open_work:
            trace = public_trace(open_work, code)
            prescription = open_work.prescriptions.get(trace.bag.prescription_id)
            advice = advice_of(open_work, current_house().knowledge, prescription)
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
    )
    response = make_response(shown)
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Cache-Control"] = "no-store"
    return response


def _no_bag(code: str) -> Response:
    # A prescription's paper carries its number in a code like this one. It leads the floor to its card; to
    # others it tells nothing, for numbers can be guessed.
    person = signed_in()
    if person is not None and may(person.actor, Action.FLOOR_MOVE):
        return redirect(url_for("floor.scan", code=code))
    raise NotFound(N_("没有这个袋码。请扫药袋上的二维码，或核对袋上的字。"))
