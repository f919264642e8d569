"""Pictures without a tongue, made from a seed, so that the network learns to answer "none here".

Drawn: skin, lips, faces, fabric, rooms, food-like things, print, coloured noise. Made from training
photographs: the tongue painted over, and the parts that lie outside the tongue.
"""

from collections.abc import Callable
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.uint8]
Field = npt.NDArray[np.float64]

SIZE_PX: Final = 320


def cloud(rng: np.random.Generator, sigma_px: float, amplitude: float, size_px: int = SIZE_PX) -> Field:
    """Smooth noise: zero mean, standard deviation `amplitude`, correlated over about `sigma_px`."""
    coarse = max(1, int(sigma_px // 2))
    small = rng.standard_normal((size_px // coarse + 8, size_px // coarse + 8))
    cv2.GaussianBlur(small, (0, 0), max(0.5, sigma_px / coarse), dst=small)
    noise = cv2.resize(small[4:-4, 4:-4], (size_px, size_px), interpolation=cv2.INTER_LINEAR)
    field: Field = noise / (noise.std() + 1e-9) * amplitude
    return field


def _tone(rng: np.random.Generator) -> Field:
    """A skin tone, blue-green-red, from dark to pale."""
    light = rng.uniform(60, 230)
    tone: Field = np.array([rng.uniform(0.45, 0.8), rng.uniform(0.58, 0.85), 1.0]) * light
    return tone


def _colour(rng: np.random.Generator) -> Field:
    if rng.random() < 0.35:  # reddish: the colours a tongue could be taken for
        return np.array([rng.uniform(30, 140), rng.uniform(30, 140), rng.uniform(130, 235)])
    return rng.uniform(0, 255, 3)


def _skin(rng: np.random.Generator) -> Field:
    picture = _tone(rng) + (cloud(rng, 70, rng.uniform(4, 25)) + cloud(rng, 2, rng.uniform(1, 8)))[..., None]
    for _ in range(rng.integers(0, 5)):
        centre = rng.uniform(0, SIZE_PX, 2).astype(int).tolist()
        axes = rng.uniform(15, 140, 2).astype(int).tolist()
        shade = (_tone(rng) * rng.uniform(0.6, 1.1)).tolist()
        cv2.ellipse(picture, centre, axes, rng.uniform(0, 180), 0, 360, shade, -1, cv2.LINE_AA)
        cv2.GaussianBlur(picture, (0, 0), rng.uniform(1, 12), dst=picture)
    for _ in range(rng.integers(0, 6)):
        start = rng.uniform(0, SIZE_PX, 2)
        line = start + np.cumsum(rng.uniform(-14, 14, (10, 2)), axis=0)
        crease = (picture.mean(axis=(0, 1)) * 0.75).tolist()
        cv2.polylines(picture, [np.rint(line).astype(np.int32)], False, crease, 2, cv2.LINE_AA)
    return picture + cloud(rng, 1, rng.uniform(0, 4))[..., None]


def _lip_outline(rng: np.random.Generator, half_width: float, half_height: float) -> npt.NDArray[np.float64]:
    across = np.linspace(-1, 1, 40)
    bow = 1 + 0.18 * np.cos(across * np.pi * 2) * (np.abs(across) < 0.5)
    upper = -half_height * rng.uniform(0.6, 1.0) * np.sqrt(1 - across**2) * bow
    lower = half_height * rng.uniform(0.8, 1.4) * np.sqrt(1 - across**2)
    xs = np.concatenate([across, across[::-1]]) * half_width
    return np.stack([xs, np.concatenate([upper, lower[::-1]])], axis=1)


def _paint_lips(picture: Field, rng: np.random.Generator, centre: Field, half_width: float) -> None:
    """Lips shut or open on teeth or on the dark, no tongue."""
    height = half_width * rng.uniform(0.25, 0.65)
    lip = np.array([rng.uniform(50, 120), rng.uniform(50, 110), rng.uniform(120, 215)])
    outline = _lip_outline(rng, half_width, height)
    cv2.fillPoly(picture, [np.rint(outline + centre).astype(np.int32)], lip.tolist(), cv2.LINE_AA)
    inner = outline * [0.82, rng.uniform(0.05, 0.7)] + centre
    dark = rng.uniform(5, 45, 3)
    cv2.fillPoly(picture, [np.rint(inner).astype(np.int32)], dark.tolist(), cv2.LINE_AA)
    if rng.random() < 0.5:
        tooth = max(3, int(half_width * rng.uniform(0.12, 0.22)))
        top = int(centre[1] - height * 0.35)
        for step in range(-3, 3):
            corner = (int(centre[0]) + step * tooth + 1, top)
            opposite = (corner[0] + tooth - 2, top + int(height * rng.uniform(0.3, 0.5)))
            cv2.rectangle(picture, corner, opposite, (190, 208, 214), -1, cv2.LINE_AA)


def _lips(rng: np.random.Generator) -> Field:
    picture = _skin(rng)
    half_width = rng.uniform(50, 150)
    centre = rng.uniform(110, SIZE_PX - 110, 2)
    _paint_lips(picture, rng, centre, half_width)
    cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.8, 3), dst=picture)
    return picture + (cloud(rng, 1.5, rng.uniform(1, 6)) + cloud(rng, 50, rng.uniform(0, 12)))[..., None]


def _face(rng: np.random.Generator) -> Field:
    picture = _colour(rng) * 0.7 + cloud(rng, 40, 15)[..., None]
    centre = rng.uniform(130, 190, 2)
    axes = (int(rng.uniform(70, 110)), int(rng.uniform(95, 140)))
    at = centre.astype(int).tolist()
    cv2.ellipse(
        picture, (at[0], at[1] - 20), (axes[0] + 12, axes[1]), 0, 0, 360, rng.uniform(5, 90, 3).tolist(), -1
    )
    tone = _tone(rng)
    cv2.ellipse(picture, at, axes, 0, 0, 360, tone.tolist(), -1, cv2.LINE_AA)
    for side in (-1, 1):
        eye = (int(centre[0] + side * axes[0] * 0.42), int(centre[1] - axes[1] * 0.2))
        cv2.ellipse(picture, eye, (14, 7), 0, 0, 360, (225, 228, 230), -1, cv2.LINE_AA)
        cv2.circle(picture, eye, 5, rng.uniform(5, 90, 3).tolist(), -1, cv2.LINE_AA)
    nose = [int(centre[0]), int(centre[1] + axes[1] * 0.15)]
    cv2.ellipse(picture, nose, (12, 20), 0, 0, 180, (tone * 0.75).tolist(), 3, cv2.LINE_AA)
    _paint_lips(picture, rng, centre + np.array([0, axes[1] * 0.55]), axes[0] * rng.uniform(0.3, 0.5))
    cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.8, 3), dst=picture)
    return picture + (cloud(rng, 1.5, rng.uniform(0, 6)) + cloud(rng, 60, rng.uniform(0, 15)))[..., None]


