"""HEIC files as phones write them, built box by box around one coded tile."""

import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vision
from vision import capture
from vision.formats import Header, Unreadable, read_header

DATA = Path(__file__).parent / "data"
SIDE = 64


def tile() -> np.ndarray:
    rows, columns = np.mgrid[0:SIDE, 0:SIDE]
    picture = np.stack([200 - rows - columns, 60 + 2 * columns, 40 + 2 * rows], axis=-1).astype(np.uint8)
    picture[:16, :24] = (40, 40, 220)
    return picture


def coded(name: str = "tile.heic") -> tuple[bytes, bytes]:
    """The decoder configuration and the stream of a picture."""
    data = (DATA / name).read_bytes()
    at = data.index(b"hvcC") - 4
    (size,) = struct.unpack_from(">I", data, at)
    return data[at : at + size], data[data.index(b"mdat") + 4 :]


def box(name: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I", 8 + len(body)) + name + body


def full(name: bytes, version: int, *parts: bytes) -> bytes:
    return box(name, bytes([version, 0, 0, 0]), *parts)


def ispe(width: int, height: int) -> bytes:
    return full(b"ispe", 0, struct.pack(">II", width, height))


def heic(
    *extra: bytes,
    grid: tuple[int, int] | None = None,
    size: tuple[int, int] = (SIDE, SIDE),
    tile_size: tuple[int, int] = (SIDE, SIDE),
    kind: bytes = b"hvc1",
    stream: bytes | None = None,
    configuration: bytes | None = None,
    again: tuple[int, int] = (0, 0),
    behind: bytes = b"",
) -> bytes:
    """A HEIC file; `extra` are further properties of its primary image, `again` more bytes of its grid."""
    usual, payload = coded()
    configuration = configuration or usual
    payload = payload if stream is None else stream
    count = 1 if grid is None else grid[0] * grid[1]
    primary = 1 if grid is None else count + 1
    layout = b"" if grid is None else struct.pack(">BBBBHH", 0, 0, grid[0] - 1, grid[1] - 1, *size)
    properties = [configuration, ispe(*tile_size), ispe(*size), *extra]
    own = [*((1, 2) if grid is None else (3,)), *range(4, 4 + len(extra))]
    belongs = {item: [1, 2] for item in range(1, count + 1)} | {primary: own}
    names = dict.fromkeys(range(1, count + 1), kind) | ({} if grid is None else {primary: b"grid"})
    infos = [full(b"infe", 2, struct.pack(">HH", item, 0), name, b"\0") for item, name in names.items()]
    table = [
        struct.pack(">HB", item, len(numbers)) + bytes(0x80 | one for one in numbers)
        for item, numbers in belongs.items()
    ]

    def assembled(start: int) -> bytes:
        places = [struct.pack(">HHHHII", item, 0, 0, 1, start, len(payload)) for item in range(1, count + 1)]
        if grid is not None:
            repeats, length = again
            places.append(struct.pack(">HHHHII", primary, 1, 0, 1 + repeats, 0, len(layout)))
            places.append(struct.pack(">II", 0, length) * repeats)
        tiles = struct.pack(f">HH{count}H", primary, count, *range(1, count + 1))
        meta = full(
            b"meta",
            0,
            full(b"hdlr", 0, bytes(4), b"pict", bytes(13)),
            full(b"pitm", 0, struct.pack(">H", primary)),
            full(b"iloc", 1, b"\x44\0", struct.pack(">H", len(names)), *places),
            full(b"iinf", 0, struct.pack(">H", len(infos)), *infos),
            full(b"iref", 0, box(b"dimg", tiles)) if grid is not None else b"",
            box(
                b"iprp",
                box(b"ipco", *properties),
                full(b"ipma", 0, struct.pack(">I", len(table)), *table),
            ),
            box(b"idat", layout, bytes(again[1])),
        )
        return box(b"ftyp", b"heic", bytes(4), b"mif1heic") + meta

    head = len(assembled(0))
    return assembled(head + 8) + box(b"mdat", payload) + behind


def close(one: np.ndarray, other: np.ndarray) -> bool:
    return one.shape == other.shape and float(np.abs(one.astype(int) - other).mean()) < 2


def test_a_photograph_of_a_phone_is_read_like_any_other() -> None:
    reading = vision.read((DATA / "tongue.heic").read_bytes())
    assert reading.refused is None
    assert reading.mask.shape == (400, 400)


@pytest.mark.parametrize("name", ["tile.heic", "tile_10_bit.heic"])
def test_eight_and_ten_bits_come_back_as_eight(name: str) -> None:
    assert close(capture.decode((DATA / name).read_bytes()), tile())


def test_a_grey_picture_comes_back_in_three_channels() -> None:
    decoded = capture.decode((DATA / "tile_grey.heic").read_bytes())
    assert (decoded.shape, decoded.flags.c_contiguous) == ((64, 64, 3), True)


def test_a_transparent_picture_is_refused() -> None:
    with pytest.raises(Unreadable, match="transparent"):
        capture.decode((DATA / "tile_alpha.heic").read_bytes())


def test_a_picture_built_here_decodes() -> None:
    data = heic()
    assert read_header(data) == Header("heif", 64, 64, end=len(data))
    assert close(capture.decode(data), tile())


def test_a_grid_is_put_together_and_cut_to_its_size() -> None:
    data = heic(grid=(2, 3), size=(180, 120))
    assert read_header(data) == Header("heif", 180, 120, end=len(data))
    assert close(capture.decode(data), np.tile(tile(), (2, 3, 1))[:120, :180])


@pytest.mark.parametrize("quarters", range(4))
def test_a_turned_picture_is_turned_once(quarters: int) -> None:
    assert close(capture.decode(heic(box(b"irot", bytes([quarters])))), np.rot90(tile(), quarters))


@pytest.mark.parametrize(("axis", "flipped"), [(0, tile()[::-1]), (1, tile()[:, ::-1])])
def test_a_mirrored_picture_is_mirrored_once(axis: int, flipped: np.ndarray) -> None:
    assert close(capture.decode(heic(box(b"imir", bytes([axis])))), flipped)


def test_a_turned_grid_is_turned_as_a_whole() -> None:
    decoded = capture.decode(heic(box(b"irot", b"\x03"), grid=(1, 2), size=(128, 64)))
    assert close(decoded, np.rot90(np.tile(tile(), (1, 2, 1)), 3))


def test_videos_and_notes_that_phones_keep_in_boxes_of_their_own_are_passed_over() -> None:
    behind = box(b"mpvd", box(b"ftyp", b"isom"), box(b"mdat", b"film")) + box(b"sefd", b"note")
    assert close(capture.decode(heic(behind=behind)), tile())


@pytest.mark.parametrize("behind", [b"PK\x03\x04" + b"x" * 60, b"\0" * 17, b"\x89PNG\r\n\x1a\n" + b"x" * 20])
def test_anything_else_behind_the_picture_is_refused(behind: bytes) -> None:
    with pytest.raises(Unreadable):
        read_header(heic(behind=behind))


def test_a_bomb_is_refused_by_what_it_declares() -> None:
    with pytest.raises(Unreadable, match="million pixels"):
        capture.decode(heic(size=(60_000, 60_000), grid=(1, 1)))
    with pytest.raises(Unreadable, match="million pixels"):
        capture.decode(heic(grid=(32, 32), size=(64, 64), tile_size=(4096, 4096)))


def test_a_grid_whose_bytes_repeat_themselves_is_refused_before_they_are_put_together() -> None:
    assert read_header(heic(grid=(1, 2), size=(128, 64), again=(3, 20_000))).width_px == 128
    with pytest.raises(Unreadable, match="broken"):
        read_header(heic(grid=(1, 2), size=(128, 64), again=(2_100, 20_000)))


def test_parameters_repeated_in_every_tile_are_refused() -> None:
    configuration, _ = coded()
    body = configuration[8:]
    empty = struct.pack(">BH", 0x20, 3_000) + bytes(2 * 3_000)
    many = box(b"hvcC", body[:22], bytes([body[22] + 1]), body[23:], empty)
    assert read_header(heic(configuration=many)).width_px == 64
    with pytest.raises(Unreadable, match="broken"):
        read_header(heic(grid=(2, 2), size=(128, 128), configuration=many))


@pytest.mark.parametrize("name", [b"irot", b"imir"])
def test_a_picture_turned_over_and_over_is_refused(name: bytes) -> None:
    once = box(name, b"\0")
    assert read_header(heic(once)).width_px == 64
    with pytest.raises(Unreadable, match="broken"):
        read_header(heic(once, once))


def test_a_picture_with_more_properties_than_any_phone_gives_it_is_refused() -> None:
    assert read_header(heic(*[ispe(SIDE, SIDE)] * 20)).width_px == 64
    with pytest.raises(Unreadable, match="broken"):
        read_header(heic(*[ispe(SIDE, SIDE)] * 40))


@pytest.mark.parametrize("size", [(4000, 4000), (65, 64), (64, 0)])
def test_a_stream_of_another_size_than_the_file_declares_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(Unreadable, match="not the size"):
        capture.decode(heic(tile_size=size))


@pytest.mark.parametrize("name", ["tile.heic", "tile_grey.heic", "tile_10_bit.heic"])
@pytest.mark.parametrize(("place", "bits"), [(16, 3), (17, 1), (17, 2), (18, 1)])
def test_a_stream_of_another_depth_than_the_file_declares_meets_no_decoder(
    name: str, place: int, bits: int
) -> None:
    data = bytearray((DATA / name).read_bytes())
    data[data.index(b"hvcC") + 4 + place] ^= bits
    with pytest.raises(Unreadable, match="depth"):
        read_header(bytes(data))


def test_a_picture_of_two_configurations_meets_no_decoder() -> None:
    configuration, _ = coded()
    with pytest.raises(Unreadable, match="broken"):
        read_header(heic(configuration))


def test_a_second_set_of_parameters_hidden_in_the_stream_is_measured_too() -> None:
    configuration, payload = coded()
    at = configuration.index(b"\x42\x01")
    (length,) = struct.unpack_from(">H", configuration, at - 2)
    parameters = configuration[at : at + length]
    same = struct.pack(">I", length) + parameters + payload
    assert read_header(heic(stream=same)).width_px == 64
    # Ones are noughts in the code of the size, which stands behind 18 bytes of profile.
    other = struct.pack(">I", length) + parameters[:18] + b"\xff" * (length - 18) + payload
    with pytest.raises(Unreadable, match="not the size"):
        read_header(heic(stream=other))


@pytest.mark.parametrize("kind", [b"av01", b"jpeg", b"grid", b"mime"])
def test_only_hevc_is_decoded(kind: bytes) -> None:
    with pytest.raises(Unreadable):
        capture.decode(heic(kind=kind))


def test_light_on_the_scale_of_a_video_screen_is_refused() -> None:
    with pytest.raises(Unreadable, match="HDR"):
        capture.decode(heic(box(b"colr", b"nclx", struct.pack(">HHHB", 9, 16, 9, 0x80))))


def test_colours_of_display_p3_are_told_by_their_code_points() -> None:
    wide = heic(box(b"colr", b"nclx", struct.pack(">HHHB", 12, 13, 6, 0x80)))
    assert read_header(wide).display_p3
    red, pale = capture.decode(wide)[8, 8], capture.decode(heic())[8, 8]
    assert red[2] > pale[2]
    assert red[0] < pale[0]


@pytest.mark.parametrize("share", [0.1, 0.4, 0.7, 0.99])
def test_a_truncated_file_is_refused(share: float) -> None:
    data = (DATA / "tongue.heic").read_bytes()
    with pytest.raises(Unreadable):
        read_header(data[: int(len(data) * share)])


@settings(max_examples=400, deadline=None)
@given(
    changes=st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=4),
    grid=st.booleans(),
)
def test_a_damaged_file_decodes_or_is_refused(changes: list[tuple[int, int]], grid: bool) -> None:
    data = bytearray(heic(grid=(2, 2), size=(128, 128)) if grid else heic())
    for at, value in changes:
        data[at % len(data)] = value
    try:
        decoded = capture.decode(bytes(data))
    except Unreadable:
        return
    assert (decoded.dtype, decoded.ndim) == (np.uint8, 3)


@settings(max_examples=300, deadline=None)
@given(data=st.binary(max_size=300))
def test_any_bytes_behind_the_first_box_give_a_header_or_the_refusal(data: bytes) -> None:
    with pytest.raises(Unreadable):
        read_header(box(b"ftyp", b"heic", bytes(4), b"mif1") + data)
