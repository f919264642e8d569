"""One lot: what became of it, a count, a lock, another bin."""

from flask import flash, redirect, request, url_for
from flask_babel import gettext
from pydantic import Field
from werkzeug.wrappers import Response

from tcm.records.errors import Refused
from tcm.records.locked_book import REASON_TERMS
from tcm.records.stock import COUNT_REASONS, STOCK_KIND_TERMS
from tcm.services import stock_views, stocking
from web.auth import current_actor
from web.desks.stock.blueprint import desk, page
from web.door import Form, parse
from web.errors import status_of
from web.house import work
from web.i18n import say
from web.scan import read_scan


class CountForm(Form):
    """What a count found."""

    counted_g: float = Field(ge=0, le=20_000_000)
    seen_g: float = Field(ge=0, le=20_000_000)
    reason: str = Field("", max_length=24)


class BlockForm(Form):
    """A lock, or its end."""

    blocked: bool
    note: str = Field("", max_length=200)


class BinForm(Form):
    """Another bin."""

    bin_code: str = Field(min_length=1, max_length=16)


@desk.get("/lots/<int:lot_id>")
def lot(lot_id: int) -> str:
    """The lot."""
    return _page(lot_id)


@desk.post("/lots/<int:lot_id>/count")
def count(lot_id: int) -> Response | tuple[str, int]:
    """Write down what is really there."""
    try:
        form = parse(CountForm, request.form)
        with work() as open_work:
            counted = stocking.count(
                open_work,
                current_actor(),
                lot_id,
                counted_g=form.counted_g,
                seen_g=form.seen_g,
                reason=form.reason,
            )
            short = counted.reserved_mg > counted.on_hand_mg
            open_work.commit()
    except Refused as refusal:
        return _page(lot_id, say(refusal)), status_of(refusal)
    if short:
        flash(gettext("已改账。这一批已留给处方的比现有的多，调剂时会先用别的批次，不够会拦下。"), "warn")
    else:
        flash(gettext("已改账。"), "good")
    return redirect(url_for("stock.lot", lot_id=lot_id), 303)


@desk.post("/lots/<int:lot_id>/block")
def block(lot_id: int) -> Response | tuple[str, int]:
    """Lock the lot or unlock it."""
    try:
        form = parse(BlockForm, request.form)
        with work() as open_work:
            stocking.set_blocked(open_work, current_actor(), lot_id, blocked=form.blocked, note=form.note)
            open_work.commit()
    except Refused as refusal:
        return _page(lot_id, say(refusal)), status_of(refusal)
    return redirect(url_for("stock.lot", lot_id=lot_id), 303)


@desk.post("/lots/<int:lot_id>/bin")
def move(lot_id: int) -> Response | tuple[str, int]:
    """Put the lot into another bin."""
    try:
        code = read_scan(parse(BinForm, request.form).bin_code)
        with work() as open_work:
            stocking.put_into(open_work, current_actor(), lot_id, code)
            open_work.commit()
    except Refused as refusal:
        return _page(lot_id, say(refusal)), status_of(refusal)
    return redirect(url_for("stock.lot", lot_id=lot_id), 303)


def _page(lot_id: int, sentence: str = "") -> str:
    with work() as open_work:
        view = stock_views.open_lot(open_work, current_actor(), lot_id)
        return page(
            "lot.html",
            view=view,
            reasons=[(code, gettext(term)) for code, term in COUNT_REASONS.items()],
            kinds=STOCK_KIND_TERMS,
            count_reasons=COUNT_REASONS | REASON_TERMS,
            sentence=sentence,
        )
