"""What was found on one tongue, where, how large, how clear."""

from dataclasses import dataclass

Point = tuple[float, float]


@dataclass(frozen=True)
class Crack:
    """A dark line (裂纹).

    line: x and y of its middle in the photograph's pixels, from one end to the other.
    size: its length as a share of the tongue's length.
    strength: the share of light it lacks against both its sides, at the middle one of its points.
    """

    line: tuple[Point, ...]
    size: float
    strength: float


@dataclass(frozen=True)
class Notch:
    """A dent in the outline (齿痕).

    at: x and y of its deepest point in the photograph's pixels. inward: unit vector into the tongue.
    size: its depth below the chord over its mouth, as a share of the tongue's length.
    strength: its depth over the width of its mouth.
    """

    at: Point
    inward: Point
    size: float
    strength: float


@dataclass(frozen=True)
class Spot:
    """A small red dot (点刺).

    at: x and y of its middle in the photograph's pixels.
    size: its diameter as a share of the tongue's length.
    strength: how much redder and darker it is than around it, as a logarithm.
    """

    at: Point
    size: float
    strength: float


@dataclass(frozen=True)
class Patch:
    """An area with a border: a peeled one (剥落), or a dark purple one (瘀斑).

    outline: x and y in the photograph's pixels, closed from the last to the first.
    at: x and y of its middle. size: the diameter of a disc of its area, as a share of the tongue's length.
    strength: its difference from the ring around it, as a logarithm.
    """

    outline: tuple[Point, ...]
    at: Point
    size: float
    strength: float


@dataclass(frozen=True)
class Moisture:
    """What shines and how rough it is.

    shine: share of the tongue's area in highlights.
    glints: highlights for a tongue.
    matte: how much the finest grain varies, as a logarithm of light; high is rough.
    """

    shine: float
    glints: int
    matte: float


@dataclass(frozen=True)
class Marks:
    """All that was found on one tongue. Positions are in the photograph's pixels."""

    cracks: tuple[Crack, ...]
    notches: tuple[Notch, ...]
    spots: tuple[Spot, ...]
    peeled: tuple[Patch, ...]
    stasis: tuple[Patch, ...]
    moisture: Moisture
