"""Referral: the letter, the house that receives, the reply."""

from collections.abc import Sequence
from secrets import token_urlsafe

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from tcm.records.clinical import Encounter, Prescription
from tcm.records.clock import county_day
from tcm.records.errors import N_, Invalid
from tcm.records.lifecycle import State
from tcm.records.permissions import Action
from tcm.records.together import CONSENT_BY_TERMS, CONSENT_HOW_TERMS, ReferralLetter
from tcm.services import referring
from tcm.services.access import look_at_encounter
from tcm.services.inboxes import listed_referral
from tcm.services.referring import REASONS, Addressed
from web.auth import current_actor
from web.desks.shown import age_text
from web.desks.together.blueprint import desk
from web.desks.together.forms import ReceiveForm, ReferForm, WordsForm
from web.desks.together.shown import case_values, options, picture, terms
from web.door import Rejected, Typed, parse, typed_in
from web.house import work
from web.i18n import language, say
from web.papers.letter import referral_sheet
from web.prints.letter import referral_pdf


@desk.get("/visits/<int:visit_id>/refer")
def refer(visit_id: int) -> Response:
    """The form of a letter; what the chart has stands in it for the doctor to change."""
    return _letter_page(visit_id, None)


@desk.post("/visits/<int:visit_id>/refer")
def send(visit_id: int) -> Response:
    """Send the patient."""
    try:
        form = parse(ReferForm, request.form)
        addressed = Addressed(
            form.to_institution_id, form.elsewhere, form.consent_by, form.consent_how, form.urgent
        )
        letter = ReferralLetter(
            form.reason_code, form.impression, form.present, form.past, form.treatment, form.advice
        )
        with work() as open_work:
            written = referring.write(
                open_work, current_actor(), visit_id, addressed, letter, form.request_key
            )
            referral_id = written.key()
            open_work.commit()
    except Rejected as rejected:
        return _letter_page(visit_id, rejected.typed, say(rejected), 422)
    except Invalid as refusal:
        return _letter_page(visit_id, Typed(typed_in(request.form)), say(refusal), 422)
    flash(gettext(N_("转诊单已发出，请打印后交给患者。")), "good")
    return redirect(url_for("together.referral", referral_id=referral_id), 303)


@desk.get("/referrals/<int:referral_id>")
def referral(referral_id: int) -> Response:
    """A referral as both houses see it."""
    return _referral_page(referral_id, Typed())


@desk.get("/referrals/<int:referral_id>.pdf")
def referral_letter(referral_id: int) -> Response:
    """The letter to print (双向转诊单)."""
    with work() as open_work:
        printed = referring.open_letter(open_work, current_actor(), referral_id)
        sheet = referral_sheet(open_work, listed_referral(open_work, printed), open_work.now)
    response = make_response(referral_pdf(sheet, "en" if language() == "en" else "zh"))
    response.headers["Content-Type"] = "application/pdf"
    response.headers["Content-Disposition"] = f'inline; filename="referral-{referral_id}.pdf"'
    response.headers["Cache-Control"] = "no-store"
    return response


@desk.post("/referrals/<int:referral_id>/receive")
def receive(referral_id: int) -> Response:
    """Receive the patient: registered here, and a visit begins."""
    form = parse(ReceiveForm, request.form)
    with work() as open_work:
        received = referring.receive(open_work, current_actor(), referral_id, form.request_key)
        open_work.commit()
        visit_id = received.visit.id
    if received.allergies:
        # Counted, not named: a flash travels in a cookie. The names stand above the visit.
        said = N_("转诊带来 %(count)s 项过敏史，已记入本院，请向患者核实。")
        flash(gettext(said, count=len(received.allergies)), "warn")
    return redirect(url_for("doctor.visit", visit_id=visit_id), 303)


