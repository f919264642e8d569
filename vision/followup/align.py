"""Bring two pictures of one tongue into a common frame by their contours.

The later contour is turned, scaled and moved onto the earlier one: first by arc length, from every start
along it, then to the nearest points (Besl, McKay, "A method for registration of 3-D shapes", IEEE
Transactions on Pattern Analysis and Machine Intelligence 14, 1992), the worst of which are left out, because
the root is cut where the mouth happens to end.
"""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.uint8]
Matrix = npt.NDArray[np.float64]
# Points of a plane as complex numbers: a similarity is then one product and one sum.
Line = npt.NDArray[np.complex128]

FRAME_PX: Final = 480
MARGIN_SHARE: Final = 0.08
POINTS: Final = 256
# Nobody holds a camera further from upright on two visits.
MOST_TURN_DEG: Final = 45.0
ROUNDS: Final = 40
KEPT_SHARE: Final = 0.85
# Below this intersection over union two contours are not compared; how it was chosen: docs/decisions/0019.
LEAST_OVERLAP: Final = 0.90
# A picture that is shrunk further than this is smoothed first, lest fine texture turn into false grain.
SMOOTHED_BELOW: Final = 0.7


class NoContour(ValueError):
    """A mask has no outline to align by."""


@dataclass(frozen=True, eq=False)
class Aligned:
    """Two pictures in the frame of the earlier one.

    before, after: FRAME_PX x FRAME_PX x 3 uint8, blue-green-red.
    before_mask, after_mask: FRAME_PX x FRAME_PX uint8, 0 or 255.
    overlap: intersection over union of the masks, 0 to 1.
    turned_deg: how far the later picture was turned clockwise.
    scaled: by how much it was enlarged beyond what the frame asks of the earlier one.
    """

    before: Image
    after: Image
    before_mask: Image
    after_mask: Image
    overlap: float
    turned_deg: float
    scaled: float

    @property
    def comparable(self) -> bool:
        """Whether the tongue was held alike enough for its parts to be compared."""
        return self.overlap >= LEAST_OVERLAP


def align(before: Image, before_mask: Image, after: Image, after_mask: Image) -> Aligned:
    """Bring the later picture onto the earlier one.

    Args:
        before: H x W x 3 uint8, blue-green-red.
        before_mask: H x W uint8, nonzero on the tongue, tip below.
        after: As `before`, of a size of its own.
        after_mask: Of `after`.

    Returns:
        Aligned; whether that is good enough is told by `comparable`.

    Raises:
        NoContour: When a mask is empty or a mere speck.
    """
    earlier, later = contour(before_mask), contour(after_mask)
    factor, shift = _match(later, earlier)
    frame = _frame(before_mask)
    moved = frame @ _square(_matrix(factor, shift))
    mask = _warp(before_mask, frame, cv2.INTER_LINEAR)
    moved_mask = _warp(after_mask, moved, cv2.INTER_LINEAR)
    return Aligned(
        before=_warp(before, frame, cv2.INTER_LINEAR),
        after=_warp(after, moved, cv2.INTER_LINEAR),
        before_mask=_binary(mask),
        after_mask=_binary(moved_mask),
        overlap=_overlap(mask, moved_mask),
        turned_deg=float(np.degrees(np.angle(factor))),
        scaled=float(abs(factor)),
    )


def framed(picture: Image, mask: Image) -> Image:
    """One picture in the frame that it gives when it is the earlier of two.

    Args:
        picture: H x W x 3 uint8, blue-green-red.
        mask: H x W uint8, nonzero on the tongue.

    Returns:
        FRAME_PX x FRAME_PX x 3 uint8.

    Raises:
        NoContour: When the mask is empty.
    """
    return _warp(picture, _frame(mask), cv2.INTER_LINEAR)


def contour(mask: Image) -> Line:
    """The outline of the largest piece of a mask at evenly spaced points.

    Args:
        mask: H x W uint8, nonzero on the tongue.

    Returns:
        POINTS complex numbers x + iy, in pixels, from the highest point on.

    Raises:
        NoContour: When there is no piece with an outline.
    """
    found, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    line = max(found, key=len)[:, 0].astype(np.float64) if found else np.empty((0, 2))
    if len(line) < 16:
        raise NoContour("the mask has no outline")
    line = np.roll(line, -int(line[:, 1].argmin()), axis=0)
    closed = np.concatenate([line, line[:1]])
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(closed, axis=0).T))])
    even = np.linspace(0, along[-1], POINTS, endpoint=False)
    spaced: Line = np.interp(even, along, closed[:, 0]) + 1j * np.interp(even, along, closed[:, 1])
    return spaced


