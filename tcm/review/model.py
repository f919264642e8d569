"""What review reads and what it answers, as frozen values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Literal

Severity = Literal["none", "warn", "return", "sign", "block"]
Sex = Literal["M", "F"]
VisitType = Literal["outpatient", "emergency", "inpatient"]
Preparation = Literal["decocted", "granules", "own_cooking"]

# Sums of grams in binary may differ in their last place.
_ROUNDING = 1e-9
SEVERITIES: tuple[Severity, ...] = ("none", "warn", "return", "sign", "block")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a prescription: the herb as written, grams per 剂, the decoction note as written."""

    herb: str
    grams: float
    decoction_note: str = ""


@dataclass(frozen=True, slots=True)
class PatientFacts:
    """What review needs to know of the patient; lists hold free text as recorded.

    `labs` holds laboratory values by test; the unit is part of the test's name (creatinine_umol_l).
    """

    age_years: float | None = None
    sex: Sex | None = None
    pregnant: bool = False
    lactating: bool = False
    western_drugs: tuple[str, ...] = ()
    allergies: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    labs: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Supply:
    """Medicine of an earlier prescription that the patient still has; `label` says whose and of when."""

    label: str
    days_left: float
    lines: tuple[Line, ...]
    doses_per_day: float = 1.0


@dataclass(frozen=True, slots=True)
class Answered:
    """What a second signature was given for: a rule over herbs as written, no further beyond its limit.

    `told` is the sentence of a finding without figures, else empty; `beyond` is how far its value stood from
    its limit, else None.
    """

    rule: str
    herbs: tuple[str, ...]
    told: str
    beyond: float | None


@dataclass(frozen=True, slots=True)
class SecondSignature:
    """The doctor signed again above a herb as written, for these findings alone."""

    herb: str
    answered: tuple[Answered, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """One prescription with its patient and diagnosis.

    `doses_count` is 剂数; `doses_per_day` is 剂 a day (ordinarily 1), so the supply lasts
    doses_count / doses_per_day days and a herb's daily grams are its grams per 剂 x doses_per_day.
    `second_signatures` names the herbs above which the doctor signed again for whatever is found of them,
    `signed_for` those for which the findings answered are known. `earlier` is what the patient still has of
    other prescriptions. `written_on` leaves out rules that were not in force that day.
    """

    lines: tuple[Line, ...]
    patient: PatientFacts = PatientFacts()
    disease: str | None = None
    syndrome: str | None = None
    visit_type: VisitType = "outpatient"
    doses_count: int = 1
    doses_per_day: float = 1.0
    extended_supply_reason: str | None = None
    second_signatures: tuple[str, ...] = ()
    signed_for: tuple[SecondSignature, ...] = ()
    usage: str = ""
    earlier: tuple[Supply, ...] = ()
    written_on: date | None = None
    preparation: Preparation = "decocted"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing review found.

    `herbs` are as written; `value` and `limit` are in `unit`, empty where they are counts; `signed` says that
    a finding of severity `sign` was confirmed by the doctor's second signature.
    """

    kind: str
    severity: Severity
    herbs: tuple[str, ...]
    rule: str
    source: str
    message: str
    message_en: str
    clears: str
    clears_en: str
    value: float | None = None
    limit: float | None = None
    unit: str = ""
    signed: bool = False

    @property
    def key(self) -> str:
        """A short name of the finding within its prescription, the same whenever it is found again."""
        told = repr((self.rule, self.kind, self.herbs, self.message))
        return sha256(told.encode()).hexdigest()[:12]

    @property
    def answer(self) -> Answered:
        """What a second signature given for it stands for."""
        if self.value is None or self.limit is None:
            return Answered(self.rule, self.herbs, self.message, None)
        return Answered(self.rule, self.herbs, "", abs(self.value - self.limit))

    def is_answered_by(self, answered: Iterable[Answered]) -> bool:
        """Whether a signature given for these findings stands for this one: the same, and no graver."""
        mine = self.answer
        return any(
            (mine.rule, mine.herbs, mine.told) == (other.rule, other.herbs, other.told)
            and (mine.beyond or 0.0) <= (other.beyond or 0.0) + _ROUNDING
            for other in answered
        )


def verdict(findings: Iterable[Finding]) -> Severity:
    """The strictest severity left after second signatures.

    Args:
        findings: what `check` returned.

    Returns:
        `none` without findings; a signed finding counts as `warn`; a `block` is never cleared.
    """
    left = ("warn" if found.signed and found.severity == "sign" else found.severity for found in findings)
    return max(left, key=SEVERITIES.index, default="none")
