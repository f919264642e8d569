"""What a photograph may look like from another camera, another hand, another lamp."""

from collections.abc import Callable
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.uint8]
Field = npt.NDArray[np.float32]

PAD_GREY: Final = 114  # as vision.tongue.segment pads a picture that is not square


def _placement(
    rng: np.random.Generator, height: int, width: int, size: int, wide: bool
) -> npt.NDArray[np.float64]:
    """Affine map from a photograph to a square of `size`: scale .55-1.25 (or .3), +-20 degrees, flip."""
    scale = rng.uniform(0.3, 0.6) if wide else np.exp(rng.uniform(np.log(0.55), np.log(1.25)))
    scale *= size / max(height, width)
    angle = np.deg2rad(rng.uniform(-20, 20))
    stretch = np.exp(rng.uniform(-0.1, 0.1))
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    turn = turn @ np.diag([stretch if rng.random() < 0.5 else -stretch, 1 / stretch])
    spread = 0.5 * abs(size - scale * max(height, width)) + 0.04 * size
    target = size / 2 + rng.uniform(-spread, spread, 2)
    shift = target - turn @ np.array([width / 2, height / 2])
    return np.concatenate([turn, shift[:, None]], axis=1)


def place(
    photo: Image, mask: Image, ground: Image, size: int, rng: np.random.Generator
) -> tuple[Image, Image]:
    """Move, turn, scale and flip a photograph; fill what it does not cover.

    Args:
        photo: H x W x 3 uint8, blue-green-red.
        mask: H x W uint8, 0 or 255.
        ground: A picture without a tongue, for what lies around the photograph.
        size: Side of the result in pixels.
        rng: Source of every choice.

    Returns:
        size x size x 3 uint8 and size x size uint8.
    """
    height, width = mask.shape
    wide = bool(rng.random() < 0.15)
    matrix = _placement(rng, height, width, size, wide)
    border = cv2.BORDER_REPLICATE if rng.random() < 0.4 else cv2.BORDER_CONSTANT
    if size < 0.8 * max(height, width) * np.hypot(matrix[0, 0], matrix[1, 0]):
        photo = cv2.GaussianBlur(photo, (0, 0), 0.6).astype(np.uint8, copy=False)
    moved = _warp(photo, matrix, size, border)
    truth = _warp(mask, matrix, size, cv2.BORDER_CONSTANT)
    if border == cv2.BORDER_CONSTANT:
        cover = _warp(np.full_like(mask, 255), matrix, size, cv2.BORDER_CONSTANT)
        around = cv2.resize(ground, (size, size)) if rng.random() < 0.7 else np.full_like(moved, PAD_GREY)
        if wide:  # no straight edge to learn from: the photograph melts into its ground
            soft = cv2.GaussianBlur(cv2.erode(cover, np.ones((9, 9), np.uint8)), (0, 0), 4)
            cover = np.maximum(np.minimum(cover, soft.astype(np.uint8)), truth)
        part = cover[..., None].astype(np.float32) / 255.0
        moved = (moved * part + around * (1 - part)).astype(np.uint8)
    return moved, truth


def _warp(picture: Image, matrix: npt.NDArray[np.float64], size: int, border: int) -> Image:
    moved = cv2.warpAffine(picture, matrix, (size, size), flags=cv2.INTER_LINEAR, borderMode=border)
    return moved.astype(np.uint8, copy=False)


