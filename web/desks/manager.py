"""The manager's day: what stands where, the plan and its making, the routes that come of it."""

from datetime import date, time, timedelta

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from pydantic import Field
from werkzeug.wrappers import Response

from tcm.records.clock import county_day
from tcm.records.errors import Invalid
from tcm.records.lifecycle import OPEN_STATES, State
from tcm.records.permissions import Action
from tcm.records.plans import Plan, PlanState
from tcm.services import flooring, overseeing, planning
from tcm.services.overseeing import DayView
from tcm.store.work import Work
from web.auth import current_actor, only
from web.door import Form, Rejected, Typed, parse
from web.filters import day_minute
from web.house import current_house, work
from web.i18n import language, say
from web.plan_view import county_map, pots_chart
from web.planning import FIRST_MIN, default_start, next_grid_minute
from web.polling import fresh, if_none_match, tag_of

desk = Blueprint("manager", __name__, url_prefix="/manager")
desk.before_request(only(Action.PLAN_MAKE))

DEFAULT_SECONDS = 20
_LAST_MIN = 23 * 60 + 55
_UNDER_WAY = (PlanState.QUEUED, PlanState.RUNNING)


class PlanForm(Form):
    """What the planner is asked."""

    request_key: str = Field(min_length=8, max_length=64)
    day: date | None = None
    begin: time
    seconds: int = Field(ge=1, le=300)
    seed: int = Field(default=0, ge=0, le=2**31 - 1)


class DayForm(Form):
    """Which day is looked at."""

    day: date | None = None


@desk.get("")
def index() -> str:
    """The day at a glance: today or tomorrow."""
    try:
        asked = parse(DayForm, request.args).day
    except Rejected:
        asked = None
    return _page(_allowed(asked), Typed())


@desk.post("/plan")
def ask_plan() -> Response:
    """Ask for a plan; the job is durable and goes on without this page."""
    try:
        form = parse(PlanForm, request.form)
    except Rejected as rejected:
        return make_response(_page(None, rejected.typed, say(rejected)), 422)
    day = _allowed(form.day) or county_day(current_house().clock())
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
        return make_response(_page(day, typed, say(refusal)), 422)
    return redirect(url_for("manager.index", day=day), 303)


@desk.get("/plan/<int:plan_id>/progress")
def progress(plan_id: int) -> Response:
    """How far a planning is; 304 while nothing moved, and the page anew when it is over."""
    with work() as open_work:
        plan = overseeing.look_at_plan(open_work, current_actor(), plan_id)
        if plan.state not in _UNDER_WAY:
            response = make_response("", 204)
            response.headers["HX-Refresh"] = "true"
            return response
        return fresh(_moving(plan), lambda tag: _progress_part(plan, tag))


def _page(day: date | None, typed: Typed, sentence: str = "") -> str:
    today = county_day(current_house().clock())
    with work() as open_work:
        if day is None:
            day = _usual_day(open_work, today)
        view = overseeing.day_view(open_work, current_actor(), day)
        board = flooring.board(open_work, current_actor())
        newest = view.newest
        return render_template(
            "manager/index.html",
            view=view,
            days=(today, today + timedelta(days=1)),
            open_counts=_counted([row.state for row in board]),
            other_counts={state: count for state, count in view.moved.items() if state not in OPEN_STATES},
            typed=typed if typed.values else _suggested(day),
            sentence=sentence,
            failure=_failure(view),
            progress=_progress_part(newest, tag_of(_moving(newest))) if _is_under_way(newest) else "",
            chart=pots_chart(view.in_force, view.numbers) if view.in_force else "",
            map=county_map(view.in_force) if view.in_force else "",
            why="en" if language() == "en" else "zh",
        )


def _allowed(day: date | None) -> date | None:
    today = county_day(current_house().clock())
    return day if day in (today, today + timedelta(days=1)) else None


def _usual_day(open_work: Work, today: date) -> date:
    # While today is being worked on it stays on the desk; with nothing planned, it is the next day to plan.
    begun = open_work.plans.newest(today) is not None
    return today if begun else default_start(current_house().clock())[0]


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
    return plan is not None and plan.state in _UNDER_WAY


def _moving(plan: Plan | None) -> object:
    return (plan.id, plan.state, plan.progress_percent, plan.stage) if plan else None


def _progress_part(plan: Plan | None, tag: str) -> str:
    return render_template("manager/progress.html", plan=plan, if_none_match=if_none_match(tag))


def _counted(states: list[State]) -> dict[State, int]:
    return {state: states.count(state) for state in State if state in states}
