"""The outline of the tongue."""

import cv2
import numpy as np

from vision.tongue import outline


def disc(notches: int = 0) -> np.ndarray:
    """A round tongue, with dents bitten out of its lower half."""
    mask = np.zeros((260, 260), np.uint8)
    cv2.circle(mask, (130, 130), 100, 255, cv2.FILLED)
    for angle in np.linspace(0.3, np.pi - 0.3, notches):
        at = (round(130 + 104 * np.cos(angle)), round(130 + 104 * np.sin(angle)))
        cv2.circle(mask, at, 9, 0, cv2.FILLED)
    return mask


def test_a_smooth_outline_has_no_notch_and_each_bite_is_one() -> None:
    smooth = outline.trace(disc())
    assert len(outline.notches(smooth, 0.7)) == 0
    for wanted in (1, 4):
        assert len(outline.notches(outline.trace(disc(wanted)), 0.7)) == wanted


def test_the_normals_point_inward() -> None:
    traced = outline.trace(disc())
    towards = np.array([130.0, 130.0]) - traced.points
    towards /= np.hypot(*towards.T)[:, None]
    assert (towards * traced.inward).sum(axis=1).min() > 0.95


def test_the_outline_starts_at_the_middle_of_the_root() -> None:
    start = outline.trace(disc()).points[0]
    assert np.allclose(start, (130, 30), atol=4)


def test_an_empty_mask_has_no_outline_and_no_strip() -> None:
    assert outline.trace(np.zeros((20, 20), np.uint8)) is None
    field = np.zeros((20, 20), np.float32)
    assert not outline.strip(None, (field, field)).any()


def test_a_scalloped_edge_is_rougher_than_a_smooth_one() -> None:
    def number(mask: np.ndarray, name: str) -> float:
        return float(outline.describe(mask, outline.trace(mask))[outline.NAMES.index(name)])

    assert number(disc(7), "closed_10") > 5 * number(disc(), "closed_10")
    assert number(disc(), "aspect") == 1.0
