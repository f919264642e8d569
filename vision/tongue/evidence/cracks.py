"""Cracks: dark lines thinned to their middle and followed from end to end."""

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from vision.tongue import zones
from vision.tongue.evidence.marks import Crack
from vision.tongue.evidence.surface import Field, Image, Surface, blur

Pixel = tuple[int, int]

LINE_PX: Final = (1.4, 2.6)
# Strength a line must have throughout, and somewhere.
WEAK: Final = 0.022
STRONG: Final = 0.045
RIM_PX: Final = 9.0
# Nearest length, in shares of the tongue's, that is followed at all.
SHORTEST: Final = 0.05
# Reach, in pixels, of the closing that fills a crack up to the height of its sides.
SIDES_PX: Final = 11


def candidates(face: Surface) -> tuple[Crack, ...]:
    """Every dark line that could be followed, longest first."""
    ridge = ridges(face.grey)
    where = (face.depth > RIM_PX) & (face.parts != zones.ROOT)
    weak = ((ridge > WEAK) & where).astype(np.uint8)
    _, labels = cv2.connectedComponents(weak, connectivity=8)
    sure = np.zeros(int(labels.max()) + 1, bool)
    sure[labels[(ridge > STRONG) & where]] = True
    sure[0] = False
    line = thin(sure[labels].astype(np.uint8))
    sides = cv2.morphologyEx(face.grey, cv2.MORPH_CLOSE, np.ones((SIDES_PX, SIDES_PX), np.uint8))
    lacking = 1 - np.exp(face.grey - sides)
    found = []
    for path in paths(line, SHORTEST * face.length):
        rows, columns = np.array(path).T
        points = smooth(np.stack([columns, rows], axis=1).astype(np.float64))
        length = float(np.hypot(*np.diff(points, axis=0).T).sum())
        found.append(
            Crack(face.placed(points), length / face.length, float(np.median(lacking[rows, columns])))
        )
    return tuple(sorted(found, key=lambda one: -one.size))


def ridges(grey: Field) -> Field:
    """Strength of dark lines: the larger eigenvalue of the Hessian less the size of the other.

    Source: Frangi et al., "Multiscale vessel enhancement filtering", MICCAI 1998.
    """
    best = np.zeros_like(grey)
    for sigma in LINE_PX:
        smooth_grey = blur(grey, sigma)
        xx = cv2.Sobel(smooth_grey, cv2.CV_32F, 2, 0, ksize=3, scale=0.25)
        yy = cv2.Sobel(smooth_grey, cv2.CV_32F, 0, 2, ksize=3, scale=0.25)
        xy = cv2.Sobel(smooth_grey, cv2.CV_32F, 1, 1, ksize=3, scale=0.25)
        apart = cv2.magnitude((xx - yy) / 2, xy)
        middle = (xx + yy) / 2
        best = np.maximum(best, (middle + apart - np.abs(middle - apart)) * np.float32(sigma**2))
    return best


def _removable(first: bool) -> Image:
    """By the eight neighbours as bits, whether a pixel goes in one half-step of Zhang and Suen."""
    table = np.zeros(256, np.uint8)
    for code in range(256):
        n, ne, e, se, s, sw, w, nw = ((code >> bit) & 1 for bit in range(8))
        ring = (n, ne, e, se, s, sw, w, nw)
        turns = sum(a < b for a, b in zip(ring, (*ring[1:], ring[0]), strict=True))
        corner = (n & e & s, e & s & w) if first else (n & e & w, n & s & w)
        table[code] = 2 <= sum(ring) <= 6 and turns == 1 and not any(corner)
    return table


_HALVES: Final = (_removable(True), _removable(False))
# Weights in the order n, ne, e, se, s, sw, w, nw of the neighbours.
_BITS: Final = np.array([[128, 1, 2], [64, 0, 4], [32, 16, 8]], np.float32)


def thin(pieces: Image) -> Image:
    """Thin shapes to connected lines of one pixel.

    Args:
        pieces: H x W uint8, 0 and 1.

    Returns:
        H x W uint8, 0 and 1. Source: Zhang, Suen, Communications of the ACM 27(3), 1984.
    """
    left = cv2.copyMakeBorder(pieces, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    while True:
        before = int(np.count_nonzero(left))
        for table in _HALVES:
            codes = cv2.filter2D(left, cv2.CV_8U, _BITS, borderType=cv2.BORDER_CONSTANT)
            left = cv2.subtract(left, cv2.LUT(codes, table))
        if np.count_nonzero(left) == before:
            return np.ascontiguousarray(left[1:-1, 1:-1])


def paths(line: Image, shortest_px: float) -> list[list[Pixel]]:
    """Follow thin lines: the longest way through each piece, then through what is left of it.

    Args:
        line: H x W uint8, 0 and 1, as `thin` gives it.
        shortest_px: Ways with fewer pixels are left out.

    Returns:
        Row and column along each way.
    """
    free: set[Pixel] = {(int(row), int(column)) for row, column in np.argwhere(line)}
    found = []
    while free:
        piece = _reach(next(iter(free)), free)
        far = _reach(_last(piece), free)
        way = _back(_last(far), far)
        if len(way) < shortest_px:
            free -= piece.keys()
            continue
        found.append(way)
        free -= set(way)
    return found


def _reach(start: Pixel, free: set[Pixel]) -> dict[Pixel, Pixel]:
    """Every pixel that can be walked to, in the order of its distance, with the pixel before it."""
    before = {start: start}
    front = [start]
    while front:
        after = []
        for row, column in front:
            for place in (
                (row - 1, column),
                (row + 1, column),
                (row, column - 1),
                (row, column + 1),
                (row - 1, column - 1),
                (row - 1, column + 1),
                (row + 1, column - 1),
                (row + 1, column + 1),
            ):
                if place in free and place not in before:
                    before[place] = (row, column)
                    after.append(place)
        front = after
    return before


def _last(walked: dict[Pixel, Pixel]) -> Pixel:
    return next(reversed(walked))


def _back(end: Pixel, walked: dict[Pixel, Pixel]) -> list[Pixel]:
    way = [end]
    while walked[way[-1]] != way[-1]:
        way.append(walked[way[-1]])
    return way


def smooth(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Take the stairs out of a line of pixels and keep about every third point, both ends among them."""
    padded = np.concatenate([points[:1].repeat(2, axis=0), points, points[-1:].repeat(2, axis=0)])
    soft = np.stack([np.convolve(padded[:, axis], np.full(5, 0.2), "valid") for axis in (0, 1)], axis=1)
    kept = np.linspace(0, len(soft) - 1, max(2, (len(soft) + 2) // 3)).round().astype(int)
    return np.asarray(soft[kept], np.float64)
