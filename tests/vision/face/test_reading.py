"""A face read from end to end, on drawn faces and on what is none."""

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vision
from vision import face
from vision.capture import upright
from vision.face import drawn, regions
from vision.tongue.drawn import draw as draw_tongue
from vision.train import negatives

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data" / "tongue"


def lit(picture: np.ndarray, *gains: float) -> np.ndarray:
    return np.clip(np.rint(picture * np.array(gains)), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("label", ["normal", "red", "sallow"])
@pytest.mark.parametrize("seed", range(3))
def test_a_drawn_complexion_is_asserted_under_white_light(label: str, seed: int) -> None:
    reading = face.read(drawn.draw(seed, label))
    sign = reading.signs["complexion"]
    assert (reading.refused, reading.doubts, reading.light) == (None, (), "sclera")
    assert (sign.label, sign.abstained) == (label, False)


@pytest.mark.parametrize(("label", "term"), [("pale", "面色淡白"), ("dark", "面色黑")])
def test_what_exposure_can_feign_is_flagged_and_never_asserted(label: str, term: str) -> None:
    sign = face.read(drawn.draw(1, label)).signs["complexion"]
    assert (sign.label, sign.term, sign.abstained) == (label, term, True)


@pytest.mark.parametrize("gains", [(0.85, 1.0, 1.12), (1.15, 1.0, 0.88), (0.94, 1.06, 0.94)])
@pytest.mark.parametrize("label", ["normal", "red", "sallow"])
def test_a_mildly_coloured_lamp_changes_no_label(label: str, gains: tuple[float, ...]) -> None:
    sign = face.read(lit(drawn.draw(2, label), *gains)).signs["complexion"]
    assert (sign.label, sign.abstained) == (label, False)


def test_without_a_white_nothing_is_asserted() -> None:
    picture, points = drawn.draw_with_points(3)
    for x, y in np.rint(points[:2]).astype(int).tolist():
        eye = picture[y - 20 : y + 20, x - 40 : x + 40]
        white = eye[..., 0] > 110
        eye[white] = (eye[white] * np.array([0.45, 0.5, 0.75])).astype(np.uint8)
    reading = face.read(picture)
    assert (reading.refused, reading.light) == (None, "none")
    assert [sign.abstained for sign in reading.signs.values()] == [True, True]


def test_lustre_is_never_asserted() -> None:
    signs = [face.read(drawn.draw(seed)).signs["lustre"] for seed in range(3)]
    assert [sign.abstained for sign in signs] == [True, True, True]
    assert {sign.term for sign in signs} <= {"面色有华", "面色少华"}


def test_two_faces_are_read_as_a_doubt() -> None:
    pair = np.hstack([drawn.draw(1), drawn.draw(2)])
    reading = face.read(pair)
    assert (reading.refused, reading.quality.faces, reading.doubts) == (None, 2, ("several_faces",))
    assert reading.signs["complexion"].abstained


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda p: lit(p, 0.25, 0.25, 0.25), "dark"),
        (lambda p: lit(p, 1.7, 1.7, 1.7), "bright"),
        (lambda p: lit(p, 0.3, 0.8, 1.0), "colour_cast"),
        (lambda p: cv2.cvtColor(cv2.cvtColor(p, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR), "colour_cast"),
        (lambda p: cv2.GaussianBlur(p, (0, 0), 5), "blurred"),
        (lambda p: cv2.resize(p, (140, 140), interpolation=cv2.INTER_AREA), "too_small"),
        (lambda p: p[165:], "cut_off"),
    ],
)
def test_each_fault_is_refused_by_its_own_code(change: Callable[[np.ndarray], np.ndarray], code: str) -> None:
    reading = face.read(np.ascontiguousarray(change(drawn.draw(4))))
    assert (reading.refused, reading.signs) == (code, {})


@pytest.mark.parametrize("kind", sorted(set(negatives.MAKERS) - {"face"}))
def test_drawings_without_a_face_hold_none(kind: str) -> None:
    answers = {face.read(negatives.make(kind, 5_000 + seed)).refused for seed in range(8)}
    assert answers == {"no_face"}


