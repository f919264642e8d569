"""Marks of known place and size."""

import numpy as np
import pytest

from vision.tongue import drawn_into, zones
from vision.tongue.brush import length_of
from vision.tongue.drawn import draw_with_mask

LEVEL = {
    "crack": (0.2, 0.5),
    "notch": (0.04, 0.22),
    "spot": (0.03, 0.4),
    "peeled": (0.15, 15.0),
    "stasis": (0.06, 0.5),
}


@pytest.mark.parametrize("kind", [*LEVEL])
def test_the_same_seed_draws_the_same_mark_and_leaves_what_it_was_given(kind: str) -> None:
    photo, mask = draw_with_mask(3, caption=False)
    kept = photo.copy(), mask.copy()
    one, again = (
        drawn_into.MARKS[kind](photo, mask, np.random.default_rng(5), *LEVEL[kind]) for _ in range(2)
    )
    assert np.array_equal(one.picture, again.picture)
    assert one.truth == again.truth
    assert np.array_equal(photo, kept[0])
    assert np.array_equal(mask, kept[1])


@pytest.mark.parametrize("kind", [*LEVEL])
def test_only_the_neighbourhood_of_a_mark_changes(kind: str) -> None:
    photo, mask = draw_with_mask(6, caption=False)
    drawn = drawn_into.MARKS[kind](photo, mask, np.random.default_rng(2), *LEVEL[kind])
    assert drawn.truth is not None
    rows, columns = np.nonzero((drawn.picture != photo).any(axis=2))
    far = np.hypot(columns - drawn.truth.at[0], rows - drawn.truth.at[1]).max()
    assert 2 < far < 0.25 * length_of(mask) + 12
    assert (drawn.truth.kind, drawn.truth.size) == (kind, LEVEL[kind][0])


def test_a_notch_takes_its_depth_off_the_mask_and_the_others_nothing() -> None:
    photo, mask = draw_with_mask(3, caption=False)
    for kind, level in LEVEL.items():
        drawn = drawn_into.MARKS[kind](photo, mask, np.random.default_rng(5), *level)
        gone = (mask > 0) & (drawn.mask == 0)
        assert gone.any() == (kind == "notch")
        assert not ((mask == 0) & (drawn.mask > 0)).any()


def test_a_spot_is_redder_than_its_surroundings_and_a_crack_darker() -> None:
    photo, mask = draw_with_mask(8, caption=False)
    spot = drawn_into.spot(photo, mask, np.random.default_rng(1), 0.04, 0.4)
    crack = drawn_into.crack(photo, mask, np.random.default_rng(1), 0.2, 0.5)
    assert spot.truth is not None
    assert crack.truth is not None
    x, y = (round(part) for part in spot.truth.at)
    before, after = (picture[y, x].astype(float) for picture in (photo, spot.picture))
    assert after[1] / before[1] == pytest.approx(0.6, abs=0.06)
    assert after[2] / before[2] > 0.88
    lost = [
        crack.picture[round(b), round(a), 1] / photo[round(b), round(a), 1] for a, b in crack.truth.points
    ]
    assert np.median(lost) == pytest.approx(0.5, abs=0.15)


def test_a_mark_without_room_changes_nothing() -> None:
    photo, mask = draw_with_mask(3, caption=False)
    nowhere = np.zeros(mask.shape, bool)
    for kind, level in LEVEL.items():
        drawn = drawn_into.MARKS[kind](photo, mask, np.random.default_rng(1), *level, nowhere)
        assert drawn.truth is None
        assert np.array_equal(drawn.picture, photo)


def test_a_zone_takes_the_colour_it_is_given() -> None:
    photo, mask = draw_with_mask(3, caption=False)
    drawn = drawn_into.recolour(photo, mask, np.random.default_rng(1), "tip", 8.0)
    assert drawn.truth is not None
    assert np.hypot(*drawn.truth.points[0]) == pytest.approx(8.0)
    changed = (drawn.picture != photo).any(axis=2)
    assert not (changed & (zones.divide(mask) == zones.ROOT)).any()
    with pytest.raises(ValueError, match="not in tuple"):
        drawn_into.recolour(photo, mask, np.random.default_rng(1), "heart", 8.0)
