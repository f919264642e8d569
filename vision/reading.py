"""Read one photograph of a tongue: refuse it with a reason, or suggest its signs.

Knows no clock and no patient.
"""

import csv
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from vision import capture, colour, light, quality
from vision.colour import Light
from vision.formats import Unreadable
from vision.quality import Quality
from vision.tongue import evidence, features, network, segment, signs
from vision.tongue import overlay as drawing
from vision.tongue.evidence import Marks
from vision.tongue.segment import Segmentation
from vision.tongue.signs import Sign

Image = npt.NDArray[np.uint8]

VERSION: Final = "tongue-3"
# The tongue is looked for in a picture of at most this size: the network looks at 256 px, and twelve
# megapixels cost five times as much.
SEARCH_PX: Final = 1600


@dataclass(frozen=True)
class Refusal:
    """What to tell the person with the camera: one sentence in Chinese, one in English."""

    code: str
    zh: str
    en: str


def read_refusals(folder: Path) -> dict[str, Refusal]:
    """The refusals of a reader, by code.

    Args:
        folder: Holds refusals.csv with the columns code, zh, en.

    Returns:
        The refusals in the order of the file.
    """
    with (folder / "refusals.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: Refusal(row["code"], row["zh"], row["en"]) for row in csv.DictReader(file)}


REFUSALS: Final = read_refusals(Path(__file__).parent)


@dataclass(frozen=True, eq=False)
class TongueReading:
    """What was read from one photograph. It suggests; a doctor adopts.

    refused: code of REFUSALS, or None where the photograph was read.
    quality: what was measured; None where the file could not be decoded.
    mask: H x W uint8, 0 or 255, upright as the photograph is seen; None where the file could not be decoded.
    signs: by name; empty where refused. Peeling, stasis and moisture are flagged and never asserted.
    marks: where the evidence lies, in the photograph's pixels; None where refused.
    light: what is known of the light; None where refused.
    zones: median L, a and b by zone with the light put right; empty where refused.
    model: as `model_name` answers it.
    """

    refused: str | None
    quality: Quality | None
    mask: Image | None
    signs: dict[str, Sign] = field(default_factory=dict)
    marks: Marks | None = None
    light: Light | None = None
    zones: dict[str, tuple[float, float, float]] = field(default_factory=dict)
    model: str = ""


def read(photo: bytes | Image) -> TongueReading:
    """Read one photograph of a tongue.

    Args:
        photo: A whole JPEG, PNG, WebP or HEIC file, or a decoded picture H x W x 3 uint8, blue-green-red.

    Returns:
        TongueReading; bytes that are no picture come back refused as "unreadable", never as an exception.

    Raises:
        ValueError: for an array of another shape or type.
    """
    try:
        picture = capture.picture_of(photo)
    except Unreadable:
        return TongueReading("unreadable", None, None, model=model_name())
    seen = _see(picture)
    if seen.refused in ("colour_cast", "no_tongue"):
        seen = _see_by_card(picture) or seen
    if seen.refused is not None:
        return _refusal(seen)
    # Of the picture as it is: signs do not feel the lamp, and `lit` puts the zones right.
    view = features.view(picture, seen.found.mask)
    marks = evidence.find(view)
    lit = light.told(picture, seen.found.mask)
    return TongueReading(
        None,
        seen.quality,
        seen.found.mask,
        signs.shipped().read(view) | evidence.rare_signs(marks, view),
        marks,
        lit,
        colour.zone_lab(view.photo, view.parts, lit),
        model_name(),
    )


@dataclass(frozen=True, eq=False)
class _Seen:
    """A picture, the tongue found in it, and what is to be said of it."""

    picture: Image
    found: Segmentation
    quality: Quality
    refused: str | None


def _see(picture: Image) -> _Seen:
    found = _find(picture)
    measured = quality.measure(picture, found.mask, found.presence, found.confidence)
    return _Seen(picture, found, measured, quality.judge(measured))


def _see_by_card(picture: Image) -> _Seen | None:
    """Look again under the light that a colour card tells; None where no card is fit for use.

    Only to find the tongue and to judge the picture: docs/decisions/0017 says why.
    """
    told = light.by_card(picture)
    return _see(colour.relit(picture, told)) if isinstance(told, Light) else None


def _refusal(seen: _Seen) -> TongueReading:
    if seen.refused != "no_tongue":
        return TongueReading(seen.refused, seen.quality, seen.found.mask, model=model_name())
    nothing = np.zeros_like(seen.found.mask)
    return TongueReading(_why_none(seen.picture, seen.found), seen.quality, nothing, model=model_name())


def _find(picture: Image) -> Segmentation:
    """Find the tongue in a reduced picture; the mask has the photograph's own size."""
    found = segment.shipped().segment(capture.reduced(picture, SEARCH_PX))
    if found.mask.shape == picture.shape[:2]:
        return found
    soft = cv2.resize(found.mask, picture.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    mask = cv2.threshold(soft, 127, 255, cv2.THRESH_BINARY)[1].astype(np.uint8, copy=False)
    return Segmentation(mask, found.presence, found.confidence)


def _why_none(photo: Image, found: Segmentation) -> str:
    """The reason no tongue was found: if one appears once the light is put right, the light is the reason."""
    picture = capture.reduced(photo, SEARCH_PX)
    relit = _relight(picture)
    again = segment.shipped().segment(relit)
    measured = quality.measure(relit, again.mask, again.presence, again.confidence)
    if quality.judge(measured) != "no_tongue":
        fault = quality.fault_of(quality.measure(picture, again.mask, found.presence, found.confidence))
        if fault in ("dark", "bright", "colour_cast"):
            return fault
    return "no_tongue"


def _relight(picture: Image) -> Image:
    """Grey-balanced and of middle brightness, only to see whether a tongue is there."""
    balanced = colour.correct(picture, colour.USUAL_LAMP, 1.0, colour.lamp(picture))
    middle = float(np.percentile(balanced, 60))
    stretched = np.clip(balanced * np.float32(120.0 / max(middle, 1.0)), 0, 255)
    relit: Image = stretched.astype(np.uint8)
    return relit


@cache
def model_name() -> str:
    """Version of the reader and the first digits of each model's SHA-256, as stored with every reading."""
    digests = (segment.shipped().digest, signs.shipped().digest, network.shipped().digest)
    return f"{VERSION}+{'.'.join(digest[:8] for digest in digests)}"


def overlay(photo: bytes | Image, reading: TongueReading) -> bytes:
    """The photograph with the contour, the zones and the evidence of the signs drawn on it.

    Args:
        photo: What `read` was given.
        reading: What `read` answered.

    Returns:
        The bytes of a JPEG file without metadata.

    Raises:
        Unreadable: when the bytes are no picture.
        ValueError: when the reading holds no mask of this photograph's size.
    """
    picture = capture.picture_of(photo)
    if reading.mask is None or reading.mask.shape != picture.shape[:2]:
        raise ValueError("the reading is not of this photograph")
    return capture.clean(
        drawing.draw_over(picture, reading.mask, reading.signs, reading.marks, reading.zones)
    )
