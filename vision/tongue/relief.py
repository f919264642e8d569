"""The surface of a tongue in numbers: grain, dark lines (cracks) and red dots."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.uint8]
Field = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]

GRAIN_PX: Final = (0.8, 1.6, 3.2, 6.4)
LINE_PX: Final = (1.5, 2.5, 4.0)
DOT_PX: Final = (1.3, 2.0, 3.0)
# Shares of lightness by which a line or a dot must differ from what is around it.
LINE_STRENGTH: Final = (0.02, 0.035, 0.06)
DOT_STRENGTH: Final = (0.02, 0.04, 0.07)


@dataclass(frozen=True)
class Lines:
    """Dark lines: `strength` H x W float32 by `scale` of LINE_PX, and the strongest over the scales."""

    by_scale: tuple[Field, ...]
    strongest: Field


def moments(field: Field, parts: Image, count: int) -> Numbers:
    """Second, third and fourth moment of a field in each part, each as its root.

    Args:
        field: H x W float32 of about zero mean.
        parts: H x W uint8, 0 outside, 1 to `count` inside.
        count: Number of parts.

    Returns:
        count x 3; 0 for an empty part.
    """
    table = np.zeros((count, 3))
    for part in range(count):
        values = field[parts == part + 1]
        if len(values):
            square = values * values
            table[part] = square.mean(), (square * values).mean(), (square * square).mean()
    return np.stack([np.sqrt(table[:, 0]), np.cbrt(table[:, 1]), table[:, 2] ** 0.25], axis=1)


def means(field: Field, parts: Image, count: int) -> Numbers:
    """Mean of a field in each part; 0 for an empty part."""
    inside = parts > 0
    where = parts[inside]
    sizes = np.maximum(np.bincount(where, minlength=count + 1)[1:], 1)
    mean: Numbers = np.bincount(where, weights=field[inside], minlength=count + 1)[1:] / sizes
    return mean


def grain(field: Field) -> tuple[Field, ...]:
    """Differences of Gaussians of a field, one for each of GRAIN_PX."""
    levels = [field]
    for before, sigma in zip((0.0, *GRAIN_PX), (*GRAIN_PX, 2 * GRAIN_PX[-1]), strict=True):
        # Gaussians add up by their squares, so each level is a little blur of the one before.
        levels.append(np.asarray(cv2.GaussianBlur(levels[-1], (0, 0), float(np.sqrt(sigma**2 - before**2)))))
    return tuple(fine - coarse for fine, coarse in pairwise(levels[1:]))


def dark_lines(grey: Field) -> Lines:
    """Strength of dark lines: the larger eigenvalue of the Hessian less the size of the other.

    Args:
        grey: H x W float32, logarithm of lightness.

    Returns:
        Lines. Source: Frangi et al., "Multiscale vessel enhancement filtering", MICCAI 1998.
    """
    found = []
    for sigma in LINE_PX:
        smooth = cv2.GaussianBlur(grey, (0, 0), sigma)
        xx = cv2.Sobel(smooth, cv2.CV_32F, 2, 0, ksize=3) / 4
        yy = cv2.Sobel(smooth, cv2.CV_32F, 0, 2, ksize=3) / 4
        xy = cv2.Sobel(smooth, cv2.CV_32F, 1, 1, ksize=3) / 4
        apart = np.sqrt(((xx - yy) / 2) ** 2 + xy**2)
        middle = (xx + yy) / 2
        found.append(np.maximum((middle + apart) - np.abs(middle - apart), 0) * np.float32(sigma**2))
    return Lines(tuple(found), np.maximum.reduce(found))


def crack_pieces(strength: Field, where: npt.NDArray[np.bool_], above: float) -> tuple[Image, Numbers]:
    """Connected dark lines stronger than a threshold.

    Args:
        strength: As `Lines.strongest`.
        where: H x W, where to look.
        above: Share of lightness.

    Returns:
        The pieces as a picture of 0 and 1, and the length of each in pixels, longest first.
    """
    strong = (where & (strength > above)).astype(np.uint8)
    count, labels, statistics, _ = cv2.connectedComponentsWithStats(strong, connectivity=8)
    if count < 2:
        return np.zeros_like(strong), np.zeros(0)
    lengths = np.hypot(statistics[1:, cv2.CC_STAT_WIDTH], statistics[1:, cv2.CC_STAT_HEIGHT])
    long = np.concatenate([[False], lengths >= 9])
    return long[labels].astype(np.uint8), np.sort(lengths[lengths >= 9])[::-1]


def dots(red: Field, where: npt.NDArray[np.bool_], sigma: float, above: float) -> Places:
    """Where small round spots rise out of a field.

    Args:
        red: H x W float32; higher is redder or darker.
        where: H x W, where to look.
        sigma: Radius of the spots looked for, in pixels.
        above: How far they must rise.

    Returns:
        N x 2, row and column.
    """
    rise = dot_field(red, sigma)
    return np.argwhere(_peaks(rise) & where & (rise > above))


def dot_field(red: Field, sigma: float) -> Field:
    """How far each pixel rises out of its surroundings at one size."""
    return np.asarray(
        cv2.GaussianBlur(red, (0, 0), sigma) - cv2.GaussianBlur(red, (0, 0), 2.2 * sigma), np.float32
    )


def dot_counts(red: Field, parts: Image, count: int) -> Numbers:
    """Dots per thousand pixels of each part, for each size and strength; count x (sizes * strengths)."""
    sizes = np.maximum(np.bincount(parts.ravel(), minlength=count + 1)[1:], 1)
    columns = []
    for sigma in DOT_PX:
        rise = dot_field(red, sigma)
        peaks = _peaks(rise) & (parts > 0)
        where, heights = parts[peaks], rise[peaks]
        for above in DOT_STRENGTH:
            columns.append(np.bincount(where[heights > above], minlength=count + 1)[1:] * 1000 / sizes)
    return np.stack(columns, axis=1)


def _peaks(field: Field) -> npt.NDArray[np.bool_]:
    return field >= cv2.dilate(field, np.ones((5, 5), np.uint8))


def local_pattern(grey: Field, reach: int) -> Image:
    """Uniform local binary patterns, 0 to 9, on a circle of 8 points.

    Source: Ojala, Pietikäinen, Mäenpää, IEEE TPAMI 24(7), 2002.
    """
    height, width = grey.shape
    framed = cv2.copyMakeBorder(grey, *(reach,) * 4, cv2.BORDER_REPLICATE)
    diagonal = max(1, round(reach * 0.7))
    way = ((0, reach), (diagonal, diagonal), (reach, 0), (diagonal, -diagonal))
    offsets = (*way, *((-y, -x) for y, x in way))
    bits = [
        framed[reach + y : reach + y + height, reach + x : reach + x + width] > grey + 0.004
        for y, x in offsets
    ]
    ones = np.zeros(grey.shape, np.uint8)
    turns = np.zeros(grey.shape, np.uint8)
    for bit, after in zip(bits, (*bits[1:], bits[0]), strict=True):
        ones += bit
        turns += bit != after
    return np.where(turns <= 2, ones, 9).astype(np.uint8)
