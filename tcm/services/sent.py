"""A prescription as another system sends it, and what is kept of it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256

from tcm.records.clinical import Preparation, VisitType
from tcm.records.people import Sex

# People round their age, and systems count it by the year.
_AGE_MAY_DIFFER = 1
_TAIL_DIGITS = 4


@dataclass(frozen=True)
class SentLine:
    """One herb as another system wrote it.

    Args:
        code: The hospital's own, or empty.
        name: As written there.
        dose_g: Grams a dose.
        decoction_note: 先煎, 后下 ... or empty.
    """

    code: str
    name: str
    dose_g: float
    decoction_note: str


@dataclass(frozen=True)
class SentPatient:
    """Who a prescription is for, as far as is needed to find the visit.

    Of it the sex, the age and the end of the phone are kept, for the doctor to compare with the visit's, and
    a digest by which the same one sent again is known; the name is not.

    Args:
        name: Full name.
        sex: As on the prescription.
        age_years: Or None.
        phone: Or empty.
    """

    name: str
    sex: Sex
    age_years: int | None
    phone: str


@dataclass(frozen=True)
class KeptPatient:
    """What is kept of who a prescription is for.

    Args:
        sex: As on the prescription.
        age_years: Or None.
        phone_tail: The last four digits, fewer or none where so few were sent.
    """

    sex: Sex
    age_years: int | None
    phone_tail: str


@dataclass(frozen=True)
class Sent:
    """A prescription as another system sends it.

    Args:
        number: What that system calls it by.
        doctor: Log-in name or name of the doctor who must look.
        patient: Who it is for.
        disease: 病名, or empty.
        doses_count: 剂数.
        usage: How to take it.
        preparation: Decocted here, or cooked at home.
        visit_type: Kind of visit.
        lines: Herbs in order.
    """

    number: str
    doctor: str
    patient: SentPatient
    disease: str
    doses_count: int
    usage: str
    preparation: Preparation
    visit_type: VisitType
    lines: tuple[SentLine, ...]


def content_of(sent: Sent) -> dict[str, object]:
    """What is kept of a prescription that was sent, beside what its herbs mean.

    Args:
        sent: As sent.

    Returns:
        As JSON holds it.
    """
    return {
        "disease": sent.disease,
        "doses_count": sent.doses_count,
        "usage": sent.usage,
        "preparation": sent.preparation.value,
        "visit_type": sent.visit_type.value,
        "lines": [asdict(line) for line in sent.lines],
        "patient": {
            "sex": sent.patient.sex.value,
            "age_years": sent.patient.age_years,
            "phone_tail": tail_of(sent.patient.phone),
        },
        "told_by": _digest(sent),
    }


def _digest(sent: Sent) -> str:
    """By which the same patient and doctor are known again without a name; sealed like the rest."""
    patient = sent.patient
    told = (sent.doctor, joined_name(patient.name), patient.sex.value, digits_of(patient.phone))
    return sha256("\n".join(told).encode()).hexdigest()


def is_same(earlier: Mapping[str, object], now: Mapping[str, object]) -> bool:
    """Whether the same was sent again, for the same patient to the same doctor; a birthday may lie between.

    Args:
        earlier: Kept; what was kept before patients were told apart holds none.
        now: From `content_of`.
    """
    compared = earlier.keys() - {"herbs", "patient"}
    if any(earlier[name] != now[name] for name in compared):
        return False
    was, is_now = patient_of(earlier), patient_of(now)
    return was is None or is_now is None or ages_agree(was.age_years, is_now.age_years)


def patient_of(content: Mapping[str, object]) -> KeptPatient | None:
    """Who a prescription was sent for, to compare with the visit's patient.

    Args:
        content: Kept.

    Returns:
        None for what was kept before patients were told apart.
    """
    # The content is JSON that `content_of` wrote.
    kept = content.get("patient")
    if not isinstance(kept, dict):
        return None
    return KeptPatient(Sex(kept["sex"]), kept["age_years"], kept["phone_tail"])


def ages_agree(one: int | None, other: int | None) -> bool:
    """Whether two ages may be one person's.

    Args:
        one: Years, or None where nobody said.
        other: Likewise.
    """
    return one is None or other is None or abs(one - other) <= _AGE_MAY_DIFFER


def joined_name(name: str) -> str:
    """A name without the blanks that people type in it.

    Args:
        name: As typed.
    """
    return "".join(name.split())


def tail_of(phone: str) -> str:
    """The last four digits of a telephone number, by which people tell two apart.

    Args:
        phone: As typed.
    """
    return digits_of(phone)[-_TAIL_DIGITS:]


def digits_of(phone: str) -> str:
    """The digits of a telephone number.

    Args:
        phone: As typed.
    """
    return "".join(character for character in phone if character.isdecimal())
