"""The centre's floor: the board of steps, one prescription's card, the pots. For a wall and for a palm."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from pydantic import Field
from werkzeug.wrappers import Response

from dispatch.plan_types import ScheduledJob
from tcm.knowledge.decoction import BoilProgramme
from tcm.records.boils import KEEPING_TERMS, BoilKeeping
from tcm.records.clock import at_minute, county_day
from tcm.records.dispensing import Dispensing, Weighing
from tcm.records.errors import N_, NotFound
from tcm.records.lifecycle import REASONS, State
from tcm.records.machines import DEVIATION_TERMS
from tcm.records.permissions import Action
from tcm.services import boiling, flooring, guiding, halting, overseeing
from tcm.services.flooring import next_step
from tcm.services.overseeing import PotPlace
from tcm.services.packing import POUCHES_PER_DOSE
from tcm.services.weighing_sheet import settings_of
from tcm.store.queries import BoardRow
from tcm.store.work import Work
from web.auth import current_actor, only
from web.desks.machines import last_boil
from web.door import Form, RowId, parse
from web.errors import wants_fragment
from web.house import current_house, work
from web.i18n import say
from web.plan_view import bagged_of, jobs_of
from web.planning import PACK_MIN
from web.polling import fresh, if_none_match, tag_of
from web.scan import read_scan
from web.second import second_person

desk = Blueprint("floor", __name__, url_prefix="/floor")
# Managers look at the board and the pots; whoever moves something is asked again by the services.
desk.before_request(only(Action.FLOOR_BOARD))

# The column of what is dispensed and not decocted, which a board without any such order does not have.
DRY = "bag"
# The columns of the board: what is to be done, and the states that wait for it.
COLUMNS: tuple[tuple[str, str, tuple[State, ...]], ...] = (
    ("dispense", N_("待调剂"), (State.SCRAPPED, State.APPROVED)),
    ("soak", N_("待浸泡"), (State.DISPENSED,)),
    (DRY, N_("待装袋"), (State.DISPENSED,)),
    ("decoct", N_("浸泡中"), (State.SOAKING,)),
    ("pack", N_("煎煮中"), (State.DECOCTING,)),
    ("load", N_("已包装"), (State.PACKED, State.FAILED)),
)
# What the button says that takes a prescription to a state.
STEP_TERMS: dict[State, str] = {
    State.DISPENSED: N_("调剂完成"),
    State.SOAKING: N_("开始浸泡"),
    State.DECOCTING: N_("上锅"),
    State.PACKED: N_("包装完成"),
}
# The minute of the plan at which a step is due.
_DUE_FIELDS: dict[State, str] = {
    State.DISPENSED: "soak_at_min",
    State.SOAKING: "soak_at_min",
    State.DECOCTING: "load_at_min",
    State.PACKED: "pack_at_min",
}
# A step this much behind its plan is marked.
_LATE = timedelta(minutes=10)


class StepForm(Form):
    """The next step of a prescription."""

    prescription_id: RowId
    version: int
    target: State
    pot_code: str = ""
    reason: str = Field("", max_length=200)


class CardForm(Form):
    """Something else that is done to a prescription."""

    prescription_id: RowId
    version: int
    reason_code: str = ""
    put_back: bool = False


class PotForm(Form):
    """Whether a pot is in service."""

    active: bool


@dataclass(frozen=True)
class Slip:
    """A prescription on the board.

    Args:
        row: What the store knows.
        target: Its next step on the floor, None where it waits for a van.
        pot: The pot it is in, else the one the plan gives it; empty without either.
        is_drawn_off: Whether it has left its pot and waits to be packed.
        due_at: When the plan has that step, None without a plan.
        is_late: Whether that is past.
    """

    row: BoardRow
    target: State | None
    pot: str
    is_drawn_off: bool
    due_at: datetime | None
    is_late: bool


@dataclass(frozen=True)
class Column:
    """One step of the board.

    Args:
        key: For its anchor.
        label: A msgid.
        slips: Urgent ones first, then by plan.
    """

    key: str
    label: str
    slips: tuple[Slip, ...]


@desk.get("")
def index() -> str:
    """The board."""
    return _board_page()


@desk.get("/board")
def board() -> Response:
    """The board's moving part, or 304 while nothing has moved."""
    with work() as open_work:
        return fresh(_facts(open_work), lambda tag: _board_part(open_work, tag))


