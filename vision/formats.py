"""What a picture file says of itself, read before anything is decoded.

Only JPEG, PNG and WebP, told by their first bytes and never by a name. Each walk covers the file to
its end, so a truncated file and one with something hidden behind the picture are both found here.

Sources: ITU-T T.81 (JPEG), W3C PNG third edition, RFC 9649 (WebP), CIPA DC-008 (Exif),
CIPA DC-007 (multi-picture).
"""

import struct
import zlib
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["jpeg", "png", "webp"]

# Some writers round a file up; more than this behind the end is a second file.
PADDING_BYTES: Final = 16
ORIENTATION_TAG: Final = 0x0112
# JPEG markers without a length: TEM, RST0-7.
BARE_MARKERS: Final = frozenset({0x01, *range(0xD0, 0xD8)})
# Start-of-frame markers: C0-CF without DHT (C4), JPG (C8) and DAC (CC).
FRAME_MARKERS: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
# A progressive picture has about ten scans, and each is a walk over every pixel: one that is repeated some
# hundred thousand times, in 23 bytes each, would keep a decoder busy for hours.
MAX_SCANS: Final = 64
PNG_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"


class Unreadable(ValueError):
    """The bytes are no whole JPEG, PNG or WebP picture."""


@dataclass(frozen=True)
class Header:
    """What the file declares: kind, size in pixels as stored, and Exif orientation 1 to 8."""

    kind: Kind
    width_px: int
    height_px: int
    orientation: int


def read_header(data: bytes) -> Header:
    """Walk a picture file and read its declared size without decoding it.

    Args:
        data: The whole file.

    Returns:
        Header; a width or height of 0 never comes back.

    Raises:
        Unreadable: for another format, a broken or truncated file, an animation, or data behind the picture.
    """
    try:
        if data.startswith(b"\xff\xd8\xff"):
            header = _jpeg(data)
        elif data.startswith(PNG_SIGNATURE):
            header = _png(data)
        elif data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            header = _webp(data)
        else:
            raise Unreadable("not a JPEG, PNG or WebP file")
    except (struct.error, IndexError) as error:
        raise Unreadable("the file ends too early") from error
    if not header.width_px or not header.height_px:
        raise Unreadable("the picture declares no size")
    return header


def _refuse_tail(tail: bytes) -> None:
    if len(tail) > PADDING_BYTES or tail.strip(b"\x00\xff\n\r "):
        raise Unreadable("something is hidden behind the picture")


def _jpeg(data: bytes) -> Header:
    header, end, several = _jpeg_picture(data, 0)
    # Phones append a preview or a gain map as whole JPEGs and say so in a multi-picture segment;
    # those are dropped.
    while several and data[end : end + 3] == b"\xff\xd8\xff":
        _, end, _ = _jpeg_picture(data, end)
    _refuse_tail(data[end:])
    return header


def _jpeg_picture(data: bytes, start: int) -> tuple[Header, int, bool]:
    """Header of the JPEG that starts at `start`, where it ends, and whether it announces further pictures."""
    at, orientation, several = start + 2, 1, False
    size: tuple[int, int] | None = None
    scans = 0
    while True:
        if data[at] != 0xFF:
            raise Unreadable("the JPEG is broken")
        while data[at] == 0xFF:
            at += 1
        marker = data[at]
        at += 1
        if marker == 0xD9:
            break
        if marker in BARE_MARKERS:
            continue
        (length,) = struct.unpack_from(">H", data, at)
        body = data[at + 2 : at + length]
        if length < 2 or len(body) != length - 2:
            raise Unreadable("the file ends too early")
        at += length
        if marker in FRAME_MARKERS:
            height, width = struct.unpack_from(">HH", body, 1)
            if size is not None:
                raise Unreadable("the JPEG holds two frames")
            size = (width, height)
        elif marker == 0xE1 and body.startswith(b"Exif\0\0"):
            orientation = _orientation(body[6:])
        elif marker == 0xE2 and body.startswith(b"MPF\0"):
            several = True
        elif marker == 0xDA:
            scans, at = scans + 1, _scan_end(data, at)
            if scans > MAX_SCANS:
                raise Unreadable(f"the JPEG has more than {MAX_SCANS} scans")
    if size is None or not scans:
        raise Unreadable("the JPEG holds no picture")
    return Header("jpeg", *size, orientation), at, several


