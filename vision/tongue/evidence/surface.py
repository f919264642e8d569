"""The tongue's surface, filled beyond its edge so that the dark of the mouth is not taken for a mark."""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from vision.tongue import features
from vision.tongue.evidence.marks import Point

Image = npt.NDArray[np.uint8]
Field = npt.NDArray[np.float32]
Places = npt.NDArray[np.float64]

# A mask may lie a little outside the tongue: what is nearer to its edge than this is not looked at.
DOUBT_PX: Final = 2.0
# Reach of the average that stands for the surroundings, and by how much a highlight may rise above it.
AROUND_PX: Final = 13
HIGHLIGHT: Final = 0.06


@dataclass(frozen=True)
class Surface:
    """One tongue ready to be searched.

    grey, red, blue: as in View, smoothly continued beyond the edge; grey with its highlights cut off.
    raw: grey with its highlights. depth: distance to the edge, in pixels. parts: as zones.divide.
    length: of the tongue in pixels. scale, corner: as in View.
    """

    grey: Field
    red: Field
    blue: Field
    raw: Field
    depth: Field
    parts: Image
    length: float
    scale: float
    corner: tuple[int, int]

    def placed(self, places: Places) -> tuple[Point, ...]:
        """Points of the view (N x 2, x and y) in the photograph's pixels."""
        # Half a pixel: the middle of a pixel lies half of it from the corner, at either size.
        there = (places + 0.5) / self.scale - 0.5 + np.array(self.corner)
        return tuple((float(x), float(y)) for x, y in there)


def surface(seen: features.View) -> Surface:
    """Prepare one tongue.

    Args:
        seen: As features.view gives it.

    Returns:
        Surface of the same size.
    """
    depth = np.asarray(cv2.distanceTransform(seen.mask, cv2.DIST_L2, 5), np.float32)
    held = (depth > DOUBT_PX).astype(np.float32)
    weight = np.maximum(_around(held), 1e-3)
    raw, red, blue = (_filled(field, held, weight) for field in (seen.grey, seen.red, seen.blue))
    calm = np.minimum(raw, _around(raw) + np.float32(HIGHLIGHT))
    rows = np.flatnonzero(seen.mask.any(axis=1))
    return Surface(
        calm, red, blue, raw, depth, seen.parts, float(rows[-1] - rows[0] + 1), seen.scale, seen.corner
    )


def blur(field: Field, sigma: float) -> Field:
    """Gaussian blur; the kernel ends at 3 sigma, which is enough for searching and twice as fast."""
    side = 2 * int(np.ceil(3 * sigma)) + 1
    return np.asarray(cv2.GaussianBlur(field, (side, side), sigma), np.float32)


def _around(field: Field) -> Field:
    return np.asarray(cv2.blur(cv2.blur(field, (AROUND_PX, AROUND_PX)), (AROUND_PX, AROUND_PX)), np.float32)


def _filled(field: Field, held: Field, weight: Field) -> Field:
    near = _around(field * held) / weight
    return np.where(held > 0, field, near).astype(np.float32)
