"""The stock desk as a blueprint, and what its pages share; they are in the modules beside."""

from decimal import Decimal
from typing import Annotated

from flask import Blueprint, render_template
from flask_babel import gettext
from pydantic import Field

from tcm.records.errors import Refused
from tcm.records.permissions import Action
from tcm.records.stock import LOT_STATE_TERMS, MG_PER_G, MG_PER_KG, LotState
from web.auth import only
from web.door import Form, Rejected
from web.i18n import say

desk = Blueprint("stock", __name__, url_prefix="/stock")
desk.before_request(only(Action.STOCK_READ))

FEN_PER_YUAN = 100
# Above a million yuan a kilogram somebody has left out the point.
YuanPerKg = Annotated[Decimal, Field(ge=0, le=1_000_000, decimal_places=2)]
LOT_TONES = {
    LotState.WAITING: "wait",
    LotState.PASSED: "good",
    LotState.REFUSED: "bad",
    LotState.BLOCKED: "bad",
}


def to_fen(yuan: Decimal) -> int:
    """Money as the books count it.

    Args:
        yuan: With two decimals at most.

    Returns:
        Whole fen.
    """
    return int(yuan * FEN_PER_YUAN)


def weight(mg: int) -> str:
    """Milligrams as people say them: 84 g, 1.25 kg.

    Args:
        mg: As the books count.

    Returns:
        With its unit.
    """
    amount, unit = (mg / MG_PER_KG, "kg") if abs(mg) >= MG_PER_KG else (mg / MG_PER_G, "g")
    return f"{amount:,.3f}".rstrip("0").rstrip(".") + f" {unit}"


def yuan(fen_per_kg: int | None) -> str:
    """A price for a form's field: 12050 fen are 120.50.

    Args:
        fen_per_kg: Or None.

    Returns:
        Empty where there is none.
    """
    return "" if fen_per_kg is None else f"{fen_per_kg / FEN_PER_YUAN:.2f}"


class NoteForm(Form):
    """A word with a decision or an answer."""

    note: str = Field("", max_length=200)


def sentence_of(refusal: Refused) -> str:
    """What is said above a page whose form could not be used.

    Args:
        refusal: Why.

    Returns:
        A sentence; every field's own where the form could not be read.
    """
    if not isinstance(refusal, Rejected):
        return say(refusal)
    return str(gettext("没有保存：")) + "".join(sorted(set(refusal.typed.errors.values())))


def page(template: str, **values: object) -> str:
    """A page of the desk with what all of them use.

    Args:
        template: Under `stock/`.
        values: For it.

    Returns:
        HTML.
    """
    shared = {"weight": weight, "yuan": yuan, "lot_terms": LOT_STATE_TERMS, "lot_tones": LOT_TONES}
    return render_template(f"stock/{template}", **shared, **values)
