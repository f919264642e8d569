"""The daily heads of the ledger, for everybody: no log-in, no patient, signed so that copies hold."""

import re

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from pydantic import Field
from werkzeug.wrappers import Response

from tcm.records.heads import HeadUnusableError, SealedHead, read_published
from tcm.store.work import Work
from web.door import Form, RowId, parse
from web.heads import SHORT
from web.house import current_house, work
from web.jobs.publishing import HEADS, file_name, published_in, seal_of
from web.security import limited, open_to_all

desk = Blueprint("heads", __name__, url_prefix="/ledger/heads")

A_PAGE = 60
_HEX = re.compile(r"[0-9a-f]{16,64}")


class ListForm(Form):
    """Which heads are listed, or which one is looked for."""

    before: RowId | None = None
    head: str = Field(default="", max_length=200)


@desk.get("")
@open_to_all
@limited("trace_limit")
def index() -> str | Response:
    """The newest heads, and how to check them."""
    form = parse(ListForm, request.args)
    wanted = form.head.lower().replace(" ", "")
    if _HEX.fullmatch(wanted):
        return redirect(url_for("heads.one", head=wanted))
    with work(reads_only=True) as open_work:
        found = open_work.ledger.heads(before=form.before, at_most=A_PAGE + 1)
    return render_template(
        "heads/index.html",
        heads=found[:A_PAGE],
        short=SHORT,
        older=found[A_PAGE - 1].number if len(found) > A_PAGE else None,
        key=seal_of(current_house().store).key,
        typed=form.head,
        unusable=bool(form.head),
    )


@desk.get("/<head>")
@open_to_all
@limited("trace_limit")
def one(head: str) -> Response:
    """One head, found by its first digits; a head that the ledger does not hold is told as such."""
    if not _HEX.fullmatch(head):
        abort(404)
    with work(reads_only=True) as open_work:
        found = _found(open_work, head)
    page = render_template(
        "heads/one.html",
        head=head,
        found=found,
        text=seal_of(current_house().store).publish(found) if found else "",
        differs=found is not None and _differs(found),
    )
    return make_response(page, 200 if found else 404)


@desk.get("/<int:number>.txt")
@open_to_all
@limited("trace_limit")
def text(number: int) -> Response:
    """One head as signed text."""
    with work(reads_only=True) as open_work:
        found = [
            each for each in open_work.ledger.heads(before=number + 1, at_most=1) if each.number == number
        ]
    if not found:
        abort(404)
    answer = make_response(seal_of(current_house().store).publish(found[0]))
    answer.headers["Content-Disposition"] = f'attachment; filename="{file_name(found[0])}"'
    return _plain(answer)


@desk.get("/key.pem")
@open_to_all
@limited("trace_limit")
def key() -> Response:
    """The public key, for OpenSSL."""
    answer = make_response(seal_of(current_house().store).pem)
    answer.headers["Content-Disposition"] = 'attachment; filename="tangye-heads.pem"'
    return _plain(answer)


def _plain(answer: Response) -> Response:
    answer.headers["Content-Type"] = "text/plain; charset=utf-8"
    return answer


def _found(open_work: Work, digits: str) -> SealedHead | None:
    return next((each for each in open_work.ledger.heads() if each.head.startswith(digits)), None)


def _differs(found: SealedHead) -> bool:
    """Whether the file that this house published says something else of the same head's number."""
    for name, published in published_in(current_house().store.home / HEADS):
        if name != file_name(found):
            continue
        try:
            return read_published(published).sealed.head != found.head
        except HeadUnusableError:
            return True
    return False
