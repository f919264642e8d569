"""Doses for the young and the old, proposed from the factors that the institution has configured."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import floor

from tcm.knowledge import Knowledge
from tcm.review.dose_rules import POISONOUS, daily_limit_g, exceeds
from tcm.review.model import Case
from tcm.review.reading import DoseGroup, Reading, read_case
from tcm.review.rule_set import RuleSet

CHILDHOODS = ("infant", "small", "school")
# What is weighed by hand: whole and half grams; below a gram, tenths.
STEP_G, STEP_BELOW_A_GRAM_G = 0.5, 0.1


@dataclass(frozen=True, slots=True)
class AgePart:
    """The part of an adult's dose that holds for a patient, by the rule and the key of its figure.

    `toxicities` are those concerned, None for every herb.
    """

    rule: str
    key: str
    toxicities: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class AgeDose:
    """A dose proposed for a line: an adult's grams times the part; shown, and taken over by the doctor only.

    `written` is the herb as written, `grams` what stands there, `proposed_g` what is proposed.
    """

    written: str
    grams: float
    proposed_g: float
    part: float
    age_years: float
    rule: str
    source: str


def child_part(reading: Reading) -> AgePart | None:
    """The part that holds for a child, None for an adult and where the age is not known."""
    age, rules = reading.case.patient.age_years, reading.rules
    if age is None:
        return None
    for childhood in CHILDHOODS:
        if age < rules.parameter("child_dose", f"{childhood}_under_years"):
            return AgePart("child_dose", f"{childhood}_factor")
    return None


def elderly_part(reading: Reading) -> AgePart | None:
    """The part of poisonous herbs that holds for the old, None for the younger."""
    age = reading.case.patient.age_years
    if age is None or age < reading.rules.parameter("elderly_dose", "from_years"):
        return None
    return AgePart("elderly_dose", "toxic_factor", POISONOUS)


def groups_above(reading: Reading, age_part: AgePart) -> Iterator[tuple[DoseGroup, float]]:
    """Herbs above the part of the adult maximum, each with that maximum in grams a day."""
    part = reading.rules.parameter(age_part.rule, age_part.key)
    for group in reading.dose_groups:
        limit = daily_limit_g(group.herb, group.lines, reading)
        concerned = age_part.toxicities is None or group.herb.toxicity in age_part.toxicities
        daily_g = group.daily_g(reading.case.doses_per_day)
        if concerned and limit is not None and exceeds(daily_g, limit[0] * part):
            yield group, limit[0]


def propose_doses(case: Case, knowledge: Knowledge, rule_set: RuleSet) -> tuple[AgeDose, ...]:
    """What to write instead, for the lines that stand above what the patient's age allows.

    A line is taken for an adult's dose and brought down by the configured part; one above the adult maximum
    is brought down from that. Lines within the part of the maximum are left alone, so that nothing is
    brought down twice.

    Args:
        case: as far as it is written.
        knowledge: the tables.
        rule_set: says the factors, and whether their rules run at all.

    Returns:
        Proposals in the order of the herbs' names; none for an adult under the age of the old.
    """
    reading = read_case(case, knowledge, rule_set)
    parts = (find(reading) for find in (child_part, elderly_part))
    return tuple(
        proposed
        for age_part in parts
        if age_part is not None and reading.rules.runs(age_part.rule)
        for proposed in _proposed(reading, age_part)
    )


def _proposed(reading: Reading, age_part: AgePart) -> Iterator[AgeDose]:
    part = reading.rules.parameter(age_part.rule, age_part.key)
    for group, limit_g in groups_above(reading, age_part):
        ratio = part * min(1.0, limit_g / group.daily_g(reading.case.doses_per_day))
        lowered = [(line, _weighable(line.line.grams * ratio)) for line in group.lines]
        # A line that cannot be weighed any lower keeps its herb above the part: then nothing is proposed.
        if all(proposed_g > 0 for _line, proposed_g in lowered):
            for line, proposed_g in lowered:
                yield AgeDose(
                    line.written,
                    line.line.grams,
                    proposed_g,
                    part,
                    reading.case.patient.age_years or 0.0,
                    age_part.rule,
                    reading.rules.parameter_source(age_part.rule, age_part.key),
                )


def _weighable(grams: float) -> float:
    """Rounded down to what can be weighed: a proposal is never above the part."""
    step_g = STEP_G if grams >= 1 else STEP_BELOW_A_GRAM_G
    return round(floor(grams / step_g + 1e-9) * step_g, 2)
