"""What a HEIF file (HEIC, as phones write it) says of itself, read box by box before libheif sees it.

Only the primary image is looked at: one picture or a grid of tiles, coded in HEVC. Thumbnails, depth, gain
maps, bursts and videos beside it are passed over.

Sources: ISO/IEC 14496-12 (boxes), ISO/IEC 23008-12 (items and properties), ISO/IEC 14496-15 (hvcC),
ITU-T H.265 section 7.3.2.2 (sequence parameters).
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from vision import gamut
from vision.bits import Bits
from vision.header import MAX_PIXELS, Header, Unreadable

# Still pictures in HEVC; what else a brand may promise is found out from the items.
BRANDS: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1"})
# At the top of the file: as specified, and Samsung's (sefd) and Google's (mpvd) own.
TOP_BOXES: Final = frozenset(
    {b"ftyp", b"meta", b"mdat", b"free", b"skip", b"wide", b"uuid", b"moov", b"sefd", b"mpvd"}
)
MAX_BOXES: Final = 4_096
# An iPhone's picture of 48 million pixels has 204 items.
MAX_ITEMS: Final = 4_096
MAX_TILES: Final = 1_024
# Of the coded data and parameter sets of all tiles together.
MAX_UNITS: Final = 8_192
# A phone's item has ten; every one is looked through for each tile.
MAX_PROPERTIES: Final = 32
# Items may share their bytes, and a grid's may repeat: much work, or much memory, of a small file.
MAX_CODED_BYTES: Final = 40_000_000
# A unit is looked at no further: the size stands in the first 120 bytes of a sequence's parameters.
UNIT_HEAD_BYTES: Final = 256
# ISO/IEC 23000-22 (MIAF) allows one of each; the decoder would carry out every one there is.
TURNS: Final = (b"clap", b"irot", b"imir")
# Tiles stand over the edge of their grid by part of a tile.
GRID_SLACK: Final = 2
SPS: Final = 33
# Perceptual quantiser and hybrid log-gamma of H.273: another scale of light than a photograph's.
HDR_CURVES: Final = frozenset({16, 18})
ALPHA: Final = (b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha", b"urn:mpeg:hevc:2015:auxid:1")


@dataclass(frozen=True)
class _Box:
    name: bytes
    start: int
    stop: int


@dataclass(frozen=True)
class _Meta:
    """The parts of a meta box: what each item is, what belongs to it, and where its bytes lie."""

    primary: int
    kinds: dict[int, bytes]
    properties: tuple[_Box, ...]
    belongs: dict[int, list[int]]
    tiles: dict[int, list[int]]
    places: dict[int, list[tuple[int, int]]]


def starts_heif(data: bytes) -> bool:
    """Whether a file begins as a HEIF file does.

    Args:
        data: The whole file, or its first bytes.
    """
    return data[4:8] == b"ftyp"


def read_header(data: bytes) -> Header:
    """Read the declared size of the primary image.

    Args:
        data: The whole file.

    Returns:
        Header; its size is before cropping and turning, which the decoder does.

    Raises:
        Unreadable: for anything but one HEVC picture or grid, a broken or truncated file, data behind it.
        struct.error: where a box is shorter than what it should hold.
    """
    top = list(_boxes(data, 0, len(data), TOP_BOXES))
    brands = data[top[0].start : top[0].stop]
    if not BRANDS & {brands[at : at + 4] for at in range(0, len(brands), 4)}:
        raise Unreadable("not a HEIC picture")
    metas = [box for box in top if box.name == b"meta"]
    if len(metas) != 1:
        raise Unreadable("the HEIC holds no picture")
    meta = _meta(data, metas[0])
    if any(data[box.start + 4 : box.stop].startswith(ALPHA) for box in _named(meta, b"auxC")):
        raise Unreadable("the picture is transparent")
    width, height = _size(data, meta, meta.primary)
    if meta.kinds.get(meta.primary) == b"grid":
        coded = _grid(data, meta, (width, height))
    elif meta.kinds.get(meta.primary) == b"hvc1":
        coded = [meta.primary]
    else:
        raise Unreadable("the HEIC holds no picture in HEVC")
    if sum(ends - begins for item in coded for begins, ends in meta.places.get(item, [])) > MAX_CODED_BYTES:
        raise Unreadable("the HEIC is broken")
    if any(len(_named(meta, turn, item)) > 1 for turn in TURNS for item in {meta.primary, *coded}):
        raise Unreadable("the HEIC is broken")
    units, depths = 0, set[tuple[int, ...]]()
    for item in dict.fromkeys(coded):
        count, depth = _check_stream(data, meta, item)
        units, depths = units + count, depths | {depth}
        if units > MAX_UNITS or len(depths) > 1:
            raise Unreadable("the HEIC is broken")
    return Header("heif", width, height, display_p3=_display_p3(data, meta, coded[0]), end=len(data))


def _boxes(data: bytes, at: int, stop: int, known: frozenset[bytes] | None = None) -> Iterator[_Box]:
    """The boxes from `at` to `stop`, one behind the other and nothing between them."""
    count = 0
    while at < stop:
        if at + 8 > stop:
            raise Unreadable("something is hidden behind the picture")
        size, name = struct.unpack_from(">I4s", data, at)
        if known is not None and name not in known:
            raise Unreadable("something is hidden behind the picture")
        head = 8
        if size == 1:
            (size,) = struct.unpack_from(">Q", data, at + 8)
            head = 16
        elif size == 0:
            size = stop - at
        count += 1
        if size < head or at + size > stop or count > MAX_BOXES:
            raise Unreadable("the file ends too early")
        yield _Box(name, at + head, at + size)
        at += size


def _meta(data: bytes, box: _Box) -> _Meta:
    parts = {part.name: part for part in _boxes(data, box.start + 4, box.stop)}
    try:
        pitm, iinf, iloc, iprp = (parts[name] for name in (b"pitm", b"iinf", b"iloc", b"iprp"))
    except KeyError as error:
        raise Unreadable("the HEIC holds no picture") from error
    inside = list(_boxes(data, iprp.start, iprp.stop))
    container = [part for part in inside if part.name == b"ipco"]
    if len(container) != 1:
        raise Unreadable("the HEIC holds no picture")
    idat = parts.get(b"idat")
    return _Meta(
        primary=_number(data, pitm.start + 4, 2 if data[pitm.start] == 0 else 4),
        kinds=_kinds(data, iinf),
        properties=tuple(_boxes(data, container[0].start, container[0].stop)),
        belongs=_belongs(data, [part for part in inside if part.name == b"ipma"]),
        tiles=_tiles(data, parts[b"iref"]) if b"iref" in parts else {},
        places=_places(data, iloc, idat),
    )


def _number(data: bytes, at: int, length: int) -> int:
    if at + length > len(data):
        raise Unreadable("the file ends too early")
    return int.from_bytes(data[at : at + length], "big")


def _count(data: bytes, at: int, length: int) -> int:
    count = _number(data, at, length)
    if count > MAX_ITEMS:
        raise Unreadable("the HEIC has too many parts")
    return count


def _kinds(data: bytes, iinf: _Box) -> dict[int, bytes]:
    kinds = {}
    for entry in _boxes(data, iinf.start + (6 if data[iinf.start] == 0 else 8), iinf.stop):
        wide = 4 if data[entry.start] == 3 else 2
        kinds[_number(data, entry.start + 4, wide)] = data[entry.start + 6 + wide : entry.start + 10 + wide]
    return kinds


def _belongs(data: bytes, tables: list[_Box]) -> dict[int, list[int]]:
    """Indices of the properties of each item, from 1."""
    belongs: dict[int, list[int]] = {}
    rows = 0
    for table in tables:
        wide = 4 if data[table.start] else 2
        length = 2 if data[table.start + 3] & 1 else 1
        at = table.start + 8
        rows += (here := _count(data, table.start + 4, 4))
        if rows > MAX_ITEMS:
            raise Unreadable("the HEIC has too many parts")
        for _ in range(here):
            item, count = _number(data, at, wide), _number(data, at + wide, 1)
            at += wide + 1
            mask = (1 << (8 * length - 1)) - 1
            found = [_number(data, at + length * n, length) & mask for n in range(count)]
            own = belongs.setdefault(item, [])
            own.extend(found)
            at += length * count
            if at > table.stop or len(own) > MAX_PROPERTIES:
                raise Unreadable("the HEIC is broken")
    return belongs


def _tiles(data: bytes, iref: _Box) -> dict[int, list[int]]:
    wide = 4 if data[iref.start] else 2
    tiles: dict[int, list[int]] = {}
    named = 0
    for reference in _boxes(data, iref.start + 4, iref.stop):
        if reference.name == b"dimg":
            item, count = _number(data, reference.start, wide), _number(data, reference.start + wide, 2)
            at = reference.start + wide + 2
            named += count
            if count > MAX_TILES or named > MAX_ITEMS or at + wide * count > reference.stop:
                raise Unreadable("the HEIC is broken")
            tiles[item] = [_number(data, at + wide * n, wide) for n in range(count)]
    return tiles


def _places(data: bytes, iloc: _Box, idat: _Box | None) -> dict[int, list[tuple[int, int]]]:
    """Where the bytes of each item lie: start and stop of its extents."""
    version = data[iloc.start]
    sizes = _number(data, iloc.start + 4, 2)
    far, long, base, index = (sizes >> 12) & 15, (sizes >> 8) & 15, (sizes >> 4) & 15, sizes & 15
    index = index if version else 0
    wide = 4 if version == 2 else 2
    at = iloc.start + 6 + wide
    places: dict[int, list[tuple[int, int]]] = {}
    extents = taken = 0
    for _ in range(_count(data, iloc.start + 6, wide)):
        item = _number(data, at, wide)
        at += wide
        method = _number(data, at, 2) & 15 if version else 0
        at += (2 if version else 0) + 2
        origin = _number(data, at, base)
        count = _count(data, at + base, 2)
        at += base + 2
        extents += count
        within = idat if method == 1 else _Box(b"", 0, len(data))
        unfit = extents > MAX_ITEMS or at + count * (index + far + long) > iloc.stop
        if within is None or method > 1 or unfit:
            raise Unreadable("the HEIC is broken")
        found = []
        for _ in range(count):
            begins = within.start + origin + _number(data, at + index, far)
            length = _number(data, at + index + far, long)
            ends = begins + length if length else within.stop
            taken += ends - begins
            if begins > ends or ends > within.stop or taken > MAX_CODED_BYTES:
                raise Unreadable("the HEIC is broken")
            found.append((begins, ends))
            at += index + far + long
        places[item] = found
    return places


def _named(meta: _Meta, name: bytes, item: int | None = None) -> list[_Box]:
    """Properties of that name, of one item or of all."""
    if item is None:
        return [box for box in meta.properties if box.name == name]
    indices = [index for index in meta.belongs.get(item, []) if 0 < index <= len(meta.properties)]
    return [meta.properties[index - 1] for index in indices if meta.properties[index - 1].name == name]


def _size(data: bytes, meta: _Meta, item: int) -> tuple[int, int]:
    boxes = _named(meta, b"ispe", item)
    if not boxes:
        raise Unreadable("the picture declares no size")
    width, height = struct.unpack_from(">II", data, boxes[0].start + 4)
    return width, height


def _grid(data: bytes, meta: _Meta, size: tuple[int, int]) -> list[int]:
    """The tiles of a grid, once it is sure that they are as many and as large as they should be."""
    spans = meta.places.get(meta.primary, [])
    body = b"".join(data[begins:ends] for begins, ends in spans)[:16]
    rows, columns = body[2] + 1, body[3] + 1
    output = struct.unpack_from(">II" if body[1] & 1 else ">HH", body, 4)
    tiles = meta.tiles.get(meta.primary, [])
    if output != size or len(tiles) != rows * columns or len(tiles) > MAX_TILES:
        raise Unreadable("the HEIC is broken")
    if any(meta.kinds.get(tile) != b"hvc1" for tile in tiles):
        raise Unreadable("the HEIC holds no picture in HEVC")
    widths, heights = zip(*(_size(data, meta, tile) for tile in set(tiles)), strict=True)
    if len(tiles) * max(widths) * max(heights) > GRID_SLACK * MAX_PIXELS:
        raise Unreadable(f"the picture is larger than {MAX_PIXELS // 1_000_000} million pixels")
    return tiles


def _check_stream(data: bytes, meta: _Meta, item: int) -> tuple[int, tuple[int, ...]]:
    """Refuse a stream of another size or depth than its file declares; its number of units, and the depth."""
    width, height = _size(data, meta, item)
    boxes = _named(meta, b"hvcC", item)
    if len(boxes) != 1:
        raise Unreadable("the HEIC is broken")
    streams = list(_parameters(data, boxes[0]))
    length = (data[boxes[0].start + 21] & 3) + 1
    body = b"".join(data[begins:ends] for begins, ends in meta.places.get(item, []))
    streams += _units(body, length)
    told = [_stream_told(unit) for unit in streams if unit and (unit[0] >> 1) & 63 == SPS]
    if not told:
        raise Unreadable("the HEIC is broken")
    # The decoder lays out memory by the declaration and fills it by the stream.
    at = boxes[0].start
    declared = (data[at + 16] & 3, data[at + 17] & 7, data[at + 18] & 7)
    for wide, high, *depth in told:
        # Coded pictures are rounded up to whole blocks, of 64 at most.
        if not (width <= wide < width + 64 and height <= high < height + 64):
            raise Unreadable("the picture is not the size it declares")
        if tuple(depth) != declared:
            raise Unreadable("the picture is not of the depth it declares")
    return len(streams), declared


def _parameters(data: bytes, box: _Box) -> Iterator[bytes]:
    """First bytes of each parameter set in a decoder configuration."""
    at, units = box.start + 23, 0
    for _ in range(data[box.start + 22]):
        count = _number(data, at + 1, 2)
        at += 3
        units += count
        if units > MAX_UNITS:
            raise Unreadable("the HEIC has too many parts")
        for _ in range(count):
            length = _number(data, at, 2)
            if at + 2 + length > box.stop:
                raise Unreadable("the HEIC is broken")
            yield data[at + 2 : at + 2 + min(length, UNIT_HEAD_BYTES)]
            at += 2 + length


def _units(body: bytes, length: int) -> list[bytes]:
    """First bytes of each unit of a stream; units are preceded by their lengths."""
    units: list[bytes] = []
    at = 0
    while at < len(body):
        if len(units) == MAX_UNITS:
            raise Unreadable("the HEIC has too many parts")
        size = _number(body, at, length)
        at += length
        if not size or at + size > len(body):
            raise Unreadable("the HEIC is broken")
        units.append(body[at : at + min(size, UNIT_HEAD_BYTES)])
        at += size
    return units


def _stream_told(unit: bytes) -> tuple[int, int, int, int, int]:
    """Of a sequence parameter set: width, height, chroma format, bits of luma and of chroma above 8."""
    bits = Bits(unit[2:].replace(b"\0\0\x03", b"\0\0"))
    bits.read(4)
    layers = bits.read(3)
    bits.read(1 + 96)
    present = [(bits.read(1), bits.read(1)) for _ in range(layers)]
    if layers:
        bits.read(2 * (8 - layers))
    for profile, level in present:
        bits.read(88 * profile + 8 * level)
    bits.read_golomb()
    chroma = bits.read_golomb()
    if chroma == 3:
        bits.read(1)
    width, height = bits.read_golomb(), bits.read_golomb()
    for _ in range(4 * bits.read(1)):
        bits.read_golomb()
    return width, height, chroma, bits.read_golomb(), bits.read_golomb()


def _display_p3(data: bytes, meta: _Meta, tile: int) -> bool:
    """Whether the colours are those of Display P3.

    Raises:
        Unreadable: where light is on a scale of HDR video.
    """
    for box in _named(meta, b"colr", meta.primary) or _named(meta, b"colr", tile):
        kind, body = data[box.start : box.start + 4], data[box.start + 4 : box.stop]
        if kind == b"nclx":
            primaries, curve = struct.unpack_from(">HH", body)
            if curve in HDR_CURVES:
                raise Unreadable("the picture is coded for an HDR screen")
            if primaries == gamut.P3_PRIMARIES:
                return True
        elif kind in (b"prof", b"rICC") and gamut.is_display_p3(body):
            return True
    return False
