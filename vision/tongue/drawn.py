"""A tongue drawn from a seed: the stand-in for a photograph where none may be shown.

No drawing is copied from a photograph; only colours near the median of the project's own
measurements are used, so that the reader answers as it would on a device photograph.
"""

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.uint8]
Field = npt.NDArray[np.float64]

SIZE_PX: Final = 400
# Colours as blue, green, red.
BODY_BGR: Final[dict[str, tuple[int, int, int]]] = {
    "pale": (132, 130, 180),
    "light_red": (104, 101, 170),
    "red": (78, 66, 160),
    "crimson": (62, 48, 132),
    "purple": (110, 84, 142),
}
COAT_BGR: Final[dict[str, tuple[int, int, int]]] = {
    "white": (178, 154, 182),
    "yellow": (92, 132, 172),
    "grey_black": (62, 66, 76),
}
COAT_COVER: Final[dict[str, float]] = {"none": 0.0, "thin": 0.45, "thick": 0.9}
CAPTION: Final = "DRAWN / demo - no patient"


def draw(
    seed: int,
    body: str = "light_red",
    coat: str = "white",
    thickness: str = "thin",
    cracks: int = 0,
    red_spots: int = 0,
    caption: bool = True,
) -> Image:
    """Draw one tongue in an open mouth, captioned as a drawing.

    Args:
        seed: Same seed and arguments, same pixels.
        body: Key of BODY_BGR.
        coat: Key of COAT_BGR, or "none".
        thickness: Key of COAT_COVER.
        cracks: Fissures to draw, 0 or more.
        red_spots: Raised red dots to draw, 0 or more.
        caption: False only for training pictures, where the words would be learnt.

    Returns:
        400 x 400 x 3 uint8, blue-green-red.

    Raises:
        KeyError: for a name not in the tables.
    """
    return draw_with_mask(seed, body, coat, thickness, cracks, red_spots, caption)[0]


def draw_with_mask(
    seed: int,
    body: str = "light_red",
    coat: str = "white",
    thickness: str = "thin",
    cracks: int = 0,
    red_spots: int = 0,
    caption: bool = True,
) -> tuple[Image, Image]:
    """As `draw`, with the true mask of the tongue.

    Args:
        seed: As in `draw`, like every other argument.

    Returns:
        The picture (400 x 400 x 3 uint8, blue-green-red) and the mask (400 x 400 uint8, 0 or 255).
    """
    rng = np.random.default_rng(seed)
    picture = _skin(rng)
    outline = _outline(rng)
    _mouth(picture, outline, rng)
    mask = np.zeros((SIZE_PX, SIZE_PX), np.uint8)
    cv2.fillPoly(mask, [outline], 255)
    surface = _surface(mask, rng, body, coat, thickness)
    _mark(surface, mask, rng, cracks, red_spots)
    edge = cv2.GaussianBlur(mask, (0, 0), 1.2).astype(np.float64)[..., None] / 255.0
    picture = picture * (1.0 - edge) + surface * edge
    picture += _grain(rng, 1.0, 1.5)[..., None]
    drawn: Image = np.clip(picture, 0, 255).astype(np.uint8)
    if caption:
        _caption(drawn)
    return drawn, mask


def _grain(rng: np.random.Generator, sigma_px: float, amplitude: float) -> Field:
    """Smooth noise of zero mean and the given standard deviation, SIZE_PX square."""
    noise = cv2.GaussianBlur(rng.standard_normal((SIZE_PX, SIZE_PX)), (0, 0), sigma_px)
    grain: Field = noise / noise.std() * amplitude
    return grain


def _skin(rng: np.random.Generator) -> Field:
    tone = np.array([92.0, 112.0, 168.0]) * rng.uniform(0.75, 1.1) + rng.uniform(-8, 8, 3)
    shade = _grain(rng, 60, 8) + _grain(rng, 2, 3)
    skin: Field = tone + shade[..., None]
    return skin


def _outline(rng: np.random.Generator) -> npt.NDArray[np.int32]:
    """Polygon of the tongue: broad flat root above, rounded tip below."""
    centre_x = SIZE_PX / 2 + rng.uniform(-12, 12)
    top, bottom = rng.uniform(60, 95), rng.uniform(310, 365)
    half_width = rng.uniform(95, 140)
    angle = np.linspace(0, 2 * np.pi, 120, endpoint=False)
    square = rng.uniform(2.3, 3.0)
    x = np.sign(np.cos(angle)) * np.abs(np.cos(angle)) ** (2 / square)
    y = np.sign(np.sin(angle)) * np.abs(np.sin(angle)) ** (2 / square)
    taper = 1.0 - rng.uniform(0.08, 0.25) * np.clip(y, 0, 1) ** 2
    wobble = 1.0 + 0.012 * np.sin(angle * rng.integers(5, 11) + rng.uniform(0, 6))
    points = np.stack(
        [centre_x + x * half_width * taper * wobble, (top + bottom) / 2 + y * wobble * (bottom - top) / 2],
        axis=1,
    )
    return np.rint(points).astype(np.int32)


