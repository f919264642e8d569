"""Colour as the eye weighs it: CIE Lab, and the correction for the lamp.

Lab is CIE 1976 under D65, from sRGB (IEC 61966-2-1). The lamp is estimated by shades of grey, the Minkowski
mean of order 6: Finlayson, Trezzi, "Shades of gray and colour constancy", Color and Imaging Conference 2004.
"""

from dataclasses import dataclass
from typing import Final, Literal

import cv2
import numpy as np
import numpy.typing as npt

from vision.tongue.zones import ZONES

Image = npt.NDArray[np.uint8]
Lab = npt.NDArray[np.float32]
Labels = npt.NDArray[np.uint8]
Numbers = npt.NDArray[np.float64]

MINKOWSKI_ORDER: Final = 6
CLIPPED: Final = 250
# Mean of `lamp` over every fifth of the 445 photographs the readers were trained on, blue-green-red.
USUAL_LAMP: Final = np.array([0.877, 0.872, 1.251])

# Rows blue, green, red; columns X, Y, Z of D65 with Y = 1 for white. IEC 61966-2-1.
_TO_XYZ: Final = np.array(
    [[0.1804808, 0.0721923, 0.9505322], [0.3575843, 0.7151687, 0.1191948], [0.4123908, 0.2126390, 0.0193308]]
)
_WHITE: Final = _TO_XYZ.sum(axis=0)
_STEP: Final = 6 / 29
# Steps of linear light between black and white when it is brought back to 8 bits.
_LEVELS: Final = 4096
_STRIP_ROWS: Final = 256
# A median of so many pixels is as good as one of all.
_MEDIAN_PX: Final = 8000


def _decode() -> npt.NDArray[np.float32]:
    coded = np.arange(256) / 255.0
    linear = np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)
    return linear.astype(np.float32)


def _encode() -> npt.NDArray[np.uint8]:
    linear = np.arange(_LEVELS) / (_LEVELS - 1)
    coded = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    table: npt.NDArray[np.uint8] = np.rint(coded * 255).astype(np.uint8)
    return table


_DECODED: Final = _decode()
_ENCODED: Final = _encode()


@dataclass(frozen=True, eq=False)
class Light:
    """What is known of the light on a photograph, and what puts it right.

    source: "card" where a colour card told, "estimate" where the picture had to.
    gains: 3 floats, blue-green-red, by which linear light is multiplied.
    matrix: 3 x 3, applied after the gains to columns blue-green-red, or None.
    corners: 4 x 2, of the card in the photograph's pixels, or None.
    residual_de: mean CIEDE2000 of the card's patches after correction, each left out of its own fit, or None.
    uncertainty_de: CIEDE2000 within which corrected colours of the tongue lie in two of three photographs
        under simulated lamps (docs/decisions/0017).
    card_fault: why a card in sight was not used, or None.
    """

    source: Literal["card", "estimate"]
    gains: Numbers
    matrix: Numbers | None
    corners: Numbers | None
    residual_de: float | None
    uncertainty_de: float
    card_fault: str | None = None


def to_lab(photo: Image) -> Lab:
    """Convert to CIE Lab.

    Args:
        photo: H x W x 3 uint8, blue-green-red, taken as sRGB.

    Returns:
        H x W x 3 float32: L 0 to 100, a and b about -128 to 127.
    """
    lab = cv2.cvtColor(photo.astype(np.float32) / 255.0, cv2.COLOR_BGR2Lab)
    return lab.astype(np.float32, copy=False)


def lamp(photo: Image, where: npt.NDArray[np.bool_] | None = None) -> npt.NDArray[np.float64]:
    """Estimate the colour of the light by shades of grey.

    Args:
        photo: H x W x 3 uint8, blue-green-red.
        where: H x W, the pixels to look at; all of them where None. Clipped pixels are always left out.

    Returns:
        3 floats, blue-green-red, of mean 1; all 1 where no usable pixel is left.
    """
    usable = photo.max(axis=2) < CLIPPED
    if where is not None:
        usable &= where
    pixels = photo[usable].astype(np.float64) / 255.0
    if not pixels.size or not pixels.any():
        return np.ones(3)
    strength = np.mean(pixels**MINKOWSKI_ORDER, axis=0) ** (1 / MINKOWSKI_ORDER)
    colour: npt.NDArray[np.float64] = np.maximum(strength, 1e-3) / np.maximum(strength, 1e-3).mean()
    return colour


