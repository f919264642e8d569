"""Patterns and formulas offered with their reasons; a line is prescribed only when the doctor adopts it."""

from flask import render_template, request
from flask_babel import gettext
from pydantic import Field
from werkzeug.wrappers import Response

from tcm.knowledge import Formula, FormulaItem
from tcm.records.errors import N_, Invalid, NotFound
from tcm.services.charting import open_chart
from web.auth import current_actor
from web.desks.doctor.blueprint import desk
from web.desks.doctor.page import Remark, prescription_part, suggestions_for
from web.desks.doctor.sheet import origin_key
from web.door import Form, RowId, Typed, clean, parse
from web.house import current_house, work

FORMULAS_AT_MOST = 6
LONGEST_QUERY = 40


class AdoptForm(Form):
    """What the doctor adopts: a syndrome, or one line of a formula, or all of its lines."""

    prescription_id: RowId | None = None
    adopt_syndrome: str = Field("", max_length=80)
    adopt_formula: str = Field("", max_length=80)
    # Place of the line in the formula, None for all.
    adopt_line: int | None = None


@desk.get("/visits/<int:visit_id>/suggestions")
def suggestions(visit_id: int) -> str:
    """The patterns that the notes and the picture speak for."""
    with work() as open_work:
        chart = open_chart(open_work, current_actor(), visit_id)
        return render_template(
            "doctor/suggestions.html",
            visit_id=visit_id,
            suggestions=suggestions_for(chart),
            formulas=current_house().knowledge.formulas,
            editable="adopt" in request.args,
        )


@desk.get("/visits/<int:visit_id>/formulas")
def formulas(visit_id: int) -> str:
    """Formulas by name, pinyin or initials, to be adopted line by line."""
    text = request.args.get("formula", "")[:LONGEST_QUERY]
    found = current_house().knowledge.formulas.search(text, FORMULAS_AT_MOST)
    return render_template(
        "doctor/formulas.html", visit_id=visit_id, found=found, text=text, editable="adopt" in request.args
    )


@desk.post("/visits/<int:visit_id>/prescription/adopt")
def adopt(visit_id: int) -> Response:
    """Put into the form what the doctor adopts; nothing is kept until they save."""
    form = parse(AdoptForm, request.form)
    values = {
        name: [clean(text) for text in request.form.getlist(name)]
        for name in request.form
        if not name.startswith("adopt_")
    }
    if "request_key" not in values:
        # The form was signed meanwhile: there is nothing left to adopt into.
        raise Invalid(N_("处方已经签名，不能再改。"))
    if form.adopt_syndrome:
        values["syndrome"] = [form.adopt_syndrome]
        remark = Remark(gettext(N_("已采用证型：%(name)s。"), name=form.adopt_syndrome), "good")
    else:
        formula, items = _adopted(form)
        added = _append(values, formula, items)
        sentence = N_("已采用《%(name)s》%(count)s 味，请核对剂量。") if added else N_("这些药味已在处方里。")
        remark = Remark(gettext(sentence, name=formula.name, count=added), "good" if added else "info")
    with work() as open_work:
        return prescription_part(
            open_work, visit_id, typed=Typed(values), shown_id=form.prescription_id, remark=remark
        )


def _adopted(form: AdoptForm) -> tuple[Formula, tuple[FormulaItem, ...]]:
    formula = current_house().knowledge.formulas.get(form.adopt_formula)
    if formula is None:
        raise NotFound(N_("没有这首方剂。"))
    if form.adopt_line is None:
        return formula, formula.items
    if not 0 <= form.adopt_line < len(formula.items):
        raise NotFound(N_("这首方剂里没有这味药。"))
    return formula, (formula.items[form.adopt_line],)


def _append(values: dict[str, list[str]], formula: Formula, items: tuple[FormulaItem, ...]) -> int:
    """Add the lines below the last written one; herbs that stand there already are passed over."""
    columns = ("herb", "dose_g", "note", "origin")
    rows = [row for row in zip(*(values.get(column, []) for column in columns), strict=False) if any(row[:3])]
    names = current_house().knowledge.names
    present = {names.resolve(row[0]).name or row[0] for row in rows}
    new = [item for item in items if item.herb not in present]
    rows += [(item.herb, f"{item.grams:g}", item.decoction_note, origin_key(formula)) for item in new]
    for place, column in enumerate(columns):
        values[column] = [row[place] for row in rows]
    return len(new)
