"""Lab and the lamp."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vision import colour


def plain(bgr: tuple[int, int, int]) -> np.ndarray:
    return np.full((8, 9, 3), bgr, np.uint8)


@pytest.mark.parametrize(
    ("bgr", "lab"),
    [
        ((255, 255, 255), (100.0, 0.0, 0.0)),
        ((0, 0, 0), (0.0, 0.0, 0.0)),
        ((0, 0, 255), (53.24, 80.09, 67.20)),
        ((255, 0, 0), (32.30, 79.19, -107.86)),
    ],
)
def test_lab_of_known_colours_is_that_of_the_tables(
    bgr: tuple[int, int, int], lab: tuple[float, ...]
) -> None:
    assert np.allclose(colour.to_lab(plain(bgr))[0, 0], lab, atol=0.1)


def test_a_grey_picture_has_a_neutral_lamp() -> None:
    assert np.allclose(colour.lamp(plain((90, 90, 90))), 1.0)


def test_the_lamp_is_the_cast_laid_over_a_grey_picture() -> None:
    assert np.allclose(colour.lamp(plain((80, 100, 120))), [0.8, 1.0, 1.2])


def test_clipped_and_masked_pixels_do_not_count_for_the_lamp() -> None:
    photo = plain((80, 100, 120))
    photo[:4] = 255
    assert np.allclose(colour.lamp(photo), [0.8, 1.0, 1.2])
    photo[4] = (10, 20, 200)
    where = np.zeros((8, 9), bool)
    where[5:] = True
    assert np.allclose(colour.lamp(photo, where), [0.8, 1.0, 1.2])
    assert np.array_equal(colour.lamp(plain((255, 255, 255))), np.ones(3))


def test_a_full_correction_takes_a_cast_away_and_none_leaves_it() -> None:
    photo = plain((80, 100, 120))
    lamp = colour.lamp(photo)
    assert np.array_equal(colour.correct(photo, np.ones(3), 1.0, lamp), plain((100, 100, 100)))
    assert np.array_equal(colour.correct(photo, np.ones(3), 0.0, lamp), photo)


def test_zone_statistics_give_the_middle_of_each_zone_and_nothing_for_an_empty_one() -> None:
    lab = np.zeros((4, 4, 3), np.float32)
    lab[:2] = (50, 20, 10)
    zones = np.zeros((4, 4), np.uint8)
    zones[:2] = 1
    table = colour.zone_statistics(lab, zones, 2)
    assert np.array_equal(table[0], [[50, 0], [20, 0], [10, 0]])
    assert not table[1].any()


@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), strength=st.floats(0, 1))
def test_a_correction_keeps_shape_and_type(seed: int, strength: float) -> None:
    photo = np.random.default_rng(seed).integers(0, 256, (5, 6, 3), np.uint8)
    corrected = colour.correct(photo, colour.USUAL_LAMP, strength, colour.lamp(photo))
    assert corrected.shape == photo.shape
    assert corrected.dtype == np.uint8