def correct(
    photo: Image, towards: npt.NDArray[np.float64], strength: float, estimate: npt.NDArray[np.float64]
) -> Image:
    """Pull the light of a photograph part of the way to a wanted light (von Kries scaling of the channels).

    Args:
        photo: H x W x 3 uint8, blue-green-red.
        towards: 3 floats, the lamp as `lamp` sees it on the photographs the readers were trained on.
        strength: 0 leaves the photograph alone, 1 moves all the way.
        estimate: What `lamp` answered for this photograph.

    Returns:
        H x W x 3 uint8.
    """
    gains = (towards / estimate) ** strength
    corrected: Image = np.clip(np.rint(photo * gains), 0, 255).astype(np.uint8)
    return corrected


def zone_statistics(lab: Lab, zones: Labels, count: int) -> npt.NDArray[np.float64]:
    """Middle and spread of L, a and b in each zone.

    Args:
        lab: H x W x 3 float32.
        zones: H x W uint8, 0 outside, 1 to `count` inside.
        count: Number of zones.

    Returns:
        count x 3 x 2: median and half the distance from the 16th to the 84th percentile; 0 for an empty zone.
    """
    table = np.zeros((count, 3, 2))
    for zone in range(1, count + 1):
        pixels = lab[zones == zone]
        if len(pixels):
            low, middle, high = np.percentile(pixels, [16, 50, 84], axis=0)
            table[zone - 1, :, 0] = middle
            table[zone - 1, :, 1] = (high - low) / 2
    return table


def linear_of(pixels: Image) -> Numbers:
    """Linear light of sRGB values: 0 to 255 becomes 0 to 1, any shape."""
    return _DECODED[pixels].astype(np.float64)


