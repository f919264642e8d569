"""Find faces and six points on each, with BlazeFace in OpenCV: nothing leaves the machine.

Bazarevsky et al., "BlazeFace: sub-millisecond neural face detection on mobile GPUs", CVPR Workshop on
Computer Vision for Augmented and Virtual Reality 2019. Origin and licence: vision/models/face.md.
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

Image = npt.NDArray[np.uint8]
Points = npt.NDArray[np.float64]

MODEL: Final = Path(__file__).parent.parent / "models" / "face_detect.tflite"
INPUT_PX: Final = 128
# Order of the points; right and left are the person's own.
POINTS: Final = ("right_eye", "left_eye", "nose", "mouth", "right_ear", "left_ear")

# First look over the whole picture, second look from near; measured as docs/decisions/0012 tells.
LEAST_FIRST: Final = 0.7
LEAST_SECOND: Final = 0.8
NEAR_SIDES: Final = 2.0
MOST_TILT_DEG: Final = 40.0
MOST_CANDIDATES: Final = 8


@dataclass(frozen=True, eq=False)
class Face:
    """One face.

    score: the lower of the network's two answers, 0 to 1.
    box: x, y, width, height in px: brows to chin, ear to ear.
    points: 6 x 2, x and y in px, in the order of POINTS.
    """

    score: float
    box: tuple[float, float, float, float]
    points: Points

    @property
    def eye_distance_px(self) -> float:
        """From one eye to the other."""
        return float(np.linalg.norm(self.points[1] - self.points[0]))


def _anchors() -> Points:
    """Centres the network's 896 answers are counted from, 0 to 1."""
    parts = []
    for cells, repeats in ((16, 2), (8, 6)):
        middle = (np.arange(cells) + 0.5) / cells
        x, y = np.meshgrid(middle, middle)
        parts.append(np.repeat(np.stack([x.ravel(), y.ravel()], axis=1), repeats, axis=0))
    return np.concatenate(parts)


class Detector:
    """The network, one picture at a time."""

    def __init__(self, weights: bytes) -> None:
        """Load the weights.

        Args:
            weights: A TensorFlow Lite file.
        """
        self.digest: Final = hashlib.sha256(weights).hexdigest()
        self._net: Final = cv2.dnn.readNetFromTFLite(np.frombuffer(weights, np.uint8))
        self._anchors: Final = _anchors()
        # A cv2.dnn network holds its input and output, so threads take turns.
        self._lock: Final = threading.Lock()

    def find(self, photo: Image) -> list[Face]:
        """Find upright faces.

        Args:
            photo: H x W x 3 uint8, blue-green-red.

        Returns:
            Faces seen twice, the largest first.
        """
        found: list[Face] = []
        for first in self._look(photo, LEAST_FIRST)[:MOST_CANDIDATES]:
            second = self._look_near(photo, first)
            if second is not None and not any(_same(second, other) for other in found):
                found.append(second)
        return sorted(found, key=lambda face: -face.box[2])

    def _look_near(self, photo: Image, face: Face) -> Face | None:
        """The face again, cut out with a margin; None where it is not there from near."""
        x, y, width, height = face.box
        side = max(16, round(max(width, height) * NEAR_SIDES))
        corner = np.array([round(x + width / 2 - side / 2), round(y + height / 2 - side / 2)])
        again = self._look(cut(photo, (int(corner[0]), int(corner[1])), side), LEAST_SECOND)
        moved = [
            Face(
                min(face.score, one.score),
                (one.box[0] + corner[0], one.box[1] + corner[1], one.box[2], one.box[3]),
                one.points + corner,
            )
            for one in again
        ]
        return next((one for one in moved if _same(one, face) and _upright(one.points)), None)

    def _look(self, photo: Image, least: float) -> list[Face]:
        """Run the network once; faces from the likeliest down, no two of the same place."""
        height, width = photo.shape[:2]
        scale = INPUT_PX / max(height, width)
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        small = cv2.resize(photo, size, interpolation=cv2.INTER_AREA)
        left, top = (INPUT_PX - size[0]) // 2, (INPUT_PX - size[1]) // 2
        square = np.zeros((INPUT_PX, INPUT_PX, 3), np.uint8)
        square[top : top + size[1], left : left + size[0]] = small
        blob = cv2.dnn.blobFromImage(square, 1 / 127.5, (INPUT_PX, INPUT_PX), (127.5,) * 3, swapRB=True)
        with self._lock:
            self._net.setInput(blob)
            raw_scores, raw_places = self._net.forward(("classificators", "regressors"))
            scores = 1 / (1 + np.exp(-np.clip(raw_scores.ravel().astype(np.float64), -80, 80)))
            places = raw_places.reshape(len(scores), 8, 2) / INPUT_PX
        faces: list[Face] = []
        for number in np.argsort(-scores):
            if scores[number] < least:
                break
            place = places[number].astype(np.float64)
            place[0] += self._anchors[number]
            place[2:] += self._anchors[number]
            place[[0, *range(2, 8)]] = (place[[0, *range(2, 8)]] * INPUT_PX - (left, top)) / scale
            side = place[1] * INPUT_PX / scale
            corner = place[0] - side / 2
            box = (float(corner[0]), float(corner[1]), float(side[0]), float(side[1]))
            face = Face(float(scores[number]), box, place[2:])
            if min(side) > 0 and not any(_same(face, other) for other in faces):
                faces.append(face)
        return faces


def cut(photo: Image, corner: tuple[int, int], side: int) -> Image:
    """A square of the photograph, black where it reaches beyond the edge.

    Args:
        photo: H x W x 3 uint8.
        corner: x and y of its upper left corner in px; may lie outside.
        side: Its side in px.

    Returns:
        side x side x 3 uint8.
    """
    square = np.zeros((side, side, photo.shape[2]), np.uint8)
    height, width = photo.shape[:2]
    left, top = max(0, corner[0]), max(0, corner[1])
    right, bottom = min(width, corner[0] + side), min(height, corner[1] + side)
    if right > left and bottom > top:
        square[top - corner[1] : bottom - corner[1], left - corner[0] : right - corner[0]] = photo[
            top:bottom, left:right
        ]
    return square


def _same(one: Face, other: Face) -> bool:
    """Whether two answers mean one face: their middles lie within half a side of each other."""
    apart = (
        abs(one.box[0] + one.box[2] / 2 - other.box[0] - other.box[2] / 2),
        abs(one.box[1] + one.box[3] / 2 - other.box[1] - other.box[3] / 2),
    )
    return max(apart) < 0.5 * max(one.box[2], other.box[2])


def _upright(points: Points) -> bool:
    """Whether the eyes lie level enough, and nose and mouth below them in turn."""
    across = points[1] - points[0]
    if across[0] <= 0 or abs(np.degrees(np.arctan2(across[1], across[0]))) > MOST_TILT_DEG:
        return False
    middle = (points[0] + points[1]) / 2
    length = float(np.linalg.norm(across))
    down = np.array([-across[1], across[0]]) / length
    nose, mouth = ((points[2] - middle) @ down) / length, ((points[3] - middle) @ down) / length
    return bool(0.1 < nose < mouth and 0.55 < mouth < 2.5)


@cache
def shipped() -> Detector:
    """The detector that comes with the program, loaded once."""
    return Detector(MODEL.read_bytes())
