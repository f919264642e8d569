"""Numbers that describe a tongue: colour by zone, shape, texture. The signs are read from these."""

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from vision import colour
from vision.tongue import zones

Image = npt.NDArray[np.uint8]
Numbers = npt.NDArray[np.float64]

# All tongues are described at one size, the root of the area of their bounding box.
SIDE_PX: Final = 220
CHANNELS: Final = ("l", "a", "b")
# The ring around the tongue by which the light is judged, in pixels at that size.
RING_PX: Final = (9, 33)
FINE_PX: Final = (1.0, 2.0, 4.0)


def _names() -> tuple[str, ...]:
    colours = [f"{zone}_{ch}_{what}" for zone in zones.ZONES for ch in CHANNELS for what in ("mid", "spread")]
    ring = [f"ring_{ch}" for ch in CHANNELS]
    relations = [f"{one}_minus_{other}_{ch}" for one, other in RELATIONS for ch in CHANNELS]
    chroma = [f"{zone}_{what}" for zone in zones.ZONES for what in ("chroma", "hue")]
    texture = [
        f"{zone}_{what}_{scale:g}" for zone in zones.ZONES for scale in FINE_PX for what in ("pits", "dots")
    ]
    return (*colours, *ring, *relations, *chroma, *texture, *SHAPE)


RELATIONS: Final = (
    ("centre", "edges"),
    ("centre", "tip"),
    ("root", "edges"),
    ("root", "centre"),
    ("edges", "ring"),
)
SHAPE: Final = (
    "aspect",
    "solidity",
    "fill",
    "roughness_2",
    "roughness_5",
    "taper",
    "dents",
    "dent_deepest",
    "pale_share",
    "yellow_share",
    "dark_share",
    "spot_share",
    "crack_share",
    "crack_deepest",
    "crack_longest",
)
NAMES: Final = _names()


def describe(photo: Image, mask: Image) -> Numbers:
    """Describe one tongue.

    Args:
        photo: H x W x 3 uint8, blue-green-red.
        mask: H x W uint8, nonzero on the tongue, not empty.

    Returns:
        len(NAMES) floats in the order of NAMES; all finite.

    Raises:
        ValueError: for an empty mask.
    """
    if not mask.any():
        raise ValueError("no tongue to describe")
    near, near_mask = _near(photo, mask)
    lab = colour.to_lab(near)
    parts = zones.divide(near_mask)
    table = colour.zone_statistics(lab, parts, len(zones.ZONES))
    ring = _ring(lab, near_mask)
    middles = dict(zip(zones.ZONES, table[:, :, 0], strict=True)) | {"ring": ring}
    relations = [middles[one] - middles[other] for one, other in RELATIONS]
    chroma = [(np.hypot(a, b), np.arctan2(b, a)) for _, a, b in table[:, :, 0]]
    numbers = [table.ravel(), ring, np.ravel(relations), np.ravel(chroma), _texture(lab, parts)]
    return np.concatenate([*numbers, _shape(near_mask), _marks(lab, near_mask, parts)]).astype(np.float64)


def _near(photo: Image, mask: Image) -> tuple[Image, Image]:
    """The tongue with a margin, scaled so that the root of its bounding box's area is SIDE_PX."""
    x, y, width, height = cv2.boundingRect(mask)
    scale = SIDE_PX / np.sqrt(width * height)
    margin = int(np.ceil(40 / scale))
    top, left = max(0, y - margin), max(0, x - margin)
    rows, columns = slice(top, y + height + margin), slice(left, x + width + margin)
    part, part_mask = photo[rows, columns], mask[rows, columns]
    size = (max(8, round(part.shape[1] * scale)), max(8, round(part.shape[0] * scale)))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    near = cv2.resize(part, size, interpolation=way).astype(np.uint8, copy=False)
    near_mask = cv2.resize(part_mask, size, interpolation=cv2.INTER_NEAREST)
    binary: Image = ((near_mask > 0) * 255).astype(np.uint8)
    return near, binary


def _ring(lab: colour.Lab, mask: Image) -> Numbers:
    """Median colour of the bright half around the tongue: skin and lips rather than the open mouth."""
    away = cv2.distanceTransform(cv2.bitwise_not(mask), cv2.DIST_L2, 5)
    around = lab[(away > RING_PX[0]) & (away <= RING_PX[1])]
    if not len(around):
        return np.zeros(3)
    lit = around[around[:, 0] >= np.median(around[:, 0])]
    middle: Numbers = np.median(lit, axis=0).astype(np.float64)
    return middle


