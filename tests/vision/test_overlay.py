"""The picture the doctor checks."""

import numpy as np
import pytest

import vision
from vision.tongue import overlay, zones
from vision.tongue.drawn import draw_with_mask


def test_outside_the_contour_the_photograph_stays_as_it_is() -> None:
    picture, mask = draw_with_mask(2)
    before = picture.copy()
    drawn = overlay.draw_over(picture, mask)
    away = np.ones(mask.shape, bool)
    rows, columns = np.nonzero(mask)
    away[rows.min() - 6 : rows.max() + 7, columns.min() - 6 : columns.max() + 7] = False
    assert np.array_equal(drawn[away], picture[away])
    assert np.array_equal(picture, before)


def test_each_zone_is_tinted_towards_its_own_colour() -> None:
    grey = np.full((400, 400, 3), 128, np.uint8)
    mask = draw_with_mask(2)[1]
    drawn = overlay.draw_over(grey, mask).astype(int)
    parts = zones.divide(mask)
    for number, name in enumerate(zones.ZONES, start=1):
        middle = np.median(drawn[parts == number], axis=0)
        wanted = 128 + overlay.TINT * (np.array(overlay.ZONE_BGR[name]) - 128)
        assert np.abs(middle - wanted).max() <= 1


def test_an_empty_mask_draws_nothing() -> None:
    picture = draw_with_mask(2)[0]
    assert np.array_equal(overlay.draw_over(picture, np.zeros((400, 400), np.uint8)), picture)


def test_the_overlay_of_a_reading_is_a_jpeg_of_the_same_size() -> None:
    picture = draw_with_mask(2)[0]
    data = vision.overlay(picture, vision.read(picture))
    assert data.startswith(b"\xff\xd8\xff")
    assert vision.decode(data).shape == (400, 400, 3)


def test_the_reading_of_another_photograph_is_refused() -> None:
    reading = vision.read(draw_with_mask(2)[0])
    with pytest.raises(ValueError, match="not of this photograph"):
        vision.overlay(np.zeros((30, 30, 3), np.uint8), reading)
    with pytest.raises(ValueError, match="not of this photograph"):
        vision.overlay(np.zeros((30, 30, 3), np.uint8), vision.read(b"nothing"))
