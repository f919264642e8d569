"""Refusals, on drawn tongues made worse one way at a time."""

import dataclasses

import cv2
import numpy as np
import pytest

from vision import quality
from vision.tongue.drawn import draw_with_mask

GOOD = quality.Quality(
    presence=1.0,
    confidence=0.98,
    tongue_px=250.0,
    area_share=0.4,
    solidity=0.98,
    sharpness=1.1,
    lightness=49.0,
    redness=23.0,
    yellowness=7.0,
    burnt_share=0.0,
    cut_share=0.0,
)


def measured(picture: np.ndarray, mask: np.ndarray) -> quality.Quality:
    return quality.measure(picture, mask, presence=1.0, confidence=1.0)


def worse(change: str) -> tuple[np.ndarray, np.ndarray]:
    picture, mask = draw_with_mask(3, caption=False)
    light = picture.astype(np.float32)
    if change == "dark":
        return (light * 0.3).astype(np.uint8), mask
    if change == "bright":
        return np.clip(light * 2.2, 0, 255).astype(np.uint8), mask
    if change == "blue":
        return np.clip(light * [1.7, 1.0, 0.6], 0, 255).astype(np.uint8), mask
    if change == "out of focus":
        return cv2.GaussianBlur(picture, (0, 0), 5), mask
    if change == "moved":
        return cv2.blur(picture, (25, 1)), mask
    if change == "far":
        return cv2.resize(picture, (110, 110)), cv2.resize(mask, (110, 110), interpolation=cv2.INTER_NEAREST)
    if change == "half":
        return picture[:, 200:], mask[:, 200:]
    return picture, mask


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("none", None),
        ("dark", "dark"),
        ("bright", "bright"),
        ("blue", "colour_cast"),
        ("out of focus", "blurred"),
        ("moved", "blurred"),
        ("far", "too_small"),
        ("half", "cut_off"),
    ],
)
def test_each_fault_is_refused_by_its_own_code(change: str, code: str | None) -> None:
    assert quality.judge(measured(*worse(change))) == code


@pytest.mark.parametrize(
    ("measure", "value", "code"),
    [
        ("tongue_px", 60.0, "too_small"),
        ("lightness", 12.0, "dark"),
        ("lightness", 90.0, "bright"),
        ("burnt_share", 0.5, "bright"),
        ("redness", -10.0, "colour_cast"),
        ("redness", 60.0, "colour_cast"),
        ("yellowness", -40.0, "colour_cast"),
        ("yellowness", 45.0, "colour_cast"),
        ("cut_share", 0.3, "cut_off"),
        ("sharpness", 0.2, "blurred"),
    ],
)
def test_one_measure_past_its_limit_is_enough(measure: str, value: float, code: str) -> None:
    assert quality.judge(GOOD) is None
    assert quality.judge(dataclasses.replace(GOOD, **{measure: value})) == code


@pytest.mark.parametrize("measure", ["presence", "confidence", "solidity", "area_share"])
def test_a_tongue_is_there_only_when_every_sign_of_it_is(measure: str) -> None:
    assert quality.judge(dataclasses.replace(GOOD, **{measure: 0.001})) == "no_tongue"


@pytest.mark.parametrize("measure", ["presence", "confidence"])
def test_a_doubtful_tongue_is_not_read_but_a_fault_of_its_picture_is_named(measure: str) -> None:
    doubtful = dataclasses.replace(GOOD, **{measure: 0.82})
    assert quality.judge(doubtful) == "no_tongue"
    assert quality.judge(dataclasses.replace(doubtful, lightness=10.0)) == "dark"


def test_sharpness_is_that_of_the_tongue_and_not_of_what_is_around_it() -> None:
    picture, mask = draw_with_mask(3, caption=False)
    soft = cv2.GaussianBlur(picture, (0, 0), 5)
    inside = mask[..., None] > 0
    assert quality.judge(measured(np.where(inside, soft, picture), mask)) == "blurred"
    around = cv2.dilate(mask, np.ones((15, 15), np.uint8))[..., None] > 0
    assert quality.judge(measured(np.where(around, picture, soft), mask)) is None


def test_a_wall_of_light_behind_the_tongue_does_not_make_it_bright() -> None:
    picture, mask = draw_with_mask(3, caption=False)
    around = cv2.dilate(mask, np.ones((15, 15), np.uint8))[..., None] > 0
    assert quality.judge(measured(np.where(around, picture, np.uint8(255)), mask)) is None


def test_the_root_may_touch_the_upper_edge() -> None:
    picture, mask = draw_with_mask(3, caption=False)
    first = int(np.flatnonzero(mask.any(axis=1))[0]) + 30
    assert quality.judge(measured(picture[first:], mask[first:])) is None


def test_a_photograph_without_a_tongue_is_measured_as_a_whole() -> None:
    grey = np.full((90, 120, 3), 119, np.uint8)
    found = measured(grey, np.zeros((90, 120), np.uint8))
    assert (found.area_share, found.tongue_px, found.solidity, found.cut_share) == (0, 0, 0, 0)
    assert found.lightness == pytest.approx(50, abs=0.5)
    assert quality.judge(found) == "no_tongue"


def test_sharpness_does_not_depend_on_the_size_of_the_photograph() -> None:
    picture, mask = draw_with_mask(5, caption=False)
    large = cv2.resize(picture, (1200, 1200), interpolation=cv2.INTER_CUBIC)
    large_mask = cv2.resize(mask, (1200, 1200), interpolation=cv2.INTER_NEAREST)
    assert measured(large, large_mask).sharpness == pytest.approx(measured(picture, mask).sharpness, rel=0.15)
