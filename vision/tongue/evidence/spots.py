"""Red spots: small, round, redder and darker than around them."""

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from vision.tongue import zones
from vision.tongue.evidence.marks import Spot
from vision.tongue.evidence.surface import Field, Surface, blur

# Radii looked for, in pixels of the view, and how much wider the surroundings are.
RADII_PX: Final = (1.4, 2.1, 3.1)
AROUND: Final = 1.8
RIM_PX: Final = 4.0
# The field is the red ratio and the lack of green light, in these parts.
RED_PART: Final = 0.75
# Of the two ways a spot falls off, the slower over the quicker: a line has 0, a disc 1.
ROUND: Final = 0.5
# Distances, in radii, at which it is measured: the end of a line is round only near by.
REACHES: Final = (1.0, 1.8)
LEAST: Final = 0.035


def candidates(face: Surface) -> tuple[Spot, ...]:
    """Every round red rise below the root, clearest first."""
    redness = np.asarray(RED_PART * face.red - (1 - RED_PART) * face.grey, np.float32)
    rises = np.stack([blur(redness, size) - blur(redness, AROUND * size) for size in RADII_PX])
    best = rises.max(axis=0)
    peak = (best >= cv2.dilate(best, np.ones((5, 5), np.uint8))) & (best > LEAST)
    peak &= (face.depth > RIM_PX) & (face.parts != zones.ROOT)
    rows, columns = np.nonzero(peak)
    if not len(rows):
        return ()
    which = rises[:, rows, columns].argmax(axis=0)
    roundness = np.array(
        [
            min(_round(rises[n], row, column, reach * RADII_PX[n]) for reach in REACHES)
            for n, row, column in zip(which.tolist(), rows.tolist(), columns.tolist(), strict=True)
        ]
    )
    reddened = blur(face.red, 1.4) - blur(face.red, 4.0)
    fit = (roundness >= ROUND) & (reddened[rows, columns] > 0)
    places = face.placed(np.stack([columns, rows], axis=1)[fit].astype(np.float64))
    sizes = 2 * np.sqrt(2) * np.array(RADII_PX)[which[fit]] / face.length
    clear = best[rows, columns][fit]
    found = [
        Spot(place, float(size), float(strength))
        for place, size, strength in zip(places, sizes, clear, strict=True)
    ]
    return tuple(sorted(found, key=lambda one: -one.strength))


def _round(rise: Field, row: int, column: int, size: float) -> float:
    """How evenly a peak falls off to all sides: its lesser curvature over its greater."""
    step = max(1, round(size))
    near: npt.NDArray[np.float32] = rise[
        row - step : row + step + 1 : step, column - step : column + step + 1 : step
    ]
    if near.shape != (3, 3):
        return 0.0
    across = float(2 * near[1, 1] - near[1, 0] - near[1, 2])
    down = float(2 * near[1, 1] - near[0, 1] - near[2, 1])
    slant = float(near[0, 0] + near[2, 2] - near[0, 2] - near[2, 0]) / 4
    apart = float(np.hypot((across - down) / 2, slant))
    middle = (across + down) / 2
    return (middle - apart) / (middle + apart) if middle + apart > 0 else 0.0
