"""From the bytes of a file to a picture that is safe to look at, and back to clean bytes.

Nothing but the pixels survives: place, time, camera and owner of a photograph stay behind.
"""

from typing import Final, Literal

import cv2
import numpy as np
import numpy.typing as npt

from vision import gamut
from vision.formats import Header, Unreadable, bare_png, read_header
from vision.header import MAX_PIXELS

Image = npt.NDArray[np.uint8]

MAX_BYTES: Final = 20_000_000
MAX_SIDE_PX: Final = 32_000
JPEG_QUALITY: Final = 92


def decode(data: bytes) -> Image:
    """Decode a photograph safely, upright, in sRGB.

    Args:
        data: A whole JPEG, PNG, WebP or HEIC file.

    Returns:
        H x W x 3 uint8 in OpenCV's order blue-green-red, turned as the file says. Display P3 is made sRGB.

    Raises:
        Unreadable: for another or a broken format, a file over MAX_BYTES, one that declares more than
            MAX_PIXELS (nothing is decoded then), or one with data that no phone puts behind a picture.
    """
    if len(data) > MAX_BYTES:
        raise Unreadable(f"the file is larger than {MAX_BYTES // 1_000_000} MB")
    header = read_header(data)
    if header.width_px * header.height_px > MAX_PIXELS:
        raise Unreadable(f"the picture is larger than {MAX_PIXELS // 1_000_000} million pixels")
    if max(header.width_px, header.height_px) > MAX_SIDE_PX:
        raise Unreadable(f"the picture is longer than {MAX_SIDE_PX} pixels")
    picture = _decode_heif(data) if header.kind == "heif" else _decode_still(data, header)
    if header.display_p3:
        picture = gamut.to_srgb(picture)
    return upright(picture, header.orientation)


def _decode_still(data: bytes, header: Header) -> Image:
    """Decode what OpenCV decodes; the decoder gets nothing but the picture."""
    held = np.frombuffer(bare_png(data) if header.kind == "png" else data[: header.end], np.uint8)
    try:
        picture = cv2.imdecode(held, cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
    except cv2.error as error:
        raise Unreadable("the picture cannot be decoded") from error
    if picture is None:
        raise Unreadable("the picture cannot be decoded")
    if picture.shape[:2] != (header.height_px, header.width_px):
        raise Unreadable("the picture is not the size it declares")
    return picture.astype(np.uint8, copy=False)


def _decode_heif(data: bytes) -> Image:
    """Decode the primary image, turned and cropped by the decoder."""
    import pi_heif  # noqa: PLC0415  # heavy: libheif and Pillow, which most photographs do not need

    pi_heif.options.THUMBNAILS = False
    pi_heif.options.DEPTH_IMAGES = False
    pi_heif.options.AUX_IMAGES = False
    try:
        file = pi_heif.open_heif(data, bgr_mode=True)
        picture = np.asarray(file[file.primary_index])
    except (ValueError, EOFError, SyntaxError, RuntimeError, OSError, IndexError) as error:
        raise Unreadable("the picture cannot be decoded") from error
    if picture.dtype != np.uint8 or picture.ndim not in (2, 3) or picture.shape[2:] not in ((), (3,)):
        raise Unreadable("the picture cannot be decoded")
    # A copy, since libheif's own memory may not be written to.
    coloured = cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR) if picture.ndim == 2 else picture.copy()
    return coloured.astype(np.uint8, copy=False)


def picture_of(photo: bytes | Image) -> Image:
    """The picture that a caller gave, decoded where it came as a file.

    Args:
        photo: A whole JPEG, PNG, WebP or HEIC file, or a decoded picture H x W x 3 uint8, blue-green-red.

    Returns:
        The picture, H x W x 3 uint8.

    Raises:
        Unreadable: When the bytes are no picture.
        ValueError: For an array of another shape or type.
    """
    if isinstance(photo, bytes):
        return decode(photo)
    if photo.ndim != 3 or photo.shape[2] != 3 or photo.dtype != np.uint8 or not photo.size:
        raise ValueError("a photograph is H x W x 3 uint8")
    return photo


def upright(picture: Image, orientation: int) -> Image:
    """Turn and mirror a picture as Exif orientation 1 to 8 asks.

    Args:
        picture: H x W x 3 uint8.
        orientation: Tag 0x0112 of CIPA DC-008; 1 is upright already.

    Returns:
        A contiguous picture; height and width change places for 5 to 8.
    """
    if orientation in (5, 6, 7, 8):
        picture = picture.transpose(1, 0, 2)
    if orientation in (2, 3, 6, 7):
        picture = picture[:, ::-1]
    if orientation in (3, 4, 7, 8):
        picture = picture[::-1]
    return np.ascontiguousarray(picture)


def reduced(picture: Image, most_px: int) -> Image:
    """A large picture made smaller, so that nothing behind pays for pixels it does not need.

    Args:
        picture: H x W x 3 uint8.
        most_px: What its longer side may measure.

    Returns:
        The picture itself where it is small enough or too narrow; else a new one, each pixel the mean
        of a square of pixels.
    """
    # Squares of a whole number of pixels: three times as fast as a fraction.
    fold = -(-max(picture.shape[:2]) // most_px)
    if fold <= 1 or min(picture.shape[:2]) < fold:
        return picture
    smaller = cv2.resize(picture, None, fx=1 / fold, fy=1 / fold, interpolation=cv2.INTER_AREA)
    return smaller.astype(np.uint8, copy=False)


def clean(photo: Image, kind: Literal["jpeg", "png"] = "jpeg") -> bytes:
    """Encode the pixels alone, for storage: no Exif, no place, no preview.

    Args:
        photo: H x W x 3 uint8, blue-green-red, or a mask H x W uint8.
        kind: "jpeg" (quality 92) or "png" (lossless).

    Returns:
        The bytes of a file.
    """
    options = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY] if kind == "jpeg" else []
    encoded = cv2.imencode(".jpg" if kind == "jpeg" else ".png", photo, options)[1]
    return encoded.tobytes()
