"""The manager's day: what stands where, the plan and its making, the routes that come of it."""

from collections import Counter
from datetime import date, time

from flask import make_response, redirect, render_template, request, url_for
from pydantic import Field
from werkzeug.wrappers import Response

from tcm.records.clock import county_day
from tcm.records.errors import Invalid
from tcm.records.lifecycle import OPEN_STATES, State
from tcm.records.machines import DEVIATION_TERMS
from tcm.records.plans import UNDER_WAY, Plan, PlanState
from tcm.services import flooring, halting, overseeing, planning, reporting
from tcm.services.overseeing import DayView
from web.auth import current_actor
from web.desks.manager.blueprint import (
    KeyedForm,
    allowed,
    asked_day,
    days,
    desk,
    now_min_of,
    usual_day,
    why,
)
from web.desks.manager.shown import costs_of, relaxing, roads_of
from web.door import Rejected, Typed, parse
from web.filters import day_minute
from web.house import current_house, work
from web.i18n import say
from web.plan_view import bottleneck_name, county_map, load_chart, pots_chart
from web.planning import FIRST_MIN, default_start, next_grid_minute
from web.polling import fresh, if_none_match, tag_of

DEFAULT_SECONDS = 20
_LAST_MIN = 23 * 60 + 55


class PlanForm(KeyedForm):
    """What the planner is asked."""

    begin: time
    seconds: int = Field(ge=1, le=300)
    seed: int = Field(default=0, ge=0, le=2**31 - 1)


@desk.get("")
def index() -> str:
    """The day at a glance: today or tomorrow."""
    return page(asked_day(), Typed())


@desk.post("/plan")
def ask_plan() -> Response:
    """Ask for a plan; the job is durable and goes on without this page."""
    try:
        form = parse(PlanForm, request.form)
    except Rejected as rejected:
        return make_response(page(None, rejected.typed, say(rejected)), 422)
    day = allowed(form.day) or county_day(current_house().clock())
    enqueue = current_house().jobs.plan_day
    try:
        with work() as open_work:
            planning.ask_plan(
                open_work,
                current_actor(),
                day,
                from_minute=60 * form.begin.hour + form.begin.minute,
                seconds=form.seconds,
                seed=form.seed,
                request_key=form.request_key,
                enqueue=enqueue,
            )
            open_work.commit()
    except Invalid as refusal:
        typed = Typed.of(begin=f"{form.begin:%H:%M}", seconds=form.seconds, seed=form.seed)
        return make_response(page(day, typed, say(refusal)), 422)
    return redirect(url_for("manager.index", day=day), 303)


@desk.post("/plan/<int:plan_id>/cancel")
def cancel(plan_id: int) -> Response:
    """Stop a planning; the plan in force stays."""
    with work() as open_work:
        plan = planning.cancel_plan(open_work, current_actor(), plan_id)
        open_work.commit()
    return redirect(url_for("manager.index", day=plan.day), 303)


@desk.get("/plan/<int:plan_id>/progress")
def progress(plan_id: int) -> Response:
    """How far a planning is; 304 while nothing moved, and the page anew when it is over."""
    with work() as open_work:
        plan = overseeing.look_at_plan(open_work, current_actor(), plan_id)
        if plan.state not in UNDER_WAY:
            response = make_response("", 204)
            response.headers["HX-Refresh"] = "true"
            return response
        return fresh(moving(plan), lambda tag: progress_part(plan, tag))


def page(day: date | None, typed: Typed, sentence: str = "") -> str:
    """The day's page.

    Args:
        day: County date, the usual one where None.
        typed: What stands in the form of the plan.
        sentence: Why something was refused.

    Returns:
        HTML.
    """
    with work() as open_work:
        if day is None:
            day = usual_day(open_work)
        view = overseeing.day_view(open_work, current_actor(), day)
        board = flooring.board(open_work, current_actor())
        newest = view.newest
        return render_template(
            "manager/index.html",
            view=view,
            days=days(),
            report=reporting.reportable(open_work, current_actor(), day),
            costs=costs_of(view.in_force),
            relaxing=relaxing(view.newest),
            roads=roads_of(view.in_force),
            bottleneck=bottleneck_name(view.in_force) if view.in_force else "",
            loads=load_chart(view.in_force, now_min=now_min_of(day)) if view.in_force else "",
            open_counts=_counted([row.state for row in board]),
            dry=Counter(row.preparation for row in board if not row.preparation.needs_pot),
            other_counts={state: count for state, count in view.moved.items() if state not in OPEN_STATES},
            typed=typed if typed.values else _suggested(day),
            sentence=sentence,
            failure=_failure(view),
            progress=progress_part(newest, tag_of(moving(newest))) if _is_under_way(newest) else "",
            chart=pots_chart(view.in_force, view.numbers, now_min=now_min_of(day)) if view.in_force else "",
            map=county_map(view.in_force) if view.in_force else "",
            why=why(),
            halted=halting.waiting(open_work, current_actor()),
            halted_kinds=DEVIATION_TERMS,
        )


def _suggested(day: date) -> Typed:
    usual_day, begin_min = default_start(current_house().clock())
    if day < usual_day:
        begin_min = min(next_grid_minute(day, current_house().clock()), _LAST_MIN)
    elif day > usual_day:
        begin_min = FIRST_MIN
    return Typed.of(begin=day_minute(begin_min), seconds=DEFAULT_SECONDS, seed=0)


def _failure(view: DayView) -> str:
    newest = view.newest
    return newest.failure if newest is not None and newest.state is PlanState.FAILED else ""


def _is_under_way(plan: Plan | None) -> bool:
    return plan is not None and plan.state in UNDER_WAY


def moving(plan: Plan | None) -> object:
    """What changes while a plan is computed."""
    return (plan.id, plan.state, plan.progress_percent, plan.stage) if plan else None


def progress_part(plan: Plan | None, tag: str) -> str:
    """How far a plan is, as a part that asks again by itself.

    Args:
        plan: The plan.
        tag: Of what it shows.

    Returns:
        HTML.
    """
    return render_template("manager/progress.html", plan=plan, if_none_match=if_none_match(tag))


def _counted(states: list[State]) -> dict[State, int]:
    return {state: states.count(state) for state in State if state in states}