@desk.post("/referrals/<int:referral_id>/reply")
def reply(referral_id: int) -> Response:
    """Write back."""
    try:
        form = parse(WordsForm, request.form)
    except Rejected as rejected:
        return _referral_page(referral_id, rejected.typed, say(rejected), 422)
    with work() as open_work:
        referring.reply(open_work, current_actor(), referral_id, form.words)
        open_work.commit()
    flash(gettext(N_("回复已送达转出医师。")), "good")
    return redirect(url_for("together.referral", referral_id=referral_id), 303)


@desk.post("/referrals/<int:referral_id>/<any(withdraw, acknowledge):act>")
def close_referral(referral_id: int, act: str) -> Response:
    """Take a referral back, or say that the reply has been read."""
    use_case = referring.withdraw if act == "withdraw" else referring.acknowledge
    with work() as open_work:
        use_case(open_work, current_actor(), referral_id)
        open_work.commit()
    return redirect(url_for("together.referral", referral_id=referral_id), 303)


@desk.get("/referrals/<int:referral_id>/photographs/<int:photograph_id>/<any(picture, overlay):kind>")
def referral_picture(referral_id: int, photograph_id: int, kind: str) -> Response:
    """A picture of the visit at which the letter was written."""
    with work() as open_work:
        data = referring.open_picture(
            open_work, current_actor(), referral_id, photograph_id, overlay=kind == "overlay"
        )
    return picture(data)


def _letter_page(visit_id: int, typed: Typed | None, sentence: str = "", status: int = 200) -> Response:
    with work() as open_work:
        visit = open_work.encounters.get(visit_id)
        look_at_encounter(open_work, current_actor(), visit, Action.REFERRAL_WRITE)
        patient = open_work.patients.get(visit.patient_id)
        houses = referring.houses_to_refer_to(open_work, current_actor())
        page = render_template(
            "together/refer.html",
            visit=visit,
            patient=patient,
            age=age_text(patient.born_on, county_day(open_work.now)),
            typed=typed or _from_chart(visit, open_work.prescriptions.of_encounter(visit_id)),
            sentence=sentence,
            houses=[(house.id, f"{house.name} · {house.township}") for house in houses],
            reasons=options(REASONS),
            by_options=options(CONSENT_BY_TERMS),
            how_options=options(CONSENT_HOW_TERMS),
        )
    return make_response(page, status)


def _referral_page(referral_id: int, typed: Typed, sentence: str = "", status: int = 200) -> Response:
    with work() as open_work:
        opened, case = referring.open_case(open_work, current_actor(), referral_id)
        values = case_values(
            open_work,
            case,
            lambda photograph_id, kind: url_for(
                "together.referral_picture", referral_id=referral_id, photograph_id=photograph_id, kind=kind
            ),
        )
        page = render_template(
            "together/referral.html",
            listed=listed_referral(open_work, opened),
            receives=referring.may_receive(current_actor(), opened),
            wrote=opened.written_by_id == current_actor().staff_id,
            request_key=token_urlsafe(24),
            typed=typed,
            sentence=sentence,
            **values,
            **terms(),
        )
    return make_response(page, status)


def _from_chart(visit: Encounter, prescriptions: Sequence[Prescription]) -> Typed:
    given = [one for one in prescriptions if one.signed_at and one.state is not State.CANCELLED]
    diagnoses = [" · ".join(filter(None, (one.disease, one.syndrome))) for one in given]
    return Typed.of(
        request_key=token_urlsafe(24),
        impression="；".join(dict.fromkeys(filter(None, diagnoses))),
        present="；".join(filter(None, (visit.complaint, "、".join(visit.inquiry), "、".join(visit.pulse)))),
        past="；".join(filter(None, (visit.history, "、".join(visit.conditions)))),
        treatment="\n".join(_told(one) for one in given),
    )


def _told(prescription: Prescription) -> str:
    herbs = "、".join(f"{item.written_as}{item.dose_g:g}g" for item in prescription.items)
    return str(gettext(N_("中药 %(count)s 剂：%(herbs)s"), count=prescription.doses_count, herbs=herbs))
