"""One way to change the form by an act of the doctor: the values as they stand, what the act does, kept."""

from collections.abc import Callable

from flask import request
from flask_babel import gettext
from werkzeug.wrappers import Response

from tcm.records.errors import N_, Invalid
from tcm.services.keeping import keep_draft
from tcm.services.prescribing import EDITABLE
from tcm.store.work import Work
from web.auth import current_actor
from web.desks.doctor.drafts import NOT_KEPT, WhichForm, draft_values
from web.desks.doctor.page import Remark, prescription_part
from web.door import Typed, typed_in
from web.house import work

SIGNED = N_("处方已经签名，不能再改。")
# Fields of the act itself begin so; they are no part of the prescription.
ACT = "adopt_"
COLUMNS = ("herb", "dose_g", "note", "origin")
Values = dict[str, list[str]]
Row = tuple[str, str, str, str]


def written_rows(values: Values) -> list[Row]:
    """The lines of a form that somebody wrote in: herb, grams, note, origin.

    Args:
        values: Everything the form sent.

    Returns:
        The lines in order, without blank ones.
    """
    columns = (values.get(name, []) for name in COLUMNS)
    return [row for row in zip(*columns, strict=False) if any(row[:3])]


def write_rows(values: Values, rows: list[Row]) -> None:
    """Put lines into a form in the place of those it has.

    Args:
        values: Everything the form sent; changed.
        rows: Herb, grams, note, origin.
    """
    for place, column in enumerate(COLUMNS):
        values[column] = [row[place] for row in rows]


def demand_form() -> None:
    """Let a page pass that still has a form to change.

    Raises:
        Invalid: When it was signed meanwhile.
    """
    if "request_key" not in request.form:
        raise Invalid(SIGNED)


def rewrite(visit_id: int, which: WhichForm, act: Callable[[Work, Values], Remark]) -> Response:
    """Change the form by one act; the draft is kept, the prescription waits for the doctor's hand.

    Args:
        visit_id: Which visit.
        which: The form.
        act: Changes the values, and says what it did.

    Returns:
        The prescription as it then stands in its form.

    Raises:
        Invalid: When the form is signed meanwhile.
    """
    values = {name: texts for name, texts in typed_in(request.form).items() if not name.startswith(ACT)}
    with work() as open_work:
        remark = act(open_work, values)
        kept = keep_draft(
            open_work,
            current_actor(),
            visit_id,
            which.request_key,
            which.known_version,
            draft_values(values),
        )
        if not kept:
            _demand_unsigned(open_work, which.request_key)
            remark = Remark(remark.sentence + gettext(NOT_KEPT), "warn")
        part = prescription_part(
            open_work, visit_id, typed=Typed(values), shown_id=which.prescription_id, remark=remark
        )
        open_work.commit()
        return part


def _demand_unsigned(open_work: Work, request_key: str) -> None:
    stored = open_work.prescriptions.of_request(request_key)
    if stored is not None and stored.state not in EDITABLE:
        raise Invalid(SIGNED)