def _match(later: Line, earlier: Line) -> tuple[complex, complex]:
    """Factor and shift that bring one outline onto another: factor * later + shift."""
    factor, shift = _by_length(later, earlier)
    for _ in range(ROUNDS):
        moved = factor * later + shift
        apart = np.abs(moved[:, None] - earlier[None, :])
        # From both sides: from one alone an outline may shrink into a corner of the other.
        near, back = apart.argmin(axis=1), apart.argmin(axis=0)
        source = np.concatenate([later, later[back]])
        target = np.concatenate([earlier[near], earlier])
        gap = np.concatenate([apart.min(axis=1), apart.min(axis=0)])
        kept = gap <= np.quantile(gap, KEPT_SHARE)
        before, (factor, shift) = (factor, shift), _similarity(source[kept], target[kept])
        if abs(factor - before[0]) < 1e-5 and abs(shift - before[1]) < 1e-2:
            break
    return factor, shift


def _by_length(later: Line, earlier: Line) -> tuple[complex, complex]:
    """The best of all starts along the outline that turn it no further than a hand does."""
    one, other = later - later.mean(), earlier - earlier.mean()
    rolled = one[(np.arange(POINTS)[:, None] + np.arange(POINTS)) % POINTS]
    factors = rolled.conj() @ other / (np.abs(one) ** 2).sum()
    upright = np.abs(np.angle(factors)) <= np.radians(MOST_TURN_DEG)
    if not upright.any():
        raise NoContour("the outlines do not face the same way")
    factor = complex(factors[np.where(upright, np.abs(factors), -1.0).argmax()])
    return factor, complex(earlier.mean() - factor * later.mean())


def _similarity(source: Line, target: Line) -> tuple[complex, complex]:
    """Least squares of |factor * source + shift - target|."""
    middle, aim = source.mean(), target.mean()
    one, other = source - middle, target - aim
    factor = complex((one.conj() @ other) / max(float((np.abs(one) ** 2).sum()), 1e-9))
    return factor, complex(aim - factor * middle)


def _matrix(factor: complex, shift: complex) -> Matrix:
    return np.array(
        [[factor.real, -factor.imag, shift.real], [factor.imag, factor.real, shift.imag]], np.float64
    )


def _square(matrix: Matrix) -> Matrix:
    return np.concatenate([matrix, [[0.0, 0.0, 1.0]]])


def _frame(mask: Image) -> Matrix:
    """Puts a tongue's bounding box with a margin into the middle of the frame."""
    x, y, width, height = cv2.boundingRect(mask)
    if not width:
        raise NoContour("the mask is empty")
    factor = FRAME_PX * (1 - 2 * MARGIN_SHARE) / max(width, height)
    middle = (x + width / 2 - 0.5) + 1j * (y + height / 2 - 0.5)
    return _matrix(complex(factor), (FRAME_PX - 1) / 2 * (1 + 1j) - factor * middle)


def _warp(picture: Image, matrix: Matrix, way: int) -> Image:
    scale = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    if scale < SMOOTHED_BELOW:
        picture = cv2.GaussianBlur(picture, (0, 0), 0.4 / scale).astype(np.uint8, copy=False)
    border = cv2.BORDER_CONSTANT if picture.ndim == 2 else cv2.BORDER_REPLICATE
    moved = cv2.warpAffine(picture, matrix, (FRAME_PX, FRAME_PX), flags=way, borderMode=border)
    return moved.astype(np.uint8, copy=False)


def _binary(mask: Image) -> Image:
    binary: Image = ((mask > 127) * 255).astype(np.uint8)
    return binary


def _overlap(one: Image, other: Image) -> float:
    both, either = (one > 127) & (other > 127), (one > 127) | (other > 127)
    return float(np.count_nonzero(both)) / max(1, int(np.count_nonzero(either)))
