"""Reads an uploaded photograph of a tongue, before any transaction is open."""

from tcm.records.clinical import Sign
from tcm.records.errors import Invalid
from tcm.services.charting import Picture
from vision import REFUSALS, Unreadable, clean, decode, overlay, read
from web.i18n import language


class PictureRefused(Invalid):
    """The photograph cannot be used; the sentence says how to take a better one.

    Args:
        code: A key of `vision.REFUSALS`.
    """

    def __init__(self, code: str) -> None:
        refusal = REFUSALS[code]
        super().__init__(refusal.en if language() == "en" else refusal.zh)
        self.code = code


def read_photograph(data: bytes) -> Picture:
    """Decode, clean and read a photograph.

    Args:
        data: A whole file as it was uploaded.

    Returns:
        The picture without metadata, its overlay and its signs, ready to be kept with a visit.

    Raises:
        PictureRefused: When it is no picture, shows no tongue, or is not good enough to be read.
    """
    try:
        picture = decode(data)
    except Unreadable as error:
        raise PictureRefused("unreadable") from error
    reading = read(picture)
    if reading.refused is not None:
        raise PictureRefused(reading.refused)
    signs = [
        Sign(name, sign.label, sign.term, sign.probability, sign.abstained)
        for name, sign in reading.signs.items()
    ]
    return Picture(clean(picture), overlay(picture, reading), signs, reading.model)
