"""The picture the doctor checks."""

import cv2
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


def test_evidence_is_drawn_only_for_signs_that_were_read() -> None:
    picture, mask = draw_with_mask(5, cracks=3, red_spots=8, caption=False)
    plain = overlay.draw_over(picture, mask)

    def with_sign(name: str, label: str) -> np.ndarray:
        return overlay.draw_over(picture, mask, {name: vision.Sign(label, "", 0.9, False)})

    assert np.array_equal(with_sign("cracks", "0"), plain)
    assert np.array_equal(with_sign("shape", "swollen"), plain)
    for name, colour in (("cracks", overlay.CRACK_BGR), ("red_spots", overlay.DOT_BGR)):
        changed = (with_sign(name, "2") != plain).any(axis=2)
        assert changed.any()
        near = np.abs(with_sign(name, "2")[changed].astype(int) - colour).max(axis=1)
        assert near.min() == 0
        assert not (changed & (cv2.dilate(mask, np.ones((25, 25), np.uint8)) == 0)).any()


def test_a_thick_line_is_thinned_to_its_middle() -> None:
    bar = np.zeros((30, 60), np.uint8)
    bar[12:17, 10:50] = 1
    line = overlay.thin(bar)
    assert line[14, 13:47].all()
    assert not line[:, 13:47][np.arange(30) != 14].any()
