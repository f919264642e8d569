"""The queue: who goes first, against which target, filtered as one likes; and one's own thirty days."""

from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from tcm.records.clock import county_day
from tcm.records.errors import N_, Refused
from tcm.records.machines import DEVIATION_TERMS
from tcm.services import halting, queueing, reviewing
from tcm.services.handing import HAND_REASONS
from tcm.services.queueing import Waiting
from tcm.store.work import Work
from web.auth import current_actor
from web.desks.pharmacist.blueprint import desk
from web.desks.shown import age_text
from web.door import Form, RowId, parse
from web.house import current_house, work
from web.i18n import language

POLL_S = 5
ALL = "all"
FILTER_TERMS: dict[str, str] = {
    ALL: N_("全部"),
    "urgent": N_("加急"),
    "children": N_("儿童"),
    "toxic": N_("毒性药"),
    "handed": N_("转交"),
    "mine": N_("我领取的"),
}
_FILTERS: dict[str, Callable[[Waiting, int], bool]] = {
    ALL: lambda waiting, me: True,
    "urgent": lambda waiting, me: waiting.row.urgent,
    "children": lambda waiting, me: waiting.child,
    "toxic": lambda waiting, me: waiting.row.toxic,
    "handed": lambda waiting, me: waiting.row.handed_by_id is not None,
    "mine": lambda waiting, me: waiting.row.claimed_by_id == me,
}


class FilterForm(Form):
    """Which part of the queue is asked for; a filter that is not offered is none."""

    show: str = ALL
    institution: RowId | None = None


@dataclass(frozen=True)
class Shown:
    """A row of the queue in the reader's language.

    Args:
        waiting: The row.
        waited: How long it has waited.
        left: How long until its target is over, empty once it is.
        age: Of the patient.
    """

    waiting: Waiting
    waited: str
    left: str
    age: str


@desk.get("")
def index() -> Response:
    """The queue."""
    with work() as open_work:
        values = _queue(open_work)
        figures = queueing.own_figures(open_work, current_actor())
        page = render_template(
            "pharmacist/index.html",
            **values,
            figures=figures,
            days=queueing.FIGURES_DAYS,
            halted=halting.waiting(open_work, current_actor()),
            halted_kinds=DEVIATION_TERMS,
        )
        return make_response(page)


@desk.get("/queue")
def queue() -> Response:
    """The queue alone, asked for every few seconds; unchanged, it costs an empty answer."""
    with work() as open_work:
        values = _queue(open_work)
    if request.headers.get("If-None-Match") == values["etag"]:
        return make_response("", 304)
    return make_response(render_template("pharmacist/queue.html", **values))


@desk.post("/next")
def claim_next() -> Response:
    """Take the first prescription that nobody has."""
    following = take_next()
    if following is not None:
        return redirect(url_for("pharmacist.case", prescription_id=following), 303)
    flash(gettext(N_("没有可领取的处方了。")), "info")
    return redirect(url_for("pharmacist.index"), 303)


def take_next() -> int | None:
    """Claim the next case: the first that nobody has, else one's own.

    Returns:
        Its row, None where there is none.
    """
    actor = current_actor()
    with work() as open_work:
        rows = [waiting.row for waiting in queueing.queue(open_work, actor, current_house().knowledge)]
        free = [row for row in rows if row.claimed_by_id is None]
        own = [row for row in rows if row.claimed_by_id == actor.staff_id]
        for row in (*free, *own):
            try:
                reviewing.claim(open_work, actor, row.prescription_id)
            except Refused:
                # A colleague was faster, or it was handed on by this one; the one behind it will do.
                continue
            open_work.commit()
            return row.prescription_id
    return None


def waiting_text(since: datetime, now: datetime) -> str:
    """How long a prescription has waited, such as 12分钟 or 1小时05分."""
    hours, minutes = divmod(max(0, int((now - since).total_seconds() // 60)), 60)
    if hours:
        return str(gettext(N_("%(hours)s小时%(minutes)02d分"), hours=hours, minutes=minutes))
    return str(gettext(N_("%(minutes)s分钟"), minutes=minutes))


def _queue(open_work: Work) -> dict[str, object]:
    actor, now = current_actor(), open_work.now
    asked = parse(FilterForm, request.args)
    show = asked.show if asked.show in FILTER_TERMS else ALL
    everything = queueing.queue(open_work, actor, current_house().knowledge)
    here = [w for w in everything if asked.institution in (None, w.row.institution_id)]
    rows = [_shown(w, now) for w in here if _FILTERS[show](w, actor.staff_id)]
    filters = [
        (name, gettext(term), sum(_FILTERS[name](w, actor.staff_id) for w in here))
        for name, term in FILTER_TERMS.items()
    ]
    longest = min((w.row.signed_at for w in everything), default=None)
    return {
        "rows": rows,
        "filters": filters,
        "show": show,
        "institution": asked.institution,
        "institutions": sorted({(w.row.institution_id, w.row.institution) for w in everything}),
        "total": len(everything),
        "late": sum(w.due_at <= now for w in everything),
        "hand_reasons": HAND_REASONS,
        "me": actor.staff_id,
        "free": sum(w.row.claimed_by_id is None for w in everything),
        "longest": waiting_text(longest, now) if longest else "",
        "poll_s": POLL_S,
        "etag": _etag(rows, filters),
    }


def _shown(waiting: Waiting, now: datetime) -> Shown:
    left = waiting.due_at - now
    return Shown(
        waiting=waiting,
        waited=waiting_text(waiting.row.signed_at, now),
        left=waiting_text(now, waiting.due_at) if left > timedelta() else "",
        age=age_text(waiting.row.born_on, county_day(now)),
    )


def _etag(rows: Sequence[Shown], filters: Sequence[tuple[str, str, int]]) -> str:
    # Of what is shown, not of the page: its token changes every second.
    told = ([astuple(row) for row in rows], filters)
    return f'"{sha256(repr((language(), current_actor(), told)).encode()).hexdigest()[:24]}"'
