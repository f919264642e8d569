"""What a picture file says of itself, read before anything is decoded.

JPEG, PNG, WebP and HEIF, told by their first bytes and never by a name. Each walk covers the file to
its end, so a truncated file and one with something hidden behind the picture are both found here.

Sources: ITU-T T.81 (JPEG), W3C PNG third edition, RFC 9649 (WebP), CIPA DC-008 (Exif),
CIPA DC-007 (multi-picture), Adobe XMP part 3, ICC.1:2022 annex B (profiles in JPEG).
"""

import re
import struct
import zlib
from dataclasses import dataclass, field
from typing import Final

from vision import gamut, heif, trailers
from vision.header import Header, Kind, Unreadable

__all__ = ["Header", "Kind", "Unreadable", "bare_png", "read_header"]

ORIENTATION_TAG: Final = 0x0112
# JPEG markers without a length: TEM, RST0-7.
BARE_MARKERS: Final = frozenset({0x01, *range(0xD0, 0xD8)})
# Start-of-frame markers: C0-CF without DHT (C4), JPG (C8) and DAC (CC).
FRAME_MARKERS: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
# A progressive picture has about ten scans, and each is a walk over every pixel: one that is repeated some
# hundred thousand times, in 23 bytes each, would keep a decoder busy for hours.
MAX_SCANS: Final = 64
MAX_SCANNED_PIXELS: Final = 640_000_000
# More parts than any camera writes: a file made of nothing but heads of parts would keep this walk busy.
MAX_PARTS: Final = 20_000
MAX_PICTURES: Final = 16
MAX_GAP_BYTES: Final = 65_536
# The marker that ends entropy-coded data: neither a stuffed zero nor a restart nor a fill byte.
SCAN_END: Final = re.compile(rb"\xff[^\x00\x01\xd0-\xd7\xff]")
JPEG_START: Final = b"\xff\xd8\xff"
PNG_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
# The chunks without which the pixels of a PNG cannot be told.
PNG_PIXELS: Final = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})
XMP: Final = b"http://ns.adobe.com/xap/1.0/\0"
ICC: Final = b"ICC_PROFILE\0"


def read_header(data: bytes) -> Header:
    """Walk a picture file and read its declared size without decoding it.

    Args:
        data: The whole file.

    Returns:
        Header; a width or height of 0 never comes back.

    Raises:
        Unreadable: for another format, a broken or truncated file, an animation, a file that is also an
            archive or a page, or data behind the picture that is no trailer of a phone.
    """
    trailers.refuse_foreign(data)
    try:
        if data.startswith(JPEG_START):
            header = _jpeg(data)
        elif data.startswith(PNG_SIGNATURE):
            header = _png(data)
        elif data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            header = _webp(data)
        elif heif.starts_heif(data):
            header = heif.read_header(data)
        else:
            raise Unreadable("not a JPEG, PNG, WebP or HEIC file")
    except (struct.error, IndexError) as error:
        raise Unreadable("the file ends too early") from error
    if not header.width_px or not header.height_px:
        raise Unreadable("the picture declares no size")
    return header


@dataclass
class _Told:
    """What the segments of a JPEG tell: of itself, and of what follows it in the file."""

    orientation: int = 1
    size: tuple[int, int] | None = None
    scans: int = 0
    pictures: bool = False
    video: bool = False
    profile: dict[int, bytes] = field(default_factory=dict)


def _jpeg(data: bytes) -> Header:
    told, end = _jpeg_picture(data, 0)
    width, height = told.size or (0, 0)
    if told.scans * width * height > MAX_SCANNED_PIXELS:
        raise Unreadable("the JPEG has more scans than a decoder should follow")
    _skip_announced(data, end, told)
    profile = b"".join(told.profile[number] for number in sorted(told.profile))
    return Header("jpeg", width, height, told.orientation, gamut.is_display_p3(profile), end)


def _skip_announced(data: bytes, at: int, told: _Told) -> None:
    """Walk what a phone puts behind its picture, and refuse anything else that is there.

    Previews, gain maps and depths are whole JPEGs that a multi-picture segment or XMP announces, videos are
    announced by XMP; makers' own trailers come last.
    """
    stop = trailers.start(data, at)
    for _ in range(MAX_PICTURES):
        gap = data[at : at + MAX_GAP_BYTES]
        begins = at + len(gap) - len(gap.lstrip(b"\0"))
        if told.pictures and data[begins : begins + 3] == JPEG_START:
            _, at = _jpeg_picture(data, begins)
        elif told.video and data[at + 4 : at + 8] == b"ftyp":
            at = trailers.video_end(data, at, stop)
        else:
            break
    trailers.refuse_tail(data[at:stop])


