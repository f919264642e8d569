"""The printed colour card: found in a photograph, read patch by patch, or refused with a reason.

Four ArUco markers say where it is (Garrido-Jurado et al., "Automatic generation and detection of highly
reliable fiducial markers under occlusion", Pattern Recognition 47, 2014); card.csv says what is printed.
Greys come in pairs mirrored through the middle of the card: a shadow is seen without trusting the ink.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Literal

import cv2
import numpy as np
import numpy.typing as npt

from vision import colour

Image = npt.NDArray[np.uint8]
Numbers = npt.NDArray[np.float64]
Fault = Literal["incomplete", "too_small", "bent", "clipped", "uneven", "shadow", "mixed_light"]

VERSION: Final = "card-1"
TABLE: Final = Path(__file__).with_name("card.csv")

# The card is ROWS x COLUMNS cells; a marker with its white margin fills 2 x 2 cells in each corner.
ROWS: Final = 6
COLUMNS: Final = 8
MARKER_CELLS: Final = 2
MARKER_MODULES: Final = 6
QUIET_MODULES: Final = 1
# A patch fills this share of its cell; its middle half is read.
PATCH_SHARE: Final = 0.9
READ_SHARE: Final = 0.5
# Upper left corner of each marker in cells, clockwise from the card's upper left; the index is its number.
MARKER_CORNERS: Final = ((0, 0), (6, 0), (6, 4), (0, 4))

# The markers are looked for in a copy of this long side; a small photograph is enlarged at most twice.
SEARCH_PX: Final = 1000
MOST_ENLARGED: Final = 2.0
CELL_PX: Final = 20
LEAST_CELL_PX: Final = 6.0
MOST_BEND_CELLS: Final = 0.12
DARKEST: Final = 2
# Half the spread of a patch's linear values over their median, above which something lies on it.
MOST_SPREAD: Final = 0.30
MOST_CLIPPED: Final = 14
MOST_UNEVEN: Final = 6
# Logarithms between the two greys of a pair, after a plane of light across the card is taken off.
MOST_PAIR_APART: Final = 0.10
MOST_PAIR_TINT: Final = 0.08
MOST_SLOPE: Final = 0.9


@dataclass(frozen=True)
class Patch:
    """One row of card.csv. srgb: blue, green, red, 0 to 255. twin: index of the other grey of its pair."""

    name: str
    row: int
    column: int
    srgb: tuple[int, int, int]
    grey: bool
    twin: int | None


@dataclass(frozen=True, eq=False)
class Reference:
    """What the patches are: n x 3 CIE Lab (D65), and whether an instrument measured them on paper."""

    lab: Numbers
    measured: bool


@dataclass(frozen=True, eq=False)
class Sighting:
    """A card that was found.

    corners: 4 x 2, of the card's outline in the photograph's pixels, clockwise from its upper left.
    linear: n x 3, blue-green-red, linear light from 0 to 1 of each patch, evened out over the card.
    usable: n, whether the patch could be read.
    fault: why the card must not be used, or None.
    """

    corners: Numbers
    linear: Numbers
    usable: npt.NDArray[np.bool_]
    fault: Fault | None


@cache
def patches() -> tuple[Patch, ...]:
    """The patches in the order of card.csv."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    places = {(int(row["row"]), int(row["column"])): index for index, row in enumerate(rows)}
    return tuple(
        Patch(
            name=row["patch"],
            row=place[0],
            column=place[1],
            srgb=(int(row["srgb_blue"]), int(row["srgb_green"]), int(row["srgb_red"])),
            grey=row["role"] == "grey",
            twin=places[ROWS - 1 - place[0], COLUMNS - 1 - place[1]] if row["role"] == "grey" else None,
        )
        for row, place in zip(rows, places, strict=True)
    )


