"""What phones keep behind a picture: videos, previews and notes, measured so that they can be left out.

None of it is decoded or kept. What is no such trailer is refused, and so is a file that another program could
take for something else than a picture.

Sources: Android Motion Photo format 1.0; the trailers of Samsung, vivo and OnePlus as ExifTool describes
them (Image::ExifTool::Samsung and Trailer).
"""

import json
import struct
from typing import Final

from vision.header import Unreadable

# Some writers round a file up; more than this behind the end is a second file.
PADDING_BYTES: Final = 16
# Boxes at the top of an MP4 or QuickTime file.
VIDEO_BOXES: Final = frozenset(
    {b"ftyp", b"free", b"mdat", b"meta", b"moof", b"moov"}
    | {b"mfra", b"sidx", b"skip", b"styp", b"uuid", b"wide"}
)
SAMSUNG_END: Final = b"SEFT"
SAMSUNG_BLOCKS: Final = 256
SAMSUNG_NAME_BYTES: Final = 64
# Fewer bytes than this tell of a video kept elsewhere.
SAMSUNG_NOTE_BYTES: Final = 64
VIVO_END: Final = b"\xff\xff\xff\xff\x1b*9HWfu\x84\x93\xa2\xb1"
VIVO_STARTS: Final = (b"streamdata\xff\xd8\xff", b'vivo{"')
ONEPLUS_END: Final = b"jxrs"
ONEPLUS_NOTE_BYTES: Final = 65_536
# Words by which a browser or a server would take a file for a page, a script or a document; of six letters at
# least, since five turn up by chance in the pixels of one large photograph in 50,000.
FOREIGN_WORDS: Final = (
    *(b"<?php" + space for space in (b" ", b"\n", b"\r", b"\t")),
    *(b"<html>", b"<html ", b"<script", b"<!doctype ", b"%pdf-1.", b"%pdf-2."),
)
FOREIGN_STARTS: Final = (
    *(b"MZ", b"\x7fELF", b"\xca\xfe", b"#!"),
    *(b"PK", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf", b"GIF8"),
)
# An archive's directory ends at most this far before the end of the file.
ARCHIVE_TAIL_BYTES: Final = 65_536 + 22


def refuse_foreign(data: bytes) -> None:
    """Refuse a file that is also a page, a script, a document or an archive.

    Args:
        data: The whole file.

    Raises:
        Unreadable: when it holds what makes it one.
    """
    lowered = data.lower()
    if any(word in lowered for word in FOREIGN_WORDS):
        raise Unreadable("the file is a picture and something else")
    at = data.find(b"PK\x05\x06", max(0, len(data) - ARCHIVE_TAIL_BYTES))
    while 0 <= at <= len(data) - 22:
        disk, first_disk, here, entries = struct.unpack_from("<4H", data, at + 4)
        if disk == first_disk == 0 and here == entries:
            raise Unreadable("the file is a picture and an archive")
        at = data.find(b"PK\x05\x06", at + 1)


def refuse_tail(tail: bytes) -> None:
    """Refuse what lies behind a picture unless it is padding.

    Args:
        tail: Everything behind the picture and its known trailers.

    Raises:
        Unreadable: when it is more than padding.
    """
    if len(tail) > PADDING_BYTES or tail.strip(b"\x00\xff\n\r "):
        raise Unreadable("something is hidden behind the picture")


def start(data: bytes, end: int) -> int:
    """Where a phone's own trailer begins.

    Args:
        data: The whole file.
        end: Where its picture ends.

    Returns:
        An index from `end` to the file's length, which it is where there is no such trailer.

    Raises:
        Unreadable: for a trailer that is not made as those phones make it.
    """
    stop = len(data)
    if data.endswith(SAMSUNG_END):
        return _samsung(data, end, stop)
    if data.endswith(VIVO_END):
        return _vivo(data, end, stop)
    if data[stop - 8 : stop - 4] == ONEPLUS_END:
        return _oneplus(data, end, stop)
    return stop


def video_end(data: bytes, at: int, stop: int) -> int:
    """Where the video ends that starts at `at`, box by box.

    Args:
        data: The whole file.
        at: Start of a box "ftyp".
        stop: It reaches no further.

    Returns:
        Index of the first byte behind it.

    Raises:
        Unreadable: when a box reaches too far or nothing but a head is there.
    """
    seen = set()
    while at + 8 <= stop:
        size, name = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        if name not in VIDEO_BOXES:
            break
        if size == 1:
            size = int.from_bytes(data[at + 8 : at + 16], "big")
        elif size == 0:
            size = stop - at
        if size < 8 or at + size > stop:
            raise Unreadable("the video behind the picture is broken")
        seen.add(name)
        at += size
    if not {b"ftyp", b"moov"} <= seen:
        raise Unreadable("the video behind the picture is broken")
    return at


def _samsung(data: bytes, end: int, stop: int) -> int:
    """Blocks one behind the other, then their directory SEFH, its length and SEFT."""
    length = _u32(data, stop - 8)
    head = stop - 8 - length
    if head < end or data[head : head + 4] != b"SEFH":
        raise Unreadable("something is hidden behind the picture")
    count = _u32(data, head + 8)
    if not 0 < count <= SAMSUNG_BLOCKS or length < 12 + 12 * count:
        raise Unreadable("something is hidden behind the picture")
    entries = [struct.unpack_from("<HHII", data, head + 12 + 12 * entry) for entry in range(count)]
    spans: list[tuple[int, int, int]] = sorted((head - back, size, kind) for _, kind, back, size in entries)
    at = first = spans[0][0]
    for begins, size, kind in spans:
        if begins < end or begins != at or begins + size > head:
            raise Unreadable("something is hidden behind the picture")
        _refuse_block(data[begins : begins + size], kind)
        at = begins + size
    refuse_tail(data[at:head])
    return first


def _u32(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 4], "little")


