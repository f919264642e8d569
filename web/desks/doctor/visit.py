"""The visit: its page, and the notes that keep themselves."""

from flask import make_response, render_template, request, url_for
from flask_babel import gettext
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from tcm.records.clock import county_day
from tcm.records.errors import N_, Stale
from tcm.services.charting import NotesForm, write_notes
from tcm.services.keeping import NOTES, drop_draft, keep_notes
from web.auth import current_actor
from web.desks.doctor.blueprint import desk
from web.desks.doctor.drafts import draft_values
from web.desks.doctor.forms import VisitForm
from web.desks.doctor.notes import ALLERGY_FIELDS, WINDOW_FIELDS, notes_of
from web.desks.doctor.page import visit_page
from web.desks.doctor.photographs import EVIDENCE_CHANGED
from web.desks.shown import LAB_TERMS, age_text
from web.door import Typed, parse_sound, typed_in
from web.errors import wants_fragment
from web.house import work

STALE = N_("四诊刚在别的窗口改过，这里填写的还没有代替它。")
NOTES_FIELDS = frozenset(VisitForm.model_fields)


@desk.get("/visits/<int:visit_id>")
def visit(visit_id: int) -> Response:
    """The page of a visit."""
    with work() as open_work:
        return visit_page(
            open_work,
            visit_id,
            shown_id=request.args.get("prescription", type=int),
            begin_new="new" in request.args,
        )


@desk.post("/visits/<int:visit_id>/notes")
def save_notes(visit_id: int) -> Response:
    """Keep the notes; the form sends itself shortly after every change."""
    form, typed = parse_sound(VisitForm, request.form)
    refused = frozenset(name for name, _row in typed.errors)
    if refused & WINDOW_FIELDS:
        # Without them nobody can tell whether this would replace what another window wrote.
        return _not_written(visit_id, typed, _sentences(typed), 422)
    knew = None if form.notes_version is None else NotesForm(form.notes_key, form.notes_version)
    try:
        return _write(visit_id, form, knew, typed, refused)
    except Stale:
        return _not_written(visit_id, Typed(typed_in(request.form)), [gettext(STALE)], 409)


@desk.post("/visits/<int:visit_id>/notes/drop")
def drop_notes(visit_id: int) -> Response:
    """Forget what was typed into the notes and not written, and show what is."""
    with work() as open_work:
        drop_draft(open_work, current_actor(), visit_id, NOTES)
        open_work.commit()
    return redirect(url_for("doctor.visit", visit_id=visit_id), 303)


def _write(
    visit_id: int, form: VisitForm, knew: NotesForm | None, typed: Typed, refused: frozenset[str]
) -> Response:
    """Write what is sound; while a field is refused, the form is kept beside it as a draft."""
    actor = current_actor()
    with work() as open_work:
        notes = notes_of(form, refused, open_work.encounters.locked(visit_id))
        encounter = write_notes(open_work, actor, visit_id, notes, knew)
        if refused:
            keep_notes(open_work, actor, visit_id, draft_values(typed.values, NOTES_FIELDS))
        else:
            drop_draft(open_work, actor, visit_id, NOTES)
        open_work.commit()
        saved_at = open_work.now
        patient = open_work.patients.get(encounter.patient_id)
        if refused and not wants_fragment():
            return visit_page(open_work, visit_id, notes=typed, status=422)
    if not wants_fragment():
        return redirect(url_for("doctor.visit", visit_id=visit_id), 303)
    age = age_text(patient.born_on, county_day(saved_at))
    told = _told(
        typed,
        sentences=_sentences(typed),
        saved_at=saved_at,
        patient=patient,
        age=age,
        encounter=encounter,
        heard_allergies=not refused & ALLERGY_FIELDS,
    )
    response = make_response(told, 422 if refused else 200)
    response.headers["HX-Trigger"] = EVIDENCE_CHANGED
    return response


def _not_written(visit_id: int, typed: Typed, sentences: list[str], status: int) -> Response:
    """Say why the notes are not written; what was typed is kept for its doctor all the same."""
    values = draft_values(typed.values, NOTES_FIELDS)
    with work() as open_work:
        keep_notes(open_work, current_actor(), visit_id, values)
        open_work.commit()
        version = open_work.encounters.get(visit_id).notes_version
        if not wants_fragment():
            return visit_page(open_work, visit_id, notes=typed, status=status)
    theirs = version if status == 409 else None
    return make_response(_told(typed, sentences=sentences, theirs=theirs), status)


def _told(typed: Typed, **values: object) -> str:
    """What the page says of notes that were sent by themselves."""
    return render_template("doctor/notes_saved.html", typed=typed, lab_terms=LAB_TERMS, **values)


def _sentences(typed: Typed) -> list[str]:
    """What is wrong, each laboratory value by its name: the line they stand in is far from the field."""
    return [
        f"{gettext(LAB_TERMS[name].name)}（{LAB_TERMS[name].unit}）：{sentence}"
        if name in LAB_TERMS
        else sentence
        for (name, _row), sentence in typed.errors.items()
    ]
