"""What is known of a picture file before it is decoded, and the refusal of one that is none."""

from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["jpeg", "png", "webp", "heif"]

# Nothing larger is decoded, whichever part of a file declares it.
MAX_PIXELS: Final = 40_000_000


class Unreadable(ValueError):
    """The bytes are no whole picture of a kind that is read."""


@dataclass(frozen=True)
class Header:
    """What the file declares.

    width_px, height_px: as stored, before it is turned.
    orientation: Exif, 1 to 8; always 1 for HEIF, whose decoder turns it itself.
    display_p3: whether its numbers mean colours of Display P3 in place of sRGB.
    end: where the picture ends in the file; behind it a phone keeps things that are not looked at.
    """

    kind: Kind
    width_px: int
    height_px: int
    orientation: int = 1
    display_p3: bool = False
    end: int = 0
