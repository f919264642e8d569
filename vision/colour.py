"""Colour as the eye weighs it: CIE Lab, and a mild correction for the lamp.

Lab is CIE 1976 under D65, from sRGB. The lamp is estimated by shades of grey, the Minkowski mean of order 6:
Finlayson, Trezzi, "Shades of gray and colour constancy", Color and Imaging Conference 2004.
"""

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.uint8]
Lab = npt.NDArray[np.float32]
Labels = npt.NDArray[np.uint8]

MINKOWSKI_ORDER: Final = 6
CLIPPED: Final = 250
# Mean of `lamp` over every fifth of the 445 photographs the readers were trained on, blue-green-red.
USUAL_LAMP: Final = np.array([0.877, 0.872, 1.251])


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
