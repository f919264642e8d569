"""What happens to a day, reported in two taps, and the plan that answers it."""

from flask import make_response, redirect, request, url_for
from pydantic import Field
from werkzeug.wrappers import Response

from tcm.records.day_events import DayEventKind
from tcm.records.errors import N_, Invalid
from tcm.services import reporting
from web.auth import current_actor
from web.desks.manager.blueprint import KeyedForm, allowed, days, desk
from web.desks.manager.day import page
from web.door import Rejected, RowId, Typed, parse
from web.house import current_house, work
from web.i18n import say

_SEED = 0


class EventForm(KeyedForm):
    """What happened."""

    kind: DayEventKind
    pot: str = Field(default="", max_length=16)
    vehicle: RowId | None = None
    village: list[RowId] = Field(default_factory=list)
    packers: int = Field(default=0, ge=0, le=200)
    loaders: int = Field(default=0, ge=0, le=200)
    adders: int = Field(default=0, ge=0, le=200)
    note: str = Field(default="", max_length=200)

    def subject(self) -> dict[str, object]:
        """What it happened to, as it is stored.

        Raises:
            Invalid: When the form does not say it.
        """
        if self.kind is DayEventKind.POT_DOWN and self.pot:
            return {"pot": self.pot}
        if self.kind is DayEventKind.VEHICLE_OUT and self.vehicle:
            return {"vehicle": self.vehicle}
        if self.kind is DayEventKind.ROAD_CLOSED and self.village:
            return {"villages": sorted(set(self.village))}
        if self.kind is DayEventKind.CREW_CHANGED:
            return {"packers": self.packers, "loaders": self.loaders, "adders": self.adders}
        if self.kind in (DayEventKind.LATE_ORDERS, DayEventKind.BAGS_SCRAPPED):
            return {}
        raise Invalid(N_("请选是哪一口锅、哪辆车或哪些村。"))


@desk.post("/events")
def report() -> Response:
    """Write down what happened; the page of the plan that answers it is opened."""
    try:
        form = parse(EventForm, request.form)
        day = allowed(form.day) or days()[0]
        with work() as open_work:
            event = reporting.report(
                open_work,
                current_actor(),
                day,
                form.kind,
                form.subject(),
                note=form.note,
                seed=_SEED,
                request_key=form.request_key,
                enqueue=current_house().jobs.answer_events,
            )
            open_work.commit()
    except (Rejected, Invalid) as refusal:
        return make_response(page(None, Typed(), say(refusal)), 422)
    return _to_answer(event.plan_id, day)


@desk.post("/events/answer")
def answer_again() -> Response:
    """Ask once more for a plan that answers what was reported."""
    try:
        form = parse(KeyedForm, request.form)
        day = allowed(form.day) or days()[0]
        with work() as open_work:
            plan = reporting.ask_again(
                open_work,
                current_actor(),
                day,
                seed=_SEED,
                request_key=form.request_key,
                enqueue=current_house().jobs.answer_events,
            )
            open_work.commit()
    except (Rejected, Invalid) as refusal:
        return make_response(page(None, Typed(), say(refusal)), 422)
    return _to_answer(plan.id if plan else None, day)


@desk.post("/events/<int:event_id>/over")
def over(event_id: int) -> Response:
    """The pot or vehicle is back, the road is open."""
    with work() as open_work:
        event = reporting.end_event(open_work, current_actor(), event_id)
        open_work.commit()
    return redirect(url_for("manager.index", day=event.day), 303)


def _to_answer(plan_id: int | None, day: object) -> Response:
    if plan_id is None:
        return redirect(url_for("manager.index", day=day), 303)
    return redirect(url_for("manager.proposal", plan_id=plan_id), 303)
