"""The prescription: checked while it is typed, kept as a draft, signed, cancelled."""

from flask import make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from tcm.records.clinical import Prescription
from tcm.records.errors import N_, NotFound, Refused, Stale
from tcm.records.lifecycle import State
from tcm.records.permissions import Action
from tcm.services import prescribing
from tcm.services.access import look_at_encounter
from tcm.services.keeping import drop_draft
from tcm.services.prescribing import EDITABLE, PrescriptionDraft
from tcm.services.second_signatures import is_signed_for, tick_of
from tcm.store.work import Work
from web.auth import current_actor
from web.desks.doctor.blueprint import desk
from web.desks.doctor.checked import sheet_of
from web.desks.doctor.forms import CancelForm, PrescriptionForm
from web.desks.doctor.page import Remark, prescription_part
from web.desks.doctor.paper import PaperForm, keep_paper
from web.desks.doctor.sheet import draft_from
from web.door import Rejected, Typed, parse, typed_in
from web.errors import status_of
from web.house import current_house, work
from web.i18n import say

SAVED = N_("草稿已保存。")
SIGNED = N_("处方已签名，已送药师审核。")
STALE = N_("这张处方刚在别处改动过，没有保存。您填写的内容仍在下面；再按一次保存或签名，将以下面的内容为准。")
FIXED = N_("这张处方刚在别处签名或取消，不能再改。您填写的内容仍在下面。")


@desk.post("/visits/<int:visit_id>/prescription/check")
def check_prescription(visit_id: int) -> Response:
    """What review says of the form as it stands; nothing is kept."""
    typed = _typed_so_far()
    with work(reads_only=True) as open_work:
        # The chart that is open is on record: it is not opened again for every keystroke.
        own_id = typed.value("prescription_id")
        of_visit = open_work.prescriptions.of_encounter(visit_id)
        stored = next((one for one in of_visit if str(one.id) == own_id), None)
        sheet = sheet_of(open_work, visit_id, typed, stored, as_posted=True)
    # The database is let go before the page is made: on SQLite one work keeps all others waiting.
    return make_response(render_template("doctor/check.html", sheet=sheet))


@desk.post("/visits/<int:visit_id>/prescription")
def keep_prescription(visit_id: int) -> Response:
    """Keep the prescription, and sign it where that button was pressed."""
    try:
        form, paper = parse(PrescriptionForm, request.form), parse(PaperForm, request.form)
    except Rejected as rejected:
        remark = Remark(say(rejected))
        with work() as open_work:
            return prescription_part(open_work, visit_id, typed=rejected.typed, remark=remark, status=422)
    typed = Typed(typed_in(request.form))
    draft = draft_from(form, current_house().knowledge)
    try:
        kept_id, version = _keep(visit_id, form, draft, paper)
    except Stale:
        return _answer_stale(visit_id, form, draft, typed)
    if form.action == "save":
        with work() as open_work:
            return prescription_part(
                open_work,
                visit_id,
                typed=_with(typed, prescription_id=kept_id, version=version),
                shown_id=kept_id,
                remark=Remark(gettext(SAVED), "good"),
            )
    return _sign(visit_id, kept_id, version, typed)


@desk.post("/prescriptions/<int:prescription_id>/cancel")
def cancel_prescription(prescription_id: int) -> Response:
    """Cancel a prescription with a coded reason."""
    form = parse(CancelForm, request.form)
    with work() as open_work:
        prescription = prescribing.cancel(
            open_work, current_actor(), prescription_id, form.version, form.reason_code
        )
        visit_id = prescription.encounter_id
        open_work.commit()
    return redirect(url_for("doctor.visit", visit_id=visit_id, prescription=prescription_id), 303)


def _keep(
    visit_id: int, form: PrescriptionForm, draft: PrescriptionDraft, paper: PaperForm
) -> tuple[int, int]:
    """Store the draft, begun now where it is new; answers its row and version."""
    actor, knowledge = current_actor(), current_house().knowledge
    with work() as open_work:
        key = form.prescription_id
        if key is None:
            key = prescribing.begin(open_work, actor, visit_id, form.request_key).key()
        elif open_work.prescriptions.get(key).encounter_id != visit_id:
            raise NotFound(N_("没有这张处方。"))
        prescription = prescribing.save(open_work, actor, knowledge, key, form.version, draft)
        keep_paper(open_work, prescription, paper)
        drop_draft(open_work, actor, visit_id, prescription.request_key)
        open_work.commit()
        return key, prescription.version


