"""vision.read from end to end."""

import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vision
from vision.capture import upright
from vision.tongue import network, segment, signs, zones
from vision.tongue.drawn import draw
from vision.train import negatives

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "tongue"
CODES = {"unreadable", "no_tongue", "blurred", "dark", "bright", "colour_cast", "too_small", "cut_off"}
shared = pytest.mark.skipif(not SHARED.exists(), reason="needs the shared photographs")


def jpeg(picture: np.ndarray) -> bytes:
    return cv2.imencode(".jpg", picture)[1].tobytes()


def some_photographs() -> list[tuple[np.ndarray, np.ndarray]]:
    paths = sorted((SHARED / "images").glob("*.png"))[::45]
    return [
        (cv2.imread(str(p)), cv2.imread(str(SHARED / "masks" / p.name), cv2.IMREAD_GRAYSCALE)) for p in paths
    ]


def test_there_is_one_sentence_in_two_languages_for_every_refusal() -> None:
    assert set(vision.REFUSALS) == CODES
    for code, refusal in vision.REFUSALS.items():
        assert refusal.code == code
        assert (refusal.zh.count("。"), refusal.zh[-1]) == (1, "。")
        assert (refusal.en.count("."), refusal.en[-1]) == (1, ".")


def test_a_reading_names_its_signs_and_its_model() -> None:
    reading = vision.read(jpeg(draw(3, body="red")))
    assert reading.refused is None
    assert list(reading.signs) == [*signs.shipped().readers, "peeled", "stasis", "moisture"]
    assert all(reading.signs[rare].abstained for rare in ("peeled", "stasis", "moisture"))
    assert list(reading.zones) == list(zones.ZONES)
    assert reading.model == vision.model_name()
    assert (reading.mask.shape, reading.mask.dtype, set(np.unique(reading.mask))) == (
        (400, 400),
        np.uint8,
        {0, 255},
    )


def test_the_name_of_the_model_carries_the_digests_of_its_files() -> None:
    digests = (segment.shipped().digest, signs.shipped().digest, network.shipped().digest)
    assert vision.model_name() == "tongue-3+" + ".".join(digest[:8] for digest in digests)


def test_the_same_photograph_is_read_the_same_way_twice() -> None:
    first, second = vision.read(draw(8)), vision.read(draw(8))
    assert first.signs == second.signs
    assert first.quality == second.quality
    assert np.array_equal(first.mask, second.mask)


def test_bytes_that_are_no_picture_are_refused_not_raised() -> None:
    reading = vision.read(b"not a picture")
    assert (reading.refused, reading.quality, reading.mask, reading.signs) == ("unreadable", None, None, {})


@pytest.mark.parametrize("shape", [(40, 40), (40, 40, 4), (0, 40, 3)])
def test_an_array_of_another_shape_is_an_error_of_the_caller(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="uint8"):
        vision.read(np.zeros(shape, np.uint8))
    with pytest.raises(ValueError, match="uint8"):
        vision.read(np.zeros((40, 40, 3), np.float32))


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 2), (8, 8), (1, 4000), (3, 9000), (32_000, 1)])
def test_the_smallest_pictures_are_refused_without_an_error(size: tuple[int, int]) -> None:
    reading = vision.read(np.full((*size, 3), 120, np.uint8))
    assert reading.refused == "no_tongue"
    assert reading.mask.shape == size


@pytest.mark.parametrize("colour_bgr", [(0, 0, 0), (255, 255, 255), (90, 90, 170), (120, 140, 200)])
def test_a_plain_picture_holds_no_tongue(colour_bgr: tuple[int, int, int]) -> None:
    reading = vision.read(np.full((300, 300, 3), colour_bgr, np.uint8))
    assert (reading.refused, reading.signs) == ("no_tongue", {})


@pytest.mark.parametrize("turn", range(1, 9))
def test_a_photograph_is_read_upright_whatever_its_orientation_says(turn: int) -> None:
    """Stored turned the other way, with the note that turns it back."""
    picture = draw(6)
    back = {1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 8, 7: 7, 8: 6}[turn]
    stored = upright(picture, back)
    data = cv2.imencode(".png", stored)[1].tobytes()
    note = b"II*\0" + struct.pack("<IHHHIHH", 8, 1, 0x0112, 3, 1, turn, 0) + b"\0\0\0\0"
    chunk = struct.pack(">I", len(note)) + b"eXIf" + note + struct.pack(">I", zlib.crc32(b"eXIf" + note))
    reading = vision.read(data[:33] + chunk + data[33:])
    assert np.array_equal(reading.mask, vision.read(picture).mask)


def test_a_tongue_small_in_a_wide_photograph_is_found() -> None:
    picture = np.full((900, 1400, 3), (120, 130, 140), np.uint8)
    picture[300:700, 500:900] = draw(4, caption=False)
    reading = vision.read(picture)
    rows, columns = np.nonzero(reading.mask)
    assert reading.refused is None
    assert (rows.min() > 300, rows.max() < 700, columns.min() > 500, columns.max() < 900) == (True,) * 4


@pytest.mark.parametrize(("factor", "code"), [(0.25, "dark"), (2.4, "bright")])
def test_the_light_is_named_as_the_reason(factor: float, code: str) -> None:
    picture = np.clip(draw(3, caption=False) * np.float32(factor), 0, 255).astype(np.uint8)
    assert vision.read(picture).refused == code


@settings(max_examples=60, deadline=None)
@given(data=st.binary(max_size=300), start=st.sampled_from([b"", b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n"]))
def test_random_bytes_never_raise(data: bytes, start: bytes) -> None:
    assert vision.read(start + data).refused == "unreadable"


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), height=st.integers(1, 200), width=st.integers(1, 200))
def test_noise_is_refused_with_a_documented_code(seed: int, height: int, width: int) -> None:
    noise = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    assert vision.read(noise).refused == "no_tongue"


@shared
@pytest.mark.shared
def test_photographs_of_the_device_are_accepted_and_segmented() -> None:
    """A guard against regressions, not a measure of accuracy: most of these were trained on."""
    overlaps, refused = [], []
    for photo, mask in some_photographs():
        reading = vision.read(photo)
        refused.append(reading.refused)
        found, true = reading.mask > 0, mask > 127
        overlaps.append((found & true).sum() / (found | true).sum())
    assert refused == [None] * 10
    assert np.mean(overlaps) > 0.96


@shared
@pytest.mark.shared
def test_a_device_photograph_with_its_tongue_painted_over_is_refused() -> None:
    rng = np.random.default_rng(5)
    refused = [
        vision.read(negatives.painted_over(photo, mask, rng)).refused for photo, mask in some_photographs()
    ]
    assert refused.count(None) == 0


@shared
@pytest.mark.shared
def test_a_mild_warm_lamp_does_not_refuse_a_device_photograph() -> None:
    refused = []
    for photo, _ in some_photographs():
        warm = np.clip(photo * np.array([0.9, 1.0, 1.05]), 0, 255).astype(np.uint8)
        refused.append(vision.read(warm).refused)
    assert refused == [None] * 10
