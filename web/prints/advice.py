"""The sheet in a bag that is handed out dry: how it is prepared at home."""

from dataclasses import dataclass
from datetime import datetime

from web.prints import validate
from web.prints.codes import qr
from web.prints.paper import local_moment, mask_name
from web.prints.press import Json, press
from web.prints.validate import CODE, NAME, NOTE, PERSON
from web.prints.wording import Language, words

MOST_STEPS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class AdviceSheet:
    """How herbs are cooked, or granules dissolved, at home; A5.

    Attributes:
        patient_name: full name; the sheet shows the first character and a star.
        prescription_number: the prescription it belongs to.
        institution: where it was prescribed.
        prepared: what is in the bag, such as 自煎.
        doses: doses of the prescription.
        steps: what is done, in order, each a sentence.
        packets: the notes of the small packets, each with its herbs.
        how_to_take: the doctor's words.
        how_to_keep: one sentence.
        centre: the pharmacy's name.
        centre_phone: its phone.
        trace_url: address behind the QR code, where the same is read.
        printed_at: when this paper is printed, aware UTC.

    Source: 处方管理办法 第33条 (usage, amount and cautions are explained when it is handed out).
    """

    patient_name: str
    prescription_number: str
    institution: str
    prepared: str
    doses: int
    steps: tuple[str, ...]
    packets: tuple[tuple[str, str], ...] = ()
    how_to_take: str
    how_to_keep: str
    centre: str
    centre_phone: str
    trace_url: str
    printed_at: datetime

    def __post_init__(self) -> None:
        validate.text(self.patient_name, "patient_name", limit=PERSON)
        for field in ("prescription_number", "prepared", "centre_phone"):
            validate.text(getattr(self, field), field, limit=CODE)
        for field in ("institution", "centre"):
            validate.text(getattr(self, field), field, limit=NAME)
        validate.whole(self.doses, "doses", least=1, most=999)
        validate.whole(len(self.steps), "number of steps", least=1, most=MOST_STEPS)
        for step in (*self.steps, self.how_to_take, self.how_to_keep):
            validate.text(step, "sentence", limit=NOTE)
        validate.qr_content(self.trace_url, "trace_url")
        validate.instant(self.printed_at, "printed_at")


def advice_pdf(sheet: AdviceSheet, language: Language = "zh") -> bytes:
    """Print how a medicine is prepared at home, on A5.

    Args:
        sheet: what it says; its sentences are in that language already.
        language: of the labels.

    Returns:
        PDF bytes, one page unless there are many small packets.

    Raises:
        ValueError: for an unknown language.
        FontError: when the fonts are not the pinned ones.
    """
    label = words(language)
    view: dict[str, Json] = {
        "name": mask_name(sheet.patient_name),
        "number": sheet.prescription_number,
        "institution": sheet.institution,
        "prepared": sheet.prepared,
        "doses": label["doses_short"].format(doses=sheet.doses),
        "steps": list(sheet.steps),
        "packets": [{"note": note, "herbs": herbs} for note, herbs in sheet.packets],
        "take": sheet.how_to_take,
        "keep": sheet.how_to_keep,
        "centre": sheet.centre,
        "ask": label["advice_ask"].format(phone=sheet.centre_phone),
        "qr": dict(qr(sheet.trace_url)),
        "printed": local_moment(sheet.printed_at),
    }
    return press("advice", view, language=language, printed_at=sheet.printed_at)
