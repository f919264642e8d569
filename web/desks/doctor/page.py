"""The visit page put together: chart, chips, pictures, prescription."""

from collections.abc import Mapping
from dataclasses import dataclass
from secrets import token_urlsafe

from flask import make_response, render_template
from flask_babel import gettext
from werkzeug.wrappers import Response

from tcm.diagnosis import Evidence, NextQuestion, PatternSuggestion, RaisedFlag, raised, suggest, tell_apart
from tcm.records.charts import FormDraft
from tcm.records.clinical import (
    PREPARATION_TERMS,
    Encounter,
    PhotographKind,
    Preparation,
    Prescription,
    ReviewRecord,
    VisitType,
)
from tcm.records.clock import county_day
from tcm.records.errors import N_
from tcm.records.lifecycle import REASONS, State, next_states
from tcm.records.people import Patient
from tcm.records.systems import DECLINE_REASONS
from tcm.services.charting import Chart, open_chart
from tcm.services.keeping import drafts_of, notes_left
from tcm.services.prescribing import EDITABLE
from tcm.services.unlocking import herbs_shown
from tcm.store.work import Work
from web.auth import current_actor
from web.desks.doctor.checked import last_of, sheet_of
from web.desks.doctor.chips import note_chips, read_phrases
from web.desks.doctor.drafts import notes_found
from web.desks.doctor.forms import PULSE_PLACES
from web.desks.doctor.offers import offers_for
from web.desks.doctor.paper import paper_values
from web.desks.doctor.pen import supply_limits
from web.desks.doctor.pictures import new_card
from web.desks.doctor.scheme import scheme_options
from web.desks.doctor.sent import sent_beside
from web.desks.doctor.sheet import typed_from
from web.desks.doctor.together import together_values
from web.desks.on_paper import signed_values
from web.desks.shown import LAB_TERMS, age_text
from web.door import Typed
from web.errors import wants_fragment
from web.house import current_house

VISIT_TYPES = {
    VisitType.OUTPATIENT: N_("门诊"),
    VisitType.EMERGENCY: N_("急诊"),
    VisitType.INPATIENT: N_("住院"),
}
# The stored values are the Chinese terms themselves.
DECOCTION_CLASSES = {"解表": N_("解表"), "一般": N_("一般"), "滋补": N_("滋补")}
CLASS_OF_NEW, DOSES_OF_NEW = "一般", 7


@dataclass(frozen=True)
class Remark:
    """One sentence above the prescription.

    Args:
        sentence: Translated.
        tone: Of `parts.html`'s notice.
    """

    sentence: str
    tone: str = "bad"


@dataclass(frozen=True)
class Thoughts:
    """What the chart makes the software think of; the doctor judges.

    Args:
        suggestions: Patterns, best first.
        questions: What would tell the first of them apart.
        flags: What asks for referral.
    """

    suggestions: tuple[PatternSuggestion, ...]
    questions: tuple[NextQuestion, ...]
    flags: tuple[RaisedFlag, ...]


def visit_page(
    open_work: Work,
    visit_id: int,
    *,
    notes: Typed | None = None,
    typed: Typed | None = None,
    shown_id: int | None = None,
    begin_new: bool = False,
    remark: Remark | None = None,
    photo_refusals: Mapping[PhotographKind, str] | None = None,
    status: int = 200,
) -> Response:
    """The page of a visit, or for htmx the part of it that was asked for by the caller's template.

    Args:
        open_work: The work.
        visit_id: Which visit.
        notes: What was typed in the notes, where it could not be kept.
        typed: What was typed in the prescription, where it is to be shown again.
        shown_id: The prescription to show; the newest where none is named.
        begin_new: True for an empty form beside prescriptions that are signed already.
        remark: A sentence above the prescription.
        photo_refusals: Why the file just sent was no picture, by what it was said to show.
        status: HTTP status.

    Returns:
        The page.

    Raises:
        NotFound: When there is no such visit or prescription.
        Forbidden: When the visit belongs to another house.
    """
    chart = open_chart(open_work, current_actor(), visit_id)
    values = visit_values(open_work, chart, notes, photo_refusals or {}) | prescription_values(
        open_work, chart, typed=typed, shown_id=shown_id, begin_new=begin_new, remark=remark
    )
    values |= together_values(open_work, chart)
    return make_response(render_template("doctor/visit.html", **values), status)


