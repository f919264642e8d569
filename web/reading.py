"""Photographs on their way in: decoded at the door, read by the worker, put into the words of records."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from threading import Lock

import vision
from tcm.records.clinical import PhotographKind, Reading, Sign
from tcm.records.errors import N_, Invalid
from tcm.services.photographing import FAILED, Outcome, Upload
from vision.capture import reduced
from vision.colour import Light
from vision.face import reading as face
from vision.tongue.evidence import Crack, Marks, Notch, Patch, Spot
from web.i18n import language, translated

# A longer side is kept at a half, a third ...: readers look at a few hundred pixels of it, and pages wait.
MOST_KEPT_PX = 2400
REFUSALS = {PhotographKind.TONGUE: vision.REFUSALS, PhotographKind.FACE: face.REFUSALS}
# One at a time in a process: a photograph of 40 megapixels takes some 300 MiB while it is decoded.
_DECODING = Lock()
READING_FAILED = N_("这张照片识别时出错，请再拍一张。")


class PictureRefused(Invalid):
    """The photograph cannot be used; the sentence says how to take a better one.

    Args:
        kind: What it is said to show.
        code: Why, as `sentence_of` takes it.
    """

    def __init__(self, kind: PhotographKind, code: str) -> None:
        super().__init__(sentence_of(kind, code))
        self.code = code


def sentence_of(kind: PhotographKind, code: str) -> str:
    """What to tell the person with the camera.

    Args:
        kind: What the photograph is said to show.
        code: A key of the reader's refusals, or `FAILED`.

    Returns:
        One sentence in the reader's language.
    """
    if code == FAILED:
        return str(translated(READING_FAILED))
    refusal = REFUSALS[kind][code]
    return refusal.en if language() == "en" else refusal.zh


def take_in(data: bytes, kind: PhotographKind, *, drawn: bool = False) -> Upload:
    """Decode a photograph safely and leave everything but its pixels behind; nothing is read yet.

    Args:
        data: A whole file as it was uploaded.
        kind: What it is said to show.
        drawn: True for a drawn tongue.

    Returns:
        The picture, ready to be kept with a visit.

    Raises:
        PictureRefused: When it is no picture, a broken or an unsafe one.
    """
    try:
        with _DECODING:
            return Upload(vision.clean(reduced(vision.decode(data), MOST_KEPT_PX)), kind, drawn)
    except vision.Unreadable as error:
        raise PictureRefused(kind, "unreadable") from error


def read_picture(clean: bytes, kind: PhotographKind) -> Outcome:
    """Read a photograph that was taken in.

    Args:
        clean: Its bytes as they are kept: read again later, they give the same reading.
        kind: What it is said to show.

    Returns:
        What came of it.
    """
    return _read_tongue(clean) if kind is PhotographKind.TONGUE else _read_face(clean)


def warm_up() -> None:
    """Load the readers, so that the first photograph of the day is read as fast as the next."""
    vision.model_name()
    face.model_name()


def _read_tongue(clean: bytes) -> Outcome:
    picture = vision.decode(clean)
    found = vision.read(picture)
    measured = Reading(
        height_px=picture.shape[0],
        width_px=picture.shape[1],
        quality=asdict(found.quality) if found.quality else {},
        zones=found.zones,
        light=_light(found.light) if found.light else {},
        marks=_summary(found.marks) if found.marks else {},
    )
    if found.refused is not None:
        return Outcome(found.model, measured, refusal=found.refused)
    return Outcome(found.model, measured, _signs(found.signs), vision.overlay(picture, found))


def _read_face(clean: bytes) -> Outcome:
    picture = vision.decode(clean)
    found = face.read(picture)
    measured = Reading(
        height_px=picture.shape[0],
        width_px=picture.shape[1],
        quality=asdict(found.quality) if found.quality else {},
        light={"source": found.light},
        doubts=found.doubts,
    )
    if found.refused is not None:
        return Outcome(found.model, measured, refusal=found.refused)
    return Outcome(found.model, measured, _signs(found.signs), face.overlay(picture, found))


def _signs(signs: Mapping[str, vision.Sign]) -> tuple[Sign, ...]:
    return tuple(
        Sign(name, sign.label, sign.term, sign.probability, sign.abstained) for name, sign in signs.items()
    )


def _light(light: Light) -> dict[str, object]:
    return {
        "source": light.source,
        "gains": light.gains.tolist(),
        "matrix": None if light.matrix is None else light.matrix.tolist(),
        "residual_de": light.residual_de,
        "uncertainty_de": light.uncertainty_de,
        "card_fault": light.card_fault,
    }


def _summary(marks: Marks) -> dict[str, float]:
    """How many of each mark, and how large the largest is as a share of the tongue's length."""
    kinds: dict[str, Sequence[Crack | Notch | Spot | Patch]] = {
        "cracks": marks.cracks,
        "notches": marks.notches,
        "spots": marks.spots,
        "peeled": marks.peeled,
        "stasis": marks.stasis,
    }
    counts = {name: float(len(found)) for name, found in kinds.items()}
    largest = {f"largest_{name}": max(mark.size for mark in found) for name, found in kinds.items() if found}
    return counts | largest | asdict(marks.moisture)
