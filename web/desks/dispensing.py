"""Weighing and the second look: the floor's page of scales, the pharmacists' list and page, the setting."""

from collections.abc import Callable
from secrets import token_urlsafe

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from pydantic import Field
from werkzeug.wrappers import Response

from tcm.knowledge.dispensing import tolerance_percent
from tcm.records.clinical import PhotographKind
from tcm.records.dispensing import Weighing
from tcm.records.errors import N_, Forbidden, Invalid, NotFound, Refused
from tcm.records.permissions import Action, may
from tcm.services import checking, weighing
from tcm.services.weighing_sheet import Line, Sheet, find_line
from tcm.store.work import Work
from web.auth import current_actor, only
from web.desks.stock.blueprint import sentence_of, weight
from web.door import Form, parse
from web.errors import status_of
from web.house import current_house, work
from web.i18n import say
from web.reading import take_in
from web.scales import ScaleAddress, milligrams_in, read_stable
from web.scan import read_scan

desk = Blueprint("dispensing", __name__, url_prefix="/dispensing")


@desk.before_request
def _only_who_dispenses() -> None:
    """Floor staff, pharmacists and, for the setting, managers; the services ask again."""
    if not any(may(current_actor(), action) for action in (Action.FLOOR_MOVE, Action.STOCK_SET)):
        only(Action.DISPENSE_CHECK)()


class WeighForm(Form):
    """One herb on a scale."""

    code: str = Field(min_length=1, max_length=200)
    weight_g: str = Field("", max_length=40)
    scale: str = Field("", max_length=24)
    request_key: str = Field(min_length=8, max_length=64)


class HerbForm(Form):
    """An herb that is not there."""

    herb: str = Field(min_length=1, max_length=40)


class SignForm(Form):
    """The second signature."""

    version: int
    toxic: list[str] = Field([], max_length=60)


class SendBackForm(Form):
    """What is to be weighed again."""

    version: int
    herbs: list[str] = Field([], max_length=60)
    fault: str = Field("", max_length=24)


class WantForm(Form):
    """What cannot be supplied."""

    version: int
    remark: str = Field("", max_length=200)


class SettingForm(Form):
    """How the centre dispenses."""

    weighing: Weighing
    photograph: bool = False


@desk.get("")
def index() -> str:
    """What waits for a second person."""
    with work() as open_work:
        return render_template("dispensing/index.html", rows=checking.waiting(open_work, current_actor()))


@desk.get("/<int:prescription_id>")
def sheet(prescription_id: int) -> Response:
    """The scales: where to go next, what is weighed."""
    return _scales(prescription_id)


@desk.get("/<int:prescription_id>/line")
def line(prescription_id: int) -> str:
    """What a scan means, before anything is weighed."""
    code = read_scan(request.args.get("code", ""))
    with work(reads_only=True) as open_work:
        opened = weighing.open_sheet(open_work, current_actor(), current_house().knowledge, prescription_id)
        try:
            found, sentence = find_line(open_work, opened, code), ""
        except Invalid as refusal:
            found, sentence = None, say(refusal)
        return render_template("dispensing/_line.html", line=found, sentence=sentence, weight=weight)


@desk.post("/<int:prescription_id>/begin")
def begin(prescription_id: int) -> Response:
    """Begin to weigh, or look for lots anew."""

    def act(open_work: Work) -> None:
        weighing.begin(open_work, current_actor(), current_house().knowledge, prescription_id)

    return _at_scales(prescription_id, act)


@desk.post("/<int:prescription_id>/weigh")
def weigh(prescription_id: int) -> Response:
    """One herb, from the scale that is named or as it was typed."""
    form = parse(WeighForm, request.form)
    try:
        # A scale may take seconds: no transaction is open meanwhile.
        net_mg = read_stable(_scale(form.scale)) if form.scale else milligrams_in(form.weight_g)
    except Invalid as refusal:
        return _scales(prescription_id, say(refusal), 422)

    def act(open_work: Work) -> None:
        actor, knowledge, code = current_actor(), current_house().knowledge, read_scan(form.code)
        after = weighing.weigh(
            open_work,
            actor,
            knowledge,
            prescription_id,
            code,
            net_mg,
            scale=form.scale,
            request_key=form.request_key,
        )
        if after.is_ready:
            flash(gettext("全部称完，等药师复核。"), "good")

    return _at_scales(prescription_id, act)


@desk.post("/<int:prescription_id>/lacking")
def report_lacking(prescription_id: int) -> Response:
    """Say that an herb is not there."""
    form = parse(HerbForm, request.form)

    def act(open_work: Work) -> None:
        knowledge = current_house().knowledge
        weighing.report_lacking(open_work, current_actor(), knowledge, prescription_id, form.herb)
        flash(gettext("已报缺，药师会决定等货还是退回医师。"), "warn")

    return _at_scales(prescription_id, act)


@desk.post("/<int:prescription_id>/photograph")
def add_photograph(prescription_id: int) -> Response:
    """A picture of what lies weighed."""
    file = next((each for each in request.files.getlist("photograph") if each.filename), None)
    if file is None:
        return _scales(prescription_id, str(gettext("请先选择或拍摄一张照片。")), 422)
    try:
        picture = take_in(file.read(), PhotographKind.TONGUE).clean
    except Invalid:
        return _scales(prescription_id, str(gettext("这不是能打开的照片，请重新拍一张。")), 422)

    def act(open_work: Work) -> None:
        knowledge = current_house().knowledge
        weighing.attach_photograph(open_work, current_actor(), knowledge, prescription_id, picture)

    return _at_scales(prescription_id, act)


