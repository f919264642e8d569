"""A re-take comes from its seed, is a little different, and still a tongue."""

import numpy as np

from vision.followup.retake import retake
from vision.tongue.drawn import draw

PICTURE = draw(5, caption=False)


def again(seed: int) -> np.ndarray:
    return retake(PICTURE, (200.0, 200.0), np.random.default_rng(seed))


def test_the_same_seed_takes_the_same_picture() -> None:
    assert np.array_equal(again(1), again(1))
    assert not np.array_equal(again(1), again(2))


def test_a_re_take_has_the_size_and_type_of_a_photograph() -> None:
    taken = again(3)
    assert (taken.shape, taken.dtype) == (PICTURE.shape, np.dtype(np.uint8))
    assert 5 < np.abs(taken.astype(float) - PICTURE).mean() < 60
