"""The prescription form as it stands on the page: its lines, and what review says of each."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tcm.knowledge import FormulaItem, Herb, Knowledge, Resolution
from tcm.knowledge.decoction_class import ToldClass, tell_class
from tcm.records.clinical import Preparation, Prescription, VisitType
from tcm.review import AgeDose, Finding, verdict
from tcm.services.adopting import AdoptedDose
from tcm.services.prescribing import ItemDraft, PrescriptionDraft
from tcm.services.pricing import QuoteLine
from tcm.services.repeating import Difference
from tcm.services.second_signatures import tick_of
from web.desks.doctor.forms import PrescriptionForm
from web.desks.doctor.origins import dose_field, dose_of, field_of, origin_name, origin_of
from web.desks.doctor.pen import Price
from web.desks.shown import FindingShown, show_findings
from web.door import Typed, plain_number

# Empty lines below the written ones, for a page whose script does not run.
BLANK_LINES = 2
LEAST_LINES = 5
# A finding about more herbs than this stands once below the lines instead of beside each.
BESIDE_AT_MOST = 2


@dataclass(frozen=True)
class Line:
    """One line of the form.

    Args:
        index: Place in the form, from 0.
        herb: As typed.
        dose: As typed.
        note: As typed.
        origin: Hidden field that says which formula it was adopted from, empty where it was typed.
        formula: Name of that formula or modification, while the line still names one of its herbs.
        errors: Sentence by column.
        known: The herb that the text means, or None.
        candidates: Names that may have been meant instead.
        needed_notes: Decoction notes that the herb asks for.
        findings: What review says of this herb, or of it and one other.
        tick: Value of the box for a second signature, empty where none is asked.
        ticked: Whether that box is ticked.
        signed: Whether the doctor signed again above it already, before this page.
        proposed: A dose proposed for the patient's age, or None.
        proposed_field: What the form sends where it is taken over.
        adopted: What was taken over and still stands there, or None.
        adopted_field: What the form sends to say so.
        price: What the line costs and what the centre has of it, or None.
    """

    index: int
    herb: str
    dose: str
    note: str
    origin: str
    formula: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
    known: Herb | None = None
    candidates: tuple[str, ...] = ()
    needed_notes: tuple[str, ...] = ()
    findings: tuple[FindingShown, ...] = ()
    tick: str = ""
    ticked: bool = False
    signed: bool = False
    proposed: AgeDose | None = None
    proposed_field: str = ""
    adopted: AdoptedDose | None = None
    adopted_field: str = ""
    price: QuoteLine | None = None

    @property
    def blank(self) -> bool:
        """Whether nothing stands in it."""
        return not (self.herb or self.dose or self.note)


@dataclass(frozen=True)
class Beside:
    """What is told beside the lines, of no finding.

    Args:
        age_doses: Proposed for the patient's age.
        price: What the lines cost, None where there is nothing to price.
        difference: From the patient's last prescription, None where there is none.
    """

    age_doses: tuple[AgeDose, ...] = ()
    price: Price | None = None
    difference: Difference | None = None


@dataclass(frozen=True)
class Sheet:
    """The whole form.

    Args:
        typed: Values and errors of the other fields.
        lines: In order, blank ones last.
        findings: What review says, gravest first.
        verdict: Its strictest word.
        days: How long the supply lasts, None where that cannot be told yet.
        told: The class of decoction that suits the lines, where it is not the chosen one.
        beside: What is told beside them.
    """

    typed: Typed
    lines: tuple[Line, ...]
    findings: tuple[FindingShown, ...]
    verdict: str
    days: float | None
    told: ToldClass | None
    beside: Beside = Beside()

    @property
    def of_whole(self) -> list[FindingShown]:
        """Findings that name no herb, or too many to stand beside each."""
        return [found for found in self.findings if not found.herbs or len(found.herbs) > BESIDE_AT_MOST]

    @property
    def proposals(self) -> int:
        """For how many lines a dose is proposed."""
        return sum(1 for line in self.lines if line.proposed is not None)

    @property
    def written(self) -> int:
        """How many herbs stand on it."""
        return sum(1 for line in self.lines if not line.blank)


def typed_from(prescription: Prescription) -> Typed:
    """A stored prescription as the form shows it.

    Args:
        prescription: With its items.

    Returns:
        The values.
    """
    items = prescription.items
    return Typed.of(
        prescription_id=prescription.id,
        version=prescription.version,
        request_key=prescription.request_key,
        herb=[item.written_as for item in items],
        dose_g=[f"{item.dose_g:g}" for item in items],
        note=[item.decoction_note for item in items],
        origin=[field_of(item.written_as, item.origin) for item in items],
        disease=prescription.disease,
        syndrome=prescription.syndrome,
        doses_count=prescription.doses_count,
        doses_per_day=prescription.doses_per_day,
        usage=prescription.usage,
        decoction_class=prescription.decoction_class,
        preparation=prescription.preparation.value,
        visit_type=prescription.visit_type.value,
        extended_supply_reason=prescription.extended_supply_reason,
        urgent="1" if prescription.urgent else None,
    )


def draft_from(form: PrescriptionForm, knowledge: Knowledge) -> PrescriptionDraft:
    """A form that was read, as the service keeps it.

    Args:
        form: From the door.
        knowledge: Tells whether a line still is of the formula it was adopted from.

    Returns:
        The draft.
    """
    fields = form.model_dump(
        exclude={"action", "prescription_id", "version", "request_key", "items", "second_sign", "age_dose"}
    )
    items = tuple(
        ItemDraft(row.herb, row.dose_g, row.note, origin_of(row.herb, row.origin, knowledge))
        for row in form.items
    )
    adopted = tuple(
        dose
        for row in form.items
        for field in form.age_dose
        if (dose := dose_of(field, row.herb, row.dose_g))
    )
    return PrescriptionDraft(**fields, items=items, adopted_doses=adopted)


def loose_draft(typed: Typed, knowledge: Knowledge, *, typing: bool = True) -> PrescriptionDraft:
    """A form half typed, as far as it can be read; a dose that is no number yet is 0.

    Args:
        typed: The values.
        knowledge: Resolves origins.
        typing: True passes over names that are still being spelled; left standing they are unknown herbs.

    Returns:
        A draft for the preview, never for storing.
    """
    herbs = typed.all("herb")
    items = tuple(
        ItemDraft(
            herb,
            _number(typed.value("dose_g", row)) or 0.0,
            typed.value("note", row),
            origin_of(herb, typed.value("origin", row), knowledge),
        )
        for row, herb in enumerate(herbs)
        if herb and not (typing and _is_spelled(herb))
    )
    return PrescriptionDraft(
        disease=typed.value("disease"),
        syndrome=typed.value("syndrome"),
        doses_count=int(_number(typed.value("doses_count")) or 0),
        doses_per_day=int(_number(typed.value("doses_per_day")) or 0),
        usage=typed.value("usage"),
        decoction_class=typed.value("decoction_class"),
        preparation=_preparation(typed.value("preparation")),
        visit_type=_visit_type(typed.value("visit_type")),
        extended_supply_reason=typed.value("extended_supply_reason"),
        urgent=bool(typed.value("urgent")),
        items=items,
    )


def make_sheet(
    typed: Typed,
    findings: tuple[Finding, ...],
    knowledge: Knowledge,
    signed: frozenset[tuple[str, float]],
    *,
    as_posted: bool = False,
    beside: Beside = Beside(),
) -> Sheet:
    """Put together what the form shows.

    Args:
        typed: Values and errors.
        findings: Of these values.
        knowledge: For hints beside the herbs.
        signed: Herbs and grams whose stored second signature stands for all that is found of them.
        as_posted: True for exactly the lines that the page has, blank ones among them.
        beside: What is told beside the lines.

    Returns:
        The sheet.
    """
    # A dose that is not typed yet is no wrong dose, and one that is no number has its own sentence.
    unwritten = {
        herb
        for row, herb in enumerate(typed.all("herb"))
        if not typed.value("dose_g", row) or typed.error("dose_g", row)
    }
    kept = tuple(
        f for f in findings if not (f.kind == "invalid_dose" and f.herbs and set(f.herbs) <= unwritten)
    )
    shown = show_findings(kept)
    rows = max((len(typed.all(column)) for column in ("herb", "dose_g", "note")), default=0)
    lines = [_line(row, typed, (kept, shown), knowledge, signed, beside) for row in range(rows)]
    if not as_posted:
        while lines and lines[-1].blank and not lines[-1].errors:
            lines.pop()
        wanted = max(LEAST_LINES, len(lines) + BLANK_LINES)
        lines += [Line(row, "", "", "", "") for row in range(len(lines), wanted)]
    count, per_day = _number(typed.value("doses_count")), _number(typed.value("doses_per_day"))
    days = count / per_day if count and per_day else None
    return Sheet(typed, tuple(lines), tuple(shown), verdict(kept), days, _told(typed, knowledge), beside)


def _told(typed: Typed, knowledge: Knowledge) -> ToldClass | None:
    """The class that suits the lines where another is chosen; a line without a dose weighs nothing."""
    if _preparation(typed.value("preparation")) is Preparation.GRANULES:
        return None
    lines = [
        FormulaItem(herb, _number(typed.value("dose_g", row)) or 0.0, typed.value("note", row), "", "", "")
        for row, herb in enumerate(typed.all("herb"))
        if herb
    ]
    told = tell_class(lines, knowledge, syndrome=typed.value("syndrome"))
    return told if told and told.decoction_class != typed.value("decoction_class") else None


def _line(
    row: int,
    typed: Typed,
    findings: tuple[tuple[Finding, ...], list[FindingShown]],
    knowledge: Knowledge,
    signed: frozenset[tuple[str, float]],
    beside: Beside,
) -> Line:
    herb, dose, note = (typed.value(column, row) for column in ("herb", "dose_g", "note"))
    resolution = knowledge.names.resolve(herb) if herb else None
    known = knowledge.herbs[resolution.name] if resolution and resolution.name else None
    found_here, shown = findings
    own = tuple(found for found in shown if herb and herb in found.herbs)
    dose_g = _number(dose)
    tick = "" if dose_g is None else tick_of(herb, dose_g, found_here)
    proposed = next((one for one in beside.age_doses if (one.written, one.grams) == (herb, dose_g)), None)
    taken = ((dose_of(value, herb, dose_g), value) for value in typed.all("age_dose"))
    adopted, adopted_field = next(((one, value) for one, value in taken if one), (None, ""))
    return Line(
        index=row,
        herb=herb,
        dose=dose,
        note=note,
        origin=typed.value("origin", row),
        formula=origin_name(herb, typed.value("origin", row), knowledge),
        errors={
            column: typed.error(column, row)
            for column in ("herb", "dose_g", "note")
            if typed.error(column, row)
        },
        known=known,
        candidates=resolution.candidates if resolution and known is None else (),
        needed_notes=_needed_notes(known, note, _form_of(resolution, known), knowledge),
        findings=tuple(found for found in own if len(found.herbs) <= BESIDE_AT_MOST),
        tick=tick,
        ticked=bool(tick) and tick in typed.all("second_sign"),
        signed=bool(tick) and (herb, dose_g) in signed,
        proposed=proposed,
        proposed_field=dose_field(proposed) if proposed else "",
        adopted=adopted,
        adopted_field=adopted_field,
        price=beside.price.lines.get((herb, dose_g or 0.0)) if beside.price else None,
    )


def _form_of(resolution: Resolution | None, herb: Herb | None) -> str:
    """How the herb was processed, as its spelling or its name says."""
    return (resolution.form if resolution else "") or (herb.form if herb else "")


def _needed_notes(herb: Herb | None, note: str, form: str, knowledge: Knowledge) -> tuple[str, ...]:
    if herb is None:
        return ()
    written = knowledge.handlings(note)
    needed = [fact for fact in knowledge.handling.get(herb.monograph, ()) if fact.applies_to(form)]
    return tuple(dict.fromkeys(fact.handling for fact in needed if not written & set(fact.accepted)))


def _is_spelled(herb: str) -> bool:
    """Whether it is pinyin on its way to a name, all of it or the part that an input method still holds."""
    return any(character.isascii() and character.isalpha() for character in herb)


def _visit_type(text: str) -> VisitType:
    return VisitType(text) if text in set(VisitType) else VisitType.OUTPATIENT


def _preparation(text: str) -> Preparation:
    return Preparation(text) if text in set(Preparation) else Preparation.DECOCTED


def _number(text: str) -> float | None:
    try:
        value = float(plain_number(text))
    except ValueError:
        return None
    # Neither nan nor infinity is a dose.
    return value if abs(value) < 1e6 else None