def _fabric(rng: np.random.Generator) -> Field:
    rows, columns = np.mgrid[0:SIZE_PX, 0:SIZE_PX] + cloud(rng, 30, rng.uniform(0, 8))
    angle = rng.uniform(0, np.pi)
    along, across = (
        rows * np.cos(angle) + columns * np.sin(angle),
        columns * np.cos(angle) - rows * np.sin(angle),
    )
    period = rng.uniform(3, 50)
    first, second = (
        np.sin(along * 2 * np.pi / period),
        np.sin(across * 2 * np.pi / (period * rng.uniform(0.5, 2))),
    )
    if rng.random() < 0.5:
        first, second = np.sign(first), np.sign(second)
    base = (
        _colour(rng)
        + first[..., None] * rng.uniform(-40, 40, 3)
        + second[..., None] * rng.uniform(-40, 40, 3)
    )
    picture: Field = (
        base + (cloud(rng, 1, rng.uniform(0, 10)) + cloud(rng, 60, rng.uniform(0, 25)))[..., None]
    )
    return picture


def _room(rng: np.random.Generator) -> Field:
    picture = _colour(rng) + np.linspace(-30, 30, SIZE_PX)[:, None, None] * rng.uniform(-1, 1)
    picture = picture + np.zeros((SIZE_PX, SIZE_PX, 3))
    for _ in range(rng.integers(4, 16)):
        corner = rng.integers(-40, SIZE_PX, 2)
        opposite = corner + rng.integers(10, 200, 2)
        colour = _colour(rng).tolist()
        cv2.rectangle(picture, corner.tolist(), opposite.tolist(), colour, int(rng.choice([-1, -1, 2, 5])))
    for _ in range(rng.integers(0, 6)):
        ends = rng.integers(0, SIZE_PX, (2, 2)).tolist()
        cv2.line(picture, ends[0], ends[1], _colour(rng).tolist(), int(rng.integers(1, 6)), cv2.LINE_AA)
    cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.5, 4), dst=picture)
    return picture + (cloud(rng, 80, rng.uniform(0, 25)) + cloud(rng, 1, rng.uniform(0, 6)))[..., None]


