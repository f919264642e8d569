"""Hospitals' own codes of herbs: what each stands for, set by a pharmacist."""

import re

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from pydantic import Field
from werkzeug.wrappers import Response

from tcm.records.errors import N_, Invalid
from tcm.records.permissions import Action
from tcm.services import coding
from web.auth import current_actor, only
from web.door import MAX_CHARACTERS, Form, Rejected, RowId, Typed, parse, typed_in
from web.house import current_house, work
from web.i18n import say

desk = Blueprint("herb_codes", __name__, url_prefix="/rules/codes")
desk.before_request(only(Action.HERB_CODES_WRITE))

_CODE_MAX_LENGTH, _HERB_MAX_LENGTH = 40, 40
# A spreadsheet copies its columns with tabs; people type a space or a comma.
_BETWEEN = re.compile(r"[\t ,，;；]+")


class WhichForm(Form):
    """Whose codes."""

    institution_id: RowId | None = None


class CodesForm(Form):
    """Codes, one a line, each followed by the herb that it stands for."""

    institution_id: RowId
    lines: str = Field(min_length=1, max_length=MAX_CHARACTERS)


@desk.get("")
def index() -> str:
    """The codes of one hospital."""
    return _page(parse(WhichForm, request.args).institution_id, Typed())


@desk.post("")
def set_codes() -> Response:
    """Say what codes stand for."""
    try:
        form = parse(CodesForm, request.form)
        pairs = read_pairs(form.lines)
        with work() as open_work:
            count = coding.set_codes(
                open_work, current_actor(), current_house().knowledge, form.institution_id, pairs
            )
            open_work.commit()
    except Rejected as rejected:
        return make_response(_page(None, rejected.typed, say(rejected)), 422)
    except Invalid as refusal:
        typed = Typed(typed_in(request.form))
        return make_response(_page(form.institution_id, typed, say(refusal)), 422)
    flash(gettext("已登记 %(count)s 个编码。", count=count), "good")
    return redirect(url_for("herb_codes.index", institution_id=form.institution_id), 303)


@desk.post("/<int:code_id>/drop")
def drop_code(code_id: int) -> Response:
    """Forget a code."""
    with work() as open_work:
        code = coding.drop_code(open_work, current_actor(), code_id)
        open_work.commit()
    flash(gettext("编码 %(code)s 已删除。", code=code.code), "good")
    return redirect(url_for("herb_codes.index", institution_id=code.institution_id), 303)


def read_pairs(lines: str) -> list[tuple[str, str]]:
    """Codes and herbs as they were typed or copied from a spreadsheet.

    Args:
        lines: One pair a line.

    Returns:
        The pairs; blank lines are passed over.

    Raises:
        Invalid: When a line is not a code and a herb.
    """
    pairs = []
    for line in filter(None, (line.strip() for line in lines.splitlines())):
        code, *herb = _BETWEEN.split(line, maxsplit=1)
        if not herb or len(code) > _CODE_MAX_LENGTH or not 0 < len(herb[0]) <= _HERB_MAX_LENGTH:
            raise Invalid(N_("这一行不是“编码 药名”：%(line)s"), line=line[:60])
        pairs.append((code, herb[0]))
    return pairs


def _page(institution_id: int | None, typed: Typed, sentence: str = "") -> str:
    with work() as open_work:
        houses = coding.hospitals(open_work, current_actor())
        shown_id = institution_id or (houses[0].id if houses else None)
        codes = coding.list_codes(open_work, current_actor(), shown_id) if shown_id else []
        setters = open_work.staff.by_ids(code.set_by_id for code in codes)
    return render_template(
        "rules/codes.html",
        houses=[(house.id, house.name) for house in houses],
        shown_id=shown_id,
        codes=codes,
        setters=setters,
        typed=typed,
        chosen=Typed.of(institution_id=shown_id),
        sentence=sentence,
    )
