"""Marks drawn into drawn tongues are found where they were drawn, and nothing where none was."""

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vision.tongue import drawn_into, evidence, features, zones
from vision.tongue.brush import length_of
from vision.tongue.drawn import draw_with_mask
from vision.tongue.evidence import Marks, cracks, notches, shift
from vision.tongue.evidence.surface import surface

Image = np.ndarray

# Well above the sizes for which docs/decisions/0016 promises them.
LARGE = {
    "crack": (0.3, 0.6),
    "notch": (0.045, 0.22),
    "spot": (0.025, 0.55),
    "peeled": (0.16, 24.0),
    "stasis": (0.06, 0.6),
}
FIELD = {"crack": "cracks", "notch": "notches", "spot": "spots", "peeled": "peeled", "stasis": "stasis"}
OTHER_LIGHT: dict[str, Callable[[Image], Image]] = {
    "warm": lambda photo: _scaled(photo, (0.85, 1.0, 1.12)),
    "cool": lambda photo: _scaled(photo, (1.15, 1.0, 0.88)),
    "dark": lambda photo: _scaled(photo, (0.8, 0.8, 0.8)),
    "bright": lambda photo: _scaled(photo, (1.2, 1.2, 1.2)),
}


def _scaled(photo: Image, gains: tuple[float, float, float]) -> Image:
    return np.clip(np.rint(photo * np.array(gains)), 0, 255).astype(np.uint8)


def _small(photo: Image, mask: Image) -> tuple[Image, Image]:
    size = (280, 280)
    shrunk = cv2.resize(mask, size, interpolation=cv2.INTER_AREA)
    return cv2.resize(photo, size, interpolation=cv2.INTER_AREA), ((shrunk > 127) * 255).astype(np.uint8)


def _marks(photo: Image, mask: Image) -> Marks:
    return evidence.sure(evidence.find(features.view(photo, mask)))


def _tongue(seed: int) -> tuple[Image, Image]:
    return draw_with_mask(seed, thickness="thin", caption=False)


def _inner(mask: Image) -> np.ndarray:
    """Away from the rim, where a mark would be half hidden, and from the furrow, the tongue's own line."""
    deep = cv2.distanceTransform(mask, cv2.DIST_L2, 5) > 0.08 * length_of(mask)
    columns = np.arange(mask.shape[1])
    middle = columns[mask.any(axis=0)].mean()
    return deep & (np.abs(columns - middle) > 0.08 * length_of(mask))


def _drawn(kind: str, seed: int) -> drawn_into.Drawn:
    photo, mask = _tongue(seed)
    free = None if kind in ("notch", "peeled", "crack") else _inner(mask)
    return drawn_into.MARKS[kind](photo, mask, np.random.default_rng(seed), *LARGE[kind], free)


def _found(kind: str, marks: Marks, truth: drawn_into.Truth, length: float, share: float = 1.0) -> bool:
    """Whether half of what was drawn lies within 0.04 of the tongue's length of one mark of the kind."""
    aim = share * np.array(truth.points if kind == "crack" else [truth.at])
    for mark in getattr(marks, FIELD[kind]):
        places = np.array(mark.line if kind == "crack" else [mark.at])
        away = np.hypot(*(aim[:, None] - places[None]).transpose(2, 0, 1)).min(axis=1)
        if (away < 0.04 * length * share).mean() > 0.5:
            return True
    return False


@pytest.mark.parametrize("kind", [*LARGE])
@settings(max_examples=6, deadline=None, derandomize=True)
@given(seed=st.integers(0, 60), light=st.sampled_from(["none", "small", *OTHER_LIGHT]))
def test_a_large_mark_is_found_where_it_was_drawn_under_any_light_and_smaller(
    kind: str, seed: int, light: str
) -> None:
    drawn = _drawn(kind, seed)
    if drawn.truth is None:
        return
    photo, mask, share = drawn.picture, drawn.mask, 1.0
    if light == "small":
        photo, mask = _small(photo, mask)
        share = 0.7
    elif light != "none":
        photo = OTHER_LIGHT[light](photo)
    assert _found(kind, _marks(photo, mask), drawn.truth, length_of(drawn.mask), share)


