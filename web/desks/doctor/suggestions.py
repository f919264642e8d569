"""Patterns and formulas offered with their reasons; a line is prescribed only when the doctor adopts it."""

from dataclasses import dataclass

from flask import render_template, request
from flask_babel import gettext
from pydantic import Field
from werkzeug.wrappers import Response

from tcm.records.errors import N_, Invalid, NotFound
from tcm.services.charting import open_chart
from tcm.services.keeping import keep_draft
from tcm.services.prescribing import EDITABLE
from tcm.store.work import Work
from web.auth import current_actor
from web.desks.doctor.blueprint import desk
from web.desks.doctor.consulted import consulted_offer
from web.desks.doctor.drafts import NOT_KEPT, WhichForm, draft_values
from web.desks.doctor.offers import Offer, OfferedLine, Offers, offers_for
from web.desks.doctor.origins import field_of
from web.desks.doctor.page import CLASS_OF_NEW, Remark, prescription_part, thoughts_on
from web.door import RowId, Typed, parse, typed_in
from web.house import current_house, work

FORMULAS_AT_MOST = 6
LONGEST_QUERY = 40
SIGNED = N_("处方已经签名，不能再改。")
COLUMNS = ("herb", "dose_g", "note", "origin")
Values = dict[str, list[str]]


class AdoptForm(WhichForm):
    """What the doctor adopts: a syndrome; or of a formula one line, one modification, or all its lines."""

    adopt_syndrome: str = Field("", max_length=80)
    # A classic by its name, or an agreed formula by its row.
    adopt_formula: str = Field("", max_length=80)
    adopt_agreed: RowId | None = None
    # What an expert answered, by the consultation's row.
    adopt_consultation: RowId | None = None
    # Place of the line, or of the modification, in the formula; neither for all lines.
    adopt_line: int | None = None
    adopt_change: int | None = None


@dataclass(frozen=True)
class Appended:
    """What adopting did to the lines.

    Args:
        added: Herbs that came.
        removed: Herbs that left.
    """

    added: tuple[str, ...]
    removed: tuple[str, ...] = ()


@desk.get("/visits/<int:visit_id>/suggestions")
def suggestions(visit_id: int) -> str:
    """The patterns that the notes and the picture speak for."""
    with work() as open_work:
        chart = open_chart(open_work, current_actor(), visit_id)
        return render_template(
            "doctor/suggestions.html",
            visit_id=visit_id,
            thoughts=thoughts_on(chart),
            offers=offers_for(open_work),
            editable="adopt" in request.args,
        )


@desk.get("/visits/<int:visit_id>/formulas")
def formulas(visit_id: int) -> str:
    """Formulas by name, pinyin or initials, to be adopted line by line."""
    text = request.args.get("formula", "")[:LONGEST_QUERY]
    with work() as open_work:
        found = offers_for(open_work).search(text, FORMULAS_AT_MOST)
    return render_template(
        "doctor/formulas.html", visit_id=visit_id, found=found, text=text, editable="adopt" in request.args
    )


@desk.post("/visits/<int:visit_id>/prescription/adopt")
def adopt(visit_id: int) -> Response:
    """Put into the form what the doctor adopts; the draft is kept, the prescription waits for their hand."""
    if "request_key" not in request.form:
        # The form was signed meanwhile: there is nothing left to adopt into.
        raise Invalid(SIGNED)
    form = parse(AdoptForm, request.form)
    values = {name: texts for name, texts in typed_in(request.form).items() if not name.startswith("adopt_")}
    with work() as open_work:
        consulted = form.adopt_consultation
        answered = None if consulted is None else consulted_offer(open_work, visit_id, consulted)
        remark = _adopt(values, form, offers_for(open_work), answered)
        kept = keep_draft(
            open_work,
            current_actor(),
            visit_id,
            form.request_key,
            form.known_version,
            draft_values(values),
        )
        if not kept:
            _demand_unsigned(open_work, form.request_key)
            remark = Remark(remark.sentence + gettext(NOT_KEPT), "warn")
        part = prescription_part(
            open_work, visit_id, typed=Typed(values), shown_id=form.prescription_id, remark=remark
        )
        open_work.commit()
        return part


