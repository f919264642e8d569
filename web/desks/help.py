"""Help: a page for each desk, the whole road on one page, and tours that are offered once."""

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from tcm.services.signing_in import put_tour_away
from web.auth import current_actor, home_path, safe_path, signed_in
from web.door import Form, parse
from web.guide import HELP, ROAD, TOURS, Tour, TourName, tour_of
from web.house import work
from web.security import open_to_all

desk = Blueprint("help", __name__, url_prefix="/help")

_PAGES = {page.desk: page for page in HELP}
_TOURS: dict[str, Tour] = {tour.name: tour for tour in TOURS}


class TourForm(Form):
    """Which tour was taken or put away, and the page it was offered on."""

    tour: TourName
    next: str = ""


@desk.get("")
@open_to_all
def index() -> str:
    """The whole road, and the desks."""
    road = [(name, gettext(who), gettext(what)) for name, who, what in ROAD]
    return render_template("help/index.html", pages=HELP, road=road)


@desk.get("/<name>")
@open_to_all
def page(name: str) -> str:
    """Help at one desk."""
    if name not in _PAGES:
        abort(404)
    tour = _TOURS.get(name)
    person = signed_in()
    own = person is not None and tour is not None and home_path(person.actor) == f"/{name}"
    path = url_for(tour.endpoint, tour=1) if tour is not None and own else ""
    return render_template("help/page.html", page=_PAGES[name], pages=HELP, tour=tour, tour_path=path)


@desk.post("/tours")
def put_away() -> Response:
    """Do not offer a tour again."""
    form = parse(TourForm, request.form)
    with work() as open_work:
        put_tour_away(open_work, current_actor(), form.tour)
        open_work.commit()
    if "HX-Request" in request.headers:
        return make_response("")
    return redirect(safe_path(form.next) or "/", 303)


@desk.app_context_processor
def _for_templates() -> dict[str, object]:
    return {"tour_here": tour_of(request.endpoint), "help_name": _help_name()}


def _help_name() -> str:
    first = request.path.strip("/").split("/")[0]
    return first if first in _PAGES else ""
