"""Numbers that describe a tongue: colour by zone, shape, texture. The signs are read from these.

Colours are logarithms of the channels, so that another lamp or another exposure adds one and the same
number to each, and a difference of two colours does not feel it (von Kries' hypothesis).
"""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from vision import colour
from vision.tongue import outline, relief, zones

Image = npt.NDArray[np.uint8]
Field = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.float64]

# All tongues are described at one size, the root of the area of their bounding box.
SIDE_PX: Final = 200
MARGIN_PX: Final = 40
# Added to the channels before the logarithm: black is noise.
BLACK: Final = 6.0
CHANNELS: Final = ("grey", "red", "blue")
# Distances from the outline between which the surroundings are looked at.
RINGS_PX: Final = ((4, 14), (14, 32))
SECTORS: Final = 8
GRID: Final = 7
SHARES: Final = (3, 10, 25, 75, 90, 97)
REFERENCES: Final = ("tongue", "ring", "shine", "shades", "grey_world", "white_patch")
PATTERN_PX: Final = (1, 3)
# Percentiles are taken over every so many pixels of the tongue: they do not move, and cost a third.
EVERY: Final = 4


@dataclass(frozen=True)
class View:
    """One tongue with a margin, at the size at which it is described.

    mask, parts: H x W uint8; parts as zones.divide. grey: logarithm of green, red and blue: of red over
    green and blue over green; H x W float32. scale: pixels here for one of the photograph.
    corner: x and y of the view's corner in the photograph.
    """

    photo: Image
    mask: Image
    parts: Image
    grey: Field
    red: Field
    blue: Field
    scale: float
    corner: tuple[int, int]


def _groups() -> dict[str, tuple[str, ...]]:
    where = zones.ZONES
    three = ("root2", "root3", "root4")
    scales = [f"{size:g}" for size in relief.GRAIN_PX]
    dots = [f"{size:g}_{above:g}" for size in relief.DOT_PX for above in relief.DOT_STRENGTH]
    cells = [f"{row}_{column}" for row in range(GRID) for column in range(GRID)]
    rings = [(ring, ch) for ring in range(len(RINGS_PX)) for ch in CHANNELS]
    grain = {
        ch: tuple(f"grain_{ch}_{s}_{zone}_{what}" for s in scales for zone in where for what in three)
        for ch in CHANNELS[:2]
    }
    counted = [
        f"cracks_{above:g}_{what}"
        for above in relief.LINE_STRENGTH
        for what in ("share", "number", "longest", "sum")
    ]
    return {
        "light": tuple(f"{reference}_{ch}" for reference in REFERENCES for ch in CHANNELS),
        "zones": tuple(
            f"{zone}_{ch}_{what}" for ch in CHANNELS for zone in where for what in ("mid", "spread")
        ),
        "lab": tuple(f"{zone}_lab_{ch}" for zone in where for ch in "lab"),
        "shares": tuple(f"share{share}_{ch}" for ch in CHANNELS for share in SHARES),
        "cells": tuple(f"cell_{ch}_{cell}" for ch in CHANNELS for cell in cells),
        "around": tuple(f"around{ring}_{ch}_{sector}" for ring, ch in rings for sector in range(SECTORS)),
        "grain_grey": grain["grey"],
        "grain_red": grain["red"],
        "lines": (
            *(f"lines_{size:g}_{zone}_{what}" for size in relief.LINE_PX for zone in where for what in three),
            *(f"lines_{cell}" for cell in cells),
            *counted,
        ),
        "dots": tuple(f"dots_{zone}_{dot}" for zone in where for dot in dots),
        "pattern": tuple(
            f"pattern_{reach}_{zone}_{n}" for reach in PATTERN_PX for zone in where for n in range(10)
        ),
        "outline": outline.NAMES,
        "strip": outline.STRIP_NAMES,
    }


# The numbers by what they look at, in the order in which `describe` gives them.
GROUPS: Final = _groups()
NAMES: Final = tuple(name for group in GROUPS.values() for name in group)


def describe(seen: View) -> Numbers:
    """Describe one tongue.

    Args:
        seen: As `view` gives it.

    Returns:
        len(NAMES) floats in the order of NAMES; all finite.
    """
    line = outline.trace(seen.mask)
    numbers = [
        _references(seen),
        _zones(seen),
        _cells(seen),
        _surroundings(seen),
        _grain(seen),
        _lines(seen),
        _dots(seen),
        _patterns(seen),
        outline.describe(seen.mask, line),
        outline.strip(line, (seen.grey, seen.red)),
    ]
    return np.concatenate([np.ravel(part) for part in numbers]).astype(np.float64)


