"""Keys of other systems: made, shown once, listed with what was asked, withdrawn."""

from typing import Literal

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from pydantic import Field
from werkzeug.wrappers import Response

from tcm.records.errors import N_, Invalid
from tcm.records.permissions import Action
from tcm.records.systems import RIGHT_TERMS, Right
from tcm.services import connecting
from tcm.services.connecting import KeyDetails
from web.api.door import pepper
from web.api.operations import OPERATIONS
from web.auth import current_actor, only
from web.door import Form, Rejected, RowId, Typed, parse, typed_in
from web.house import work
from web.i18n import say

desk = Blueprint("systems", __name__, url_prefix="/admin/systems")
desk.before_request(only(Action.SYSTEMS_MANAGE))

LIFETIMES = {90: N_("三个月"), 365: N_("一年"), 730: N_("两年")}
# The record of calls names an operation; people read what it does.
SUMMARIES = {one.name: one.summary for one in OPERATIONS}


class KeyForm(Form):
    """A new key."""

    institution_id: RowId
    name: str = Field(min_length=2, max_length=60)
    rights: list[Right] = Field(min_length=1)
    days: Literal["90", "365", "730"]


@desk.get("")
def index() -> str:
    """Every key."""
    return _page(Typed.of(days="365"))


@desk.post("")
def make_key() -> Response:
    """Make a key and show it, this one time."""
    try:
        form = parse(KeyForm, request.form)
        details = KeyDetails(form.institution_id, form.name, tuple(form.rights), int(form.days))
        with work() as open_work:
            key, secret = connecting.make_key(open_work, current_actor(), details, pepper())
            open_work.commit()
    except Rejected as rejected:
        return make_response(_page(rejected.typed, say(rejected)), 422)
    except Invalid as refusal:
        return make_response(_page(Typed(typed_in(request.form)), say(refusal)), 422)
    return make_response(render_template("admin/system_made.html", key=key, secret=secret))


@desk.get("/<int:key_id>")
def key(key_id: int) -> str:
    """One key and what was asked with it."""
    with work() as open_work:
        view, calls = connecting.look_at_key(open_work, current_actor(), key_id)
    return render_template(
        "admin/system.html", view=view, calls=calls, summaries=SUMMARIES, terms=RIGHT_TERMS, rights=Right
    )


@desk.post("/<int:key_id>/revoke")
def revoke_key(key_id: int) -> Response:
    """Withdraw a key."""
    with work() as open_work:
        key = connecting.revoke_key(open_work, current_actor(), key_id)
        open_work.commit()
        flash(gettext("密钥“%(name)s”已停用。", name=key.name), "good")
    return redirect(url_for("systems.index"), 303)


def _page(typed: Typed, sentence: str = "") -> str:
    with work() as open_work:
        views = connecting.list_keys(open_work, current_actor())
        houses = connecting.houses(open_work, current_actor())
    return render_template(
        "admin/systems.html",
        views=views,
        house_options=[(house.id, house.name) for house in houses],
        rights=[(right.value, gettext(term)) for right, term in RIGHT_TERMS.items()],
        lifetimes=[(days, gettext(term)) for days, term in LIFETIMES.items()],
        terms=RIGHT_TERMS,
        right_of=Right,
        typed=typed,
        sentence=sentence,
    )
