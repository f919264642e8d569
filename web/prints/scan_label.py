"""Labels that are scanned at the shelf, 80 x 60 mm: one for each bin, one for the tray of a prescription."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from web.prints import validate
from web.prints.codes import qr
from web.prints.paper import MAX_LABELS, local_moment
from web.prints.press import Json, press
from web.prints.validate import CODE, LINE, NAME, PERSON
from web.prints.wording import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanLabel:
    """What is scanned in front of a drawer or a tray; it names no patient.

    Attributes:
        code: content of the QR code, in big characters too.
        title: the herb of a drawer, the village a tray is for.
        mark: warning printed white on black; may be empty.
        lines: what else is said, at most four.
        printed_at: aware UTC.
    """

    code: str
    title: str
    mark: str = ""
    lines: tuple[str, ...] = ()
    printed_at: datetime

    def __post_init__(self) -> None:
        validate.text(self.code, "code", limit=CODE)
        validate.text(self.title, "title", limit=PERSON)
        validate.text(self.mark, "mark", limit=NAME, optional=True)
        validate.whole(len(self.lines), "number of lines", least=0, most=4)
        for line in self.lines:
            validate.text(line, "line", limit=LINE)
        validate.qr_content(self.code, "code")
        validate.instant(self.printed_at, "printed_at")


def scan_label_pdf(labels: Sequence[ScanLabel], language: Language = "zh") -> bytes:
    """Print labels, one a page.

    Args:
        labels: 1 to 2,000.
        language: of the document; the content stays as given.

    Returns:
        PDF bytes.

    Raises:
        ValueError: when there is none or too many, or a text does not fit its label in any size.
        FontError: when the fonts are not the pinned ones.
    """
    validate.whole(len(labels), "number of labels", least=1, most=MAX_LABELS)
    faces: list[Json] = [
        {
            "code": each.code,
            "title": each.title,
            "mark": each.mark,
            "lines": list(each.lines),
            "qr": dict(qr(each.code)),
            "printed": local_moment(each.printed_at),
        }
        for each in labels
    ]
    return press("scan_label", {"labels": faces}, language=language, printed_at=labels[0].printed_at)
