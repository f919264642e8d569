"""Calling a lot back: the first page, where it went, the draft, the one act that tells the patients."""

from secrets import token_urlsafe

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from pydantic import Field
from werkzeug.wrappers import Response

from tcm.records.aftercare import (
    NOTICE_STATE_TERMS,
    NOTICE_TERMS,
    RECALL_STATE_TERMS,
    NoticeState,
    RecallState,
)
from tcm.records.errors import NotFound, Refused
from tcm.records.stock import LOT_STATE_TERMS
from tcm.services import calling_back
from tcm.services.calling_back import LotPage
from web.auth import current_actor
from web.desks.doctor.forms import RequestKey
from web.desks.stock.blueprint import LOT_TONES, weight
from web.desks.tracing.blueprint import desk
from web.door import Form, parse
from web.errors import status_of
from web.house import work
from web.i18n import say
from web.scan import read_scan

_NOTICE_TONES = {
    NoticeState.WAITING: "wait",
    NoticeState.SENT: "good",
    NoticeState.UNREACHABLE: "bad",
    NoticeState.FAILED: "bad",
}
_RECALL_TONES = {RecallState.DRAFT: "warn", RecallState.SENT: "bad", RecallState.WITHDRAWN: "quiet"}


class FindForm(Form):
    """A bag's code or a lot's number."""

    what: str = Field(min_length=1, max_length=200)


class DraftForm(Form):
    """A lot to be called back."""

    reason: str = Field("", max_length=calling_back.MOST_REASON)
    request_key: RequestKey


@desk.get("")
def index() -> str:
    """What is called back, and whom nobody reached."""
    return _index()


@desk.get("/find")
def find() -> Response | tuple[str, int]:
    """From what was scanned or typed to a bag's proof, or to the lots of a number."""
    try:
        code = read_scan(parse(FindForm, request.args).what)
        with work() as open_work:
            lots = open_work.lots.of_number(code)
            if not lots:
                bag = open_work.bags.by_code(code)
                return redirect(url_for("tracing.bag", code=bag.code))
    except (Refused, NotFound) as refusal:
        return _index(say(refusal), request.args.get("what", "")), status_of(refusal)
    if len(lots) == 1:
        return redirect(url_for("tracing.lot", lot_id=lots[0].id))
    return make_response(_index(lots=lots, typed=code))


@desk.get("/lots/<int:lot_id>")
def lot(lot_id: int) -> str:
    """Where a lot went."""
    with work() as open_work:
        return _lot_page(calling_back.open_lot(open_work, current_actor(), lot_id))


@desk.post("/lots/<int:lot_id>/recall")
def draft(lot_id: int) -> Response | tuple[str, int]:
    """Call the lot back."""
    try:
        form = parse(DraftForm, request.form)
        with work() as open_work:
            made = calling_back.draft(open_work, current_actor(), lot_id, form.reason, form.request_key)
            recall_id = made.key()
            open_work.commit()
    except NotFound:
        raise
    except Refused as refusal:
        with work() as open_work:
            page = calling_back.open_lot(open_work, current_actor(), lot_id)
            return _lot_page(page, say(refusal)), status_of(refusal)
    flash(gettext("已锁定这一批，涉及的处方停在原处。患者还没有通知。"), "warn")
    return redirect(url_for("tracing.recall", recall_id=recall_id), 303)


@desk.get("/recalls/<int:recall_id>")
def recall(recall_id: int) -> str:
    """One recall."""
    with work() as open_work:
        return _lot_page(calling_back.open_recall(open_work, current_actor(), recall_id))


@desk.post("/recalls/<int:recall_id>/send")
def send(recall_id: int) -> Response:
    """Tell the patients."""
    with work() as open_work:
        told = calling_back.send(open_work, current_actor(), recall_id)
        open_work.commit()
    flash(gettext("已排队发出 %(count)s 条通知，每位患者只发一次。", count=told), "good")
    return redirect(url_for("tracing.recall", recall_id=recall_id), 303)


@desk.post("/recalls/<int:recall_id>/withdraw")
def withdraw(recall_id: int) -> Response:
    """Take a draft back."""
    with work() as open_work:
        calling_back.withdraw(open_work, current_actor(), recall_id)
        open_work.commit()
    flash(gettext("已撤回。这一批仍锁定，由药师在库房解锁。"), "good")
    return redirect(url_for("tracing.recall", recall_id=recall_id), 303)


def _index(sentence: str = "", typed: str = "", lots: object = ()) -> str:
    with work(reads_only=True) as open_work:
        return render_template(
            "tracing/index.html",
            opened=calling_back.open_desk(open_work, current_actor()),
            sentence=sentence,
            typed=typed,
            lots=lots,
            **_terms(),
        )


def _lot_page(page: LotPage, sentence: str = "") -> str:
    return render_template(
        "tracing/lot.html",
        page=page,
        sentence=sentence,
        request_key=token_urlsafe(24),
        untold=sum(each.notice is None for each in page.out),
        **_terms(),
    )


def _terms() -> dict[str, object]:
    return {
        "weight": weight,
        "lot_terms": LOT_STATE_TERMS,
        "lot_tones": LOT_TONES,
        "recall_terms": RECALL_STATE_TERMS,
        "recall_tones": _RECALL_TONES,
        "notice_terms": NOTICE_STATE_TERMS,
        "notice_tones": _NOTICE_TONES,
        "notice_kinds": NOTICE_TERMS,
        "failure_words": _failure_words,
    }


def _failure_words(failure: str) -> str:
    """Why a notice did not go, in the reader's language; a carrier's code stays as it is."""
    why, _, detail = failure.partition(" ")
    return f"{gettext(why)} {detail}".strip() if why else ""
