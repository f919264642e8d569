"""Registering a patient, and beginning their first visit."""

from datetime import date
from secrets import token_urlsafe

from flask import make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from tcm.records.clock import county_day
from tcm.records.errors import N_
from tcm.records.people import Institution, InstitutionKind, Patient
from tcm.records.roles import Actor
from tcm.services.charting import PatientDetails, find_patients, open_encounter, register_patient
from tcm.store.work import Work
from web.auth import current_actor
from web.desks.doctor.blueprint import desk
from web.desks.doctor.forms import PatientForm, listed
from web.desks.doctor.scheme import scheme_options
from web.door import Rejected, Typed, parse
from web.house import work

OLDEST_YEARS = 130


@desk.get("/patients/new")
def new_patient() -> Response:
    """The registration form."""
    with work() as open_work:
        return _page(open_work, Typed.of(request_key=token_urlsafe(24), township=_own_township(open_work)))


@desk.post("/patients")
def register() -> Response:
    """Register a patient and open the visit they came for."""
    actor = current_actor()
    with work() as open_work:
        try:
            form = parse(PatientForm, request.form)
            _refuse_impossible_birth(form, county_day(open_work.now))
        except Rejected as rejected:
            return _page(open_work, rejected.typed, status=422)
        known = _known_already(open_work, actor, form)
        if known is not None:
            return _page(open_work, Typed(request.form.to_dict(flat=False)), known=known, status=409)
        patient = register_patient(open_work, actor, _details(form), form.request_key)
        encounter = open_encounter(open_work, actor, patient.id or 0, form.request_key)
        open_work.commit()
        return redirect(url_for("doctor.visit", visit_id=encounter.id), 303)


@desk.get("/villages")
def villages_of_township() -> str:
    """The village clinics of a township, as options."""
    with work() as open_work:
        villages = _villages(open_work).get(request.args.get("township", ""), [])
        return render_template("doctor/village_options.html", villages=villages, chosen="")


def _page(open_work: Work, typed: Typed, *, known: Patient | None = None, status: int = 200) -> Response:
    by_township = _villages(open_work)
    chosen = next(
        (
            township
            for township, villages in by_township.items()
            for village in villages
            if str(village.id) == typed.value("village_id")
        ),
        typed.value("township") or _own_township(open_work),
    )
    page = render_template(
        "doctor/new_patient.html",
        typed=typed,
        by_township=by_township,
        township=chosen if chosen in by_township else next(iter(by_township), ""),
        known=known,
        schemes=scheme_options(open_work),
        visit_key=token_urlsafe(24),
        today=county_day(open_work.now),
    )
    return make_response(page, status)


def _details(form: PatientForm) -> PatientDetails:
    if form.sex is None or form.born_on is None:
        raise ValueError("the form's validators let a patient without sex or birth pass")
    return PatientDetails(
        name=form.name,
        sex=form.sex,
        born_on=form.born_on,
        village_id=form.village_id,
        phone=form.phone,
        address=form.address,
        id_number=form.id_number,
        allergies=listed(form.allergies),
        scheme=form.scheme,
    )


def _refuse_impossible_birth(form: PatientForm, today: date) -> None:
    born_on = form.born_on
    if born_on is not None and born_on.year < today.year - OLDEST_YEARS:
        _reject("born_on", N_("请核对出生年份。"))
    if born_on is not None and born_on > today:
        _reject("born_on", N_("出生日期不能在今天以后。"))


def _reject(name: str, sentence: str) -> None:
    values = request.form.to_dict(flat=False)
    raise Rejected(Typed(values, {(name, None): gettext(sentence)}))


def _known_already(open_work: Work, actor: Actor, form: PatientForm) -> Patient | None:
    """Who holds this identity number already; the same form sent twice is not meant."""
    if not form.id_number:
        return None
    found = find_patients(open_work, actor, form.id_number)
    return next((patient for patient in found if patient.request_key != form.request_key), None)


def _own_township(open_work: Work) -> str:
    return open_work.institutions.get(current_actor().institution_id).township


def _villages(open_work: Work) -> dict[str, list[Institution]]:
    by_township: dict[str, list[Institution]] = {}
    for village in open_work.institutions.of_kind(InstitutionKind.VILLAGE_CLINIC):
        by_township.setdefault(village.township, []).append(village)
    return by_township
