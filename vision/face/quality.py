"""Is the photograph of a face good enough to read, answered by a code; and to assert something, by doubts."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from vision import quality
from vision.face import light, regions
from vision.face.detect import Face
from vision.face.light import Light

Image = npt.NDArray[np.uint8]

# When a photograph is refused; docs/decisions/0012 tells how each was set.
LEAST_EYE_DISTANCE_PX: Final = 40.0
LEAST_LIGHTNESS: Final = 22.0
MOST_LIGHTNESS: Final = 88.0
MOST_BURNT_SHARE: Final = 0.12
REDNESS: Final = (1.0, 40.0)
YELLOWNESS: Final = (-8.0, 42.0)
MOST_LAMP_RATIO: Final = 2.6
MOST_CUT_SHARE: Final = 0.12
LEAST_SHARPNESS: Final = 0.4

# When nothing is asserted.
MOST_TURN: Final = 0.3
MOST_BURNT_TO_ASSERT: Final = 0.03
LIGHTNESS_TO_ASSERT: Final = (35.0, 82.0)
LAMP_RATIO_TO_ASSERT: Final = 1.8
LEAST_EYE_DISTANCE_TO_ASSERT_PX: Final = 60.0
MOST_CHROMA_TO_ASSERT: Final = 38.0
MOST_UNEVEN_TO_ASSERT: Final = 9.0
MOST_SHADED_TO_ASSERT: Final = 20.0
LEAST_SKIN_TO_ASSERT: Final = 0.35


@dataclass(frozen=True)
class FaceQuality:
    """What was measured. Colours in CIE Lab; shares from 0 to 1; nothing here is a verdict.

    presence: the detector's answer to "is this a face".
    faces: how many were found.
    eye_distance_px: in the photograph's own pixels.
    turn: how far the nose lies from the middle of the eyes, in distances between the eyes.
    skin_share: the face's share of skin.
    sharpness: as vision.quality, on the whole face.
    lightness: median of L of forehead and cheeks as photographed.
    redness, yellowness: medians of a and b there, corrected for the lamp where a white was found.
    burnt_share: their share of clipped pixels.
    cut_share: how much of the face's outline lies beyond the picture.
    lamp_ratio: the lamp's strongest channel over its weakest.
    """

    presence: float
    faces: int
    eye_distance_px: float
    turn: float
    skin_share: float
    sharpness: float
    lightness: float
    redness: float
    yellowness: float
    burnt_share: float
    cut_share: float
    lamp_ratio: float


def nothing(presence: float = 0.0) -> FaceQuality:
    """Quality where no face was found.

    Args:
        presence: 0 to 1.

    Returns:
        FaceQuality, 0 throughout.
    """
    return FaceQuality(presence, 0, *(0.0,) * 10)


def measure(
    photo: Image, points: regions.Points, face: Face, faces: int, cut_share: float, lamp: Light
) -> FaceQuality:
    """Measure a photograph on its face.

    Args:
        photo: The face cut out, h x w x 3 uint8, blue-green-red, as photographed.
        points: The face's points in it.
        face: The face in the whole photograph.
        faces: How many were found there.
        cut_share: As vision.face.regions.cut_share, of the whole photograph.
        lamp: As vision.face.light estimated it.

    Returns:
        FaceQuality with skin_share 0, for vision.face.reading to fill once the skin is known.
    """
    parts = regions.divide(photo.shape[:2], points)
    judged = np.where(np.isin(parts, regions.JUDGED), 255, 0).astype(np.uint8)
    whole = regions.face_mask((photo.shape[0], photo.shape[1]), points)
    on_skin = quality.measure(photo, judged, face.score, face.score)
    # A white tells lamp from skin; without one, the colours as photographed are all there is to go by.
    balanced = photo if lamp.reference == "none" else light.correct(photo, lamp)
    hue = quality.measure(balanced, judged, face.score, face.score)
    middle, across, _ = regions.frame(points)
    return FaceQuality(
        presence=face.score,
        faces=faces,
        eye_distance_px=face.eye_distance_px,
        turn=float(abs((points[2] - middle) @ across) / max(float(across @ across), 1e-6)),
        skin_share=0.0,
        sharpness=quality.measure(photo, whole, face.score, face.score).sharpness,
        lightness=on_skin.lightness,
        redness=hue.redness,
        yellowness=hue.yellowness,
        burnt_share=on_skin.burnt_share,
        cut_share=cut_share,
        lamp_ratio=float(lamp.colour.max() / max(float(lamp.colour.min()), 1e-3)),
    )


def judge(found: FaceQuality) -> str | None:
    """Why a photograph cannot be read.

    Args:
        found: As `measure` answers.

    Returns:
        "no_face", "too_small", "cut_off", "dark", "bright", "colour_cast", "blurred", or None.
    """
    if not found.faces:
        return "no_face"
    if found.eye_distance_px < LEAST_EYE_DISTANCE_PX:
        return "too_small"
    if found.cut_share > MOST_CUT_SHARE:
        return "cut_off"
    if found.lightness < LEAST_LIGHTNESS:
        return "dark"
    if found.lightness > MOST_LIGHTNESS or found.burnt_share > MOST_BURNT_SHARE:
        return "bright"
    if not (
        REDNESS[0] <= found.redness <= REDNESS[1]
        and YELLOWNESS[0] <= found.yellowness <= YELLOWNESS[1]
        and found.lamp_ratio <= MOST_LAMP_RATIO
    ):
        return "colour_cast"
    if found.sharpness < LEAST_SHARPNESS:
        return "blurred"
    return None


def doubts(found: FaceQuality, chroma: float, uneven: float, shaded: float) -> tuple[str, ...]:
    """What forbids an assertion about a photograph that was read.

    Args:
        found: As `measure` answers.
        chroma: Of the skin after correction.
        uneven: Largest difference of colour between regions, a and b.
        shaded: Largest difference of lightness between regions.

    Returns:
        Codes: "several_faces", "turned", "small", "light", "cast", "saturated" and "uneven" (make-up,
        a filter, two lamps), "shaded", "covered"; empty where nothing does.
    """
    low, high = LIGHTNESS_TO_ASSERT
    reasons = {
        "several_faces": found.faces > 1,
        "turned": found.turn > MOST_TURN,
        "small": found.eye_distance_px < LEAST_EYE_DISTANCE_TO_ASSERT_PX,
        "light": not low <= found.lightness <= high or found.burnt_share > MOST_BURNT_TO_ASSERT,
        "cast": found.lamp_ratio > LAMP_RATIO_TO_ASSERT,
        "saturated": chroma > MOST_CHROMA_TO_ASSERT,
        "uneven": uneven > MOST_UNEVEN_TO_ASSERT,
        "shaded": shaded > MOST_SHADED_TO_ASSERT,
        "covered": found.skin_share < LEAST_SKIN_TO_ASSERT,
    }
    return tuple(reason for reason, holds in reasons.items() if holds)