def _scan_end(data: bytes, at: int) -> int:
    """Index of the marker that ends the entropy-coded data starting at `at`."""
    while True:
        at = data.find(b"\xff", at)
        if at < 0 or at + 1 >= len(data):
            raise Unreadable("the file ends too early")
        # A stuffed zero, a restart or a fill byte belongs to the data.
        following = data[at + 1]
        if following and following != 0xFF and following not in BARE_MARKERS:
            return at
        at += 1 if following == 0xFF else 2


def _png(data: bytes) -> Header:
    at, orientation, pixels = len(PNG_SIGNATURE), 1, 0
    size: tuple[int, int] | None = None
    while True:
        length, name = struct.unpack_from(">I4s", data, at)
        body = data[at + 8 : at + 8 + length]
        (checksum,) = struct.unpack_from(">I", data, at + 8 + length)
        if zlib.crc32(name + body) != checksum:
            raise Unreadable("the PNG is broken")
        if (size is None) != (name == b"IHDR"):
            raise Unreadable("the PNG is broken")
        at += 12 + length
        if name == b"IHDR":
            width, height = struct.unpack_from(">II", body)
            size = (width, height)
        elif name == b"IDAT":
            pixels += length
        elif name == b"eXIf":
            orientation = _orientation(body)
        elif name == b"acTL":
            raise Unreadable("the picture is an animation")
        elif name == b"IEND":
            break
    if size is None or not pixels:
        raise Unreadable("the PNG holds no picture")
    _refuse_tail(data[at:])
    return Header("png", *size, orientation)


def _webp(data: bytes) -> Header:
    (declared,) = struct.unpack_from("<I", data, 4)
    end = 8 + declared
    if end > len(data):
        raise Unreadable("the file ends too early")
    _refuse_tail(data[end:])
    at, orientation = 12, 1
    size: tuple[int, int] | None = None
    coded = False
    while at < end:
        name, length = struct.unpack_from("<4sI", data, at)
        body = data[at + 8 : at + 8 + length]
        if len(body) != length or at + 8 + length > end:
            raise Unreadable("the file ends too early")
        if name == b"VP8X":
            if body[0] & 0x02:
                raise Unreadable("the picture is an animation")
            size = (1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:10], "little"))
        elif name == b"VP8 ":
            if body[3:6] != b"\x9d\x01\x2a":
                raise Unreadable("the WebP is broken")
            width, height = struct.unpack_from("<HH", body, 6)
            coded, size = True, _larger(size, (width & 0x3FFF, height & 0x3FFF))
        elif name == b"VP8L":
            if body[0] != 0x2F:
                raise Unreadable("the WebP is broken")
            (bits,) = struct.unpack_from("<I", body, 1)
            coded, size = True, _larger(size, (1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)))
        elif name == b"EXIF":
            orientation = _orientation(body.removeprefix(b"Exif\0\0"))
        at += 8 + length + (length & 1)
    if size is None or not coded:
        raise Unreadable("the WebP holds no picture")
    return Header("webp", *size, orientation)


def _larger(size: tuple[int, int] | None, coded: tuple[int, int]) -> tuple[int, int]:
    """The larger of the two sizes a WebP declares, so that neither can hide a bomb."""
    return coded if size is None else (max(size[0], coded[0]), max(size[1], coded[1]))


def _orientation(tiff: bytes) -> int:
    """Exif orientation 1 to 8; 1 where absent or unreadable, since a broken note is no broken picture."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return 1
    try:
        (start,) = struct.unpack_from(order + "I", tiff, 4)
        (entries,) = struct.unpack_from(order + "H", tiff, start)
        for entry in range(entries):
            tag, _, _, value = struct.unpack_from(order + "HHIH", tiff, start + 2 + 12 * entry)
            if tag == ORIENTATION_TAG:
                return int(value) if 1 <= value <= 8 else 1
    except struct.error:
        return 1
    return 1
