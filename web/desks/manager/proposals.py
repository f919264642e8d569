"""A plan after events: what it changes, who must be told, and the manager's word."""

from collections.abc import Mapping
from typing import Any

from flask import make_response, redirect, render_template, request, url_for
from pydantic import Field
from werkzeug.wrappers import Response

from dispatch.formats import plan_from_dict
from tcm.records.errors import N_, Invalid
from tcm.records.plans import UNDER_WAY, Route
from tcm.services import planning, telling
from tcm.services.telling import ProposalView
from web.auth import current_actor
from web.desks.manager.blueprint import desk, why
from web.desks.manager.day import moving, progress_part
from web.desks.manager.shown import costs_of, relaxing
from web.door import Form, parse
from web.house import work
from web.i18n import say
from web.planning import to_routes
from web.polling import tag_of

WHO = {"courier": N_("配送员"), "floor": N_("煎药间"), "village": N_("村卫生室"), "doctor": N_("开方医生")}
SAYS = {
    "window_moved": N_("送到时段改了"),
    "new_promise": N_("今天会送到"),
    "not_coming": N_("今天送不到"),
    "route_changed": N_("路线改了，请看新的配送单"),
    "times_changed": N_("出车时间改了"),
    "brings_back": N_("这些带回中心"),
    "stands": N_("车停在路上，这些要有人去接"),
    "job_moved": N_("换锅或换时间"),
    "job_new": N_("新排进锅"),
    "job_lost": N_("从锅上撤下"),
    "stranded": N_("停在路上，可能晚到"),
}
ORDER_CODES = {"window": N_("时段"), "vehicle": N_("换车"), "trip": N_("换趟")}
JOB_CODES = {"pot": N_("换锅"), "start": N_("换时间"), "packing": N_("只改包装时间")}


class ToldForm(Form):
    """Who has been told."""

    key: str = Field(min_length=1, max_length=80)
    told: bool


@desk.get("/plan/<int:plan_id>")
def proposal(plan_id: int) -> str:
    """What a plan changes of the one before it."""
    return _page(plan_id)


@desk.post("/plan/<int:plan_id>/accept")
def accept(plan_id: int) -> Response:
    """Put it in force."""
    try:
        with work() as open_work:
            view = telling.proposal_view(open_work, current_actor(), plan_id)
            planning.accept_plan(open_work, current_actor(), plan_id, _routes_of(view))
            open_work.commit()
    except Invalid as refusal:
        return make_response(_page(plan_id, say(refusal)), 422)
    return redirect(url_for("manager.proposal", plan_id=plan_id), 303)


@desk.post("/plan/<int:plan_id>/decline")
def decline(plan_id: int) -> Response:
    """Keep the plan in force."""
    with work() as open_work:
        plan = planning.decline_plan(open_work, current_actor(), plan_id)
        open_work.commit()
    return redirect(url_for("manager.index", day=plan.day), 303)


@desk.post("/plan/<int:plan_id>/told")
def told(plan_id: int) -> Response:
    """Note that somebody knows, or take the note back."""
    form = parse(ToldForm, request.form)
    with work() as open_work:
        planning.mark_told(open_work, current_actor(), plan_id, form.key, told=form.told)
        open_work.commit()
    return redirect(url_for("manager.proposal", plan_id=plan_id, _anchor="tell"), 303)


def _routes_of(view: ProposalView) -> list[Route]:
    plan = view.plan
    windows: Any = plan.difference.get("windows", {})
    if not plan.result:
        return []
    # Of all vehicles: one may have gone out of service since the plan was made.
    return to_routes(plan_from_dict(plan.result), view.vehicles.values(), plan.day, windows)


def _moved(difference: Mapping[str, Any], code: str) -> int:
    return sum(code in each["codes"] for each in difference.get("orders", []))


def _page(plan_id: int, sentence: str = "") -> str:
    with work() as open_work:
        view = telling.proposal_view(open_work, current_actor(), plan_id)
        plan = view.plan
        return render_template(
            "manager/proposal.html",
            view=view,
            plan=plan,
            difference=plan.difference,
            windows_moved=_moved(plan.difference, "window"),
            vehicles_moved=_moved(plan.difference, "vehicle"),
            progress=progress_part(plan, tag_of(moving(plan))) if plan.state in UNDER_WAY else "",
            costs=costs_of(plan),
            costs_before=costs_of(view.before),
            relaxing=relaxing(plan),
            who=WHO,
            says=SAYS,
            order_codes=ORDER_CODES,
            job_codes=JOB_CODES,
            why=why(),
            sentence=sentence,
        )
