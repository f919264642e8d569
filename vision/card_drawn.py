"""The colour card as pixels, and its way into a picture: the stand-in for a photograph of the print."""

import cv2
import numpy as np
import numpy.typing as npt

from vision import card, colour

Image = npt.NDArray[np.uint8]
Numbers = npt.NDArray[np.float64]


def draw(cell_px: int, linear: Numbers | None = None) -> npt.NDArray[np.float32]:
    """The card from straight above, without its instructions.

    Args:
        cell_px: Side of a cell; a multiple of 8 draws the markers exactly.
        linear: n x 3, blue-green-red, linear light of the patches; as sent to the printer where None.

    Returns:
        6 x 8 cells of linear light, blue-green-red, paper 0.85.
    """
    if linear is None:
        linear = colour.linear_of_lab(card.printed().lab)
    flat = np.full((card.ROWS * cell_px, card.COLUMNS * cell_px, 3), 0.85, np.float32)
    margin = round(cell_px * (1 - card.PATCH_SHARE) / 2)
    for patch, value in zip(card.patches(), linear, strict=True):
        top, left = patch.row * cell_px, patch.column * cell_px
        flat[top + margin : top + cell_px - margin, left + margin : left + cell_px - margin] = value
    side = round(
        card.MARKER_CELLS * cell_px * card.MARKER_MODULES / (card.MARKER_MODULES + 2 * card.QUIET_MODULES)
    )
    for number, (x, y) in enumerate(card.MARKER_CORNERS):
        black = (
            cv2.resize(card.marker(number).astype(np.uint8), (side, side), interpolation=cv2.INTER_NEAREST)
            > 0
        )
        top, left = (round(at * cell_px + (card.MARKER_CELLS * cell_px - side) / 2) for at in (y, x))
        flat[top : top + side, left : left + side][black] = 0.03
    return flat


def lay(
    scene: npt.NDArray[np.float32], flat: npt.NDArray[np.float32], corners: Numbers
) -> npt.NDArray[np.float32]:
    """Lay a card into a scene, with perspective.

    Args:
        scene: H x W x 3 float32 linear light.
        flat: The card, as `draw` answers or as it looks under a lamp.
        corners: 4 x 2, where its corners come to lie, clockwise from its upper left.

    Returns:
        A new scene.
    """
    height, width = flat.shape[:2]
    outline = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32) - np.float32(0.5)
    way = cv2.getPerspectiveTransform(outline, (corners - 0.5).astype(np.float32))
    size = (scene.shape[1], scene.shape[0])
    # Drawn at twice the size and halved, since warping alone picks single pixels.
    double = np.diag([2.0, 2.0, 1.0]) + np.array([[0, 0, 0.5], [0, 0, 0.5], [0, 0, 0]])
    laid = cv2.warpPerspective(flat, double @ way, (2 * size[0], 2 * size[1]), flags=cv2.INTER_AREA)
    cover = cv2.warpPerspective(np.ones_like(flat), double @ way, (2 * size[0], 2 * size[1]))
    laid = cv2.resize(laid, size, interpolation=cv2.INTER_AREA)
    cover = cv2.resize(cover, size, interpolation=cv2.INTER_AREA)
    return np.asarray(scene * (1 - cover) + laid, np.float32)


def turned(centre: tuple[float, float], width_px: float, degrees: float, tilt: float = 0.0) -> Numbers:
    """Corners of a card in a picture.

    Args:
        centre: x and y of its middle.
        width_px: Of its long side.
        degrees: Turned clockwise.
        tilt: 0 faces the camera; 0.2 makes its lower edge longer and its upper edge shorter by a fifth.

    Returns:
        4 x 2, clockwise from the card's upper left.
    """
    x, y = width_px / 2, width_px / 2 * card.ROWS / card.COLUMNS
    flat = np.array([(-x * (1 - tilt), -y), (x * (1 - tilt), -y), (x * (1 + tilt), y), (-x * (1 + tilt), y)])
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    corners: Numbers = flat @ turn + np.array(centre)
    return corners