def _mouth(picture: Field, outline: npt.NDArray[np.int32], rng: np.random.Generator) -> None:
    """Paint lips, the dark of the mouth and the upper teeth behind the tongue."""
    left, top = outline.min(axis=0)
    right, bottom = outline.max(axis=0)
    centre = (int(left + right) // 2, int(top) + 45)
    reach = (int(right - left) // 2 + 22, 70)
    lip = np.array([88.0, 88.0, 158.0]) * rng.uniform(0.85, 1.05)
    cv2.ellipse(picture, centre, (reach[0] + 18, reach[1] + 22), 0, 0, 360, lip.tolist(), -1, cv2.LINE_AA)
    cv2.ellipse(picture, centre, reach, 0, 0, 360, (24, 20, 32), -1, cv2.LINE_AA)
    tooth_px = 26
    for x in range(centre[0] - 3 * tooth_px, centre[0] + 3 * tooth_px, tooth_px):
        corner = (x + 1, centre[1] - reach[1] + 12)
        cv2.rectangle(picture, corner, (x + tooth_px - 2, corner[1] + 24), (188, 204, 208), -1, cv2.LINE_AA)
    chin = (centre[0], int(bottom) + 14)
    cv2.ellipse(picture, chin, (reach[0] - 20, 16), 0, 0, 180, (lip * 0.95).tolist(), -1, cv2.LINE_AA)
    picture[:] = cv2.GaussianBlur(picture, (0, 0), 1.5)


def _surface(mask: Image, rng: np.random.Generator, body: str, coat: str, thickness: str) -> Field:
    """The tongue's colours: body, coat in the middle and root, papillae, light falling off at the root."""
    depth = cv2.distanceTransform(mask, cv2.DIST_L2, 5).astype(np.float64)
    surface = np.array(BODY_BGR[body], np.float64) + np.zeros((SIZE_PX, SIZE_PX, 3))
    cover = 0.0 if coat == "none" else COAT_COVER[thickness]
    rows = np.flatnonzero(mask.any(axis=1))
    height = (np.arange(SIZE_PX) - rows[0]) / max(1, rows[-1] - rows[0])
    if cover:
        inside = np.clip((depth - 14) / 45, 0, 1) * np.clip(1.15 - height, 0, 1)[:, None] ** 0.5
        weave = np.clip(inside * cover * (1 + _grain(rng, 3, 0.12)), 0, 1)[..., None]
        surface = surface * (1 - weave) + np.array(COAT_BGR[coat], np.float64) * weave
    centre_x = int(np.flatnonzero(mask[(rows[0] + rows[-1]) // 2]).mean())
    across = np.abs(np.arange(SIZE_PX) - centre_x)
    furrow = 1 - 0.12 * np.exp(-((across / 5.0) ** 2))[None, :] * (height[:, None] < 0.8)
    light = np.clip(0.62 + 1.6 * height, 0, 1)[:, None] * np.clip(0.88 + depth / 160, 0, 1.02) * furrow
    relief = _grain(rng, 1.6, 6.0) + _grain(rng, 12, 3.0)
    painted: Field = surface * light[..., None] + relief[..., None]
    return painted


def _mark(surface: Field, mask: Image, rng: np.random.Generator, cracks: int, red_spots: int) -> None:
    """Draw fissures and raised red dots inside the mask."""
    depth = cv2.distanceTransform(mask, cv2.DIST_L2, 5)
    dark = (surface[mask > 0].mean(axis=0) * 0.55).tolist()
    middle = np.argwhere(depth > 45)
    for row, column in middle[rng.integers(0, len(middle), cracks)]:
        steps = np.cumsum(rng.uniform(-5, 5, 8))
        line = np.stack([column + steps, row + np.arange(8) * 6.0], axis=1)
        cv2.polylines(surface, [np.rint(line).astype(np.int32)], False, dark, 2, cv2.LINE_AA)
    rim = np.argwhere((depth > 6) & (depth < 32))
    for row, column in rim[rng.integers(0, len(rim), red_spots)]:
        cv2.circle(surface, (int(column), int(row)), int(rng.integers(2, 4)), (58, 48, 170), -1, cv2.LINE_AA)


def _caption(picture: Image) -> None:
    """Say on the picture itself that it is drawn, in a band below the tongue."""
    cv2.rectangle(picture, (0, SIZE_PX - 24), (SIZE_PX, SIZE_PX), (245, 245, 245), -1)
    cv2.putText(
        picture, CAPTION, (8, SIZE_PX - 7), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (20, 20, 20), 1, cv2.LINE_AA
    )
