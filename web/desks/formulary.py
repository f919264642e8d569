"""The desk of agreed formulas (协定方): their versions, drafts, comparisons, approvals by a second person."""

from dataclasses import dataclass
from secrets import token_urlsafe
from typing import Literal

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from pydantic import Field, field_validator
from werkzeug.wrappers import Response

from tcm.records.errors import N_, NotFound, Refused
from tcm.records.governance import AgreedFormula, Standing
from tcm.records.permissions import Action
from tcm.review import Line, verdict
from tcm.services import formulary
from tcm.services.formulary import Opened
from tcm.services.recipes import (
    DECOCTION_CLASSES,
    HERBS_AT_MOST,
    SYNDROMES_AT_MOST,
    UNAPPROVABLE,
    Recipe,
    compare,
    recipe_of,
)
from tcm.store.work import Work
from web.auth import current_actor, only
from web.desks.doctor.sheet import Sheet, loose_draft, make_sheet
from web.desks.doctor.words import HERBS_AT_MOST as HERBS_SHOWN
from web.desks.doctor.words import LONGEST_QUERY, TERMS_AT_MOST, search_terms
from web.desks.shown import SEVERITY_TERMS, SEVERITY_TONES, show_findings
from web.door import Form, RowId, Typed, parse, typed_in, typed_of
from web.errors import status_of
from web.house import current_house, work
from web.i18n import say

desk = Blueprint("formulary", __name__, url_prefix="/formulary")
desk.before_request(only(Action.FORMULARY_READ))

STANDING_TERMS = {
    Standing.DRAFT: N_("待批准"),
    Standing.IN_FORCE: N_("在用"),
    Standing.RETIRED: N_("已停用"),
}
STANDING_TONES = {Standing.DRAFT: "wait", Standing.IN_FORCE: "good", Standing.RETIRED: "quiet"}
_CLASS_TERMS = {"解表": N_("解表"), "一般": N_("一般"), "滋补": N_("滋补")}


class LineRow(Form):
    """A line of a recipe."""

    herb: str = Field(min_length=1, max_length=40)
    dose_g: float = Field(gt=0, lt=10_000)
    note: str = Field("", max_length=16)


class RecipeForm(Form):
    """A recipe."""

    items: list[LineRow] = Field([], max_length=HERBS_AT_MOST)
    syndrome: list[str] = Field([], max_length=SYNDROMES_AT_MOST)
    decoction_class: Literal["解表", "一般", "滋补"] = "一般"
    usage: str = Field("", max_length=200)
    # What the herbs are for; `note` is the column of their decoction notes.
    purpose: str = Field("", max_length=400)

    @field_validator("syndrome")
    @classmethod
    def _each_once(cls, syndromes: list[str]) -> list[str]:
        return list(dict.fromkeys(syndromes))


class NewForm(RecipeForm):
    """A recipe that begins a version."""

    request_key: str = Field(min_length=1, max_length=64)
    name: str = Field(min_length=1, max_length=40)


class ApproveForm(Form):
    """An approval of what the page showed."""

    seen: str = Field(min_length=1, max_length=64)


class BasisForm(Form):
    """The version that a new one begins from, none for an empty form."""

    basis: RowId | None = None


@dataclass(frozen=True)
class Row:
    """One line of the comparison of two versions.

    Args:
        herb: Standard name.
        before: As the older one has it, empty where it is new.
        after: As the newer one has it, empty where it is gone.
    """

    herb: str
    before: str
    after: str


@desk.get("")
def index() -> Response:
    """Every formula with the version in force and the drafts that wait."""
    with work() as open_work:
        shelves = formulary.shelves(open_work, current_actor())
        everyone = [one for shelf in shelves for one in shelf.versions]
        page = render_template(
            "formulary/index.html",
            shelves=shelves,
            waiting=sum(len(shelf.drafts) for shelf in shelves),
            **_people_and_houses(open_work, everyone),
        )
        return make_response(page)


@desk.get("/<int:formula_id>")
def formula(formula_id: int) -> Response:
    """One version, what review says of it, and what changed since another."""
    with work() as open_work:
        return _page(open_work, formula_id)


@desk.get("/new")
def new() -> Response:
    """An empty form, or one that begins from a version."""
    basis = parse(BasisForm, request.args).basis
    with work() as open_work:
        typed = Typed.of(request_key=token_urlsafe(24), decoction_class="一般")
        if basis is not None:
            found = formulary.open_formula(open_work, current_actor(), current_house().knowledge, basis)
            # Another house's name is taken; its recipe may be begun from all the same.
            name = found.formula.name if _of_own_house(found.formula) else ""
            typed = _typed_from(found.formula, name=name, request_key=token_urlsafe(24))
        return _form(open_work, typed)


