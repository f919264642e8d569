"""The outline of a tongue in numbers: proportions, scallops, and the strip along the edge unrolled."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.uint8]
Field = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.float64]

POINTS: Final = 256
# Widths of the Gaussians, in points of the outline, whose differences are the sizes of scallop told apart.
SCALLOP_POINTS: Final = (1.5, 3.0, 6.0, 12.0)
PARTS: Final = ("left", "right", "tip")
HEIGHTS: Final = tuple(np.linspace(0.05, 0.95, 10).round(2).tolist())
# Depths of the strip along the edge, in pixels inward; below zero is outside the tongue.
STRIP_PX: Final = tuple(range(-8, 22, 3))
STRIP_BANDS: Final = ((1.5, 5.0), (4.0, 12.0))
NOTCH_PX: Final = (0.7, 1.2, 2.0)
ROUGH_PX: Final = (4, 10, 18)


def _names() -> tuple[str, ...]:
    widths = [f"width_{height:g}" for height in HEIGHTS]
    scallops = [
        f"scallop_{part}_{a:g}_{what}"
        for part in PARTS
        for a in SCALLOP_POINTS[:-1]
        for what in ("in", "out", "most")
    ]
    notches = [f"notches_{depth:g}" for depth in NOTCH_PX]
    rough = [f"{what}_{reach}" for reach in ROUGH_PX for what in ("closed", "opened")]
    return (*widths, "aspect", "solidity", "fill", "asymmetry", *scallops, *notches, *rough)


NAMES: Final = _names()
STRIP_NAMES: Final = tuple(
    f"strip_{band}_{field}_{depth}" for field in ("grey", "red") for band in "sl" for depth in STRIP_PX
)


@dataclass(frozen=True)
class Outline:
    """The outline of a tongue at evenly spaced points, from the middle of the root, clockwise or not.

    points: POINTS x 2 float64, x and y. inward: unit normals. depth: how far each point lies inside
    the smoothed outline, in pixels; positive is a notch.
    """

    points: Numbers
    inward: Numbers
    depth: Numbers


def trace(mask: Image) -> Outline | None:
    """Follow the outline of the largest piece of a mask.

    Args:
        mask: H x W uint8, nonzero on the tongue.

    Returns:
        Outline; None where the mask has no outline to speak of.
    """
    found, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not found:
        return None
    line = max(found, key=len)[:, 0].astype(np.float64)
    steps = np.hypot(*(np.roll(line, -1, axis=0) - line).T)
    if len(line) < 16:
        return None
    along = np.concatenate([[0.0], np.cumsum(steps)])
    closed = np.concatenate([line, line[:1]])
    even = np.linspace(0, along[-1], POINTS, endpoint=False)
    points = np.stack([np.interp(even, along, closed[:, axis]) for axis in (0, 1)], axis=1)
    points = _smooth(points, 1.0)
    middle = line.mean(axis=0)
    start = int(np.argmin(np.hypot(points[:, 0] - middle[0], 2 * (points[:, 1] - line[:, 1].min()))))
    points = np.roll(points, -start, axis=0)
    broad = _smooth(points, 3.0)
    tangent = np.roll(broad, -1, axis=0) - np.roll(broad, 1, axis=0)
    inward = np.stack([-tangent[:, 1], tangent[:, 0]], axis=1)
    inward /= np.maximum(np.hypot(*inward.T), 1e-9)[:, None]
    if ((middle - broad) * inward).sum() < 0:
        inward = -inward
    depth = ((points - _smooth(points, SCALLOP_POINTS[-1])) * inward).sum(axis=1)
    return Outline(points, inward, depth)


def describe(mask: Image, outline: Outline | None) -> Numbers:
    """Numbers of one outline, in the order of NAMES."""
    x, y, width, height = cv2.boundingRect(mask)
    box = mask[y : y + height, x : x + width] > 0
    area = max(1.0, float(np.count_nonzero(box)))
    rows = [min(height - 1, int(share * height)) for share in HEIGHTS]
    widths = np.count_nonzero(box[rows], axis=1) / height
    pieces, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    hull = cv2.convexHull(np.concatenate(pieces))
    asymmetry = np.count_nonzero(box ^ box[:, ::-1]) / area
    numbers = [*widths, width / height, area / max(1.0, cv2.contourArea(hull)), area / (width * height)]
    return np.array([*numbers, asymmetry, *_scallops(outline), *_roughness(mask)])


def notches(outline: Outline, deeper_px: float) -> npt.NDArray[np.intp]:
    """Where along an outline, its root left out, a notch is deepest.

    Depth is measured against a smoother outline. Smoothing moves a curve inward, so on a round tip a notch
    must be some 3 px deeper than along a straight edge to be found.

    Args:
        outline: As `trace` gives it.
        deeper_px: Shallower notches are left out.

    Returns:
        Indices into `outline.points`.
    """
    fine = _smooth(outline.points, 1.5) - _smooth(outline.points, 8.0)
    depth = (fine * outline.inward).sum(axis=1)
    peak = (depth >= np.roll(depth, 1)) & (depth > np.roll(depth, -1)) & (depth > deeper_px)
    return np.flatnonzero(peak & _rim())


def strip(outline: Outline | None, fields: tuple[Field, ...]) -> Numbers:
    """How much each field changes along the edge, at each depth, in two bands: scallops seen by their shade.

    Args:
        outline: As `trace` gives it.
        fields: H x W float32 each, two of them.

    Returns:
        len(STRIP_NAMES) floats.
    """
    if outline is None:
        return np.zeros(len(STRIP_NAMES))
    broad = _smooth(outline.points, 4.0)
    depth = np.array(STRIP_PX, np.float64)
    places = (broad[None] + depth[:, None, None] * outline.inward[None]).astype(np.float32)
    table = []
    for field in fields:
        rows = cv2.remap(field, places[..., 0], places[..., 1], cv2.INTER_LINEAR, None, cv2.BORDER_REPLICATE)
        for fine, coarse in STRIP_BANDS:
            band = _smooth(rows.T, fine) - _smooth(rows.T, coarse)
            table.append(np.sqrt(np.mean(band[_rim()] ** 2, axis=0)))
    return np.concatenate(table).astype(np.float64)


def _rim() -> npt.NDArray[np.bool_]:
    """Points that are not of the root, which annotators and pictures cut where they like."""
    rim = np.ones(POINTS, bool)
    root = POINTS // 7
    rim[:root] = rim[-root:] = False
    return rim


def _part(part: str) -> slice:
    root = POINTS // 7
    third = (POINTS - 2 * root) // 3
    first = root + {"left": 0, "tip": 1, "right": 2}[part] * third
    return slice(first, first + third)


def _smooth(values: npt.NDArray[Any], sigma: float) -> Numbers:
    """Gaussian along the first axis of a closed line."""
    reach = int(4 * sigma) + 1
    wrapped = np.concatenate([values[-reach:], values, values[:reach]]).astype(np.float64)
    smooth = cv2.GaussianBlur(wrapped, (1, 2 * reach + 1), sigmaX=sigma, sigmaY=sigma)
    return np.asarray(smooth[reach:-reach], np.float64).reshape(values.shape)


def _scallops(outline: Outline | None) -> list[float]:
    if outline is None:
        return [0.0] * (len(PARTS) * 3 * (len(SCALLOP_POINTS) - 1) + len(NOTCH_PX))
    levels = [_smooth(outline.points, sigma) for sigma in SCALLOP_POINTS]
    bands = [((fine - coarse) * outline.inward).sum(axis=1) for fine, coarse in pairwise(levels)]
    numbers: list[float] = []
    for part in PARTS:
        for band in bands:
            piece = band[_part(part)]
            inward, outward = np.maximum(piece, 0), np.minimum(piece, 0)
            roots = (float(np.sqrt(np.mean(half**2))) for half in (inward, outward))
            numbers += [*roots, float(np.abs(piece).max())]
    return [*numbers, *(float(len(notches(outline, depth))) for depth in NOTCH_PX)]


def _roughness(mask: Image) -> list[float]:
    """Share of the area that closing adds and opening takes away, with discs of three sizes.

    Measured at half the size: the discs are wide, and a quarter of the pixels costs a quarter of the time.
    """
    framed = cv2.copyMakeBorder(mask, *(40,) * 4, cv2.BORDER_CONSTANT, value=0)
    size = (framed.shape[1] // 2, framed.shape[0] // 2)
    half = (cv2.resize(framed, size, interpolation=cv2.INTER_AREA) > 127).astype(np.uint8)
    outside = cv2.distanceTransform(1 - half, cv2.DIST_L2, 5) * 2
    inside = cv2.distanceTransform(half, cv2.DIST_L2, 5) * 2
    whole = max(1.0, float(np.count_nonzero(half)))
    numbers: list[float] = []
    for reach in ROUGH_PX:
        grown = (outside <= reach).astype(np.uint8)
        closed = np.count_nonzero(cv2.distanceTransform(grown, cv2.DIST_L2, 5) * 2 > reach)
        shrunk = (inside <= reach).astype(np.uint8)
        opened = np.count_nonzero(cv2.distanceTransform(shrunk, cv2.DIST_L2, 5) * 2 <= reach)
        numbers += [closed / whole - 1, 1 - opened / whole]
    return numbers