@desk.get("/scan")
def scan() -> Response:
    """From a scanned number or bag code to the card."""
    code = read_scan(request.args.get("code", ""))
    try:
        with work() as open_work:
            if any(place.pot.code == code for place in overseeing.pot_places(open_work, current_actor())):
                return redirect(url_for("boils.at", code=code))
            prescription = flooring.find_by_scan(open_work, current_actor(), code)
    except NotFound as refusal:
        # The box stays open for the next scan.
        return make_response(_board_page(say(refusal), code), 404)
    return redirect(url_for("floor.card", prescription_id=prescription.key()))


@desk.get("/p/<int:prescription_id>")
def card(prescription_id: int) -> str:
    """One prescription: herbs, programme, next step."""
    actor, house = current_actor(), current_house()
    with work() as open_work:
        shown = guiding.open_card(open_work, actor, house.knowledge, prescription_id)
        day = _day(open_work)
        plan = overseeing.plan_in_force(open_work, actor, day)
        job = jobs_of(plan).get(prescription_id)
        page = render_template(
            "floor/card.html",
            card=shown,
            steps=STEP_TERMS,
            job=job,
            pouch_ml=shown.boil.volume_ml // POUCHES_PER_DOSE if shown.boil else 0,
            due=_planned(job, bagged_of(plan).get(prescription_id), day),
            pots=_fitting(overseeing.pot_places(open_work, actor), shown.boil),
            reasons=[(code, gettext(term)) for code, term in REASONS[State.SCRAPPED].items()],
            is_weighed=flooring.is_weighed_line_by_line(open_work, shown.prescription),
            weighed=open_work.dispensings.open_of(prescription_id),
            **last_boil(open_work, prescription_id),
            is_stepwise=boiling.is_stepwise(open_work, shown.prescription),
        )
    return page


@desk.post("/step")
def step() -> Response:
    """Take the next step, from the board or from the card."""
    form = parse(StepForm, request.form)
    with work() as open_work:
        prescription = flooring.advance(
            open_work,
            current_actor(),
            current_house().knowledge,
            form.prescription_id,
            form.version,
            form.target,
            pot_code=read_scan(form.pot_code) or None,
            reason=form.reason,
        )
        open_work.commit()
        if wants_fragment():
            return make_response(_board_part(open_work, tag_of(_facts(open_work))))
        flash(gettext("%(number)s：%(state)s", number=prescription.number, state=_term(form.target)), "good")
    if form.target is State.PACKED:
        # The labels are printed and stuck before the next batch is touched.
        return redirect(url_for("floor.card", prescription_id=form.prescription_id), 303)
    return redirect(url_for("floor.index"), 303)


@desk.post("/draw-off")
def draw_off() -> Response:
    """The decoction leaves its pot before it is packed."""
    form = parse(CardForm, request.form)
    with work() as open_work:
        flooring.draw_off(open_work, current_actor(), form.prescription_id, form.version)
        open_work.commit()
    flash(gettext("已出锅，锅可以清洗了。"), "good")
    return redirect(url_for("floor.card", prescription_id=form.prescription_id), 303)


@desk.post("/scrap")
def scrap() -> Response:
    """Throw a batch away, with its reason."""
    form, second = parse(CardForm, request.form), second_person()
    with work() as open_work:
        flooring.scrap(
            open_work,
            current_actor(),
            form.prescription_id,
            form.version,
            form.reason_code,
            put_back=form.put_back,
            second=second,
        )
        open_work.commit()
    flash(gettext("已报废，请从调剂重新开始。"), "warn")
    return redirect(url_for("floor.card", prescription_id=form.prescription_id), 303)


@desk.get("/pots")
def pots() -> str:
    """The pots."""
    with work() as open_work:
        return render_template(
            "floor/pots.html",
            places=overseeing.pot_places(open_work, current_actor()),
            keeping=boiling.keeping_of(open_work),
            keepings=KEEPING_TERMS,
        )


@desk.post("/pots/<code>")
def set_pot(code: str) -> Response:
    """Take a pot out of service, or back."""
    form = parse(PotForm, request.form)
    with work() as open_work:
        pot = flooring.set_pot_active(open_work, current_actor(), read_scan(code), active=form.active)
        open_work.commit()
        sentence = N_("%(pot)s号锅恢复使用。") if form.active else N_("%(pot)s号锅已停用。")
        flash(gettext(sentence, pot=pot.code), "good")
    return redirect(url_for("floor.pots"), 303)