def view(photo: Image, mask: Image) -> View:
    """The tongue with a margin, scaled so that the root of its bounding box's area is SIDE_PX.

    Raises:
        ValueError: for an empty mask.
    """
    if not mask.any():
        raise ValueError("no tongue to describe")
    x, y, width, height = cv2.boundingRect(mask)
    scale = SIDE_PX / np.sqrt(width * height)
    margin = int(np.ceil(MARGIN_PX / scale))
    top, left = max(0, y - margin), max(0, x - margin)
    rows, columns = slice(top, y + height + margin), slice(left, x + width + margin)
    part, part_mask = photo[rows, columns], mask[rows, columns]
    size = (max(8, round(part.shape[1] * scale)), max(8, round(part.shape[0] * scale)))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    near = cv2.resize(part, size, interpolation=way).astype(np.uint8, copy=False)
    soft = cv2.resize(((part_mask > 0) * 255).astype(np.uint8), size, interpolation=cv2.INTER_LINEAR)
    binary: Image = ((soft > 127) * 255).astype(np.uint8)
    if not binary.any():
        binary = ((soft >= soft.max()) * 255).astype(np.uint8)
    logs = np.log(near.astype(np.float32) + np.float32(BLACK))
    blue, green, red = (np.ascontiguousarray(logs[..., channel]) for channel in range(3))
    parts = zones.divide(binary)
    return View(near, binary, parts, green, red - green, blue - green, float(scale), (left, top))


def _fields(seen: View) -> tuple[Field, Field, Field]:
    return seen.grey, seen.red, seen.blue


def _references(seen: View) -> Numbers:
    """Colours by which the lamp may be judged, each as grey, red and blue."""
    tongue = _colours_at(seen, np.flatnonzero(seen.mask)[::EVERY])
    away = cv2.distanceTransform(cv2.bitwise_not(seen.mask), cv2.DIST_L2, 5)
    ring = np.flatnonzero((away > RINGS_PX[0][1]) & (away <= RINGS_PX[1][1]))[::EVERY]
    around = _colours_at(seen, ring) if len(ring) else tongue
    lit = around[around[:, 0] >= np.median(around[:, 0])]
    bright = tongue[tongue[:, 0] >= np.percentile(tongue[:, 0], 98.5)]
    pixels = seen.photo.reshape(-1, 3)[::EVERY].astype(np.float32)
    shades = np.mean((pixels / 255) ** colour.MINKOWSKI_ORDER, axis=0) ** (1 / colour.MINKOWSKI_ORDER) * 255
    world, white = pixels.mean(axis=0), np.percentile(pixels, 99.5, axis=0)
    table = [np.median(tongue, axis=0), np.median(lit, axis=0), bright.mean(axis=0)]
    for blue, green, red in (np.log(one + BLACK) for one in (shades, world, white)):
        table.append(np.array([green, red - green, blue - green]))
    return np.array(table, np.float64)


def _colours_at(seen: View, places: npt.NDArray[np.intp]) -> Field:
    """Grey, red and blue at flat indices: N x 3."""
    return np.stack([field.ravel()[places] for field in _fields(seen)], axis=-1)


def tongue_pixels(seen: View) -> Image:
    """Every fourth pixel of the tongue: N x 3 uint8, blue-green-red."""
    return seen.photo.reshape(-1, 3)[np.flatnonzero(seen.mask)[::EVERY]]


def _zones(seen: View) -> Numbers:
    count = len(zones.ZONES)
    places = np.flatnonzero(seen.mask)[::EVERY]
    stack, parts = _colours_at(seen, places), seen.parts.ravel()[places][None]
    apart = (stack - np.median(stack, axis=0)).astype(np.float32, copy=False)
    table = colour.zone_statistics(apart[None], parts, count)
    lab = colour.to_lab(seen.photo.reshape(-1, 3)[places][None])
    middles = colour.zone_statistics(lab, parts, count)[:, :, 0]
    shares = np.percentile(apart, SHARES, axis=0)
    return np.concatenate([table.transpose(1, 0, 2).ravel(), middles.ravel(), shares.T.ravel()])


