"""What is stuck on the pots for good: a code each, which a telephone or a scanner at the pot reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from web.prints import validate
from web.prints.codes import qr
from web.prints.press import Json, press
from web.prints.validate import CODE, NAME
from web.prints.wording import Language, words

MOST_SIGNS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class PotSign:
    """The sign of one pot.

    Attributes:
        pot: code of the pot, as people call it.
        duty: what it is kept for, such as 毒性专锅; empty for any.
        scan_url: address behind the QR code.
    """

    pot: str
    duty: str = ""
    scan_url: str

    def __post_init__(self) -> None:
        validate.text(self.pot, "pot", limit=CODE)
        validate.text(self.duty, "duty", limit=NAME, optional=True)
        validate.qr_content(self.scan_url, "scan_url")


def pot_signs_pdf(signs: Sequence[PotSign], printed_at: datetime, language: Language = "zh") -> bytes:
    """Print the signs of pots, eight on a sheet of A4, to be cut apart.

    Args:
        signs: 1 to 500, in printing order.
        printed_at: when they are printed, aware UTC.
        language: of the words around the codes.

    Returns:
        PDF bytes.

    Raises:
        ValueError: for no or too many signs, or an unknown language.
        FontError: when the fonts are not the pinned ones.
    """
    if not 1 <= len(signs) <= MOST_SIGNS:
        raise ValueError(f"1 to {MOST_SIGNS} signs are printed at once, not {len(signs)}")
    validate.instant(printed_at, "printed_at")
    view: list[Json] = [{"pot": each.pot, "duty": each.duty, "qr": dict(qr(each.scan_url))} for each in signs]
    title = words(language)["pot"]
    return press("pot_signs", {"title": title, "signs": view}, language=language, printed_at=printed_at)
