"""Goods in: a delivery note line by line, and the pharmacist's inspection."""

from datetime import date
from secrets import token_urlsafe

from flask import flash, make_response, redirect, request, url_for
from flask_babel import gettext
from pydantic import Field
from werkzeug.wrappers import Response

from tcm.records.errors import N_, Invalid, Refused
from tcm.services import stock_views, stocking
from tcm.services.stocking import MOST_KG, Goods
from tcm.store.work import Work
from web.auth import current_actor
from web.desks.stock.blueprint import YuanPerKg, desk, page, sentence_of, to_fen
from web.door import Form, Rejected, RowId, Typed, parse, typed_in
from web.errors import status_of
from web.house import current_house, work
from web.i18n import say
from web.scan import read_scan

ROWS_SHOWN, ROWS_AT_MOST = 4, 40


class GoodsRow(Form):
    """One line of a delivery note."""

    herb: str = Field(min_length=1, max_length=40)
    lot_number: str = Field(min_length=1, max_length=40)
    origin: str = Field(min_length=1, max_length=40)
    expires_on: date
    amount_kg: float = Field(gt=0, le=MOST_KG)
    yuan_per_kg: YuanPerKg
    bin_code: str = Field(min_length=1, max_length=16)


class GoodsForm(Form):
    """A delivery note."""

    request_key: str = Field(min_length=8, max_length=56)
    supplier_id: RowId
    lines: list[GoodsRow] = Field([], max_length=ROWS_AT_MOST)


class InspectForm(Form):
    """The word on some lots."""

    lot_id: list[RowId] = Field([], max_length=200)
    passed: bool
    note: str = Field("", max_length=200)


@desk.get("/goods")
def goods() -> Response:
    """The form, and what waits for inspection."""
    with work() as open_work:
        return _page(open_work, Typed.of(request_key=token_urlsafe(24)))


@desk.post("/goods")
def receive() -> Response:
    """Take goods in."""
    try:
        form = parse(GoodsForm, request.form)
        if not form.lines:
            raise Invalid(N_("请至少填一行。"))
        with work() as open_work:
            lots = stocking.receive(
                open_work,
                current_actor(),
                current_house().knowledge,
                form.supplier_id,
                [_goods(row) for row in form.lines],
                form.request_key,
            )
            open_work.commit()
    except Rejected as rejected:
        with work() as open_work:
            return _page(open_work, rejected.typed, sentence_of(rejected), 422)
    except Invalid as refusal:
        with work() as open_work:
            return _page(open_work, Typed(typed_in(request.form)), say(refusal), 422)
    flash(gettext("已入库 %(count)s 个批次，等药师验收。", count=len(lots)), "good")
    return redirect(url_for("stock.goods"), 303)


@desk.post("/inspect")
def inspect() -> Response:
    """Pass lots, or refuse them."""
    try:
        form = parse(InspectForm, request.form)
        if not form.lot_id:
            raise Invalid(N_("请先勾选批次。"))
        with work() as open_work:
            stocking.inspect(open_work, current_actor(), form.lot_id, passed=form.passed, note=form.note)
            open_work.commit()
    except Refused as refusal:
        with work() as open_work:
            typed = Typed.of(request_key=token_urlsafe(24))
            return _page(open_work, typed, say(refusal), status_of(refusal))
    flash(gettext("验收合格，可以调剂了。") if form.passed else gettext("已记为不合格，不会被调剂。"), "good")
    return redirect(url_for("stock.goods"), 303)


def _goods(row: GoodsRow) -> Goods:
    return Goods(
        herb=row.herb,
        lot_number=row.lot_number,
        origin=row.origin,
        expires_on=row.expires_on,
        amount_g=1000 * row.amount_kg,
        fen_per_kg=to_fen(row.yuan_per_kg),
        bin_code=read_scan(row.bin_code),
    )


def _page(open_work: Work, typed: Typed, sentence: str = "", status: int = 200) -> Response:
    view = stock_views.open_shelf(open_work, current_actor())
    waiting = view.waiting
    body = page(
        "goods.html",
        typed=typed,
        rows=max(ROWS_SHOWN, len(typed.all("herb")) + 1),
        waiting=waiting,
        suppliers={one.id: one for one in open_work.suppliers.all()},
        listed=[row.herb for row in view.rows],
        bins=open_work.bins.by_ids(lot.bin_id for lot in waiting),
        people={
            key: one.name
            for key, one in open_work.staff.by_ids(lot.received_by_id for lot in waiting).items()
        },
        sentence=sentence,
    )
    return make_response(body, status)