def lab_of(linear: Numbers) -> Numbers:
    """CIE Lab of linear light.

    Args:
        linear: ... x 3, blue-green-red, 1 is white under D65; may be more, and less than 0 is 0.

    Returns:
        ... x 3: L, a, b.
    """
    ratio = np.maximum(linear, 0.0) @ _TO_XYZ / _WHITE
    x, y, z = np.moveaxis(np.where(ratio > _STEP**3, np.cbrt(ratio), ratio / (3 * _STEP**2) + 4 / 29), -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def linear_of_lab(lab: Numbers) -> Numbers:
    """Linear light, blue-green-red, of CIE Lab; the inverse of `lab_of`, values outside sRGB included."""
    y = (lab[..., 0] + 16) / 116
    roots = np.stack([y + lab[..., 1] / 500, y, y - lab[..., 2] / 200], axis=-1)
    ratio = np.where(roots > _STEP, roots**3, 3 * _STEP**2 * (roots - 4 / 29))
    linear: Numbers = (ratio * _WHITE) @ np.linalg.inv(_TO_XYZ)
    return linear


def delta_e(one: Numbers, other: Numbers) -> Numbers:
    """Difference of two colours as the eye sees it, CIEDE2000 with all weights 1.

    Args:
        one, other: ... x 3 CIE Lab.

    Returns:
        One number a colour; about 1 is just seen side by side.

    Source: Sharma, Wu, Dalal, "The CIEDE2000 color-difference formula: Implementation notes, supplementary
        test data, and mathematical observations", Color Research and Application 30, 2005.
    """
    lightness = (one[..., 0] + other[..., 0]) / 2
    chroma = (np.hypot(one[..., 1], one[..., 2]) + np.hypot(other[..., 1], other[..., 2])) / 2
    stretch = 1 + 0.5 * (1 - np.sqrt(chroma**7 / (chroma**7 + 25.0**7)))
    a1, a2, b1, b2 = one[..., 1] * stretch, other[..., 1] * stretch, one[..., 2], other[..., 2]
    c1, c2 = np.hypot(a1, b1), np.hypot(a2, b2)
    h1, h2 = np.arctan2(b1, a1) % (2 * np.pi), np.arctan2(b2, a2) % (2 * np.pi)
    coloured = c1 * c2 > 0
    turn = np.where(coloured, (h2 - h1 + np.pi) % (2 * np.pi) - np.pi, 0.0)
    far = np.abs(h1 - h2) > np.pi
    hue = np.where(
        coloured, (h1 + h2) / 2 + np.where(far, np.where(h1 + h2 < 2 * np.pi, np.pi, -np.pi), 0), h1 + h2
    )
    mean_c = (c1 + c2) / 2
    weight = (
        1
        - 0.17 * np.cos(hue - np.pi / 6)
        + 0.24 * np.cos(2 * hue)
        + 0.32 * np.cos(3 * hue + np.radians(6))
        - 0.20 * np.cos(4 * hue - np.radians(63))
    )
    by_l = (other[..., 0] - one[..., 0]) / (
        1 + 0.015 * (lightness - 50) ** 2 / np.sqrt(20 + (lightness - 50) ** 2)
    )
    by_c = (c2 - c1) / (1 + 0.045 * mean_c)
    by_h = 2 * np.sqrt(c1 * c2) * np.sin(turn / 2) / (1 + 0.015 * mean_c * weight)
    bend = np.radians(60) * np.exp(-(((np.degrees(hue) - 275) / 25) ** 2))
    twist = -2 * np.sqrt(mean_c**7 / (mean_c**7 + 25.0**7)) * np.sin(bend)
    difference: Numbers = np.sqrt(by_l**2 + by_c**2 + by_h**2 + twist * by_c * by_h)
    return difference


def relit(picture: Image, light: Light) -> Image:
    """The picture as under white light of the usual brightness.

    Args:
        picture: H x W x 3 uint8, blue-green-red; a whole large photograph is worked on in strips.
        light: As vision.light.told answers.

    Returns:
        H x W x 3 uint8.
    """
    if light.matrix is None:
        levels = np.clip(_DECODED[:, None] * light.gains, 0, 1) * (_LEVELS - 1)
        table = _ENCODED[np.rint(levels).astype(np.intp)]
        return np.asarray(cv2.LUT(picture, table[None]), np.uint8)
    out = np.empty_like(picture)
    for top in range(0, len(picture), _STRIP_ROWS):
        steps = _corrected(picture[top : top + _STRIP_ROWS], light) * np.float32(_LEVELS - 1)
        out[top : top + _STRIP_ROWS] = _ENCODED[np.rint(steps).astype(np.uint16)]
    return out


def _corrected(picture: Image, light: Light) -> npt.NDArray[np.float32]:
    """Linear light after gains and matrix, held between 0 and 1."""
    whole = np.diag(light.gains) if light.matrix is None else light.matrix @ np.diag(light.gains)
    linear = cv2.transform(_DECODED[picture], whole)
    return np.asarray(np.clip(linear, 0, 1), np.float32)


def zone_lab(picture: Image, parts: Labels, light: Light) -> dict[str, tuple[float, float, float]]:
    """Colour of each zone of the tongue, corrected for the light.

    Args:
        picture: H x W x 3 uint8, blue-green-red; a tongue some 200 px across is enough.
        parts: H x W uint8 as vision.tongue.zones.divide answers.
        light: As vision.light.told answers, for this picture or for the one it was cut from.

    Returns:
        Median L, a and b by name of the zone, in the order of zones.ZONES; an empty zone is left out.
    """
    inside = parts > 0
    step = max(1, np.count_nonzero(inside) // _MEDIAN_PX)
    numbers, pixels = parts[inside][::step], picture[inside][::step]
    lab = cv2.cvtColor(_corrected(pixels[:, None], light), cv2.COLOR_LBGR2Lab)[:, 0]
    found: dict[str, tuple[float, float, float]] = {}
    for number, name in enumerate(ZONES, 1):
        zone = lab[numbers == number]
        if len(zone):
            lightness, a, b = np.median(zone, axis=0).tolist()
            found[name] = (lightness, a, b)
    return found
