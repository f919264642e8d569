"""What marks are drawn with: places, lines, soft shapes, light taken away, an edge pressed in."""

from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from vision.tongue import zones

Image = npt.NDArray[np.uint8]
Field = npt.NDArray[np.float32]
Where = npt.NDArray[np.bool_]
Point = tuple[float, float]


def length_of(mask: Image) -> float:
    """Length of the tongue, root to tip, in pixels; at least 1."""
    rows = np.flatnonzero(mask.any(axis=1))
    return float(rows[-1] - rows[0] + 1) if len(rows) else 1.0


def below_root(mask: Image) -> Where:
    """Rows below the root zone."""
    rows = np.flatnonzero(mask.any(axis=1))
    below = np.zeros(mask.shape[0], bool)
    below[rows[0] + round(zones.ROOT_SHARE * len(rows)) + 2 :] = True
    return below


def room(mask: Image, free: Where | None) -> Field:
    """Distance of each free pixel below the root to what is not free."""
    open_here = (mask > 0) & below_root(mask)[:, None]
    if free is not None:
        open_here &= free
    return np.asarray(cv2.distanceTransform(open_here.astype(np.uint8), cv2.DIST_L2, 5), np.float32)


def pick(where: Where, rng: np.random.Generator) -> Point | None:
    """x and y of a place drawn at random; None where there is none."""
    places = np.flatnonzero(where)
    if not len(places):
        return None
    row, column = divmod(int(places[rng.integers(len(places))]), where.shape[1])
    return float(column), float(row)


def pair(point: npt.NDArray[np.float64]) -> Point:
    """A point as two floats."""
    return float(point[0]), float(point[1])


def holds(mask: Image, place: npt.NDArray[np.intp]) -> bool:
    """Whether a place, x and y, lies on the tongue."""
    x, y = int(place[0]), int(place[1])
    return 0 <= y < mask.shape[0] and 0 <= x < mask.shape[1] and bool(mask[y, x])


def all_in(where: Where, line: npt.NDArray[np.float64]) -> bool:
    """Whether every point of a line may be drawn on."""
    places = np.rint(line).astype(int)
    fits = (places >= 0).all() and (places < np.array(where.shape[::-1])).all()
    return bool(fits and where[places[:, 1], places[:, 0]].all())


