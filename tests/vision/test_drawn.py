"""The drawn tongue that stands in for a photograph."""

import numpy as np
import pytest

import vision
from vision.tongue.drawn import BODY_BGR, COAT_BGR, draw, draw_with_mask


def test_the_same_seed_draws_the_same_pixels_and_another_seed_others() -> None:
    assert np.array_equal(draw(4), draw(4))
    assert not np.array_equal(draw(4), draw(5))
    assert draw(4).shape == (400, 400, 3)


def test_the_picture_says_below_the_tongue_that_it_is_drawn() -> None:
    picture, mask = draw_with_mask(7)
    band = picture[378:398]
    assert not mask[376:].any()
    assert (int(np.median(band)), bool(band.min() < 60)) == (245, True)


def test_an_unknown_body_or_coat_is_refused() -> None:
    with pytest.raises(KeyError):
        draw(1, body="blue")
    with pytest.raises(KeyError):
        draw(1, coat="green")


def test_twenty_seeds_are_all_read_and_found_where_they_were_drawn() -> None:
    overlaps, refused = [], []
    for seed in range(20):
        picture, mask = draw_with_mask(
            seed, body=("light_red", "red")[seed % 2], coat=("white", "yellow")[seed % 3 == 0]
        )
        reading = vision.read(picture)
        refused.append(reading.refused)
        found = reading.mask > 0
        overlaps.append((found & (mask > 0)).sum() / (found | (mask > 0)).sum())
    assert refused == [None] * 20
    assert min(overlaps) > 0.95


@pytest.mark.parametrize("body", BODY_BGR)
@pytest.mark.parametrize("coat", ["none", *COAT_BGR])
def test_every_body_and_coat_can_be_drawn_and_is_found(body: str, coat: str) -> None:
    reading = vision.read(draw(11, body, coat, cracks=2, red_spots=12))
    assert reading.refused is None