@desk.get("/<int:prescription_id>/photograph.jpg")
def photograph(prescription_id: int) -> Response:
    """That picture, for the second person."""
    with work() as open_work:
        response = make_response(checking.open_picture(open_work, current_actor(), prescription_id))
    response.headers["Content-Type"] = "image/jpeg"
    response.headers["Cache-Control"] = "private, no-store"
    return response


@desk.get("/<int:prescription_id>/check")
def check(prescription_id: int) -> Response:
    """What was weighed, for the second person."""
    return _second(prescription_id)


@desk.post("/<int:prescription_id>/sign")
def sign(prescription_id: int) -> Response:
    """The second person signs."""
    form = parse(SignForm, request.form)

    def act(open_work: Work) -> str:
        knowledge, who = current_house().knowledge, current_actor()
        done = checking.sign(open_work, who, knowledge, prescription_id, form.version, toxic=form.toxic)
        return str(gettext("%(number)s 已复核签名，可以下锅或装袋。", number=done.number))

    return _of_second(prescription_id, act)


@desk.post("/<int:prescription_id>/send-back")
def send_back(prescription_id: int) -> Response:
    """Some of it is weighed again."""
    form = parse(SendBackForm, request.form)

    def act(open_work: Work) -> str:
        knowledge, who = current_house().knowledge, current_actor()
        done = checking.send_back(
            open_work, who, knowledge, prescription_id, form.version, form.herbs, form.fault
        )
        return str(gettext("%(number)s 已退回重称。", number=done.number))

    return _of_second(prescription_id, act)


@desk.post("/<int:prescription_id>/return")
def return_for_want(prescription_id: int) -> Response:
    """Back to the doctor with the herbs that cannot be supplied."""
    form = parse(WantForm, request.form)

    def act(open_work: Work) -> str:
        knowledge, who = current_house().knowledge, current_actor()
        done = checking.return_for_want(open_work, who, knowledge, prescription_id, form.version, form.remark)
        return str(gettext("%(number)s 已退回医师。", number=done.number))

    return _of_second(prescription_id, act)


@desk.post("/settings")
def set_dispensing() -> Response:
    """Decide how the centre dispenses; the form stands on the settings of the stock."""
    form = parse(SettingForm, request.form)
    with work() as open_work:
        weighing.set_dispensing(open_work, current_actor(), form.weighing, photograph=form.photograph)
        open_work.commit()
    flash(gettext("已保存。"), "good")
    return redirect(url_for("stock.settings", _anchor="weighing"), 303)


def _at_scales(prescription_id: int, act: Callable[[Work], None]) -> Response:
    try:
        with work() as open_work:
            act(open_work)
            open_work.commit()
    except (Forbidden, NotFound):
        raise
    except Refused as refusal:
        return _scales(prescription_id, sentence_of(refusal), status_of(refusal))
    return redirect(url_for("dispensing.sheet", prescription_id=prescription_id), 303)


def _scales(prescription_id: int, sentence: str = "", status: int = 200) -> Response:
    with work() as open_work:
        opened = weighing.open_sheet(open_work, current_actor(), current_house().knowledge, prescription_id)
        hands = open_work.staff.by_ids(opened.weigher_ids)
        page = render_template(
            "dispensing/sheet.html",
            sheet=opened,
            p=opened.prescription,
            next_line=_next(opened),
            village=open_work.institutions.get(opened.prescription.village_id),
            hands={row: person.name for row, person in hands.items()},
            scales=list(current_house().settings.scale_addresses),
            may_type=opened.settings.weighing is not Weighing.SCALE,
            request_key=token_urlsafe(24),
            typed=request.form if request.method == "POST" else {},
            sentence=sentence,
            weight=weight,
            percent=f"{tolerance_percent():g}",
        )
    return make_response(page, status)


def _next(opened: Sheet) -> Line | None:
    """Where to go next: drawers said to be empty come last, for somebody may have found it after all."""
    waiting = [each for each in opened.lines if each.weighed is None and each.can_be_taken]
    return min(waiting, key=lambda each: each.is_lacking, default=None)


def _of_second(prescription_id: int, act: Callable[[Work], str]) -> Response:
    try:
        with work() as open_work:
            done = act(open_work)
            open_work.commit()
    except NotFound:
        raise
    except Refused as refusal:
        if isinstance(refusal, Forbidden) and not may(current_actor(), Action.DISPENSE_CHECK):
            raise
        return _second(prescription_id, sentence_of(refusal), status_of(refusal))
    flash(done, "good")
    return redirect(url_for("dispensing.index"), 303)


def _second(prescription_id: int, sentence: str = "", status: int = 200) -> Response:
    with work() as open_work:
        actor = current_actor()
        second = checking.open_second(open_work, actor, current_house().knowledge, prescription_id)
        page = render_template(
            "dispensing/check.html",
            second=second,
            sheet=second.sheet,
            p=second.sheet.prescription,
            lacking=checking.lacking_of(second.sheet),
            is_own=actor.staff_id in second.sheet.weigher_ids,
            may_sign=second.may_sign(actor),
            faults=checking.FAULTS,
            sentence=sentence,
            weight=weight,
            percent=f"{tolerance_percent():g}",
        )
    return make_response(page, status)


def _scale(name: str) -> ScaleAddress:
    known = current_house().settings.scale_addresses
    if name not in known:
        raise Invalid(N_("没有%(scale)s号秤。"), scale=name)
    return known[name]
