"""Questions about the plan: what if there were more of something, how robust is it, which buffers to keep."""

from datetime import date, time
from typing import Any

from flask import make_response, redirect, render_template, request, url_for
from pydantic import Field
from werkzeug.wrappers import Response

from dispatch.formats import day_from_dict, read, to_dict
from dispatch.outcomes import Change, Curve, Kind, Outcome
from dispatch.simulation.robustness import BufferChoice, Robustness
from tcm.records.errors import N_, Invalid
from tcm.records.plans import UNDER_WAY, PlanState
from tcm.records.studies import Study, StudyKind
from tcm.services import overseeing, studying
from web.auth import current_actor
from web.desks.manager.blueprint import KeyedForm, allowed, asked_day, days, desk, usual_day
from web.door import Form, Rejected, RowId, Typed, parse, typed_in
from web.house import current_house, work
from web.i18n import say
from web.jobs.questions import CurveAsked, RobustnessAsked, WhatIfAsked
from web.plan_view import change_name, kind_name, resource_name, robust_chart, whatif_chart
from web.polling import fresh, if_none_match, tag_of

# Steps of a curve; of a cut-off the minutes of the day.
STEPS: dict[Kind, tuple[int, ...]] = {
    "vehicles": (0, 1, 2, 3),
    "pots": (0, 5, 10, 15),
    "packers": (0, 1, 2, 3),
    "loaders": (0, 1, 2, 3),
    "adders": (0, 1, 2, 3),
    "shift_min": (0, 30, 60, 90),
    "cut_off_min": (600, 660, 720, 780, 840),
    "buffer_min": (0, 5, 10, 15, 20, 30),
}
AMOUNTS: tuple[Kind, ...] = ("vehicles", "pots", "packers", "loaders", "adders", "shift_min", "buffer_min")
PAGES = {StudyKind.WHAT_IF: "manager.what_if", StudyKind.ROBUSTNESS: "manager.robustness"}
# The day is planned once for each buffer of `dispatch.simulation.buffers`, which a page does not import: it
# brings the solvers along.
ROBUSTNESS_PLANS = 6
TOO_LONG = N_(
    "要排 %(plans)s 份计划，每份 %(seconds)s 秒，共 %(all)s 秒；"
    "一次推演须少于 %(most)s 秒。请把秒数改小，或少问几样。"
)
DEFAULT_SECONDS = 5
DEFAULT_TARGET_PERCENT = 95


class StudyForm(KeyedForm):
    """What the solvers may take for each plan."""

    seconds: int = Field(ge=1, le=60)


class WhatIfForm(StudyForm):
    """What is changed, each by itself."""

    vehicles: int | None = Field(default=None, ge=1, le=50)
    pots: int | None = Field(default=None, ge=1, le=200)
    packers: int | None = Field(default=None, ge=1, le=50)
    loaders: int | None = Field(default=None, ge=1, le=50)
    adders: int | None = Field(default=None, ge=1, le=50)
    shift_min: int | None = Field(default=None, ge=5, le=360)
    buffer_min: int | None = Field(default=None, ge=1, le=120)
    cut_off: time | None = None
    curve: Kind | None = None

    def question(self) -> WhatIfAsked:
        """What the study is asked."""
        changes = [Change(kind, amount) for kind in AMOUNTS if (amount := getattr(self, kind)) is not None]
        if self.cut_off is not None:
            changes.append(Change("cut_off_min", 60 * self.cut_off.hour + self.cut_off.minute))
        curve = CurveAsked(self.curve, STEPS[self.curve]) if self.curve else None
        return WhatIfAsked(tuple(changes), curve)


class RobustnessForm(StudyForm):
    """How many bags are wanted on time."""

    target_percent: int = Field(ge=50, le=100)
    draws: int = Field(default=1000, ge=100, le=10_000)


class SettingsForm(Form):
    """What plans have to keep."""

    buffer_min: int = Field(ge=0, le=120)
    promise_late_min: int = Field(ge=5, le=240)
    longest_box_min: int | None = Field(default=None, ge=10, le=1440)
    fragile_box_min: int | None = Field(default=None, ge=10, le=1440)
    study: RowId | None = None


class RunForm(Form):
    """Which study is looked at."""

    run: RowId | None = None


@desk.get("/what-if")
def what_if() -> str:
    """The questions and the newest answer."""
    return _page(StudyKind.WHAT_IF, asked_day(), _usual_what_if())


@desk.post("/what-if")
def ask_what_if() -> Response:
    """Ask what would be if; the job is durable and goes on without this page."""
    try:
        form = parse(WhatIfForm, request.form)
    except Rejected as rejected:
        return make_response(_page(StudyKind.WHAT_IF, None, rejected.typed, say(rejected)), 422)
    question = form.question()
    return _ask(StudyKind.WHAT_IF, form, to_dict(question), plans=_plans_of(question))


@desk.get("/robustness")
def robustness() -> str:
    """How robust the plan is, by the newest study."""
    return _page(StudyKind.ROBUSTNESS, asked_day(), _usual_robustness())


@desk.post("/robustness")
def ask_robustness() -> Response:
    """Ask how robust the plan is; the job is durable and goes on without this page."""
    try:
        form = parse(RobustnessForm, request.form)
    except Rejected as rejected:
        return make_response(_page(StudyKind.ROBUSTNESS, None, rejected.typed, say(rejected)), 422)
    question = RobustnessAsked(form.draws, form.target_percent / 100)
    return _ask(StudyKind.ROBUSTNESS, form, to_dict(question), plans=ROBUSTNESS_PLANS)


