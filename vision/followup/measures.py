"""What is measured of a tongue to be held against another visit's: colours by zone, coat, marks, form, grade.

Colours are measured in the common frame, in the same places of both pictures; marks and grades are the
reading's own. Every measure has its unit in its name.
"""

from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from vision import colour
from vision.colour import Light
from vision.reading import TongueReading
from vision.tongue import zones
from vision.tongue.evidence import Patch
from vision.tongue.signs import Sign

Image = npt.NDArray[np.uint8]
Places = npt.NDArray[np.bool_]
# None where a picture does not show it.
Values = dict[str, float | None]

CHANNELS: Final = ("lightness", "redness", "yellowness")
# L*, a*, b* of a zone, and the ΔE2000 of the two visits there.
ZONE_CHANNELS: Final = "{zone}_{channel}_lab"
ZONE_DIFFERENCE: Final = "{zone}_difference_de2000"
# a* and b* of a zone less those of the whole tongue, which another lamp moves alike.
ZONE_ABOVE: Final = "{zone}_{channel}_above_tongue_lab"
# The labels of a sign that lie on one line, from less to more; any other label has no place there.
GRADES: Final[dict[str, tuple[str, ...]]] = {
    "body": ("pale", "light_red", "red", "crimson"),
    "coat_colour": ("white", "yellow"),
    "coat_thickness": ("none", "thin", "thick"),
    "cracks": ("0", "1", "2"),
    "tooth_marks": ("0", "1", "2"),
    "red_spots": ("0", "1", "2"),
    "shape": ("thin", "normal", "swollen"),
}
# Edges are mixed with what lies behind them.
RIM_PX: Final = 8
SMOOTH_PX: Final = 3.0
# Coat is where red stands this much less above green, in logarithms, than where the tongue is reddest:
# half way between the median body and the median white coat of the photographs the readers were trained on.
COAT_STEP: Final = 0.15
REDDEST_PERCENTILE: Final = 92
# Less coat, or less bare body, than this share has no colour of its own.
LEAST_SHARE: Final = 0.04
# Of linear light, blue-green-red (IEC 61966-2-1); and that of L* 50, near which tongues are photographed.
LUMINANCE: Final = np.array([0.0722, 0.7152, 0.2126])
MIDDLE_LUMINANCE: Final = 0.184
BLACK: Final = 6.0


@dataclass(frozen=True)
class Measure:
    """One thing that is measured.

    name: With its unit at the end.
    group: "zones", "coat", "marks", "form" or "grades".
    of_colour: Whether another light may change it.
    """

    name: str
    group: str
    of_colour: bool


def _measures() -> tuple[Measure, ...]:
    zone_colours = [
        Measure(name, "zones", True)
        for zone in zones.ZONES
        for name in (
            *(ZONE_CHANNELS.format(zone=zone, channel=channel) for channel in CHANNELS),
            ZONE_DIFFERENCE.format(zone=zone),
            *(ZONE_ABOVE.format(zone=zone, channel=channel) for channel in CHANNELS[1:]),
        )
    ]
    coat = [
        Measure("coat_cover_share", "coat", True),
        Measure("coat_lightness_above_body_lab", "coat", True),
        Measure("coat_yellowness_above_body_lab", "coat", True),
    ]
    marks = [
        Measure(name, "marks", False)
        for name in ("crack_length_share", "notches_count", "spots_count", "peeled_share")
    ]
    form = [Measure("width_per_length", "form", False)]
    colours = ("body", "coat_colour")
    grades = [Measure(f"{sign}_grade", "grades", sign in colours) for sign in GRADES]
    return (*zone_colours, *coat, *marks, *form, *grades)


MEASURES: Final = _measures()


def of_frame(picture: Image, mask: Image, parts: Image, light: Light) -> Values:
    """Colours, coat and form of one picture in the common frame.

    How bright a tongue is as a whole is the camera's choice, so colours are measured at one and the same
    brightness: what is left of lightness is where the tongue is lighter than elsewhere.

    Args:
        picture: H x W x 3 uint8, blue-green-red, as photographed.
        mask: H x W uint8, nonzero on its tongue.
        parts: H x W uint8 as zones.divide, of what both pictures show.
        light: Of the photograph.

    Returns:
        Value by the name of its measure; the ΔE2000 of two pictures is not among them.
    """
    core = _core(parts)
    even = _even(picture, core, light)
    lab = colour.to_lab(even)
    values: Values = {}
    whole = _middle(lab[core])
    for number, zone in enumerate(zones.ZONES, 1):
        here = _middle(lab[core & (parts == number)])
        for index, channel in enumerate(CHANNELS):
            one = here[index] if here and whole else None
            values[ZONE_CHANNELS.format(zone=zone, channel=channel)] = one
            if index:
                above = None if one is None or whole is None else one - whole[index]
                values[ZONE_ABOVE.format(zone=zone, channel=channel)] = above
    _, _, width, height = cv2.boundingRect(mask)
    return values | _coat(even, lab, core) | {"width_per_length": width / height if height else None}


