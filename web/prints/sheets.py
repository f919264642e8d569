"""What each printed paper says: frozen, checked when made, units in the names.

Times are aware UTC; the papers show them in the county's time. Content (names, herbs, usage) is
printed as given in either language, only the labels around it are translated.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from web.prints import validate
from web.prints.route import Parcel, RouteSheet, Stop, Trip
from web.prints.validate import CODE, FEN_LIMIT, LINE, NAME, NOTE, PERSON

__all__ = [
    "BagLabel",
    "HerbLine",
    "Parcel",
    "PotLabel",
    "PotStep",
    "PrescriptionSheet",
    "RouteSheet",
    "Signature",
    "StepKind",
    "Stop",
    "Trip",
]

MAX_HERBS = 60
Prepared = Literal["decocted", "granules", "own_cooking"]
# The most that still looks like a prescription; a longer value is a mistake in the wrong field.
_PRESCRIPTION_LIMITS = {
    "institution": NAME,
    "number": CODE,
    "patient_name": PERSON,
    "sex": 8,
    "age": 16,
    "department": CODE,
    "syndrome": NAME,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """An electronic signature as printed: who, and when.

    Attributes:
        name: the signer's name.
        signed_at: when, aware UTC.
    """

    name: str
    signed_at: datetime

    def __post_init__(self) -> None:
        validate.text(self.name, "signature name", limit=PERSON)
        validate.instant(self.signed_at, "signed_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class HerbLine:
    """One herb of a prescription.

    Attributes:
        name: the herb as the doctor wrote it, its processed form included.
        dose_g: grams in one dose (剂).
        handling: special handling, printed in brackets at the herb's upper right (先煎, 包煎); may be empty.
        second_signature: name of the doctor who signed again above this herb; empty where not needed.
        second_signature_reason: why it was signed again; needs a second signature.
    """

    name: str
    dose_g: Decimal | float
    handling: str = ""
    second_signature: str = ""
    second_signature_reason: str = ""

    def __post_init__(self) -> None:
        validate.text(self.name, "herb name", limit=24)
        validate.grams(self.dose_g, f"dose_g of {self.name}")
        validate.text(self.handling, f"handling of {self.name}", limit=24, optional=True)
        validate.text(self.second_signature, f"second_signature of {self.name}", limit=PERSON, optional=True)
        validate.text(self.second_signature_reason, "second_signature_reason", limit=LINE, optional=True)
        if self.second_signature_reason and not self.second_signature:
            raise ValueError(f"{self.name} gives a reason for a second signature but no signature")


@dataclass(frozen=True, slots=True, kw_only=True)
class PrescriptionSheet:
    """The 处方笺 of a township hospital for herbal pieces.

    Source: 处方管理办法 (卫生部令53号) 第6、18、28条; 中药处方格式及书写规范 (国中医药医政发〔2010〕57号).

    Attributes:
        institution: the prescribing institution's full name.
        number: prescription number.
        category: prescription category in the corner, such as 普通, 急诊, 儿科; may be empty.
        prescribed_at: when it was written, aware UTC; its local date is the prescription's date.
        patient_name: full name.
        sex: as given, such as 男.
        age: exact age as given, such as 42岁 or 8月12天.
        department: department of the institution.
        address: patient's address; may be empty.
        phone: patient's phone; may be empty.
        disease: TCM disease (病名); may be empty where unclear.
        syndrome: TCM syndrome (证型), always given.
        herbs: in the order 君臣佐使, 1 to 60.
        doses: number of doses (剂数).
        usage: usage line, such as 每日1剂，水煎400ml，分早晚两次温服.
        valid_days: days the prescription stays valid; 1 is the day itself, 3 at most (第18条).
        doctor: the prescriber's signature.
        pharmacist: the reviewing pharmacist's signature, None before the review.
        dispenser: who dispensed; None leaves a box for ink.
        checker: who checked and handed out; None leaves a box for ink.
        pharmacist_note: note of the pharmacist; may be empty.
        price_fen: total price in fen, None when not printed.
        verification_hash: hash of the signed record in lowercase hex, at least 16 digits; 16 are printed.
        trace_url: address behind the QR code.
        printed_at: when this paper is printed, aware UTC.
        paper_number: of the sheet it was first written on during an outage; may be empty.
        written_at: when it was written on that sheet, None without one; aware UTC.
    """

    institution: str
    number: str
    category: str = ""
    prescribed_at: datetime
    patient_name: str
    sex: str
    age: str
    department: str
    address: str = ""
    phone: str = ""
    disease: str = ""
    syndrome: str
    herbs: tuple[HerbLine, ...]
    doses: int
    usage: str
    valid_days: int = 1
    doctor: Signature
    pharmacist: Signature | None = None
    dispenser: Signature | None = None
    checker: Signature | None = None
    pharmacist_note: str = ""
    price_fen: int | None = None
    verification_hash: str
    trace_url: str
    printed_at: datetime
    paper_number: str = ""
    written_at: datetime | None = None

    def __post_init__(self) -> None:
        for field, limit in _PRESCRIPTION_LIMITS.items():
            validate.text(getattr(self, field), field, limit=limit)
        validate.text(self.usage, "usage", limit=LINE)
        for field, limit in (("category", 8), ("address", LINE), ("phone", CODE), ("disease", NAME)):
            validate.text(getattr(self, field), field, limit=limit, optional=True)
        validate.text(self.pharmacist_note, "pharmacist_note", limit=NOTE, optional=True)
        validate.text(self.paper_number, "paper_number", limit=NAME, optional=True)
        validate.instant(self.prescribed_at, "prescribed_at")
        validate.instant(self.printed_at, "printed_at")
        if self.written_at is not None:
            validate.instant(self.written_at, "written_at")
        validate.whole(len(self.herbs), "number of herbs", least=1, most=MAX_HERBS)
        validate.whole(self.doses, "doses", least=1, most=99)
        validate.whole(self.valid_days, "valid_days", least=1, most=3)
        if self.price_fen is not None:
            validate.whole(self.price_fen, "price_fen", least=0, most=FEN_LIMIT)
        if len(self.verification_hash) < 16 or set(self.verification_hash) - set("0123456789abcdef"):
            raise ValueError("verification_hash must be at least 16 lowercase hex digits")
        validate.qr_content(self.trace_url, "trace_url")


class StepKind(StrEnum):
    """What a step of the pot's programme does."""

    SOAK = "soak"
    FIRST_IN = "first_in"
    FIRST_BOIL = "first_boil"
    LATE_IN = "late_in"
    SECOND_BOIL = "second_boil"
    CONCENTRATE = "concentrate"
    PACK = "pack"


