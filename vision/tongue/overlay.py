"""Contour, zones and evidence of the signs drawn on a photograph, so the doctor sees what was looked at.

The tongue's own colours are left as they are: nothing is tinted. Marks are drawn only where the sign they
belong to was read, and are no proof of it. Each kind has a colour and a form of its own, with a dark
border, so that neither a colour-blind eye nor a red ground hides it."""

from collections.abc import Iterable, Mapping
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from vision.tongue import zones
from vision.tongue.evidence import Marks, Notch, Patch, Spot
from vision.tongue.signs import Sign

Image = npt.NDArray[np.uint8]
Places = npt.NDArray[np.float64]
Colour = tuple[int, int, int]
Lab = tuple[float, float, float]

# Blue, green, red; told apart by colour-blind eyes too (Okabe, Ito, "Color universal design", 2008).
CRACK_BGR: Final = (233, 180, 86)
NOTCH_BGR: Final = (66, 228, 240)
DOT_BGR: Final = (0, 159, 230)
PEELED_BGR: Final = (115, 158, 0)
STASIS_BGR: Final = (167, 121, 204)
CONTOUR_BGR: Final = (255, 255, 255)
BORDER_BGR: Final = (24, 20, 28)
# The longest side of a picture on which lines are one pixel wide.
PLAIN_PX: Final = 400
# The longest side of the mask on which zones are divided: their borders are soft anyway.
ZONES_PX: Final = 500
SWATCH: Final = 0.06
# Fractions of a pixel in which OpenCV is told where to draw, as a power of two.
SHIFT: Final = 4


def draw_over(
    photo: Image,
    mask: Image,
    signs: Mapping[str, Sign] | None = None,
    marks: Marks | None = None,
    zones_lab: Mapping[str, Lab] | None = None,
) -> Image:
    """Draw the contour, the zones' borders, the marks of the signs that were read and the zones' colours.

    Args:
        photo: H x W x 3 uint8, blue-green-red; left as it is.
        mask: H x W uint8, nonzero on the tongue; may be empty.
        signs: As read; without them no mark is drawn.
        marks: As evidence.find answered; without them none is drawn.
        zones_lab: L, a and b by zone, shown as swatches beside the tongue; without them none.

    Returns:
        A new H x W x 3 uint8.
    """
    drawn = photo.copy()
    if not mask.any():
        return drawn
    unit = max(1.0, max(photo.shape[:2]) / PLAIN_PX)
    parts, shrunk = _small_zones(mask)
    _zone_borders(drawn, parts, shrunk, unit)
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    for colour, wide in ((BORDER_BGR, 3.0), (CONTOUR_BGR, 1.2)):
        cv2.drawContours(drawn, outlines, -1, colour, max(1, round(wide * unit)), cv2.LINE_AA)
    if marks is not None:
        _evidence(
            drawn, marks, {name for name, sign in (signs or {}).items() if sign.label in ("1", "2")}, unit
        )
    if zones_lab:
        _swatches(drawn, mask, parts, shrunk, zones_lab, unit)
    return drawn


def bgr_of(lab: Lab) -> Colour:
    """The colour of a Lab value on a screen: blue, green, red, 0 to 255."""
    pixel = cv2.cvtColor(np.array([[lab]], np.float32), cv2.COLOR_Lab2BGR)[0, 0]
    blue, green, red = (int(one) for one in np.clip(np.rint(pixel * 255), 0, 255))
    return blue, green, red


def _evidence(drawn: Image, marks: Marks, present: set[str], unit: float) -> None:
    """Draw the marks of the signs that are present, in place; patches below lines, lines below points."""
    length = max(drawn.shape[:2])
    if "peeled" in present:
        for patch in marks.peeled:
            _dashed(drawn, _closed(patch), PEELED_BGR, unit, 7 * unit)
    if "stasis" in present:
        for patch in marks.stasis:
            _dashed(drawn, _closed(patch), STASIS_BGR, unit, 3 * unit)
    if "cracks" in present:
        lines = [np.array(crack.line) for crack in marks.cracks]
        _lines(drawn, lines, CRACK_BGR, unit)
    if "tooth_marks" in present:
        for notch in marks.notches:
            _arrow(drawn, notch, unit)
    if "red_spots" in present:
        for spot in marks.spots:
            _ring(drawn, spot, unit, length)


def _fixed(points: Places) -> npt.NDArray[np.int32]:
    return np.rint(points * 2**SHIFT).astype(np.int32)


def _lines(drawn: Image, lines: Iterable[Places], colour: Colour, unit: float) -> None:
    """Lines with a dark border, all borders below all lines."""
    fixed = [_fixed(line) for line in lines]
    for tone, wide in ((BORDER_BGR, 2.8), (colour, 1.2)):
        cv2.polylines(drawn, fixed, False, tone, max(1, round(wide * unit)), cv2.LINE_AA, SHIFT)


def _closed(patch: Patch) -> Places:
    return np.array([*patch.outline, patch.outline[0]])


def _dashed(drawn: Image, line: Places, colour: Colour, unit: float, dash_px: float) -> None:
    """A line in dashes of a length, with gaps of two thirds of it."""
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    starts = np.arange(0.0, along[-1], 5 / 3 * dash_px)
    dashes = []
    for start in starts:
        at = np.linspace(start, min(start + dash_px, along[-1]), 5)
        dashes.append(np.stack([np.interp(at, along, line[:, axis]) for axis in (0, 1)], axis=1))
    _lines(drawn, dashes, colour, unit)


