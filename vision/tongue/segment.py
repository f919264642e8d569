"""Find the tongue: a small network run by OpenCV, its largest piece, holes filled."""

import hashlib
import threading
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.uint8]
Chances = npt.NDArray[np.float32]

MODEL: Final = Path(__file__).parent.parent / "models" / "tongue_segment.onnx"
SIDE_PX: Final = 224  # docs/decisions/0014 gives what other sides cost and find
PAD_GREY: Final = 114
# A tongue whose longer side fills less of the frame than this is looked at again from nearer.
NEAR_ENOUGH: Final = 0.55
# The nearer look frames the tongue as the training photographs do.
NEARER_FRAME: Final = 1.5


@dataclass(frozen=True)
class Segmentation:
    """Where the tongue is, and how sure the network is of it.

    mask: H x W uint8, 0 or 255, the photograph's size; all 0 where nothing was found.
    presence: 0 to 1, the network's answer to "is there a tongue at all", the lowest of its looks.
    confidence: 0 to 1, mean probability inside the mask; 0 where nothing was found.
    """

    mask: Image
    presence: float
    confidence: float


@dataclass(frozen=True)
class _Look:
    chances: Chances
    presence: float


class Segmenter:
    """One loaded network, to be shared by threads.

    OpenCV's networks may not run twice at once; a lock sees to that.
    """

    def __init__(self, weights: bytes) -> None:
        self._net = cv2.dnn.readNetFromONNX(np.frombuffer(weights, np.uint8))
        self._turn = threading.Lock()
        self.digest = hashlib.sha256(weights).hexdigest()

    @classmethod
    def load(cls, path: Path = MODEL) -> "Segmenter":
        """Read a network from an ONNX file.

        Args:
            path: As written by vision.train.segment; the shipped one where none is named.

        Raises:
            FileNotFoundError: when there is no such file.
        """
        return cls(path.read_bytes())

    def segment(self, photo: Image) -> Segmentation:
        """Find the tongue, looking twice where it is small in the frame.

        Args:
            photo: H x W x 3 uint8, blue-green-red.

        Returns:
            Segmentation at the photograph's size.
        """
        height, width = photo.shape[:2]
        look = self._look(photo)
        chances, presence = look.chances, look.presence
        mask = _largest(chances)
        x, y, wide, high = cv2.boundingRect(mask)
        if wide and max(wide, high) < NEAR_ENOUGH * max(height, width):
            side = max(32, int(NEARER_FRAME * max(wide, high)))
            top, left = y + high // 2 - side // 2, x + wide // 2 - side // 2
            rows = slice(max(0, top), min(height, top + side))
            columns = slice(max(0, left), min(width, left + side))
            nearer = self._look(photo[rows, columns])
            presence = min(presence, nearer.presence)
            chances = np.zeros((height, width), np.float32)
            chances[rows, columns] = nearer.chances
            mask = _largest(chances)
        inside = mask > 0
        confidence = float(chances[inside].mean()) if inside.any() else 0.0
        return Segmentation(mask, presence, confidence)

    def _look(self, photo: Image) -> _Look:
        """One pass over the picture."""
        square, (height, width) = _square(photo)
        blob = cv2.dnn.blobFromImage(square, 1 / 255.0)
        with self._turn:
            self._net.setInput(blob, "picture")
            mask, presence = self._net.forward(("mask", "presence"))
            kept, there = mask[0, 0, :height, :width].copy(), float(presence.ravel()[0])
        chances = cv2.resize(kept, (photo.shape[1], photo.shape[0]), interpolation=cv2.INTER_LINEAR)
        return _Look(chances.astype(np.float32, copy=False), there)


@cache
def shipped() -> Segmenter:
    """The network that comes with the package, read once."""
    return Segmenter.load()


def _square(photo: Image) -> tuple[Image, tuple[int, int]]:
    """The picture scaled into the upper left of a grey square, and the rows and columns it takes there."""
    scale = SIDE_PX / max(photo.shape[:2])
    height, width = (max(1, round(side * scale)) for side in photo.shape[:2])
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    square = np.full((SIDE_PX, SIDE_PX, 3), PAD_GREY, np.uint8)
    square[:height, :width] = cv2.resize(photo, (width, height), interpolation=way)
    return square, (height, width)


def _largest(chances: Chances) -> Image:
    """The largest connected piece above one half, its holes filled, 0 or 255."""
    pieces = (chances > 0.5).astype(np.uint8)
    count, labels, statistics, _ = cv2.connectedComponentsWithStats(pieces, connectivity=4)
    mask = np.zeros(pieces.shape, np.uint8)
    if count > 1:
        largest = 1 + int(statistics[1:, cv2.CC_STAT_AREA].argmax())
        outlines, _ = cv2.findContours(
            (labels == largest).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE
        )
        cv2.drawContours(mask, outlines, -1, 255, cv2.FILLED)
    return mask