@desk.post("/settings")
def decide() -> Response:
    """Decide what plans have to keep from now on."""
    try:
        form = parse(SettingsForm, request.form)
    except Rejected as rejected:
        typed = Typed({**_usual_robustness().values, **rejected.typed.values}, rejected.typed.errors)
        return make_response(_page(StudyKind.ROBUSTNESS, None, typed, say(rejected)), 422)
    with work() as open_work:
        studying.decide_settings(
            open_work,
            current_actor(),
            buffer_min=form.buffer_min,
            promise_late_min=form.promise_late_min,
            longest_box_min=form.longest_box_min,
            fragile_box_min=form.fragile_box_min,
            study_id=form.study,
        )
        open_work.commit()
    return redirect(url_for("manager.robustness", _anchor="settings"), 303)


@desk.post("/studies/<int:study_id>/cancel")
def cancel_study(study_id: int) -> Response:
    """Stop a study."""
    with work() as open_work:
        study = studying.cancel_study(open_work, current_actor(), study_id)
        open_work.commit()
    return redirect(url_for(PAGES[study.kind], day=study.day), 303)


@desk.get("/studies/<int:study_id>/progress")
def study_progress(study_id: int) -> Response:
    """How far a study is; 304 while nothing moved, and the page anew when it is over."""
    with work() as open_work:
        study = studying.look_at_study(open_work, current_actor(), study_id)
        if study.state not in UNDER_WAY:
            response = make_response("", 204)
            response.headers["HX-Refresh"] = "true"
            return response
        return fresh(_moving(study), lambda tag: _progress_part(study, tag))


def _ask(kind: StudyKind, form: StudyForm, question: dict[str, object], *, plans: int) -> Response:
    day = allowed(form.day) or days()[0]
    try:
        _refuse_too_long(plans, form.seconds)
        with work() as open_work:
            studying.ask_study(
                open_work,
                current_actor(),
                day,
                kind,
                question,
                seconds=form.seconds,
                seed=0,
                request_key=form.request_key,
                enqueue=current_house().jobs.study_plan,
            )
            open_work.commit()
    except Invalid as refusal:
        return make_response(_page(kind, day, Typed(typed_in(request.form)), say(refusal)), 422)
    return redirect(url_for(PAGES[kind], day=day), 303)


def _refuse_too_long(plans: int, seconds: int) -> None:
    most = current_house().settings.plan_seconds_max
    # A whole study is one computation, and its start takes time as well.
    if plans * seconds >= most:
        raise Invalid(TOO_LONG, plans=plans, seconds=seconds, all=plans * seconds, most=most)


def _plans_of(asked: WhatIfAsked) -> int:
    return 1 + len(asked.changes) + (len(asked.curve.amounts) if asked.curve else 0)


def _usual_seconds(plans: int) -> int:
    return max(1, min(DEFAULT_SECONDS, (current_house().settings.plan_seconds_max - 1) // plans))


def _page(kind: StudyKind, day: date | None, typed: Typed, sentence: str = "") -> str:
    try:
        run = parse(RunForm, request.args).run
    except Rejected:
        run = None
    with work() as open_work:
        day = day or usual_day(open_work)
        view = studying.study_view(open_work, current_actor(), day, kind, run)
        shown = view.shown
        answered = shown if shown is not None and shown.state is PlanState.DONE else None
        plan = overseeing.look_at_plan(open_work, current_actor(), answered.plan_id) if answered else None
        told = _answer(kind, answered, plan.problem) if answered and plan else {}
        if kind is StudyKind.ROBUSTNESS and answered:
            told["numbers"] = overseeing.numbers_of(
                open_work, current_actor(), [int(each.order_id) for each in told["robust"].riskiest]
            )
        moves = shown is not None and shown.state in UNDER_WAY
        return render_template(
            "manager/what_if.html" if kind is StudyKind.WHAT_IF else "manager/robustness.html",
            day=day,
            days=days(),
            view=view,
            shown=shown,
            typed=typed,
            sentence=sentence,
            progress=_progress_part(shown, tag_of(_moving(shown))) if shown and moves else "",
            kinds={each: kind_name(each) for each in STEPS},
            amounts=AMOUNTS,
            **told,
        )


def _answer(kind: StudyKind, study: Study, problem: dict[str, object]) -> dict[str, Any]:
    answer: Any = study.answer
    if kind is StudyKind.WHAT_IF:
        rows = [read(Outcome, each, "outcome") for each in answer["rows"]]
        curve = read(Curve, answer["curve"], "curve") if answer["curve"] else None
        return {
            "rows": rows,
            "names": [change_name(each.change) for each in rows],
            "chart": whatif_chart(curve) if curve else "",
        }
    robust = read(Robustness, answer["robustness"], "robustness")
    question = read(RobustnessAsked, study.question, "question")
    return {
        "robust": robust,
        "choice": read(BufferChoice, answer["choice"], "choice"),
        "target": question.target,
        "chart": robust_chart(robust, day_from_dict(problem), target=question.target),
        "resource_name": resource_name,
    }


def _usual_what_if() -> Typed:
    asked: dict[str, object] = {"vehicles": 1, "pots": 5, "packers": 1, "shift_min": 60, "curve": "vehicles"}
    plans = 1 + (len(asked) - 1) + len(STEPS["vehicles"])
    return Typed.of(**asked, seconds=_usual_seconds(plans))


def _usual_robustness() -> Typed:
    return Typed.of(
        seconds=_usual_seconds(ROBUSTNESS_PLANS), target_percent=DEFAULT_TARGET_PERCENT, draws=1000
    )


def _moving(study: Study) -> object:
    return study.id, study.state, study.progress_percent


def _progress_part(study: Study, tag: str) -> str:
    return render_template("manager/study_progress.html", study=study, if_none_match=if_none_match(tag))
