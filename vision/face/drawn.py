"""A face drawn from a seed: the stand-in for a photograph where none may be shown."""

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.uint8]
Field = npt.NDArray[np.float64]

SIZE_PX: Final = 480
# Skin as CIE Lab under D65, chosen about the middle of each row of vision/face/complexion.csv.
SKIN_LAB: Final[dict[str, tuple[float, float, float]]] = {
    "normal": (63.0, 13.1, 20.1),
    "red": (61.0, 20.4, 17.7),
    "sallow": (61.0, 6.4, 21.0),
    "pale": (79.0, 6.6, 12.4),
    "dark": (40.0, 10.9, 16.8),
    "cyan": (52.0, 2.7, 4.2),
}


def draw(seed: int, complexion: str = "normal", grin: bool = False) -> Image:
    """Draw one face from the front, before a plain wall.

    Args:
        seed: Same seed and arguments, same pixels.
        complexion: Key of SKIN_LAB.
        grin: Show teeth.

    Returns:
        480 x 480 x 3 uint8, blue-green-red.

    Raises:
        KeyError: for a complexion not in the table.
    """
    return draw_with_points(seed, complexion, grin)[0]


def draw_with_points(seed: int, complexion: str = "normal", grin: bool = False) -> tuple[Image, Field]:
    """As `draw`, with the true places of the eyes, the tip of the nose and the mouth.

    Args:
        seed: As in `draw`, like every other argument.

    Returns:
        The picture (480 x 480 x 3 uint8, blue-green-red) and 4 x 2 points, x and y in px: the person's right
        eye, left eye, nose, mouth.
    """
    rng = np.random.default_rng(seed)
    tone = bgr(SKIN_LAB[complexion])
    picture = np.full((SIZE_PX, SIZE_PX, 3), rng.uniform(120, 200), np.float64)
    centre = np.array([SIZE_PX / 2, SIZE_PX / 2 - 15]) + rng.uniform(-12, 12, 2)
    half = float(rng.uniform(44, 54))
    unit = half * float(rng.uniform(2.05, 2.25))
    hair = rng.uniform(15, 45, 3)
    _ellipse(picture, centre + np.array([0, 0.1 * unit]), (2.5 * half, 1.6 * unit), hair)
    _ellipse(picture, centre + np.array([0, 1.75 * unit]), (1.1 * half, 0.9 * unit), tone * 0.82)
    _ellipse(picture, centre + np.array([0, 2.55 * unit]), (4.2 * half, 0.75 * unit), rng.uniform(60, 160, 3))
    _ellipse(picture, centre + np.array([0, 0.33 * unit]), (2.1 * half, 1.36 * unit), tone)
    eyes = [centre + np.array([side * half, 0.0]) for side in (-1, 1)]
    nose, mouth = centre + np.array([0, 0.6 * unit]), centre + np.array([0, unit])
    _shade(picture, centre, half, unit)
    for eye in eyes:
        _eye(picture, eye, half, hair, tone)
    _nose(picture, nose, half, tone)
    _mouth(picture, mouth, half, tone, grin)
    cv2.GaussianBlur(picture, (0, 0), 1.0, dst=picture)
    picture += cv2.GaussianBlur(rng.standard_normal((SIZE_PX, SIZE_PX)), (0, 0), 0.8)[..., None] * 3.0
    drawn: Image = np.clip(np.rint(picture), 0, 255).astype(np.uint8)
    return drawn, np.array([*eyes, nose, mouth])


def bgr(lab: tuple[float, float, float]) -> Field:
    """A colour of CIE Lab as blue, green and red, 0 to 255.

    Args:
        lab: L, a and b under D65.

    Returns:
        3 floats.
    """
    colour = cv2.cvtColor(np.array([[lab]], np.float32), cv2.COLOR_Lab2BGR)[0, 0] * 255
    clipped: Field = np.clip(colour, 0, 255).astype(np.float64)
    return clipped


def _ellipse(picture: Field, centre: Field, half: tuple[float, float], colour: Field) -> None:
    at = np.rint(centre).astype(int).tolist()
    size = (max(1, round(half[0])), max(1, round(half[1])))
    cv2.ellipse(picture, at, size, 0, 0, 360, colour.tolist(), -1, cv2.LINE_AA)


def _shade(picture: Field, centre: Field, half: float, unit: float) -> None:
    """Darken towards the rim of the face and in the sockets, as a round head does under a lamp."""
    rows, columns = np.mgrid[0:SIZE_PX, 0:SIZE_PX].astype(np.float64)
    x, y = (columns - centre[0]) / half, (rows - centre[1]) / unit
    round_ = np.clip(1.04 - 0.16 * ((x / 2.1) ** 2 + ((y - 0.33) / 1.36) ** 2) ** 2, 0.6, 1.04)
    sockets = sum(np.exp(-(((x - side) / 0.55) ** 2) - ((y + 0.03) / 0.16) ** 2) for side in (-1, 1))
    bridge = np.exp(-(((np.abs(x) - 0.3) / 0.12) ** 2) - ((y - 0.3) / 0.3) ** 2)
    head = (x / 2.1) ** 2 + ((y - 0.33) / 1.36) ** 2 < 1
    picture *= np.where(head, round_ * (1 - 0.2 * sockets) * (1 - 0.1 * bridge), 1.0)[..., None]


def _eye(picture: Field, eye: Field, half: float, hair: Field, tone: Field) -> None:
    brow = eye - np.array([0, 0.62 * half])
    at = np.rint(brow).astype(int).tolist()
    cv2.ellipse(
        picture, at, (round(0.62 * half), round(0.22 * half)), 0, 200, 340, hair.tolist(), 6, cv2.LINE_AA
    )
    _ellipse(picture, eye, (0.50 * half, 0.24 * half), tone * 0.45)
    _ellipse(picture, eye, (0.46 * half, 0.19 * half), np.array([205.0, 206.0, 207.0]))
    _ellipse(picture, eye, (0.19 * half, 0.19 * half), np.array([22.0, 30.0, 44.0]))
    _ellipse(picture, eye - np.array([0.05 * half, 0.06 * half]), (2.0, 2.0), np.array([250.0, 250.0, 250.0]))


def _nose(picture: Field, nose: Field, half: float, tone: Field) -> None:
    for side in (-1, 1):
        _ellipse(
            picture, nose + np.array([side * 0.2 * half, 0.16 * half]), (0.1 * half, 0.06 * half), tone * 0.35
        )
    at = np.rint(nose).astype(int).tolist()
    cv2.ellipse(
        picture,
        at,
        (round(0.38 * half), round(0.24 * half)),
        0,
        20,
        160,
        (tone * 0.7).tolist(),
        3,
        cv2.LINE_AA,
    )


def _mouth(picture: Field, mouth: Field, half: float, tone: Field, grin: bool) -> None:
    lip = tone * [0.82, 0.68, 0.88]
    _ellipse(picture, mouth, (0.78 * half, (0.34 if grin else 0.24) * half), lip)
    if grin:
        _ellipse(picture, mouth, (0.62 * half, 0.17 * half), np.array([196.0, 204.0, 208.0]))
    else:
        _ellipse(picture, mouth, (0.7 * half, 0.035 * half), tone * 0.35)