def _jpeg_picture(data: bytes, start: int) -> tuple[_Told, int]:
    """What the JPEG that starts at `start` tells, and where it ends."""
    at, told = start + 2, _Told()
    for _ in range(MAX_PARTS):
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
        if marker == 0xDA:
            told.scans, at = told.scans + 1, _scan_end(data, at)
            if told.scans > MAX_SCANS:
                raise Unreadable(f"the JPEG has more than {MAX_SCANS} scans")
        else:
            _take_in(told, marker, body)
    else:
        raise Unreadable("the JPEG has too many parts")
    if told.size is None or not told.scans:
        raise Unreadable("the JPEG holds no picture")
    return told, at


def _take_in(told: _Told, marker: int, body: bytes) -> None:
    """Note what one segment of a JPEG tells."""
    if marker in FRAME_MARKERS:
        height, width, channels = struct.unpack_from(">HHB", body, 1)
        if told.size is not None:
            raise Unreadable("the JPEG holds two frames")
        if channels == 4:
            # Inks: without the press's profile their colour on a screen is a guess.
            raise Unreadable("the JPEG is made for print (CMYK)")
        told.size = (width, height)
    elif marker == 0xE1 and body.startswith(b"Exif\0\0"):
        told.orientation = _orientation(body[6:])
    elif marker == 0xE1 and body.startswith(XMP):
        told.pictures |= b"GainMap" in body or body.count(b"image/jpeg") > 1
        told.video |= b"MotionPhoto" in body or b"MicroVideo" in body
    elif marker == 0xE2 and body.startswith(b"MPF\0"):
        told.pictures = True
    elif marker == 0xE2 and body.startswith(ICC):
        told.profile[body[12]] = body[14:]


def _scan_end(data: bytes, at: int) -> int:
    """Index of the marker that ends the entropy-coded data starting at `at`."""
    found = SCAN_END.search(data, at)
    if found is None:
        raise Unreadable("the file ends too early")
    return found.start()


def _png(data: bytes) -> Header:
    at, orientation, pixels, display_p3 = len(PNG_SIGNATURE), 1, 0, False
    size: tuple[int, int] | None = None
    profile: bytes | None = None
    for _ in range(MAX_PARTS):
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
        elif name == b"iCCP" and profile is None:
            # The only one there may be: a broken one unpacks to a megabyte all the same.
            profile = gamut.unpacked(body)
        elif name == b"cICP":
            display_p3 |= tuple(body[:2]) == (gamut.P3_PRIMARIES, gamut.SRGB_CURVE)
        elif name == b"acTL":
            raise Unreadable("the picture is an animation")
        elif name == b"IEND":
            break
    else:
        raise Unreadable("the PNG has too many parts")
    if size is None or not pixels:
        raise Unreadable("the PNG holds no picture")
    trailers.refuse_tail(data[at:])
    return Header("png", *size, orientation, display_p3 or gamut.is_display_p3(profile or b""), at)


def bare_png(data: bytes) -> bytes:
    """A PNG with nothing in it but what its pixels need, so that a decoder meets no more than that.

    Args:
        data: A whole PNG whose header was read.

    Returns:
        A whole PNG.
    """
    parts, at = [PNG_SIGNATURE], len(PNG_SIGNATURE)
    while True:
        length, name = struct.unpack_from(">I4s", data, at)
        if name in PNG_PIXELS:
            parts.append(data[at : at + 12 + length])
        if name == b"IEND":
            return b"".join(parts)
        at += 12 + length


def _webp(data: bytes) -> Header:
    (declared,) = struct.unpack_from("<I", data, 4)
    end = 8 + declared
    if end > len(data):
        raise Unreadable("the file ends too early")
    trailers.refuse_tail(data[end:])
    at, orientation, display_p3 = 12, 1, False
    size: tuple[int, int] | None = None
    coded, parts = False, 0
    while at < end:
        parts += 1
        if parts > MAX_PARTS:
            raise Unreadable("the WebP has too many parts")
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
        elif name == b"ICCP":
            display_p3 = gamut.is_display_p3(body)
        at += 8 + length + (length & 1)
    if size is None or not coded:
        raise Unreadable("the WebP holds no picture")
    return Header("webp", *size, orientation, display_p3, end)


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
