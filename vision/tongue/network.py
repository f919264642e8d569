"""The tongue as a small convolutional network sees it: one standard picture in, numbers by zone out.

The network is the first eleven blocks of EfficientNet-lite0 (Tan, Le, "EfficientNet", ICML 2019), its last
six tuned on tongues by vision.train.signs.
"""

import hashlib
import threading
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from vision.tongue import features, zones

Image = npt.NDArray[np.uint8]
Field = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.float64]

MODEL: Final = Path(__file__).parent.parent / "models" / "tongue_view.onnx"
SIDE_PX: Final = 192
# Share of the side that the longer side of the tongue's box takes.
FILL: Final = 0.86
# Logarithms of blue, green and red to which the tongue's own median is brought, whatever the lamp.
USUAL: Final = np.log(np.array([110.0, 105.0, 165.0]))
# What EfficientNet-lite was trained with: (value - 127) / 128.
MIDDLE: Final = 127.0
SPREAD: Final = 128.0
# Outputs of the network: channels and side in pixels. The first is that of the untuned blocks.
OUTPUTS: Final = {"near": (40, 24), "far": (112, 12)}
# The network never counts a label as less likely than this, as a logarithm.
LEAST_LOG_SHARE: Final = -6.0
WHERE: Final = ("whole", *zones.ZONES)
COUNT: Final = sum(2 * channels * len(WHERE) for channels, _ in OUTPUTS.values())


@dataclass(frozen=True)
class Standard:
    """What the network looks at.

    picture: 3 x SIDE_PX x SIDE_PX float32, red-green-blue, as EfficientNet takes it.
    shares: len(WHERE) x 24 x 24 float32, how much of each cell lies on the tongue and in each zone.
    """

    picture: Field
    shares: Field


def standard(seen: features.View) -> Standard:
    """Bring a tongue to one place, size and colour.

    Its channels are scaled so that its own median has always the same colour: what the lamp or the exposure
    does to the whole tongue is gone, and what sets one part of it apart from another stays.

    Args:
        seen: As features.view gives it.
    """
    x, y, width, height = cv2.boundingRect(seen.mask)
    scale = FILL * SIDE_PX / max(width, height)
    middle = SIDE_PX / 2 - scale * np.array([x + width / 2, y + height / 2])
    matrix = np.array([[scale, 0, middle[0]], [0, scale, middle[1]]])
    size = (SIDE_PX, SIDE_PX)
    near = cv2.warpAffine(seen.photo, matrix, size, borderMode=cv2.BORDER_REPLICATE)
    parts = cv2.warpAffine(seen.parts, matrix, size, flags=cv2.INTER_NEAREST)
    median = features.tongue_pixels(seen)
    picture = np.empty((3, SIDE_PX, SIDE_PX), np.float32)
    for channel in range(3):
        table = _table(float(np.median(median[:, channel])), channel)
        picture[2 - channel] = table[near[..., channel]]
    here = [parts > 0, *(parts == number for number in range(1, len(zones.ZONES) + 1))]
    cells = OUTPUTS["near"][1]
    shares = [cv2.resize(one.astype(np.float32), (cells,) * 2, interpolation=cv2.INTER_AREA) for one in here]
    return Standard(picture, np.stack(shares).astype(np.float32, copy=False))


def _table(median: float, channel: int) -> Field:
    """What each of the 256 values of a channel becomes, given the tongue's own median of it."""
    logs = np.log(np.arange(256) + features.BLACK) - np.log(median + features.BLACK) + USUAL[channel]
    values = np.exp(np.minimum(logs, np.log(255 + features.BLACK))) - features.BLACK
    table: Field = ((values - MIDDLE) / SPREAD).astype(np.float32)
    return table


def pool(field: Field, shares: Field) -> Numbers:
    """Mean and spread of every channel over the tongue and over each zone.

    Args:
        field: C x S x S float32.
        shares: len(WHERE) x T x T float32, T a multiple of S.

    Returns:
        len(WHERE) * 2 * C floats: by zone, the means, then the spreads. 0 for an empty zone.
    """
    channels, side = field.shape[0], field.shape[1]
    cells = shares.reshape(len(shares), side, shares.shape[1] // side, side, -1).mean(axis=(2, 4))
    flat = cells.reshape(len(shares), -1)
    weights = flat / np.maximum(flat.sum(axis=1, keepdims=True), 1e-3)
    values = field.reshape(channels, -1)
    mean = weights @ values.T
    square = weights @ (values * values).T
    spread = np.sqrt(np.maximum(square - mean * mean, 1e-6))
    return np.stack([mean, spread], axis=1).ravel().astype(np.float64)


def log_shares(logits: Numbers) -> Numbers:
    """Logarithm of the softmax over the last axis, not below LEAST_LOG_SHARE."""
    apart = logits - logits.max(axis=-1, keepdims=True)
    logs = apart - np.log(np.exp(apart).sum(axis=-1, keepdims=True))
    shares: Numbers = np.maximum(logs, LEAST_LOG_SHARE)
    return shares


class Encoder:
    """One loaded network, to be shared by threads; a lock keeps it from running twice at once."""

    def __init__(self, weights: bytes) -> None:
        self._net = cv2.dnn.readNetFromONNX(np.frombuffer(weights, np.uint8))
        self._turn = threading.Lock()
        self.digest = hashlib.sha256(weights).hexdigest()

    def describe(self, seen: features.View) -> Numbers:
        """Numbers of one tongue: COUNT floats, those of `near` first."""
        look = standard(seen)
        with self._turn:
            self._net.setInput(look.picture[None], "picture")
            fields = [one[0].copy() for one in self._net.forward(tuple(OUTPUTS))]
        return np.concatenate([pool(field, look.shares) for field in fields])


@cache
def shipped() -> Encoder:
    """The network that comes with the package, read once.

    Raises:
        FileNotFoundError: when the package has lost it.
    """
    return Encoder(MODEL.read_bytes())
