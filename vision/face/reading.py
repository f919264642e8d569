"""Read one photograph of a face: refuse it with a reason, or suggest its complexion.

Knows no clock and no patient, and recognises nobody.
"""

import dataclasses
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from vision import capture
from vision.face import complexion, detect, light, quality, regions
from vision.face import overlay as drawing
from vision.face.detect import Face
from vision.face.quality import FaceQuality
from vision.formats import Unreadable
from vision.reading import read_refusals
from vision.tongue.signs import Sign

Image = npt.NDArray[np.uint8]

VERSION: Final = "face-1"
# The face is looked at on this scale at most: eye to eye 90 px.
MOST_EYE_DISTANCE_PX: Final = 90.0
# Faces are looked for on this scale at most.
MOST_FIND_PX: Final = 1280
CUT_SIDES: Final = 4.2


REFUSALS: Final = read_refusals(Path(__file__).parent)


@dataclass(frozen=True, eq=False)
class FaceReading:
    """What was read from one photograph. It suggests; a doctor adopts.

    refused: code of REFUSALS, or None where the photograph was read.
    quality: what was measured; None where the file could not be decoded.
    parts: H x W uint8 of vision.face.regions.REGIONS, as the photograph is seen; None where not decoded.
    signs: "complexion" and "lustre"; empty where refused or where neither cheek was skin.
    doubts: why nothing is asserted, codes of vision.face.quality.doubts.
    light: where the lamp was read from: "sclera", "teeth" or "none".
    quarter_turns: how often the photograph had to be turned anticlockwise for a face to be found.
    model: as `model_name` answers it.
    """

    refused: str | None
    quality: FaceQuality | None
    parts: Image | None
    signs: dict[str, Sign] = field(default_factory=dict)
    doubts: tuple[str, ...] = ()
    light: str = "none"
    quarter_turns: int = 0
    model: str = ""


def read(photo: bytes | Image) -> FaceReading:
    """Read one photograph of a face.

    Args:
        photo: A whole JPEG, PNG, WebP or HEIC file, or a decoded picture H x W x 3 uint8, blue-green-red.

    Returns:
        FaceReading; bytes that are no picture come back refused as "unreadable", never as an exception.

    Raises:
        ValueError: for an array of another shape or type.
    """
    try:
        picture = capture.picture_of(photo)
    except Unreadable:
        return FaceReading("unreadable", None, None, model=model_name())
    turns, faces = _find(picture)
    if not faces:
        empty = np.zeros(picture.shape[:2], np.uint8)
        return FaceReading("no_face", quality.nothing(), empty, model=model_name())
    turned = np.ascontiguousarray(np.rot90(picture, turns))
    reading, parts = _read_face(turned, faces)
    back = np.ascontiguousarray(np.rot90(parts, -turns))
    return dataclasses.replace(reading, parts=back, quarter_turns=turns)


def _find(picture: Image) -> tuple[int, list[Face]]:
    """Faces and how often the picture was turned; it is turned only when none is found upright."""
    scale = min(1.0, MOST_FIND_PX / max(picture.shape[:2]))
    small = picture
    if scale < 1:
        size = (max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))
        small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
    for turns in (0, 1, 3, 2):
        faces = detect.shipped().find(np.ascontiguousarray(np.rot90(small, turns)))
        if faces:
            return turns, [_scaled(face, 1 / scale) for face in faces]
    return 0, []


def _scaled(face: Face, factor: float) -> Face:
    x, y, width, height = face.box
    return Face(face.score, (x * factor, y * factor, width * factor, height * factor), face.points * factor)


def _read_face(picture: Image, faces: list[Face]) -> tuple[FaceReading, Image]:
    """Read the largest face of an upright picture; its regions in the picture's size."""
    face = faces[0]
    near, points, corner, side = _near(picture, face)
    lamp = light.estimate(near, points)
    size = (picture.shape[0], picture.shape[1])
    cut_share = regions.cut_share(size, face.points)
    found = quality.measure(near, points, face, len(faces), cut_share, lamp)
    corrected = light.correct(near, lamp)
    skin = regions.skin_mask(corrected, points)
    whole = regions.face_mask((near.shape[0], near.shape[1]), points) > 0
    found = dataclasses.replace(found, skin_share=float(skin[whole].mean()) if whole.any() else 0.0)
    parts = regions.refine(regions.divide(near.shape[:2], points), skin)
    refused = quality.judge(found)
    signs: dict[str, Sign] = {}
    doubts: tuple[str, ...] = ()
    eye_distance_px = float(np.linalg.norm(points[1] - points[0]))
    measured = complexion.measure(corrected, parts, eye_distance_px) if refused is None else None
    if measured is not None:
        doubts = quality.doubts(found, measured.chroma, measured.uneven, measured.shaded)
        signs = complexion.read(measured, lamp.reference, bool(doubts))
    reading = FaceReading(refused, found, None, signs, doubts, lamp.reference, model=model_name())
    return reading, _placed(parts, corner, side, size)


def _near(picture: Image, face: Face) -> tuple[Image, regions.Points, tuple[int, int], int]:
    """The face cut out and made no larger than needed; its points there; where it was cut, and how large."""
    middle, _, down = regions.frame(face.points)
    length = max(face.eye_distance_px, float(np.linalg.norm(down)))
    side = max(16, round(CUT_SIDES * length))
    centre = middle + 0.33 * down
    corner = (round(float(centre[0]) - side / 2), round(float(centre[1]) - side / 2))
    scale = min(1.0, MOST_EYE_DISTANCE_PX / length)
    small = max(16, round(side * scale))
    near = cv2.resize(detect.cut(picture, corner, side), (small, small), interpolation=cv2.INTER_AREA)
    return near.astype(np.uint8, copy=False), (face.points - corner) * (small / side), corner, side


def _placed(parts: Image, corner: tuple[int, int], side: int, size: tuple[int, int]) -> Image:
    """The regions of the cut-out put back where it was cut from."""
    large = cv2.resize(parts, (side, side), interpolation=cv2.INTER_NEAREST)
    placed = detect.cut(large[..., None].astype(np.uint8), (-corner[0], -corner[1]), max(size))
    inside: Image = np.ascontiguousarray(placed[: size[0], : size[1], 0])
    return inside


@cache
def model_name() -> str:
    """Version of the reader and the first digits of the detector's SHA-256, as stored with every reading."""
    return f"{VERSION}+{detect.shipped().digest[:8]}"


def overlay(photo: bytes | Image, reading: FaceReading) -> bytes:
    """The photograph with the regions drawn on it.

    Args:
        photo: What `read` was given.
        reading: What `read` answered.

    Returns:
        The bytes of a JPEG file without metadata.

    Raises:
        Unreadable: when the bytes are no picture.
        ValueError: when the reading holds no regions of this photograph's size.
    """
    picture = capture.picture_of(photo)
    if reading.parts is None or reading.parts.shape != picture.shape[:2]:
        raise ValueError("the reading is not of this photograph")
    return capture.clean(drawing.draw_over(picture, reading.parts))
