"""A tongue is brought onto itself however the camera was held, and onto no other shape."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vision.followup.align import FRAME_PX, MARGIN_SHARE, NoContour, align, contour, framed
from vision.tongue.drawn import draw_with_mask

PICTURE, MASK = draw_with_mask(3, caption=False)


def turned(turn_deg: float, scale: float, across: float, down: float) -> tuple[np.ndarray, np.ndarray]:
    """The drawn tongue in a larger picture, turned, scaled and moved."""
    side = 700
    matrix = cv2.getRotationMatrix2D((200, 200), turn_deg, scale)
    matrix[:, 2] += (side / 2 - 200 + across, side / 2 - 200 + down)
    moved = [cv2.warpAffine(one, matrix, (side, side), flags=cv2.INTER_LINEAR) for one in (PICTURE, MASK)]
    return moved[0], ((moved[1] > 127) * 255).astype(np.uint8)


@settings(max_examples=25, deadline=None)
@given(
    turn_deg=st.floats(-30, 30),
    scale=st.floats(0.6, 1.5),
    across=st.floats(-60, 60),
    down=st.floats(-60, 60),
)
def test_turn_and_scale_are_found_again(turn_deg: float, scale: float, across: float, down: float) -> None:
    picture, mask = turned(turn_deg, scale, across, down)
    both = align(PICTURE, MASK, picture, mask)
    assert both.overlap > 0.985
    # OpenCV turns anticlockwise; the later picture is turned back. A smooth outline tells a turn no better.
    assert both.turned_deg == pytest.approx(turn_deg, abs=2.5)
    assert both.scaled == pytest.approx(1 / scale, rel=0.01)
    inside = (both.before_mask > 0) & (both.after_mask > 0)
    apart = np.abs(both.before.astype(float) - both.after)[inside]
    assert np.median(apart) < 4


def test_the_frame_is_the_earlier_tongue_with_a_margin() -> None:
    picture, mask = turned(10, 0.8, 20, -30)
    both = align(PICTURE, MASK, picture, mask)
    assert both.before.shape == both.after.shape == (FRAME_PX, FRAME_PX, 3)
    x, y, width, height = cv2.boundingRect(both.before_mask)
    assert max(width, height) == pytest.approx(FRAME_PX * (1 - 2 * MARGIN_SHARE), abs=3)
    assert (x + width / 2, y + height / 2) == pytest.approx((FRAME_PX / 2, FRAME_PX / 2), abs=2)
    assert np.array_equal(framed(PICTURE, MASK), both.before)


def test_a_tongue_drawn_to_one_side_is_not_compared() -> None:
    bent = np.zeros_like(MASK)
    cv2.fillPoly(bent, [np.array([[120, 60], [260, 60], [390, 330], [330, 370], [180, 250]], np.int32)], 255)
    both = align(PICTURE, MASK, PICTURE, bent)
    assert both.overlap < 0.9
    assert not both.comparable


def test_a_picture_taken_upside_down_is_not_turned_over() -> None:
    below = np.zeros((400, 400), np.uint8)
    cv2.fillPoly(below, [np.array([[200, 40], [300, 340], [100, 340]], np.int32)], 255)
    assert not align(PICTURE, below, PICTURE, below[::-1].copy()).comparable


@pytest.mark.parametrize("mask", [np.zeros((50, 50), np.uint8), np.pad([[255]], 20).astype(np.uint8)])
def test_a_mask_without_an_outline_is_refused(mask: np.ndarray) -> None:
    with pytest.raises(NoContour):
        align(PICTURE, MASK, np.zeros((*mask.shape, 3), np.uint8), mask)


def test_a_contour_is_evenly_spaced() -> None:
    line = contour(MASK)
    steps = np.abs(np.diff(np.append(line, line[0])))
    assert steps.std() / steps.mean() < 0.1
