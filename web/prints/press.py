"""Turn a sheet's view into PDF bytes with Typst.

The view travels as one JSON string in `sys.inputs`; templates only ever insert its strings as values,
so nothing a person typed is read as markup.
"""

import json
from datetime import datetime
from pathlib import Path
from typing import Final, TypeAlias, cast

import typst

from web.prints.fonts import drawable, typefaces
from web.prints.wording import Language, words

Json: TypeAlias = "str | int | bool | list[Json] | dict[str, Json] | None"

_TEMPLATES = Path(__file__).with_name("templates")
# PDF/A-2u: fonts embedded, text readable back, and a missing glyph is an error instead of a box.
_STANDARD: Final = "a-2u"
# What the caller's content can cause: a label too full, a sketch that is no SVG. Anything else is a
# fault of a template and stays a TypstError.
_PANIC = "panicked with: "
_CONTENT_FAULTS = (_PANIC, "failed to parse SVG", "failed to decode image")

# Typst keeps what it computed for the ten compilations that follow. That speeds up single papers, but
# ten runs of 170 pot labels held 2.4 GB; after a long run it is made to forget (docs/decisions/0008).
_LONG_RUN_BYTES = 100_000
_MEMORY_SPAN = 12

# Drawings are no text; what they say was spelt out by the caller.
_DRAWINGS = frozenset({"svg", "map_svg"})


def _forget() -> None:
    for _ in range(_MEMORY_SPAN):
        typst.compile(b"", font_paths=typefaces(), ignore_system_fonts=True)


def _spelt(value: Json) -> Json:
    if isinstance(value, str):
        return drawable(value)
    if isinstance(value, list):
        return [_spelt(item) for item in value]
    if isinstance(value, dict):
        return {key: item if key in _DRAWINGS else _spelt(item) for key, item in value.items()}
    return value


def press(template: str, view: dict[str, Json], *, language: Language, printed_at: datetime) -> bytes:
    """Compile one template with its data.

    Args:
        template: file name under templates/, without its ending.
        view: what the template reads as `data.sheet`; texts already formatted.
        language: of the labels.
        printed_at: date of the document, aware UTC; equal arguments give equal bytes.

    Returns:
        The PDF, PDF/A-2u, fonts embedded.

    Raises:
        ValueError: when the content does not fit its paper or holds a picture Typst cannot read; for
            an unknown language.
        FontError: when the fonts are not the pinned ones.
    """
    data = json.dumps(_spelt({"words": cast(Json, words(language)), "language": language, "sheet": view}))
    try:
        pdf = typst.compile(
            str(_TEMPLATES / f"{template}.typ"),
            root=str(_TEMPLATES),
            font_paths=typefaces(),
            ignore_system_fonts=True,
            sys_inputs={"data": data},
            timestamp=int(printed_at.timestamp()),
            pdf_standards=_STANDARD,
            pdf_tags=False,
        )
    except typst.TypstError as error:
        if not error.message.startswith(_CONTENT_FAULTS):
            raise
        raise ValueError(f"the {template} cannot be printed: {error.message.removeprefix(_PANIC)}") from error
    if len(data) > _LONG_RUN_BYTES:
        _forget()
    return pdf
