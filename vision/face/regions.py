"""Parts of a face that inspection tells apart: forehead, cheeks, nose, lips, chin; and which of it is skin.

Laid out from eyes and mouth by proportions of an adult face, chosen near those of Farkas, "Anthropometry of
the Head and Face", 2nd edition, 1994; narrowed to skin by its chrominance: Chai, Ngan, "Face segmentation
using skin-color map in videophone applications", IEEE Transactions on Circuits and Systems for Video
Technology 9, 1999.
"""

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from vision import colour

Image = npt.NDArray[np.uint8]
Points = npt.NDArray[np.float64]

# Order is the number a region carries in the map, from 1. Right and left are the person's own.
REGIONS: Final = ("forehead", "right_cheek", "left_cheek", "nose", "lips", "chin")
FOREHEAD, RIGHT_CHEEK, LEFT_CHEEK, NOSE, LIPS, CHIN = 1, 2, 3, 4, 5, 6
# Where colour is judged: the nose shines and the chin may wear a beard.
JUDGED: Final = (FOREHEAD, RIGHT_CHEEK, LEFT_CHEEK)

# Middle and half-size of each region: across in distances between the eyes, down in those from eyes to mouth.
_PLACES: Final = {
    FOREHEAD: ((0.0, -0.60), (0.55, 0.20)),
    RIGHT_CHEEK: ((-0.62, 0.62), (0.25, 0.25)),
    LEFT_CHEEK: ((0.62, 0.62), (0.25, 0.25)),
    NOSE: ((0.0, 0.42), (0.19, 0.26)),
    LIPS: ((0.0, 1.0), (0.42, 0.16)),
    CHIN: ((0.0, 1.43), (0.32, 0.13)),
}
_FACE: Final = ((0.0, 0.33), (1.08, 1.28))
# Chai and Ngan's limits are 133 to 173 and 77 to 127; wider by 8, to find pale and livid skin too.
CR: Final = (125, 181)
CB: Final = (69, 135)
LEAST_SKIN_SHARE: Final = 0.4
MOST_FROM_MIDDLE: Final = 3.0
LEAST_SPREAD: Final = 3.0


def frame(points: Points) -> tuple[Points, Points, Points]:
    """The face's own axes.

    Args:
        points: 6 x 2, as vision.face.detect.POINTS.

    Returns:
        The middle of the eyes; the way to the person's left eye, as long as from eye to eye; the way down, as
        long as from the eyes to the mouth.
    """
    across = points[1] - points[0]
    middle = (points[0] + points[1]) / 2
    down = np.array([-across[1], across[0]]) / max(float(np.linalg.norm(across)), 1e-6)
    return middle, across, down * max(float((points[3] - middle) @ down), 1.0)


def outline(points: Points, place: tuple[tuple[float, float], tuple[float, float]]) -> npt.NDArray[np.int32]:
    """An ellipse of the face's own axes as a polygon.

    Args:
        points: 6 x 2, as vision.face.detect.POINTS.
        place: Middle and half-size, across and down, in the units of `frame`.

    Returns:
        60 x 2 int32, x and y in px.
    """
    middle, across, down = frame(points)
    angle = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    (u, v), (half_u, half_v) = place
    us, vs = u + half_u * np.cos(angle), v + half_v * np.sin(angle)
    return np.rint(middle + us[:, None] * across + vs[:, None] * down).astype(np.int32)


def face_mask(shape: tuple[int, int], points: Points) -> Image:
    """The whole face, hairline to chin.

    Args:
        shape: Height and width.
        points: 6 x 2, as vision.face.detect.POINTS.

    Returns:
        H x W uint8, 0 or 255.
    """
    mask = np.zeros(shape, np.uint8)
    cv2.fillPoly(mask, [outline(points, _FACE)], 255)
    return mask


def cut_share(shape: tuple[int, int], points: Points) -> float:
    """How much of the face's outline lies beyond the picture.

    Args:
        shape: Height and width of the picture.
        points: 6 x 2, as vision.face.detect.POINTS.

    Returns:
        0 to 1.
    """
    x, y = outline(points, _FACE).T
    return float(((x < 0) | (y < 0) | (x >= shape[1]) | (y >= shape[0])).mean())


def skin_mask(photo: Image, points: Points) -> npt.NDArray[np.bool_]:
    """Which pixels of the face are skin: not hair, glasses, eyes, teeth, mask.

    Args:
        photo: H x W x 3 uint8, blue-green-red, already corrected for the lamp.
        points: 6 x 2, as vision.face.detect.POINTS.

    Returns:
        H x W bool.
    """
    within = face_mask((photo.shape[0], photo.shape[1]), points) > 0
    _, cr, cb = cv2.split(cv2.cvtColor(photo, cv2.COLOR_BGR2YCrCb))
    skin = within & (cr >= CR[0]) & (cr <= CR[1]) & (cb >= CB[0]) & (cb <= CB[1])
    judged = np.isin(divide(photo.shape[:2], points), JUDGED) & skin
    if not judged.any():
        return np.zeros(within.shape, bool)
    lab = colour.to_lab(photo)
    middle = np.median(lab[judged], axis=0)
    spread = np.maximum(1.4826 * np.median(np.abs(lab[judged] - middle), axis=0), LEAST_SPREAD)
    # Lightness may fall off across a face, so colour alone decides, but what is nearly black goes.
    far = np.abs(lab - middle)[..., 1:] / spread[1:]
    near: npt.NDArray[np.bool_] = (
        skin & (far.max(axis=2) < MOST_FROM_MIDDLE) & (lab[..., 0] > 0.5 * middle[0])
    )
    return near


def divide(shape: tuple[int, ...], points: Points) -> Image:
    """Number every pixel by its region, as the proportions lay it out.

    Args:
        shape: Height and width first.
        points: 6 x 2, as vision.face.detect.POINTS.

    Returns:
        H x W uint8: 0 outside, else 1 + index in REGIONS.
    """
    parts = np.zeros((shape[0], shape[1]), np.uint8)
    for number, place in _PLACES.items():
        cv2.fillPoly(parts, [outline(points, place)], number)
    return parts


def refine(parts: Image, skin: npt.NDArray[np.bool_]) -> Image:
    """Keep of each region what is skin; a region with too little of it is dropped. Lips stay as laid out.

    Args:
        parts: As `divide` answers.
        skin: As `skin_mask` answers.

    Returns:
        H x W uint8, numbered as `parts`.
    """
    refined = np.where(skin | (parts == LIPS), parts, 0).astype(np.uint8)
    for number in range(1, len(REGIONS) + 1):
        laid = int(np.count_nonzero(parts == number))
        if number != LIPS and np.count_nonzero(refined == number) < LEAST_SKIN_SHARE * laid:
            refined[refined == number] = 0
    return refined