def crop(photo: Image, size: int, rng: np.random.Generator) -> Image:
    """A random part of a picture, turned and flipped, as a square of `size` pixels."""
    height, width = photo.shape[:2]
    side = int(min(height, width) * np.exp(rng.uniform(np.log(0.3), 0)))
    row, column = int(rng.integers(0, height - side + 1)), int(rng.integers(0, width - side + 1))
    whole = photo[row : row + side, column : column + side]
    part = cv2.resize(whole, (size, size), interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
    if rng.random() < 0.5:
        part = part[:, ::-1]
    turned: Image = np.rot90(part, int(rng.integers(0, 4))) if rng.random() < 0.3 else part
    return np.ascontiguousarray(turned)


def letterbox(photo: Image, mask: Image, rng: np.random.Generator) -> None:
    """Grey bars on two sides in place, as an upright or wide photograph gets them when it is read."""
    size = photo.shape[0]
    bar = int(size * rng.uniform(0.05, 0.22))
    for bars in (slice(0, bar), slice(size - bar, size)):
        if rng.random() < 0.5:
            photo[bars], mask[bars] = PAD_GREY, 0
        else:
            photo[:, bars], mask[:, bars] = PAD_GREY, 0


def relight(photo: Image, rng: np.random.Generator) -> Image:
    """Another lamp and another camera: white balance, gamma, shading, saturation, blur, noise, JPEG."""
    size = photo.shape[0]
    picture = photo.astype(np.float32) / 255.0
    if rng.random() < 0.8:
        picture *= np.exp(rng.uniform(-0.18, 0.18, 3)).astype(np.float32)
    if rng.random() < 0.4:
        grey = picture.mean(axis=2, keepdims=True)
        picture = grey + (picture - grey) * np.float32(rng.uniform(0.6, 1.4))
    if rng.random() < 0.7:
        picture = np.power(np.clip(picture, 0, 1), np.float32(np.exp(rng.uniform(-0.45, 0.45))))
    if rng.random() < 0.5:
        corners = rng.uniform(0.6, 1.3, (2, 2)).astype(np.float32)
        picture *= cv2.resize(corners, (size, size), interpolation=cv2.INTER_LINEAR)[..., None]
    if rng.random() < 0.3:
        cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.4, 2.0), dst=picture)
    if rng.random() < 0.4:
        grain: Field = rng.standard_normal(picture.shape, dtype=np.float32)
        picture += grain * np.float32(rng.uniform(0.005, 0.04))
    lit: Image = np.clip(picture * 255.0, 0, 255).astype(np.uint8)
    if rng.random() < 0.15:
        encoded = cv2.imencode(".jpg", lit, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(35, 90))])[1]
        lit = np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR), np.uint8)
    return lit