@settings(max_examples=12, deadline=None, derandomize=True)
@given(seed=st.integers(0, 40), light=st.sampled_from(["none", "small", *OTHER_LIGHT]))
def test_on_an_untouched_tongue_nothing_is_found(seed: int, light: str) -> None:
    photo, mask = _tongue(seed)
    if light == "small":
        photo, mask = _small(photo, mask)
    elif light != "none":
        photo = OTHER_LIGHT[light](photo)
    marks = _marks(photo, mask)
    assert (marks.cracks, marks.notches, marks.spots, marks.peeled, marks.stasis) == ((), (), (), (), ())


def test_a_notch_in_a_round_tip_is_as_deep_as_in_a_straight_edge() -> None:
    depth: dict[str, float] = {}
    for name, (x, y), radius in (("straight", (60, 130), 12), ("tip", (130, 211), 12)):
        mask = np.zeros((260, 260), np.uint8)
        cv2.rectangle(mask, (60, 20), (200, 140), 255, cv2.FILLED)
        cv2.circle(mask, (130, 140), 71, 255, cv2.FILLED)
        cv2.circle(mask, (x, y), radius, 0, cv2.FILLED)
        view = features.view(np.full((260, 260, 3), 120, np.uint8), mask)
        found = notches.candidates(surface(view), view.mask)
        near = [one for one in found if np.hypot(one.at[0] - x, one.at[1] - y) < 16]
        depth[name] = near[0].size
    assert depth["tip"] == pytest.approx(depth["straight"], rel=0.35)
    assert min(depth.values()) > 0.03


def test_a_round_outline_has_no_notch() -> None:
    mask = np.zeros((260, 260), np.uint8)
    cv2.ellipse(mask, (130, 130), (80, 100), 0, 0, 360, 255, cv2.FILLED)
    view = features.view(np.full((260, 260, 3), 120, np.uint8), mask)
    assert evidence.find(view).notches == ()


def test_a_thick_line_is_thinned_to_one_connected_line() -> None:
    bar = np.zeros((30, 60), np.uint8)
    bar[12:17, 10:50] = 1
    line = cracks.thin(bar)
    assert line[:, 14:46].sum(axis=0).tolist() == [1] * 32
    assert cv2.connectedComponents(line, connectivity=8)[0] == 2


def test_a_forked_line_is_followed_the_longest_way_first() -> None:
    line = np.zeros((40, 40), np.uint8)
    line[5:35, 20] = 1
    line[20, 21:30] = 1
    ways = cracks.paths(line, 5)
    assert [len(way) for way in ways] == [30, 9]
    assert {ways[0][0], ways[0][-1]} == {(5, 20), (34, 20)}


def test_the_rare_signs_are_always_abstained_and_flagged_by_what_was_found() -> None:
    photo, mask = _tongue(1)
    drawn = _drawn("peeled", 1)
    for picture, label in ((photo, "0"), (drawn.picture, "1")):
        view = features.view(picture, mask)
        signs = evidence.rare_signs(evidence.find(view), view)
        assert [*signs] == ["peeled", "stasis", "moisture"]
        assert [sign.abstained for sign in signs.values()] == [True] * 3
        assert signs["peeled"].label == label
        assert all(0 <= sign.probability <= 1 for sign in signs.values())


def test_the_zone_that_was_recoloured_is_the_one_that_moved() -> None:
    photo, mask = _tongue(4)
    parts = zones.divide(mask)

    def measured(picture: Image) -> dict[str, Any]:
        lab = cv2.cvtColor(picture.astype(np.float32) / 255, cv2.COLOR_BGR2Lab)
        return {
            zone: tuple(np.median(lab[parts == n], axis=0)) for n, zone in enumerate(zones.ZONES, start=1)
        }

    before = measured(photo)
    for n, zone in enumerate(zones.ZONES):
        drawn = drawn_into.recolour(photo, mask, np.random.default_rng(n), zone, 9.0)
        lit = _scaled(drawn.picture, (0.95, 1.0, 1.05))
        which, far = shift.moved(before, measured(lit))
        assert which == zone
        assert far == pytest.approx(9.0, abs=2.5)
