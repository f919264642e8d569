"""The contour and the zones of a tongue drawn on its photograph, so the doctor sees what was looked at."""

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from vision.tongue import zones

Image = npt.NDArray[np.uint8]

# Blue, green, red; told apart by colour-blind eyes too (Okabe, Ito, "Color universal design", 2008).
ZONE_BGR: Final[dict[str, tuple[int, int, int]]] = {
    "tip": (0, 94, 213),
    "edges": (178, 114, 0),
    "centre": (115, 158, 0),
    "root": (167, 121, 204),
}
CONTOUR_BGR: Final = (255, 255, 255)
TINT: Final = 0.1


def draw_over(photo: Image, mask: Image) -> Image:
    """Tint the zones lightly and draw the contour.

    Args:
        photo: H x W x 3 uint8, blue-green-red; left as it is.
        mask: H x W uint8, nonzero on the tongue; may be empty.

    Returns:
        A new H x W x 3 uint8.
    """
    parts = zones.divide(mask)
    tinted = photo.astype(np.float32)
    for number, name in enumerate(zones.ZONES, start=1):
        here = parts == number
        tinted[here] = tinted[here] * (1 - TINT) + np.array(ZONE_BGR[name], np.float32) * TINT
    drawn: Image = tinted.astype(np.uint8)
    line_px = max(1, round(max(photo.shape[:2]) / 250))
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(drawn, outlines, -1, (0, 0, 0), line_px + 2, cv2.LINE_AA)
    cv2.drawContours(drawn, outlines, -1, CONTOUR_BGR, line_px, cv2.LINE_AA)
    return drawn
