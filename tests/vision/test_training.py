"""What the network is trained with. The training itself needs PyTorch and is not run here."""

import numpy as np
import pytest

from vision.tongue.drawn import draw_with_mask
from vision.train import augment, negatives


@pytest.mark.parametrize("kind", negatives.MAKERS)
def test_a_negative_of_each_kind_is_the_same_for_the_same_seed(kind: str) -> None:
    first = negatives.make(kind, 3)
    assert (first.shape, first.dtype) == ((320, 320, 3), np.uint8)
    assert np.array_equal(first, negatives.make(kind, 3))
    assert not np.array_equal(first, negatives.make(kind, 4))


def test_the_tongue_is_painted_over_and_the_rest_stays() -> None:
    picture, mask = draw_with_mask(1, body="crimson", coat="none", caption=False)
    clean = negatives.painted_over(picture, mask, np.random.default_rng(0))
    here = np.ix_(range(120, 200), range(130, 190))
    before = np.median(
        draw_with_mask(1, body="crimson", coat="none", caption=False)[0][160:240, 170:230], axis=(0, 1)
    )
    assert np.abs(np.median(clean[here], axis=(0, 1)) - before).max() > 15
    assert np.abs(clean[2:10, 2:10].astype(int) - picture[2:12, 2:12].mean()).mean() < 60


def test_a_square_from_outside_holds_no_tongue_or_is_none() -> None:
    picture = np.zeros((400, 400, 3), np.uint8)
    mask = np.zeros((400, 400), np.uint8)
    mask[200:, :] = picture[200:, :, 2] = 255
    free = negatives.outside(picture, mask, np.random.default_rng(1))
    assert free is not None
    assert not free.any()
    assert negatives.outside(picture, np.full((400, 400), 255, np.uint8), np.random.default_rng(1)) is None


def test_photograph_and_mask_are_moved_together() -> None:
    picture, mask = draw_with_mask(2, caption=False)
    marked = np.repeat(mask[..., None], 3, axis=2)
    ground = np.zeros((320, 320, 3), np.uint8)
    for seed in range(10):
        moved, truth = augment.place(marked, mask, ground, 192, np.random.default_rng(seed))
        inside = truth > 250
        assert moved[inside].min(initial=255) > 150
        assert (moved.shape, truth.shape) == ((192, 192, 3), (192, 192))
    assert picture.shape == marked.shape


def test_another_lamp_keeps_shape_and_type_and_changes_the_light() -> None:
    picture = draw_with_mask(2)[0]
    lit = augment.relight(picture, np.random.default_rng(3))
    assert (lit.shape, lit.dtype) == (picture.shape, np.uint8)
    assert not np.array_equal(lit, picture)


@pytest.mark.parametrize("name", augment.WORSE)
def test_a_photograph_made_worse_stays_a_photograph(name: str) -> None:
    picture = draw_with_mask(2)[0]
    worse = augment.WORSE[name](picture)
    assert worse.dtype == np.uint8
    assert worse.shape == ((280, 280, 3) if name == "small" else picture.shape)
    assert np.array_equal(worse, picture) == (name == "clean")


def test_half_a_stop_is_half_a_stop_in_linear_light() -> None:
    grey = np.full((4, 4, 3), 100, np.uint8)
    share = (augment.expose(grey, 0.5)[0, 0, 0] / 100) ** augment.SRGB_POWER
    assert share == pytest.approx(2**0.5, rel=0.02)


def test_another_phone_moves_photograph_and_mask_together() -> None:
    mask = draw_with_mask(2)[1]
    marked = np.repeat(mask[..., None], 3, axis=2)
    for seed in range(10):
        photo, moved = augment.another_phone(marked, mask, np.random.default_rng(seed))
        assert photo.shape[:2] == moved.shape
        inside = photo.mean(axis=2) > 100
        assert (inside != (moved > 0)).mean() < 0.01