def of_reading(reading: TongueReading) -> Values:
    """Marks and grades of one reading.

    Args:
        reading: Not refused.

    Returns:
        Value by the name of its measure.

    Raises:
        ValueError: When it was refused.
    """
    grades = {f"{name}_grade": _grade(reading.signs.get(name), line) for name, line in GRADES.items()}
    return _marks(reading) | grades


def swatch(lab: tuple[float, float, float]) -> str:
    """A colour of CIE Lab as a page shows it.

    Args:
        lab: L, a and b.

    Returns:
        Such as #a05a50, the nearest that a screen can show.
    """
    pixel = cv2.cvtColor(np.array([[lab]], np.float32), cv2.COLOR_Lab2BGR)[0, 0]
    blue, green, red = (round(float(one) * 255) for one in np.clip(pixel, 0, 1))
    return f"#{red:02x}{green:02x}{blue:02x}"


def _core(parts: Image) -> Places:
    """What both pictures show, without its rim."""
    shown = cv2.copyMakeBorder((parts > 0).astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    core: Places = cv2.distanceTransform(shown, cv2.DIST_L2, 5)[1:-1, 1:-1] > RIM_PX
    return core


def _even(picture: Image, core: Places, light: Light) -> Image:
    """The picture with its light put right and the middle of its tongue at MIDDLE_LUMINANCE."""
    lit = colour.relit(picture, light)
    luminance = colour.linear_of(lit[core]) @ LUMINANCE
    middle = float(np.median(luminance)) if len(luminance) else 0.0
    return colour.relit(picture, replace(light, gains=light.gains * MIDDLE_LUMINANCE / max(middle, 1e-3)))


def _coat(picture: Image, lab: colour.Lab, core: Places) -> Values:
    smooth = cv2.GaussianBlur(picture, (0, 0), SMOOTH_PX).astype(np.float32) + np.float32(BLACK)
    redness = np.log(smooth[..., 2] / smooth[..., 1])
    if not core.any():
        return {"coat_cover_share": None} | _coat_colour(None, None)
    coated = core & (redness < np.percentile(redness[core], REDDEST_PERCENTILE) - COAT_STEP)
    cover = float(np.count_nonzero(coated)) / np.count_nonzero(core)
    if not LEAST_SHARE <= cover <= 1 - LEAST_SHARE:
        return {"coat_cover_share": cover} | _coat_colour(None, None)
    coat, body = np.median(lab[coated], axis=0), np.median(lab[core & ~coated], axis=0)
    return {"coat_cover_share": cover} | _coat_colour(float(coat[0] - body[0]), float(coat[2] - body[2]))


def _coat_colour(lightness: float | None, yellowness: float | None) -> Values:
    return {"coat_lightness_above_body_lab": lightness, "coat_yellowness_above_body_lab": yellowness}


def _marks(reading: TongueReading) -> Values:
    marks, mask = reading.marks, reading.mask
    if marks is None or mask is None:
        raise ValueError("a refused photograph has nothing to compare")
    return {
        "crack_length_share": sum(crack.size for crack in marks.cracks),
        "notches_count": float(len(marks.notches)),
        "spots_count": float(len(marks.spots)),
        "peeled_share": sum(_area_px(patch) for patch in marks.peeled) / max(1, int(np.count_nonzero(mask))),
    }


def _area_px(patch: Patch) -> float:
    return float(cv2.contourArea(np.array(patch.outline, np.float32)))


def _grade(sign: Sign | None, line: tuple[str, ...]) -> float | None:
    """Where a sign stands on its line, 0 for the least; None for a label that is not on it."""
    return float(line.index(sign.label)) if sign is not None and sign.label in line else None


def _middle(pixels: npt.NDArray[np.float32]) -> list[float] | None:
    """Medians of L, a and b; None without a pixel."""
    return [float(one) for one in np.median(pixels, axis=0)] if len(pixels) else None