def winding(
    rng: np.random.Generator, start: npt.NDArray[np.float64], length_px: float
) -> npt.NDArray[np.float64]:
    """A line of the given length about a middle, running down the tongue more often than across it."""
    steps = max(8, round(length_px / 3))
    heading = rng.normal(np.pi / 2, 0.6) + np.cumsum(rng.normal(0, 0.09, steps))
    moves = np.stack([np.cos(heading), np.sin(heading)], axis=1) * length_px / steps
    line = np.concatenate([np.zeros((1, 2)), np.cumsum(moves, axis=0)])
    return np.asarray(line - line[len(line) // 2] + start, np.float64)


def distance_to(shape: tuple[int, ...], line: npt.NDArray[np.float64], reach: int) -> tuple[Field, Field]:
    """Distance of every pixel within reach to a line, to parts of a pixel, and where along it, 0 to 1."""
    away = np.full(shape[:2], 1e6, np.float32)
    along = np.zeros(shape[:2], np.float32)
    x0, y0 = np.maximum(0, line.min(axis=0).astype(int) - reach)
    x1, y1 = line.max(axis=0).astype(int) + reach + 1
    ys, xs = np.mgrid[y0 : min(y1, shape[0]), x0 : min(x1, shape[1])].astype(np.float32)
    near, share = away[y0:y1, x0:x1], along[y0:y1, x0:x1]
    for n, (a, b) in enumerate(pairwise(line)):
        d = b - a
        t = np.clip(((xs - a[0]) * d[0] + (ys - a[1]) * d[1]) / max(1e-9, float(d @ d)), 0, 1)
        gap = np.hypot(xs - a[0] - t * d[0], ys - a[1] - t * d[1])
        better = gap < near
        near[better] = gap[better]
        share[better] = ((n + t) / (len(line) - 1))[better]
    return away, along


def noise(rng: np.random.Generator, shape: tuple[int, ...], sigma_px: float) -> Field:
    """Smooth noise of -1 to 1 or a little beyond, with bumps of about that size."""
    small = rng.uniform(-1, 1, (max(2, int(shape[0] / sigma_px)), max(2, int(shape[1] / sigma_px))))
    size = (shape[1], shape[0])
    return np.asarray(cv2.resize(small.astype(np.float32), size, interpolation=cv2.INTER_CUBIC), np.float32)


def shifted(field: Field, reach: float) -> Field:
    """The field moved down and right, where light from above and the left falls."""
    step = max(1, round(1.5 * reach))
    return np.asarray(np.roll(field, (step, step), axis=(0, 1)), np.float32)


def darken(picture: Image, loss: Field, colours: npt.NDArray[np.float32]) -> Image:
    """Take light away: `loss` is the logarithm of what the green light loses."""
    left = np.exp(-loss[..., None] * colours)
    darkened: Image = np.clip(np.rint(picture * left), 0, 255).astype(np.uint8)
    return darkened


def blob(rng: np.random.Generator, middle: Point, radius: float) -> npt.NDArray[np.float64]:
    """An irregular closed line of the area of a disc of that radius."""
    angle = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    form = np.ones_like(angle)
    for waves in (2, 3, 4, 5):
        form += rng.normal(0, 0.12 / waves) * np.cos(waves * angle + rng.uniform(0, 2 * np.pi))
    form /= np.sqrt(np.mean(form**2))
    round_about = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return np.asarray(np.array(middle) + radius * form[:, None] * round_about, np.float64)


def inside_of(shape: tuple[int, ...], ring: npt.NDArray[np.float64]) -> Where:
    """The pixels inside a closed line."""
    filled = np.zeros(shape[:2], np.uint8)
    cv2.fillPoly(filled, [np.rint(ring).astype(np.int32)], 1)
    return filled > 0


def softened(inside: Where, sigma_px: float) -> tuple[Field, Field]:
    """The shape with a soft edge, 0 to 1, and a ridge along that edge, 0 to 1."""
    soft = cv2.GaussianBlur(inside.astype(np.float32), (0, 0), max(0.5, sigma_px))
    return np.asarray(soft, np.float32), np.asarray(4 * soft * (1 - soft), np.float32)


def fine(shape: tuple[int, ...], ring: npt.NDArray[np.float64], sigma_px: float) -> Field:
    """A small shape with a soft edge, drawn to a sixteenth of a pixel."""
    filled = np.zeros(shape[:2], np.uint8)
    cv2.fillPoly(filled, [np.rint(ring * 16).astype(np.int32)], 255, cv2.LINE_AA, shift=4)
    return np.asarray(
        cv2.GaussianBlur(filled.astype(np.float32) / 255, (0, 0), max(0.4, sigma_px)), np.float32
    )


def loss_for(
    picture: Image,
    colours: npt.NDArray[np.float32],
    before: npt.NDArray[np.float32],
    inside: Where,
    delta_e: float,
) -> float:
    """How much light must be taken away for a given ΔE of the median."""
    typical = np.median(picture[inside], axis=0)
    low, high = 0.0, 2.5
    for _ in range(18):
        middle = (low + high) / 2
        colour_then = (
            np.clip(typical * np.exp(-middle * colours), 0, 255)[None, None].astype(np.float32) / 255
        )
        there = cv2.cvtColor(colour_then, cv2.COLOR_BGR2Lab)[0, 0]
        low, high = (middle, high) if np.hypot.reduce(there - before) < delta_e else (low, middle)
    return low


def smooth_closed(points: npt.NDArray[np.float64], sigma: float) -> npt.NDArray[np.float64]:
    """Gaussian along a closed line."""
    reach = int(3 * sigma) + 1
    wrapped = np.concatenate([points[-reach:], points, points[:reach]])
    soft = cv2.GaussianBlur(wrapped, (1, 2 * reach + 1), sigmaX=sigma, sigmaY=sigma)
    return np.asarray(soft[reach:-reach], np.float64)


def press(
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
