"""The courier's desk, and what its pages and its phone fill in."""

from datetime import date
from decimal import Decimal

from flask import Blueprint, make_response
from pydantic import Field, field_validator
from werkzeug.wrappers import Response

from tcm.records.permissions import Action
from tcm.records.road import HandingWay, Proof
from web.auth import current_actor, only
from web.door import Form, RowId
from web.signatures import MOST_CHARACTERS, read_signature

desk = Blueprint("courier", __name__, url_prefix="/courier")
desk.before_request(only(Action.ROUTE_DELIVER))

# Tells the phone under which name it may keep a page, and whether the page it keeps is still the same.
KEPT, TAG = "X-Tangye-Kept", "X-Tangye-Tag"
_MOST_YUAN = 100_000


class LoadForm(Form):
    """Which trip is loaded."""

    route_id: RowId
    trip: int = Field(ge=1, le=99)


class HandOver(Form):
    """A prescription that was handed over, and what shows it."""

    prescription_id: RowId
    bag_codes: tuple[str, ...] = ()
    way: HandingWay = HandingWay.PAPER
    code: str = Field("", max_length=12)
    received_by: str = Field("", max_length=40)
    signature: str = Field("", max_length=MOST_CHARACTERS)
    paid_yuan: Decimal | None = Field(None, ge=0, le=_MOST_YUAN, decimal_places=2)

    @field_validator("paid_yuan", mode="before")
    @classmethod
    def _empty_is_unsaid(cls, typed: object) -> object:
        return None if typed == "" else typed

    def proof(self) -> Proof:
        """What there is to show.

        Raises:
            Invalid: When the signature is no picture of one.
        """
        is_signed = self.way is HandingWay.SIGNATURE and self.signature
        picture = read_signature(self.signature) if is_signed else b""
        return Proof(self.way, self.received_by, self.code, picture)

    @property
    def paid_fen(self) -> int | None:
        """What was collected, None where nobody said."""
        return None if self.paid_yuan is None else int(self.paid_yuan * 100)


class Failure(Form):
    """A prescription that could not be handed over, why, and when it is tried again."""

    prescription_id: RowId
    reason_code: str = ""
    next_on: date | None = None

    @field_validator("next_on", mode="before")
    @classmethod
    def _empty_is_unsaid(cls, typed: object) -> object:
        return None if typed == "" else typed


class Temperature(LoadForm):
    """What the thermometer of the box shows on a trip."""

    temp_c: float
    note: str = Field("", max_length=200)


def kept_by_phone(page: str, day: date, tag: str = "") -> Response:
    """A page that the courier's phone may keep until the day is over.

    Args:
        page: HTML.
        day: County date of the route.
        tag: Of the facts on the page, empty for one that is always asked for anew.

    Returns:
        The page with the two headers that `courier-worker.js` reads.
    """
    response = make_response(page)
    response.headers[KEPT] = f"route/{current_actor().staff_id}/{day.isoformat()}"
    response.headers[TAG] = tag
    return response
