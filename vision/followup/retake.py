"""The same tongue photographed again a minute later, simulated: another crop, pose, lamp, focus and file.

A simulation. It knows nothing of a tongue that is put out with more force, of saliva, of a meal, or of two
different cameras' own processing; photographs of patients taken twice would show more than this does.
"""

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.uint8]

TURN_DEG: Final = 12.0
SCALE: Final = (0.8, 1.25)
# How far a corner moves for the camera's tilt, and a point of the tongue for its pose, as shares of the side.
TILT_SHARE: Final = 0.03
POSE_SHARE: Final = 0.015
BEND_KNOTS: Final = 5
SHIFT_SHARE: Final = 0.04
CAST_LOG: Final = 0.10
EXPOSURE_LOG: Final = 0.15
SHADING: Final = (0.82, 1.12)
BLUR_PX: Final = 0.9
NOISE: Final = 3.0
JPEG_QUALITY: Final = (55, 93)


def retake(picture: Image, centre: tuple[float, float], rng: np.random.Generator) -> Image:
    """Photograph a photograph's tongue again.

    Args:
        picture: H x W x 3 uint8, blue-green-red.
        centre: x and y of the tongue's middle, which the camera points at roughly.
        rng: Source of every choice.

    Returns:
        H x W x 3 uint8.
    """
    return relit(moved(picture, centre, rng), rng)


def moved(picture: Image, centre: tuple[float, float], rng: np.random.Generator) -> Image:
    """Crop, turn, scale, tilt and bend.

    Args:
        picture: H x W x 3 uint8.
        centre: As `retake`.
        rng: Source of every choice.

    Returns:
        H x W x 3 uint8.
    """
    height, width = picture.shape[:2]
    side = max(height, width)
    scale = float(np.exp(rng.uniform(*np.log(SCALE))))
    turn = cv2.getRotationMatrix2D(centre, float(rng.uniform(-TURN_DEG, TURN_DEG)), scale)
    turn[:, 2] += np.array([width, height]) / 2 - centre + rng.uniform(-SHIFT_SHARE, SHIFT_SHARE, 2) * side
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    tilted = corners + rng.uniform(-TILT_SHARE, TILT_SHARE, (4, 2)).astype(np.float32) * side
    whole = cv2.getPerspectiveTransform(corners, tilted) @ np.vstack([turn, [0.0, 0.0, 1.0]])
    knots = rng.uniform(-1, 1, (BEND_KNOTS, BEND_KNOTS, 2)) * rng.uniform(0, POSE_SHARE) * side
    bend = cv2.resize(knots, (width, height), interpolation=cv2.INTER_CUBIC)
    columns, rows = np.meshgrid(np.arange(width), np.arange(height))
    there = np.stack([columns, rows], axis=-1) + bend
    x, y = cv2.split(cv2.perspectiveTransform(there, np.linalg.inv(whole)).astype(np.float32))
    again = cv2.remap(picture, x, y, cv2.INTER_LINEAR, None, cv2.BORDER_REFLECT_101)
    return again.astype(np.uint8, copy=False)


def relit(picture: Image, rng: np.random.Generator) -> Image:
    """Another lamp, exposure and shade, other focus, noise and compression.

    Args:
        picture: H x W x 3 uint8, blue-green-red.
        rng: Source of every choice.

    Returns:
        H x W x 3 uint8.
    """
    height, width = picture.shape[:2]
    gains = np.exp(rng.uniform(-CAST_LOG, CAST_LOG, 3) + rng.uniform(-EXPOSURE_LOG, EXPOSURE_LOG))
    shade = cv2.resize(rng.uniform(*SHADING, (2, 2)), (width, height), interpolation=cv2.INTER_LINEAR)
    lit = picture * (gains * shade[..., None])
    blur_px = float(rng.uniform(0, BLUR_PX))
    if blur_px > 0.2:
        lit = cv2.GaussianBlur(lit, (0, 0), blur_px).astype(np.float64, copy=False)
    lit = lit + rng.standard_normal(lit.shape) * rng.uniform(0, NOISE)
    file = cv2.imencode(
        ".jpg",
        np.clip(np.rint(lit), 0, 255).astype(np.uint8),
        [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(*JPEG_QUALITY))],
    )[1]
    return np.asarray(cv2.imdecode(file, cv2.IMREAD_COLOR), np.uint8)
