"""Faces: photograph in, a suggested complexion or a reason out. Never needed to read a tongue.

reading = face.read(data)            # bytes of a file, or a decoded picture
reading.refused                      # None, or a code of face.REFUSALS
reading.signs["complexion"].term     # 面色红
"""

from vision.face.reading import REFUSALS, FaceReading, model_name, overlay, read

__all__ = ["REFUSALS", "FaceReading", "model_name", "overlay", "read"]
