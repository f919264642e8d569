"""Notches of the outline, each as deep as it lies below the chord over its own mouth.

A chord touches the lobes on both sides of a notch, so a notch in a round tip is as deep as the same notch
in a straight edge; against a smoothed outline, which lies inside a round one, it would be shallower.
"""

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from vision.tongue import zones
from vision.tongue.evidence.marks import Notch
from vision.tongue.evidence.surface import Image, Surface

Numbers = npt.NDArray[np.float64]

STEP_PX: Final = 2.0
SMOOTH_PX: Final = 2.0
# The widest mouth of a notch, as a share of the tongue's length; wider dents are the shape of the tongue.
MOUTH: Final = 0.16
# Shallowest notch that is looked at, in pixels.
LEAST_PX: Final = 0.35
# Of two notches nearer to each other than this, the deeper is one, the other none.
APART_PX: Final = 8.0


def candidates(face: Surface, mask: Image) -> tuple[Notch, ...]:
    """Every dent of the outline below the root, deepest first.

    Args:
        face: As `surface` gives it.
        mask: H x W uint8 of the view, nonzero on the tongue.
    """
    points = evenly(mask)
    if points is None:
        return ()
    depth, mouth = depths(points, max(2, round(MOUTH * face.length / STEP_PX)))
    found = []
    for lowest in _deepest(depth):
        if _root(face, round(float(points[lowest, 1]))):
            continue
        ahead, behind = points[(lowest + 3) % len(points)], points[lowest - 3]
        along = (ahead - behind) / max(1e-9, float(np.hypot(*(ahead - behind))))
        place = face.placed(points[lowest][None])[0]
        width = max(STEP_PX, float(mouth[lowest]))
        inward = (float(-along[1]), float(along[0]))
        found.append(Notch(place, inward, float(depth[lowest]) / face.length, float(depth[lowest]) / width))
    return tuple(sorted(found, key=lambda one: -one.size))


def evenly(mask: Image) -> Numbers | None:
    """The outline of the largest piece at steps of STEP_PX, clockwise as seen; None where there is none."""
    found, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not found:
        return None
    line = max(found, key=len)[:, 0].astype(np.float64)
    if len(line) < 16:
        return None
    if cv2.contourArea(line.astype(np.float32), oriented=True) < 0:
        line = line[::-1]
    closed = np.concatenate([line, line[:1]])
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(closed, axis=0).T))])
    count = max(16, round(along[-1] / STEP_PX))
    even = np.linspace(0, along[-1], count, endpoint=False)
    points = np.stack([np.interp(even, along, closed[:, axis]) for axis in (0, 1)], axis=1)
    reach = 3
    wrapped = np.concatenate([points[-reach:], points, points[:reach]])
    sigma = SMOOTH_PX / STEP_PX
    soft = cv2.GaussianBlur(wrapped, (1, 2 * reach + 1), sigmaX=sigma, sigmaY=sigma)
    return np.asarray(soft[reach:-reach], np.float64)


def depths(points: Numbers, reach: int) -> tuple[Numbers, Numbers]:
    """How far each point of an outline lies below the highest chord over it.

    Args:
        points: N x 2, x and y, clockwise as seen.
        reach: The longest chord, in points.

    Returns:
        Depth of each point, 0 where no chord lies above it, and the length of that chord; pixels both.
    """
    count = len(points)
    deepest, mouth = np.zeros(count), np.zeros(count)
    rolled = {step: np.roll(points, -step, axis=0) for step in range(-reach, reach + 1)}
    for behind in range(1, reach):
        for ahead in range(1, reach - behind + 1):
            start, end = rolled[-behind], rolled[ahead]
            chord = end - start
            length = np.hypot(chord[:, 0], chord[:, 1])
            across = chord[:, 0] * (points[:, 1] - start[:, 1]) - chord[:, 1] * (points[:, 0] - start[:, 0])
            height = across / np.maximum(length, 1e-9)
            better = height > deepest
            deepest[better], mouth[better] = height[better], length[better]
    return deepest, mouth


def _deepest(depth: Numbers) -> list[int]:
    """Points that are the deepest for APART_PX to either side, and lie below a chord."""
    reach = round(APART_PX / STEP_PX)
    around = np.max([np.roll(depth, step) for step in range(-reach, reach + 1) if step], axis=0)
    return [int(n) for n in np.flatnonzero((depth > LEAST_PX) & (depth > around))]


def _root(face: Surface, row: int) -> bool:
    return bool((face.parts[min(row, len(face.parts) - 1)] == zones.ROOT).any())
