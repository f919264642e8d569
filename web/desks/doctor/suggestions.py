"""Patterns and formulas offered with their reasons; a line is prescribed only when the doctor adopts it."""

from dataclasses import dataclass
from secrets import token_urlsafe

from flask import render_template, request
from flask_babel import gettext
from pydantic import Field
from werkzeug.wrappers import Response

from tcm.records.clinical import PREPARATION_TERMS, Preparation
from tcm.records.errors import N_, NotFound
from tcm.services.charting import open_chart
from tcm.services.recalling import name_and_form
from tcm.store.work import Work
from web.auth import current_actor
from web.desks.doctor.again import offer_again
from web.desks.doctor.blueprint import desk
from web.desks.doctor.consulted import consulted_offer
from web.desks.doctor.drafts import WhichForm
from web.desks.doctor.offers import Offer, OfferedLine, offers_for, said_at
from web.desks.doctor.origins import field_of
from web.desks.doctor.page import CLASS_OF_NEW, DOSES_OF_NEW, Remark, thoughts_on
from web.desks.doctor.rewriting import Row, Values, demand_form, rewrite, write_rows, written_rows
from web.door import RowId, parse
from web.house import current_house, work

FORMULAS_AT_MOST = 6
LONGEST_QUERY = 40
PREPARATION_OF_NEW = Preparation.DECOCTED.value


class AdoptForm(WhichForm):
    """What the doctor adopts: a syndrome; or of a formula one line, one modification, or all its lines."""

    adopt_syndrome: str = Field("", max_length=80)
    # A classic by its name; an agreed formula, one's own, or the last prescription by its row.
    adopt_formula: str = Field("", max_length=80)
    adopt_agreed: RowId | None = None
    # What an expert answered, by the consultation's row.
    adopt_consultation: RowId | None = None
    adopt_own: RowId | None = None
    adopt_last: RowId | None = None
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
            offers=offers_for(open_work, frozenset(chart.encounter.inquiry)),
            editable="adopt" in request.args,
            own_key=token_urlsafe(24),
        )


@desk.get("/visits/<int:visit_id>/formulas")
def formulas(visit_id: int) -> str:
    """Formulas by name, pinyin or initials, to be adopted line by line; one's own where nothing is typed."""
    text = request.args.get("formula", "")[:LONGEST_QUERY].strip()
    with work() as open_work:
        found = offers_for(open_work, said_at(open_work, visit_id)).search(text, FORMULAS_AT_MOST)
    return render_template(
        "doctor/formulas.html",
        visit_id=visit_id,
        found=found,
        text=text,
        editable="adopt" in request.args,
        own_key=token_urlsafe(24),
    )


@desk.post("/visits/<int:visit_id>/prescription/adopt")
def adopt(visit_id: int) -> Response:
    """Put into the form what the doctor adopts; the draft is kept, the prescription waits for their hand."""
    demand_form()
    form = parse(AdoptForm, request.form)
    return rewrite(
        visit_id, form, lambda open_work, values: _adopt(values, form, offer_of(open_work, visit_id, form))
    )


def offer_of(open_work: Work, visit_id: int, form: AdoptForm) -> Offer | None:
    """The formula that a button names.

    Args:
        open_work: The work.
        visit_id: At which visit.
        form: What the button sent.

    Returns:
        The formula, None where it names a syndrome.

    Raises:
        NotFound: When it is not offered to this doctor at this visit.
    """
    if form.adopt_syndrome:
        return None
    if form.adopt_last is not None:
        return offer_again(open_work, visit_id, form.adopt_last)
    if form.adopt_consultation is not None:
        return consulted_offer(open_work, visit_id, form.adopt_consultation)
    offers = offers_for(open_work)
    if form.adopt_own is not None:
        return offers.own_by_id(form.adopt_own)
    if form.adopt_agreed is not None:
        return offers.agreed_by_id(form.adopt_agreed)
    return offers.classic(form.adopt_formula)


