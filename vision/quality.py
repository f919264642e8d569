"""Is a photograph good enough to be read? Measured on the tongue itself, answered by a code."""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from vision import colour

Image = npt.NDArray[np.uint8]

# The tongue is looked at on this scale, so that sharpness means the same for every camera.
TONGUE_PX: Final = 220

# When a tongue is likely enough to name a fault of its picture, and when sure enough to be read;
# measured as docs/decisions/0014 tells.
LIKELY_PRESENCE: Final = 0.5
LIKELY_CONFIDENCE: Final = 0.8
SURE_PRESENCE: Final = 0.85
SURE_CONFIDENCE: Final = 0.9
LEAST_SOLIDITY: Final = 0.85
LEAST_AREA_SHARE: Final = 0.008

# When a photograph is refused; docs/decisions/0018 gives what each limit costs and catches.
LEAST_TONGUE_PX: Final = 90.0
LEAST_LIGHTNESS: Final = 28.0
MOST_LIGHTNESS: Final = 80.0
MOST_BURNT_SHARE: Final = 0.2
REDNESS: Final = (2.0, 50.0)
YELLOWNESS: Final = (-16.0, 30.0)
LEAST_SHARPNESS: Final = 0.66
MOST_CUT_SHARE: Final = 0.08


def _second_difference(row: int, column: int) -> npt.NDArray[np.float32]:
    kernel = np.zeros((5, 5), np.float32)
    kernel[2, 2] = 2
    kernel[2 + 2 * row, 2 + 2 * column] = kernel[2 - 2 * row, 2 - 2 * column] = -1
    return kernel


_DIRECTIONS: Final = tuple(_second_difference(*way) for way in ((0, 1), (1, 0), (1, 1), (1, -1)))


@dataclass(frozen=True)
class Quality:
    """What was measured. Colours in CIE Lab; shares from 0 to 1; nothing here is a verdict.

    presence: the network's answer to "is there a tongue".
    confidence: its mean probability inside the mask.
    tongue_px: square root of the tongue's area in the photograph's own pixels.
    area_share: the tongue's share of the photograph.
    solidity: its area over that of its convex hull.
    sharpness: fine detail over middle detail of lightness, in the direction where it is weakest.
    lightness, redness, yellowness: medians of L, a and b.
    burnt_share: its share of clipped pixels.
    cut_share: how much of its outline lies on the left, right or lower edge of the photograph.
    """

    presence: float
    confidence: float
    tongue_px: float
    area_share: float
    solidity: float
    sharpness: float
    lightness: float
    redness: float
    yellowness: float
    burnt_share: float
    cut_share: float


def measure(photo: Image, mask: Image, presence: float, confidence: float) -> Quality:
    """Measure a photograph on its tongue, or as a whole where no tongue was found.

    Args:
        photo: H x W x 3 uint8, blue-green-red.
        mask: H x W uint8, nonzero on the tongue.
        presence: 0 to 1, from the network.
        confidence: 0 to 1, from the network.

    Returns:
        Quality.
    """
    area = int(np.count_nonzero(mask))
    near, near_mask = _near(photo, mask)
    inside = near_mask > 0
    lightness, redness, yellowness = np.median(colour.to_lab(near)[inside], axis=0)
    return Quality(
        presence=presence,
        confidence=confidence,
        tongue_px=float(np.sqrt(area)),
        area_share=area / mask.size,
        solidity=_solidity(near_mask) if area else 0.0,
        sharpness=_sharpness(near, near_mask),
        lightness=float(lightness),
        redness=float(redness),
        yellowness=float(yellowness),
        burnt_share=float((near.max(axis=2)[inside] >= colour.CLIPPED).mean()),
        cut_share=_cut_share(mask) if area else 0.0,
    )


def judge(quality: Quality) -> str | None:
    """Why a photograph cannot be read.

    Args:
        quality: Measured on what may be a tongue.

    Returns:
        None where it can be read; else "no_tongue", or what is wrong with the picture of one.
    """
    if not _likely(quality):
        return "no_tongue"
    fault = fault_of(quality)
    if fault is None and (quality.presence < SURE_PRESENCE or quality.confidence < SURE_CONFIDENCE):
        return "no_tongue"
    return fault


def _likely(quality: Quality) -> bool:
    """Whether this may be a tongue: the network's two answers say so, and the shape is that of one."""
    return (
        quality.presence >= LIKELY_PRESENCE
        and quality.confidence >= LIKELY_CONFIDENCE
        and quality.solidity >= LEAST_SOLIDITY
        and quality.area_share >= LEAST_AREA_SHARE
    )


def fault_of(quality: Quality) -> str | None:
    """What is wrong with the picture of a tongue, the most disturbing fault first.

    Args:
        quality: Measured on the tongue.

    Returns:
        "too_small", "dark", "bright", "colour_cast", "cut_off", "blurred", or None where nothing is.
    """
    if quality.tongue_px < LEAST_TONGUE_PX:
        return "too_small"
    if quality.lightness < LEAST_LIGHTNESS:
        return "dark"
    if quality.lightness > MOST_LIGHTNESS or quality.burnt_share > MOST_BURNT_SHARE:
        return "bright"
    if not (
        REDNESS[0] <= quality.redness <= REDNESS[1] and YELLOWNESS[0] <= quality.yellowness <= YELLOWNESS[1]
    ):
        return "colour_cast"
    if quality.cut_share > MOST_CUT_SHARE:
        return "cut_off"
    if quality.sharpness < LEAST_SHARPNESS:
        return "blurred"
    return None


def _near(photo: Image, mask: Image) -> tuple[Image, Image]:
    """The tongue scaled to about TONGUE_PX across, and its mask; the whole photograph where there is none."""
    if not mask.any():
        mask = np.full(mask.shape, 255, np.uint8)
    x, y, width, height = cv2.boundingRect(mask)
    part, part_mask = photo[y : y + height, x : x + width], mask[y : y + height, x : x + width]
    scale = TONGUE_PX / np.sqrt(width * height)
    size = (max(8, round(width * scale)), max(8, round(height * scale)))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    near = cv2.resize(part, size, interpolation=way).astype(np.uint8, copy=False)
    near_mask = cv2.resize(part_mask, size, interpolation=cv2.INTER_NEAREST).astype(np.uint8, copy=False)
    return near, near_mask


def _sharpness(near: Image, mask: Image) -> float:
    """Second differences of lightness over its middle detail, in the direction where they are weakest.

    The weakest of four directions, since a moved camera blurs in one only; differences over 4 px on a
    smoothed picture, since noise is no detail.
    """
    within = cv2.erode(mask, np.ones((13, 13), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=0) > 0
    if not within.any():
        return 0.0
    light = cv2.cvtColor(near, cv2.COLOR_BGR2GRAY).astype(np.float32)
    smooth = cv2.GaussianBlur(light, (0, 0), 1)
    detail = (smooth - cv2.GaussianBlur(light, (0, 0), 4))[within].std() + 0.5
    return float(min(cv2.filter2D(smooth, -1, kernel)[within].std() for kernel in _DIRECTIONS) / detail)


def _solidity(mask: Image) -> float:
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    hull = cv2.contourArea(cv2.convexHull(np.concatenate(outlines)))
    return float(min(1.0, np.count_nonzero(mask) / max(1.0, hull)))


def _cut_share(mask: Image) -> float:
    """Share of the outline on the left, right and lower edge; the root may touch the upper one."""
    touching = sum(np.count_nonzero(edge) for edge in (mask[-1], mask[:, 0], mask[:, -1]))
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return float(touching / max(1, sum(len(outline) for outline in outlines)))
