"""The colour card as a paper: what vision looks for in a photograph, drawn to scale.

Not offered by `web.prints` itself, since it loads OpenCV, which the other papers need not.
"""

from datetime import datetime
from typing import Final, Literal
from zoneinfo import ZoneInfo

from vision import card
from web.prints import validate
from web.prints.press import Json, press
from web.prints.wording import Language, words

Size = Literal["a6", "a5"]

# Paper, side of a cell, and size of the instructions.
_SIZES: Final[dict[Size, dict[str, Json]]] = {
    "a6": {"width": "105mm", "height": "148mm", "cell": "12mm", "text": "5.6pt"},
    "a5": {"width": "148mm", "height": "210mm", "cell": "17mm", "text": "8pt"},
}
_COUNTY_ZONE: Final = ZoneInfo("Asia/Shanghai")


def colour_card_pdf(size: Size, printed_at: datetime, language: Language = "zh") -> bytes:
    """Print the colour card (比色卡), one page, instructions in Chinese and English.

    Args:
        size: "a6", to hold beside the chin, or "a5".
        printed_at: stands on the card, since inks fade; aware UTC.
        language: of the document's title.

    Returns:
        PDF bytes; markers and patches are vectors, colours sRGB as card.csv lists them.

    Raises:
        ValueError: for an unknown size or language, or a time that is not aware UTC.
        FontError: when the fonts are not the pinned ones.
    """
    if size not in _SIZES:
        raise ValueError(f"the colour card is printed on a6 or a5, not {size!r}")
    validate.instant(printed_at, "printed_at")
    view: dict[str, Json] = {
        **_SIZES[size],
        "rows": card.ROWS,
        "columns": card.COLUMNS,
        "patch_percent": round(100 * card.PATCH_SHARE),
        "patches": [_patch(patch) for patch in card.patches()],
        "markers": [
            {"x": x, "y": y, "modules": [[bool(black) for black in row] for row in card.marker(number)]}
            for number, (x, y) in enumerate(card.MARKER_CORNERS)
        ],
        "chinese": dict(words("zh")),
        "english": dict(words("en")),
        "version": card.VERSION,
        "day": f"{printed_at.astimezone(_COUNTY_ZONE):%Y-%m-%d}",
    }
    return press("colour_card", view, language=language, printed_at=printed_at)


def _patch(patch: card.Patch) -> Json:
    blue, green, red = patch.srgb
    return {"row": patch.row, "column": patch.column, "colour": f"#{red:02x}{green:02x}{blue:02x}"}