def _adopt(values: Values, form: AdoptForm, offer: Offer | None) -> Remark:
    """Change the form's values; answers what was done."""
    if offer is None:
        values["syndrome"] = [form.adopt_syndrome]
        return Remark(gettext(N_("已采用证型：%(name)s。"), name=form.adopt_syndrome), "good")
    if form.adopt_change is not None:
        return _adopt_change(values, offer, form.adopt_change)
    if form.adopt_line is not None:
        if not 0 <= form.adopt_line < len(offer.lines):
            raise NotFound(N_("这首方剂里没有这味药。"))
        line = offer.lines[form.adopt_line]
        if form.adopt_last is not None and _write_over(values, line):
            return Remark(gettext(N_("%(herb)s 已改回上方的剂量和脚注，请核对。"), herb=line.herb), "good")
        return _said(offer, _append(values, (line,)))
    done = _append(values, offer.lines)
    # Nothing else is set where no line came: the doctor keeps what stands there.
    return _said(offer, done, _take_over(values, offer) if done.added else ())


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


def _said(offer: Offer, done: Appended, taken: tuple[str, ...] = ()) -> Remark:
    if not done.added:
        return Remark(gettext(N_("这些药味已在处方里。")), "info")
    sentence = N_("已采用《%(name)s》%(count)s 味，请核对剂量。")
    parts = [gettext(sentence, name=offer.name, count=len(done.added))]
    if taken:
        parts.append(gettext(N_("并按本方填入：%(fields)s。"), fields="，".join(taken)))
    return Remark("".join(parts), "good")


def _append(values: Values, lines: tuple[OfferedLine, ...], remove: tuple[str, ...] = ()) -> Appended:
    """Add lines below the last written one and take herbs out; a herb that stands there is passed over."""
    rows = written_rows(values)
    kept = [row for row in rows if _standard(row[0]) not in remove]
    standing = {_standard(row[0]) for row in kept}
    new = [line for line in lines if _standard(line.herb) not in standing]
    write_rows(values, [*kept, *map(_row, new)])
    return Appended(
        added=tuple(line.herb for line in new),
        removed=tuple(row[0] for row in rows if row not in kept),
    )


def _write_over(values: Values, line: OfferedLine) -> bool:
    """Write a line over the one that names its herb otherwise; False where none does."""
    rows = written_rows(values)
    places = [place for place, row in enumerate(rows) if _standard(row[0]) == _standard(line.herb)]
    if len(places) != 1:
        return False
    standing = rows[places[0]]
    same_form = _name_and_form(standing[0]) == _name_and_form(line.herb)
    if same_form and standing[1:3] == _row(line)[1:3]:
        return False
    rows[places[0]] = _row(line)
    write_rows(values, rows)
    return True


def _row(line: OfferedLine) -> Row:
    return line.herb, f"{line.grams:g}", line.decoction_note, field_of(line.herb, line.origin)


def _standard(herb: str) -> str:
    return current_house().knowledge.names.resolve(herb).name or herb


def _name_and_form(herb: str) -> tuple[str, str]:
    return name_and_form(current_house().knowledge, herb)


def _take_over(values: Values, offer: Offer) -> tuple[str, ...]:
    """Set class, usage, doses and preparation, each only where the doctor chose no other; tell which."""
    taken = []
    if offer.usage and not any(values.get("usage", [])):
        values["usage"] = [offer.usage]
        taken.append(gettext(N_("用法")))
    untouched = values.get("decoction_class", [CLASS_OF_NEW]) == [CLASS_OF_NEW]
    if untouched and offer.decoction_class != CLASS_OF_NEW:
        values["decoction_class"] = [offer.decoction_class]
        taken.append(gettext(N_("煎法“%(kind)s”"), kind=gettext(offer.decoction_class)))
    untouched = values.get("doses_count", [""]) in ([""], [str(DOSES_OF_NEW)])
    if offer.doses_count and untouched and values.get("doses_count") != [str(offer.doses_count)]:
        values["doses_count"] = [str(offer.doses_count)]
        taken.append(gettext(N_("%(count)s 剂"), count=offer.doses_count))
    untouched = values.get("preparation", [PREPARATION_OF_NEW]) == [PREPARATION_OF_NEW]
    if offer.preparation and untouched and offer.preparation != PREPARATION_OF_NEW:
        values["preparation"] = [offer.preparation]
        taken.append(gettext(PREPARATION_TERMS[Preparation(offer.preparation)]))
    return tuple(taken)
