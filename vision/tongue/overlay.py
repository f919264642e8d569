"""Contour, zones and evidence of the signs drawn on a photograph, so the doctor sees what was looked at.

The marks show what the features found: dark lines, notches of the outline, red dots. They are drawn only
where the sign they belong to was read, and are no proof of it.
"""

from collections.abc import Mapping
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from vision.tongue import features, outline, relief, zones
from vision.tongue.signs import Sign

Image = npt.NDArray[np.uint8]
Places = npt.NDArray[np.float64]

# Blue, green, red; told apart by colour-blind eyes too (Okabe, Ito, "Color universal design", 2008).
ZONE_BGR: Final[dict[str, tuple[int, int, int]]] = {
    "tip": (0, 94, 213),
    "edges": (178, 114, 0),
    "centre": (115, 158, 0),
    "root": (167, 121, 204),
}
CONTOUR_BGR: Final = (255, 255, 255)
TINT: Final = 0.1
# From the same palette; each mark also has a shape of its own: line, triangle, ring.
CRACK_BGR: Final = (233, 180, 86)
NOTCH_BGR: Final = (66, 228, 240)
DOT_BGR: Final = (0, 159, 230)
CRACK_STRENGTH: Final = relief.LINE_STRENGTH[1]
NOTCH_PX: Final = outline.NOTCH_PX[0]
DOT_PX: Final = relief.DOT_PX[1]
DOT_STRENGTH: Final = relief.DOT_STRENGTH[1]
RIM_PX: Final = 10.0


def draw_over(photo: Image, mask: Image, signs: Mapping[str, Sign] | None = None) -> Image:
    """Tint the zones lightly, draw the contour, and mark the cracks, notches and dots that were read.

    Args:
        photo: H x W x 3 uint8, blue-green-red; left as it is.
        mask: H x W uint8, nonzero on the tongue; may be empty.
        signs: As read; without them only zones and contour are drawn.

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
    present = {name for name, sign in (signs or {}).items() if sign.label in ("1", "2")}
    if mask.any() and present & {"cracks", "tooth_marks", "red_spots"}:
        _mark(drawn, features.view(photo, mask), present, line_px)
    return drawn


def cracks_at(seen: features.View) -> Image:
    """Dark lines of the view, root and rim left out, one pixel wide: H x W uint8 of 0 and 1."""
    deep = cv2.distanceTransform(seen.mask, cv2.DIST_L2, 5) > RIM_PX
    strength = relief.dark_lines(seen.grey).strongest
    pieces, _ = relief.crack_pieces(strength, deep & (seen.parts != zones.ROOT), CRACK_STRENGTH)
    return thin(pieces)


def notches_at(seen: features.View) -> Places:
    """Notches of the outline below the root: N x 2, x and y in the view."""
    line = outline.trace(seen.mask)
    return np.zeros((0, 2)) if line is None else line.points[outline.notches(line, NOTCH_PX)]


def dots_at(seen: features.View) -> Places:
    """Dots darker in green light than what is around them, as red ones are: N x 2, x and y in the view."""
    deep = cv2.distanceTransform(seen.mask, cv2.DIST_L2, 5) > RIM_PX / 2
    where = deep & ((seen.parts == zones.TIP) | (seen.parts == zones.EDGES))
    return relief.dots(-seen.grey, where, DOT_PX, DOT_STRENGTH)[:, ::-1].astype(np.float64)


def thin(pieces: Image) -> Image:
    """Thin shapes to lines of one pixel by erosion and opening.

    Args:
        pieces: H x W uint8, 0 and 1.

    Returns:
        H x W uint8, 0 and 1. Source: Lantuéjoul's skeleton, in Serra, "Image Analysis and Mathematical
        Morphology", 1982.
    """
    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    left, line = pieces.copy(), np.zeros_like(pieces)
    while left.any():
        line |= left & ~cv2.morphologyEx(left, cv2.MORPH_OPEN, cross).astype(np.uint8)
        left = cv2.erode(left, cross, borderType=cv2.BORDER_CONSTANT, borderValue=0).astype(np.uint8)
    thinned: Image = (line & 1).astype(np.uint8)
    return thinned


def _mark(drawn: Image, seen: features.View, present: set[str], line_px: int) -> None:
    """Draw the evidence of the signs that are present, in place."""

    def placed(points: Places) -> list[tuple[int, int]]:
        there = points / seen.scale + np.array(seen.corner)
        return [(int(x), int(y)) for x, y in np.rint(there)]

    if "cracks" in present:
        for point in placed(np.argwhere(cracks_at(seen))[:, ::-1].astype(np.float64)):
            cv2.circle(drawn, point, max(1, line_px // 2), CRACK_BGR, cv2.FILLED)
    if "tooth_marks" in present:
        for point in placed(notches_at(seen)):
            cv2.drawMarker(drawn, point, NOTCH_BGR, cv2.MARKER_TRIANGLE_UP, 6 * line_px, line_px + 1)
    if "red_spots" in present:
        for point in placed(dots_at(seen)):
            cv2.circle(drawn, point, 3 * line_px, DOT_BGR, line_px, cv2.LINE_AA)
