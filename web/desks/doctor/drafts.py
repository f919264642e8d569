"""What is typed into the prescription form is kept at the server: for reloads, dropped lines, time-outs."""

from flask import make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from tcm.records.errors import N_, Invalid
from tcm.services.keeping import drop_draft, keep_draft
from tcm.store.work import Work
from web.auth import current_actor
from web.desks.doctor.blueprint import desk
from web.desks.doctor.forms import ItemRow, PrescriptionForm
from web.door import Typed, typed_in
from web.house import work

# Sixty lines of a prescription are some four thousand characters.
MOST_CHARACTERS = 20_000
_FIELDS = (set(PrescriptionForm.model_fields) | set(ItemRow.model_fields)) - {"items", "action"}


def draft_values(values: dict[str, list[str]]) -> dict[str, list[str]]:
    """What of a form is worth keeping.

    Args:
        values: Everything the form sent.

    Returns:
        The fields of the prescription.

    Raises:
        Invalid: When it is longer than any prescription.
    """
    kept = {name: texts for name, texts in values.items() if name in _FIELDS}
    if sum(len(text) for texts in kept.values() for text in texts) > MOST_CHARACTERS:
        raise Invalid(N_("内容太长，没有暂存。"))
    return kept


@desk.post("/visits/<int:visit_id>/draft")
def keep(visit_id: int) -> Response:
    """Keep the form as it stands; the page sends it shortly after every change."""
    values = draft_values(typed_in(request.form))
    with work() as open_work:
        if _was_saved_since(open_work, visit_id, Typed(values)):
            return make_response("", 204)
        keep_draft(open_work, current_actor(), visit_id, values)
        open_work.commit()
        kept_at = open_work.now
    return make_response(render_template("doctor/draft_kept.html", kept_at=kept_at))


def _was_saved_since(open_work: Work, visit_id: int, typed: Typed) -> bool:
    """Whether the form was saved after this was typed: the two requests may overtake one another."""
    for stored in open_work.prescriptions.of_encounter(visit_id):
        if str(stored.id) == typed.value("prescription_id"):
            return str(stored.version) != typed.value("version")
        if stored.request_key == typed.value("request_key"):
            return True
    return False


@desk.post("/visits/<int:visit_id>/draft/drop")
def drop(visit_id: int) -> Response:
    """Forget what was kept, and show what is stored."""
    with work() as open_work:
        drop_draft(open_work, current_actor(), visit_id)
        open_work.commit()
    return redirect(url_for("doctor.visit", visit_id=visit_id), 303)