@desk.post("/new")
def draft() -> Response:
    """Keep a new draft."""
    return _keep(None)


@desk.get("/<int:formula_id>/edit")
def edit(formula_id: int) -> Response:
    """One's own draft in the form."""
    with work() as open_work:
        found = formulary.open_formula(open_work, current_actor(), current_house().knowledge, formula_id)
        if not _editable(found.formula):
            raise NotFound(N_("这一版不是您的草稿，不能修改；可以另起草一版。"))
        return _form(open_work, _typed_from(found.formula), found.formula)


@desk.post("/<int:formula_id>/edit")
def change(formula_id: int) -> Response:
    """Keep what the writer changed."""
    return _keep(formula_id)


@desk.post("/check")
def check() -> Response:
    """What review says of the form as it stands; nothing is kept."""
    with work() as open_work:
        sheet = _sheet(open_work, Typed(typed_in(request.form)), as_posted=True)
        return make_response(render_template("formulary/check.html", sheet=sheet, **_verdict(sheet.verdict)))


@desk.post("/<int:formula_id>/approve")
def approve(formula_id: int) -> Response:
    """Put a draft in force by name."""
    form = parse(ApproveForm, request.form)
    try:
        with work() as open_work:
            made = formulary.approve(
                open_work, current_actor(), current_house().knowledge, formula_id, form.seen
            )
            open_work.commit()
            told = gettext(N_("%(name)s 第 %(version)s 版已生效。"), name=made.name, version=made.version)
    except Refused as refusal:
        return _page_again(formula_id, refusal)
    flash(told, "good")
    return redirect(url_for("formulary.formula", formula_id=formula_id), 303)


@desk.post("/<int:formula_id>/retire")
def retire(formula_id: int) -> Response:
    """Take a version out of force, or a draft off the table."""
    try:
        with work() as open_work:
            gone = formulary.retire(open_work, current_actor(), formula_id)
            open_work.commit()
            told = gettext(N_("%(name)s 第 %(version)s 版已停用。"), name=gone.name, version=gone.version)
    except Refused as refusal:
        return _page_again(formula_id, refusal)
    flash(told, "good")
    return redirect(url_for("formulary.formula", formula_id=formula_id), 303)


@desk.get("/herbs")
def herbs() -> str:
    """Herbs that what was typed may mean."""
    knowledge = current_house().knowledge
    found = knowledge.herbs.search(request.args.get("herb", "")[:LONGEST_QUERY], HERBS_SHOWN)
    return render_template("doctor/herb_options.html", herbs=found, handling=knowledge.handling)


@desk.get("/syndromes")
def syndromes() -> str:
    """Syndromes of GB/T 16751.2."""
    text = request.args.get("syndrome", "")[:LONGEST_QUERY]
    found = search_terms(current_house().knowledge.syndromes, text, TERMS_AT_MOST)
    return render_template("doctor/term_options.html", terms=found)


def _keep(formula_id: int | None) -> Response:
    """Keep a draft, new or changed; a refusal shows the form again with everything that was typed."""
    try:
        with work() as open_work:
            kept_id = _kept(open_work, formula_id)
            open_work.commit()
    except Refused as refusal:
        typed = typed_of(refusal, request.form)
        with work() as open_work:
            stored = None if formula_id is None else open_work.agreed_formulas.get(formula_id)
            return _form(open_work, typed, stored, sentence=say(refusal), status=status_of(refusal))
    flash(gettext(N_("草稿已保存，等另一位药师批准。")), "good")
    return redirect(url_for("formulary.formula", formula_id=kept_id), 303)


def _kept(open_work: Work, formula_id: int | None) -> int:
    actor, knowledge = current_actor(), current_house().knowledge
    if formula_id is None:
        new_form = parse(NewForm, request.form)
        recipe, key = _recipe(new_form), new_form.request_key
        return formulary.draft(open_work, actor, knowledge, new_form.name, recipe, key).id or 0
    recipe = _recipe(parse(RecipeForm, request.form))
    return formulary.change(open_work, actor, knowledge, formula_id, recipe).id or 0


def _page(open_work: Work, formula_id: int, *, sentence: str = "", status: int = 200) -> Response:
    found = formulary.open_formula(open_work, current_actor(), current_house().knowledge, formula_id)
    shown = found.formula
    other = _other(found)
    page = render_template(
        "formulary/formula.html",
        formula=shown,
        recipe=recipe_of(shown),
        shelf=found.shelf,
        other=other,
        rows=_rows(*sorted((other, shown), key=lambda one: one.version)) if other else [],
        texts=_texts(*sorted((other, shown), key=lambda one: one.version)) if other else [],
        findings=show_findings(found.findings),
        approvable=found.approvable,
        seen=found.fingerprint,
        editable=_editable(shown),
        own=shown.made_by_id == current_actor().staff_id,
        own_house=_of_own_house(shown),
        sentence=sentence,
        **_verdict(verdict(found.findings)),
        **_people_and_houses(open_work, found.shelf.versions),
    )
    return make_response(page, status)