def _blob(rng: np.random.Generator, radius: float) -> npt.NDArray[np.float64]:
    angle = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    wave = sum(rng.uniform(0, 0.14) * np.sin(k * angle + rng.uniform(0, 6.3)) for k in range(2, 6))
    reach = radius * (1 + wave)
    squash = rng.uniform(0.4, 1.0)
    return np.stack([reach * np.cos(angle), reach * squash * np.sin(angle)], axis=1)


def _food(rng: np.random.Generator) -> Field:
    """Rounded, shaded, often red things on a plate or board: tomatoes, meat, fruit."""
    picture = _colour(rng) + cloud(rng, 30, rng.uniform(0, 20))[..., None]
    for _ in range(rng.integers(1, 9)):
        outline = _blob(rng, rng.uniform(25, 130)) + rng.uniform(20, SIZE_PX - 20, 2)
        mask = np.zeros((SIZE_PX, SIZE_PX), np.uint8)
        cv2.fillPoly(mask, [np.rint(outline).astype(np.int32)], 255)
        depth = cv2.distanceTransform(mask, cv2.DIST_L2, 5).astype(np.float64)
        round_ = np.clip(depth / (depth.max() + 1e-9), 0, 1) ** rng.uniform(0.3, 1)
        stripes = np.sin(cloud(rng, 15, rng.uniform(2, 6))) * rng.uniform(0, 30)
        body = _colour(rng) * (0.55 + 0.5 * round_)[..., None] + (stripes + cloud(rng, 1.5, 5))[..., None]
        edge = cv2.GaussianBlur(mask, (0, 0), 1.2)[..., None] / 255.0
        picture = picture * (1 - edge) + body * edge
        if rng.random() < 0.5:
            shine = (outline.mean(axis=0) - 15).astype(int).tolist()
            cv2.ellipse(picture, shine, (9, 5), 30, 0, 360, (235, 235, 240), -1, cv2.LINE_AA)
    return picture


def _print(rng: np.random.Generator) -> Field:
    """Paper, diagrams, lines of writing."""
    picture = (
        rng.uniform(170, 255)
        + np.zeros((SIZE_PX, SIZE_PX, 3))
        + cloud(rng, 80, rng.uniform(0, 15))[..., None]
    )
    for row in range(int(rng.integers(10, 40)), SIZE_PX - 10, int(rng.integers(14, 40))):
        words = "".join(chr(c) for c in rng.integers(48, 122, 24))
        cv2.putText(
            picture, words, (8, row), int(rng.integers(0, 8)), rng.uniform(0.3, 1.2), _colour(rng).tolist(), 1
        )
    for _ in range(rng.integers(0, 6)):
        centre = rng.integers(0, SIZE_PX, 2).tolist()
        cv2.circle(
            picture, centre, int(rng.integers(8, 90)), _colour(rng).tolist(), int(rng.choice([-1, 2])), 16
        )
    return picture


