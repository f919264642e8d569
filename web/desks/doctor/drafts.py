"""What is typed into the prescription form is kept at the server: for reloads, dropped lines, time-outs."""

from collections.abc import Mapping, Sequence, Set

from flask import make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from tcm.records.charts import FormDraft
from tcm.records.clinical import Encounter
from tcm.records.errors import N_, Invalid
from tcm.services.keeping import drop_draft, keep_draft
from web.auth import current_actor
from web.desks.doctor.blueprint import desk
from web.desks.doctor.forms import ItemRow, PrescriptionForm, RequestKey
from web.desks.doctor.paper import PAPER_FIELDS
from web.door import Form, RowId, Typed, parse, typed_in
from web.house import work

# Sixty lines of a prescription are some four thousand characters.
MOST_CHARACTERS = 20_000
NOT_KEPT = N_("别处已保存，这里的改动没有暂存。")
PRESCRIPTION_FIELDS = (
    frozenset(PrescriptionForm.model_fields) | set(ItemRow.model_fields) | PAPER_FIELDS
) - {"items", "action"}


class WhichForm(Form):
    """A prescription form by its own key, and what it knew of its prescription."""

    request_key: RequestKey
    prescription_id: RowId | None = None
    version: int = 1

    @property
    def known_version(self) -> int | None:
        """Of the prescription that the form changes; None where it is to begin one."""
        return None if self.prescription_id is None else self.version


def draft_values(
    values: Mapping[str, Sequence[str]], fields: Set[str] = PRESCRIPTION_FIELDS
) -> dict[str, list[str]]:
    """What of a form is worth keeping.

    Args:
        values: Everything the form sent.
        fields: Names of the form's fields.

    Returns:
        The values of these fields.

    Raises:
        Invalid: When it is longer than any such form.
    """
    kept = {name: list(texts) for name, texts in values.items() if name in fields}
    if sum(len(text) for texts in kept.values() for text in texts) > MOST_CHARACTERS:
        raise Invalid(N_("内容太长，没有暂存。"))
    return kept


def notes_found(left: FormDraft, encounter: Encounter) -> Typed:
    """What was typed and not written, as the form shows it again.

    Args:
        left: The draft.
        encounter: The visit.

    Returns:
        The values; they know the writing that they were typed on, so that another's is not replaced unseen.
    """
    typed = Typed(left.values)
    if typed.value("notes_key") != encounter.notes_key:
        return typed
    # The form that they were typed into wrote the present notes itself.
    return Typed({**left.values, **Typed.of(notes_version=encounter.notes_version).values})


@desk.post("/visits/<int:visit_id>/draft")
def keep(visit_id: int) -> Response:
    """Keep the form as it stands; the page sends it shortly after every change."""
    form = parse(WhichForm, request.form)
    values = draft_values(typed_in(request.form))
    with work() as open_work:
        kept = keep_draft(open_work, current_actor(), visit_id, form.request_key, form.known_version, values)
        open_work.commit()
        kept_at = open_work.now if kept else None
    return make_response(render_template("doctor/draft_kept.html", kept_at=kept_at, not_kept=NOT_KEPT))


@desk.post("/visits/<int:visit_id>/draft/drop")
def drop(visit_id: int) -> Response:
    """Forget what was kept of a form, and show what is stored."""
    form = parse(WhichForm, request.form)
    with work() as open_work:
        drop_draft(open_work, current_actor(), visit_id, form.request_key)
        open_work.commit()
    return redirect(url_for("doctor.visit", visit_id=visit_id), 303)
