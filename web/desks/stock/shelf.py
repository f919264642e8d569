"""The shelf list, which is the price list too, and one herb with its lots."""

from typing import Literal

from flask import redirect, request, url_for
from pydantic import Field
from werkzeug.wrappers import Response

from tcm.records.errors import N_, Invalid, NotFound
from tcm.services import pricing, stock_settings, stock_views
from tcm.services.stock_settings import Price
from tcm.services.stock_views import ShelfView
from tcm.store.stock_queries import ShelfRow
from tcm.store.work import Work
from web.auth import current_actor
from web.desks.stock.blueprint import YuanPerKg, desk, page, sentence_of, to_fen
from web.door import Form, Rejected, parse
from web.house import current_house, work

Show = Literal["all", "low", "near", "owed", "unpriced"]
SHOWS: dict[Show, str] = {
    "all": N_("全部"),
    "low": N_("要补货"),
    "near": N_("近效期"),
    "owed": N_("欠药"),
    "unpriced": N_("没有价格"),
}
ROWS_A_PAGE = 50
FOUND_AT_MOST = 40


class ShelfForm(Form):
    """Which part of the list is looked at."""

    show: Show = "all"
    q: str = Field(default="", max_length=40)
    page: int = Field(default=1, ge=1, le=10_000)


class HerbForm(Form):
    """Which herb."""

    name: str = Field(min_length=1, max_length=40)


class PriceForm(HerbForm):
    """What the list says of a herb."""

    yuan_per_kg: YuanPerKg | None = None
    low_kg: float = Field(0, ge=0, le=20_000)


@desk.get("")
def index() -> str:
    """The list."""
    try:
        form = parse(ShelfForm, request.args)
    except Rejected:
        form = ShelfForm()
    with work() as open_work:
        view = stock_views.open_shelf(open_work, current_actor())
        meant = _meant(form.q)
        rows = sorted((row for row in view.rows if _is_wanted(row, view, form, meant)), key=_spelling)
        pages = max(1, -(-len(rows) // ROWS_A_PAGE))
        number = min(form.page, pages)
        return page(
            "index.html",
            view=view,
            rows=rows[(number - 1) * ROWS_A_PAGE : number * ROWS_A_PAGE],
            found=len(rows),
            form=form,
            number=number,
            pages=pages,
            shows=SHOWS,
            low=sum(row.is_low for row in view.rows),
            unpriced=sum(row.fen_per_kg is None for row in view.rows),
        )


@desk.get("/herb")
def herb() -> str:
    """One herb: price, lots."""
    name = parse(HerbForm, request.args).name
    with work() as open_work:
        return _herb_page(open_work, name)


@desk.post("/price")
def set_price() -> Response | tuple[str, int]:
    """Put a herb on the list, or change what it says."""
    try:
        form = parse(PriceForm, request.form)
        with work() as open_work:
            fen_per_kg = None if form.yuan_per_kg is None else to_fen(form.yuan_per_kg)
            price = Price(form.name, fen_per_kg, 1000 * form.low_kg)
            [listing] = stock_settings.set_prices(
                open_work, current_actor(), current_house().knowledge, [price]
            )
            open_work.commit()
    except (Rejected, Invalid) as refusal:
        with work() as open_work:
            return _herb_page(open_work, request.form.get("name", ""), sentence_of(refusal)), 422
    return redirect(url_for("stock.herb", name=listing.herb), 303)


def _herb_page(open_work: Work, name: str, sentence: str = "") -> str:
    knowledge = current_house().knowledge
    if knowledge.herb(name) is None:
        raise NotFound(N_("没有叫“%(herb)s”的药。"), herb=name)
    known = pricing.dispensed_as(knowledge, name)
    view = stock_views.open_shelf(open_work, current_actor())
    lots = stock_views.lots_of_herb(open_work, current_actor(), known)
    return page(
        "herb.html",
        name=known,
        row=next((row for row in view.rows if row.herb == known), ShelfRow(known, None, 0, 0, 0, None)),
        lots=lots,
        bins=open_work.bins.by_ids(lot.bin_id for lot in lots),
        suppliers=open_work.suppliers.by_ids(lot.supplier_id for lot in lots),
        day=view.day,
        owed=[each for each in view.owed if each.herb == known],
        sentence=sentence,
    )


def _is_wanted(row: ShelfRow, view: ShelfView, form: ShelfForm, meant: set[str]) -> bool:
    if form.q and _standard(row.herb) not in meant:
        return False
    wanted = {
        "low": row.is_low,
        "near": row.herb in {lot.herb for lot in view.expiring},
        "owed": row.herb in {each.herb for each in view.owed},
        "unpriced": row.fen_per_kg is None,
    }
    return wanted.get(form.show, True)


def _spelling(row: ShelfRow) -> tuple[str, str]:
    known = current_house().knowledge.herb(row.herb)
    return known.pinyin if known is not None else "", row.herb


def _standard(shelved: str) -> str:
    """The herb of a name on the shelf: whoever looks for 栀子 sees 栀子炭 too."""
    return current_house().knowledge.names.resolve(shelved).name or shelved


def _meant(text: str) -> set[str]:
    found = current_house().knowledge.herbs.search(text, FOUND_AT_MOST)
    return {herb.name for herb in found}
