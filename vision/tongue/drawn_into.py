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
from vision.tongue import zones

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
    picture: Image, mask: Image, rng: np.random.Generator, size: float, strength: float, free: Where | None = None
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
    length = length_of(mask)
    depth = _room(mask, free)
    for _ in range(TRIES):
        start = _pick(depth > 0.05 * length, rng)
        if start is None:
            break
        line = _winding(rng, np.array(start), size * length)
        if not _all_in(depth > 0.03 * length, line):
            continue
        away, along = _distance(mask.shape, line)
        half = CRACK_WIDTH / 2 * length * (0.45 + 0.55 * np.sin(np.pi * np.clip(along, 0.06, 0.94)))
        valley = np.exp(-((away / half) ** 2)) * (0.8 + 0.2 * _noise(rng, mask.shape, half.max() * 4))
        lit_side = np.exp(-(((_shift(away, half.max())) / (1.2 * half.max())) ** 2)) * 0.08 * strength
        loss = -np.log(1 - strength) * valley - lit_side * (1 - valley)
        middle = line[len(line) // 2]
        truth = Truth("crack", _pair(middle), tuple(_pair(one) for one in line), size, strength)
        return Drawn(_darken(picture, loss, CRACK_LOSS), mask.copy(), truth)
    return Drawn(picture.copy(), mask.copy(), None)


def spot(
    picture: Image, mask: Image, rng: np.random.Generator, size: float, strength: float, free: Where | None = None
) -> Drawn:
    """Draw one raised red dot. size: its diameter; the other arguments as for `crack`."""
    return _disc(picture, mask, rng, size, strength, free, "spot", SPOT_LOSS)


def stasis(
    picture: Image, mask: Image, rng: np.random.Generator, size: float, strength: float, free: Where | None = None
) -> Drawn:
    """Draw one dark purple patch. size: its diameter; the other arguments as for `crack`."""
    return _disc(picture, mask, rng, size, strength, free, "stasis", STASIS_LOSS)


def notch(
    picture: Image, mask: Image, rng: np.random.Generator, size: float, strength: float, free: Where | None = None
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
    length = length_of(mask)
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    edge = max(outlines, key=len)[:, 0].astype(np.float64)
    soft = _soft_closed(edge, 0.02 * len(edge))
    below = _below_root(mask)
    depth_px, width_px = size * length, size * length / strength
    for _ in range(TRIES):
        n = int(rng.integers(len(edge)))
        tangent = soft[(n + 4) % len(soft)] - soft[n - 4]
        inward = np.array([-tangent[1], tangent[0]]) / max(1e-9, float(np.hypot(*tangent)))
        inside = np.rint(edge[n] + 6 * inward).astype(int)
        if not _inside(mask, inside):
            inward = -inward
        deepest = edge[n] + depth_px * inward
        place = np.rint(deepest).astype(int)
        if not below[int(edge[n][1])] or not _inside(mask, place):
            continue
        if free is not None and not free[place[1], place[0]]:
            continue
        pressed, bent = _press(picture, mask, edge[n], inward, depth_px, width_px)
        return Drawn(pressed, bent, Truth("notch", _pair(deepest), (), size, strength))
    return Drawn(picture.copy(), mask.copy(), None)


def peeled(
    picture: Image, mask: Image, rng: np.random.Generator, size: float, strength: float, free: Where | None = None
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
    length = length_of(mask)
    depth = _room(mask, free)
    coated = zones.divide(mask) == zones.CENTRE
    middle = _pick((depth > (0.58 * size + 0.03) * length) & coated, rng)
    if middle is None:
        return Drawn(picture.copy(), mask.copy(), None)
    ring = _blob(rng, middle, size * length / 2)
    inside = _filled(mask.shape, ring)
    before = np.median(colour.to_lab(picture)[inside], axis=0)
    loss, rim = _soft(inside, 0.004 * length)
    bare = _towards(picture, SPOT_LOSS, before, inside, strength)
    calm = cv2.GaussianBlur(picture, (0, 0), max(0.6, 0.006 * length)).astype(np.float32)
    base = picture + 0.6 * loss[..., None] * (calm - picture)
    light = np.exp(-bare * loss[..., None] * SPOT_LOSS + 0.05 * RAISED_RIM * rim[..., None])
    changed = np.clip(np.rint(base * light), 0, 255).astype(np.uint8)
    truth = Truth("peeled", middle, tuple(_pair(one) for one in ring), size, strength)
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
    weight, _ = _soft(here, 0.015 * length_of(mask))
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


def length_of(mask: Image) -> float:
    """Length of the tongue, root to tip, in pixels; at least 1."""
    rows = np.flatnonzero(mask.any(axis=1))
    return float(rows[-1] - rows[0] + 1) if len(rows) else 1.0


def _below_root(mask: Image) -> Where:
    rows = np.flatnonzero(mask.any(axis=1))
    below = np.zeros(mask.shape[0], bool)
    below[rows[0] + round(zones.ROOT_SHARE * len(rows)) + 2 :] = True
    return below


def _room(mask: Image, free: Where | None) -> Field:
    """Distance of each free pixel below the root to what is not free."""
    open_here = (mask > 0) & _below_root(mask)[:, None]
    if free is not None:
        open_here &= free
    return np.asarray(cv2.distanceTransform(open_here.astype(np.uint8), cv2.DIST_L2, 5), np.float32)


def _pick(where: Where, rng: np.random.Generator) -> Point | None:
    places = np.flatnonzero(where)
    if not len(places):
        return None
    row, column = divmod(int(places[rng.integers(len(places))]), where.shape[1])
    return float(column), float(row)


def _pair(point: npt.NDArray[np.float64]) -> Point:
    return float(point[0]), float(point[1])


def _inside(mask: Image, place: npt.NDArray[np.intp]) -> bool:
    x, y = int(place[0]), int(place[1])
    return 0 <= y < mask.shape[0] and 0 <= x < mask.shape[1] and bool(mask[y, x])


def _all_in(where: Where, line: npt.NDArray[np.float64]) -> bool:
    places = np.rint(line).astype(int)
    fits = (places >= 0).all() and (places < np.array(where.shape[::-1])).all()
    return bool(fits and where[places[:, 1], places[:, 0]].all())


def _winding(
    rng: np.random.Generator, start: npt.NDArray[np.float64], length_px: float
) -> npt.NDArray[np.float64]:
    """A line of the given length about a middle, running down the tongue more often than across it."""
    steps = max(8, round(length_px / 3))
    heading = rng.normal(np.pi / 2, 0.6) + np.cumsum(rng.normal(0, 0.09, steps))
    moves = np.stack([np.cos(heading), np.sin(heading)], axis=1) * length_px / steps
    line = np.concatenate([np.zeros((1, 2)), np.cumsum(moves, axis=0)])
    return np.asarray(line - line[len(line) // 2] + start, np.float64)


def _distance(shape: tuple[int, ...], line: npt.NDArray[np.float64]) -> tuple[Field, Field]:
    """Distance of every pixel to a line, to a fraction of a pixel, and where along it, 0 to 1."""
    away = np.full(shape[:2], 1e6, np.float32)
    along = np.zeros(shape[:2], np.float32)
    x0, y0 = np.maximum(0, line.min(axis=0).astype(int) - 30)
    x1, y1 = line.max(axis=0).astype(int) + 31
    ys, xs = np.mgrid[y0 : min(y1, shape[0]), x0 : min(x1, shape[1])].astype(np.float32)
    near, share = away[y0:y1, x0:x1], along[y0:y1, x0:x1]
    for n, (a, b) in enumerate(zip(line[:-1], line[1:], strict=True)):
        d = b - a
        t = np.clip(((xs - a[0]) * d[0] + (ys - a[1]) * d[1]) / max(1e-9, float(d @ d)), 0, 1)
        gap = np.hypot(xs - a[0] - t * d[0], ys - a[1] - t * d[1])
        better = gap < near
        near[better] = gap[better]
        share[better] = ((n + t) / (len(line) - 1))[better]
    return away, along


def _noise(rng: np.random.Generator, shape: tuple[int, ...], sigma_px: float) -> Field:
    small = rng.uniform(-1, 1, (max(2, int(shape[0] / sigma_px)), max(2, int(shape[1] / sigma_px))))
    size = (shape[1], shape[0])
    return np.asarray(cv2.resize(small.astype(np.float32), size, interpolation=cv2.INTER_CUBIC), np.float32)


def _shift(field: Field, reach: float) -> Field:
    """The field moved down and right, where light from above and the left falls."""
    step = max(1, round(1.5 * reach))
    return np.asarray(np.roll(field, (step, step), axis=(0, 1)), np.float32)


def _darken(picture: Image, loss: Field, colours: npt.NDArray[np.float32]) -> Image:
    """Take light away: `loss` is the logarithm of what the green light loses."""
    left = np.exp(-loss[..., None] * colours)
    darkened: Image = np.clip(np.rint(picture * left), 0, 255).astype(np.uint8)
    return darkened


def _blob(rng: np.random.Generator, middle: Point, radius: float) -> npt.NDArray[np.float64]:
    """An irregular closed line of the area of a disc of that radius."""
    angle = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    form = np.ones_like(angle)
    for waves in (2, 3, 4, 5):
        form += rng.normal(0, 0.12 / waves) * np.cos(waves * angle + rng.uniform(0, 2 * np.pi))
    form /= np.sqrt(np.mean(form**2))
    return np.array(middle) + radius * form[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)


def _filled(shape: tuple[int, ...], ring: npt.NDArray[np.float64]) -> Where:
    filled = np.zeros(shape[:2], np.uint8)
    cv2.fillPoly(filled, [np.rint(ring).astype(np.int32)], 1)
    return filled > 0


def _soft(inside: Where, sigma_px: float) -> tuple[Field, Field]:
    """The shape with a soft edge, 0 to 1, and a ridge along that edge, 0 to 1."""
    soft = cv2.GaussianBlur(inside.astype(np.float32), (0, 0), max(0.5, sigma_px))
    return np.asarray(soft, np.float32), np.asarray(4 * soft * (1 - soft), np.float32)


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
    length = length_of(mask)
    depth = _room(mask, free)
    middle = _pick(depth > (0.6 * size + 0.02) * length, rng)
    if middle is None:
        return Drawn(picture.copy(), mask.copy(), None)
    ring = _blob(rng, middle, size * length / 2)
    soft = _fine(mask.shape, ring, min(SOFT_EDGE, size / 4) * length)
    truth = Truth(kind, middle, tuple(_pair(one) for one in ring), size, strength)
    return Drawn(_darken(picture, -np.log(1 - strength) * soft, colours), mask.copy(), truth)


def _fine(shape: tuple[int, ...], ring: npt.NDArray[np.float64], sigma_px: float) -> Field:
    """A small shape with a soft edge, drawn to a sixteenth of a pixel."""
    filled = np.zeros(shape[:2], np.uint8)
    cv2.fillPoly(filled, [np.rint(ring * 16).astype(np.int32)], 255, cv2.LINE_AA, shift=4)
    return np.asarray(cv2.GaussianBlur(filled.astype(np.float32) / 255, (0, 0), max(0.4, sigma_px)), np.float32)


def _towards(
    picture: Image, colours: npt.NDArray[np.float32], before: npt.NDArray[np.float32], inside: Where, delta_e: float
) -> float:
    """How much light must be taken away for a given ΔE of the median."""
    typical = np.median(picture[inside], axis=0)
    low, high = 0.0, 2.5
    for _ in range(18):
        middle = (low + high) / 2
        colour_then = np.clip(typical * np.exp(-middle * colours), 0, 255)[None, None].astype(np.float32) / 255
        there = cv2.cvtColor(colour_then, cv2.COLOR_BGR2Lab)[0, 0]
        low, high = (middle, high) if np.hypot.reduce(there - before) < delta_e else (low, middle)
    return low


def _soft_closed(points: npt.NDArray[np.float64], sigma: float) -> npt.NDArray[np.float64]:
    reach = int(3 * sigma) + 1
    wrapped = np.concatenate([points[-reach:], points, points[:reach]])
    soft = cv2.GaussianBlur(wrapped, (1, 2 * reach + 1), sigmaX=sigma, sigmaY=sigma)
    return np.asarray(soft[reach:-reach], np.float64)


def _press(
    picture: Image,
    mask: Image,
    edge: npt.NDArray[np.float64],
    inward: npt.NDArray[np.float64],
    depth_px: float,
    width_px: float,
) -> tuple[Image, Image]:
    """Move what is at `edge` inward by the depth; the movement fades along the edge and into the depth."""
    ys, xs = np.indices(mask.shape, np.float32)
    across = (xs - edge[0]) * inward[0] + (ys - edge[1]) * inward[1]
    along = (xs - edge[0]) * -inward[1] + (ys - edge[1]) * inward[0]
    bump = np.where(np.abs(along) < width_px / 2, 0.5 + 0.5 * np.cos(2 * np.pi * along / width_px), 0)
    reach = 3.0 * depth_px
    # Full movement from just outside the edge to the notch's floor, none `reach` further in.
    fade = np.clip(1 - np.maximum(across - depth_px, 0) / reach, 0, 1)
    fade = fade * np.clip(1 + (across + 0.5 * depth_px) / reach, 0, 1)
    move = (depth_px * bump * fade).astype(np.float32)
    from_x, from_y = xs - move * np.float32(inward[0]), ys - move * np.float32(inward[1])
    pressed = cv2.remap(picture, from_x, from_y, cv2.INTER_CUBIC, None, cv2.BORDER_REPLICATE)
    bent = cv2.remap(mask, from_x, from_y, cv2.INTER_LINEAR, None, cv2.BORDER_REPLICATE)
    whole = int(mask.max())
    pressed = np.where(move[..., None] > 0, pressed, picture)
    return pressed.astype(np.uint8), np.where(bent > whole / 2, whole, 0).astype(np.uint8)
