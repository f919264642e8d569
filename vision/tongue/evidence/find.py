"""Find every mark of one tongue."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Protocol, TypeVar

import cv2
import numpy as np

from vision.tongue import features
from vision.tongue.evidence import cracks, moisture, notches, patches, spots
from vision.tongue.evidence.limits import POSSIBLE, SURE, Limit
from vision.tongue.evidence.marks import Marks, Patch, Point
from vision.tongue.evidence.surface import surface


class Measured(Protocol):
    """A mark with a size and a strength."""

    @property
    def size(self) -> float: ...
    @property
    def strength(self) -> float: ...


M = TypeVar("M", bound=Measured)


def find(view: features.View) -> Marks:
    """Find the cracks, notches, red spots, peeled patches and patches of stasis, and measure moisture.

    Args:
        view: As features.view gives it.

    Returns:
        Marks of POSSIBLE size and strength, the clearest or largest of each kind first.
    """
    face = surface(view)
    dark = over(patches.stasis(face), POSSIBLE["stasis"])
    red = over(spots.candidates(face), POSSIBLE["spots"])
    return Marks(
        cracks=over(cracks.candidates(face), POSSIBLE["cracks"]),
        notches=over(notches.candidates(face, view.mask), POSSIBLE["notches"]),
        spots=tuple(one for one in red if not any(_inside(one.at, patch) for patch in dark)),
        peeled=over(patches.peeled(face), POSSIBLE["peeled"]),
        stasis=dark,
        moisture=moisture.measure(face),
    )


def sure(marks: Marks) -> Marks:
    """Only the marks large and clear enough to stand without the sign having been read."""
    return replace(
        marks,
        cracks=over(marks.cracks, SURE["cracks"]),
        notches=over(marks.notches, SURE["notches"]),
        spots=over(marks.spots, SURE["spots"]),
        peeled=over(marks.peeled, SURE["peeled"]),
        stasis=over(marks.stasis, SURE["stasis"]),
    )


def over(marks: Iterable[M], limit: Limit) -> tuple[M, ...]:
    """Those of at least this size and strength, in their order."""
    return tuple(one for one in marks if one.size >= limit.size and one.strength >= limit.strength)


def _inside(at: Point, patch: Patch) -> bool:
    """Whether a point lies in a patch: a dark purple one is no red spot."""
    return cv2.pointPolygonTest(np.array(patch.outline, np.float32), at, False) >= 0
