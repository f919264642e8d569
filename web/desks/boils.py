"""A hand at a pot: scan it or its label, see the one next step, press it. For a palm, and for one thumb."""

from collections.abc import Callable
from secrets import token_urlsafe

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from pydantic import Field
from werkzeug.wrappers import Response

from tcm.knowledge.decoction import BoilProgramme
from tcm.records.boil_standing import phase_of
from tcm.records.boils import STEP_TERMS, BoilKeeping, Step
from tcm.records.clinical import Prescription
from tcm.records.clock import county_day
from tcm.records.errors import N_, Forbidden, NotFound, Refused
from tcm.records.lifecycle import State
from tcm.records.machines import DEVIATION_TERMS
from tcm.records.permissions import Action
from tcm.services import boil_views, boiling, flooring, overseeing, stepping
from tcm.services.boil_views import PotCard
from tcm.services.packing import POUCHES_PER_DOSE
from tcm.services.stepping import AtHand
from tcm.store.work import Work
from web.auth import current_actor, only
from web.desks.stock.blueprint import sentence_of
from web.door import Form, RowId, parse
from web.errors import status_of
from web.house import current_house, work
from web.i18n import say
from web.plan_view import jobs_of
from web.polling import fresh, if_none_match, tag_of
from web.scan import read_scan

desk = Blueprint("boils", __name__, url_prefix="/floor/at")
# Managers look at the wall; only their setting is here.
desk.before_request(only(Action.FLOOR_BOARD))

# What the thumb says it has done.
ACTION_TERMS = {
    Step.FIRST_BOIL: N_("头煎煮沸了"),
    Step.REST_ADDED: N_("群药投好了"),
    Step.LATE_ADDED: N_("后下药投好了"),
    Step.FIRST_DRAWN: N_("头煎滤出了"),
    Step.SECOND_BOIL: N_("二煎煮沸了"),
    Step.DRAWN_OFF: N_("出锅了"),
    Step.PACKED: N_("包装好了"),
    Step.CLEANED: N_("清洗好了"),
}
_REASON = 200
_EARLY_NOTE, _LATE_NOTE = "先煎", "后下"


class StepForm(Form):
    """The next step of a boil."""

    run_id: RowId
    step: Step
    request_key: str = Field(min_length=8, max_length=64)
    reason: str = Field("", max_length=_REASON)


class UndoForm(Form):
    """A step that was a slip of the thumb."""

    run_id: RowId
    step: Step


class SoakForm(Form):
    """A prescription that is put to soak."""

    prescription_id: RowId
    version: int


class LoadForm(Form):
    """A prescription that goes into its pot."""

    prescription_id: RowId
    version: int
    pot_code: str = Field("", max_length=200)
    reason: str = Field("", max_length=_REASON)


class KeepingForm(Form):
    """What the centre keeps of its boils."""

    keeping: BoilKeeping


@desk.get("")
def index() -> Response:
    """The box for a scan, and the pots, those first that ask for a hand."""
    code, pot = (read_scan(request.args.get(name, "")) for name in ("code", "pot"))
    if not code:
        return _pots()
    try:
        with work() as open_work:
            stepping.find(open_work, current_actor(), current_house().knowledge, code)
    except NotFound as refusal:
        # The box stays open for the next scan.
        return _pots(say(refusal), code, 404)
    return redirect(url_for("boils.at", code=code, pot=pot or None))


@desk.get("/<code>")
def at(code: str) -> Response:
    """What lies there and its next step."""
    return _page(code)


@desk.get("/<code>/now")
def now(code: str) -> Response:
    """The page's moving part, or 304 while nothing has moved."""
    with work() as open_work:
        at_hand = _found(open_work, code)
        facts = _facts(at_hand)
        if request.if_none_match.contains(tag_of(facts)):
            # A page that lies open would bury the looks of people under its own.
            open_work.forget_looks()
        return fresh(facts, lambda tag: _part(open_work, at_hand, code, tag))


@desk.post("/<code>/step")
def step(code: str) -> Response:
    """Take the next step."""
    form = parse(StepForm, request.form)

    def act(open_work: Work) -> str:
        actor, knowledge = current_actor(), current_house().knowledge
        stepping.take(
            open_work,
            actor,
            knowledge,
            form.run_id,
            form.step,
            request_key=form.request_key,
            reason=form.reason,
        )
        return str(gettext("已记：%(step)s。", step=gettext(STEP_TERMS[form.step])))

    return _do(code, act)


@desk.post("/<code>/undo")
def undo(code: str) -> Response:
    """Take a step back."""
    form = parse(UndoForm, request.form)

    def act(open_work: Work) -> str:
        stepping.undo(open_work, current_actor(), form.run_id, form.step)
        return str(gettext("已撤销：%(step)s。", step=gettext(STEP_TERMS[form.step])))

    return _do(code, act)


@desk.post("/<code>/soak")
def soak(code: str) -> Response:
    """Put it to soak."""
    form = parse(SoakForm, request.form)

    def act(open_work: Work) -> str:
        actor, knowledge = current_actor(), current_house().knowledge
        flooring.advance(open_work, actor, knowledge, form.prescription_id, form.version, State.SOAKING)
        return str(gettext("已记：开始浸泡。"))

    return _do(code, act)


@desk.post("/<code>/load")
def load(code: str) -> Response:
    """Put it into its pot."""
    form = parse(LoadForm, request.form)

    def act(open_work: Work) -> str:
        prescription = flooring.advance(
            open_work,
            current_actor(),
            current_house().knowledge,
            form.prescription_id,
            form.version,
            State.DECOCTING,
            pot_code=read_scan(form.pot_code) or None,
            reason=form.reason,
        )
        return str(gettext("%(number)s 已上锅。", number=prescription.number))

    return _do(code, act)