def _grid(mask: Image) -> Image:
    """Numbers the cells of a grid over the tongue's box, from 1; 0 outside the tongue."""
    x, y, width, height = cv2.boundingRect(mask)
    cells = np.zeros(mask.shape, np.uint8)
    rows, columns = np.arange(height) * GRID // height, np.arange(width) * GRID // width
    cells[y : y + height, x : x + width] = 1 + rows[:, None] * GRID + columns[None]
    cells[mask == 0] = 0
    return cells


def _cells(seen: View) -> Numbers:
    """Colour of each cell of a grid less that of the whole tongue; 0 where the tongue does not reach."""
    cells = _grid(seen.mask)
    held = np.bincount(cells.ravel(), minlength=GRID * GRID + 1)[1:] > 0
    inside = seen.mask > 0
    return np.array(
        [
            np.where(held, relief.means(field, cells, GRID * GRID) - field[inside].mean(), 0.0)
            for field in _fields(seen)
        ]
    )


def _surroundings(seen: View) -> Numbers:
    """Colour around the tongue by ring and sector, less that of the tongue: mouth corners, lips."""
    away = cv2.distanceTransform(cv2.bitwise_not(seen.mask), cv2.DIST_L2, 5)
    x, y, width, height = cv2.boundingRect(seen.mask)
    places = np.flatnonzero((away > RINGS_PX[0][0]) & (away <= RINGS_PX[-1][1]))
    rows, columns = (one.astype(np.float32) for one in np.divmod(places, seen.mask.shape[1]))
    angle = np.arctan2((rows - y - height / 2) / height, (columns - x - width / 2) / width)
    sector = np.minimum(((angle + np.pi) / (2 * np.pi) * SECTORS).astype(np.uint8), SECTORS - 1) + 1
    far_away, inside = away.ravel()[places], seen.mask > 0
    table = []
    for near, far in RINGS_PX:
        here = np.where((far_away > near) & (far_away <= far), sector, 0).astype(np.uint8)
        held = np.bincount(here, minlength=SECTORS + 1)[1:] > 0
        for field in _fields(seen):
            around = relief.means(field.ravel()[places], here, SECTORS)
            table.append(np.where(held, around - field[inside].mean(), 0.0))
    return np.array(table)


def _core(seen: View, px: float) -> npt.NDArray[np.bool_]:
    """The tongue without its rim; the whole of it where it is too small to have one."""
    deep = cv2.distanceTransform(seen.mask, cv2.DIST_L2, 5) > px
    return deep if deep.any() else seen.mask > 0


def _grain(seen: View) -> Numbers:
    parts = np.where(_core(seen, 5), seen.parts, 0).astype(np.uint8)
    return np.array(
        [
            relief.moments(band, parts, len(zones.ZONES))
            for field in (seen.grey, seen.red)
            for band in relief.grain(field)
        ]
    )


def _lines(seen: View) -> Numbers:
    core = _core(seen, 10)
    parts = np.where(core, seen.parts, 0).astype(np.uint8)
    lines = relief.dark_lines(seen.grey)
    table = [relief.moments(one, parts, len(zones.ZONES)).ravel() for one in lines.by_scale]
    cells = np.where(core, _grid(seen.mask), 0).astype(np.uint8)
    table.append(relief.means(lines.strongest, cells, GRID * GRID))
    where = core & (seen.parts != zones.ROOT)
    area = max(1.0, float(np.count_nonzero(where)))
    for above in relief.LINE_STRENGTH:
        pieces, lengths = relief.crack_pieces(lines.strongest, where, above)
        longest = lengths.max(initial=0.0) / SIDE_PX
        table.append(
            np.array([np.count_nonzero(pieces) / area, len(lengths), longest, lengths.sum() / SIDE_PX])
        )
    return np.concatenate(table)


def _dots(seen: View) -> Numbers:
    parts = np.where(_core(seen, 4), seen.parts, 0).astype(np.uint8)
    return relief.dot_counts(-seen.grey, parts, len(zones.ZONES))


def _patterns(seen: View) -> Numbers:
    parts = np.where(_core(seen, 5), seen.parts, 0)
    smooth = cv2.GaussianBlur(seen.grey, (0, 0), 0.8)
    table = []
    for reach in PATTERN_PX:
        pattern = relief.local_pattern(np.asarray(smooth, np.float32), reach)
        both = np.bincount((parts * 10 + pattern).ravel(), minlength=50)[10:].reshape(4, 10)
        table.append(both / np.maximum(both.sum(axis=1, keepdims=True), 1))
    return np.array(table)
