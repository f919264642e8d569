"""Parts of the tongue that tongue diagnosis tells apart: tip, edges, centre, root."""

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.uint8]

# Order is the number a zone carries in the map, from 1.
ZONES: Final = ("tip", "edges", "centre", "root")
TIP, EDGES, CENTRE, ROOT = 1, 2, 3, 4

# Shares of the tongue's length, and of half its width, by which the zones are cut.
TIP_SHARE: Final = 0.2
ROOT_SHARE: Final = 0.25
EDGE_SHARE: Final = 0.35


def divide(mask: Image) -> Image:
    """Number every pixel of the tongue by its zone.

    Args:
        mask: H x W uint8, nonzero on the tongue, tip below.

    Returns:
        H x W uint8: 0 outside, else 1 + index in ZONES; all 0 for an empty mask.
    """
    zones = np.zeros(mask.shape, np.uint8)
    rows = np.flatnonzero(mask.any(axis=1))
    if not len(rows):
        return zones
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    depth = cv2.distanceTransform((mask > 0).astype(np.uint8), cv2.DIST_L2, 5)
    inside = mask > 0
    zones[inside] = CENTRE
    zones[inside & (depth < EDGE_SHARE * depth.max())] = EDGES
    length = bottom - top
    tip_row, root_row = bottom - round(TIP_SHARE * length), top + round(ROOT_SHARE * length)
    zones[tip_row:][inside[tip_row:]] = TIP
    zones[:root_row][inside[:root_row]] = ROOT
    return zones
