"""The double-locked book (毒麻贵细账): its pages, counts by two, destruction, what the manager says."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from flask import flash, make_response, redirect, request, url_for
from flask_babel import gettext
from pydantic import Field
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from tcm.knowledge.dispensing import locked_by_rule, may_be_precious
from tcm.records.clock import county_day, day_start
from tcm.records.errors import Forbidden, NotFound, Refused
from tcm.records.locked_book import (
    BOOK_TERMS,
    DIFFERENCE_REASONS,
    LOCKED_TERMS,
    REASON_TERMS,
    REMOVAL_REASONS,
)
from tcm.records.permissions import Action, may
from tcm.services import book_keeping, book_views
from tcm.services.pricing import dispensed_as
from tcm.store.work import Work
from web import papers
from web.auth import current_actor
from web.desks.stock.blueprint import desk, page, sentence_of
from web.door import Form, RowId, parse
from web.errors import status_of
from web.house import current_house, work
from web.pdf import fitting, pdf_response, print_language
from web.prints.book import book_page_pdf
from web.second import demand_second_person

MOST_G = 20_000_000
# A page on the screen begins so long ago; the whole of it is printed.
SHOWN_DAYS = 62
STALE = 409


class PageForm(Form):
    """Whose page, and how much of it."""

    herb: str = Field(min_length=1, max_length=40)
    whole: bool = False


class KeepForm(Form):
    """What is precious here, and what stands behind two locks."""

    precious: list[str] = Field([], max_length=200)
    others: str = Field("", max_length=1000)
    locked_bins: str = Field("", max_length=4000)


class CountedRow(Form):
    """One lot as two people counted it."""

    lot_id: RowId
    counted_g: float = Field(ge=0, le=MOST_G)
    seen_g: float = Field(ge=0, le=MOST_G)


class CountForm(Form):
    """A count of one herb."""

    herb: str = Field(min_length=1, max_length=40)
    reason: str = Field("", max_length=24)
    lines: list[CountedRow] = Field([], max_length=60)


class RemoveForm(Form):
    """What leaves the cabinet for good."""

    herb: str = Field(min_length=1, max_length=40)
    lot_id: RowId
    amount_g: float = Field(gt=0, le=MOST_G)
    seen_g: float = Field(ge=0, le=MOST_G)
    reason: str = Field("", max_length=24)
    note: str = Field("", max_length=book_keeping.MOST_NOTE)


class AnswerForm(Form):
    """The manager's word."""

    words: str = Field("", max_length=book_keeping.MOST_NOTE)


@desk.get("/book")
def book() -> Response:
    """All pages, what is to be counted, what is to be answered."""
    return _desk_page()


@desk.post("/book")
def keep_book() -> Response:
    """Begin it, or say anew what is precious and where the cabinet is."""

    def act() -> None:
        form, second = parse(KeepForm, request.form), demand_second_person()
        with work() as open_work:
            book_keeping.keep(
                open_work,
                current_actor(),
                current_house().knowledge,
                precious=[*form.precious, *_names(form.others)],
                locked_bins=_names(form.locked_bins),
                second=second,
            )
            open_work.commit()
        flash(gettext("已保存，账页按现在的库存建好。"), "good")

    return _of_desk(act)


@desk.post("/book/answers/<int:line_id>")
def answer(line_id: int) -> Response:
    """What the manager says to a difference."""

    def act() -> None:
        words = parse(AnswerForm, request.form).words
        with work() as open_work:
            book_keeping.answer(open_work, current_actor(), line_id, words)
            open_work.commit()
        flash(gettext("已答复，记在账上。"), "good")

    return _of_desk(act)


@desk.get("/book/page")
def book_page() -> Response:
    """One herb's page."""
    form = parse(PageForm, request.args)
    return _herb_page(form.herb, whole=form.whole)


@desk.post("/book/count")
def count_locked() -> Response:
    """Two people counted a herb."""

    def act() -> None:
        form, second = parse(CountForm, request.form), demand_second_person()
        with work() as open_work:
            lines = book_keeping.count(
                open_work,
                current_actor(),
                second,
                form.herb,
                {row.lot_id: row.counted_g for row in form.lines},
                {row.lot_id: row.seen_g for row in form.lines},
                form.reason,
            )
            open_work.commit()
        if any(line.is_difference for line in lines):
            flash(gettext("已按点数改账，差异等主管答复。"), "warn")
        else:
            flash(gettext("账物相符，已记一行。"), "good")

    return _of_page(act)


