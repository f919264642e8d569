"""What is accepted as a picture file, and what is refused before anything is decoded."""

import struct
import zlib

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vision.formats import MAX_SCANS, Header, Unreadable, read_header

PICTURE = np.random.default_rng(3).integers(0, 255, (24, 40, 3), np.uint8)
KINDS = {"jpeg": ".jpg", "png": ".png", "webp": ".webp"}


def encoded(kind: str) -> bytes:
    return cv2.imencode(KINDS[kind], PICTURE)[1].tobytes()


def told(data: bytes) -> tuple[str, int, int, int]:
    header = read_header(data)
    return header.kind, header.width_px, header.height_px, header.orientation


def png_chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def tiff(orientation: int, order: str = "<") -> bytes:
    mark = b"II*\0" if order == "<" else b"MM\0*"
    entry = struct.pack(order + "HHIHH", 0x0112, 3, 1, orientation, 0)
    return mark + struct.pack(order + "IH", 8, 1) + entry + b"\0\0\0\0"


def with_exif(jpeg: bytes, orientation: int, order: str = "<") -> bytes:
    body = b"Exif\0\0" + tiff(orientation, order)
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + jpeg[2:]


@pytest.mark.parametrize("kind", KINDS)
def test_the_header_of_each_kind_tells_its_size(kind: str) -> None:
    assert read_header(encoded(kind)) == Header(kind, 40, 24, 1, end=len(encoded(kind)))


def test_lossless_webp_is_read_too() -> None:
    data = cv2.imencode(".webp", PICTURE, [cv2.IMWRITE_WEBP_QUALITY, 101])[1].tobytes()
    assert b"VP8L" in data
    assert told(data) == ("webp", 40, 24, 1)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("share", [0.2, 0.5, 0.95])
def test_a_truncated_file_is_refused(kind: str, share: float) -> None:
    data = encoded(kind)
    with pytest.raises(Unreadable):
        read_header(data[: int(len(data) * share)])


@pytest.mark.parametrize("kind", KINDS)
def test_a_few_zero_bytes_behind_the_picture_are_padding(kind: str) -> None:
    assert read_header(encoded(kind) + b"\0" * 8).width_px == 40


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("tail", [b"PK\x03\x04" + b"x" * 60, b"some words", b"\0" * 17])
def test_anything_more_behind_the_picture_is_refused(kind: str, tail: bytes) -> None:
    with pytest.raises(Unreadable, match="hidden behind"):
        read_header(encoded(kind) + tail)


def test_a_second_jpeg_is_accepted_only_where_a_multi_picture_segment_announces_it() -> None:
    jpeg = encoded("jpeg")
    announced = jpeg[:2] + b"\xff\xe2\x00\x06MPF\0" + jpeg[2:]
    assert told(announced + jpeg) == ("jpeg", 40, 24, 1)
    with pytest.raises(Unreadable, match="hidden behind"):
        read_header(jpeg + jpeg)
    with pytest.raises(Unreadable):
        read_header(announced + jpeg + b"PK\x03\x04")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a" + b"\0" * 40,
        b"BM" + b"\0" * 60,
        b"%PDF-1.7",
        b"<svg/>",
        b"\xff\xd8\xff",
        b"RIFF\0\0\0\0WEBP",
    ],
)
def test_other_formats_and_bare_signatures_are_refused(data: bytes) -> None:
    with pytest.raises(Unreadable):
        read_header(data)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("order", ["<", ">"])
def test_exif_orientation_is_read_in_both_byte_orders(orientation: int, order: str) -> None:
    assert read_header(with_exif(encoded("jpeg"), orientation, order)).orientation == orientation


def test_png_and_webp_orientation_is_read() -> None:
    png = encoded("png")
    assert read_header(png[:33] + png_chunk(b"eXIf", tiff(6)) + png[33:]).orientation == 6
    webp = encoded("webp")
    frame = webp[12:]
    extended = (
        b"VP8X"
        + struct.pack("<I", 10)
        + b"\x08\0\0\0"
        + (39).to_bytes(3, "little")
        + (23).to_bytes(3, "little")
    )
    body = b"WEBP" + extended + frame + b"EXIF" + struct.pack("<I", len(tiff(8))) + tiff(8)
    assert told(b"RIFF" + struct.pack("<I", len(body)) + body) == ("webp", 40, 24, 8)


