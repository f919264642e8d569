"""Marks drawn into a tongue, real or drawn, at known places and sizes: truth by construction.

Every mark follows the light of the place it is drawn at: it multiplies what is there and paints nothing
over, so grain, gloss and shade go on through it. The same seed draws the same pixels.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from vision import colour
from vision.tongue import brush, zones

Image = npt.NDArray[np.uint8]
Field = npt.NDArray[np.float32]
Where = npt.NDArray[np.bool_]
Point = tuple[float, float]

# What a mark of strength 1 would leave of blue, green and red light, as a logarithm.
CRACK_LOSS: Final = np.array([1.05, 1.0, 0.75], np.float32)
SPOT_LOSS: Final = np.array([0.9, 1.0, 0.15], np.float32)
STASIS_LOSS: Final = np.array([0.65, 1.0, 0.85], np.float32)
# Widths at the widest, as shares of the tongue's length: a crack, the edge of a spot and of a patch.
CRACK_WIDTH: Final = 0.011
SOFT_EDGE: Final = 0.008
RAISED_RIM: Final = 0.25
TRIES: Final = 60


@dataclass(frozen=True)
class Truth:
    """One mark as it was drawn.

    kind: "crack", "notch", "spot", "stasis", "peeled" or "colour". at: x and y of its middle, for a notch of
    its deepest point. points: x and y along a crack or around a patch; empty for others.
    size: length of a crack, depth of a notch, diameter of a spot or patch, as a share of the tongue's length;
    ΔE of a zone's new colour. strength: share of green light taken away at the middle; depth over width
    for a notch; ΔE for a peeled patch and for a colour. zone: what was recoloured, else "".
    """

    kind: str
    at: Point
    points: tuple[Point, ...]
    size: float
    strength: float
    zone: str = ""


@dataclass(frozen=True, eq=False)
class Drawn:
    """A picture with one mark more: H x W x 3 uint8 blue-green-red, its mask H x W uint8, and what was drawn.

    truth: None where the mark found no room; picture and mask are then as they were.
    """

    picture: Image
    mask: Image
    truth: Truth | None


def crack(
    picture: Image,
    mask: Image,
    rng: np.random.Generator,
    size: float,
    strength: float,
    free: Where | None = None,
) -> Drawn:
    """Draw a crack that winds and tapers, dark in its middle, with one side catching the light.

    Args:
        picture: H x W x 3 uint8, blue-green-red; left as it is, like the mask.
        mask: H x W uint8, nonzero on the tongue.
        rng: Source of place and form.
        size: Length as a share of the tongue's length.
        strength: Share of green light that the middle lacks.
        free: H x W, where a mark may lie; all of the tongue below the root where None.

    Returns:
        Drawn.
    """
    length = brush.length_of(mask)
    depth = brush.room(mask, free)
    for _ in range(TRIES):
        start = brush.pick(depth > 0.05 * length, rng)
        if start is None:
            break
        line = brush.winding(rng, np.array(start), size * length)
        if not brush.all_in(depth > 0.03 * length, line):
            continue
        away, along = brush.distance_to(mask.shape, line, max(8, round(0.04 * length)))
        half = CRACK_WIDTH / 2 * length * (0.45 + 0.55 * np.sin(np.pi * np.clip(along, 0.06, 0.94)))
        valley = np.exp(-((away / half) ** 2)) * (0.8 + 0.2 * brush.noise(rng, mask.shape, half.max() * 4))
        lit_side = np.exp(-(((brush.shifted(away, half.max())) / (1.2 * half.max())) ** 2)) * 0.08 * strength
        loss = -np.log(1 - strength) * valley - lit_side * (1 - valley)
        middle = line[len(line) // 2]
        truth = Truth("crack", brush.pair(middle), tuple(brush.pair(one) for one in line), size, strength)
        return Drawn(brush.darken(picture, loss, CRACK_LOSS), mask.copy(), truth)
    return Drawn(picture.copy(), mask.copy(), None)


def spot(
    picture: Image,
    mask: Image,
    rng: np.random.Generator,
    size: float,
    strength: float,
    free: Where | None = None,
) -> Drawn:
    """Draw one raised red dot. size: its diameter; the other arguments as for `crack`."""
    return _disc(picture, mask, rng, size, strength, free, "spot", SPOT_LOSS)


def stasis(
    picture: Image,
    mask: Image,
    rng: np.random.Generator,
    size: float,
    strength: float,
    free: Where | None = None,
) -> Drawn:
    """Draw one dark purple patch. size: its diameter; the other arguments as for `crack`."""
    return _disc(picture, mask, rng, size, strength, free, "stasis", STASIS_LOSS)


def notch(
    picture: Image,
    mask: Image,
    rng: np.random.Generator,
    size: float,
    strength: float,
    free: Where | None = None,
) -> Drawn:
    """Press the edge of a tongue in, as a tooth does: what lies outside follows, what lies inside gives way.

    Args:
        picture, mask, rng: As for `crack`.
        size: Depth as a share of the tongue's length.
        strength: Depth over width.
        free: Where the deepest point may lie.

    Returns:
        Drawn, with the mask pressed in alike.
    """
    length = brush.length_of(mask)
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    edge = max(outlines, key=len)[:, 0].astype(np.float64)
    soft = brush.smooth_closed(edge, 0.02 * len(edge))
    below = brush.below_root(mask)
    depth_px, width_px = size * length, size * length / strength
    for _ in range(TRIES):
        n = int(rng.integers(len(edge)))
        tangent = soft[(n + 4) % len(soft)] - soft[n - 4]
        inward = np.array([-tangent[1], tangent[0]]) / max(1e-9, float(np.hypot(*tangent)))
        inside = np.rint(edge[n] + 6 * inward).astype(int)
        if not brush.holds(mask, inside):
            inward = -inward
        deepest = edge[n] + depth_px * inward
        place = np.rint(deepest).astype(int)
        if not below[int(edge[n][1])] or not brush.holds(mask, place):
            continue
        if free is not None and not free[place[1], place[0]]:
            continue
        pressed, bent = brush.press(picture, mask, edge[n], inward, depth_px, width_px)
        return Drawn(pressed, bent, Truth("notch", brush.pair(deepest), (), size, strength))
    return Drawn(picture.copy(), mask.copy(), None)


def peeled(
    picture: Image,
    mask: Image,
    rng: np.random.Generator,
    size: float,
    strength: float,
    free: Where | None = None,
) -> Drawn:
    """Take the coating off an irregular area with a clear, slightly raised border.

    Its middle lies in the centre zone, where there is a coating to take off.

    Args:
        picture, mask, rng, free: As for `crack`.
        size: Diameter as a share of the tongue's length.
        strength: CIE 1976 ΔE by which the bare area differs from the coating it lay under.

    Returns:
        Drawn.
    """
    length = brush.length_of(mask)
    depth = brush.room(mask, free)
    coated = zones.divide(mask) == zones.CENTRE
    middle = brush.pick((depth > (0.58 * size + 0.03) * length) & coated, rng)
    if middle is None:
        return Drawn(picture.copy(), mask.copy(), None)
    ring = brush.blob(rng, middle, size * length / 2)
    inside = brush.inside_of(mask.shape, ring)
    before = np.median(colour.to_lab(picture)[inside], axis=0)
    loss, rim = brush.softened(inside, 0.004 * length)
    bare = brush.loss_for(picture, SPOT_LOSS, before, inside, strength)
    calm = cv2.GaussianBlur(picture, (0, 0), max(0.6, 0.006 * length)).astype(np.float32)
    base = picture + 0.6 * loss[..., None] * (calm - picture)
    light = np.exp(-bare * loss[..., None] * SPOT_LOSS + 0.05 * RAISED_RIM * rim[..., None])
    changed = np.clip(np.rint(base * light), 0, 255).astype(np.uint8)
    truth = Truth("peeled", middle, tuple(brush.pair(one) for one in ring), size, strength)
    return Drawn(changed, mask.copy(), truth)


def recolour(picture: Image, mask: Image, rng: np.random.Generator, zone: str, delta_e: float) -> Drawn:
    """Change the colour of one zone by a known CIE 1976 ΔE, redder or bluer, with a soft border.

    Args:
        picture, mask, rng: As for `crack`.
        zone: One of zones.ZONES.
        delta_e: Length of the change in Lab; its direction is drawn from the hue circle, lightness kept.

    Returns:
        Drawn; `truth.points` holds the change of a and b as its one point.

    Raises:
        ValueError: for a zone that is none.
    """
    here = zones.divide(mask) == zones.ZONES.index(zone) + 1
    if not here.any():
        return Drawn(picture.copy(), mask.copy(), None)
    weight, _ = brush.softened(here, 0.015 * brush.length_of(mask))
    weight *= mask > 0
    angle = rng.uniform(0, 2 * np.pi)
    change = (float(delta_e * np.cos(angle)), float(delta_e * np.sin(angle)))
    lab = colour.to_lab(picture)
    lab[..., 1:] += weight[..., None] * np.array(change, np.float32)
    back = cv2.cvtColor(lab, cv2.COLOR_Lab2BGR)
    touched = weight[..., None] > 0
    changed = np.where(touched, np.clip(np.rint(back * 255), 0, 255), picture).astype(np.uint8)
    rows, columns = np.nonzero(here)
    at = (float(columns.mean()), float(rows.mean()))
    return Drawn(changed, mask.copy(), Truth("colour", at, (change,), delta_e, delta_e, zone))


MARKS: Final[dict[str, Callable[..., Drawn]]] = {
    "crack": crack,
    "notch": notch,
    "spot": spot,
    "peeled": peeled,
    "stasis": stasis,
}


def _disc(
    picture: Image,
    mask: Image,
    rng: np.random.Generator,
    size: float,
    strength: float,
    free: Where | None,
    kind: str,
    colours: npt.NDArray[np.float32],
) -> Drawn:
    length = brush.length_of(mask)
    depth = brush.room(mask, free)
    middle = brush.pick(depth > (0.6 * size + 0.02) * length, rng)
    if middle is None:
        return Drawn(picture.copy(), mask.copy(), None)
    ring = brush.blob(rng, middle, size * length / 2)
    soft = brush.fine(mask.shape, ring, min(SOFT_EDGE, size / 4) * length)
    truth = Truth(kind, middle, tuple(brush.pair(one) for one in ring), size, strength)
    return Drawn(brush.darken(picture, -np.log(1 - strength) * soft, colours), mask.copy(), truth)