def _sign(visit_id: int, prescription_id: int, version: int, typed: Typed) -> Response:
    """Sign again where ticked, then sign; a refusal leaves the draft kept and the form as it is."""
    actor, knowledge = current_actor(), current_house().knowledge
    try:
        with work() as open_work:
            prescription = open_work.prescriptions.get(prescription_id)
            again = _herbs_to_sign_again(open_work, prescription, typed)
            if again:
                prescription = prescribing.second_sign(
                    open_work, actor, knowledge, prescription_id, version, again
                )
            prescribing.sign(open_work, actor, knowledge, prescription_id, prescription.version)
            open_work.commit()
    except Refused as refusal:
        with work() as open_work:
            current = _with(typed, prescription_id=prescription_id, version=version)
            return prescription_part(
                open_work,
                visit_id,
                typed=current,
                shown_id=prescription_id,
                remark=Remark(say(refusal)),
                status=status_of(refusal),
            )
    with work() as open_work:
        remark = Remark(gettext(SIGNED), "good")
        return prescription_part(open_work, visit_id, shown_id=prescription_id, remark=remark)


def _herbs_to_sign_again(open_work: Work, prescription: Prescription, typed: Typed) -> tuple[str, ...]:
    """The herbs whose boxes were ticked for exactly what is found of them now."""
    ticks = frozenset(typed.all("second_sign"))
    if not ticks:
        return ()
    found = prescribing.findings(open_work, current_actor(), current_house().knowledge, prescription.key())
    return tuple(
        dict.fromkeys(
            item.written_as
            for item in prescription.items
            if tick_of(item.written_as, item.dose_g, found) in ticks and not is_signed_for(item, found)
        )
    )


def _answer_stale(visit_id: int, form: PrescriptionForm, draft: PrescriptionDraft, typed: Typed) -> Response:
    """The same form sent twice has done its work; another change first is told, and nothing typed is lost."""
    with work() as open_work:
        stored = _stored(open_work, visit_id, form)
        if stored is not None and _says_the_same(stored, draft):
            wanted = stored.state in EDITABLE if form.action == "save" else stored.state is State.SIGNED
            if wanted:
                sentence = SAVED if form.action == "save" else SIGNED
                remark = Remark(gettext(sentence), "good")
                return prescription_part(open_work, visit_id, shown_id=stored.id, remark=remark)
        if stored is None:
            return prescription_part(
                open_work, visit_id, typed=typed, remark=Remark(say(Stale())), status=409
            )
        editable = stored.state in EDITABLE
        # Whoever saves once more has been told what they overwrite.
        current = _with(typed, prescription_id=stored.id, version=stored.version) if editable else typed
        remark = Remark(gettext(STALE if editable else FIXED), "warn")
        return prescription_part(
            open_work, visit_id, typed=current, shown_id=stored.id, remark=remark, status=409
        )


def _stored(open_work: Work, visit_id: int, form: PrescriptionForm) -> Prescription | None:
    encounter = open_work.encounters.get(visit_id)
    look_at_encounter(open_work, current_actor(), encounter, Action.PRESCRIPTION_WRITE)
    of_visit = open_work.prescriptions.of_encounter(visit_id)
    if form.prescription_id is not None:
        return next((one for one in of_visit if one.id == form.prescription_id), None)
    return next((one for one in of_visit if one.request_key == form.request_key), None)


def _says_the_same(stored: Prescription, draft: PrescriptionDraft) -> bool:
    lines = [(line.written_as, line.dose_g, line.decoction_note) for line in draft.items]
    kept = [(item.written_as, item.dose_g, item.decoction_note) for item in stored.items]
    return lines == kept and all(getattr(stored, name) == value for name, value in draft.fields.items())


def _typed_so_far() -> Typed:
    values = typed_in(request.form)
    try:
        parse(PrescriptionForm, request.form)
    except Rejected as rejected:
        # What is still empty is not wrong yet.
        errors = {
            (name, row): sentence
            for (name, row), sentence in rejected.typed.errors.items()
            if rejected.typed.value(name, row or 0)
        }
        return Typed(values, errors)
    return Typed(values)


def _with(typed: Typed, **values: object) -> Typed:
    return Typed({**typed.values, **Typed.of(**values).values}, typed.errors)
