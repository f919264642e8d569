"""The quality desk as a blueprint, and what its pages share; they are in the modules beside."""

from collections.abc import Callable

from flask import Blueprint, flash, make_response, redirect, render_template
from werkzeug.wrappers import Response

from tcm.records.errors import Forbidden, NotFound, Refused
from tcm.records.permissions import Action
from tcm.records.quality import VERDICT_TERMS
from tcm.records.upkeep import STANDING_TERMS, Standing
from tcm.store.work import Work
from web.auth import only
from web.desks.stock.blueprint import sentence_of
from web.errors import status_of
from web.house import work

desk = Blueprint("quality", __name__, url_prefix="/quality")
desk.before_request(only(Action.QUALITY_READ))

STANDING_TONES = {
    Standing.HOLDS: "good",
    Standing.SOON: "warn",
    Standing.OVERDUE: "bad",
    Standing.UNFIT: "bad",
    Standing.MISSING: "bad",
}


def page(template: str, sentence: str = "", status: int = 200, **values: object) -> Response:
    """A page of the desk with what all of them use.

    Args:
        template: Under `quality/`.
        sentence: Why a form was refused, empty where none was.
        status: Of the answer.
        values: For the template.

    Returns:
        The response.
    """
    shared = {
        "sentence": sentence,
        "verdicts": VERDICT_TERMS,
        "standings": STANDING_TERMS,
        "standing_tones": STANDING_TONES,
    }
    return make_response(render_template(f"quality/{template}", **shared, **values), status)


def do(act: Callable[[Work], str], onward: str, again: Callable[[str, int], Response]) -> Response:
    """Run what a form asks for: onward with a word on it, or the page again with the reason.

    Args:
        act: What is done in a work of its own; returns what is said afterwards, empty for nothing.
        onward: Where to go then.
        again: Makes the page again, given the sentence and the status.

    Returns:
        The response.
    """
    try:
        with work() as open_work:
            said = act(open_work)
            open_work.commit()
    except (Forbidden, NotFound):
        raise
    except Refused as refusal:
        return again(sentence_of(refusal), status_of(refusal))
    if said:
        flash(said, "good")
    return redirect(onward, 303)
