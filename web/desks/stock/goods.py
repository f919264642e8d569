"""Goods in: a delivery note line by line, and the pharmacist's inspection."""

from collections.abc import Sequence
from datetime import date
from secrets import token_urlsafe

from flask import flash, make_response, redirect, request, url_for
from flask_babel import gettext
from pydantic import Field
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from tcm.records.errors import N_, IllegalMove, Invalid, Refused
from tcm.records.stock import MG_PER_KG, Bin, Lot
from tcm.services import purchasing, stock_views, stocking
from tcm.services.pricing import dispensed_as
from tcm.services.stocking import MOST_KG, Goods
from tcm.store.work import Work
from web.auth import current_actor
from web.desks.stock.blueprint import YuanPerKg, desk, page, sentence_of, to_fen, yuan
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
    bin_code: str = Field("", max_length=16)


class GoodsForm(Form):
    """A delivery note."""

    request_key: str = Field(min_length=8, max_length=56)
    supplier_id: RowId
    purchase_id: RowId | None = None
    lines: list[GoodsRow] = Field([], max_length=ROWS_AT_MOST)


class OrderedForm(Form):
    """Which purchase order the goods belong to."""

    purchase: RowId | None = None


class InspectForm(Form):
    """The word on some lots."""

    lot_id: list[RowId] = Field([], max_length=200)
    passed: bool
    note: str = Field("", max_length=200)


@desk.get("/goods")
def goods() -> Response:
    """The form, filled in from a purchase order where one is named, and what waits for inspection."""
    purchase_id = parse(OrderedForm, request.args).purchase
    with work() as open_work:
        ordered = {} if purchase_id is None else _ordered(open_work, purchase_id)
        return _page(open_work, Typed.of(request_key=token_urlsafe(24), **ordered))


@desk.get("/goods/bins")
def bins_of_herb() -> str:
    """The places of the herb that was just typed, for the field beside it."""
    with work(reads_only=True) as open_work:
        return page("_bins.html", bins=_bins(open_work, [request.args.get("herb", "")])[0])


@desk.post("/goods")
def receive() -> Response:
    """Take goods in."""
    try:
        form = parse(GoodsForm, _what_came(request.form))
        if not form.lines:
            raise Invalid(N_("请至少填一行。"))
        with work() as open_work:
            lots = _receive(open_work, form)
            open_work.commit()
    except Rejected as rejected:
        with work() as open_work:
            return _page(open_work, rejected.typed, sentence_of(rejected), 422)
    except (Invalid, IllegalMove) as refusal:
        with work() as open_work:
            return _page(
                open_work, Typed(typed_in(_what_came(request.form))), say(refusal), status_of(refusal)
            )
    flash(gettext("已入库 %(count)s 个批次，等药师验收。", count=len(lots)), "good")
    if form.purchase_id is not None:
        return redirect(url_for("stock.purchase", purchase_id=form.purchase_id), 303)
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


def _receive(open_work: Work, form: GoodsForm) -> list[Lot]:
    lines, knowledge = [_goods(row) for row in form.lines], current_house().knowledge
    if form.purchase_id is None:
        return stocking.receive(
            open_work, current_actor(), knowledge, form.supplier_id, lines, form.request_key
        )
    return purchasing.receive_against(
        open_work, current_actor(), knowledge, form.purchase_id, lines, form.request_key
    )


def _bins(open_work: Work, herbs: Sequence[str]) -> list[list[Bin]]:
    """Where herbs belong, each by any of its names; nowhere for what is no herb."""
    knowledge = current_house().knowledge
    names = [dispensed_as(knowledge, herb) if herb and knowledge.herb(herb) else "" for herb in herbs]
    places = stocking.bins_for(open_work, {name for name in names if name})
    return [places.get(name, []) for name in names]


def _ordered(open_work: Work, purchase_id: int) -> dict[str, object]:
    """What the form says before anybody has typed: the lines of an order that are still to come."""
    view = purchasing.open_purchase(open_work, current_actor(), purchase_id)
    missing = [line for line in view.lines if line.missing_mg > 0]
    drawers = {place.herb: place.code for place in open_work.bins.all() if place.herb}
    return {
        "purchase_id": purchase_id,
        "supplier_id": view.supplier.id,
        "herb": [line.line.herb for line in missing],
        "amount_kg": [f"{line.missing_mg / MG_PER_KG:g}" for line in missing],
        "yuan_per_kg": [yuan(line.line.fen_per_kg) for line in missing],
        "bin_code": [drawers.get(line.line.herb, "") for line in missing],
        **{name: [""] * len(missing) for name in ("lot_number", "origin", "expires_on")},
    }


def _what_came(form: MultiDict[str, str]) -> MultiDict[str, str]:
    """The form without the lines of an order that nothing came of: they were filled in beforehand."""
    if not form.get("purchase_id"):
        return form
    seen = zip(*(form.getlist(name) for name in ("lot_number", "expires_on")), strict=False)
    kept = [place for place, texts in enumerate(seen) if any(text.strip() for text in texts)]
    came = MultiDict(form)
    for name in GoodsRow.model_fields:
        texts = form.getlist(name)
        came.setlist(name, [texts[place] for place in kept if place < len(texts)])
    return came


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
        bins_typed=_bins(open_work, typed.all("herb")),
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
