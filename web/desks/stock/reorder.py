"""What should be bought: the forecast, how good it was before, and a proposal that a person adopts."""

import csv
import io
from datetime import date
from secrets import token_urlsafe

from flask import flash, make_response, redirect, request, url_for
from flask_babel import gettext
from pydantic import Field, TypeAdapter, ValidationError
from werkzeug.wrappers import Response

from tcm.records.errors import N_, Forbidden, Invalid, Refused
from tcm.records.permissions import Action, demand
from tcm.services import forecasting, reordering
from tcm.services.forecasting import HORIZON_WEEKS, HORIZONS
from tcm.services.reordering import Adopted
from tcm.services.stocking import MOST_KG
from web.auth import current_actor
from web.desks.stock.blueprint import desk, page, sentence_of
from web.door import Form, clean, parse, plain_date, plain_number
from web.errors import status_of
from web.house import current_house, work

SHOWN_AT_MOST = 200
FILE_AT_MOST = 4_000_000
METHOD_TERMS = {
    "last_week": N_("照上一周"),
    "seasonal_naive": N_("照去年同期"),
    "recent_mean": N_("照近四周平均"),
    "learned": N_("学习（近况、季节、节日）"),
}
_ROWS = TypeAdapter(list[tuple[str, date, float]])
_LONGEST_NAME = 40


class AdoptedRow(Form):
    """One line of the proposal."""

    herb: str = Field(min_length=1, max_length=40)
    amount_kg: float = Field(gt=0, le=MOST_KG)


class AdoptForm(Form):
    """What is taken over: the ticked herbs of all that were shown."""

    request_key: str = Field(min_length=8, max_length=48)
    take: list[str] = Field([], max_length=SHOWN_AT_MOST)
    lines: list[AdoptedRow] = Field([], max_length=SHOWN_AT_MOST)


class AskForm(Form):
    """A new forecast."""

    request_key: str = Field(min_length=8, max_length=64)
    horizon_weeks: int = Field(HORIZON_WEEKS, ge=HORIZONS.start, lt=HORIZONS.stop)


@desk.get("/reorder")
def reorder() -> Response:
    """The proposal."""
    demand(current_actor(), Action.PURCHASE_DRAFT)
    return _page()


@desk.post("/reorder")
def adopt_reorder() -> Response:
    """Write ticked lines into purchase orders."""
    try:
        form = parse(AdoptForm, request.form)
        taken = [Adopted(row.herb, 1000 * row.amount_kg) for row in form.lines if row.herb in form.take]
        with work() as open_work:
            made = reordering.adopt(
                open_work, current_actor(), current_house().knowledge, taken, form.request_key
            )
            open_work.commit()
    except Forbidden:
        raise
    except Refused as refusal:
        return _page(sentence_of(refusal), status_of(refusal))
    flash(gettext("已写成 %(count)s 张采购单，等主管批准。", count=len(made)), "good")
    return redirect(url_for("stock.purchases"), 303)


@desk.post("/reorder/forecast")
def ask_forecast() -> Response:
    """Ask for a new forecast."""
    try:
        form = parse(AskForm, request.form)
        with work() as open_work:
            forecasting.ask_forecast(
                open_work,
                current_actor(),
                form.request_key,
                enqueue=current_house().jobs.forecast,
                horizon_weeks=form.horizon_weeks,
            )
            open_work.commit()
    except Forbidden:
        raise
    except Refused as refusal:
        return _page(sentence_of(refusal), status_of(refusal))
    return redirect(url_for("stock.reorder"), 303)


@desk.post("/reorder/past")
def bring_past_use() -> Response:
    """Take over what another system knows of the use of herbs."""
    try:
        rows = _read_rows()
        with work() as open_work:
            kept = forecasting.bring_past_use(open_work, current_actor(), current_house().knowledge, rows)
            open_work.commit()
    except Forbidden:
        raise
    except Refused as refusal:
        return _page(sentence_of(refusal), status_of(refusal))
    flash(gettext("已带入 %(count)s 行用量。", count=kept), "good")
    return redirect(url_for("stock.reorder"), 303)


def _read_rows() -> list[tuple[str, date, float]]:
    file = request.files.get("file")
    raw = b"" if file is None else file.read(FILE_AT_MOST + 1)
    if not raw or len(raw) > FILE_AT_MOST:
        raise Invalid(N_("请选择一个CSV文件，不超过4 MB。"))
    try:
        table = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
        plain = [(clean(herb), plain_date(day), plain_number(grams)) for herb, day, grams in table[1:]]
        rows = _ROWS.validate_python(plain)
    except (ValueError, ValidationError, csv.Error):
        raise Invalid(N_("这个文件读不懂：第一行是表头，以后每行是药名、日期、克数，UTF-8编码。")) from None
    if any(not 0 < len(herb) <= _LONGEST_NAME for herb, _, _ in rows):
        raise Invalid(N_("药名不能空，也不能超过40个字。"))
    return rows


def _page(sentence: str = "", status: int = 200) -> Response:
    with work() as open_work:
        proposal = reordering.propose(open_work, current_actor())
        body = page(
            "reorder.html",
            proposal=proposal,
            lines=proposal.lines[:SHOWN_AT_MOST],
            methods=METHOD_TERMS,
            key=token_urlsafe(24),
            sentence=sentence,
        )
    return make_response(body, status)
