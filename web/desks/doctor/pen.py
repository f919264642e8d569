"""What stands around the form: the last prescription, how long a supply may be, what it all costs."""

from collections.abc import Mapping
from dataclasses import dataclass

from tcm.records.clinical import Encounter, Preparation, VisitType
from tcm.records.stock import SELF_PAID
from tcm.review.rule_set import RulesInUse
from tcm.services.prescribing import PrescriptionDraft
from tcm.services.pricing import Quote, QuoteLine, dispensed_as, not_paid_here, quote
from tcm.services.ruling import rules_for
from tcm.store.work import Work
from web.desks.doctor.chips import Chips, read_phrases
from web.house import current_house


@dataclass(frozen=True)
class SupplyLimits:
    """For how many days a prescription may be, by the rules of the house.

    Args:
        days: Without a reason, by kind of visit.
        with_reason_days: With a written reason.
        source: Where the latter is from.
        reasons: Phrases that answer it.
    """

    days: Mapping[str, float]
    with_reason_days: float
    source: str
    reasons: Chips

    def of(self, visit_type: str) -> float:
        """Days without a reason at a kind of visit.

        Args:
            visit_type: As the form has it.

        Returns:
            Days.
        """
        return self.days.get(visit_type, self.days[VisitType.OUTPATIENT.value])


@dataclass(frozen=True)
class Price:
    """What the lines cost today.

    Args:
        quote: Of all lines.
        lines: Of each, by the herb as written and its grams.
        scheme: Name of the patient's scheme of insurance, empty where they pay all.
        percent: The patient's share.
    """

    quote: Quote
    lines: Mapping[tuple[str, float], QuoteLine]
    scheme: str
    percent: int

    @property
    def any(self) -> bool:
        """Whether any line has a price: a centre may keep no price list."""
        return any(line.fen_a_dose is not None for line in self.quote.lines)


def supply_limits(open_work: Work, encounter: Encounter) -> SupplyLimits:
    """How long a supply may be at a visit.

    Args:
        open_work: The work.
        encounter: The visit.

    Returns:
        The limits of the rules in force there.
    """
    rules = RulesInUse(rules_for(open_work, encounter.institution_id), current_house().knowledge, None)
    return SupplyLimits(
        days={kind.value: rules.parameter("days_supply", f"{kind.value}_days") for kind in VisitType},
        with_reason_days=rules.parameter("days_supply", "with_reason_days"),
        source=rules.parameter_source("days_supply", "with_reason_days"),
        reasons=read_phrases()["extended_supply_reason"],
    )


def price_of(open_work: Work, encounter: Encounter, draft: PrescriptionDraft) -> Price | None:
    """What the lines of a form cost at the centre, and whether it has them.

    Args:
        open_work: The work.
        encounter: The visit.
        draft: The form as it stands; herbs that are not known yet have no price.

    Returns:
        The price, None of a form without herbs and doses, and of granules: their shelf is not on record.
    """
    if draft.preparation is Preparation.GRANULES:
        return None
    knowledge = current_house().knowledge
    # A dose that is not typed yet, or that is no dose, costs nothing.
    dosed = [item for item in draft.items if item.dose_g > 0]
    known = [
        (item, dispensed_as(knowledge, item.written_as))
        for item in dosed
        if knowledge.herb(item.written_as) is not None
    ]
    if not known:
        return None
    patient = open_work.patients.get(encounter.patient_id)
    asked = quote(
        open_work,
        [(herb, item.dose_g) for item, herb in known],
        max(draft.doses_count, 0),
        patient.scheme,
        not_paid=not_paid_here(knowledge, {herb for _, herb in known}),
    )
    scheme = open_work.schemes.by_code(patient.scheme) if patient.scheme != SELF_PAID else None
    return Price(
        quote=asked,
        lines={
            (item.written_as, item.dose_g): line for (item, _), line in zip(known, asked.lines, strict=True)
        },
        scheme=scheme.name if scheme else "",
        percent=scheme.patient_percent if scheme else 100,
    )
