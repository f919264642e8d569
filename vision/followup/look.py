"""One visit's photograph with what was read from it, as follow-up compares them."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from vision import capture, reading
from vision.reading import TongueReading
from vision.tongue import segment

Image = npt.NDArray[np.uint8]

# Follow-up looks at a tongue some 400 px long: a phone's twelve million pixels only cost time.
LONGEST_PX: Final = 1280


@dataclass(frozen=True, eq=False)
class Look:
    """A photograph and its reading.

    picture: H x W x 3 uint8, blue-green-red, no side longer than LONGEST_PX.
    reading: What `vision.reading.read` answered for this picture; it may be a refusal.
    """

    picture: Image
    reading: TongueReading


def look(photo: bytes | Image) -> Look:
    """Decode a photograph, shrink it where it is large, and read it.

    Args:
        photo: A whole file of a picture, or a decoded picture H x W x 3 uint8, blue-green-red.

    Returns:
        Look.

    Raises:
        Unreadable: When the bytes are no picture.
    """
    picture = small(photo)
    return Look(picture, reading.read(picture))


def small(photo: bytes | Image) -> Image:
    """A photograph at the size follow-up works at.

    Args:
        photo: As `look` takes it.

    Returns:
        H x W x 3 uint8, no side longer than LONGEST_PX.

    Raises:
        Unreadable: When the bytes are no picture.
    """
    return capture.reduced(capture.picture_of(photo), LONGEST_PX)


def mask_of(picture: Image) -> Image:
    """Where the tongue is, as a whole reading finds it.

    Args:
        picture: As `small` gives it.

    Returns:
        H x W uint8, 0 or 255.
    """
    return segment.shipped().segment(picture).mask