def prescription_part(
    open_work: Work,
    visit_id: int,
    *,
    typed: Typed | None = None,
    shown_id: int | None = None,
    remark: Remark | None = None,
    status: int = 200,
) -> Response:
    """The prescription of a visit: the part for htmx, else the whole page.

    Args:
        open_work: The work.
        visit_id: Which visit.
        typed: What was typed, where it is to be shown again.
        shown_id: The prescription to show.
        remark: A sentence above it.
        status: HTTP status.

    Returns:
        The response.
    """
    if not wants_fragment():
        return visit_page(open_work, visit_id, typed=typed, shown_id=shown_id, remark=remark, status=status)
    chart = open_chart(open_work, current_actor(), visit_id)
    values = prescription_values(open_work, chart, typed=typed, shown_id=shown_id, remark=remark)
    return make_response(render_template("doctor/prescription.html", chart=chart, **values), status)


def visit_values(
    open_work: Work, chart: Chart, notes: Typed | None, photo_refusals: Mapping[PhotographKind, str]
) -> dict[str, object]:
    """What the page shows of the visit itself.

    Args:
        open_work: The work.
        chart: The visit.
        notes: What was typed, where it could not be kept.
        photo_refusals: Why the file just sent was no picture, by what it was said to show.

    Returns:
        Values for the template.
    """
    today = county_day(open_work.now)
    chips = note_chips(current_house().knowledge)
    encounter = chart.encounter
    left = notes_left(open_work, current_actor(), encounter.id or 0)
    shown_notes = notes or (notes_found(left, encounter) if left else typed_notes(encounter, chart.patient))
    return {
        "chart": chart,
        "visit_id": encounter.id,
        "patient": chart.patient,
        "age": age_text(chart.patient.born_on, today),
        "village": open_work.institutions.get(chart.patient.village_id),
        "schemes": scheme_options(open_work, chart.patient.scheme),
        "doctor": open_work.staff.get(encounter.doctor_id),
        "notes": shown_notes,
        "notes_left": left,
        "notes_key": token_urlsafe(24),
        "lab_terms": LAB_TERMS,
        "labs_open": bool(chart.last_labs) or any(shown_notes.value(test) for test in LAB_TERMS),
        "chips": chips,
        "phrases": read_phrases(),
        "thoughts": thoughts_on(chart),
        "corrections": chart.corrections,
        "pulse_places": PULSE_PLACES,
        "pulses": current_house().knowledge.pulses.pulses,
        "offers": offers_for(open_work, frozenset(encounter.inquiry)),
        "sent": sent_beside(open_work, encounter.id or 0, chart.patient),
        "decline_reasons": DECLINE_REASONS,
        "cards": [
            new_card(chart, kind, photo_refusals.get(kind, ""), open_work.now) for kind in PhotographKind
        ],
    }


def is_mine(encounter: Encounter) -> bool:
    """Whether the visit is that of the doctor who looks: colleagues of the house read it and change nothing.

    Args:
        encounter: The visit.

    Returns:
        True for its own doctor.
    """
    return encounter.doctor_id == current_actor().staff_id


def thoughts_on(chart: Chart) -> Thoughts:
    """Patterns that the chart speaks for, what would tell them apart, and red flags.

    Args:
        chart: The visit; signs the reader does not stand by are left out.

    Returns:
        The thoughts.
    """
    tongue, face = (chart.newest_read(kind) for kind in (PhotographKind.TONGUE, PhotographKind.FACE))
    signs = [sign for sign in tongue.readings if not sign.abstained] if tongue else []
    corrected = chart.corrections.get(tongue.id or 0, {}) if tongue else {}
    # A complexion counts as if the doctor had ticked it, under the same term.
    complexion = [sign.term for sign in face.readings if not sign.abstained] if face else []
    evidence = Evidence(
        # The doctor's own eye counts in full.
        tongue={sign.name: sign.label for sign in signs} | corrected,
        confidence={sign.name: sign.probability for sign in signs if sign.name not in corrected},
        inquiry=frozenset((*chart.encounter.inquiry, *complexion)),
        pulse=frozenset((*chart.encounter.pulse, *_felt_somewhere(chart.encounter))),
    )
    knowledge, encounter = current_house().knowledge, chart.encounter
    suggestions = suggest(evidence, knowledge)
    return Thoughts(
        suggestions,
        tell_apart(suggestions, evidence, knowledge),
        raised((encounter.complaint, encounter.history), encounter.inquiry, knowledge.red_flags),
    )


def _felt_somewhere(encounter: Encounter) -> list[str]:
    """The pulses of the six places under the names that patterns know them by: 弦脉 is 脉弦."""
    felt = dict.fromkeys(pulse for pulses in encounter.pulse_places.values() for pulse in pulses)
    return [f"脉{name.removesuffix('脉')}" for name in felt]


