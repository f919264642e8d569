"""The wall: every pot a card, for a television that nobody stands at."""

from datetime import timedelta

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.exceptions import Unauthorized
from werkzeug.wrappers import Response

from tcm.knowledge.machines import machine_limits
from tcm.records.boil_standing import phase_of
from tcm.records.boils import STEP_TERMS
from tcm.records.machines import DEVIATION_TERMS, Machine
from tcm.records.roles import Actor
from tcm.services import boil_views
from tcm.services.boil_views import Wall
from web.auth import put_up_screen, screen_actor, signed_in
from web.curves import small_curve_svg
from web.house import current_house, work
from web.polling import fresh, if_none_match, tag_of
from web.security import open_to_all

desk = Blueprint("wall", __name__, url_prefix="/floor/wall")


@desk.get("")
@open_to_all
def index() -> Response:
    """The wall, for whoever is logged in and may look, and for a screen that was put up."""
    actor = _looker()
    if actor is None:
        return redirect(url_for("account.log_in_page", next=url_for("wall.index")))
    wall = _wall(actor)
    page = render_template(
        "boils/wall.html",
        part=_part(wall, tag_of(_facts(wall))),
        is_dark=request.args.get("tone") == "dark",
        is_screen=signed_in() is None,
    )
    return make_response(page)


@desk.get("/pots")
@open_to_all
def pots() -> Response:
    """The wall's moving part, or 304 while nothing has moved."""
    actor = _looker()
    if actor is None:
        raise Unauthorized
    wall = _wall(actor)
    return fresh(_facts(wall), lambda tag: _part(wall, tag))


@desk.post("/screen")
def put_up() -> Response:
    """Make this browser a screen that shows the wall and nothing else; whoever is logged in leaves it."""
    with work(reads_only=True) as open_work:
        # Who may not look puts up no screen.
        boil_views.wall(open_work, _looker_here(), current_house().knowledge)
    put_up_screen()
    return redirect(url_for("wall.index", tone=request.args.get("tone")), 303)


def _looker() -> Actor | None:
    person = signed_in()
    return screen_actor() if person is None else person.actor


def _looker_here() -> Actor:
    person = signed_in()
    if person is None:
        raise Unauthorized
    return person.actor


def _wall(actor: Actor) -> Wall:
    with work(reads_only=True) as open_work:
        return boil_views.wall(open_work, actor, current_house().knowledge)


def _facts(wall: Wall) -> object:
    """All that is shown: minutes and shares of them, not seconds."""
    cards = [
        (
            card.pot.code,
            card.pot.active,
            card.number,
            card.urgent,
            card.by,
            card.halted,
            card.standing
            and (card.standing.last, card.standing.left_min, card.standing.alarm, card.standing.next),
        )
        for card in wall.cards
    ]
    return cards, wall.to_soak, wall.soaking, wall.to_pack, wall.at.replace(second=0, microsecond=0)


def _part(wall: Wall, tag: str) -> str:
    return render_template(
        "boils/_wall.html",
        wall=wall,
        phase_of=phase_of,
        terms=STEP_TERMS,
        if_none_match=if_none_match(tag),
        curves=_curves(wall),
        kinds=DEVIATION_TERMS,
        silence=timedelta(minutes=machine_limits().silence_min),
    )


def _curves(wall: Wall) -> dict[int, tuple[Markup, Machine]]:
    """The curve of each boil under way and what its machine said last, by run; drawn anew with the minute."""
    runs = {card.run.key(): card.run for card in wall.cards if card.run and card.run.closed_at is None}
    with work(reads_only=True) as open_work:
        curves = open_work.machine_readings.temperatures(list(runs))
        machines = open_work.machines.of_pots(run.pot_id for run in runs.values())
    return {
        key: (Markup(small_curve_svg(points)), machines[runs[key].pot_id])  # noqa: S704 - numbers alone
        for key, points in curves.items()
        if points and runs[key].pot_id in machines
    }