@dataclass(frozen=True, slots=True, kw_only=True)
class PotStep:
    """One step of a pot's programme.

    Attributes:
        kind: what is done.
        planned_start_at: planned start, aware UTC.
        minutes: planned length in minutes; for LATE_IN the minutes left to boil once the herbs are in.
        water_ml: water added at this step, None for none.
        herbs: herbs put in at this step where not all (先煎, 后下), names only.
    """

    kind: StepKind
    planned_start_at: datetime
    minutes: int
    water_ml: int | None = None
    herbs: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        validate.instant(self.planned_start_at, "planned_start_at")
        validate.whole(self.minutes, "minutes", least=0, most=24 * 60)
        if self.water_ml is not None:
            validate.whole(self.water_ml, "water_ml", least=1, most=100_000)
        for herb in self.herbs:
            validate.text(herb, "herb of a pot step", limit=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class PotLabel:
    """The label tied to one pot, 100 x 70 mm.

    Attributes:
        pot: number on the pot, such as 07.
        prescription_number: the prescription it cooks.
        patient_name: full name; the label shows the first character and a star.
        institution: where it was prescribed.
        doses: doses in the pot.
        bags: bags it must fill.
        bag_ml: millilitres in one bag.
        water_ml: all water of the programme, None to say instead how far it covers the herbs.
        steps: the programme in time order, 1 to 8 steps.
        toxic_warning: warning printed white on black; empty where no toxic herb is in the pot.
        scan_code: content of the QR code, printed in characters too when it has at most 24.
        printed_at: when this label is printed, aware UTC.
    """

    pot: str
    prescription_number: str
    patient_name: str
    institution: str
    doses: int
    bags: int
    bag_ml: int
    water_ml: int | None = None
    steps: tuple[PotStep, ...]
    toxic_warning: str = ""
    scan_code: str
    printed_at: datetime

    def __post_init__(self) -> None:
        validate.text(self.pot, "pot", limit=6)
        validate.text(self.prescription_number, "prescription_number", limit=CODE)
        validate.text(self.patient_name, "patient_name", limit=PERSON)
        validate.text(self.institution, "institution", limit=NAME)
        validate.whole(self.doses, "doses", least=1, most=99)
        validate.whole(self.bags, "bags", least=1, most=999)
        validate.whole(self.bag_ml, "bag_ml", least=1, most=2000)
        if self.water_ml is not None:
            validate.whole(self.water_ml, "water_ml", least=1, most=100_000)
        validate.whole(len(self.steps), "number of pot steps", least=1, most=8)
        starts = [step.planned_start_at for step in self.steps]
        if starts != sorted(starts):
            raise ValueError(f"steps of pot {self.pot} are not in time order")
        validate.text(self.toxic_warning, "toxic_warning", limit=60, optional=True)
        validate.qr_content(self.scan_code, "scan_code")
        validate.instant(self.printed_at, "printed_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class BagLabel:
    """The label on one bag, 80 x 60 mm.

    Attributes:
        patient_name: full name; the label shows the first character and a star.
        village: where it goes.
        institution: where it was prescribed.
        prescription_number: the prescription it belongs to.
        doses: doses of the prescription.
        bag_index: this bag, counted from 1.
        bag_count: all bags of the prescription.
        volume_ml: millilitres in the bag, None for what is handed out dry.
        how_to_take: such as 每日2次，每次1袋，早晚温服.
        how_to_keep: such as 冷藏 0–4℃.
        use_before: last day to drink it, the county's calendar; None for what is handed out dry.
        bag_code: short code in big characters.
        trace_url: address behind the QR code.
        centre_phone: phone of the decoction centre.
        decocted_at: when it was decocted, or packed dry, aware UTC.
        printed_at: when this label is printed, aware UTC.
        preparation: what is in it.
    """

    patient_name: str
    village: str
    institution: str
    prescription_number: str
    doses: int
    bag_index: int
    bag_count: int
    volume_ml: int | None
    how_to_take: str
    how_to_keep: str
    use_before: date | None
    bag_code: str
    trace_url: str
    centre_phone: str
    decocted_at: datetime
    printed_at: datetime
    preparation: Prepared = "decocted"

    def __post_init__(self) -> None:
        for field in ("prescription_number", "centre_phone"):
            validate.text(getattr(self, field), field, limit=CODE)
        for field in ("patient_name", "village"):
            validate.text(getattr(self, field), field, limit=PERSON)
        validate.text(self.institution, "institution", limit=NAME)
        for field in ("how_to_take", "how_to_keep"):
            validate.text(getattr(self, field), field, limit=60)
        validate.text(self.bag_code, "bag_code", limit=20)
        validate.whole(self.doses, "doses", least=1, most=99)
        validate.whole(self.bag_count, "bag_count", least=1, most=999)
        validate.whole(self.bag_index, "bag_index", least=1, most=self.bag_count)
        if (self.volume_ml is None) != (self.preparation != "decocted"):
            raise ValueError("volume_ml is given for decoction, and for nothing else")
        if self.volume_ml is not None:
            validate.whole(self.volume_ml, "volume_ml", least=1, most=2000)
        validate.qr_content(self.trace_url, "trace_url")
        validate.instant(self.decocted_at, "decocted_at")
        validate.instant(self.printed_at, "printed_at")
        if self.use_before is None:
            return
        if not isinstance(self.use_before, date) or isinstance(self.use_before, datetime):
            raise ValueError(f"use_before must be a calendar day, not {self.use_before!r}")