def _page_again(formula_id: int, refusal: Refused) -> Response:
    with work() as open_work:
        return _page(open_work, formula_id, sentence=say(refusal), status=status_of(refusal))


def _form(
    open_work: Work,
    typed: Typed,
    stored: AgreedFormula | None = None,
    *,
    sentence: str = "",
    status: int = 200,
) -> Response:
    sheet = _sheet(open_work, typed)
    page = render_template(
        "formulary/form.html",
        sheet=sheet,
        stored=stored,
        syndrome_places=range(SYNDROMES_AT_MOST),
        class_options=[(name, gettext(_CLASS_TERMS[name])) for name in DECOCTION_CLASSES],
        sentence=sentence,
        **_verdict(sheet.verdict),
    )
    return make_response(page, status)


def _sheet(open_work: Work, typed: Typed, *, as_posted: bool = False) -> Sheet:
    """The form with what review says of it so far."""
    knowledge = current_house().knowledge
    recipe = Recipe(
        items=tuple(
            Line(item.written_as, item.dose_g, item.decoction_note)
            for item in loose_draft(typed, knowledge).items
        ),
        syndromes=tuple(name for name in typed.all("syndrome") if name),
        usage=typed.value("usage"),
    )
    found = formulary.preview(open_work, current_actor(), knowledge, recipe)
    return make_sheet(typed, found, knowledge, frozenset(), as_posted=as_posted)


def _recipe(form: RecipeForm) -> Recipe:
    return Recipe(
        items=tuple(Line(row.herb, row.dose_g, row.note) for row in form.items),
        syndromes=tuple(form.syndrome),
        decoction_class=form.decoction_class,
        usage=form.usage,
        note=form.purpose,
    )


def _typed_from(stored: AgreedFormula, **more: str) -> Typed:
    recipe = recipe_of(stored)
    return Typed.of(
        herb=[line.herb for line in recipe.items],
        dose_g=[f"{line.grams:g}" for line in recipe.items],
        note=[line.decoction_note for line in recipe.items],
        syndrome=list(recipe.syndromes),
        decoction_class=recipe.decoction_class,
        usage=recipe.usage,
        purpose=recipe.note,
        **more,
    )


def _of_own_house(stored: AgreedFormula) -> bool:
    return stored.institution_id == current_actor().institution_id


def _editable(stored: AgreedFormula) -> bool:
    return stored.standing is Standing.DRAFT and stored.made_by_id == current_actor().staff_id


def _other(found: Opened) -> AgreedFormula | None:
    """The version to compare with: the one asked for, else the one before, else none."""
    others = [one for one in found.shelf.versions if one.id != found.formula.id]
    asked = request.args.get("with", type=int)
    before = [one for one in others if one.version < found.formula.version]
    return next((one for one in others if one.version == asked), before[0] if before else None)


def _rows(before: AgreedFormula, after: AgreedFormula) -> list[Row]:
    changes = compare(recipe_of(before), recipe_of(after), current_house().knowledge)
    return [Row(one.herb, _written(one.before), _written(one.after)) for one in changes]


def _texts(before: AgreedFormula, after: AgreedFormula) -> list[tuple[str, str, str]]:
    """What else changed: label, before, after."""
    pairs = (
        (N_("主治证型"), "、".join(before.syndromes), "、".join(after.syndromes)),
        (N_("煎法"), before.decoction_class, after.decoction_class),
        (N_("用法"), before.usage, after.usage),
        (N_("说明"), before.note, after.note),
    )
    return [(label, old, now) for label, old, now in pairs if old != now]


def _written(line: Line | None) -> str:
    return "" if line is None else f"{line.grams:g} g {line.decoction_note}".strip()


def _verdict(strictest: str) -> dict[str, object]:
    return {
        "verdict": gettext(SEVERITY_TERMS[strictest]),
        "verdict_tone": SEVERITY_TONES[strictest],
        "held_back": strictest in UNAPPROVABLE,
    }


def _people_and_houses(
    open_work: Work, versions: list[AgreedFormula] | tuple[AgreedFormula, ...]
) -> dict[str, object]:
    people = {one.made_by_id for one in versions} | {
        one.approved_by_id for one in versions if one.approved_by_id is not None
    }
    return {
        "people": open_work.staff.by_ids(people),
        "houses": open_work.institutions.by_ids(one.institution_id for one in versions),
        "standing_terms": STANDING_TERMS,
        "standing_tones": STANDING_TONES,
    }
