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


# Pairs 1, 4, 7, 9, 13, 17 and 25 of the supplementary data of Sharma, Wu, Dalal 2005.
@pytest.mark.parametrize(
    ("one", "other", "difference"),
    [
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, -1.3802, -84.2814), (50.0, 0.0, -82.7485), 1.0000),
        ((50.0, 0.0, 0.0), (50.0, -1.0, 2.0), 2.3669),
        ((50.0, 2.4900, -0.0010), (50.0, -2.4900, 0.0009), 7.1792),
        ((50.0, -0.0010, 2.4900), (50.0, 0.0009, -2.4900), 4.8045),
        ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ],
)
def test_ciede2000_is_that_of_the_published_test_data(
    one: tuple[float, ...], other: tuple[float, ...], difference: float
) -> None:
    assert colour.delta_e(np.array(one), np.array(other)) == pytest.approx(difference, abs=1e-4)
    assert colour.delta_e(np.array(other), np.array(one)) == pytest.approx(difference, abs=1e-4)


@settings(max_examples=50, deadline=None)
@given(bgr=st.tuples(*[st.integers(0, 255)] * 3))
def test_lab_and_linear_light_are_each_others_inverse_and_agree_with_opencv(
    bgr: tuple[int, int, int],
) -> None:
    pixel = np.array([[bgr]], np.uint8)
    linear = colour.linear_of(pixel)
    assert np.allclose(colour.linear_of_lab(colour.lab_of(linear)), linear, atol=1e-9)
    assert np.allclose(colour.lab_of(linear), colour.to_lab(pixel), atol=0.4)


def light_of(gains: tuple[float, float, float], matrix: np.ndarray | None = None) -> colour.Light:
    return colour.Light("estimate", np.array(gains), matrix, None, None, 0.0)


def test_white_light_leaves_a_picture_as_it_is_by_gains_or_by_matrix() -> None:
    photo = np.random.default_rng(1).integers(0, 256, (300, 7, 3), np.uint8)
    assert np.array_equal(colour.relit(photo, light_of((1, 1, 1))), photo)
    assert np.array_equal(colour.relit(photo, light_of((1, 1, 1), np.eye(3))), photo)


def test_gains_and_the_matrix_of_the_same_gains_relight_alike() -> None:
    photo = np.random.default_rng(2).integers(0, 256, (300, 7, 3), np.uint8)
    by_gains = colour.relit(photo, light_of((0.8, 1.0, 1.3)))
    by_matrix = colour.relit(photo, light_of((1, 1, 1), np.diag([0.8, 1.0, 1.3])))
    assert np.abs(by_gains.astype(int) - by_matrix).max() <= 1


def test_zone_lab_is_the_corrected_colour_of_each_zone_that_is_there() -> None:
    photo = plain((80, 100, 120))
    parts = np.zeros((8, 9), np.uint8)
    parts[:4], parts[4:6] = 1, 3
    photo[4:6] = (100, 100, 100)
    found = colour.zone_lab(photo, parts, light_of((1, 1, 1)))
    assert list(found) == ["tip", "centre"]
    lab = colour.lab_of(colour.linear_of(np.array([80, 100, 120], np.uint8)))
    assert np.allclose(found["tip"], lab, atol=0.05)
    assert np.allclose(found["centre"][1:], (0, 0), atol=0.05)
    grey = colour.linear_of(np.array([100, 100, 100], np.uint8)) / colour.linear_of(
        np.array([80, 100, 120], np.uint8)
    )
    neutral = colour.zone_lab(photo, parts, light_of(tuple(grey)))["tip"]
    assert np.allclose(neutral[1:], (0, 0), atol=0.05)