def _noise(rng: np.random.Generator) -> Field:
    layers = np.stack([cloud(rng, float(s), rng.uniform(5, 50)) for s in rng.uniform(1, 60, 3)], axis=-1)
    tint = rng.uniform(0.2, 1.0, (3, 3))
    base = _colour(rng) if rng.random() < 0.6 else _tone(rng)
    picture: Field = base + layers @ tint
    return picture


MAKERS: Final[dict[str, Callable[[np.random.Generator], Field]]] = {
    "skin": _skin,
    "lips": _lips,
    "face": _face,
    "fabric": _fabric,
    "room": _room,
    "food": _food,
    "print": _print,
    "noise": _noise,
}


def make(kind: str, seed: int) -> Image:
    """Make one picture without a tongue.

    Args:
        kind: Key of MAKERS.
        seed: Same kind and seed, same pixels.

    Returns:
        320 x 320 x 3 uint8, blue-green-red.

    Raises:
        KeyError: for an unknown kind.
    """
    picture: Image = np.clip(MAKERS[kind](np.random.default_rng(seed)), 0, 255).astype(np.uint8)
    return picture


def painted_over(photo: Image, mask: Image, rng: np.random.Generator) -> Image:
    """A training photograph with its tongue replaced by what surrounds it.

    Args:
        photo: H x W x 3 uint8, blue-green-red.
        mask: H x W uint8, nonzero on the tongue.
        rng: Source of the texture laid over the filled part.

    Returns:
        320 x 320 x 3 uint8.
    """
    small = cv2.resize(photo, (96, 96), interpolation=cv2.INTER_AREA)
    hole = cv2.dilate(cv2.resize(mask, (96, 96)), np.ones((7, 7), np.uint8))
    filled = cv2.inpaint(small, (hole > 0).astype(np.uint8), 3, cv2.INPAINT_TELEA)
    fill = cv2.resize(cv2.GaussianBlur(filled, (0, 0), 1.5), (SIZE_PX, SIZE_PX)).astype(np.float64)
    fill += (cloud(rng, 1.5, rng.uniform(1, 6)) + cloud(rng, 20, rng.uniform(0, 8)))[..., None]
    soft = cv2.GaussianBlur(cv2.resize(hole, (SIZE_PX, SIZE_PX)), (0, 0), 4)[..., None] / 255.0
    picture = cv2.resize(photo, (SIZE_PX, SIZE_PX), interpolation=cv2.INTER_AREA) * (1 - soft) + fill * soft
    clean: Image = np.clip(picture, 0, 255).astype(np.uint8)
    return clean


def outside(photo: Image, mask: Image, rng: np.random.Generator) -> Image | None:
    """A square of a training photograph that holds no part of the tongue, enlarged.

    Args:
        photo: H x W x 3 uint8, blue-green-red.
        mask: H x W uint8, nonzero on the tongue.
        rng: Chooses the square.

    Returns:
        320 x 320 x 3 uint8, or None where 20 tries found no free square.
    """
    height, width = mask.shape
    for _ in range(20):
        side = int(rng.integers(70, 170))
        row, column = int(rng.integers(0, height - side)), int(rng.integers(0, width - side))
        if not mask[row : row + side, column : column + side].any():
            crop = photo[row : row + side, column : column + side]
            large = cv2.resize(crop, (SIZE_PX, SIZE_PX), interpolation=cv2.INTER_CUBIC)
            return large.astype(np.uint8, copy=False)
    return None