def test_drawn_tongues_hold_no_face() -> None:
    assert {face.read(draw_tongue(seed)).refused for seed in range(8)} == {"no_face"}


@pytest.mark.skipif(not SHARED.exists(), reason="needs the shared photographs")
@pytest.mark.shared
def test_tongues_close_up_hold_no_face() -> None:
    paths = sorted((SHARED / "images").glob("*.png"))[::9]
    assert {face.read(path.read_bytes()).refused for path in paths} == {"no_face"}


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_photograph_lying_on_its_side_is_read_all_the_same(turns: int) -> None:
    picture = drawn.draw(5, "red")
    lying = np.ascontiguousarray(np.rot90(picture, -turns))
    reading, straight = face.read(lying), face.read(picture)
    assert reading.quarter_turns == turns
    assert reading.signs == straight.signs
    assert np.array_equal(np.rot90(reading.parts, turns), straight.parts)


def test_a_stored_orientation_is_followed() -> None:
    picture = drawn.draw(6)
    data = cv2.imencode(".png", upright(picture, 8))[1].tobytes()
    note = b"II*\0" + struct.pack("<IHHHIHH", 8, 1, 0x0112, 3, 1, 6, 0) + b"\0\0\0\0"
    chunk = struct.pack(">I", len(note)) + b"eXIf" + note + struct.pack(">I", zlib.crc32(b"eXIf" + note))
    reading = face.read(data[:33] + chunk + data[33:])
    assert reading.quarter_turns == 0
    assert np.array_equal(reading.parts, face.read(picture).parts)


def test_a_face_in_a_large_photograph_is_found_in_its_place() -> None:
    large = np.full((1800, 2400, 3), 150, np.uint8)
    large[500:1460, 900:1860] = cv2.resize(drawn.draw(7), (960, 960), interpolation=cv2.INTER_CUBIC)
    reading = face.read(large)
    rows, columns = np.nonzero(reading.parts)
    assert (reading.refused, reading.parts.shape) == (None, (1800, 2400))
    assert (rows.min() > 500, rows.max() < 1460, columns.min() > 900, columns.max() < 1860) == (True,) * 4


def test_bytes_that_are_no_picture_are_refused_not_raised() -> None:
    reading = face.read(b"not a picture")
    assert (reading.refused, reading.quality, reading.parts, reading.signs) == ("unreadable", None, None, {})


@pytest.mark.parametrize("shape", [(40, 40), (40, 40, 4), (0, 40, 3)])
def test_an_array_of_another_shape_is_an_error_of_the_caller(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="uint8"):
        face.read(np.zeros(shape, np.uint8))


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), height=st.integers(1, 160), width=st.integers(1, 160))
def test_noise_holds_no_face(seed: int, height: int, width: int) -> None:
    noise = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    reading = face.read(noise)
    assert (reading.refused, reading.parts.shape) == ("no_face", (height, width))


def test_the_overlay_draws_the_regions_and_nothing_else() -> None:
    picture = drawn.draw(8)
    before = picture.copy()
    reading = face.read(picture)
    shown = vision.decode(face.overlay(picture, reading))
    near = cv2.dilate(reading.parts, np.ones((25, 25), np.uint8)) > 0
    changed = np.abs(shown.astype(int) - picture.astype(int)).max(axis=2)
    assert np.array_equal(picture, before)
    assert changed[~near].max() < 40
    assert changed[near].max() > 80


def test_the_reading_of_another_photograph_is_refused() -> None:
    reading = face.read(drawn.draw(1))
    with pytest.raises(ValueError, match="not of this photograph"):
        face.overlay(np.zeros((30, 30, 3), np.uint8), reading)


def test_every_refusal_has_a_sentence_in_both_languages() -> None:
    codes = ("unreadable", "no_face", "too_small", "cut_off", "dark", "bright", "colour_cast", "blurred")
    assert tuple(face.REFUSALS) == codes
    assert all(one.zh.endswith("。") and one.en.endswith(".") for one in face.REFUSALS.values())


def test_every_region_is_found_on_a_drawn_face() -> None:
    parts = face.read(drawn.draw(9)).parts
    assert set(np.unique(parts)) == set(range(len(regions.REGIONS) + 1))
