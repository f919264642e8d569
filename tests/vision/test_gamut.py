"""Display P3 made sRGB, and the profiles by which it is told."""

import struct
import zlib

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vision import capture, colour, gamut
from vision.formats import read_header

P3 = ((0.5151, 0.2412, -0.0011), (0.2920, 0.6922, 0.0419), (0.1571, 0.0666, 0.7841))
SRGB = ((0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141))


def profile(colorants: tuple[tuple[float, ...], ...]) -> bytes:
    tags, body = [], b""
    for name, values in zip((b"rXYZ", b"gXYZ", b"bXYZ"), colorants, strict=True):
        tags.append(struct.pack(">4sII", name, 132 + 36 + len(body), 20))
        body += b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(value * 65536) for value in values))
    head = bytes(12) + b"mntrRGB XYZ " + bytes(12) + b"acsp" + bytes(88)
    return head + struct.pack(">I", 3) + b"".join(tags) + body


def with_profile(kind: str, picture: np.ndarray, icc: bytes) -> bytes:
    data = cv2.imencode(f".{kind}", picture, [cv2.IMWRITE_WEBP_QUALITY, 101] if kind == "webp" else [])[
        1
    ].tobytes()
    if kind == "jpg":
        body = b"ICC_PROFILE\0\x01\x01" + icc
        return data[:2] + b"\xff\xe2" + struct.pack(">H", len(body) + 2) + body + data[2:]
    if kind == "png":
        name, body = b"iCCP", b"Display P3\0\0" + zlib.compress(icc)
        chunk = struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        return data[:33] + chunk + data[33:]
    height, width = picture.shape[:2]
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    parts = b"VP8X" + struct.pack("<I", 10) + b"\x20\0\0\0" + size
    parts += b"ICCP" + struct.pack("<I", len(icc)) + icc + b"\0" * (len(icc) & 1)
    parts += data[12:]
    return b"RIFF" + struct.pack("<I", 4 + len(parts)) + b"WEBP" + parts


def patches() -> np.ndarray:
    rows, columns = np.mgrid[0:48, 0:64]
    return np.stack([60 + rows, 70 + columns, 200 - rows], axis=-1).astype(np.uint8)


@pytest.mark.parametrize("kind", ["jpg", "png", "webp"])
def test_a_profile_of_display_p3_is_found_and_one_of_srgb_is_not(kind: str) -> None:
    assert read_header(with_profile(kind, patches(), profile(P3))).display_p3
    assert not read_header(with_profile(kind, patches(), profile(SRGB))).display_p3


@pytest.mark.parametrize("kind", ["jpg", "png", "webp"])
def test_a_picture_in_display_p3_comes_back_in_srgb(kind: str) -> None:
    plain = capture.decode(with_profile(kind, patches(), profile(SRGB)))
    wide = capture.decode(with_profile(kind, patches(), profile(P3)))
    assert np.array_equal(wide, gamut.to_srgb(plain.copy()))
    assert float(colour.to_lab(wide)[..., 1].mean() - colour.to_lab(plain)[..., 1].mean()) > 3


def test_the_code_points_of_a_png_tell_display_p3_too() -> None:
    png = cv2.imencode(".png", patches())[1].tobytes()
    for points, wide in ((b"\x0c\x0d\0\x01", True), (b"\x01\x0d\0\x01", False), (b"\x0c\x10\0\x01", False)):
        chunk = struct.pack(">I", 4) + b"cICP" + points + struct.pack(">I", zlib.crc32(b"cICP" + points))
        assert read_header(png[:33] + chunk + png[33:]).display_p3 is wide


def test_grey_stays_grey() -> None:
    grey = np.repeat(np.arange(256, dtype=np.uint8)[:, None, None], 3, axis=2)
    assert int(np.abs(gamut.to_srgb(grey.copy()).astype(int) - grey).max()) <= 1


def test_a_red_of_srgb_written_in_display_p3_is_found_again() -> None:
    """The pair is of CSS Color 4, section 10: color(display-p3 0.91749 0.20029 0.13856) is #ff0000."""
    written = np.rint(np.array([[[0.13856, 0.20029, 0.91749]]]) * 255).astype(np.uint8)
    assert np.abs(gamut.to_srgb(written)[0, 0].astype(int) - (0, 0, 255)).max() <= 2


def test_a_picture_of_any_height_is_converted_to_its_last_row() -> None:
    tall = np.full((gamut.STRIP_ROWS * 2 + 1, 3, 3), (60, 70, 200), np.uint8)
    assert len(np.unique(gamut.to_srgb(tall).reshape(-1, 3), axis=0)) == 1


@settings(max_examples=300, deadline=None)
@given(data=st.binary(max_size=400), start=st.sampled_from([b"", profile(P3)[:132], profile(P3)[:168]]))
def test_any_bytes_are_a_profile_or_none(data: bytes, start: bytes) -> None:
    assert gamut.is_display_p3(start + data) in (True, False)


def test_a_profile_that_would_unpack_to_a_gigabyte_is_cut() -> None:
    packed = b"bomb\0\0" + zlib.compress(bytes(30_000_000))
    assert len(gamut.unpacked(packed)) == gamut.MAX_PROFILE_BYTES
    assert gamut.unpacked(b"no profile") == b""


def test_only_the_first_profile_of_a_png_is_unpacked() -> None:
    picture = np.full((8, 8, 3), 90, np.uint8)
    broken = with_profile("png", picture, bytes(200_000))
    end = 33 + 12 + int.from_bytes(broken[33:37], "big")
    body = broken[41 : end - 5] + b"\0"
    chunk = struct.pack(">I", len(body)) + b"iCCP" + body + struct.pack(">I", zlib.crc32(b"iCCP" + body))
    assert gamut.unpacked(body) == b""
    known = with_profile("png", picture, profile(P3))
    assert read_header(known).display_p3
    assert not read_header(known[:33] + chunk + known[33:]).display_p3