def _texture(lab: colour.Lab, parts: Image) -> Numbers:
    """Per zone and scale: how far lightness dips (pits) and redness rises (dots), as 95th percentiles."""
    light, red = lab[..., 0], lab[..., 1]
    fields = []
    for scale in FINE_PX:
        for field, sign in ((light, -1.0), (red, 1.0)):
            fine = cv2.GaussianBlur(field, (0, 0), scale) - cv2.GaussianBlur(field, (0, 0), 2.5 * scale)
            fields.append(sign * fine)
    stack = np.stack(fields, axis=-1)
    table = np.zeros((len(zones.ZONES), len(fields)))
    for index in range(len(zones.ZONES)):
        pixels = stack[parts == index + 1]
        if len(pixels):
            table[index] = np.percentile(pixels, 95, axis=0)
    return table.ravel()


def _shape(mask: Image) -> Numbers:
    """Outline: proportions, roughness at two scales, taper towards the tip, dents between the teeth."""
    _, _, width, height = cv2.boundingRect(mask)
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    outline = max(outlines, key=len).astype(np.int32, copy=False)
    area = float(np.count_nonzero(mask))
    hull_area = max(1.0, cv2.contourArea(cv2.convexHull(outline)))
    rough = []
    for reach in (2, 5):
        disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (4 * reach + 1,) * 2)
        framed = cv2.copyMakeBorder(mask, *(4 * reach,) * 4, cv2.BORDER_CONSTANT, value=0)
        closed = np.count_nonzero(cv2.morphologyEx(framed, cv2.MORPH_CLOSE, disc))
        opened = np.count_nonzero(cv2.morphologyEx(framed, cv2.MORPH_OPEN, disc))
        rough.append((closed - opened) / area)
    rows = np.flatnonzero(mask.any(axis=1))
    widths = np.count_nonzero(mask[rows], axis=1)
    taper = widths[int(0.85 * len(widths))] / widths.max()
    dents = _dents(outline, int(rows[0] + 0.25 * len(rows)))
    return np.array(
        [
            width / height,
            area / hull_area,
            area / (width * height),
            *rough,
            taper,
            len(dents),
            max(dents, default=0.0),
        ]
    )


def _dents(outline: npt.NDArray[np.int32], below_row: int) -> list[float]:
    """Depths in pixels of the hollows in the outline below a row, those of a pixel or more."""
    hull = np.sort(cv2.convexHull(outline, returnPoints=False), axis=0)
    if len(hull) < 4 or len(outline) < 8:
        return []
    try:
        # OpenCV answers None for an outline without a hollow, which its type hints deny.
        hollows = np.array(cv2.convexityDefects(outline, hull[::-1]), ndmin=1)
    except cv2.error:  # an outline that crosses itself has no such thing as a hollow
        return []
    if hollows.dtype == object:
        return []
    deep = (hollow for hollow in hollows.reshape(-1, 4) if hollow[3] >= 256)
    return [float(depth) / 256 for _, _, far, depth in deep if outline[far, 0, 1] > below_row]


def _marks(lab: colour.Lab, mask: Image, parts: Image) -> Numbers:
    """Shares of the surface that are pale, yellow, dark, red-dotted or cracked."""
    core = cv2.erode(mask, np.ones((15, 15), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=0) > 0
    core = core if core.any() else mask > 0
    light, red, yellow = (lab[..., channel] for channel in range(3))
    edge_red = np.median(red[parts == zones.EDGES]) if (parts == zones.EDGES).any() else np.median(red[core])
    edge_yellow = (
        np.median(yellow[parts == zones.EDGES]) if (parts == zones.EDGES).any() else np.median(yellow[core])
    )
    middle = core & ((parts == zones.CENTRE) | (parts == zones.ROOT))
    middle = middle if middle.any() else core
    dots = cv2.GaussianBlur(red, (0, 0), 1.2) - cv2.GaussianBlur(red, (0, 0), 5)
    smooth = cv2.GaussianBlur(light, (0, 0), 1)
    depth = (
        cv2.morphologyEx(smooth, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (13, 13)))
        - smooth
    )
    depth = np.where(core & (parts != zones.ROOT), depth, 0.0)
    cracks = (depth > 5).astype(np.uint8)
    _, _, pieces, _ = cv2.connectedComponentsWithStats(cracks, connectivity=8)
    longest = max((max(piece[2], piece[3]) for piece in pieces[1:]), default=0)
    return np.array(
        [
            (red[middle] < edge_red - 6).mean(),
            (yellow[middle] > edge_yellow + 3).mean(),
            (light[middle] < 30).mean(),
            (dots[core] > 3).mean(),
            cracks.sum() / core.sum(),
            np.percentile(depth[core], 99),
            longest / SIDE_PX,
        ]
    )