@cache
def printed() -> Reference:
    """The values sent to the printer; what paper and ink make of them is unknown."""
    pixels = np.array([patch.srgb for patch in patches()], np.uint8)
    return Reference(colour.lab_of(colour.linear_of(pixels)), measured=False)


def read_reference(path: Path) -> Reference:
    """Read what an instrument measured on a printed card.

    Args:
        path: CSV with the columns patch, L, a, b: CIE Lab under D65, one row for each patch of card.csv.

    Returns:
        Reference.

    Raises:
        ValueError: when a column or patch is missing, unknown or twice there, or a value is out of range.
        OSError: when the file cannot be opened.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (UnicodeDecodeError, csv.Error):
        raise ValueError("the measured card is no CSV file in UTF-8") from None
    names = [patch.name for patch in patches()]
    given = [row.get("patch") or "" for row in rows]
    wrong = sorted(set(names).symmetric_difference(given))
    if wrong or len(given) != len(names):
        what = (
            f"{wrong[0] or 'a row without a name'} is missing or unknown"
            if wrong
            else "a patch is there twice"
        )
        raise ValueError(f"the measured card needs one row for each of {len(names)} patches: {what}")
    values = {row["patch"]: _measured(row) for row in rows}
    return Reference(np.array([values[name] for name in names]), measured=True)


def _measured(row: Mapping[str, str | None]) -> tuple[float, float, float]:
    try:
        lightness, a, b = (float(row.get(column) or "") for column in ("L", "a", "b"))
    except ValueError:
        raise ValueError(f"patch {row['patch']} needs a number in each of the columns L, a and b") from None
    if not (0 <= lightness <= 100 and abs(a) <= 128 and abs(b) <= 128):
        raise ValueError(f"patch {row['patch']} is outside L 0 to 100, a and b -128 to 128")
    return lightness, a, b


def marker(number: int) -> npt.NDArray[np.bool_]:
    """The modules of one marker.

    Args:
        number: 0 to 3, as in MARKER_CORNERS.

    Returns:
        MARKER_MODULES square, True where black.
    """
    drawn = cv2.aruco.generateImageMarker(_dictionary(), number, MARKER_MODULES)
    black: npt.NDArray[np.bool_] = np.asarray(drawn) == 0
    return black


@cache
def _dictionary() -> cv2.aruco.Dictionary:
    """Four markers and no more: fewer chances to see one where there is none."""
    family = cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_4X4_50)
    return cv2.aruco.Dictionary(family.bytesList[: len(MARKER_CORNERS)], family.markerSize, 1)


@cache
def _detector(thorough: bool) -> cv2.aruco.ArucoDetector:
    wanted = cv2.aruco.DetectorParameters()
    # One threshold is enough to see that there is no card; a marker it missed may show under another.
    wanted.adaptiveThreshWinSizeMin = 11 if thorough else 23
    wanted.adaptiveThreshWinSizeMax = 47 if thorough else 23
    wanted.adaptiveThreshWinSizeStep = 12
    # Twice the usual, or the modules of a small slanted marker blur into each other.
    wanted.perspectiveRemovePixelPerCell = 8
    wanted.errorCorrectionRate = 1.0
    # A marker of a card that can be read has twice this; thousands of smaller squares would cost seconds.
    wanted.minMarkerPerimeterRate = 0.06
    wanted.cornerRefinementMethod = cv2.aruco.CORNER_REFINE_SUBPIX
    return cv2.aruco.ArucoDetector(_dictionary(), wanted)


def _marker_outline(number: int) -> Numbers:
    """Corners of a marker in cells, clockwise from its upper left."""
    x, y = MARKER_CORNERS[number]
    margin = MARKER_CELLS * QUIET_MODULES / (MARKER_MODULES + 2 * QUIET_MODULES)
    near, far = margin, MARKER_CELLS - margin
    return np.array([(x + near, y + near), (x + far, y + near), (x + far, y + far), (x + near, y + far)])


def find(picture: Image) -> Sighting | Literal["incomplete"] | None:
    """Find the card and read its patches.

    Args:
        picture: H x W x 3 uint8, blue-green-red.

    Returns:
        None where no marker is seen, "incomplete" where one to three are; else what was read, with a fault
        where it must not be used.
    """
    scale = min(MOST_ENLARGED, SEARCH_PX / max(picture.shape[:2]))
    if round(min(picture.shape[:2]) * scale) < 1:
        # A sliver, of which the copy would have no pixels.
        return None
    grey = cv2.cvtColor(cv2.resize(picture, None, fx=scale, fy=scale), cv2.COLOR_BGR2GRAY)
    seen = _markers(grey, thorough=False)
    if not seen:
        return None
    if len(seen) < len(MARKER_CORNERS):
        seen = _markers(grey, thorough=True)
    if len(seen) < len(MARKER_CORNERS):
        return "incomplete"
    # Pixel centres: 0 in the copy is not 0 in the photograph.
    found = np.concatenate([seen[number] for number in range(len(MARKER_CORNERS))]).astype(np.float64)
    where = (found + 0.5) / scale - 0.5
    cells = np.concatenate([_marker_outline(number) for number in range(len(MARKER_CORNERS))])
    to_photo = np.asarray(cv2.findHomography(cells, where)[0], np.float64)
    # Corners that all lie on a line have no homography.
    return _read(picture, to_photo, cells, where) if to_photo.shape == (3, 3) else "incomplete"


def _markers(grey: cv2.typing.MatLike, thorough: bool) -> dict[int, cv2.typing.MatLike]:
    """Corners of the markers seen, by number."""
    outlines, numbers, _ = _detector(thorough).detectMarkers(grey)
    if not outlines:
        return {}
    return {int(number): outline[0] for number, outline in zip(numbers.ravel(), outlines, strict=True)}


def _through(points: Numbers, homography: Numbers) -> Numbers:
    moved = cv2.perspectiveTransform(points.reshape(-1, 1, 2).astype(np.float64), homography)
    return np.asarray(moved.reshape(-1, 2), np.float64)


def _read(picture: Image, to_photo: Numbers, cells: Numbers, where: Numbers) -> Sighting:
    outline = np.array([(0, 0), (COLUMNS, 0), (COLUMNS, ROWS), (0, ROWS)], np.float64)
    corners = _through(outline, to_photo)
    cell_px = float(np.sqrt(cv2.contourArea(corners.astype(np.float32)) / (ROWS * COLUMNS)))
    bend_px = float(np.linalg.norm(_through(cells, to_photo) - where, axis=1).max())
    values, usable, clipped = _values(_flat(picture, to_photo, corners, cell_px))
    fault = _fault_of_place(cell_px, bend_px, usable, clipped)
    if fault is None:
        slope, fault = _slope(values, usable)
        values = values * np.exp(-_places() @ slope)[:, None]
    return Sighting(corners, values, usable, fault)


def _fault_of_place(
    cell_px: float, bend_px: float, usable: npt.NDArray[np.bool_], clipped: npt.NDArray[np.bool_]
) -> Fault | None:
    if cell_px < LEAST_CELL_PX:
        return "too_small"
    # Half a pixel is what the corners of a small marker are known to.
    if bend_px > 0.5 + MOST_BEND_CELLS * cell_px:
        return "bent"
    if np.count_nonzero(clipped) > MOST_CLIPPED:
        return "clipped"
    if np.count_nonzero(~usable & ~clipped) > MOST_UNEVEN:
        return "uneven"
    return None


def _flat(picture: Image, to_photo: Numbers, corners: Numbers, cell_px: float) -> Image:
    """The card seen from straight above, CELL_PX a cell."""
    height, width = picture.shape[:2]
    left, top = np.clip(np.floor(corners.min(axis=0)).astype(int) - 2, 0, (width - 1, height - 1))
    right, bottom = np.clip(
        np.ceil(corners.max(axis=0)).astype(int) + 3, (left + 1, top + 1), (width, height)
    )
    part = picture[top:bottom, left:right]
    shrunk = min(1.0, CELL_PX / max(cell_px, 1e-6))
    if shrunk < 1.0:
        smaller = cv2.resize(part, None, fx=shrunk, fy=shrunk, interpolation=cv2.INTER_AREA)
        part = np.asarray(smaller, np.uint8)
    shift = np.array([[1, 0, -left + 0.5], [0, 1, -top + 0.5], [0, 0, 1]])
    scale = np.array([[shrunk, 0, -0.5], [0, shrunk, -0.5], [0, 0, 1]])
    from_flat = np.array([[1 / CELL_PX, 0, 0.5 / CELL_PX], [0, 1 / CELL_PX, 0.5 / CELL_PX], [0, 0, 1]])
    flat = cv2.warpPerspective(
        part,
        scale @ shift @ to_photo @ from_flat,
        (COLUMNS * CELL_PX, ROWS * CELL_PX),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=(255, 255, 255),
    )
    return np.asarray(flat, np.uint8)


def _values(flat: Image) -> tuple[Numbers, npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Median of each patch in linear light; whether it can be used; whether it is clipped."""
    near, far = round(CELL_PX * (1 - READ_SHARE) / 2), round(CELL_PX * (1 + READ_SHARE) / 2)
    tiles = flat.reshape(ROWS, CELL_PX, COLUMNS, CELL_PX, 3)[:, near:far, :, near:far].transpose(
        0, 2, 1, 3, 4
    )
    rows, columns = np.array([(patch.row, patch.column) for patch in patches()]).T
    pixels = tiles[rows, columns].reshape(len(rows), -1, 3)
    low, middle, high = np.percentile(pixels, (10, 50, 90), axis=1, method="nearest").astype(np.uint8)
    values = colour.linear_of(middle)
    clipped = (high >= colour.CLIPPED).any(axis=1) | (middle.max(axis=1) <= DARKEST)
    spread = colour.linear_of(high).mean(axis=1) - colour.linear_of(low).mean(axis=1)
    uneven = spread / 2 > MOST_SPREAD * values.mean(axis=1) + 0.01
    return values, ~clipped & ~uneven, clipped