def test_an_orientation_out_of_range_or_a_broken_note_means_upright() -> None:
    assert read_header(with_exif(encoded("jpeg"), 9)).orientation == 1
    broken = b"Exif\0\0II*\0\xff\xff\xff\x7f"
    jpeg = encoded("jpeg")
    data = jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(broken) + 2) + broken + jpeg[2:]
    assert read_header(data).orientation == 1


def test_animations_are_refused() -> None:
    png = encoded("png")
    with pytest.raises(Unreadable, match="animation"):
        read_header(png[:33] + png_chunk(b"acTL", struct.pack(">II", 2, 0)) + png[33:])
    extended = b"VP8X" + struct.pack("<I", 10) + b"\x02\0\0\0" + b"\x27\0\0\x17\0\0"
    body = b"WEBP" + extended + encoded("webp")[12:]
    with pytest.raises(Unreadable, match="animation"):
        read_header(b"RIFF" + struct.pack("<I", len(body)) + body)


def test_a_jpeg_that_repeats_its_last_scan_to_keep_the_decoder_busy_is_refused() -> None:
    grey = np.full((64, 64, 3), 128, np.uint8)
    progressive = cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_PROGRESSIVE, 1])[1].tobytes()
    last_scan = progressive[progressive.rindex(b"\xff\xda") : -2]
    spare = MAX_SCANS - progressive.count(b"\xff\xda")
    assert read_header(progressive[:-2] + spare * last_scan + progressive[-2:]).width_px == 64
    with pytest.raises(Unreadable, match="scans"):
        read_header(progressive[:-2] + (spare + 1) * last_scan + progressive[-2:])


def test_scans_are_counted_by_the_pixels_they_walk_over() -> None:
    large = np.full((5000, 5000, 3), 128, np.uint8)
    progressive = cv2.imencode(".jpg", large, [cv2.IMWRITE_JPEG_PROGRESSIVE, 1])[1].tobytes()
    last_scan = progressive[progressive.rindex(b"\xff\xda") : -2]
    assert read_header(progressive).width_px == 5000
    with pytest.raises(Unreadable, match="scans"):
        read_header(progressive[:-2] + 20 * last_scan + progressive[-2:])


def test_a_jpeg_of_four_inks_is_refused() -> None:
    data = bytearray(encoded("jpeg"))
    data[data.index(b"\xff\xc0") + 9] = 4
    with pytest.raises(Unreadable, match="print"):
        read_header(bytes(data))


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xd8" + b"\xff\xfe\0\x02" * 30_000,
        b"\xff\xd8" + b"\xff\xd0" * 60_000,
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", b"\0\0\0\x08" * 2 + b"\x08\x02\0\0\0")
        + 30_000 * png_chunk(b"abCd", b""),
        b"RIFF" + struct.pack("<I", 4 + 8 * 30_000) + b"WEBP" + b"abcd\0\0\0\0" * 30_000,
    ],
    ids=["jpeg", "restarts", "png", "webp"],
)
def test_a_file_of_nothing_but_heads_of_parts_is_refused(data: bytes) -> None:
    with pytest.raises(Unreadable, match="too many parts"):
        read_header(data)


def test_a_png_with_a_wrong_checksum_is_refused() -> None:
    png = bytearray(encoded("png"))
    png[20] ^= 1
    with pytest.raises(Unreadable, match="broken"):
        read_header(bytes(png))


@settings(max_examples=300, deadline=None)
@given(
    data=st.binary(max_size=400),
    start=st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFFabcdWEBP"]),
)
def test_any_bytes_give_a_header_or_the_documented_refusal(data: bytes, start: bytes) -> None:
    try:
        header = read_header(start + data)
    except Unreadable:
        return
    assert header.width_px > 0
    assert header.height_px > 0


@settings(max_examples=200, deadline=None)
@given(kind=st.sampled_from(sorted(KINDS)), at=st.integers(0, 5000), value=st.integers(0, 255))
def test_a_changed_byte_gives_a_header_or_the_documented_refusal(kind: str, at: int, value: int) -> None:
    data = bytearray(encoded(kind))
    data[at % len(data)] = value
    try:
        header = read_header(bytes(data))
    except Unreadable:
        return
    assert header.kind == kind
