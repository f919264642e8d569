"""Tip, edges, centre and root."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from vision.tongue import zones
from vision.tongue.drawn import draw_with_mask


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_the_zones_cover_the_tongue_and_nothing_else(seed: int) -> None:
    mask = draw_with_mask(seed)[1]
    parts = zones.divide(mask)
    assert np.array_equal(parts > 0, mask > 0)
    assert set(np.unique(parts)) == {0, zones.TIP, zones.EDGES, zones.CENTRE, zones.ROOT}


def test_the_root_is_above_the_tip_and_the_edges_are_around_the_centre() -> None:
    parts = zones.divide(draw_with_mask(1)[1])
    rows = {name: np.argwhere(parts == number)[:, 0] for number, name in enumerate(zones.ZONES, start=1)}
    assert rows["root"].max() < rows["centre"].min()
    assert rows["centre"].max() < rows["tip"].min()
    columns = np.flatnonzero(parts[200])
    assert parts[200, columns[0]] == zones.EDGES
    assert parts[200, columns[-1]] == zones.EDGES
    assert parts[200, columns[len(columns) // 2]] == zones.CENTRE


def test_an_empty_mask_has_no_zones() -> None:
    assert not zones.divide(np.zeros((6, 5), np.uint8)).any()


def test_a_tongue_of_one_pixel_has_a_zone() -> None:
    mask = np.zeros((6, 5), np.uint8)
    mask[3, 2] = 255
    assert np.count_nonzero(zones.divide(mask)) == 1
