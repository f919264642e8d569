"""What the manager decides: what a shortage means, suppliers, bins, schemes of insurance."""

from collections.abc import Callable

from flask import make_response, redirect, request, url_for
from pydantic import Field
from werkzeug.wrappers import Response

from tcm.records.dispensing import WEIGHING_TERMS
from tcm.records.errors import Forbidden, Refused
from tcm.records.permissions import Action, demand
from tcm.records.stock import KEEPING_TERMS, Keeping
from tcm.services import stock_settings, stock_views
from tcm.services.weighing_sheet import settings_of
from tcm.store.work import Work
from web.auth import current_actor
from web.desks.stock.blueprint import desk, page, sentence_of
from web.door import Form, RowId, parse
from web.errors import status_of
from web.house import current_house, work
from web.scan import read_scan

BINS_SHOWN = 200


class KeepingForm(Form):
    """What the stock on record means."""

    keeping: Keeping
    near_expiry_days: int = Field(ge=1, le=1000)


class SupplierForm(Form):
    """A new supplier."""

    name: str = Field(min_length=2, max_length=80)
    licence: str = Field(min_length=4, max_length=60)
    phone: str = Field("", max_length=32)


class SupplierActiveForm(Form):
    """Whether one still buys there."""

    supplier_id: RowId
    active: bool


class BinForm(Form):
    """A new bin."""

    code: str = Field(min_length=1, max_length=16)
    herb: str = Field("", max_length=40)


class SchemeForm(Form):
    """A scheme of insurance, new or changed."""

    code: str = Field(min_length=1, max_length=24, pattern=r"^[a-z0-9_-]+$")
    name: str = Field(min_length=2, max_length=60)
    patient_percent: int = Field(ge=0, le=100)
    source: str = Field(min_length=2, max_length=200)
    active: bool = False


@desk.get("/settings")
def settings() -> Response:
    """All of it."""
    demand(current_actor(), Action.STOCK_SET)
    return _page()


@desk.post("/settings/keeping")
def set_keeping() -> Response:
    """Decide what a shortage means."""

    def act(open_work: Work) -> None:
        form = parse(KeepingForm, request.form)
        stock_settings.set_keeping(open_work, current_actor(), form.keeping, form.near_expiry_days)

    return _do(act, "keeping")


@desk.post("/settings/suppliers")
def add_supplier() -> Response:
    """Write down a supplier."""

    def act(open_work: Work) -> None:
        form = parse(SupplierForm, request.form)
        stock_settings.add_supplier(open_work, current_actor(), form.name, form.licence, form.phone)

    return _do(act, "suppliers")


@desk.post("/settings/suppliers/active")
def set_supplier_active() -> Response:
    """Stop buying from a supplier, or begin again."""

    def act(open_work: Work) -> None:
        form = parse(SupplierActiveForm, request.form)
        stock_settings.set_supplier_active(open_work, current_actor(), form.supplier_id, active=form.active)

    return _do(act, "suppliers")


@desk.post("/settings/bins")
def add_bin() -> Response:
    """Name a bin."""

    def act(open_work: Work) -> None:
        form = parse(BinForm, request.form)
        knowledge = current_house().knowledge
        stock_settings.add_bins(open_work, current_actor(), knowledge, [(read_scan(form.code), form.herb)])

    return _do(act, "bins")


@desk.post("/settings/schemes")
def set_scheme() -> Response:
    """Make a scheme or change it."""

    def act(open_work: Work) -> None:
        form = parse(SchemeForm, request.form)
        stock_settings.set_scheme(
            open_work,
            current_actor(),
            form.code,
            name=form.name,
            patient_percent=form.patient_percent,
            source=form.source,
            active=form.active,
        )

    return _do(act, "schemes")


def _do(act: Callable[[Work], None], anchor: str) -> Response:
    try:
        with work() as open_work:
            act(open_work)
            open_work.commit()
    except Forbidden:
        raise
    except Refused as refusal:
        return _page(sentence_of(refusal), status_of(refusal))
    return redirect(url_for("stock.settings", _anchor=anchor), 303)


def _page(sentence: str = "", status: int = 200) -> Response:
    with work() as open_work:
        view = stock_views.open_shelf(open_work, current_actor())
        bins = open_work.bins.all()
        body = page(
            "settings.html",
            view=view,
            keepings=KEEPING_TERMS,
            suppliers=open_work.suppliers.all(),
            bins=bins[-BINS_SHOWN:],
            bins_count=len(bins),
            schemes=open_work.schemes.current(),
            dispensing=settings_of(open_work),
            weighings=WEIGHING_TERMS,
            sentence=sentence,
        )
        return make_response(body, status)
