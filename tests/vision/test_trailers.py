"""What phones keep behind a picture is left out; what anybody else hides there is refused."""

import io
import json
import struct
import zipfile

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vision import capture
from vision.formats import Unreadable, read_header

PICTURE = np.random.default_rng(3).integers(0, 255, (24, 40, 3), np.uint8)
VIVO_END = b"\xff\xff\xff\xff\x1b*9HWfu\x84\x93\xa2\xb1"
MOTION = b'<rdf:Description GCamera:MotionPhoto="1" Container:Directory Item:Semantic="MotionPhoto"/>'
MICRO = b'<rdf:Description GCamera:MicroVideo="1" GCamera:MicroVideoOffset="68"/>'
GAIN = b'<Container:Item Item:Semantic="GainMap" Item:Mime="image/jpeg" Item:Length="99"/>'


def jpeg() -> bytes:
    return cv2.imencode(".jpg", PICTURE)[1].tobytes()


def segment(marker: int, body: bytes) -> bytes:
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(body) + 2) + body


def with_xmp(note: bytes, data: bytes | None = None) -> bytes:
    data = data or jpeg()
    return data[:2] + segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + note) + data[2:]


def box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", 8 + len(body)) + name + body


def video() -> bytes:
    return box(b"ftyp", b"mp42\0\0\0\0isom") + box(b"moov", b"\0" * 20) + box(b"mdat", b"film" * 9)


def samsung(*blocks: tuple[int, bytes, bytes]) -> bytes:
    made = [struct.pack("<HHI", 0, kind, len(name)) + name + body for kind, name, body in blocks]
    entries = b""
    for number, (kind, _, _) in enumerate(blocks):
        back = sum(len(block) for block in made[number:])
        entries += struct.pack("<HHII", 0, kind, back, len(made[number]))
    directory = b"SEFH" + struct.pack("<II", 107, len(made)) + entries
    return b"".join(made) + directory + struct.pack("<I", len(directory)) + b"SEFT"


TIME = (0x0A01, b"Image_UTC_Data", b"1763769600000")


def oneplus(body: bytes = b"watermark") -> bytes:
    listed = json.dumps([{"name": "watermark.device", "length": len(body), "offset": len(body)}]).encode()
    return body + listed + b"jxrs" + struct.pack("<I", len(listed) + 8)


def vivo() -> bytes:
    return b"streamdata" + jpeg() + b'streaminfo vivo{"version":1}\0' + VIVO_END


def archive() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        made.writestr("a.txt", "a")
    return file.getvalue()


PHONES = {
    "samsung": jpeg() + samsung(TIME),
    "samsung, several notes": jpeg() + samsung(TIME, (0x0C61, b"Camera_Capture_Mode_Info", b"1")),
    "samsung, a video": jpeg() + samsung(TIME, (0x0A30, b"MotionPhoto_Data", video())),
    "samsung, a depth map": jpeg() + samsung((0x0AB1, b"DualShot_DepthMap_1", b"\x10" * 900), TIME),
    "samsung, a video announced before its notes": with_xmp(MOTION) + video() + samsung(TIME),
    "google": with_xmp(MOTION) + video(),
    "google, the older note": with_xmp(MICRO) + video(),
    "a gain map": with_xmp(GAIN) + jpeg(),
    "a gain map and a video": with_xmp(GAIN + MOTION) + jpeg() + video(),
    "a gain map behind a gap": with_xmp(GAIN) + bytes(300) + jpeg(),
    "vivo": jpeg() + vivo(),
    "oneplus": jpeg() + oneplus(),
}

HIDDEN = {
    "zip": archive(),
    "zip in a comment of its own": archive() + b"\0" * 12,
    "script": b"<script>alert(1)</script>",
    "page": b"<!DOCTYPE html><html><body></body></html>",
    "php": b"<?php system($_GET['a']); ?>",
    "pdf": b"%PDF-1.7\n1 0 obj",
    "program": b"MZ\x90\0" + b"\0" * 60,
    "elf": b"\x7fELF" + b"\0" * 60,
    "png": cv2.imencode(".png", PICTURE)[1].tobytes(),
    "jpeg": jpeg(),
    "gif": b"GIF89a" + b"\0" * 40,
    "video": video(),
    "bytes": bytes(range(256)),
}


