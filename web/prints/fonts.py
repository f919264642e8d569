"""The two typefaces of all papers, proved to be the ones we measured, and what they can draw.

Source: pylopdf-fonts-zh-cn 0.1.1 (Noto Sans SC and Noto Serif SC, SIL Open Font License 1.1).
"""

import hashlib
import re
import struct
from functools import lru_cache
from pathlib import Path

import pylopdf_fonts_zh_cn
import typst

# Line breaks, widths and glyph coverage were seen with these files; another build may clip a label.
SHA256 = {
    "NotoSansSC-Regular.otf": "faa6c9df652116dde789d351359f3d7e5d2285a2b2a1f04a2d7244df706d5ea9",
    "NotoSerifSC-Regular.otf": "e8f396decc1f0963a016a989c3d8852e863d1350996f573860a80767c83a1cd3",
}

FAMILIES = ["Noto Sans SC", "Noto Serif SC"]


class FontError(RuntimeError):
    """The font files are missing or are not the ones the papers were made with."""


def verify(folder: Path) -> None:
    """Check that a folder holds exactly the pinned font files.

    Args:
        folder: where the font files lie.

    Raises:
        FontError: when one is missing or its SHA-256 differs.
    """
    for name, expected in SHA256.items():
        path = folder / name
        if not path.is_file():
            raise FontError(f"the font {name} is missing; install pylopdf-fonts-zh-cn==0.1.1")
        found = hashlib.sha256(path.read_bytes()).hexdigest()
        if found != expected:
            raise FontError(f"the font {name} has SHA-256 {found[:16]}..., expected {expected[:16]}...")


@lru_cache(maxsize=1)
def typefaces() -> typst.Fonts:
    """Return the verified fonts for the compiler, system and built-in ones left out.

    Raises:
        FontError: when a font file is missing or differs.
    """
    folder = Path(pylopdf_fonts_zh_cn.sans_path()).parent
    verify(folder)
    # Typst searches folders only, and a text without any font disappears without a word.
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(folder)])
    if fonts.families() != FAMILIES:
        raise FontError(f"the compiler found the typefaces {fonts.families()}, expected {FAMILIES}")
    return fonts


def _character_map(font: bytes) -> frozenset[int]:
    """Read the code points of an OpenType font's format 12 character map.

    Source: OpenType 1.9.1, tables `cmap` and its subtable format 12 (segmented coverage).
    """
    table_count = struct.unpack_from(">H", font, 4)[0]
    tables = (struct.unpack_from(">4sIII", font, 12 + 16 * index) for index in range(table_count))
    cmap = next(offset for tag, _checksum, offset, _length in tables if tag == b"cmap")
    encoding_count = struct.unpack_from(">H", font, cmap + 2)[0]
    for index in range(encoding_count):
        _platform, _encoding, offset = struct.unpack_from(">HHI", font, cmap + 4 + 8 * index)
        if struct.unpack_from(">H", font, cmap + offset)[0] != 12:
            continue
        groups = struct.unpack_from(">I", font, cmap + offset + 12)[0]
        points: set[int] = set()
        for group in range(groups):
            first, last, _glyph = struct.unpack_from(">III", font, cmap + offset + 16 + 12 * group)
            points.update(range(first, last + 1))
        return frozenset(points)
    raise FontError("a font has no character map of format 12")


@lru_cache(maxsize=1)
def _drawable() -> frozenset[int]:
    typefaces()
    maps = [
        _character_map(Path(path()).read_bytes())
        for path in (pylopdf_fonts_zh_cn.sans_path, pylopdf_fonts_zh_cn.serif_path)
    ]
    return maps[0] & maps[1]


def drawable(text: str) -> str:
    """Spell out the characters the typefaces have no glyph for.

    An empty box in place of a rare character makes two names look the same, so such a character is
    printed as its code point: 𠮷 becomes [U+20BB7].

    Args:
        text: any text.

    Returns:
        The text with every character outside both typefaces replaced by its code point.
    """
    known = _drawable()
    return re.sub(
        r"[^\n]", lambda found: found[0] if ord(found[0]) in known else f"[U+{ord(found[0]):04X}]", text
    )
