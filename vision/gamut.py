"""Display P3, the colours iPhones write, made sRGB.

Taken for sRGB, a tongue in Display P3 loses 4.5 in a: it looks pale. See docs/decisions/0018.
Sources: ICC.1:2022 (profiles), SMPTE EG 432-1 (primaries), ITU-T H.273 (code points), IEC 61966-2-1 (sRGB).
"""

import struct
import zlib
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.uint8]

# Code points of H.273: primaries of P3 under D65, and the curve of sRGB.
P3_PRIMARIES: Final = 12
SRGB_CURVE: Final = 13
# Colorants of Display P3 as profiles carry them: X, Y, Z under D50, red, green, blue.
COLORANTS: Final = {
    b"rXYZ": (0.5151, 0.2412, -0.0011),
    b"gXYZ": (0.2920, 0.6922, 0.0419),
    b"bXYZ": (0.1571, 0.0666, 0.7841),
}
COLORANT_SLACK: Final = 0.003
MAX_PROFILE_BYTES: Final = 1_000_000
MAX_PROFILE_TAGS: Final = 100
# Linear light, blue-green-red: rows and columns of the usual matrix in the reverse order.
TO_SRGB: Final = np.array(
    [
        [1.0982735, -0.0786360, -0.0196375],
        [0.0, 1.0420570, -0.0420570],
        [0.0, -0.2249402, 1.2249402],
    ]
)
# So many rows at a time, so that a large picture is never held in 16 bits.
STRIP_ROWS: Final = 64


def _curves() -> tuple[npt.NDArray[np.uint16], Image]:
    """The curve of sRGB undone, 8 to 16 bits, and applied, 16 to 8."""
    coded, light = np.arange(256) / 255, np.arange(65536) / 65535
    undone = np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)
    applied = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.rint(undone * 65535).astype(np.uint16), np.rint(applied * 255).astype(np.uint8)


UNDONE, APPLIED = _curves()


def is_display_p3(profile: bytes) -> bool:
    """Whether an ICC profile is that of Display P3.

    Args:
        profile: Its bytes; anything else is no such profile.

    Returns:
        True where its three colorants are those of Display P3.
    """
    try:
        return _colorants_match(profile)
    except struct.error:
        return False


def _colorants_match(profile: bytes) -> bool:
    if profile[12:20] != b"mntrRGB " or profile[36:40] != b"acsp":
        return False
    (count,) = struct.unpack_from(">I", profile, 128)
    found = 0
    for entry in range(min(count, MAX_PROFILE_TAGS)):
        name, start = struct.unpack_from(">4sI", profile, 132 + 12 * entry)
        wanted = COLORANTS.get(name)
        if wanted is not None:
            values = [value / 65536 for value in struct.unpack_from(">3i", profile, start + 8)]
            if any(abs(one - other) > COLORANT_SLACK for one, other in zip(values, wanted, strict=True)):
                return False
            found += 1
    return found == len(COLORANTS)


def unpacked(body: bytes) -> bytes:
    """The profile in an iCCP chunk of a PNG.

    Args:
        body: Of the chunk: a name, 0, the method, zlib.

    Returns:
        The profile; nothing where it cannot be unpacked or is larger than any profile.
    """
    _, _, rest = body.partition(b"\0")
    try:
        return zlib.decompressobj().decompress(rest[1:], MAX_PROFILE_BYTES)
    except zlib.error:
        return b""


def to_srgb(picture: Image) -> Image:
    """Turn the numbers of Display P3 into those of sRGB, in place.

    Args:
        picture: H x W x 3 uint8, blue-green-red, contiguous; overwritten.

    Returns:
        The picture. Colours outside sRGB are clipped, channel by channel.
    """
    for row in range(0, len(picture), STRIP_ROWS):
        strip = picture[row : row + STRIP_ROWS]
        light = cv2.transform(cv2.LUT(strip, UNDONE), TO_SRGB).astype(np.uint16, copy=False)
        np.take(APPLIED, light, out=strip)
    return picture
