"""Moisture as far as a photograph shows it: what shines, and how rough the surface is."""

from typing import Final

import cv2
import numpy as np

from vision.tongue.evidence.marks import Moisture
from vision.tongue.evidence.surface import Surface, blur

# A highlight outshines its surroundings by this much, as a logarithm, and is nearly without colour.
RISE: Final = 0.18
RIM_PX: Final = 4.0
GLINT_PX: Final = 3


def measure(face: Surface) -> Moisture:
    """Share of highlights, their number, and the roughness of the finest grain."""
    core = face.depth > RIM_PX
    area = max(1, int(np.count_nonzero(core)))
    # Light that is mirrored carries the lamp's colour, not the tongue's: the red ratio falls as light rises.
    rise = face.raw - blur(face.raw, 5.0)
    shining = ((rise > RISE) & (face.red - blur(face.red, 5.0) < 0) & core).astype(np.uint8)
    count, _, statistics, _ = cv2.connectedComponentsWithStats(shining, connectivity=8)
    glints = int(np.count_nonzero(statistics[1:, cv2.CC_STAT_AREA] >= GLINT_PX)) if count > 1 else 0
    fine = blur(face.grey, 0.8) - blur(face.grey, 1.6)
    matte = float(fine[core].std()) if core.any() else 0.0
    return Moisture(float(np.count_nonzero(shining)) / area, glints, matte)
