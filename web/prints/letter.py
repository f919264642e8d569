"""The letter that goes with a patient to another house (双向转诊单): checked when made, one page."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from web.prints import validate
from web.prints.press import Json, press
from web.prints.validate import LINE, NAME, PERSON
from web.prints.wording import Language, words

_COUNTY_ZONE = ZoneInfo("Asia/Shanghai")
_LONG = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralSheet:
    """What a referral letter says.

    Attributes:
        direction: up to a higher house, or back down.
        number: the referral's number.
        sender: house that sends.
        sender_phone: its line, or empty.
        receiver: house that receives.
        urgent: whether the patient is to be seen at once.
        patient_name: in full; the letter is in the patient's hand.
        sex: as printed.
        age: as printed.
        phone: the patient's, or empty.
        address: or empty.
        reason: why the patient is sent.
        impression: 初步印象 or 诊断结果.
        present: 主要现病史.
        past: 主要既往史.
        treatment: 治疗经过.
        advice: 下一步治疗方案及康复建议, or empty.
        allergies: or empty.
        consent: who agreed and how, as printed.
        doctor: who sends.
        written_at: aware UTC.
        printed_at: aware UTC.
    """

    direction: Literal["up", "down"]
    number: str
    sender: str
    sender_phone: str
    receiver: str
    urgent: bool
    patient_name: str
    sex: str
    age: str
    phone: str
    address: str
    reason: str
    impression: str
    present: str
    past: str
    treatment: str
    advice: str
    allergies: str
    consent: str
    doctor: str
    written_at: datetime
    printed_at: datetime

    def __post_init__(self) -> None:
        for name, limit in (("sender", NAME), ("receiver", LINE), ("patient_name", NAME), ("doctor", PERSON)):
            validate.text(getattr(self, name), name, limit=limit)
        validate.instant(self.written_at, "written_at")
        validate.instant(self.printed_at, "printed_at")


def referral_pdf(sheet: ReferralSheet, language: Language = "zh") -> bytes:
    """Print a referral letter on A4.

    Args:
        sheet: what it says.
        language: of the labels; the content stays as given.

    Returns:
        PDF bytes.

    Raises:
        ValueError: for an unknown language.
        FontError: when the fonts are not the pinned ones.

    Source: 国家基本公共卫生服务规范（第三版）, 居民健康档案 双向转诊单, 2017（转录未校）.
    """
    label = words(language)
    is_up = sheet.direction == "up"
    written = sheet.written_at.astimezone(_COUNTY_ZONE)
    sections: list[Json] = [
        {"head": label[key], "body": body[:_LONG]}
        for key, body in (
            ("letter_reason", sheet.reason),
            ("letter_impression" if is_up else "letter_diagnosis", sheet.impression),
            ("letter_present", sheet.present),
            ("letter_past", sheet.past),
            ("letter_allergies", sheet.allergies),
            ("letter_treatment", sheet.treatment),
            ("letter_advice", sheet.advice),
        )
        if body
    ]
    view: dict[str, Json] = {
        "title": label["letter_up" if is_up else "letter_down"],
        "number": sheet.number,
        "sender": sheet.sender,
        "sender_phone": sheet.sender_phone,
        "receiver": sheet.receiver,
        "urgent": label["letter_urgent"] if sheet.urgent else "",
        "name": sheet.patient_name,
        "sex": sheet.sex,
        "age": sheet.age,
        "phone": sheet.phone,
        "address": sheet.address,
        "greeting": label["letter_asks_up" if is_up else "letter_asks_down"],
        "sections": sections,
        "consent": sheet.consent,
        "doctor": sheet.doctor,
        "date": f"{written:%Y-%m-%d %H:%M}",
        "printed": f"{sheet.printed_at.astimezone(_COUNTY_ZONE):%Y-%m-%d %H:%M}",
    }
    return press("referral_letter", view, language=language, printed_at=sheet.printed_at)
