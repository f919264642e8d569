"""The picture the doctor checks."""

import cv2
import numpy as np
import pytest

import vision
from vision.tongue import overlay, zones
from vision.tongue.drawn import draw_with_mask
from vision.tongue.evidence import Crack, Marks, Moisture, Notch, Patch, Spot


def test_outside_the_contour_the_photograph_stays_as_it_is() -> None:
    picture, mask = draw_with_mask(2)
    before = picture.copy()
    drawn = overlay.draw_over(picture, mask)
    away = np.ones(mask.shape, bool)
    rows, columns = np.nonzero(mask)
    away[rows.min() - 6 : rows.max() + 7, columns.min() - 6 : columns.max() + 7] = False
    assert np.array_equal(drawn[away], picture[away])
    assert np.array_equal(picture, before)


def test_the_colours_inside_a_zone_are_left_as_they_are() -> None:
    grey = np.full((400, 400, 3), 128, np.uint8)
    mask = draw_with_mask(2)[1]
    drawn = overlay.draw_over(grey, mask)
    parts = zones.divide(mask)
    for number in range(1, len(zones.ZONES) + 1):
        deep = cv2.distanceTransform((parts == number).astype(np.uint8), cv2.DIST_L2, 5) > 6
        assert deep.any()
        assert (drawn[deep] == 128).all()


def test_the_zones_colours_stand_beside_the_tongue_on_the_freer_side() -> None:
    picture, mask = draw_with_mask(2, caption=False)
    colours = {"root": (40, 20, 10), "centre": (60, 30, 5), "edges": (50, 45, 25), "tip": (55, 60, 30)}
    drawn = overlay.draw_over(picture, mask, zones_lab=colours)
    columns = np.flatnonzero(mask.any(axis=0))
    freer = slice(0, columns[0]) if columns[0] > 400 - columns[-1] else slice(columns[-1], 400)
    for lab in colours.values():
        found = (drawn == overlay.bgr_of(lab)).all(axis=2)
        assert found.sum() > 150
        assert found[:, freer].sum() == found.sum()


def test_a_grey_of_known_lightness_is_shown_as_that_grey() -> None:
    assert overlay.bgr_of((53.585, 0.0, 0.0)) == (128, 128, 128)


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


KINDS = {
    "cracks": overlay.CRACK_BGR,
    "tooth_marks": overlay.NOTCH_BGR,
    "red_spots": overlay.DOT_BGR,
    "peeled": overlay.PEELED_BGR,
    "stasis": overlay.STASIS_BGR,
}


def _marked(size_px: int) -> tuple[np.ndarray, np.ndarray, Marks]:
    picture, mask = draw_with_mask(2, caption=False)
    square = ((150.0, 150.0), (170.0, 150.0), (170.0, 170.0), (150.0, 170.0))
    share = size_px / 400
    ring = tuple((x * share, y * share) for x, y in square)
    marks = Marks(
        cracks=(Crack(((200 * share, 180 * share), (205 * share, 240 * share)), 0.2, 0.3),),
        notches=(Notch((200 * share, 330 * share), (0.0, -1.0), 0.03, 0.2),),
        spots=(Spot((240 * share, 260 * share), 0.02, 0.1),),
        peeled=(Patch(ring, (160 * share, 160 * share), 0.07, 0.2),),
        stasis=(Patch(tuple((x + 60 * share, y) for x, y in ring), (220 * share, 160 * share), 0.07, 0.4),),
        moisture=Moisture(0.0, 0, 0.0),
    )
    grown = [cv2.resize(one, (size_px, size_px), interpolation=cv2.INTER_NEAREST) for one in (picture, mask)]
    return grown[0], grown[1], marks


@pytest.mark.parametrize("size_px", [400, 1600])
@pytest.mark.parametrize("name", [*KINDS])
def test_a_mark_is_drawn_only_where_its_sign_was_read_and_grows_with_the_picture(
    name: str, size_px: int
) -> None:
    picture, mask, marks = _marked(size_px)
    plain = overlay.draw_over(picture, mask, {}, marks)
    shown = overlay.draw_over(picture, mask, {name: vision.Sign("1", "", 0.9, True)}, marks)
    unread = overlay.draw_over(picture, mask, {name: vision.Sign("0", "", 0.9, False)}, marks)
    assert np.array_equal(unread, plain)
    changed = shown != plain
    near = np.abs(shown.astype(int) - KINDS[name]).max(axis=2) < 60  # thin lines are drawn with soft edges
    coloured = near & changed.any(axis=2)
    assert 8 * (size_px / 400) ** 2 < coloured.sum() < 400 * (size_px / 400) ** 2


def test_without_marks_a_sign_draws_nothing() -> None:
    picture, mask, _ = _marked(400)
    read = {"cracks": vision.Sign("2", "", 0.9, False)}
    assert np.array_equal(overlay.draw_over(picture, mask, read), overlay.draw_over(picture, mask))
