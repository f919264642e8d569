"""Papers as answers: PDF bytes in the reader's language, and a sentence where something does not fit."""

from collections.abc import Callable
from typing import TypeVar

from flask import make_response
from werkzeug.wrappers import Response

from tcm.records.errors import N_, Invalid
from web.i18n import language
from web.prints import Language

Sheet = TypeVar("Sheet")


def fitting(make: Callable[[], Sheet]) -> Sheet:
    """A sheet, or a refusal where a text is longer than its paper has room for.

    Args:
        make: Puts the sheet together.

    Returns:
        The sheet.

    Raises:
        Invalid: When something cannot be printed.
    """
    try:
        return make()
    except ValueError as error:
        raise Invalid(N_("有一项内容排不进纸面，请改短后再打印。")) from error


def print_language() -> Language:
    """The language of the labels on paper."""
    return "en" if language() == "en" else "zh"


def pdf_response(data: bytes, name: str) -> Response:
    """A paper to be shown and printed, kept nowhere on the way.

    Args:
        data: PDF bytes.
        name: Of the file, without its ending; it names no patient.

    Returns:
        The answer.
    """
    response = make_response(data)
    response.headers["Content-Type"] = "application/pdf"
    response.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    response.headers["Cache-Control"] = "no-store"
    return response
