"""The regions of a face drawn on its photograph, so the doctor sees what was looked at."""

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from vision.face.regions import REGIONS

Image = npt.NDArray[np.uint8]

# Blue, green, red; told apart by colour-blind eyes too (Okabe, Ito, "Color universal design", 2008).
REGION_BGR: Final[dict[str, tuple[int, int, int]]] = {
    "forehead": (115, 158, 0),
    "right_cheek": (178, 114, 0),
    "left_cheek": (233, 180, 86),
    "nose": (66, 228, 240),
    "lips": (0, 94, 213),
    "chin": (167, 121, 204),
}
TINT: Final = 0.15


def draw_over(photo: Image, parts: Image) -> Image:
    """Tint the regions lightly and outline them.

    Args:
        photo: H x W x 3 uint8, blue-green-red; left as it is.
        parts: H x W uint8, numbered as vision.face.regions.REGIONS; may be empty.

    Returns:
        A new H x W x 3 uint8.
    """
    drawn = photo.copy()
    line_px = max(1, round(max(photo.shape[:2]) / 400))
    for number, name in enumerate(REGIONS, start=1):
        here = (parts == number).astype(np.uint8)
        if not here.any():
            continue
        tint = np.array(REGION_BGR[name], np.float32) * TINT
        drawn[here > 0] = (drawn[here > 0] * np.float32(1 - TINT) + tint).astype(np.uint8)
        outlines, _ = cv2.findContours(here, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        cv2.drawContours(drawn, outlines, -1, REGION_BGR[name], line_px, cv2.LINE_AA)
    return drawn
