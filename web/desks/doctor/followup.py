"""Follow-up: this visit's tongue beside an earlier one, and what changed by more than re-takes do."""

from flask import make_response, render_template, request
from pydantic import TypeAdapter, ValidationError
from werkzeug.wrappers import Response

from tcm.records.clock import county_day
from tcm.records.errors import N_, NotFound
from tcm.services.following import FollowUp, open_follow_up
from tcm.services.judging import open_judging
from web.auth import current_actor
from web.desks.doctor.blueprint import desk
from web.desks.doctor.compared import COLUMNS, compare_tongues, picture_in_frame
from web.desks.doctor.page import is_mine
from web.desks.shown import age_text
from web.desks.together.shown import terms
from web.door import RowId
from web.house import work

_ROW_ID = TypeAdapter(RowId)


@desk.get("/visits/<int:visit_id>/followup")
def followup(visit_id: int) -> Response:
    """Two visits side by side; `with` names the earlier one, the newest with a tongue where it does not.

    Reading both tongues anew takes a while and comes in a part of its own, or with the page for `whole`.
    """
    named = _earlier_id(request.args.get("with", ""))
    found = _open(visit_id, named)
    chosen = found.before.visit_id if found.before else named
    with work() as open_work:
        judging = open_judging(open_work, current_actor(), visit_id, chosen)
    whole = "whole" in request.args
    page = render_template(
        "doctor/followup.html",
        found=found,
        both=compare_tongues(found.before, found.after) if whole and found.before and found.after else None,
        judging=judging,
        mine=is_mine(judging.visit),
        **terms(),
        columns=COLUMNS,
        age=age_text(found.born_on, county_day(found.opened_at)),
    )
    return make_response(page)


@desk.get("/visits/<int:visit_id>/followup/<int:earlier_id>")
def followup_compared(visit_id: int, earlier_id: int) -> Response:
    """What came of holding the two tongues against one another."""
    # Reading takes a while: the work is closed by now.
    found = _open(visit_id, earlier_id)
    if found.before is None or found.after is None:
        raise NotFound(N_("没有这张照片。"))
    both = compare_tongues(found.before, found.after)
    return make_response(render_template("doctor/_compared.html", found=found, both=both, columns=COLUMNS))


@desk.get("/visits/<int:visit_id>/followup/<int:earlier_id>/<any(before, after):which>")
def followup_picture(visit_id: int, earlier_id: int, which: str) -> Response:
    """One of the two pictures in their common frame; the look is audited, and no cache keeps it."""
    found = _open(visit_id, earlier_id)
    if found.before is None or found.after is None:
        raise NotFound(N_("没有这张照片。"))
    data = picture_in_frame(found.before, found.after, later=which == "after")
    if data is None:
        raise NotFound(N_("没有这张照片。"))
    response = make_response(data)
    response.headers["Content-Type"] = "image/jpeg"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _open(visit_id: int, earlier_id: int | None) -> FollowUp:
    with work() as open_work:
        return open_follow_up(open_work, current_actor(), visit_id, earlier_id)


def _earlier_id(text: str) -> int | None:
    """The earlier visit that the address names, None where it names none."""
    if not text:
        return None
    try:
        return _ROW_ID.validate_python(text)
    except ValidationError:
        raise NotFound(N_("没有可以对照的这次就诊。")) from None
