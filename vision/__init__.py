"""Pictures: ndarray in, frozen dataclasses out.

A picture is H x W x 3 uint8 in OpenCV's order, blue-green-red.

reading = vision.read(data)          # bytes of a file, or a decoded picture
reading.refused                      # None, or a code of vision.REFUSALS
reading.signs["body"].term           # 红舌
"""

from vision.capture import clean, decode
from vision.formats import Unreadable
from vision.quality import Quality
from vision.reading import REFUSALS, Refusal, TongueReading, model_name, overlay, read
from vision.tongue.signs import Sign

__all__ = [
    "REFUSALS",
    "Quality",
    "Refusal",
    "Sign",
    "TongueReading",
    "Unreadable",
    "clean",
    "decode",
    "model_name",
    "overlay",
    "read",
]
