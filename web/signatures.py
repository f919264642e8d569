"""A signature drawn on a screen: from what a page sends to a picture that is safe to keep."""

import base64
import binascii
import struct

import cv2
import numpy as np

from tcm.records.errors import N_, Invalid

MOST_CHARACTERS = 400_000
_PREFIX = "data:image/png;base64,"
_PNG = b"\x89PNG\r\n\x1a\n"
_MOST_PX = 2000
# A dot by accident is no signature.
_LEAST_INK_PX = 40
_DARK = 128


def read_signature(data_url: str) -> bytes:
    """Decode a drawn signature and make its picture anew.

    Args:
        data_url: A PNG as the page's canvas gives it.

    Returns:
        A PNG in grey, without anything else that the sent one may have carried.

    Raises:
        Invalid: When it is no such picture, too large, or empty.
    """
    refusal = Invalid(N_("签名的图片读不出来，请重新签名。"))
    if not data_url.startswith(_PREFIX) or len(data_url) > MOST_CHARACTERS:
        raise refusal
    try:
        data = base64.b64decode(data_url[len(_PREFIX) :], validate=True)
    except binascii.Error:
        raise refusal from None
    # The size stands in the first 24 bytes: nothing larger is unpacked.
    if len(data) < 24 or not data.startswith(_PNG) or max(struct.unpack(">II", data[16:24])) > _MOST_PX:
        raise refusal
    drawn = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
    if drawn is None:
        raise refusal
    if int((drawn < _DARK).sum()) < _LEAST_INK_PX:
        raise Invalid(N_("还没有签名，请在框里签名。"))
    return cv2.imencode(".png", drawn)[1].tobytes()
