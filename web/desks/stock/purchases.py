"""Purchase orders: written by the floor or the manager, approved by the manager, held against what came."""

from secrets import token_urlsafe

from flask import flash, make_response, redirect, request, url_for
from flask_babel import gettext
from pydantic import Field
from werkzeug.wrappers import Response

from tcm.records.errors import Forbidden, Refused
from tcm.records.orders import PURCHASE_STATE_TERMS, PurchaseState
from tcm.services import purchasing
from tcm.services.purchasing import Wanted
from tcm.services.stocking import MOST_KG
from web.auth import current_actor
from web.desks.stock.blueprint import NoteForm, YuanPerKg, desk, page, sentence_of, to_fen
from web.door import Form, RowId, Typed, parse, typed_of
from web.errors import status_of
from web.house import current_house, work
from web.i18n import say

ROWS_SHOWN, ROWS_AT_MOST = 4, 100
TONES = {
    PurchaseState.DRAFT: "wait",
    PurchaseState.APPROVED: "work",
    PurchaseState.CLOSED: "good",
    PurchaseState.CANCELLED: "quiet",
}


class WantedRow(Form):
    """One herb to order."""

    herb: str = Field(min_length=1, max_length=40)
    amount_kg: float = Field(gt=0, le=MOST_KG)
    yuan_per_kg: YuanPerKg


class PurchaseForm(Form):
    """An order."""

    request_key: str = Field(min_length=8, max_length=64)
    supplier_id: RowId
    note: str = Field("", max_length=200)
    lines: list[WantedRow] = Field([], max_length=ROWS_AT_MOST)


@desk.get("/purchases")
def purchases() -> Response:
    """The newest orders, and a form for another."""
    return _list_page(Typed.of(request_key=token_urlsafe(24)))


@desk.post("/purchases")
def draft_purchase() -> Response:
    """Write an order."""
    try:
        form = parse(PurchaseForm, request.form)
        wanted = [Wanted(row.herb, 1000 * row.amount_kg, to_fen(row.yuan_per_kg)) for row in form.lines]
        with work() as open_work:
            made = purchasing.draft(
                open_work,
                current_actor(),
                current_house().knowledge,
                form.supplier_id,
                wanted,
                form.request_key,
                note=form.note,
            )
            open_work.commit()
    except Forbidden:
        raise
    except Refused as refusal:
        return _list_page(typed_of(refusal, request.form), sentence_of(refusal), status_of(refusal))
    flash(gettext("采购单已写好，等主管批准。"), "good")
    return redirect(url_for("stock.purchase", purchase_id=made.id), 303)


@desk.get("/purchases/<int:purchase_id>")
def purchase(purchase_id: int) -> str:
    """One order and what came against it."""
    return _page(purchase_id)


@desk.post("/purchases/<int:purchase_id>/<any(approve, cancel, close):act>")
def decide_purchase(purchase_id: int, act: str) -> Response | tuple[str, int]:
    """Approve an order, give it up, or say that nothing more is to come."""
    try:
        note = parse(NoteForm, request.form).note
        with work() as open_work:
            if act == "approve":
                purchasing.approve(open_work, current_actor(), purchase_id)
            elif act == "cancel":
                purchasing.cancel(open_work, current_actor(), purchase_id, note)
            else:
                purchasing.close(open_work, current_actor(), purchase_id, note)
            open_work.commit()
    except Forbidden:
        raise
    except Refused as refusal:
        return _page(purchase_id, say(refusal)), status_of(refusal)
    return redirect(url_for("stock.purchase", purchase_id=purchase_id), 303)


def _page(purchase_id: int, sentence: str = "") -> str:
    with work() as open_work:
        view = purchasing.open_purchase(open_work, current_actor(), purchase_id)
        return page("purchase.html", view=view, terms=PURCHASE_STATE_TERMS, tones=TONES, sentence=sentence)


def _list_page(typed: Typed, sentence: str = "", status: int = 200) -> Response:
    with work() as open_work:
        body = page(
            "purchases.html",
            typed=typed,
            rows=max(ROWS_SHOWN, len(typed.all("herb")) + 1),
            views=purchasing.list_purchases(open_work, current_actor()),
            suppliers=[(one.id, one.name) for one in open_work.suppliers.all() if one.active],
            listed=[row.herb for row in open_work.herb_listings.current()],
            terms=PURCHASE_STATE_TERMS,
            tones=TONES,
            sentence=sentence,
        )
    return make_response(body, status)
