"""The pictures of docs/guide: made by the journeys, where TANGYE_GUIDE=1 asks for them."""

import os
from pathlib import Path

import cv2
import numpy as np

WANTED = os.environ.get("TANGYE_GUIDE") == "1"
PICTURES = Path(__file__).resolve().parents[2] / "docs" / "guide" / "pictures"
MOST_BYTES = 90_000
_WIDEST_PX = 1200
_QUALITIES = (90, 80, 70, 60, 50, 40)


def keep(png: bytes, name: str) -> None:
    """Write a picture as WebP, as good as fits.

    Args:
        png: What the browser shows.
        name: Of the file, without its ending.

    Raises:
        ValueError: When no quality is small enough.
    """
    picture = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)
    height_px, width_px = picture.shape[:2]
    if width_px > _WIDEST_PX:
        size = (_WIDEST_PX, round(height_px * _WIDEST_PX / width_px))
        picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    for quality in _QUALITIES:
        data = cv2.imencode(".webp", picture, [cv2.IMWRITE_WEBP_QUALITY, quality])[1].tobytes()
        if len(data) <= MOST_BYTES:
            PICTURES.mkdir(parents=True, exist_ok=True)
            (PICTURES / f"{name}.webp").write_bytes(data)
            return
    raise ValueError(f"{name}: more than {MOST_BYTES} bytes at any quality")