@desk.post("/keeping")
def set_keeping() -> Response:
    """Decide what is kept of a boil; the form stands on the page of the pots."""
    form = parse(KeepingForm, request.form)
    with work() as open_work:
        boiling.set_keeping(open_work, current_actor(), form.keeping)
        open_work.commit()
    flash(gettext("已保存。"), "good")
    return redirect(url_for("floor.pots", _anchor="keeping"), 303)


def _do(code: str, act: Callable[[Work], str]) -> Response:
    try:
        with work() as open_work:
            said = act(open_work)
            open_work.commit()
    except (Forbidden, NotFound):
        raise
    except Refused as refusal:
        return _page(code, sentence_of(refusal), status_of(refusal))
    flash(said, "good")
    return redirect(url_for("boils.at", code=code), 303)


def _pots(sentence: str = "", code: str = "", status: int = 200) -> Response:
    only(Action.FLOOR_MOVE)()
    with work() as open_work:
        wall = boil_views.wall(open_work, current_actor(), current_house().knowledge)
    cards = sorted(wall.cards, key=_order)
    page = render_template("boils/index.html", cards=cards, phase_of=phase_of, sentence=sentence, code=code)
    return make_response(page, status)


def _order(card: PotCard) -> tuple[bool, bool, int, str]:
    """What presses first, then what is due soonest, free pots last."""
    left_min = card.standing.left_min if card.standing else None
    return not card.is_pressing, card.run is None, 999 if left_min is None else left_min, card.pot.code


def _page(code: str, sentence: str = "", status: int = 200) -> Response:
    with work() as open_work:
        at_hand = _found(open_work, code)
        page = render_template(
            "boils/at.html",
            part=_part(open_work, at_hand, code, tag_of(_facts(at_hand))),
            at=at_hand,
            p=at_hand.prescription,
            code=read_scan(code),
            sentence=sentence,
        )
    return make_response(page, status)


def _found(open_work: Work, code: str) -> AtHand:
    return stepping.find(open_work, current_actor(), current_house().knowledge, read_scan(code))


def _facts(at_hand: AtHand) -> object:
    """All that the part shows; the minutes that are left, not the seconds."""
    standing, inside = at_hand.standing, at_hand.prescription
    return (
        inside and (inside.id, inside.version, inside.state),
        [(each.id, each.step) for each in at_hand.steps],
        standing and (standing.left_min, standing.alarm, standing.next),
        at_hand.soak_left_min,
        at_hand.undo,
        [(each.id, each.verdict) for each in at_hand.halted],
    )


def _part(open_work: Work, at_hand: AtHand, code: str, tag: str) -> str:
    inside, standing = at_hand.prescription, at_hand.standing
    ahead = _ahead(at_hand)
    is_typed = request.method == "POST"
    return render_template(
        "boils/part.html",
        at=at_hand,
        p=inside,
        boil=at_hand.boil,
        standing=standing,
        step=ahead,
        early_min=max(0, standing.left_min or 0) if standing and standing.next[:1] == (ahead,) else 0,
        hint=_hint(ahead, at_hand.boil),
        actions=ACTION_TERMS,
        phase_of=phase_of,
        terms=STEP_TERMS,
        code=read_scan(code),
        pot_code=_pot_for(open_work, inside),
        request_key=token_urlsafe(24),
        typed=request.form if is_typed else {},
        kinds=DEVIATION_TERMS,
        if_none_match=if_none_match(tag),
    )


def _ahead(at_hand: AtHand) -> Step | None:
    """The one step to show: a label leads to what becomes of the decoction, a pot to the pot."""
    standing, inside = at_hand.standing, at_hand.prescription
    if standing is None or not standing.next:
        return None
    by_label = inside is not None and read_scan(str((request.view_args or {}).get("code"))) == inside.number
    return Step.PACKED if by_label and Step.PACKED in standing.next else standing.next[0]


def _pot_for(open_work: Work, inside: Prescription | None) -> str:
    """The pot to be filled: what was typed or scanned, else what the plan says."""
    told = read_scan(request.form.get("pot_code", "") or request.args.get("pot", ""))
    if told or inside is None or inside.state is not State.SOAKING:
        return told
    actor = current_actor()
    day = overseeing.day_at_work(open_work, actor, county_day(open_work.now))
    job = jobs_of(overseeing.plan_in_force(open_work, actor, day)).get(inside.key())
    return job.pot_id if job else ""


def _hint(ahead: Step | None, boil: BoilProgramme | None) -> str:
    """What the step means for this boil; herbs and their notes are printed as they are."""
    if ahead is None or boil is None:
        return ""
    if ahead in (Step.REST_ADDED, Step.LATE_ADDED):
        wanted = _EARLY_NOTE if ahead is Step.REST_ADDED else _LATE_NOTE
        return "；".join(note for note in boil.notes if note.startswith(wanted))
    hints = {
        Step.FIRST_BOIL: gettext("武火煮沸，见沸再按，从这时起算时间。"),
        Step.FIRST_DRAWN: gettext("趁热滤出头煎药汁。"),
        Step.SECOND_BOIL: gettext("加水 %(ml)s 毫升，再煮沸后按。", ml=boil.second_water_ml),
        Step.DRAWN_OFF: gettext("两煎药汁合并，共 %(ml)s 毫升。", ml=boil.total_ml),
        Step.PACKED: gettext(
            "%(pouches)s 小袋 × %(ml)s 毫升", pouches=boil.bags, ml=boil.volume_ml // POUCHES_PER_DOSE
        ),
        Step.CLEANED: gettext("锅、滤网、管路都要洗净。"),
    }
    return str(hints.get(ahead, ""))
