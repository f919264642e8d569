"""What the doctor's forms bring, validated at the door."""

import re
from datetime import date
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from tcm.records.clinical import Preparation, VisitType
from tcm.records.errors import N_
from tcm.records.people import Sex
from tcm.records.stock import SELF_PAID
from web.desks.doctor.identity import Identity, read_identity
from web.door import Form, RowId

RequestKey = Annotated[str, Field(min_length=1, max_length=64)]
Phrase = Annotated[str, Field(max_length=60)]
_PHONE = re.compile(r"\+?\d(?:[ -]?\d){6,14}", re.ASCII)
_SEPARATORS = re.compile(r"[、，,；;\n]+")


def listed(text: str) -> tuple[str, ...]:
    """The phrases of a free text, separated by commas, semicolons, 、 or line ends; each once.

    Args:
        text: As typed.

    Returns:
        The phrases in order.
    """
    phrases = (phrase.strip() for phrase in _SEPARATORS.split(text))
    return tuple(dict.fromkeys(phrase for phrase in phrases if phrase))


class SearchForm(Form):
    """A whole name, phone or identity number."""

    text: str = Field(min_length=1, max_length=60)


class OpenVisitForm(Form):
    """A patient who came."""

    patient_id: RowId
    request_key: RequestKey


class PatientForm(Form):
    """A new patient; the identity number, where given, stands for date of birth and sex."""

    request_key: RequestKey
    name: str = Field(min_length=1, max_length=40)
    id_number: str = Field("", max_length=40)
    sex: Sex | None = Field(None, validate_default=True)
    born_on: date | None = Field(None, validate_default=True)
    phone: str = Field("", max_length=24)
    village_id: RowId
    address: str = Field("", max_length=120)
    allergies: str = Field("", max_length=400)
    scheme: str = Field(SELF_PAID, max_length=24)

    @field_validator("id_number")
    @classmethod
    def _identity_can_exist(cls, text: str) -> str:
        return read_identity(text).number if text else ""

    @field_validator("sex")
    @classmethod
    def _sex_is_known(cls, sex: Sex | None, info: ValidationInfo) -> Sex | None:
        identity = _identity(info)
        if sex is None and identity is None and "id_number" in info.data:
            raise ValueError(N_("请选择性别。"))
        if sex is not None and identity is not None and sex is not identity.sex:
            raise ValueError(N_("性别与身份证号不一致。"))
        return identity.sex if identity else sex

    @field_validator("born_on")
    @classmethod
    def _birth_is_known(cls, born_on: date | None, info: ValidationInfo) -> date | None:
        identity = _identity(info)
        if born_on is None and identity is None and "id_number" in info.data:
            raise ValueError(N_("请填写出生日期。"))
        if born_on is not None and identity is not None and born_on != identity.born_on:
            raise ValueError(N_("出生日期与身份证号不一致。"))
        return identity.born_on if identity else born_on

    @field_validator("phone")
    @classmethod
    def _phone_can_be_called(cls, text: str) -> str:
        if text and not _PHONE.fullmatch(text):
            raise ValueError(N_("电话应为 7 至 15 位数字。"))
        return text


def _identity(info: ValidationInfo) -> Identity | None:
    # A number that was refused is not there: it has its own sentence already.
    number = info.data.get("id_number", "")
    return read_identity(number) if number else None


# The field of each side and position, and what it is called.
PULSE_PLACES = {
    "pulse_left_cun": "左寸",
    "pulse_left_guan": "左关",
    "pulse_left_chi": "左尺",
    "pulse_right_cun": "右寸",
    "pulse_right_guan": "右关",
    "pulse_right_chi": "右尺",
}


class VisitForm(Form):
    """What the doctor writes down of a visit; `other_…` holds what no chip stands for."""

    # The form's own key and the writing it shows; a form that knows neither is not held against another.
    notes_key: str = Field("", max_length=64)
    notes_version: int | None = None
    complaint: str = Field("", max_length=500)
    history: str = Field("", max_length=1000)
    inquiry: list[Phrase] = Field([], max_length=80)
    other_inquiry: str = Field("", max_length=400)
    pulse: list[Phrase] = Field([], max_length=20)
    other_pulse: str = Field("", max_length=200)
    pulse_left_cun: str = Field("", max_length=40)
    pulse_left_guan: str = Field("", max_length=40)
    pulse_left_chi: str = Field("", max_length=40)
    pulse_right_cun: str = Field("", max_length=40)
    pulse_right_guan: str = Field("", max_length=40)
    pulse_right_chi: str = Field("", max_length=40)
    conditions: list[Phrase] = Field([], max_length=30)
    other_conditions: str = Field("", max_length=400)
    western_drugs: list[Phrase] = Field([], max_length=30)
    other_western_drugs: str = Field("", max_length=400)
    pregnant: bool = False
    lactating: bool = False
    allergies: str = Field("", max_length=400)
    # What stood in that field when the page last heard of it: the patient's other visits write it too.
    allergies_seen: str = Field("", max_length=400)
    # Beyond these a value is a slip of the pen; a creatinine below the least was read in mg/dL.
    creatinine_umol_l: float | None = Field(None, ge=5, le=3000)
    egfr_ml_min: float | None = Field(None, gt=0, le=250)
    alt_u_l: float | None = Field(None, gt=0, le=20_000)
    ast_u_l: float | None = Field(None, gt=0, le=20_000)
    total_bilirubin_umol_l: float | None = Field(None, gt=0, le=1500)


class ItemRow(Form):
    """A line of the prescription; `origin` is the formula it was adopted from, empty where it was typed."""

    herb: str = Field(min_length=1, max_length=40)
    dose_g: float = Field(lt=10_000)
    note: str = Field("", max_length=16)
    origin: str = Field("", max_length=40)

    @field_validator("dose_g")
    @classmethod
    def _dose_is_positive(cls, dose_g: float) -> float:
        if dose_g <= 0:
            raise ValueError(N_("剂量要大于 0 克。"))
        return dose_g


class PrescriptionForm(Form):
    """A prescription as its form holds it; without `prescription_id` it is not begun yet."""

    action: Literal["save", "sign"] = "save"
    prescription_id: RowId | None = None
    version: int = 1
    request_key: RequestKey
    items: list[ItemRow] = Field([], max_length=60)
    disease: str = Field("", max_length=80)
    syndrome: str = Field("", max_length=80)
    doses_count: int = Field(ge=1, le=180)
    doses_per_day: int = Field(ge=1, le=6)
    usage: str = Field("", max_length=200)
    decoction_class: Literal["解表", "一般", "滋补"] = "一般"
    preparation: Preparation = Preparation.DECOCTED
    visit_type: VisitType = VisitType.OUTPATIENT
    extended_supply_reason: str = Field("", max_length=200)
    urgent: bool = False
    # Herb as written and grams, as `tick_value` writes them.
    second_sign: list[str] = Field([], max_length=60)
    # Doses taken over from a proposal, as `dose_field` writes them.
    age_dose: list[str] = Field([], max_length=60)


class CancelForm(Form):
    """Why a prescription is cancelled."""

    version: int
    reason_code: str = Field(min_length=1, max_length=24)