def _refuse_block(block: bytes, kind: int) -> None:
    """Refuse a block of Samsung's that is not headed as they are, or holds a program or an archive."""
    zero, named, length = struct.unpack_from("<HHI", block)
    name, body = block[8 : 8 + length], block[8 + length :]
    if zero or named != kind or not 0 < length <= SAMSUNG_NAME_BYTES or not name.isascii():
        raise Unreadable("something is hidden behind the picture")
    if name == b"MotionPhoto_Data" and len(body) > SAMSUNG_NOTE_BYTES:
        if body[4:8] != b"ftyp" or video_end(body, 0, len(body)) != len(body):
            raise Unreadable("something is hidden behind the picture")
    elif body.startswith(FOREIGN_STARTS):
        raise Unreadable("something is hidden behind the picture")


def _vivo(data: bytes, end: int, stop: int) -> int:
    """A preview, a note in JSON, and an end of fixed bytes."""
    starts = [at for at in (data.find(begin, end, stop) for begin in VIVO_STARTS) if at >= 0]
    if not starts:
        raise Unreadable("something is hidden behind the picture")
    return min(starts)


def _oneplus(data: bytes, end: int, stop: int) -> int:
    """Blocks, a list of them in JSON that tells how far they reach back, "jxrs" and its length."""
    length = _u32(data, stop - 4)
    head = stop - length
    if not 8 < length <= ONEPLUS_NOTE_BYTES or head < end:
        raise Unreadable("something is hidden behind the picture")
    try:
        listed = json.loads(data[head : stop - 8].rstrip(b"\0"))
        back = max(int(one["offset"]) for one in listed)
    except (ValueError, TypeError, KeyError, RecursionError, OverflowError) as error:
        raise Unreadable("something is hidden behind the picture") from error
    if back < 0 or head - back < end:
        raise Unreadable("something is hidden behind the picture")
    return head - back