def bend(photo: Image, mask: Image, rng: np.random.Generator) -> tuple[Image, Image]:
    """A tongue of another shape: photograph and mask pulled about together, smoothly.

    Args:
        photo: S x S x 3 uint8, blue-green-red.
        mask: S x S uint8.
        rng: Source of every choice.

    Returns:
        Photograph and mask of the same size.
    """
    size = photo.shape[0]
    pull = rng.normal(0, 1, (5, 5, 2)).astype(np.float32) * np.float32(size * rng.uniform(0.005, 0.025))
    field = cv2.resize(pull, (size, size), interpolation=cv2.INTER_CUBIC)
    rows, columns = np.mgrid[:size, :size].astype(np.float32)
    xs, ys = columns + field[..., 0], rows + field[..., 1]
    moved = cv2.remap(photo, xs, ys, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    truth = cv2.remap(mask, xs, ys, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    return moved.astype(np.uint8, copy=False), truth.astype(np.uint8, copy=False)


def tilt(photo: Image, mask: Image, rng: np.random.Generator) -> tuple[Image, Image]:
    """A camera held askew: turned by up to 40 degrees, and seen from the side.

    Args, Returns: as bend.
    """
    size = photo.shape[0]
    reach = 40 if rng.random() < 0.4 else 8
    turn = cv2.getRotationMatrix2D((size / 2, size / 2), rng.uniform(-reach, reach), 1.0)
    matrix = np.vstack([turn, [0, 0, 1]])
    if rng.random() < 0.4:
        corners = np.array([[0, 0], [size, 0], [size, size], [0, size]], np.float32)
        seen = corners + rng.uniform(-0.1, 0.1, (4, 2)).astype(np.float32) * np.float32(size)
        matrix = cv2.getPerspectiveTransform(corners, seen) @ matrix
    border = cv2.BORDER_REFLECT if rng.random() < 0.5 else cv2.BORDER_REPLICATE
    moved = cv2.warpPerspective(photo, matrix, (size, size), flags=cv2.INTER_LINEAR, borderMode=border)
    truth = cv2.warpPerspective(mask, matrix, (size, size), flags=cv2.INTER_LINEAR)
    return moved.astype(np.uint8, copy=False), truth.astype(np.uint8, copy=False)


def recolour(picture: Field, rng: np.random.Generator, strength: float) -> Field:
    """Another sensor: colour matrix, white balance, exposure, gamma.

    Args:
        picture: H x W x 3, 0 to 1.
        rng: Source of every choice.
        strength: 1 for as much as cameras differ, less for less.

    Returns:
        H x W x 3, 0 to 1.
    """
    mixing = np.eye(3) + rng.normal(0, 0.10 * strength, (3, 3))
    mixing /= mixing.sum(axis=1, keepdims=True)  # grey stays grey before the white balance
    gains = np.exp(rng.uniform(-0.3, 0.3, 3) * strength + rng.uniform(-0.5, 0.5) * strength)
    linear = picture @ mixing.T.astype(np.float32) * gains.astype(np.float32)
    lit: Field = np.clip(linear, 0, 1) ** np.float32(np.exp(rng.uniform(-0.3, 0.3) * strength))
    return lit


def _softened(mask: Image, sigma_px: float) -> Field:
    soft: Field = cv2.GaussianBlur(mask, (0, 0), sigma_px).astype(np.float32)[..., None] / np.float32(255)
    return soft


def _elsewhere(
    picture: Field, mask: Image, ground: Image, rng: np.random.Generator
) -> npt.NDArray[np.float32]:
    """Another picture right up to the tongue, with or without a rim of lips and a shadow."""
    size = mask.shape[0]
    around: Field = cv2.resize(ground, (size, size)).astype(np.float32) / np.float32(255)
    if rng.random() < 0.6:
        reach = 2 * int(size * rng.uniform(0.02, 0.09)) + 1
        rim = cv2.dilate(mask, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach)))
        lips = _softened(rim.astype(np.uint8, copy=False), rng.uniform(1, 5))
        around = recolour(picture, rng, 0.6) * lips + around * (1 - lips)
    if rng.random() < 0.4:
        edge = cv2.dilate(mask, np.ones((5, 5), np.uint8)).astype(np.uint8, copy=False)
        around = around * (1 - _softened(edge, rng.uniform(2, 7)) * np.float32(rng.uniform(0.2, 0.8)))
    return around


def set_apart(photo: Image, mask: Image, ground: Image, rng: np.random.Generator) -> Image:
    """Tongue and surroundings coloured each by itself, so that one device's background teaches nothing.

    Args:
        photo: S x S x 3 uint8, blue-green-red.
        mask: S x S uint8, 0 to 255.
        ground: A picture without a tongue, put in place of the surroundings one time in three.
        rng: Source of every choice.

    Returns:
        S x S x 3 uint8.
    """
    soft = _softened(mask, rng.uniform(0.6, 2.5))
    picture = photo.astype(np.float32) / np.float32(255)
    kept = rng.random() < 0.65
    around = recolour(picture, rng, 1.0) if kept else _elsewhere(picture, mask, ground, rng)
    inside = recolour(picture, rng, 0.5) if rng.random() < 0.6 else picture
    return _to_bytes(inside * soft + around * (1 - soft))


def another_sensor(photo: Image, rng: np.random.Generator) -> Image:
    """The whole photograph recoloured; shape and type stay."""
    return _to_bytes(recolour(photo.astype(np.float32) / np.float32(255), rng, 0.6))


def glare(photo: Image, rng: np.random.Generator) -> Image:
    """Up to nine wet highlights, as a flash leaves them; shape and type stay."""
    size = photo.shape[0]
    shine = np.zeros((size, size), np.float32)
    for _ in range(int(rng.integers(1, 10))):
        centre = rng.integers(0, size, 2).tolist()
        axes = np.maximum(1, rng.uniform(1, size * 0.04, 2)).astype(int).tolist()
        cv2.ellipse(shine, centre, axes, rng.uniform(0, 180), 0, 360, rng.uniform(0.4, 1), -1)
    light = cv2.GaussianBlur(shine, (0, 0), rng.uniform(0.5, 2.5))[..., None]
    lit: Image = (photo * (1 - light) + 255 * light).astype(np.uint8)
    return lit