@desk.post("/book/remove")
def remove_locked() -> Response:
    """Two people destroy something, or send it back to the supplier."""

    def act() -> None:
        form, second = parse(RemoveForm, request.form), demand_second_person()
        with work() as open_work:
            book_keeping.remove(
                open_work,
                current_actor(),
                second,
                form.lot_id,
                amount_g=form.amount_g,
                seen_g=form.seen_g,
                reason=form.reason,
                note=form.note,
            )
            open_work.commit()
        flash(gettext("已记账，两人已签名。"), "good")

    return _of_page(act)


@desk.get("/book/page.pdf")
def book_page_paper() -> Response:
    """The whole page on paper, for an inspector."""
    herb = parse(PageForm, request.args).herb
    with work() as open_work:
        opened = book_views.open_page(open_work, current_actor(), herb)
        centre = papers.centre_of(open_work)
        sheet = fitting(lambda: papers.book_page_sheet(opened, centre, open_work.now, gettext))
    return pdf_response(book_page_pdf(sheet, print_language()), "locked-book-page")


def _of_desk(act: Callable[[], None]) -> Response:
    return _do(act, url_for("stock.book"), _desk_page)


def _of_page(act: Callable[[], None]) -> Response:
    herb = request.form.get("herb", "")
    again = partial(_herb_page, herb)
    return _do(act, url_for("stock.book_page", herb=herb), again)


def _do(act: Callable[[], None], onward: str, again: Callable[[str, int], Response]) -> Response:
    try:
        act()
    except NotFound:
        raise
    except Refused as refusal:
        if isinstance(refusal, Forbidden) and not _may_act():
            raise
        return again(sentence_of(refusal), status_of(refusal))
    return redirect(onward, 303)


def _may_act() -> bool:
    return any(may(current_actor(), action) for action in (Action.BOOK_SIGN, Action.BOOK_SET))


def _desk_page(sentence: str = "", status: int = 200) -> Response:
    knowledge = current_house().knowledge
    with work(reads_only=True) as open_work:
        opened = book_views.open_book(open_work, current_actor())
        offered = [dispensed_as(knowledge, herb) for herb in may_be_precious(knowledge)]
        precious = opened.settings.precious if opened.settings else []
        locked = [place.code for place in open_work.bins.all() if place.locked] or _drawers(open_work)
        typed = _typed(status)
        if "locked_bins" in typed:
            precious = [*typed.getlist("precious"), *_names(typed.get("others", ""))]
            locked = _names(typed["locked_bins"])
        body = page(
            "book.html",
            opened=opened,
            kinds=LOCKED_TERMS,
            offered=list(dict.fromkeys(offered)),
            precious=precious,
            others=[herb for herb in precious if herb not in offered],
            locked_bins=locked,
            reasons=REASON_TERMS,
            typed=typed,
            typed_line=(request.view_args or {}).get("line_id"),
            sentence=sentence,
        )
    return make_response(body, status)


def _drawers(open_work: Work) -> list[str]:
    """Before the book is begun: the drawers of herbs that are on it by regulation."""
    knowledge = current_house().knowledge
    drawers = (place for place in open_work.bins.all() if place.herb)
    return [place.code for place in drawers if locked_by_rule(knowledge, place.herb)]


def _herb_page(herb: str, sentence: str = "", status: int = 200, *, whole: bool = False) -> Response:
    with work(reads_only=True) as open_work:
        since, typed = None if whole else _shown_since(open_work.now), _typed(status)
        opened = book_views.open_page(open_work, current_actor(), herb, since)
        body = page(
            "book_page.html",
            opened=opened,
            kinds=LOCKED_TERMS,
            terms=BOOK_TERMS,
            reasons=REASON_TERMS,
            differences=DIFFERENCE_REASONS,
            removals={key: term for key, (_kind, term) in REMOVAL_REASONS.items()},
            since=since,
            days=SHOWN_DAYS,
            typed=typed,
            counted=dict(zip(typed.getlist("lot_id"), typed.getlist("counted_g"), strict=False)),
            sentence=sentence,
        )
    return make_response(body, status)


def _typed(status: int) -> MultiDict[str, str]:
    """What a refused form said, to be shown again; not what was counted before something else moved."""
    return request.form if request.method == "POST" and status != STALE else MultiDict()


def _shown_since(now: datetime) -> datetime:
    return day_start(county_day(now) - timedelta(days=SHOWN_DAYS))


def _names(text: str) -> list[str]:
    """Words typed with any of the marks people put between them."""
    for mark in "，、；,;\n\t":
        text = text.replace(mark, " ")
    return text.split()
