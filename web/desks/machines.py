"""Decoction machines: what they say, what went another way, and the decision of who answers for it."""

from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from markupsafe import Markup
from pydantic import Field
from werkzeug.wrappers import Response

from tcm.knowledge.machines import machine_limits
from tcm.records.boils import STEP_TERMS, PotRun, PotStep
from tcm.records.clock import county_day
from tcm.records.errors import Refused
from tcm.records.machines import (
    DEVIATION_TERMS,
    GO_ON_REASONS,
    REFUSAL_TERMS,
    VERDICT_TERMS,
    Deviation,
    DeviationKind,
    MachineReading,
    Verdict,
)
from tcm.records.permissions import Action
from tcm.services import halting
from tcm.store.work import Work
from web.auth import current_actor, only
from web.curves import Mark, curve_svg
from web.desks.stock.blueprint import sentence_of
from web.door import Form, parse
from web.errors import status_of
from web.house import current_house, work

desk = Blueprint("machines", __name__, url_prefix="/machines")
# Whoever decides is asked again by the service.
desk.before_request(only(Action.DEVIATION_READ))


class DayForm(Form):
    """Which day is looked at."""

    day: date | None = None


class DecideForm(Form):
    """What is decided of a batch that stands still."""

    verdict: Verdict
    reason_code: str = Field("", max_length=24)
    remark: str = Field("", max_length=halting.NOTE_MAX)


@desk.get("")
def index() -> str:
    """Every pot's machine, and what happened on a day."""
    form = parse(DayForm, request.args)
    now = current_house().clock()
    day = form.day or county_day(now)
    with work(reads_only=True) as open_work:
        board = halting.machine_board(open_work, current_actor(), day)
    return render_template(
        "machines/index.html",
        board=board,
        day=day,
        today=county_day(now),
        now=now,
        limits=machine_limits(),
        kinds=DEVIATION_TERMS,
        measured=measured_text,
        refusals=REFUSAL_TERMS,
        verdicts=VERDICT_TERMS,
    )


@desk.get("/deviations/<int:deviation_id>")
def deviation(deviation_id: int) -> str:
    """One deviation, its curve, and what may be decided."""
    return _page(deviation_id)


@desk.post("/deviations/<int:deviation_id>")
def decide(deviation_id: int) -> Response | tuple[str, int]:
    """Decide by name."""
    form = parse(DecideForm, request.form)
    try:
        with work() as open_work:
            halting.decide(
                open_work,
                current_actor(),
                deviation_id,
                form.verdict,
                reason_code=form.reason_code,
                remark=form.remark,
            )
            open_work.commit()
    except Refused as refusal:
        return _page(deviation_id, sentence_of(refusal), form.remark), status_of(refusal)
    if form.verdict is Verdict.GO_ON:
        flash(gettext("已决定：继续。"), "good")
    else:
        flash(gettext("已决定：报废。请煎药员在卡片上报废，重新调剂。"), "warn")
    return redirect(url_for("machines.deviation", deviation_id=deviation_id), 303)


def run_curve(
    run: PotRun,
    points: list[MachineReading] | tuple[MachineReading, ...],
    steps: list[PotStep] | tuple[PotStep, ...],
    deviations: list[Deviation] | tuple[Deviation, ...],
) -> Markup:
    """A run's curve with its steps numbered and its deviations marked.

    Args:
        run: Which boil.
        points: Its curve, oldest first; empty where no machine spoke.
        steps: Its steps, numbered from 1 as a list beside the picture numbers them.
        deviations: What went another way.

    Returns:
        SVG, empty without a curve.
    """
    if not points:
        return Markup("")
    marks = [Mark(each.at, f"{number}") for number, each in enumerate(steps, 1)]
    marks += [Mark(each.began_at, "!", is_bad=True) for each in deviations]
    until = max(points[-1].at, *(each.at for each in marks))
    svg = curve_svg(points, run.opened_at, until, title=gettext("温度曲线"), marks=marks)
    return Markup(svg)  # noqa: S704 - made by curve_svg, which escapes every text


def measured_text(one: Deviation) -> str:
    """What was measured, against what limit.

    Args:
        one: A deviation.

    Returns:
        In words, in the reader's language.
    """
    figures = {name: f"{value:g}" for name, value in one.measured.items()}
    match one.kind:
        case DeviationKind.BOILED_DRY | DeviationKind.TOO_HOT:
            return str(gettext("最高 %(hottest_c)s ℃，上限 %(limit_c)s ℃", **figures))
        case DeviationKind.UNDER_TIME:
            return str(gettext("实测沸腾 %(boiled_min)s 分钟，方案 %(limit_min)s 分钟", **figures))
        case DeviationKind.NEVER_BOILED:
            return str(gettext("%(limit_min)s 分钟内最高 %(hottest_c)s ℃", **figures))
        case DeviationKind.SILENCE:
            return str(gettext("%(silent_min)s 分钟没有读数", **figures))
        case DeviationKind.CLOCK:
            return str(gettext("读数按收到的时间记"))


def last_boil(open_work: Work, prescription_id: int) -> dict[str, object]:
    """What a card shows of a prescription's last boil.

    Args:
        open_work: The unit of work.
        prescription_id: Which.

    Returns:
        For `machines/_curve.html`: the curve, empty without one, its steps, what went another way.
    """
    run = open_work.pot_runs.last_of(prescription_id)
    if run is None:
        return {"curve": Markup("")}
    key = run.key()
    points = open_work.machine_readings.of_runs([key])[key]
    taken = open_work.pot_steps.of_run(key)
    found = open_work.deviations.of_runs([key])[key]
    return {
        "curve": run_curve(run, points, taken, found),
        "curve_steps": taken,
        "curve_terms": STEP_TERMS,
        "curve_found": found,
        "curve_kinds": DEVIATION_TERMS,
    }


def _page(deviation_id: int, sentence: str = "", remark: str = "") -> str:
    with work() as open_work:
        view = halting.open_deviation(open_work, current_actor(), deviation_id)
        return render_template(
            "machines/deviation.html",
            view=view,
            one=view.line.deviation,
            curve=run_curve(view.run, view.curve, view.steps, (view.line.deviation, *view.others)),
            steps=STEP_TERMS,
            kinds=DEVIATION_TERMS,
            measured=measured_text,
            reasons=GO_ON_REASONS,
            verdicts=VERDICT_TERMS,
            sentence=sentence,
            remark=remark,
        )
