"""Dark lines, dots and grain of the surface."""

import cv2
import numpy as np

from vision.tongue import relief

EVERYWHERE = np.ones((120, 160), bool)


def flat() -> np.ndarray:
    return np.full((120, 160), 4.5, np.float32)


def test_a_dark_line_is_found_along_its_length_and_a_bright_one_is_not() -> None:
    dark, bright = flat(), flat()
    dark[60:63, 40:120] -= 0.4
    bright[60:63, 40:120] += 0.4
    pieces, lengths = relief.crack_pieces(relief.dark_lines(dark).strongest, EVERYWHERE, 0.035)
    assert len(lengths) == 1
    assert 75 <= lengths[0] <= 95
    assert pieces[61, 45:115].all()
    middle = relief.dark_lines(bright).strongest[61, 60:100]
    assert middle.max() < 0.001


def test_a_plain_surface_has_neither_lines_nor_dots() -> None:
    pieces, lengths = relief.crack_pieces(relief.dark_lines(flat()).strongest, EVERYWHERE, 0.02)
    assert (pieces.any(), len(lengths)) == (False, 0)
    assert len(relief.dots(flat(), EVERYWHERE, 2.0, 0.02)) == 0


def test_dots_are_found_where_they_are() -> None:
    field = flat()
    wanted = [(30, 40), (60, 100), (90, 60)]
    for row, column in wanted:
        cv2.circle(field, (column, row), 2, 4.9, cv2.FILLED)
    assert sorted(map(tuple, relief.dots(field, EVERYWHERE, 2.0, 0.04).tolist())) == wanted
    counts = relief.dot_counts(field, EVERYWHERE.astype(np.uint8), 1)
    assert np.allclose(counts[0, :-1], 3 * 1000 / EVERYWHERE.size)


def test_moments_are_the_roots_of_the_powers_and_nothing_for_an_empty_part() -> None:
    field = np.array([[1.0, -3.0]], np.float32)
    table = relief.moments(field, np.array([[1, 1]], np.uint8), 2)
    assert np.allclose(table[0], [np.sqrt(5), np.cbrt(-13), 41**0.25])
    assert not table[1].any()


def test_a_uniform_surface_is_one_pattern() -> None:
    assert np.array_equal(relief.local_pattern(flat(), 1), np.zeros((120, 160), np.uint8))
