"""A doctor's own formulas: kept from a form, a prescription or a formula; put away again."""

from hashlib import sha256

from flask import make_response, render_template, request
from flask_babel import gettext
from pydantic import Field
from werkzeug.wrappers import Response

from tcm.records.errors import N_, Invalid
from tcm.records.permissions import Action
from tcm.review import Line
from tcm.services import own_formulas
from tcm.services.access import look_at_encounter, look_at_prescription
from tcm.services.own_formulas import OwnRecipe
from tcm.store.work import Work
from web.auth import current_actor
from web.desks.doctor.blueprint import desk
from web.desks.doctor.forms import RequestKey
from web.desks.doctor.offers import Offer
from web.desks.doctor.sheet import loose_draft
from web.desks.doctor.suggestions import AdoptForm, offer_of
from web.door import RowId, Typed, parse, typed_in
from web.house import current_house, work

# The lists of formulas on the page ask again.
OWN_CHANGED = "tangye:own"


class KeepForm(AdoptForm):
    """What is kept under which name: a formula that is offered, a prescription, or the form as it stands."""

    own_name: str = Field(min_length=1, max_length=40)
    own_key: RequestKey
    request_key: str = Field("", max_length=64)
    own_prescription: RowId | None = None


@desk.post("/visits/<int:visit_id>/own")
def keep_own(visit_id: int) -> Response:
    """Keep a recipe for one's own pen; the prescription is not touched."""
    form = parse(KeepForm, request.form)
    with work() as open_work:
        _demand_no_name_of_a_patient(open_work, visit_id, form.own_name)
        recipe = _recipe(open_work, visit_id, form)
        # The button may be pressed again for another name or other herbs: then it is another keeping.
        key = sha256(repr((form.own_key, form.own_name, recipe)).encode()).hexdigest()
        kept = own_formulas.keep(
            open_work, current_actor(), current_house().knowledge, form.own_name, recipe, key
        )
        open_work.commit()
    return _told(gettext(N_("已存入我的方：%(name)s v%(version)s。"), name=kept.name, version=kept.version))


@desk.post("/own/<int:formula_id>/away")
def put_away_own(formula_id: int) -> Response:
    """Offer a formula no more."""
    with work() as open_work:
        formula = own_formulas.put_away(open_work, current_actor(), formula_id)
        name = formula.name
        open_work.commit()
    return _told(gettext(N_("已从我的方删去：%(name)s。"), name=name))


def _told(sentence: str) -> Response:
    response = make_response(render_template("doctor/_own_told.html", sentence=sentence))
    response.headers["HX-Trigger"] = OWN_CHANGED
    return response


def _demand_no_name_of_a_patient(open_work: Work, visit_id: int, name: str) -> None:
    """A name is shown at other patients' visits, and goes to the ledger with the lines."""
    encounter = open_work.encounters.get(visit_id)
    look_at_encounter(open_work, current_actor(), encounter, Action.PRESCRIPTION_WRITE)
    if open_work.patients.get(encounter.patient_id).name in "".join(name.split()):
        raise Invalid(N_("方名里请不要写患者姓名。"))


def _recipe(open_work: Work, visit_id: int, form: KeepForm) -> OwnRecipe:
    if form.own_prescription is not None:
        prescription = open_work.prescriptions.get(form.own_prescription)
        look_at_prescription(open_work, current_actor(), prescription)
        return OwnRecipe(
            tuple(Line(item.written_as, item.dose_g, item.decoction_note) for item in prescription.items),
            prescription.syndrome,
            prescription.decoction_class,
            prescription.usage,
        )
    if form.adopt_formula or form.adopt_agreed is not None:
        offer = offer_of(open_work, visit_id, form)
        return _recipe_of_offer(offer) if offer else OwnRecipe(())
    draft = loose_draft(Typed(typed_in(request.form)), current_house().knowledge, typing=False)
    lines = tuple(Line(item.written_as, item.dose_g, item.decoction_note) for item in draft.items)
    return OwnRecipe(lines, draft.syndrome, draft.decoction_class or "一般", draft.usage)


def _recipe_of_offer(offer: Offer) -> OwnRecipe:
    return OwnRecipe(
        tuple(Line(line.herb, line.grams, line.decoction_note) for line in offer.lines),
        offer.syndromes[0] if offer.syndromes else "",
        offer.decoction_class,
        offer.usage,
    )
