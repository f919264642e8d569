"""The visit: its page, the notes that keep themselves, the photographs."""

from flask import make_response, render_template, request, url_for
from flask_babel import gettext
from pydantic import TypeAdapter, ValidationError
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from tcm.records.clock import county_day
from tcm.records.errors import N_, NotFound
from tcm.services.charting import VisitNotes, add_photograph, open_chart, write_notes
from web.auth import current_actor
from web.desks.doctor.blueprint import desk
from web.desks.doctor.forms import RequestKey, VisitForm, listed
from web.desks.doctor.page import visit_page, visit_values
from web.desks.shown import LAB_TERMS, age_text, picture_response
from web.door import Rejected, Typed, clean, parse
from web.errors import wants_fragment
from web.house import work
from web.i18n import say
from web.reading import PictureRefused, read_photograph

# What the suggestions depend on has changed; they listen for it.
EVIDENCE_CHANGED = "tangye:evidence"
_REQUEST_KEY = TypeAdapter(RequestKey)


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
    with work() as open_work:
        try:
            form = parse(VisitForm, request.form)
        except Rejected as rejected:
            if not wants_fragment():
                return visit_page(open_work, visit_id, notes=rejected.typed, status=422)
            return make_response(_told(rejected.typed, sentences=_sentences(rejected.typed)), 422)
        encounter = write_notes(open_work, current_actor(), visit_id, _notes(form))
        open_work.commit()
        saved_at = open_work.now
        patient = open_work.patients.get(encounter.patient_id)
    if not wants_fragment():
        return redirect(url_for("doctor.visit", visit_id=visit_id), 303)
    age = age_text(patient.born_on, county_day(saved_at))
    told = Typed.of(allergies=form.allergies)
    response = make_response(_told(told, saved_at=saved_at, patient=patient, age=age, encounter=encounter))
    response.headers["HX-Trigger"] = EVIDENCE_CHANGED
    return response


@desk.post("/visits/<int:visit_id>/photographs")
def add_picture(visit_id: int) -> Response:
    """Read a photograph of the tongue and keep it with the visit."""
    try:
        request_key = _REQUEST_KEY.validate_python(clean(request.form.get("request_key", "")))
    except ValidationError:
        raise NotFound(N_("这一页不完整，请刷新后再选照片。")) from None
    upload = next((file for file in request.files.getlist("photograph") if file.filename), None)
    try:
        if upload is None:
            return _tongue(visit_id, gettext(N_("请先选择或拍摄一张照片。")), 422)
        # Reading takes a while: no transaction is open meanwhile.
        picture = read_photograph(upload.read())
    except PictureRefused as refused:
        return _tongue(visit_id, say(refused), 422)
    with work() as open_work:
        add_photograph(open_work, current_actor(), visit_id, picture, request_key)
        open_work.commit()
    if not wants_fragment():
        return redirect(url_for("doctor.visit", visit_id=visit_id, _anchor="tongue"), 303)
    response = _tongue(visit_id, "", 200)
    response.headers["HX-Trigger"] = EVIDENCE_CHANGED
    return response


@desk.get("/photographs/<int:photograph_id>/<any(picture, overlay):kind>")
def photograph(photograph_id: int, kind: str) -> Response:
    """A picture of a visit of this house."""
    return picture_response(photograph_id, overlay=kind == "overlay")


def _tongue(visit_id: int, refusal: str, status: int) -> Response:
    """The pictures of a visit: the part for htmx, else the whole page."""
    with work() as open_work:
        if not wants_fragment():
            return visit_page(open_work, visit_id, photo_refusal=refusal, status=status)
        chart = open_chart(open_work, current_actor(), visit_id)
        values = visit_values(open_work, chart, None)
        return make_response(render_template("doctor/tongue.html", **values, photo_refusal=refusal), status)


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


def _notes(form: VisitForm) -> VisitNotes:
    return VisitNotes(
        complaint=form.complaint,
        history=form.history,
        inquiry=_both(form.inquiry, form.other_inquiry),
        pulse=_both(form.pulse, form.other_pulse),
        conditions=_both(form.conditions, form.other_conditions),
        western_drugs=_both(form.western_drugs, form.other_western_drugs),
        pregnant=form.pregnant,
        lactating=form.lactating,
        labs={test: value for test in LAB_TERMS if (value := getattr(form, test)) is not None},
        allergies=_allergies(form),
    )


def _allergies(form: VisitForm) -> tuple[str, ...] | None:
    """What the doctor says of allergies, of which an emptied field says that there are none.

    None where the page says nothing new: that leaves on record what another visit has told since.
    """
    told, seen = listed(form.allergies), listed(form.allergies_seen)
    is_unchanged = "allergies_seen" in request.form and told == seen
    return None if is_unchanged or "allergies" not in request.form else told


def _both(ticked: list[str], typed: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*ticked, *listed(typed))))
