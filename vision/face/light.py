"""The colour of the light on a face: from the white of the eyes, from teeth, else guessed from the picture.

Sclera as a white: Males, Hedi, Grgic, "Colour balancing using sclera colour", IET Image Processing 12, 2018.
Faces as a reference at all: Bianco, Schettini, "Adaptive color constancy using faces", IEEE Transactions on
Pattern Analysis and Machine Intelligence 36, 2014. Without a white: shades of grey, as in vision.colour.
"""

from dataclasses import dataclass
from typing import Final, Literal

import cv2
import numpy as np
import numpy.typing as npt

from vision import colour
from vision.face import regions

Image = npt.NDArray[np.uint8]
Points = npt.NDArray[np.float64]
Colour = npt.NDArray[np.float64]

# Half-sizes of the places where white is looked for, in the units of regions.frame.
_EYE_HALF: Final = (0.26, 0.12)
_MOUTH: Final = ((0.0, 1.0), (0.32, 0.12))
# A white is less red than the skin around it by so much (red over blue and red over green), nearly as bright,
# and not clipped. Ratios of the two hold under any lamp of von Kries' model.
LEAST_WHITER: Final = (0.84, 0.94)
LEAST_BRIGHTNESS: Final = 0.75
LEAST_WHITE_PX: Final = 12
LEAST_WHITE_SHARE: Final = 0.05
# The two eyes must tell of one lamp: difference of log ratios.
MOST_EYES_APART: Final = 0.15


@dataclass(frozen=True, eq=False)
class Light:
    """The lamp as estimated.

    colour: 3 floats, blue-green-red, of mean 1.
    reference: where it was read from.
    """

    colour: Colour
    reference: Literal["sclera", "teeth", "none"]


def estimate(photo: Image, points: Points) -> Light:
    """Estimate the lamp.

    Args:
        photo: H x W x 3 uint8, blue-green-red: the face with its surroundings.
        points: 6 x 2, as vision.face.detect.POINTS.

    Returns:
        Light.
    """
    skin = _median(photo, np.isin(regions.divide(photo.shape[:2], points), regions.JUDGED))
    if skin is not None:
        eyes = [_white(photo, _eye(photo, points, side), skin) for side in (0, 1)]
        right, left = eyes
        if right is not None and left is not None and _apart(right, left) < MOST_EYES_APART:
            return Light(_unit(np.sqrt(right * left)), "sclera")
        teeth = _white(photo, _patch(photo, points, _MOUTH), skin)
        if teeth is not None:
            return Light(_unit(teeth), "teeth")
    return Light(colour.lamp(photo), "none")


def correct(photo: Image, light: Light) -> Image:
    """The photograph as under white light (von Kries scaling).

    Args:
        photo: H x W x 3 uint8, blue-green-red.
        light: As `estimate` answered.

    Returns:
        H x W x 3 uint8.
    """
    return colour.correct(photo, np.ones(3), 1.0, light.colour)


def _eye(photo: Image, points: Points, side: int) -> npt.NDArray[np.bool_]:
    return _patch(photo, points, ((side - 0.5, 0.0), _EYE_HALF))


def _patch(
    photo: Image, points: Points, place: tuple[tuple[float, float], tuple[float, float]]
) -> npt.NDArray[np.bool_]:
    mask = np.zeros(photo.shape[:2], np.uint8)
    cv2.fillPoly(mask, [regions.outline(points, place)], 255)
    return mask > 0


def _median(photo: Image, where: npt.NDArray[np.bool_]) -> Colour | None:
    pixels = photo[where]
    return np.maximum(np.median(pixels, axis=0).astype(np.float64), 1.0) if len(pixels) else None


def _white(photo: Image, where: npt.NDArray[np.bool_], skin: Colour) -> Colour | None:
    """Median colour of what is white in a patch, or None where too little is."""
    pixels = np.maximum(photo[where].astype(np.float64), 1.0)
    blue, green, red = pixels.T
    white = (
        (red / blue < LEAST_WHITER[0] * skin[2] / skin[0])
        & (red / green < LEAST_WHITER[1] * skin[2] / skin[1])
        & (green > LEAST_BRIGHTNESS * skin[1])
        & (pixels.max(axis=1) < colour.CLIPPED)
    )
    enough = max(LEAST_WHITE_PX, LEAST_WHITE_SHARE * len(pixels))
    return np.median(pixels[white], axis=0) if np.count_nonzero(white) >= enough else None


def _apart(one: Colour, other: Colour) -> float:
    """Largest difference of the channels' ratios, in logarithms."""
    ratio = np.log(_unit(one) / _unit(other))
    return float(ratio.max() - ratio.min())


def _unit(light: Colour) -> Colour:
    unit: Colour = light / light.mean()
    return unit
