"""A patient's scheme of insurance, as the head of the visit shows and changes it."""

from flask import flash, redirect, request, url_for
from flask_babel import gettext
from pydantic import Field
from werkzeug.wrappers import Response

from tcm.records.stock import SELF_PAID, SELF_PAID_TERM
from tcm.services.charting import open_chart
from tcm.services.insuring import change_scheme, schemes_to_choose
from tcm.store.work import Work
from web.auth import current_actor
from web.desks.doctor.blueprint import desk
from web.door import Form, parse
from web.house import work


class SchemeForm(Form):
    """Another scheme."""

    scheme: str = Field(min_length=1, max_length=24)


@desk.post("/visits/<int:visit_id>/scheme")
def set_scheme(visit_id: int) -> Response:
    """Write down the scheme of the patient who came."""
    form = parse(SchemeForm, request.form)
    with work() as open_work:
        patient_id = open_chart(open_work, current_actor(), visit_id).patient.id or 0
        change_scheme(open_work, current_actor(), patient_id, form.scheme)
        open_work.commit()
    flash(gettext("参保类型已改，价格按新的比例算。"), "good")
    return redirect(url_for("doctor.visit", visit_id=visit_id), 303)


def scheme_options(open_work: Work, chosen: str = SELF_PAID) -> list[tuple[str, str]]:
    """What the list of schemes shows, paying oneself first.

    Args:
        open_work: The work.
        chosen: What the patient has.

    Returns:
        Code and name in the reader's language.
    """
    return [(SELF_PAID, gettext(SELF_PAID_TERM)), *schemes_to_choose(open_work, chosen)]
