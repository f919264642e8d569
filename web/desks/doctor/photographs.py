"""The photographs of a visit: sent and kept at once, read by the worker while the page asks how far it is."""

from flask import make_response, render_template, request, url_for
from flask_babel import gettext
from pydantic import BaseModel, TypeAdapter, ValidationError
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from tcm.records.clinical import Encounter, PhotographKind, PhotographState
from tcm.records.errors import N_, NotFound
from tcm.records.permissions import Action
from tcm.services import photographing
from tcm.services.access import look_at_encounter
from tcm.services.charting import open_chart
from web.auth import current_actor
from web.desks.doctor.blueprint import desk
from web.desks.doctor.forms import RequestKey
from web.desks.doctor.page import is_mine, visit_page
from web.desks.doctor.pictures import Pictures, light_of, new_card, pictures_of, swatches_of
from web.desks.shown import picture_response
from web.door import clean
from web.errors import wants_fragment
from web.house import current_house, work
from web.i18n import language, say
from web.polling import fresh
from web.prints.card import colour_card_pdf
from web.reading import PictureRefused, take_in

# What the suggestions depend on has changed; they listen for it.
EVIDENCE_CHANGED = "tangye:evidence"

desk.add_app_template_filter(swatches_of, "swatches")
desk.add_app_template_filter(light_of, "light_term")


class _Sent(BaseModel):
    """What comes with a photograph."""

    request_key: RequestKey
    kind: PhotographKind = PhotographKind.TONGUE


_SENT = TypeAdapter(_Sent)


@desk.post("/visits/<int:visit_id>/photographs")
def add_picture(visit_id: int) -> Response:
    """Keep a photograph with the visit and have it read."""
    try:
        sent = _SENT.validate_python(
            {name: clean(request.form[name]) for name in ("request_key", "kind") if name in request.form}
        )
    except ValidationError:
        raise NotFound(N_("这一页不完整，请刷新后再选照片。")) from None
    file = next((file for file in request.files.getlist("photograph") if file.filename), None)
    if file is None:
        return _card(visit_id, sent.kind, gettext(N_("请先选择或拍摄一张照片。")), 422)
    try:
        # Decoding takes a moment: no transaction is open meanwhile.
        upload = take_in(file.read(), sent.kind)
    except PictureRefused as refused:
        return _card(visit_id, sent.kind, say(refused), 422)
    with work() as open_work:
        photographing.keep_upload(
            open_work,
            current_actor(),
            visit_id,
            upload,
            sent.request_key,
            enqueue=current_house().jobs.read_photograph,
        )
        open_work.commit()
    if not wants_fragment():
        return redirect(url_for("doctor.visit", visit_id=visit_id, _anchor=sent.kind.value), 303)
    return _card(visit_id, sent.kind, "", 200)


@desk.get("/visits/<int:visit_id>/photographs/<any(tongue, face):kind>")
def pictures_part(visit_id: int, kind: str) -> Response:
    """How far the reading of the newest photograph is; 304 while that is as the page has it."""
    with work() as open_work:
        encounter, photographs = photographing.glance(open_work, current_actor(), visit_id)
        pictures = pictures_of(photographs, PhotographKind(kind), open_work.now)
        corrections = open_work.sign_corrections.of_photographs(one.id or 0 for one in photographs)
        response = fresh(pictures.facts, lambda _tag: _shown(encounter, pictures, corrections))
        if response.status_code == 304:
            return response
        look_at_encounter(open_work, current_actor(), encounter, Action.PATIENT_READ)
    if pictures.newest is not None and pictures.newest.state is PhotographState.READ:
        response.headers["HX-Trigger"] = EVIDENCE_CHANGED
    return response


@desk.get("/photographs/<int:photograph_id>/<any(picture, overlay):kind>")
def photograph(photograph_id: int, kind: str) -> Response:
    """A picture of a visit of this house."""
    return picture_response(photograph_id, overlay=kind == "overlay")


@desk.get("/colour-card.pdf")
def colour_card() -> Response:
    """The colour card to hold beside the tongue; it tells of nobody."""
    house = current_house()
    response = make_response(colour_card_pdf("a6", house.clock(), "en" if language() == "en" else "zh"))
    response.headers["Content-Type"] = "application/pdf"
    response.headers["Content-Disposition"] = 'inline; filename="colour-card.pdf"'
    response.headers["Cache-Control"] = "no-store"
    return response


@desk.post("/photographs/<int:photograph_id>/dismiss")
def dismiss_picture(photograph_id: int) -> Response:
    """Put away what a refused photograph says."""
    with work() as open_work:
        dismissed = photographing.dismiss(open_work, current_actor(), photograph_id)
        open_work.commit()
    visit_id, kind = dismissed.encounter_id, dismissed.kind
    if not wants_fragment():
        return redirect(url_for("doctor.visit", visit_id=visit_id, _anchor=kind.value), 303)
    return _card(visit_id, kind, "", 200)


def _card(visit_id: int, kind: PhotographKind, refusal: str, status: int) -> Response:
    """The pictures of one kind with their form: the part for htmx, else the whole page."""
    with work() as open_work:
        if not wants_fragment():
            return visit_page(open_work, visit_id, photo_refusals={kind: refusal}, status=status)
        chart = open_chart(open_work, current_actor(), visit_id)
        card = new_card(chart, kind, refusal, open_work.now)
    page = render_template(
        "doctor/photographs.html",
        visit_id=visit_id,
        card=card,
        corrections=chart.corrections,
        mine=is_mine(chart.encounter),
    )
    return make_response(page, status)


def _shown(encounter: Encounter, pictures: Pictures, corrections: dict[int, dict[str, str]]) -> str:
    return render_template(
        "doctor/pictures_shown.html",
        visit_id=encounter.id,
        pictures=pictures,
        corrections=corrections,
        mine=is_mine(encounter),
    )