def _demand_unsigned(open_work: Work, request_key: str) -> None:
    stored = open_work.prescriptions.of_request(request_key)
    if stored is not None and stored.state not in EDITABLE:
        raise Invalid(SIGNED)


def _adopt(values: Values, form: AdoptForm, offers: Offers, answered: Offer | None) -> Remark:
    """Change the form's values; answers what was done."""
    if form.adopt_syndrome:
        values["syndrome"] = [form.adopt_syndrome]
        return Remark(gettext(N_("已采用证型：%(name)s。"), name=form.adopt_syndrome), "good")
    if answered is not None:
        offer = answered
    elif form.adopt_agreed is not None:
        offer = offers.agreed_by_id(form.adopt_agreed)
    else:
        offer = offers.classic(form.adopt_formula)
    if form.adopt_change is not None:
        return _adopt_change(values, offer, form.adopt_change)
    if form.adopt_line is not None:
        if not 0 <= form.adopt_line < len(offer.lines):
            raise NotFound(N_("这首方剂里没有这味药。"))
        return _said(offer, _append(values, (offer.lines[form.adopt_line],)), taken=False)
    return _said(offer, _append(values, offer.lines), taken=_take_over(values, offer))


def _adopt_change(values: Values, offer: Offer, place: int) -> Remark:
    if not 0 <= place < len(offer.changes):
        raise NotFound(N_("这首方剂没有这条加减。"))
    change = offer.changes[place]
    done = _append(values, change.add, change.remove)
    if not done.added and not done.removed:
        return Remark(gettext(N_("这条加减已在处方里。")), "info")
    parts = [gettext(N_("《%(name)s》加减（%(when)s）："), name=offer.name, when=change.when)]
    if done.added:
        parts.append(gettext(N_("加 %(herbs)s。"), herbs="、".join(done.added)))
    if done.removed:
        parts.append(gettext(N_("去 %(herbs)s。"), herbs="、".join(done.removed)))
    parts.append(gettext(N_("请核对剂量。")))
    return Remark("".join(parts), "good")


def _said(offer: Offer, done: Appended, *, taken: bool) -> Remark:
    if not done.added:
        return Remark(gettext(N_("这些药味已在处方里。")), "info")
    sentence = N_("已采用《%(name)s》%(count)s 味，请核对剂量。")
    parts = [gettext(sentence, name=offer.name, count=len(done.added))]
    if taken:
        parts.append(gettext(N_("煎法、用法按本方填入。")))
    return Remark("".join(parts), "good")


def _append(values: Values, lines: tuple[OfferedLine, ...], remove: tuple[str, ...] = ()) -> Appended:
    """Add lines below the last written one and take herbs out; a herb that stands there is passed over."""
    rows = [row for row in zip(*(values.get(name, []) for name in COLUMNS), strict=False) if any(row[:3])]
    names = current_house().knowledge.names
    kept = [row for row in rows if (names.resolve(row[0]).name or row[0]) not in remove]
    standing = {names.resolve(row[0]).name or row[0] for row in kept}
    new = [line for line in lines if (names.resolve(line.herb).name or line.herb) not in standing]
    added = [
        (line.herb, f"{line.grams:g}", line.decoction_note, field_of(line.herb, line.origin)) for line in new
    ]
    for place, column in enumerate(COLUMNS):
        values[column] = [row[place] for row in (*kept, *added)]
    return Appended(
        added=tuple(line.herb for line in new),
        removed=tuple(row[0] for row in rows if row not in kept),
    )


def _take_over(values: Values, offer: Offer) -> bool:
    """Class and usage of the formula, each only where the doctor has not chosen another."""
    taken = False
    if offer.usage and not any(values.get("usage", [])):
        values["usage"], taken = [offer.usage], True
    untouched = values.get("decoction_class", [CLASS_OF_NEW]) == [CLASS_OF_NEW]
    if untouched and offer.decoction_class != CLASS_OF_NEW:
        values["decoction_class"], taken = [offer.decoction_class], True
    return taken