def typed_notes(encounter: Encounter, patient: Patient) -> Typed:
    """A visit's notes as their form shows them.

    Args:
        encounter: The visit.
        patient: Who came.

    Returns:
        The values.
    """
    chips = note_chips(current_house().knowledge)
    values: dict[str, object] = {"complaint": encounter.complaint, "history": encounter.history}
    for name, known in chips.items():
        phrases = getattr(encounter, name)
        values[name] = [phrase for phrase in phrases if phrase in known.all]
        values[f"other_{name}"] = "、".join(known.others(phrases))
    values |= {name: "、".join(encounter.pulse_places.get(place, [])) for name, place in PULSE_PLACES.items()}
    values["pregnant"] = "1" if encounter.pregnant else None
    values["lactating"] = "1" if encounter.lactating else None
    values["notes_version"] = encounter.notes_version
    values["allergies"] = values["allergies_seen"] = "、".join(patient.allergies)
    # Every digit: what the page shows it sends back with the next change.
    values |= {test: f"{value:.12g}" for test, value in encounter.labs.items()}
    return Typed.of(**values)


def prescription_values(
    open_work: Work,
    chart: Chart,
    *,
    typed: Typed | None = None,
    shown_id: int | None = None,
    begin_new: bool = False,
    remark: Remark | None = None,
) -> dict[str, object]:
    """What the page shows of the prescription.

    Args:
        open_work: The work.
        chart: The visit.
        typed: What was typed, where it is to be shown again.
        shown_id: The prescription to show; the newest where none is named.
        begin_new: True for an empty form.
        remark: A sentence above it.

    Returns:
        Values for the template.
    """
    actor = current_actor()
    visit_id = chart.encounter.id or 0
    mine = is_mine(chart.encounter)
    shown = None if begin_new else _chosen(chart, shown_id)
    editable = mine and (typed is not None or shown is None or shown.state in EDITABLE)
    draft = _draft_for(open_work, chart, shown) if editable and typed is None else None
    typed = Typed(draft.values) if draft is not None else typed
    decisions = chart.returns.get(shown.key(), []) if shown else []
    sheet = sheet_of(open_work, visit_id, typed or _typed_of(shown), shown) if editable else None
    calls = chart.calls.get(shown.key(), []) if shown else []
    return {
        **(paper_values(open_work, shown) if editable else signed_values(open_work, shown)),
        "visit_id": visit_id,
        "shown": shown,
        "patient_sees_herbs": shown is None or herbs_shown(open_work.ledger.events(shown.key())),
        "mine": mine,
        "editable": editable,
        "sheet": sheet,
        "others": [one for one in chart.prescriptions if one is not shown],
        "decisions": decisions,
        "calls": calls,
        "deciders": open_work.staff.by_ids(record.pharmacist_id for record in (*decisions, *calls)),
        "returned": _standing_return(shown, decisions),
        "return_reasons": REASONS[State.RETURNED],
        "cancel_reasons": REASONS[State.CANCELLED],
        "may_cancel": mine and shown is not None and State.CANCELLED in next_states(shown.state, actor.role),
        "cancel_key": token_urlsafe(24),
        "remark": remark,
        "draft": draft,
        "visit_types": VISIT_TYPES,
        "visit_type_options": [(kind.value, gettext(term)) for kind, term in VISIT_TYPES.items()],
        "preparation_options": [(kind.value, gettext(term)) for kind, term in PREPARATION_TERMS.items()],
        "class_options": [(name, gettext(term)) for name, term in DECOCTION_CLASSES.items()],
        "usages": read_phrases()["usage"],
        "supply": supply_limits(open_work, chart.encounter) if editable else None,
        "last": last_of(open_work, chart.encounter, sheet) if sheet else None,
        "own_key": token_urlsafe(24),
    }


def _draft_for(open_work: Work, chart: Chart, shown: Prescription | None) -> FormDraft | None:
    """What was typed and never saved into the form of this prescription as it stands, or of a new one."""
    drafts = drafts_of(open_work, current_actor(), chart.encounter.id or 0)
    begun = {one.request_key for one in chart.prescriptions}
    if shown is None:
        return next((one for one in drafts if one.form_key not in begun), None)
    own = next((one for one in drafts if one.form_key == shown.request_key), None)
    return own if own and Typed(own.values).value("version") == str(shown.version) else None


def _chosen(chart: Chart, shown_id: int | None) -> Prescription | None:
    if shown_id is None:
        return chart.prescriptions[0] if chart.prescriptions else None
    return next((one for one in chart.prescriptions if one.id == shown_id), None)


def _typed_of(shown: Prescription | None) -> Typed:
    if shown is not None:
        return typed_from(shown)
    return Typed.of(
        request_key=token_urlsafe(24),
        version=1,
        doses_count=DOSES_OF_NEW,
        doses_per_day=1,
        decoction_class=CLASS_OF_NEW,
        preparation=Preparation.DECOCTED.value,
        visit_type=VisitType.OUTPATIENT.value,
    )


def _standing_return(shown: Prescription | None, decisions: list[ReviewRecord]) -> ReviewRecord | None:
    return decisions[0] if shown and shown.state is State.RETURNED and decisions else None
