"""Patches with a border: peeled ones (coating missing) and dark purple ones (stasis)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from vision.tongue import zones
from vision.tongue.evidence.marks import Patch
from vision.tongue.evidence.surface import Field, Image, Surface, blur

Places = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Kind:
    """What sort of patch is looked for.

    step: pixels of the view for one of the field searched. around_px: reach of the surroundings, in the view.
    levels: how far a patch must rise above them; each is tried. least, most: diameter in shares of the
    tongue's length. rim_px: nearest to the edge. solid: least share of its own convex hull that it fills.
    border: least step over its border, at the tenth part of the border where it is least, as a share of
    the mean step.
    """

    step: int
    around_px: float
    levels: tuple[float, ...]
    least: float
    most: float
    rim_px: float
    solid: float
    border: float


# See docs/decisions/0016 for how the limits were set.
PEELED: Final = Kind(2, 26.0, (0.04, 0.07, 0.11, 0.16, 0.24), 0.06, 0.5, 8.0, 0.8, 0.45)
STASIS: Final = Kind(1, 9.0, (0.1, 0.18, 0.28), 0.02, 0.2, 5.0, 0.8, 0.5)
# Share of a border that may not lie in the root or at the rim.
INSIDE: Final = 0.9
# How a patch of stasis differs in colour: more blue for its green, by so much.
BLUER: Final = 0.06


def peeled(face: Surface) -> tuple[Patch, ...]:
    """Every bordered area that is redder than its surroundings."""
    return _patches(face, face.red, PEELED)


def stasis(face: Surface) -> tuple[Patch, ...]:
    """Every compact dark area that is bluer than its surroundings."""
    return _patches(face, -face.grey, STASIS, bluer=True)


def _patches(face: Surface, field: Field, kind: Kind, bluer: bool = False) -> tuple[Patch, ...]:
    small = np.ascontiguousarray(blur(field, 0.8 * kind.step)[:: kind.step, :: kind.step])
    where = ((face.depth > kind.rim_px) & (face.parts != zones.ROOT))[:: kind.step, :: kind.step]
    rise = small - _wide(small, kind.around_px / kind.step)
    length = face.length / kind.step
    found: list[tuple[Patch, Image]] = []
    for level in kind.levels:
        for shape in _shapes((rise > level).astype(np.uint8), where, kind, length):
            steps = border_steps(small, shape)
            mean = float(steps.mean())
            if mean <= 0 or np.percentile(steps, 10) < kind.border * mean:
                continue
            if bluer and _bluer(face.blue, shape) < BLUER:
                continue
            found.append((_patch(face, shape, kind.step, mean), shape))
    return tuple(sorted(_apart(found), key=lambda one: -one.size))


def _wide(field: Field, sigma: float) -> Field:
    """A broad blur, taken at a quarter of the size."""
    size = (max(4, field.shape[1] // 4), max(4, field.shape[0] // 4))
    coarse = cv2.resize(field, size, interpolation=cv2.INTER_AREA)
    soft = blur(np.asarray(coarse, np.float32), sigma / 4)
    return np.asarray(cv2.resize(soft, field.shape[::-1], interpolation=cv2.INTER_LINEAR), np.float32)


def _shapes(high: Image, where: npt.NDArray[np.bool_], kind: Kind, length: float) -> Iterable[Image]:
    """Connected pieces of a fitting size that fill their own hull, holes closed."""
    opened = cv2.morphologyEx(high, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    # Not the outermost outlines: a dark rim around the tongue would enclose every patch.
    outlines, holes = cv2.findContours(opened, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    for outline, (_, _, _, parent) in zip(outlines, () if holes is None else holes[0], strict=True):
        if parent >= 0 or len(outline) < 6:
            continue
        area = cv2.contourArea(outline) + len(outline) / 2
        wide = 2 * np.sqrt(area / np.pi) / length
        if not kind.least <= wide <= kind.most:
            continue
        hull = cv2.contourArea(cv2.convexHull(outline)) + len(outline) / 2
        inside = where[outline[:, 0, 1], outline[:, 0, 0]]
        if area >= kind.solid * hull and inside.mean() >= INSIDE:
            shape = np.zeros_like(high)
            cv2.drawContours(shape, [outline], -1, 1, cv2.FILLED)
            yield shape


def border_steps(field: Field, shape: Image) -> npt.NDArray[np.float64]:
    """How much a field falls from inside a shape to outside it, along its border.

    Args:
        field: H x W float32.
        shape: H x W uint8, 0 and 1, one piece.

    Returns:
        One float for each point of the border.
    """
    outline = cv2.findContours(shape, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0][0]
    signed = cv2.distanceTransform(shape, cv2.DIST_L2, 3) - cv2.distanceTransform(1 - shape, cv2.DIST_L2, 3)
    soft = blur(np.asarray(signed, np.float32), 1.5)
    x, y = outline[:, 0, 0], outline[:, 0, 1]
    gy, gx = (
        np.asarray(slope)[y, x]
        for slope in (cv2.Sobel(soft, cv2.CV_32F, 0, 1), cv2.Sobel(soft, cv2.CV_32F, 1, 0))
    )
    norm = np.maximum(np.hypot(gx, gy), 1e-6)
    points = np.stack([x, y], axis=1).astype(np.float32)
    inward = np.stack([gx / norm, gy / norm], axis=1)
    inner, outer = ((points + reach * inward).astype(np.float32) for reach in (2.5, -3.0))
    sides = [
        cv2.remap(field, side[None, :, 0], side[None, :, 1], cv2.INTER_LINEAR, None, cv2.BORDER_REPLICATE)[0]
        for side in (inner, outer)
    ]
    return np.asarray(sides[0] - sides[1], np.float64)


def _bluer(blue: Field, shape: Image) -> float:
    ring = cv2.dilate(shape, np.ones((9, 9), np.uint8)) - cv2.dilate(shape, np.ones((5, 5), np.uint8))
    return float(blue[shape > 0].mean() - blue[ring > 0].mean()) if ring.any() else 0.0


def _patch(face: Surface, shape: Image, step: int, strength: float) -> Patch:
    outline = cv2.findContours(shape, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0][0][:, 0]
    points: Places = outline.astype(np.float64) * step
    rows, columns = np.nonzero(shape)
    middle = np.array([[columns.mean(), rows.mean()]]) * step
    wide = 2 * np.sqrt(len(rows) / np.pi) * step / face.length
    return Patch(face.placed(points), face.placed(middle)[0], float(wide), strength)


def _apart(found: list[tuple[Patch, Image]]) -> list[Patch]:
    """Of patches that lie over each other, the one with the clearest border."""
    kept: list[tuple[Patch, Image]] = []
    for patch, shape in sorted(found, key=lambda one: -one[0].strength):
        if not any((shape & other).any() for _, other in kept):
            kept.append((patch, shape))
    return [patch for patch, _ in kept]