@cache
def _places() -> Numbers:
    """Place of each patch from the middle of the card, in widths of the card: n x 2."""
    middle = np.array([(COLUMNS - 1) / 2, (ROWS - 1) / 2])
    places: Numbers = (np.array([(patch.column, patch.row) for patch in patches()]) - middle) / COLUMNS
    return places


def _slope(values: Numbers, usable: npt.NDArray[np.bool_]) -> tuple[Numbers, Fault | None]:
    """How the logarithm of the light changes across the card, by the pairs of greys; what that forbids."""
    pairs = np.array(
        [
            (index, patch.twin)
            for index, patch in enumerate(patches())
            if patch.twin is not None and index < patch.twin and usable[[index, patch.twin]].all()
        ]
    ).reshape(-1, 2)
    if len(pairs) < 4:
        return np.zeros(2), "uneven"
    one, other = pairs.T
    logs = np.log(np.maximum(values, 1e-4))
    apart = logs[one] - logs[other]
    between = _places()[one] - _places()[other]
    slope = np.linalg.lstsq(between, apart.mean(axis=1), rcond=None)[0]
    # A dark grey is noisier than a light one.
    known = np.clip(values[one].mean(axis=1) / 0.05, 0.3, 1.0)
    left = np.abs(apart.mean(axis=1) - between @ slope) * known
    tint = np.abs(apart - apart.mean(axis=1, keepdims=True)).max(axis=1) * known
    if left.max() > MOST_PAIR_APART or np.linalg.norm(slope) > MOST_SLOPE:
        return slope, "shadow"
    return slope, "mixed_light" if tint.max() > MOST_PAIR_TINT else None
