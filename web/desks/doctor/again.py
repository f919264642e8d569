"""The last prescription beside the form: held against what stands there, checked by today's facts."""

from collections.abc import Mapping
from dataclasses import dataclass

from tcm.records.clinical import Encounter, Prescription
from tcm.records.clock import county_day
from tcm.records.errors import N_, NotFound
from tcm.services.prescribing import ItemDraft, PrescriptionDraft, preview
from tcm.services.recalling import name_and_form
from tcm.services.repeating import Difference, difference, last_prescription, lines_again
from tcm.store.work import Work
from web.auth import current_actor
from web.desks.doctor.offers import Offer, OfferedLine
from web.desks.doctor.sheet import BESIDE_AT_MOST
from web.desks.shown import FindingShown, show_findings
from web.house import current_house


@dataclass(frozen=True)
class LineAgain:
    """One line of the last prescription.

    Args:
        herb: As written then.
        dose_g: Grams then.
        note: Decoction note then.
        standing: `absent`, `same` or `other`, as the form has it now.
        now_g: Grams in the form where they differ, else None.
        findings: What review says of it today, or of it and one other.
    """

    herb: str
    dose_g: float
    note: str
    standing: str
    now_g: float | None
    findings: tuple[FindingShown, ...]


@dataclass(frozen=True)
class LastShown:
    """The last prescription as the page shows it.

    Args:
        prescription: The earlier one.
        days_ago: County days since its signature.
        lines: In its order.
        difference: What the form says otherwise.
        asks: What an adopting button sends to name it.
        begun: Whether the form has any line yet.
        of_many: What review says today of more of its herbs together.
    """

    prescription: Prescription
    days_ago: int
    lines: tuple[LineAgain, ...]
    difference: Difference
    asks: Mapping[str, int]
    begun: bool
    of_many: tuple[FindingShown, ...]


def show_last(open_work: Work, encounter: Encounter, draft: PrescriptionDraft) -> LastShown | None:
    """What the page shows of the last prescription where a form is opened.

    Args:
        open_work: The work.
        encounter: The visit of the doctor who looks.
        draft: The form as it stands.

    Returns:
        The last prescription, None where the house wrote none before.
    """
    last = last_prescription(open_work, current_actor(), encounter, on_record=True)
    if last is None or last.signed_at is None:
        return None
    knowledge = current_house().knowledge
    lines = lines_again(last)
    found = preview(
        open_work,
        current_actor(),
        knowledge,
        encounter.id or 0,
        _draft_of(last, lines),
        on_record=False,
    ).findings
    shown = show_findings(found)
    beside = [f for f in shown if len(f.herbs) <= BESIDE_AT_MOST]
    told = difference(knowledge, last, draft)
    return LastShown(
        prescription=last,
        days_ago=(county_day(open_work.now) - county_day(last.signed_at)).days,
        lines=tuple(
            _line(line, told, tuple(f for f in beside if line.written_as in f.herbs)) for line in lines
        ),
        difference=told,
        asks={"adopt_last": last.key()},
        begun=bool(draft.items),
        of_many=tuple(f for f in shown if len(f.herbs) > BESIDE_AT_MOST),
    )


def difference_now(open_work: Work, encounter: Encounter, draft: PrescriptionDraft) -> Difference | None:
    """What the form says otherwise than the last prescription, while one types.

    Args:
        open_work: The work.
        encounter: The visit of the doctor who types.
        draft: The form as it stands.

    Returns:
        The difference, None where the house wrote none before.
    """
    last = last_prescription(open_work, current_actor(), encounter, on_record=False)
    if last is None:
        return None
    return difference(current_house().knowledge, last, draft)


def offer_again(open_work: Work, visit_id: int, prescription_id: int) -> Offer:
    """The last prescription as something to adopt.

    Args:
        open_work: The work.
        visit_id: At which visit.
        prescription_id: What the page showed.

    Returns:
        The offer.

    Raises:
        NotFound: When it is not the patient's last one here, or no longer.
    """
    encounter = open_work.encounters.get(visit_id)
    last = last_prescription(open_work, current_actor(), encounter, on_record=True)
    if last is None or last.id != prescription_id:
        raise NotFound(N_("上次处方已有变化，请刷新页面。"))
    return Offer(
        name=last.number or "",
        asks={"adopt_last": last.key()},
        lines=tuple(
            OfferedLine(line.written_as, line.dose_g, line.decoction_note, "", line.origin)
            for line in lines_again(last)
        ),
        decoction_class=last.decoction_class,
        syndromes=(last.syndrome,) if last.syndrome else (),
        usage=last.usage,
        source="",
        doses_count=last.doses_count,
        preparation=last.preparation.value,
    )


def _draft_of(last: Prescription, lines: tuple[ItemDraft, ...]) -> PrescriptionDraft:
    """The last prescription as if it were written today; its reasons and signatures are of that day."""
    return PrescriptionDraft(
        disease=last.disease,
        syndrome=last.syndrome,
        doses_count=last.doses_count,
        doses_per_day=last.doses_per_day,
        usage=last.usage,
        decoction_class=last.decoction_class,
        visit_type=last.visit_type,
        extended_supply_reason="",
        urgent=False,
        items=lines,
        preparation=last.preparation,
    )


def _line(line: ItemDraft, told: Difference, findings: tuple[FindingShown, ...]) -> LineAgain:
    knowledge = current_house().knowledge
    herb = name_and_form(knowledge, line.written_as)
    change = next(
        (
            one
            for one in told.changes
            if one.before_g is not None and name_and_form(knowledge, one.written_as) == herb
        ),
        None,
    )
    standing = "same" if change is None else "absent" if change.kind == "gone" else "other"
    now_g = change.after_g if change is not None and change.kind == "dose" else None
    return LineAgain(line.written_as, line.dose_g, line.decoction_note, standing, now_g, findings)
