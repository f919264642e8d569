"""Blank forms for an outage (应急预案): prescription, review, decoction, delivery; a number on each."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from web.prints import validate
from web.prints.press import Json, press
from web.prints.wording import Language

BlankKind = Literal["prescription", "review", "decoction", "delivery"]

MAX_SHEETS: Final = 200


@dataclass(frozen=True, kw_only=True)
class BlankForms:
    """A run of blank forms.

    Attributes:
        kind: what they are for.
        institution: whose they are, full name.
        numbers: one for each sheet.
        printed_at: aware UTC.
    """

    kind: BlankKind
    institution: str
    numbers: tuple[str, ...]
    printed_at: datetime

    def __post_init__(self) -> None:
        if not 1 <= len(self.numbers) <= MAX_SHEETS:
            raise ValueError(f"number of sheets is {len(self.numbers)}, outside 1 to {MAX_SHEETS}")
        validate.text(self.institution, "institution", limit=validate.NAME)
        for number in self.numbers:
            validate.text(number, "number", limit=48)
        validate.instant(self.printed_at, "printed_at")


def blank_forms_pdf(forms: BlankForms, language: Language = "zh") -> bytes:
    """Print blank forms, one A4 page each, to lie ready in a drawer.

    Args:
        forms: which and how many.
        language: of the labels.

    Returns:
        PDF bytes with as many pages as numbers.

    Raises:
        ValueError: for an unknown language.
        FontError: when the fonts are not the pinned ones.

    Source: 处方管理办法 附件1 (what a prescription's paper holds); 医疗机构中药煎药室管理规范
        (国中医药发〔2009〕3号) (a record of each decoction).
    """
    view: dict[str, Json] = {
        "kind": forms.kind,
        "institution": forms.institution,
        "numbers": list(forms.numbers),
    }
    return press("blank", view, language=language, printed_at=forms.printed_at)