def _arrow(drawn: Image, notch: Notch, unit: float) -> None:
    """A filled triangle outside the contour that points at a notch's deepest point."""
    at, inward = np.array(notch.at), np.array(notch.inward)
    across = np.array([-inward[1], inward[0]])
    foot = at - 11 * unit * inward
    corners = np.stack([at - 1.5 * unit * inward, foot + 5 * unit * across, foot - 5 * unit * across])
    cv2.fillPoly(drawn, [_fixed(corners)], NOTCH_BGR, cv2.LINE_AA, SHIFT)
    cv2.polylines(drawn, [_fixed(corners)], True, BORDER_BGR, max(1, round(unit)), cv2.LINE_AA, SHIFT)


def _ring(drawn: Image, spot: Spot, unit: float, length: int) -> None:
    """A ring around a spot, wide enough to leave it to be seen."""
    radius = max(4.0 * unit, 0.5 * spot.size * length)
    centre = tuple(int(one) for one in _fixed(np.array(spot.at)))
    for tone, wide in ((BORDER_BGR, 2.6), (DOT_BGR, 1.2)):
        size = round(radius * 2**SHIFT)
        cv2.circle(drawn, centre, size, tone, max(1, round(wide * unit)), cv2.LINE_AA, SHIFT)


def _small_zones(mask: Image) -> tuple[Image, float]:
    """The zones on a mask of ZONES_PX at most, and the share by which it was made smaller."""
    shrunk = min(1.0, ZONES_PX / max(mask.shape))
    if shrunk == 1.0:
        return zones.divide(mask), 1.0
    size = (round(mask.shape[1] * shrunk), round(mask.shape[0] * shrunk))
    return zones.divide(cv2.resize(mask, size, interpolation=cv2.INTER_NEAREST).astype(np.uint8)), shrunk


def _zone_borders(drawn: Image, parts: Image, shrunk: float, unit: float) -> None:
    """Evenly spaced dots along the borders between zones, not along the contour."""
    spacing = max(2.0, 6 * unit * shrunk)
    deep = cv2.distanceTransform((parts > 0).astype(np.uint8), cv2.DIST_L2, 3)
    centre = (parts == zones.CENTRE).astype(np.uint8)
    # The centre's border first; of the tip's and the root's only what the centre does not share.
    away = cv2.distanceTransform(1 - centre, cv2.DIST_L2, 3) if centre.any() else deep
    for number in (zones.CENTRE, zones.TIP, zones.ROOT):
        outlines, _ = cv2.findContours(
            (parts == number).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE
        )
        for outline in outlines:
            line = outline[:, 0].astype(np.float64)
            along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
            chosen = line[np.searchsorted(along, np.arange(0.0, along[-1], spacing))].astype(int)
            x, y = chosen.T
            kept = (deep[y, x] > 3) & ((number == zones.CENTRE) | (away[y, x] > spacing / 2))
            for px, py in _fixed((chosen[kept] + 0.5) / shrunk).tolist():
                cv2.circle(
                    drawn, (px, py), round(0.9 * unit * 2**SHIFT), CONTOUR_BGR, cv2.FILLED, cv2.LINE_AA, SHIFT
                )


def _swatches(
    drawn: Image, mask: Image, parts: Image, shrunk: float, zones_lab: Mapping[str, Lab], unit: float
) -> None:
    """A square of each zone's colour on the freer side, with a line to a point of the zone."""
    height, width = mask.shape
    x, y, wide, high = cv2.boundingRect(mask)
    side = round(SWATCH * max(height, width))
    gap = round(0.4 * side)
    right = width - x - wide >= x
    left = width - side - gap if right else gap
    step = max(side + gap, min(round(high / 4), round(1.8 * side)))
    top = max(gap, min(y + high // 2 - 2 * step, height - 4 * step - gap))
    points = {zone: _point_of(parts, zones.ZONES.index(zone) + 1, right, shrunk) for zone in zones_lab}
    here = [(point, zone) for zone, point in points.items() if point is not None]
    # In the order of what they point at, so that no two lines cross.
    for n, (point, zone) in enumerate(sorted(here, key=lambda one: float(one[0][1]))):
        corner = (left, top + n * step)
        middle = np.array([left if right else left + side, corner[1] + side / 2], np.float64)
        _lines(drawn, [np.stack([middle, point])], CONTOUR_BGR, 0.6 * unit)
        cv2.circle(drawn, _pixel(point), max(2, round(2.4 * unit)), BORDER_BGR, cv2.FILLED, cv2.LINE_AA)
        cv2.circle(drawn, _pixel(point), max(1, round(1.6 * unit)), CONTOUR_BGR, cv2.FILLED, cv2.LINE_AA)
        away = (corner[0] + side, corner[1] + side)
        cv2.rectangle(drawn, corner, away, bgr_of(zones_lab[zone]), cv2.FILLED)
        cv2.rectangle(drawn, corner, away, BORDER_BGR, max(1, round(3 * unit)), cv2.LINE_AA)
        cv2.rectangle(drawn, corner, away, CONTOUR_BGR, max(1, round(1.2 * unit)), cv2.LINE_AA)


def _pixel(point: Places) -> tuple[int, int]:
    return round(float(point[0])), round(float(point[1]))


def _point_of(parts: Image, number: int, right: bool, shrunk: float) -> Places | None:
    """A point well inside a zone, on the side of its swatch: where it is deep and not far."""
    here = (parts == number).astype(np.uint8)
    if not here.any():
        return None
    deep = cv2.distanceTransform(here, cv2.DIST_L2, 5)
    columns = np.nonzero(deep >= 0.6 * deep.max())[1]
    column = int(np.percentile(columns, 92 if right else 8))
    rows = np.flatnonzero(deep[:, column] >= min(0.6 * deep.max(), deep[:, column].max()))
    return (np.array([column, rows[len(rows) // 2]]) + 0.5) / shrunk