def _fitting(places: Sequence[PotPlace], boil: BoilProgramme | None) -> list[PotPlace]:
    """The pots in service that may cook it, taken ones too."""
    return [each for each in places if boil and each.pot.active and flooring.may_cook(each.pot, boil)]


def _board_page(sentence: str = "", code: str = "") -> str:
    with work() as open_work:
        part = _board_part(open_work, tag_of(_facts(open_work)))
        return render_template("floor/index.html", part=part, sentence=sentence, code=code)


def _board_part(open_work: Work, tag: str) -> str:
    return render_template(
        "floor/board.html",
        columns=_columns(open_work),
        weighed=_weighed(open_work),
        is_stepwise=boiling.keeping_of(open_work) is BoilKeeping.STEPS,
        steps=STEP_TERMS,
        if_none_match=if_none_match(tag),
        halted=halting.waiting(open_work, current_actor()),
        halted_kinds=DEVIATION_TERMS,
    )


def _facts(open_work: Work) -> object:
    rows = flooring.board(open_work, current_actor())
    plan = overseeing.plan_in_force(open_work, current_actor(), _day(open_work))
    # Lateness comes with the minute.
    minute = current_house().clock().replace(second=0, microsecond=0)
    weighed = _weighed(open_work)
    seen = weighed and [(key, one.ready_at, one.lacking) for key, one in weighed.items()]
    halted = [line.deviation.id for line in halting.waiting(open_work, current_actor())]
    return rows, plan.id if plan else None, minute, seen, halted


def _weighed(open_work: Work) -> dict[int, Dispensing] | None:
    """What lies on the scales by prescription; None where weighing is kept on paper."""
    if settings_of(open_work).weighing is Weighing.OFF:
        return None
    return open_work.dispensings.all_open()


def _columns(open_work: Work) -> list[Column]:
    actor, day = current_actor(), _day(open_work)
    plan = overseeing.plan_in_force(open_work, actor, day)
    jobs, bagged, now = jobs_of(plan), bagged_of(plan), current_house().clock()
    pots = {place.prescription_id: place.pot.code for place in overseeing.pot_places(open_work, actor)}
    slips = []
    for row in flooring.board(open_work, actor):
        job = jobs.get(row.prescription_id)
        slips.append(_slip(row, pots, job, _planned(job, bagged.get(row.prescription_id), day), now))
    has_dry = any(not slip.row.preparation.needs_pot for slip in slips)
    return [
        Column(key, label, tuple(sorted((s for s in slips if _stands_in(s.row, key, states)), key=_order)))
        for key, label, states in COLUMNS
        if key != DRY or has_dry
    ]


def _stands_in(row: BoardRow, key: str, states: tuple[State, ...]) -> bool:
    if row.state is State.DISPENSED and (key == DRY) == row.preparation.needs_pot:
        return False
    return row.state in states


def _slip(
    row: BoardRow,
    pots: Mapping[int | None, str],
    job: ScheduledJob | None,
    due: Mapping[State, datetime],
    now: datetime,
) -> Slip:
    target = next_step(row.state, row.preparation)
    is_cooking = row.state is State.DECOCTING
    planned_pot = job.pot_id if job and not is_cooking else ""
    pot = pots.get(row.prescription_id, planned_pot)
    due_at = due.get(target) if target else None
    is_late = due_at is not None and now > due_at + _LATE
    return Slip(row, target, pot, is_cooking and not pot, due_at, is_late)


def _order(slip: Slip) -> tuple[bool, bool, datetime, str]:
    due_at = slip.due_at or slip.row.since
    return not slip.row.urgent, slip.due_at is None, due_at, slip.row.number


def _planned(job: ScheduledJob | None, bagged_min: int | None, day: date) -> dict[State, datetime]:
    """When the plan has the floor's steps; what needs no pot is weighed just before it is bagged."""
    if job is None and bagged_min is not None:
        return {
            State.DISPENSED: at_minute(day, bagged_min - PACK_MIN),
            State.PACKED: at_minute(day, bagged_min),
        }
    if job is None:
        return {}
    return {state: at_minute(day, getattr(job, name)) for state, name in _DUE_FIELDS.items()}


def _term(state: State) -> str:
    return str(gettext(STEP_TERMS[state])) if state in STEP_TERMS else state.value


def _day(open_work: Work) -> date:
    return overseeing.day_at_work(open_work, current_actor(), county_day(current_house().clock()))