def nearer(photo: Image, mask: Image, rng: np.random.Generator) -> tuple[Image, Image]:
    """Cut out about the tongue, nearer than the device ever stands; views of both."""
    x, y, wide, high = cv2.boundingRect(mask)
    margin = rng.uniform(0.06, 0.3)
    below = margin * rng.uniform(0.5, 1.5)
    rows = slice(max(0, int(y - margin * high)), int(y + high + below * high))
    columns = slice(max(0, int(x - margin * wide)), int(x + wide + margin * wide))
    return photo[rows, columns], mask[rows, columns]


def _to_bytes(picture: Field) -> Image:
    whole: Image = (np.clip(picture, 0, 1) * 255).astype(np.uint8)
    return whole


# How the bench makes a photograph worse: gains of blue, green, red; stops of exposure; size; JPEG quality.
WARM: Final = (0.85, 1.0, 1.12)
COOL: Final = (1.15, 1.0, 0.88)
STOPS: Final = 0.5
SMALL: Final = 0.7
JPEG_QUALITY: Final = 40
SRGB_POWER: Final = 2.2  # of the curve of sRGB, near enough for half a stop


def scale_channels(photo: Image, gains: tuple[float, float, float]) -> Image:
    """Multiply the channels, blue, green, red, and clip."""
    lit: Image = np.clip(np.rint(photo * np.array(gains)), 0, 255).astype(np.uint8)
    return lit


def expose(photo: Image, stops: float) -> Image:
    """Lengthen the exposure by so many stops, or shorten it by fewer than none."""
    return scale_channels(photo, (2 ** (stops / SRGB_POWER),) * 3)


def shrink(photo: Image, share: float) -> Image:
    """Scale a photograph or a mask of 0 and 255 down; a mask has grey edges afterwards."""
    size = (round(photo.shape[1] * share), round(photo.shape[0] * share))
    return cv2.resize(photo, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


def compress(photo: Image, quality: int) -> Image:
    """Through JPEG and back."""
    encoded = cv2.imencode(".jpg", photo, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR), np.uint8)


WORSE: Final[dict[str, Callable[[Image], Image]]] = {
    "clean": lambda photo: photo,
    "warm": lambda photo: scale_channels(photo, WARM),
    "cool": lambda photo: scale_channels(photo, COOL),
    "dark": lambda photo: expose(photo, -STOPS),
    "bright": lambda photo: expose(photo, STOPS),
    "small": lambda photo: shrink(photo, SMALL),
    "jpeg": lambda photo: compress(photo, JPEG_QUALITY),
}


def another_phone(photo: Image, mask: Image, rng: np.random.Generator) -> tuple[Image, Image]:
    """The same tongue from another phone: mirrored, smaller, blurred, another lamp, noise, JPEG.

    Args:
        photo: H x W x 3 uint8, blue-green-red.
        mask: H x W uint8, 0 or 255.
        rng: Source of every choice.

    Returns:
        Photograph and mask, smaller by up to two fifths.
    """
    if rng.random() < 0.5:
        photo, mask = np.ascontiguousarray(photo[:, ::-1]), np.ascontiguousarray(mask[:, ::-1])
    if rng.random() < 0.5:
        share = float(rng.uniform(0.6, 1.0))
        photo, mask = shrink(photo, share), ((shrink(mask, share) > 127) * 255).astype(np.uint8)
    if rng.random() < 0.3:
        photo = cv2.GaussianBlur(photo, (0, 0), float(rng.uniform(0.4, 1.1))).astype(np.uint8, copy=False)
    gains = np.exp(rng.uniform(-0.2, 0.2, 3) + rng.uniform(-0.18, 0.18))
    photo = scale_channels(photo, (gains[0], gains[1], gains[2]))
    if rng.random() < 0.3:
        photo = np.clip(photo + rng.normal(0, rng.uniform(1, 5), photo.shape), 0, 255).astype(np.uint8)
    if rng.random() < 0.5:
        photo = compress(photo, int(rng.integers(30, 90)))
    return photo, mask
