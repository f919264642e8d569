"""Decoding: safe, upright, without metadata."""

import struct
import zlib

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vision import capture
from vision.formats import Unreadable, read_header


def picture(height: int = 30, width: int = 44) -> np.ndarray:
    rows, columns = np.mgrid[0:height, 0:width]
    return np.stack([rows * 4, columns * 3, rows + columns], axis=-1).astype(np.uint8)


def with_exif(jpeg: bytes, orientation: int) -> bytes:
    entry = struct.pack("<HHIHH", 0x0112, 3, 1, orientation, 0)
    body = b"Exif\0\0II*\0" + struct.pack("<IH", 8, 1) + entry + b"\0\0\0\0GPS 30.1 N"
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + jpeg[2:]


def png_claiming(width: int, height: int) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


def test_a_png_comes_back_pixel_for_pixel_in_blue_green_red() -> None:
    data = cv2.imencode(".png", picture())[1].tobytes()
    assert np.array_equal(capture.decode(data), picture())


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_exif_orientation_is_turned_as_opencv_turns_it(orientation: int) -> None:
    data = with_exif(cv2.imencode(".jpg", picture())[1].tobytes(), orientation)
    expected = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert np.array_equal(capture.decode(data), expected)


def test_a_bomb_is_refused_by_what_it_declares() -> None:
    with pytest.raises(Unreadable, match="million pixels"):
        capture.decode(png_claiming(30_000, 30_000))


def test_a_file_over_the_size_limit_is_refused() -> None:
    data = cv2.imencode(".png", picture())[1].tobytes()
    with pytest.raises(Unreadable, match="larger than 20 MB"):
        capture.decode(data + b"\0" * capture.MAX_BYTES)


def test_a_png_with_fewer_pixels_than_it_declares_is_refused() -> None:
    with pytest.raises(Unreadable):
        capture.decode(png_claiming(200, 200))


def test_grey_and_transparent_pictures_come_back_in_three_channels() -> None:
    grey = cv2.imencode(".png", picture()[..., 0])[1].tobytes()
    clear = cv2.imencode(".png", np.dstack([picture(), np.full((30, 44), 9, np.uint8)]))[1].tobytes()
    assert capture.decode(grey).shape == (30, 44, 3)
    assert capture.decode(clear).shape == (30, 44, 3)


def test_a_deep_png_comes_back_in_eight_bits() -> None:
    data = cv2.imencode(".png", picture().astype(np.uint16) * 257)[1].tobytes()
    assert np.array_equal(capture.decode(data), picture())


@pytest.mark.parametrize("kind", ["jpeg", "png"])
def test_clean_bytes_hold_the_pixels_and_nothing_else(kind: str) -> None:
    data = with_exif(cv2.imencode(".jpg", picture())[1].tobytes(), 6)
    assert b"GPS" in data
    cleaned = capture.clean(capture.decode(data), kind)
    assert read_header(cleaned).kind == kind
    assert read_header(cleaned).orientation == 1
    assert (b"GPS" in cleaned, b"Exif" in cleaned, b"eXIf" in cleaned) == (False, False, False)
    assert capture.decode(cleaned).shape == (44, 30, 3)


@settings(max_examples=100, deadline=None)
@given(at=st.integers(0, 4000), value=st.integers(0, 255), kind=st.sampled_from([".png", ".webp"]))
def test_a_damaged_file_decodes_or_is_refused_as_documented(at: int, value: int, kind: str) -> None:
    data = bytearray(cv2.imencode(kind, picture())[1].tobytes())
    data[at % len(data)] = value
    try:
        decoded = capture.decode(bytes(data))
    except Unreadable:
        return
    assert decoded.dtype == np.uint8
    assert decoded.ndim == 3