@pytest.mark.parametrize("phone", PHONES)
def test_what_a_phone_keeps_behind_its_picture_is_left_out(phone: str) -> None:
    data = PHONES[phone]
    header = read_header(data)
    assert (header.width_px, header.height_px) == (40, 24)
    assert np.array_equal(capture.decode(data), capture.decode(jpeg()))
    assert data[header.end - 2 : header.end] == b"\xff\xd9"
    assert header.end < len(data)


@pytest.mark.parametrize("what", HIDDEN)
def test_anything_else_behind_a_picture_is_refused(what: str) -> None:
    for data in (jpeg(), cv2.imencode(".png", PICTURE)[1].tobytes()):
        with pytest.raises(Unreadable):
            read_header(data + HIDDEN[what])


@pytest.mark.parametrize("what", HIDDEN)
@pytest.mark.parametrize("phone", PHONES)
def test_a_phones_trailer_is_no_licence_to_hide_more_behind_it_or_before_it(phone: str, what: str) -> None:
    data, end = PHONES[phone], read_header(PHONES[phone]).end
    announced = what == "jpeg" and "gain" in phone
    announced |= what == "video" and (b"MotionPhoto=" in data or b"MicroVideo" in data)
    if announced:
        return
    with pytest.raises(Unreadable):
        read_header(data + HIDDEN[what])
    with pytest.raises(Unreadable):
        read_header(data[:end] + HIDDEN[what] + data[end:])


@pytest.mark.parametrize("what", ["zip", "script", "page", "php", "pdf", "program", "elf", "gif"])
def test_a_block_of_samsungs_holds_no_program_page_or_archive(what: str) -> None:
    with pytest.raises(Unreadable):
        read_header(jpeg() + samsung((0x0A01, b"Image_UTC_Data", HIDDEN[what]), TIME))


@pytest.mark.parametrize("word", [b"<?php echo 1; ?>", b"<ScRipt src=x>", b"<html onload=x>"])
def test_a_comment_that_a_server_would_run_is_refused_before_anything_is_decoded(word: bytes) -> None:
    data = jpeg()
    with pytest.raises(Unreadable, match="something else"):
        read_header(data[:2] + segment(0xFE, word) + data[2:])


def test_a_samsung_directory_that_points_elsewhere_is_refused() -> None:
    data = jpeg() + samsung(TIME)
    count, kind, back, size, length = -24, -20, -16, -12, -8
    for field, value in (
        (count, 5),
        (count, 0),
        (kind, 7),
        (back, 2**31),
        (back, 0),
        (size, 9),
        (length, 2**31),
    ):
        changed = bytearray(data)
        struct.pack_into("<I", changed, len(data) + field, value)
        with pytest.raises(Unreadable):
            read_header(bytes(changed))


def test_a_video_that_reaches_too_far_is_refused() -> None:
    with pytest.raises(Unreadable, match="video"):
        read_header(with_xmp(MOTION) + video()[:-5])
    with pytest.raises(Unreadable, match="video"):
        read_header(with_xmp(MOTION) + box(b"ftyp", b"mp42") + box(b"mdat", b"no film"))


@pytest.mark.parametrize(
    "listed", [b"[]", b"{}", b"[1]", b'[{"offset": -9}]', b"[" * 3000, b'[{"offset": 1e400}]']
)
def test_a_oneplus_list_that_makes_no_sense_is_refused(listed: bytes) -> None:
    with pytest.raises(Unreadable):
        read_header(jpeg() + b"watermark" + listed + b"jxrs" + struct.pack("<I", len(listed) + 8))


@settings(max_examples=400, deadline=None)
@given(
    phone=st.sampled_from(sorted(PHONES)),
    changes=st.lists(st.tuples(st.integers(0, 1 << 16), st.integers(0, 255)), max_size=3),
    cut=st.integers(0, 400),
)
def test_a_damaged_trailer_gives_the_picture_or_the_refusal(
    phone: str, changes: list[tuple[int, int]], cut: int
) -> None:
    data = bytearray(PHONES[phone])
    del data[len(data) - cut :]
    for at, value in changes:
        data[-1 - at % len(data)] = value
    try:
        header = read_header(bytes(data))
    except Unreadable:
        return
    assert header.end <= len(data)
