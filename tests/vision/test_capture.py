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


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png_of(kind: int, rows: bytes, *others: bytes, interlaced: bool = False, side: int = 8) -> bytes:
    head = struct.pack(">IIBBBBB", side, side, 8, kind, 0, 0, interlaced)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + b"".join(others)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def test_a_palette_with_transparent_entries_comes_back_in_its_colours() -> None:
    palette, clear = chunk(b"PLTE", bytes([200, 10, 20, 30, 140, 50])), chunk(b"tRNS", b"\x00\x80")
    data = png_of(3, (b"\0" + bytes([0, 1] * 4)) * 8, palette, clear)
    expected = np.tile(np.array([(20, 10, 200), (50, 140, 30)], np.uint8), (8, 4, 1))
    assert np.array_equal(capture.decode(data), expected)


def test_the_decoder_of_a_png_meets_nothing_but_pixels(capfd: pytest.CaptureFixture[str]) -> None:
    plain = cv2.imencode(".png", picture())[1].tobytes()
    notes = chunk(b"iCCP", b"a\0\0" + zlib.compress(b"no profile")) + chunk(b"tEXt", b"place\0here") * 9
    assert np.array_equal(capture.decode(plain[:33] + notes + plain[33:]), picture())
    assert capfd.readouterr().err == ""


def test_an_interlaced_png_is_put_together() -> None:
    whole = picture(8, 8)
    passes = (
        (0, 0, 8, 8),
        (0, 4, 8, 8),
        (4, 0, 8, 4),
        (0, 2, 4, 4),
        (2, 0, 4, 2),
        (0, 1, 2, 2),
        (1, 0, 2, 1),
    )
    rows = b"".join(
        b"\0" + row[:, ::-1].tobytes()
        for top, left, down, right in passes
        for row in whole[top::down, left::right]
    )
    assert np.array_equal(capture.decode(png_of(2, rows, interlaced=True)), whole)


def test_an_interlaced_bomb_is_refused_by_what_it_declares() -> None:
    with pytest.raises(Unreadable, match="million pixels"):
        capture.decode(png_of(2, bytes(10_000), interlaced=True, side=60_000))


def test_a_picture_as_long_as_a_street_is_refused() -> None:
    with pytest.raises(Unreadable, match="longer than"):
        capture.decode(png_claiming(40_000, 2))


def test_a_progressive_jpeg_comes_back_as_a_baseline_one_does() -> None:
    baseline = cv2.imencode(".jpg", picture())[1].tobytes()
    progressive = cv2.imencode(".jpg", picture(), [cv2.IMWRITE_JPEG_PROGRESSIVE, 1])[1].tobytes()
    assert np.array_equal(capture.decode(progressive), capture.decode(baseline))


def test_a_large_picture_is_reduced_by_whole_squares() -> None:
    checks = np.kron(np.indices((90, 120)).sum(axis=0) % 2, np.ones((2, 2))).astype(np.uint8) * 200
    large = np.repeat(checks[:, :, None], 3, axis=2)
    assert np.array_equal(capture.reduced(large, 120), large[::2, ::2])
    assert capture.reduced(large, 240) is large
    assert capture.reduced(large, 100).shape == (60, 80, 3)
    assert capture.reduced(large[:, :2], 60).shape == (180, 2, 3)


VALID = {
    "baseline": cv2.imencode(".jpg", picture())[1].tobytes(),
    "progressive": cv2.imencode(".jpg", picture(), [cv2.IMWRITE_JPEG_PROGRESSIVE, 1])[1].tobytes(),
    "turned": with_exif(cv2.imencode(".jpg", picture())[1].tobytes(), 6),
    "png": cv2.imencode(".png", picture())[1].tobytes(),
    "deep png": cv2.imencode(".png", picture().astype(np.uint16) * 257)[1].tobytes(),
    "webp": cv2.imencode(".webp", picture(), [cv2.IMWRITE_WEBP_QUALITY, 80])[1].tobytes(),
    "lossless webp": cv2.imencode(".webp", picture(), [cv2.IMWRITE_WEBP_QUALITY, 101])[1].tobytes(),
}


@settings(max_examples=400, deadline=2000)
@given(
    kind=st.sampled_from(sorted(VALID)),
    changes=st.lists(st.tuples(st.integers(0, 1 << 14), st.integers(0, 255)), min_size=1, max_size=5),
    moved=st.tuples(st.integers(0, 1 << 14), st.integers(0, 60), st.integers(0, 1 << 14)),
)
def test_a_damaged_file_decodes_or_is_refused_and_never_hangs(
    kind: str, changes: list[tuple[int, int]], moved: tuple[int, int, int]
) -> None:
    data = bytearray(VALID[kind])
    start, length, target = moved
    part = data[start % len(data) :][:length]
    data[target % len(data) : target % len(data)] = part
    for at, value in changes:
        data[at % len(data)] = value
    try:
        decoded = capture.decode(bytes(data))
    except Unreadable:
        return
    assert (decoded.dtype, decoded.ndim, decoded.shape[2]) == (np.uint8, 3, 3)
